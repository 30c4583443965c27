"""What a participant can learn about a file at home, without the hidden answers."""

from __future__ import annotations

import hashlib
from pathlib import Path

from scoring.alignment import order_of
from scoring.contract import Layout, Limits, Score
from scoring.definition import CompetitionDefinition, PhaseDefinition
from scoring.errors import BrokenCompetition, Problem
from scoring.examples import built_in_specs
from scoring.inspection import inspect_upload
from scoring.modelinspection import inspect_files
from scoring.pipeline import read_and_align, score_files
from scoring.reading import open_file, read_checked
from scoring.solutions import PreparedSolution, prepare_solution
from scoring.tables import Ids

MANY_ROWS = 100_000_000


def score_practice(
    path: Path, definition: CompetitionDefinition, phase: PhaseDefinition
) -> tuple[Score, ...] | None:
    """Scores on the practice rows, or None for a right file of the hidden test rows.

    Which of the two a file is about is seen from its ids.

    Raises:
        InvalidSubmission: the file has faults; they are the ones that the site would find.
        BrokenCompetition: the folder lacks the files that are needed for this.
    """
    layout, limits, metrics = phase.layout(), phase.scoring_limits(), built_in_specs(phase)
    if phase.submission.is_files:
        with path.open("rb") as stream:
            inspect_files(stream, name=path.name, limits=limits)
        return None
    with path.open("rb") as stream:
        inspect_upload(stream, name=path.name, layout=layout, limits=limits)
    practice = _practice_solution(definition, phase)
    sample_ids = _ids(phase.submission.sample, layout)
    if practice is not None and _is_about(path, layout, practice.ids, sample_ids):
        return score_files(path, path.name, practice, layout=layout, metrics=metrics, limits=limits)
    file = open_file(
        path, name=path.name, layout=layout, limits=limits, expected_rows=len(sample_ids)
    )
    read_and_align(file, sample_ids, order_of(sample_ids), metrics)
    return None


def _is_about(path: Path, layout: Layout, practice: Ids, sample: Ids) -> bool:
    """Whether a file's ids are rather those of the practice rows than those of the sample."""
    ids, practice_ids, sample_ids = _as_set(_ids(path, layout)), _as_set(practice), _as_set(sample)
    # A set that fits exactly wins; then the one with the larger share of common ids.
    if ids in (practice_ids, sample_ids):
        return ids == practice_ids
    return len(ids & practice_ids) / len(practice_ids) > len(ids & sample_ids) / len(sample_ids)


def _ids(path: Path, layout: Layout) -> Ids:
    if not path.is_file():
        reason = "it does not exist; run the competition's prepare.py"
        raise BrokenCompetition(Problem("file_unreadable", {"file": path.name, "reason": reason}))
    file = open_file(path, name=path.name, layout=layout, limits=Limits(), expected_rows=MANY_ROWS)
    return read_checked(file).table.ids


def _as_set(ids: Ids) -> set[int | str]:
    return set(ids if isinstance(ids, list) else ids.tolist())


def _practice_solution(
    definition: CompetitionDefinition, phase: PhaseDefinition
) -> PreparedSolution | None:
    if definition.practice is None or not definition.practice.solution.is_file():
        return None
    path = definition.practice.solution
    return prepare_solution(
        path,
        name=path.name,
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        layout=phase.layout(),
        metrics=built_in_specs(phase),
        all_public=True,
    )
