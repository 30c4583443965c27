"""What hosts ask and decide, and what teams answer."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from agon.competitions.models import Competition
from agon.integrity.models import Case, Ground, Party
from agon.teams.models import Team


class QuestionForm(forms.Form):
    """Whom to ask, why, and what."""

    teams = forms.ModelMultipleChoiceField(
        Team.objects.none(),
        label=_("Teams"),
        error_messages={"required": _("Choose at least one team.")},
        help_text=_("Each team reads and answers for itself, and does not see whom else you ask."),
    )
    ground = forms.ChoiceField(label=_("Because of"), choices=Ground.choices)
    question = forms.CharField(
        label=_("Question"),
        max_length=Case._meta.get_field("question").max_length,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": _("Write what you want to know.")},
    )
    evidence = forms.CharField(required=False, max_length=2000, widget=forms.HiddenInput)

    def __init__(self, *args: object, competition: Competition, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        field = self.fields["teams"]
        assert isinstance(field, forms.ModelMultipleChoiceField)  # noqa: S101  # as declared above
        field.queryset = competition.teams.filter(is_host_baseline=False).order_by("name")


class AnswerForm(forms.Form):
    answer = forms.CharField(
        label=_("Your answer"),
        max_length=Party._meta.get_field("answer").max_length,
        widget=forms.Textarea(attrs={"rows": 8}),
        error_messages={"required": _("Write an answer.")},
    )


class DecisionForm(forms.Form):
    decision = forms.CharField(
        label=_("Decision"),
        max_length=Case._meta.get_field("decision").max_length,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("The teams that you asked will read it."),
        error_messages={"required": _("Write what you have decided.")},
    )
