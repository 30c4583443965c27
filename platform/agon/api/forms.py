"""What people enter about their tokens, and what their programs send."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from scoring.contract import SubmissionKind


class TokenForm(forms.Form):
    name = forms.CharField(
        label=_("Name"),
        max_length=60,
        help_text=_("For you, to know it again: where will it be used?"),
    )


class SubmissionUpload(forms.Form):
    """The fields of a submission by program; `kind` may be left out where there is but one."""

    file = forms.FileField(allow_empty_file=True, max_length=200)
    kind = forms.ChoiceField(
        choices=[(kind.value, kind.value) for kind in SubmissionKind], required=False
    )
    note = forms.CharField(max_length=200, required=False)
