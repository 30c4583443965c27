"""Bundles for CodaLab, version 1.5: phases with their own programs, pages in HTML.

After https://github.com/codalab/codalab-competitions/wiki/Organizer_Codalab-competition-YAML-definition-language.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from scoring.foreign.draft import Draft, broken, count_of, text_of
from scoring.foreign.notes import Weight
from scoring.foreign.phases import Column, ForeignPhase, write_phases

FILE = "competition.yaml"
TOP = (
    "title", "description", "image", "html", "phases", "leaderboard", "end_date", "has_registration",
    "competition_docker_image",
)  # fmt: skip
PHASE = (
    "phasenumber", "label", "description", "start_date", "max_submissions", "max_submissions_per_day",
    "scoring_program", "reference_data", "execution_time_limit", "starting_kit", "public_data",
    "input_data", "ingestion_program", "color", "auto_migration",
)  # fmt: skip
COLUMN = ("leaderboard", "label", "rank", "sort", "numeric_format", "computed", "column_group")
PAGES = {"overview": "overview", "evaluation": "evaluation", "terms": "rules", "data": "data"}


def convert_codalab(draft: Draft, data: Mapping[str, Any]) -> None:
    """Write the competition that a bundle of version 1.5 describes.

    Raises:
        BrokenCompetition: It has no phase that could be scored.
    """
    draft.named(text_of(data.get("title")), subtitle=text_of(data.get("description")))
    draft.cover(data.get("image"))
    pages = data.get("html")
    for name, file in (pages if isinstance(pages, dict) else {}).items():
        draft.page(PAGES.get(str(name), str(name)), draft.find(file), title=str(name))
    image = text_of(data.get("competition_docker_image"))
    if image:
        draft.note(Weight.LEFT, "image", name=image[:200])
    draft.left(data, TOP)
    given = data.get("phases")
    numbered = given.values() if isinstance(given, dict) else given or []
    in_order = sorted(
        (one for one in numbered if isinstance(one, dict)),
        key=lambda one: count_of(one.get("phasenumber")) or 0,
    )
    phases = [phase for one in in_order if (phase := _phase(draft, one)) is not None]
    columns = _columns(draft, data)
    if not phases or not columns:
        what = (
            "phase with a scoring program and reference data"
            if not phases
            else "leaderboard column"
        )
        raise broken(f"it has no {what}.", file=FILE)
    write_phases(draft, _closing_one_another(draft, phases, data.get("end_date")), columns)


def _phase(draft: Draft, given: Mapping[str, Any]) -> ForeignPhase | None:
    name = (text_of(given.get("label")) or f"Phase {text_of(given.get('phasenumber'))}").strip()
    draft.left(given, PHASE, inside=name)
    program, reference = (
        draft.find(given.get("scoring_program")),
        draft.find(given.get("reference_data")),
    )
    if program is None or reference is None:
        return None
    if given.get("ingestion_program"):
        draft.note(Weight.BLOCKING, "ingestion", phase=name)
    draft.data(given.get("starting_kit"), file="starting_kit", description="The starting kit.")
    draft.data(given.get("public_data"), file="public_data", description="The public data.")
    return ForeignPhase(
        name=name,
        scoring_program=program,
        reference=reference,
        opens=draft.moment(f"{name}.start_date", given.get("start_date")),
        per_day=count_of(given.get("max_submissions_per_day")),
        total=count_of(given.get("max_submissions")),
        seconds=count_of(given.get("execution_time_limit")),
        carries_best=bool(given.get("auto_migration")),
    )


def _closing_one_another(
    draft: Draft, phases: list[ForeignPhase], end: object
) -> list[ForeignPhase]:
    """A phase lasts until the next one starts, the last one until the end."""
    ends = [*(phase.opens for phase in phases[1:]), draft.moment("end_date", end)]
    return [
        replace(phase, closes=close if close and (not phase.opens or close > phase.opens) else None)
        for phase, close in zip(phases, ends, strict=True)
    ]


def _columns(draft: Draft, data: Mapping[str, Any]) -> list[Column]:
    leaderboard = data.get("leaderboard")
    if not isinstance(leaderboard, dict):
        return []
    boards = leaderboard.get("leaderboards")
    named = list(boards.values()) if isinstance(boards, dict) else []
    given = leaderboard.get("columns")
    columns = given if isinstance(given, dict) else {}
    for board in named[1:]:
        label = board.get("label") if isinstance(board, dict) else board
        draft.note(Weight.LEFT, "other_leaderboard", name=text_of(label))
    found = []
    decimals = 0
    for key, one in sorted(columns.items(), key=lambda pair: _rank(pair[1])):
        if not isinstance(one, dict) or (
            len(named) > 1 and one.get("leaderboard") not in (None, named[0])
        ):
            continue
        title = text_of(one.get("label")) or key
        draft.left(one, COLUMN, inside=title)
        if one.get("computed"):
            how = one["computed"].get("operation", "") if isinstance(one["computed"], dict) else ""
            draft.note(Weight.LEFT, "computed_column", name=title, how=text_of(how))
            continue
        decimals = max(decimals, count_of(one.get("numeric_format")) or 0)
        higher = (text_of(one.get("sort")) or "desc").lower() != "asc"
        found.append(Column(str(key), title, higher))
    if decimals:
        draft.content["decimals"] = min(decimals, 12)
    return found


def _rank(column: object) -> int:
    return (count_of(column.get("rank")) or 0) if isinstance(column, dict) else 0
