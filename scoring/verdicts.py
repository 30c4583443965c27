"""What a sandboxed runner says went wrong, turned into a fault with an owner.

Nothing that comes out of a sandbox is believed. A fault counts as the host's only where no
participant's code was inside to make it up; any other that makes no sense is the submission's own.
"""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence

from scoring.errors import (
    MAX_EXAMPLES,
    SENTENCES,
    BrokenCompetition,
    InvalidSubmission,
    Problem,
    ScoringError,
)
from scoring.runners.tensors import plain

MAX_TEXT = 500
MAX_LINE = 200

PARTICIPANTS: dict[str, frozenset[str]] = {
    "program": frozenset(
        {
            "program_archive",
            "program_failed",
            "program_misplaced_predict",
            "program_missing_predict",
            "program_no_output",
            "program_output_too_large",
        }
    ),
    "metric": frozenset({"metric_refused"}),
    "scorer": frozenset({"files_archive", "scorer_refused"}),
}
"""The faults of each runtime that are the participant's; those of models are `MODELS`."""

MODELS = frozenset(
    {
        "model_classes",
        "model_failed",
        "model_input_mismatch",
        "model_no_class_scores",
        "model_no_estimator",
        "model_output_missing",
        "model_output_not_finite",
        "model_output_shape",
        "model_output_type",
        "model_type_forbidden",
        "model_unreadable",
        "model_weights_mismatch",
    }
)

HOSTS: dict[str, frozenset[str]] = {
    "metric": frozenset({"metric_failed", "metric_result", "metric_without_score"}),
    "scorer": frozenset({"scorer_archive", "scorer_failed", "scorer_no_scores"}),
}

# Raised while the network is built, before the weights are opened; and weights can run nothing.
WEIGHTS_ONLY = frozenset({"architecture_config"})

ENDS = {"program": "program_failed", "metric": "metric_failed", "scorer": "scorer_failed"}
HOSTS_CODE = frozenset({"metric", "scorer"})
"""The runtimes that run the host's code, on data of participants."""

"""What a runtime's process is said to have done when it ended without a word; models: failed."""

NO_ANSWER = "it ended without an answer"


def verdict(
    runtime: str,
    code: str,
    params: Mapping[str, object],
    *,
    printed: bytes = b"",
    only_weights: bool = False,
) -> ScoringError:
    """The error to raise for a fault that came out of a sandbox.

    Args:
        printed: What the program printed; its last lines are shown to its author.
        only_weights: Whether the submission is weights alone, which run no code.
    """
    hosts = HOSTS.get(runtime, frozenset()) | (WEIGHTS_ONLY if only_weights else frozenset())
    if code in hosts:
        return BrokenCompetition(_problem(code, params, _last_lines(printed)))
    if code in PARTICIPANTS.get(runtime, MODELS):
        # What a host's program prints may tell of the answers, so it is not for participants.
        shown = () if runtime in HOSTS_CODE else _last_lines(printed)
        return InvalidSubmission(_problem(code, params, shown))
    return no_answer(runtime, printed=printed)


def no_answer(runtime: str, *, printed: bytes = b"") -> ScoringError:
    """The error where a process ended, or said what makes no sense."""
    code = ENDS.get(runtime, "model_failed")
    problem = _problem(code, {"reason": NO_ANSWER}, _last_lines(printed))
    return BrokenCompetition(problem) if runtime in HOSTS_CODE else InvalidSubmission(problem)


def _problem(code: str, params: Mapping[str, object], examples: Sequence[str]) -> Problem:
    """A problem with exactly the values that its sentence has a place for."""
    fields = [field for _, field, _, _ in string.Formatter().parse(SENTENCES[code]) if field]
    return Problem(code, {name: _cleaned(params.get(name)) for name in fields}, examples=examples)


def _cleaned(value: object) -> str | int:
    if isinstance(value, int) and abs(value) < 2**53:
        return int(value)
    return plain(value, MAX_TEXT) if isinstance(value, str) else "?"


def _last_lines(printed: bytes) -> list[str]:
    """The end of what a program printed, in short lines."""
    lines = [plain(line, MAX_LINE) for line in printed.decode("utf-8", "replace").splitlines()]
    return [line for line in lines if line][-MAX_EXAMPLES:]
