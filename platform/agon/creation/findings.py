"""What a check has found, in words for the host, each with the step that mends it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agon.creation.forms import STEPS, StepForm, about_solution
from agon.creation.models import Draft, DraftFile, Run

TITLES = {
    "basics": gettext_lazy("Basics"),
    "data": gettext_lazy("Data"),
    "metric": gettext_lazy("Metric"),
    "limits": gettext_lazy("Limits"),
    "access": gettext_lazy("Access"),
    "check": gettext_lazy("Check"),
}

PROBLEMS = {
    "not_a_table": gettext_lazy("This is no CSV file in UTF-8."),
    "no_header": gettext_lazy("The first row has to name the columns."),
    "bad_header": gettext_lazy("Each column needs a name of its own."),
    "no_rows": gettext_lazy("There are no rows below the names of the columns."),
    "ragged": gettext_lazy("Some rows have more or fewer values than there are columns."),
    "ids_twice": gettext_lazy("Some ids stand there twice."),
    "ids_empty": gettext_lazy("Some rows have no id."),
    "no_target": gettext_lazy("Besides the ids there has to be a column with the answers."),
    "target_empty": gettext_lazy("Some rows have no answer."),
    "usage_unknown": gettext_lazy(
        "The column of splits says something else than Public, Private or Ignored."
    ),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to mend."""

    step: str
    sentence: str
    examples: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        return str(TITLES[self.step])


def problems_of(about: dict[str, Any]) -> list[tuple[str, list[str]]]:
    """What is wrong with a table, in words, with the rows or values that it is about."""
    return [
        (str(PROBLEMS[code]), [str(one) for one in examples])
        for code, examples in about.get("problems", [])
        if code in PROBLEMS
    ]


def missing_of(draft: Draft) -> Iterator[Finding]:
    """What the check needs no engine for."""
    roles = set(draft.files.filter(completed_at__isnull=False).values_list("role", flat=True))
    if DraftFile.Role.SOLUTION not in roles:
        yield Finding(
            "data", _("Upload the solution: the answers that submissions are compared with.")
        )
    for sentence, examples in problems_of(about_solution(draft)):
        yield Finding("data", sentence, tuple(examples))
    for name, kind in STEPS.items():
        answers = draft.step(name)
        if not answers:
            if name == "basics":  # the others have defaults
                yield Finding(name, _("This step has not been filled in."))
            continue
        form = again(kind, draft)
        for field, faults in form.errors.items():
            label = form.fields[field].label if field in form.fields else ""
            for fault in faults:
                yield Finding(name, f"{label}: {fault}" if label else str(fault))


def again(kind: type[StepForm], draft: Draft) -> StepForm:
    """A step's form with what it would show, as if that were sent."""
    shown = kind(draft=draft)
    sent = {
        name: shown[name].value()
        for name in shown.fields
        if shown[name].value() not in {None, False}
    }
    return kind(sent, draft=draft)


def findings_of(run: Run) -> list[Finding]:
    """What a run has found; nothing where it passed."""
    report = run.report
    if report.get("broken"):
        return [
            Finding("check", _("Something broke on our side, and it has been noted. Try again."))
        ]
    if report.get("slow"):
        return [
            Finding(
                "check",
                _("Scoring took longer than four minutes. Use a smaller file, or import a folder."),
            )
        ]
    found = [Finding("basics", sentence) for sentence in report.get("sentences", [])]
    found += [
        Finding(_step_of(one), one["sentence"], tuple(one.get("examples", [])[:5]))
        for one in report.get("findings", [])
    ]
    return found


def _step_of(finding: dict[str, Any]) -> str:
    field, about = str(finding.get("field", "")), finding.get("about")
    if about in {"solution", "sample"}:
        return "data"
    if about == "perfect" or "metric" in field:
        return "metric"
    if any(word in field for word in ("starts", "ends", "limits", "teams", "entry")):
        return "limits"
    if any(word in field for word in ("solution", "sample", "columns", "data", "id_column")):
        return "data"
    return "basics"
