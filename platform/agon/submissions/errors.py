"""Why a submission is not accepted, and what its sender can do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from scoring.errors import Problem


@dataclass(frozen=True, slots=True)
class Action:
    """A way out of a refusal: where to go, and what the link says."""

    url: str
    label: str


class SubmissionRefused(Exception):
    """Not accepted, and nothing spent. The message is for the sender.

    Attributes:
        code: What callers tell apart: signed_out, not_joined, not_open, closed, daily_limit,
            total_limit, pending_limit, too_large, bad_file, not_ready, not_host, bad_baseline.
        problems: What is wrong with the file, where it is the file.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        action: Action | None = None,
        problems: tuple[Problem, ...] = (),
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.action = action
        self.problems = problems

    def context(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "message": self.message,
            "action_url": self.action.url if self.action else "",
            "action_label": self.action.label if self.action else "",
        }


class CannotCancel(Exception):
    """The submission can no longer be canceled; the message says why."""


class RescoreRefused(Exception):
    """The rescore cannot begin, go on or be published; the message says why and what to do."""


class RulingRefused(Exception):
    """What a host wanted to decide about a submission or a team cannot be; the message says why."""
