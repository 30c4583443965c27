"""What hosts enter to give roles, and to hand a competition over."""

from __future__ import annotations

from typing import Any, cast

from allauth.account.models import EmailAddress
from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from agon.accounts.models import User
from agon.competitions.models import Competition
from agon.competitions.services.roles import Role


class RoleForm(forms.Form):
    """Somebody, and what they shall be."""

    person = forms.CharField(
        label=_("User name or e-mail"),
        max_length=254,
        help_text=_("They need an account here; an e-mail address must be a confirmed one."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("Write somebody's user name or e-mail address.")},
    )
    role = forms.ChoiceField(
        label=_("Role"), choices=Role.choices, initial=Role.JUDGE, widget=forms.RadioSelect
    )
    though_joined = forms.BooleanField(
        label=_("They take part, and get the role all the same"), required=False
    )

    def __init__(self, *args: Any, roles: list[Role], asks: bool = False, **kwargs: Any) -> None:
        """`asks`: whether the box for those who take part is shown; only once it has come to that."""
        super().__init__(*args, **kwargs)
        choices = [(role.value, role.label) for role in roles]
        cast("forms.ChoiceField", self.fields["role"]).choices = choices
        if not asks:
            self.fields["though_joined"].widget = forms.HiddenInput()

    def clean_person(self) -> User:
        given = self.cleaned_data["person"].strip().removeprefix("@")
        user = found(given)
        if user is None:
            raise forms.ValidationError(
                gettext(
                    "There is no account with this name or confirmed address. Check it, or ask them to sign up first."
                )
            )
        return user

    def clean_role(self) -> Role:
        return Role(self.cleaned_data["role"])


def found(given: str) -> User | None:
    """Who has this user name or this confirmed address."""
    people = User.objects.filter(is_active=True)
    if "@" not in given:
        return people.filter(username__iexact=given).first()
    addresses = EmailAddress.objects.filter(email__iexact=given, verified=True)
    return (
        people.filter(pk__in=addresses.values("user")).first()
        or people.filter(username__iexact=given).first()
    )


class TransferForm(forms.Form):
    """Whom a competition is handed to; its address is typed so that nobody does it by accident."""

    person = forms.ModelChoiceField(
        label=_("New host"),
        queryset=User.objects.none(),
        empty_label=None,
        error_messages={"invalid_choice": _("Choose one of the co-hosts.")},
    )
    address = forms.CharField(
        label=_("Address of the competition"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, competition: Competition, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.competition = competition
        people = cast("forms.ModelChoiceField[User]", self.fields["person"])
        people.queryset = competition.cohosts.filter(is_active=True).order_by("username")
        self.fields["address"].help_text = gettext("Type “%(address)s” to confirm.") % {
            "address": competition.slug
        }

    def clean_address(self) -> str:
        given: str = self.cleaned_data["address"].strip()
        if given != self.competition.slug:
            raise forms.ValidationError(
                gettext("That is not the address; type “%(address)s”.")
                % {"address": self.competition.slug}
            )
        return given
