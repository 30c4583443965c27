"""A place between two rows of a board, as the address of a page names it."""

from __future__ import annotations

import base64
import binascii
import json
import math
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import F, FloatField, Func, Value
from django.db.models.lookups import GreaterThan, LessThan
from django.utils.dateparse import parse_datetime

from agon.leaderboards.models import Baseline, Entry


class _RowValue(Func):
    """`(key, reached_at, team)` compared as one value, so that the index answers in one step.

    Spelled out with AND and OR, PostgreSQL would read the board from its beginning.
    """

    function = ""
    output_field = FloatField()


PLACE_OF_ENTRY = _RowValue(F("key"), F("reached_at"), F("team_id"))


class BadCursor(ValueError):
    """Not a cursor that this site gave out."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place between two entries of a board."""

    key: float
    reached_at: datetime
    team_id: int

    @classmethod
    def at(cls, entry: Entry | Baseline) -> Cursor:
        return cls(entry.key, entry.reached_at, entry.team_id)

    def encode(self) -> str:
        content = json.dumps([self.key, self.reached_at.isoformat(), self.team_id])
        return base64.urlsafe_b64encode(content.encode()).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str) -> Cursor:
        try:
            content = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
            key, reached_at, team_id = float(content[0]), parse_datetime(content[1]), content[2]
            if reached_at is None or reached_at.tzinfo is None or type(team_id) is not int:
                raise BadCursor
            reached_at = reached_at.astimezone(UTC)
        except (binascii.Error, ValueError, TypeError, LookupError, OverflowError) as error:
            raise BadCursor from error
        if not math.isfinite(key) or abs(team_id) > 2**62:
            raise BadCursor
        return cls(key, reached_at, team_id)

    @property
    def place(self) -> tuple[float, datetime, int]:
        """Comes before another one where it stands further up."""
        return self.key, self.reached_at, self.team_id

    @property
    def behind(self) -> GreaterThan:
        return GreaterThan(PLACE_OF_ENTRY, self._value)

    @property
    def before(self) -> LessThan:
        return LessThan(PLACE_OF_ENTRY, self._value)

    @property
    def _value(self) -> _RowValue:
        return _RowValue(Value(self.key), Value(self.reached_at), Value(self.team_id))
