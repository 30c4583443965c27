"""What hosts enter to announce something."""

from __future__ import annotations

from datetime import datetime, timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

BANNERS = {
    "none": _("No banner"),
    "1": _("For one day"),
    "3": _("For three days"),
    "7": _("For one week"),
    "30": _("For 30 days"),
    "always": _("Until it is taken back"),
}


class AnnouncementForm(forms.Form):
    """A title, a text, and for how long it stands on every page."""

    title = forms.CharField(
        label=_("Title"),
        max_length=120,
        help_text=_(
            "One sentence that says it all, such as “The test data has a corrected column”."
        ),
    )
    text = forms.CharField(
        label=_("Text (Markdown)"),
        max_length=5000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 8}),
    )
    banner = forms.ChoiceField(
        label=_("Banner on the competition's pages"),
        choices=list(BANNERS.items()),
        initial="7",
        help_text=_("People can close it; the announcement stays on its page."),
    )

    def clean_title(self) -> str:
        title: str = " ".join(self.cleaned_data["title"].split())
        return title

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"].replace("\r\n", "\n")
        return text

    @property
    def shown_until(self) -> datetime | None:
        days = self.cleaned_data["banner"]
        return timezone.now() + timedelta(days=int(days)) if days.isdecimal() else None

    @property
    def has_banner(self) -> bool:
        return bool(self.cleaned_data["banner"] != "none")
