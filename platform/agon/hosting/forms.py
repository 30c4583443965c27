"""What hosts look for in the log of their competition."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from agon.competitions.models import Verb


class LogForm(forms.Form):
    """Filters of the log; every field may be left out."""

    q = forms.CharField(
        label=_("Search"),
        max_length=100,
        required=False,
        widget=forms.TextInput(
            attrs={"type": "search", "placeholder": _("Who, to what, or a reason")}
        ),
    )
    verb = forms.ChoiceField(label=_("Action"), required=False)
    since = forms.DateField(
        label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    until = forms.DateField(
        label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(self, *args: Any, verbs: list[str], **kwargs: Any) -> None:
        """Offers only what has been done here."""
        super().__init__(*args, **kwargs)
        done = [(verb.value, verb.label) for verb in Verb if verb.value in verbs]
        cast("forms.ChoiceField", self.fields["verb"]).choices = [("", _("Anything")), *done]
