"""Whether a phase that takes files has all that its scoring program needs, and nothing besides.

Standard library only.
"""

from __future__ import annotations

from collections.abc import Iterator

from scoring.consistency import Finding
from scoring.contract import SubmissionKind
from scoring.declarations import PhaseDefinition


def file_phase_findings(phase: PhaseDefinition) -> Iterator[Finding]:
    """What is wrong with a phase of files, or with what only such a phase has."""
    takes_files = SubmissionKind.FILES in phase.submission.kinds
    columns = ("submission", "columns")
    if not takes_files:
        if not phase.submission.columns:
            yield Finding(columns, "is missing", "Name the columns that a submission has.")
        if phase.scoring_program is not None:
            fix = "Make `files` the submission's only kind, or remove it."
            yield Finding(("scoring_program",), "is not used: the kinds do not name `files`", fix)
        for number, metric in enumerate(phase.metrics):
            if metric.key is not None:
                reason = "is not used: the phase has no scoring program"
                yield Finding(("metrics", number, "key"), reason, "Remove it.")
        return
    if len(phase.submission.kinds) > 1:
        reason = "names `files` beside others, which a scoring program does not read"
        yield Finding(("submission", "kinds"), reason, "Let `files` stand alone.")
    if phase.submission.columns:
        reason = "is not used: the scoring program reads the files"
        yield Finding(columns, reason, "Remove it.")
    if phase.scoring_program is None:
        fix = "Add it with its `file` and `command`, or take another kind of submission."
        yield Finding(("scoring_program",), "is missing, and the kind `files` needs it", fix)
    if phase.solution.file.suffix.lower() != ".zip":
        reason = "must be a .zip file with the scoring program's reference data"
        yield Finding(("solution", "file"), reason, "Pack the reference data.")
    for number, metric in enumerate(phase.metrics):
        if metric.key is None:
            reason = "has no `key`: its name among the scores that the program writes"
            yield Finding(("metrics", number), reason, "Add it.")
