"""What hosts enter to edit a page."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agon.competitions.models import Page
from agon.competitions.services.pages import LONGEST


class PageForm(forms.Form):
    """A page's text, and the version that it was made from."""

    text = forms.CharField(
        label=_("Text (Markdown)"),
        max_length=LONGEST,
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 24, "class": "editor-text", "spellcheck": "true"}),
    )
    note = forms.CharField(
        label=_("What has changed"),
        max_length=200,
        required=False,
        help_text=_("One line for the history, such as “Corrected the deadline”."),
    )
    asks_again = forms.BooleanField(
        label=_("Participants must accept the rules once more"),
        required=False,
        initial=True,
        help_text=_(
            "Leave it out for a corrected spelling only: they agree to what they have read."
        ),
    )
    base = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(self, *args: Any, name: Page.Name, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if name != Page.Name.RULES:
            del self.fields["asks_again"]
