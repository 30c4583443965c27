"""What hosts fill in about teams."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from agon.submissions.host_forms import ReasonForm
from agon.teams.models import Team
from agon.teams.services.naming import LONGEST


class TeamFilterForm(forms.Form):
    """What the hosts' list of teams is narrowed down to."""

    q = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": _("Team or person")}),
    )
    only = forms.ChoiceField(
        label=_("Only"),
        required=False,
        choices=[("", _("All of them")), ("disqualified", _("Disqualified"))],
    )


class RenameForm(ReasonForm):
    """Another name for a team."""

    name = forms.CharField(label=_("Team's name"), max_length=LONGEST)
    field_order = ("name", "reason")


class MergeForm(ReasonForm):
    """Into which team another one goes."""

    into = forms.CharField(
        label=_("Into the team"),
        max_length=LONGEST,
        help_text=_("Its name, as it stands on the leaderboard. It goes on under this name."),
    )
    field_order = ("into", "reason")

    def __init__(self, *args: Any, team: Team, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.team = team

    def clean_into(self) -> Team:
        name = " ".join(str(self.cleaned_data["into"]).split())
        found = Team.objects.filter(
            competition=self.team.competition_id,
            name__iexact=name,
            merged_into=None,
            is_host_baseline=False,
        ).exclude(pk=self.team.pk)
        into = found.first()
        if into is None:
            raise ValidationError(_("No other team is called so."))
        return into
