"""A draft as the folder that the site and the command line read: competition.yaml, pages and files."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import gettext as _

from agon.creation import splitting
from agon.creation.models import Draft, DraftFile
from scoring.metrics.descriptions import METRICS

PAGES = ("overview", "data", "evaluation", "rules")
FILES = "files"
SAMPLE = "sample"
HIDDEN = "hidden"
CONSTANTS = {"integer": "0", "number": "0.0", "text": "text"}


def write_folder(*, draft: Draft, folder: Path) -> Path:
    """Write everything that the draft has; what is missing is for the definition's checks to say.

    Args:
        draft: The draft.
        folder: An empty folder.
    """
    for name in (FILES, HIDDEN, SAMPLE, "pages"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    files = {
        role: list(draft.files.filter(role=role, completed_at__isnull=False).order_by("pk"))
        for role in DraftFile.Role.values
    }
    document = _document(draft)
    phase: dict[str, Any] = _phase(draft)
    for name in PAGES:
        (folder / "pages" / f"{name}.md").write_text(page_text(draft, name), encoding="utf-8")
    solution = next(iter(files["solution"]), None)
    if solution is not None:
        phase["solution"]["file"] = _write_solution(draft, solution, folder)
    sample = next(iter(files["sample"]), None)
    if sample is not None:
        phase["submission"]["sample"] = _copy(sample, folder / SAMPLE)
    elif solution is not None:
        phase["submission"]["sample"] = _make_sample(
            draft, folder / phase["solution"]["file"], folder
        )
    metric = next(iter(files["metric"]), None)
    if metric is not None and draft.step("metric").get("own"):
        phase["metrics"][0]["file"] = _copy(metric, folder / HIDDEN)
    document["data"] = [
        {"file": _copy(one, folder / FILES), "description": one.description}
        for one in files["data"]
    ]
    shown = Path(phase["submission"]["sample"]).name
    if all(one.name != shown for one in files["data"]):
        document["data"].append(
            {
                "file": phase["submission"]["sample"],
                "description": _("What a submission looks like."),
            }
        )
    document["phases"] = [phase]
    text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True)
    (folder / "competition.yaml").write_text(text, encoding="utf-8")
    return folder


def _document(draft: Draft) -> dict[str, Any]:
    basics, limits = draft.step("basics"), draft.step("limits")
    document: dict[str, Any] = {
        "version": 1,
        "slug": basics.get("slug", ""),
        "title": basics.get("title", ""),
        "subtitle": basics.get("subtitle", ""),
        "tags": basics.get("tags", []),
        "visibility": draft.step("access").get("visibility", "private"),
        "pages": {name: f"pages/{name}.md" for name in PAGES},
    }
    for word, name in (("starts", "starts"), ("ends", "ends"), ("entry_until", "entry_until")):
        if limits.get(name):
            document[word] = limits[name]
    teams: dict[str, Any] = {"size": limits.get("team_size", 5)}
    if limits.get("merge_until"):
        teams["merge_until"] = limits["merge_until"]
    document["teams"] = teams
    document["results"] = {
        "medals": bool(limits.get("medals", False)),
        "certificates": bool(limits.get("certificates", True)),
    }
    return document


def _phase(draft: Draft) -> dict[str, Any]:
    data, metric, limits = draft.step("data"), draft.step("metric"), draft.step("limits")
    target = data.get("target", "")
    spec: dict[str, Any] = {"name": metric.get("name", "")}
    if metric.get("own"):
        spec = {
            "name": metric["own"]["name"],
            "title": metric["own"]["title"],
            "higher_is_better": metric["own"]["higher_is_better"],
        }
    return {
        "name": "main",
        "submission": {
            "kinds": ["predictions"],
            "sample": f"{SAMPLE}/sample_submission.csv",
            "id_column": data.get("id_column", "id"),
            "id_type": data.get("id_type", "integer"),
            "columns": {target: data.get("target_type", "text")} if target else {},
        },
        "solution": {
            "file": f"{HIDDEN}/solution.csv",
            "usage_column": data.get("usage_column") or splitting.USAGE,
        },
        "metrics": [spec],
        "limits": {
            "per_day": limits.get("per_day", 5),
            "total": limits.get("total"),
        },
        "final_submissions": limits.get("final_submissions", 2),
        "late": bool(limits.get("late", False)),
        "results": limits.get("results", "published"),
    }


def _write_solution(draft: Draft, solution: DraftFile, folder: Path) -> str:
    """The host's own file, or where it does not say which rows are public, one with such a column."""
    data = draft.step("data")
    whole = folder / _copy(solution, folder / HIDDEN)
    if data.get("usage_column"):
        return f"{HIDDEN}/{whole.name}"
    made = folder / HIDDEN / f"with_usage_{whole.name}"
    try:
        splitting.add_usage(
            whole,
            made,
            id_column=data.get("id_column", ""),
            label_column=data.get("target", ""),
            public_percent=data.get("public_percent", 30),
            seed=draft.seed,
        )
    except (ValueError, IndexError, UnicodeDecodeError, csv.Error):
        return f"{HIDDEN}/{whole.name}"  # the check says what is wrong with it
    return f"{HIDDEN}/{made.name}"


def _make_sample(draft: Draft, solution: Path, folder: Path) -> str:
    """The ids of the solution with one and the same answer, where the host brought no sample."""
    data = draft.step("data")
    name = f"{SAMPLE}/sample_submission.csv"
    try:
        with solution.open(encoding="utf-8-sig", newline="") as stream:
            rows = csv.DictReader(stream)
            ids = [row[data["id_column"]] for row in rows if row.get(data["id_column"])]
        constant = _constant(draft)
        with (folder / name).open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow([data["id_column"], data["target"]])
            writer.writerows([one, constant] for one in ids)
    except (KeyError, UnicodeDecodeError, csv.Error):
        pass
    return name


def _constant(draft: Draft) -> str:
    """A value of the target's type that is no answer to any row in particular."""
    data = draft.step("data")
    classes = sorted(data.get("classes") or {})
    return classes[0] if classes else CONSTANTS.get(str(data.get("target_type")), "0")


def _copy(file: DraftFile, folder: Path) -> str:
    """Its path inside the competition's folder, whose name the given one has at its end."""
    with file.file.open("rb") as source, (folder / file.name).open("wb") as target:
        shutil.copyfileobj(source, target)
    return f"{folder.name}/{file.name}"


def page_text(draft: Draft, name: str) -> str:
    """What a page says: the host's own words, or a short text that the answers fill."""
    written = str(draft.step("basics").get(f"page_{name}", "")).strip()
    return written or suggested_text(draft, name)


def suggested_text(draft: Draft, name: str) -> str:
    basics, data, metric = draft.step("basics"), draft.step("data"), draft.step("metric")
    identity, target = data.get("id_column", "id"), data.get("target", "label")
    if name == "overview":
        return str(basics.get("subtitle") or basics.get("title") or "")
    if name == "data":
        return _(
            "A submission has one row for each `%(id)s` and a column `%(target)s` with your prediction. The sample submission shows the form."
        ) % {"id": identity, "target": target}
    if name == "evaluation":
        own = metric.get("own")
        known = METRICS.get(str(metric.get("name")))
        title = own["title"] if own else known.title if known else ""
        return _(
            "Submissions are scored by **%(metric)s**. The public leaderboard shows the score on a part of the rows; the others decide at the end."
        ) % {"metric": title}
    return _(
        "Compete as yourself, with one account. Do not share answers between teams. The hosts may ask how your result came about."
    )
