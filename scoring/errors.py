"""What can go wrong while scoring, and whose fault it is.

ScoringError
├── InvalidSubmission     the participant's file; shown to the participant
└── BrokenCompetition     the host's definition, solution or metric; shown to the host

Anything else is the platform's own fault. It is not caught inside the engine; the task that
runs the engine turns it into a ``failed`` result that costs the participant nothing.

Every fault carries `Problem`s: a code, the values that fill its sentence, and a few examples.
The English sentence of each code stands in `SENTENCES`, so the command line can print it and
the site can translate it without the worker knowing any language.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from scoring.sentences.files import FILES
from scoring.sentences.hosts import HOSTS
from scoring.sentences.marking import gettext_noop
from scoring.sentences.models import MODELS
from scoring.sentences.platform import PLATFORM

__all__ = [
    "MAX_EXAMPLES",
    "SENTENCES",
    "BrokenCompetition",
    "InvalidSubmission",
    "Problem",
    "ScoringError",
    "gettext_noop",
]

MAX_EXAMPLES = 10


SENTENCES: dict[str, str] = {**FILES, **MODELS, **HOSTS, **PLATFORM}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, with up to `MAX_EXAMPLES` places where it was seen.

    Attributes:
        code: A key of `SENTENCES`.
        params: Values for the sentence's ``{placeholders}``; only strings and integers.
        count: How many rows (or places) have the problem; 0 where counting makes no sense.
        examples: Plain text of the first places, such as ``line 12: id 40 → "cat"``.
    """

    code: str
    params: Mapping[str, str | int] = field(default_factory=dict)
    count: int = 0
    examples: Sequence[str] = ()

    def sentence(self) -> str:
        """The English sentence with its values filled in."""
        return SENTENCES[self.code].format(**{"count": self.count, **self.params})


class ScoringError(Exception):
    """A fault with an owner. Never raised itself, only through its two children."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(" ".join(problem.sentence() for problem in problems))
        self.problems = problems


class InvalidSubmission(ScoringError):
    """The participant's file cannot be scored; the problems say what to change."""


class BrokenCompetition(ScoringError):
    """The host's definition, solution or metric is at fault; the problems say what to change."""
