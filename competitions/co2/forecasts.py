"""Four cheap forecasts with quantiles, as examples of submissions."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
from series import HORIZON, YEAR, Floats, Windows

QUANTILES = ("q05", "q25", "q50", "q75", "q95")
COVERED = (0.9, 0.5)  # how much of a method's own errors the outer and the inner interval hold
PAST_YEARS = 5
WATCHED_WEEKS = 20 * YEAR  # the end of the history, on which a method's own errors are measured
DECIMALS = 3

Method = Callable[[Floats, int], float]


def last_value(history: Floats, _horizon: int) -> float:
    """What was measured last."""
    return float(history[-1])


def year_before(history: Floats, horizon: int) -> float:
    """What was measured in the same week of the year before."""
    return float(history[horizon - 1 - YEAR])


def year_before_and_growth(history: Floats, horizon: int) -> float:
    """The week of the year before, and on top the growth of the last year."""
    growth = history[-YEAR:].mean() - history[-2 * YEAR : -YEAR].mean()
    return year_before(history, horizon) + float(growth)


def past_changes(history: Floats, horizon: int) -> float:
    """What was measured last, and on top the mean change of the same weeks in earlier years."""
    last = len(history) - 1
    earlier = last - YEAR * np.arange(1, PAST_YEARS + 1)
    return float(history[last] + (history[earlier + horizon] - history[earlier]).mean())


def known_history(values: Floats, origin: int, hidden: set[int]) -> Floats:
    """The series up to an origin; a hidden week before it lies on the line between its neighbours."""
    weeks = np.arange(origin + 1)
    known = np.array([week not in hidden for week in weeks])
    return np.interp(weeks, weeks[known], values[: origin + 1][known])


def forecast(method: Method, values: Floats, windows: Windows, ids: pl.Series) -> pl.DataFrame:
    """Quantiles for each row: the method's value, and around it what it missed by in training."""
    train = values[: windows.origins[0] + 1]
    spread = {ahead: _errors(method, train, ahead) for ahead in range(1, HORIZON + 1)}
    rows = []
    for origin, ahead in windows.rows:
        centre = method(known_history(values, origin, windows.hidden), ahead)
        outer, inner = np.quantile(spread[ahead], COVERED)
        rows.append([centre - outer, centre - inner, centre, centre + inner, centre + outer])
    return pl.DataFrame(np.round(rows, DECIMALS), schema=list(QUANTILES)).insert_column(0, ids)


def _errors(method: Method, train: Floats, ahead: int) -> Floats:
    """How far a method missed, each time that it could have been asked in the last years."""
    origins = range(len(train) - WATCHED_WEEKS, len(train) - ahead)
    return np.array(
        [abs(train[origin + ahead] - method(train[: origin + 1], ahead)) for origin in origins]
    )
