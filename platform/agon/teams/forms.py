"""What people fill in about their team."""

from __future__ import annotations

from django import forms
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from agon.teams.services.naming import LONGEST


class NameForm(forms.Form):
    """What the team is called."""

    name = forms.CharField(
        label=_("Team's name"),
        max_length=LONGEST,
        error_messages={"required": _("Give the team a name.")},
    )


class InviteForm(forms.Form):
    """Whom to ask in."""

    who = forms.CharField(
        label=_("User name or e-mail address"),
        max_length=254,
        help_text=_("Of somebody who takes part in this competition."),
        error_messages={"required": _("Say whom to invite.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )

    def clean_who(self) -> str:
        who = str(self.cleaned_data["who"]).strip().lstrip("@")
        if "@" in who:
            validate_email(who)
        return who
