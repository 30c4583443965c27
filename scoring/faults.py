"""Faults of the platform itself: never the participant's and never the host's."""

from __future__ import annotations

from scoring.errors import Problem


class PlatformFault(Exception):
    """Something of ours failed in a way that has its own sentence."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.sentence())
        self.problem = problem


class ScoringCrashed(Exception):
    """The confined process died or raised what nobody foresaw; the text is for the log alone."""
