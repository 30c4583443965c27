"""A host's scoring program, run in a sandbox on a submission that is data: files in a zip."""

from __future__ import annotations

import json
import math
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from scoring.contract import Limits
from scoring.errors import BrokenCompetition, Problem
from scoring.models import PRINTED, SCRATCH_BYTES, Run, Task
from scoring.runners.tensors import plain
from scoring.verdicts import no_answer, verdict

SCORER = "scorer"
SCORES = ("scores.json", "scores.txt")


def program_scores(
    run: Run,
    *,
    program: Path,
    command: str,
    reference: Path,
    submission: Path,
    keys: Sequence[str],
    limits: Limits,
    threads: int,
) -> dict[str, float]:
    """The numbers that the program wrote for the keys.

    Args:
        run: Runs a task in a sandbox.
        program: The program's zip file.
        command: How it is started; `$program`, `$input` and `$output` stand for its folders.
        reference: The reference data's zip file.
        submission: The submission's zip file.
        keys: Which scores are wanted.
        limits: What it may use.
        threads: For numerical libraries.

    Raises:
        InvalidSubmission: The program refused the files, or they can't be unpacked.
        BrokenCompetition: The program failed, or wrote no such scores.
    """
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise BrokenCompetition(Problem("scorer_failed", {"reason": str(error)})) from error
    task = Task(
        SCORER,
        {"program.zip": program, "reference.zip": reference, "submission.zip": submission},
        {"command": words, "threads": threads, "max_bytes": limits.unpacked_bytes},
        limits,
        SCRATCH_BYTES + 3 * limits.unpacked_bytes,
    )
    answer = run(task, lambda *_: None)
    if answer.fault is not None:
        raise verdict(SCORER, *answer.fault, printed=answer.files.get(PRINTED, b""))
    for name in SCORES:
        if name in answer.files:
            return chosen(read_scores(name, answer.files[name]), keys)
    raise no_answer(SCORER)


def read_scores(name: str, content: bytes) -> Mapping[str, Any]:
    """What a scores file holds by key: JSON, or lines of a key, a colon and a number.

    Raises:
        BrokenCompetition: It can't be read.
    """
    try:
        text = content.decode("utf-8-sig")
        if name.endswith(".json"):
            return dict(json.loads(text))
        pairs = (line.split(":", 1) for line in text.splitlines() if line.strip())
        return {key.strip(): value.strip() for key, value in pairs}
    except (ValueError, TypeError, RecursionError) as error:
        reason = plain(str(error) or type(error).__name__)
        raise BrokenCompetition(Problem("scorer_scores_unreadable", {"reason": reason})) from error


def chosen(scores: Mapping[str, Any], keys: Sequence[str]) -> dict[str, float]:
    """The finite numbers of the keys.

    Raises:
        BrokenCompetition: One is missing, or is no finite number.
    """
    values: dict[str, float] = {}
    for key in keys:
        found = scores.get(key)
        try:
            value = math.nan if isinstance(found, bool) else float(found)  # type: ignore[arg-type]
        except (TypeError, ValueError, OverflowError):
            value = math.nan
        if not math.isfinite(value):
            told: dict[str, str | int] = {
                "key": plain(key),
                "found": "nothing" if found is None else plain(repr(found)),
            }
            raise BrokenCompetition(Problem("scorer_score", told))
        values[key] = value
    return values
