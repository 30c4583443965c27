"""What hosts fill in at the end of a phase."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agon.competitions.models import Phase
from agon.submissions.closing import pending_of


class PublishForm(forms.Form):
    """What publishing asks for: nothing, unless something is unusual."""

    reason = forms.CharField(
        label=_("Why they are published anew"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("It stays in the log. Those whose rank is another are told."),
        error_messages={"required": _("Say why the results are published anew.")},
    )
    leaves_out_pending = forms.BooleanField(
        label=_("Leave out what still waits for its score"), required=False
    )

    def __init__(self, data: Any = None, *, phase: Phase) -> None:
        super().__init__(data)
        if phase.results_published_at is None:
            del self.fields["reason"]
        if not pending_of(phase):
            self.fields["leaves_out_pending"].widget = forms.HiddenInput()


class VerifyForm(forms.Form):
    """How a winner's work was looked at."""

    how = forms.CharField(
        label=_("How"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_(
            "Such as: their program was run by us and gave the same score. It is shown with the results."
        ),
        error_messages={"required": _("Say how.")},
    )
