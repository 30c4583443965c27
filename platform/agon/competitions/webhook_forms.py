"""What hosts enter about webhooks."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.core.validators import URLValidator
from django.utils.translation import gettext_lazy as _

from agon.notifications.models import Event
from agon.notifications.posting import is_public

EVENTS = [(event.value, event.label) for event in Event if event is not Event.TEST]
LOCAL = (".local", ".internal", ".localhost", ".home.arpa")


class EventsField(forms.MultipleChoiceField):
    def __init__(self) -> None:
        super().__init__(
            label=_("Events"),
            label_suffix="",
            choices=EVENTS,
            widget=forms.CheckboxSelectMultiple,
            error_messages={"required": _("Choose at least one event.")},
        )


class WebhookForm(forms.Form):
    """A new webhook."""

    url = forms.CharField(
        label=_("Address"),
        max_length=500,
        help_text=_("Where each event is sent to, such as https://example.org/agon."),
        widget=forms.URLInput(attrs={"autocomplete": "off"}),
    )
    events = EventsField()

    def clean_url(self) -> str:
        """What can be told from the address alone; the rest is checked each time it is used."""
        url: str = self.cleaned_data["url"].strip()
        schemes = ["https", "http"] if settings.WEBHOOK_ALLOW_PRIVATE else ["https"]
        if urlsplit(url).scheme not in schemes:
            raise forms.ValidationError(_("Write an address that begins with https://."))
        if settings.WEBHOOK_ALLOW_PRIVATE:
            return url
        URLValidator(schemes=schemes, message=_("This is not a whole address."))(url)
        parts = urlsplit(url)
        if parts.username or parts.password:
            raise forms.ValidationError(
                _("Leave name and password out of the address; each message is signed instead.")
            )
        if _is_private(parts.hostname or ""):
            raise forms.ValidationError(
                _("This address leads into a private network; write one of the open internet.")
            )
        return url


class EventsForm(forms.Form):
    """What can be changed of a webhook."""

    events = EventsField()
    is_active = forms.BooleanField(label=_("Switched on"), required=False)


def _is_private(host: str) -> bool:
    if host == "localhost" or host.endswith(LOCAL):
        return True
    try:
        return not is_public(ipaddress.ip_address(host))
    except ValueError:
        return False
