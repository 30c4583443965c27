"""What hosts fill in about submissions: what to look for, reasons, grants, and what to score anew by."""

from __future__ import annotations

import re
from typing import Any, BinaryIO, cast

from django import forms
from django.conf import settings
from django.core.files.base import File
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from agon.competitions.models import Phase, ScoringProgram
from agon.submissions.models import Kind, State
from agon.submissions.queries import shown
from agon.submissions.services.rescores import Changes
from scoring.contract import ColumnType, Layout, Limits, MetricSpec
from scoring.errors import InvalidSubmission
from scoring.inspection import inspect_upload
from scoring.metrics.descriptions import FAMILY_TITLES, METRICS, Family, MetricDescription
from scoring.modelinspection import inspect_files

MOST_METRIC_BYTES = 256 * 1024


class FilterForm(forms.Form):
    """What the hosts' list of submissions is narrowed down to."""

    q = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=100,
        widget=forms.TextInput(
            attrs={"type": "search", "placeholder": _("Team, person, #number, file, SHA-256")}
        ),
    )
    state = forms.ChoiceField(label=_("State"), required=False)
    kind = forms.ChoiceField(label=_("Kind"), required=False)
    only = forms.ChoiceField(
        label=_("Only"),
        required=False,
        choices=[
            ("", _("All of them")),
            ("disqualified", _("Disqualified")),
            ("uncounted", _("Using up no quota")),
            ("chosen", _("Chosen as final ones")),
            ("late", _("Late")),
        ],
    )

    phase = forms.ChoiceField(label=_("Phase"), required=False)

    def __init__(self, *args: Any, phases: list[Phase], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if len(phases) < 2:
            del self.fields["phase"]
        else:
            cast("forms.ChoiceField", self.fields["phase"]).choices = [
                ("", _("Every phase")),
                *((number, phase.name) for number, phase in enumerate(phases, start=1)),
            ]
        for name, label, choices in (
            ("state", _("Every state"), State.choices),
            ("kind", _("Every kind"), Kind.choices),
        ):
            cast("forms.ChoiceField", self.fields[name]).choices = [("", label), *choices]


class ReasonForm(forms.Form):
    """Why a host does something; the team reads it, and the log keeps it."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The team reads it, and it stays in the log."),
        error_messages={"required": _("Say why; the team reads it.")},
    )


class OptionalReasonForm(ReasonForm):
    """The same where a reason is kind but not owed."""

    reason = forms.CharField(
        label=_("Reason (may be left out)"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The team reads it, and it stays in the log."),
    )


class GrantForm(ReasonForm):
    """Further submissions for a team."""

    count = forms.IntegerField(
        label=_("How many more"),
        min_value=1,
        max_value=1000,
        initial=1,
        help_text=_("They add to the total, and are used on days whose own are used up."),
    )
    field_order = ("count", "reason")


class RescoreForm(forms.Form):
    """By what everything is scored anew; with nothing chosen, by the solution and metrics of now."""

    phase = forms.ModelChoiceField(
        label=_("Phase"), queryset=Phase.objects.none(), empty_label=None
    )
    solution = forms.FileField(
        label=_("New solution"),
        required=False,
        max_length=200,
        help_text=_("Leave it out to keep the solution of now."),
    )
    ranking = forms.ChoiceField(label=_("Metric that ranks"), required=False)
    keep = forms.BooleanField(
        label=_("Go on showing the metrics of now beside it"), required=False, initial=True
    )
    metric_file = forms.FileField(
        label=_("Or a metric of your own (a Python file)"),
        required=False,
        max_length=200,
        help_text=_(
            "It defines score(solution, submission, row_id_column_name) and gives one number."
        ),
    )
    metric_title = forms.CharField(label=_("Its name"), required=False, max_length=60)
    metric_lower = forms.BooleanField(label=_("A smaller number is better"), required=False)
    program = forms.FileField(
        label=_("New scoring program"),
        required=False,
        max_length=200,
        help_text=_(
            "A zip file. It writes the same scores under the same names as the one of now."
        ),
    )
    command = forms.CharField(
        label=_("Its command"),
        required=False,
        max_length=1000,
        help_text=_("Leave it as it is where the new program is called like the old one."),
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Participants whose scores change read it."),
        error_messages={"required": _("Say why; participants whose scores change read it.")},
    )

    def __init__(self, *args: Any, phases: list[Phase], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast("forms.ModelChoiceField[Phase]", self.fields["phase"])
        field.queryset = Phase.objects.filter(pk__in=[phase.pk for phase in phases])
        field.initial = phases[0].pk
        field.required = len(phases) > 1
        self.only_phase = phases[0] if len(phases) == 1 else None
        self.programs = {
            program.phase_id: program for program in ScoringProgram.objects.filter(phase__in=phases)
        }
        if self.programs:
            self.fields["command"].initial = next(iter(self.programs.values())).command
        else:
            del self.fields["program"], self.fields["command"]
        ranking = cast("forms.ChoiceField", self.fields["ranking"])
        ranking.choices = [("", _("Keep the metric of now")), *metric_choices(phases)]

    @property
    def changes(self) -> Changes:
        """What the filled-in form asks for."""
        data = self.cleaned_data
        phase: Phase = data["phase"]
        metrics: tuple[MetricSpec, ...] = ()
        own: dict[str, dict[str, Any]] = {}
        files: dict[str, File[bytes]] = {}
        if ranking := data.get("ranking_spec"):
            others = phase.metric_specs if data["keep"] else ()
            metrics = (ranking, *(spec for spec in others if spec.name != ranking.name))
            own = {
                spec.name: phase.own_metrics[spec.name]
                for spec in metrics
                if spec.name in phase.own_metrics
            }
            if data.get("metric_file"):
                own[ranking.name] = self._described(ranking.name)
                files[ranking.name] = data["metric_file"]
        return Changes(
            solution=data.get("solution") or None,
            metrics=metrics,
            own_metrics=own,
            files=files,
            program=data.get("program") or None,
            command=data.get("command") or "",
        )

    def _described(self, name: str) -> dict[str, Any]:
        return {
            "title": self.cleaned_data["metric_title"] or name.replace("_", " ").capitalize(),
            "description": "",
            "higher_is_better": not self.cleaned_data["metric_lower"],
            "lower": None,
            "upper": None,
        }

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.only_phase is not None:
            data["phase"] = self.only_phase
        phase = data.get("phase")
        if phase is None:
            return data
        if data.get("solution"):
            self._check_solution(phase, data["solution"])
        if data.get("program"):
            self._check_program(phase, data)
        if data.get("metric_file") and data.get("ranking"):
            self.add_error("ranking", _("Choose a metric or upload your own, not both."))
        elif data.get("metric_file"):
            data["ranking_spec"] = self._own_spec(phase, data["metric_file"])
        elif data.get("ranking"):
            data["ranking_spec"] = self._built_in_spec(phase, data["ranking"])
        return data

    def _check_solution(self, phase: Phase, upload: File[bytes]) -> None:
        """What the first part of the file shows; scoring the first submission tells the rest."""
        if upload.name and upload.name.lower().endswith(".zip") and phase.layout_spec.columns == {}:
            return
        needed = {name for spec in phase.metric_specs for name in spec.target}
        layout = Layout(
            id_column=phase.layout_spec.id_column,
            id_type=phase.layout_spec.id_type,
            columns=dict.fromkeys(sorted(needed), ColumnType.TEXT),
        )
        try:
            inspect_upload(
                cast("BinaryIO", upload),
                name=upload.name or "",
                layout=layout,
                limits=Limits(file_bytes=settings.MAX_UPLOAD_BYTES),
            )
        except InvalidSubmission as fault:
            for problem in fault.problems:
                self.add_error("solution", shown(problem).sentence)
        upload.seek(0)

    def _check_program(self, phase: Phase, data: dict[str, Any]) -> None:
        """What unpacking it would meet; what it does shows on the first submission."""
        now, upload = self.programs.get(phase.pk), data["program"]
        if now is None:
            self.add_error("program", _("This phase is scored by metrics, not by a program."))
            return
        data["command"] = data.get("command") or now.command
        try:
            inspect_files(
                cast("BinaryIO", upload),
                name=upload.name or "",
                limits=Limits(file_bytes=settings.MAX_UPLOAD_BYTES),
            )
        except InvalidSubmission as fault:
            for problem in fault.problems:
                self.add_error("program", shown(problem).sentence)
        upload.seek(0)

    def _own_spec(self, phase: Phase, upload: File[bytes]) -> MetricSpec | None:
        if upload.size > MOST_METRIC_BYTES:
            self.add_error(
                "metric_file", _("A metric is a small Python file; this one is too large.")
            )
            return None
        try:
            compile(upload.read(), upload.name or "metric.py", "exec", dont_inherit=True)
        except (SyntaxError, ValueError) as fault:
            line = getattr(fault, "lineno", None) or 1
            self.add_error(
                "metric_file",
                gettext("This is not Python: %(fault)s (line %(line)d).")
                % {"fault": getattr(fault, "msg", str(fault)), "line": line},
            )
            return None
        upload.seek(0)
        stem = (upload.name or "metric").rsplit("/", 1)[-1].removesuffix(".py")
        name = re.sub(r"\W", "_", stem, flags=re.ASCII).lower()[:36] or "metric"
        if not re.match(r"[a-z_]", name) or name in METRICS:
            name = f"own_{name}"
        columns = tuple(phase.layout_spec.columns)
        if not columns:
            self.add_error("metric_file", _("This phase is scored by a program, not by metrics."))
            return None
        target = phase.metric_specs[0].target
        return MetricSpec(name=name, target=target, prediction=columns)

    def _built_in_spec(self, phase: Phase, name: str) -> MetricSpec | None:
        known = next((spec for spec in phase.metric_specs if spec.name == name), None)
        if known is not None:
            return known
        now = phase.metric_specs[0]
        about = METRICS[name]
        missing = [option for option, one in about.parameters.items() if one.required]
        if missing or not _fits(now, about):
            self.add_error(
                "ranking",
                _("This metric does not fit the columns of this phase. Choose another one."),
            )
            return None
        return MetricSpec(
            name=name,
            target=now.target,
            prediction=now.prediction,
            weights=now.weights if about.takes_weights else None,
        )


def metric_choices(phases: list[Phase]) -> list[tuple[Any, Any]]:
    """The metrics that fit the phases' columns, those that they have already first."""
    now: dict[str, str] = {}
    fitting: set[str] = set()
    for phase in phases:
        for spec, metric in zip(phase.metric_specs, phase.all_metrics, strict=True):
            now[spec.name] = gettext(metric.title)
        fitting |= {
            name
            for name, about in METRICS.items()
            if _fits(phase.metric_specs[0], about)
            and not any(option.required for option in about.parameters.values())
        }
    groups: list[tuple[Any, Any]] = [(_("Metrics of now"), list(now.items()))]
    for family in Family:
        names = [
            (name, gettext(about.title))
            for name, about in METRICS.items()
            if about.family is family and name in fitting and name not in now
        ]
        if names:
            groups.append((gettext(FAMILY_TITLES[family]), names))
    return groups


def _fits(spec: MetricSpec, about: MetricDescription) -> bool:
    """Whether a metric takes as many columns as the ranking one of now is given."""
    return _within(len(spec.prediction), about.columns) and _within(len(spec.target), about.targets)


def _within(count: int, bounds: tuple[int, int | None]) -> bool:
    least, most = bounds
    return least <= count and (most is None or count <= most)
