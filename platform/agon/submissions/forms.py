"""What a participant sends."""

from django import forms
from django.utils.translation import gettext_lazy as _


class SubmissionForm(forms.Form):
    file = forms.FileField(
        label=_("Predictions"),
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
