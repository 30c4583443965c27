"""What a participant sends."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from agon.competitions.models import Phase
from agon.submissions.models import Kind
from scoring.contract import SubmissionKind


class SubmissionForm(forms.Form):
    """A file, and where the phase takes several kinds of submission, which of them it is."""

    kind = forms.ChoiceField(
        label=_("What do you submit?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what you submit.")},
    )
    file = forms.FileField(
        label=_("File"),
        allow_empty_file=True,  # the check at the door has a better sentence for it
        max_length=200,
        error_messages={"required": _("Choose a file to upload.")},
    )
    note = forms.CharField(
        label=_("Note"),
        max_length=200,
        required=False,
        help_text=_("For you and your team: what is different this time?"),
    )

    def __init__(self, *args: object, phase: Phase, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.kinds = phase.submission_kinds
        field = self.fields["kind"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  # as declared above
        field.choices = [(kind.value, Kind(kind.value).label) for kind in self.kinds]
        field.required = len(self.kinds) > 1

    @property
    def chosen_kind(self) -> SubmissionKind:
        """What is chosen, or would be if nothing was."""
        sent = self.data.get("kind")
        return next((kind for kind in self.kinds if kind.value == sent), self.kinds[0])
