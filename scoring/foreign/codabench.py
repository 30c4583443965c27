"""Bundles for Codabench, version 2: tasks, phases that name them, and leaderboards with columns.

After https://docs.codabench.org/latest/Organizers/Benchmark_Creation/Yaml-Structure/.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from scoring.foreign.draft import Draft, broken, count_of, text_of
from scoring.foreign.notes import Weight
from scoring.foreign.phases import Column, ForeignPhase, write_phases

FILE = "competition.yaml"
TOP = (
    "version", "title", "description", "image", "terms", "pages", "phases", "tasks", "solutions",
    "leaderboards", "leaderboard", "docker_image", "registration_auto_approve",
)  # fmt: skip
PHASE = (
    "index", "name", "description", "start", "end", "tasks", "max_submissions",
    "max_submissions_per_day", "execution_time_limit", "auto_migrate_to_this_phase", "starting_kit", "public_data", "solutions",
)  # fmt: skip
TASK = (
    "index", "name", "description", "scoring_program", "reference_data", "input_data",
    "ingestion_program", "is_public",
)  # fmt: skip
BOARD = ("index", "title", "key", "columns", "primary_index")
COLUMN = (
    "index",
    "title",
    "key",
    "sorting",
    "computation",
    "computation_indexes",
    "hidden",
    "precision",
)


def convert_codabench(draft: Draft, data: Mapping[str, Any]) -> None:
    """Write the competition that a bundle of version 2 describes.

    Raises:
        BrokenCompetition: It has no phase that could be scored.
    """
    draft.named(text_of(data.get("title")), subtitle=text_of(data.get("description")))
    draft.cover(data.get("image"))
    for page in records(data.get("pages")):
        title = text_of(page.get("title"))
        draft.page(title.strip().lower(), draft.find(page.get("file")), title=title)
    draft.page("rules", draft.find(data.get("terms")), title="terms")
    image = text_of(data.get("docker_image"))
    if image:
        draft.note(Weight.LEFT, "image", name=image[:200])
    draft.left(data, TOP)
    tasks = {
        task.get("index", number): task for number, task in enumerate(records(data.get("tasks")))
    }
    samples = _samples(draft, data)
    phases = [
        phase
        for given in sorted(
            records(data.get("phases")), key=lambda one: count_of(one.get("index")) or 0
        )
        if (phase := _phase(draft, given, tasks, samples)) is not None
    ]
    columns = _columns(draft, data)
    if not phases or not columns:
        what = (
            "phase with a scoring program and reference data"
            if not phases
            else "leaderboard column"
        )
        raise broken(f"it has no {what}.", file=FILE)
    write_phases(draft, phases, columns)


def records(value: object) -> list[dict[str, Any]]:
    """The mappings of a list; anything else that somebody may have written there is passed over."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _phase(
    draft: Draft,
    given: Mapping[str, Any],
    tasks: Mapping[Any, Mapping[str, Any]],
    samples: Mapping[Any, Path],
) -> ForeignPhase | None:
    name = text_of(given.get("name")) or "Phase"
    draft.left(given, PHASE, inside=name)
    named: Sequence[Any] = given.get("tasks") if isinstance(given.get("tasks"), list) else []  # type: ignore[assignment]
    known = [number for number in named if number in tasks]
    if not known:
        return None
    if len(known) > 1:
        draft.note(Weight.LEFT, "several_tasks", phase=name, count=len(known))
    task = tasks[known[0]]
    draft.left(task, TASK, inside=(text_of(task.get("name")) or name))
    program, reference = (
        draft.find(task.get("scoring_program")),
        draft.find(task.get("reference_data")),
    )
    if program is None or reference is None:
        return None
    has_ingestion = bool(task.get("ingestion_program"))
    if has_ingestion:
        draft.note(Weight.BLOCKING, "ingestion", phase=name)
    draft.data(given.get("starting_kit"), file="starting_kit", description="The starting kit.")
    draft.data(given.get("public_data"), file="public_data", description="The public data.")
    return ForeignPhase(
        name=name,
        scoring_program=program,
        reference=reference,
        opens=draft.moment(f"{name}.start", given.get("start")),
        closes=draft.moment(f"{name}.end", given.get("end")),
        per_day=count_of(given.get("max_submissions_per_day")),
        total=count_of(given.get("max_submissions")),
        seconds=count_of(given.get("execution_time_limit")),
        sample=None if has_ingestion else samples.get(known[0]),
        carries_best=bool(given.get("auto_migrate_to_this_phase")),
    )


def _samples(draft: Draft, data: Mapping[str, Any]) -> dict[Any, Path]:
    """The example submissions, by the task that they are for."""
    samples: dict[Any, Path] = {}
    for solution in records(data.get("solutions")):
        path = draft.find(solution.get("path"))
        if path is not None:
            samples |= {task: path for task in solution.get("tasks") or [] if task not in samples}
    return samples


def _columns(draft: Draft, data: Mapping[str, Any]) -> list[Column]:
    boards = records(data.get("leaderboards")) or records(data.get("leaderboard"))
    for board in boards[1:]:
        draft.note(
            Weight.LEFT,
            "other_leaderboard",
            name=(text_of(board.get("title")) or text_of(board.get("key"))),
        )
    if not boards:
        return []
    board = boards[0]
    draft.left(board, BOARD, inside="leaderboards")
    given = sorted(records(board.get("columns")), key=lambda one: count_of(one.get("index")) or 0)
    primary = count_of(board.get("primary_index")) or 0
    given.sort(key=lambda one: (count_of(one.get("index")) or 0) != primary)
    columns = []
    for one in given:
        title = text_of(one.get("title")) or text_of(one.get("key"))
        draft.left(one, COLUMN, inside=title)
        if one.get("computation"):
            draft.note(Weight.LEFT, "computed_column", name=title, how=text_of(one["computation"]))
            continue
        if one.get("hidden"):
            draft.note(Weight.CARRIED, "hidden_column", name=title)
        higher = (text_of(one.get("sorting")) or "desc").lower() != "asc"
        columns.append(Column((text_of(one.get("key")) or title), title, higher))
    decimals = [count_of(one.get("precision")) for one in given if one.get("precision")]
    if decimals and decimals[0]:
        draft.content["decimals"] = min(decimals[0], 12)
    return columns
