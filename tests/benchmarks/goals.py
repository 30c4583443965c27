"""The last line of every benchmark: one JSON object with each goal and what was measured."""

from __future__ import annotations

import json
import operator
from collections.abc import Callable
from dataclasses import dataclass, field

_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "at most": operator.le,
    "at least": operator.ge,
    "exactly": operator.eq,
}


@dataclass
class Goals:
    """Collects goals as they are measured; prints them at the end, met or not."""

    entries: dict[str, dict[str, object]] = field(default_factory=dict)

    def at_most(self, name: str, goal: float, measured: float) -> None:
        self._add(name, "at most", goal, measured)

    def at_least(self, name: str, goal: float, measured: float) -> None:
        self._add(name, "at least", goal, measured)

    def exactly(self, name: str, goal: float, measured: float) -> None:
        self._add(name, "exactly", goal, measured)

    def unmeasured(self, name: str, goal: float, reason: str) -> None:
        """A goal that this machine can't measure is not met, and says why."""
        self.entries[name] = {"goal": goal, "measured": None, "met": False, "reason": reason}

    @property
    def are_met(self) -> bool:
        return all(entry["met"] for entry in self.entries.values())

    def report(self) -> None:
        """Print the last line."""
        print(json.dumps({"goals": self.entries}))

    def _add(self, name: str, comparison: str, goal: float, measured: float) -> None:
        met = _COMPARISONS[comparison](measured, goal)
        rounded = float(f"{measured:.4g}") if isinstance(measured, float) else measured
        self.entries[name] = {
            "goal": goal,
            "comparison": comparison,
            "measured": rounded,
            "met": bool(met),
        }
