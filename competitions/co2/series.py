"""The weekly series of CO2 at Mauna Loa, and the windows in which it is to be forecast.

The last two years are cut into nine windows: after each origin eight weeks are hidden, and the four
weeks after those become known, which is where the next origin lies.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

WEEKS = 2284
YEAR = 52
HIDDEN_YEARS = 2
HORIZON = 8
CYCLE = 12  # eight weeks to forecast, then four that become known

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Windows:
    """The weeks to forecast in one stretch of two years, as positions in the series."""

    origins: tuple[int, ...]

    @classmethod
    def ending_with(cls, weeks: int) -> Windows:
        """Those of the last two of so many weeks; the last one ends with the series."""
        first = weeks - HIDDEN_YEARS * YEAR - 1
        return cls(tuple(range(first, weeks - HORIZON, CYCLE)))

    @property
    def rows(self) -> list[tuple[int, int]]:
        """Origin and horizon of each row, in the order of time."""
        return [(origin, ahead) for origin in self.origins for ahead in range(1, HORIZON + 1)]

    @property
    def hidden(self) -> set[int]:
        """The weeks that are to be forecast."""
        return {origin + ahead for origin, ahead in self.rows}

    def table(self, dates: pl.Series, first_id: int) -> pl.DataFrame:
        """One row for each week to forecast: which one, and from when."""
        origins = [origin for origin, _ in self.rows]
        ahead = [horizon for _, horizon in self.rows]
        return pl.DataFrame(
            {
                "id": range(first_id, first_id + len(origins)),
                "origin": dates.gather(origins),
                "horizon": ahead,
                "date": dates.gather(np.add(origins, ahead)),
            }
        )


def read_series(path: Path) -> pl.DataFrame:
    """Every week with its value; one that was not measured lies on the line between its neighbours."""
    weeks = pl.read_csv(path, schema={"date": pl.String, "co2": pl.Float64})
    weeks = weeks.with_columns(
        pl.col("date").str.to_date("%Y%m%d"), filled=pl.col("co2").is_null().cast(pl.Int64)
    ).with_columns(pl.col("co2").interpolate().round(2))
    assert weeks.height == WEEKS, f"there are {WEEKS} weeks, not {weeks.height}"
    assert weeks["date"].diff().drop_nulls().unique().to_list()[0].days == 7, "each a week apart"
    assert weeks["co2"].null_count() == 0, "each has a value"
    return weeks


def seasonal_error(values: Floats) -> float:
    """The mean absolute error of saying what was measured a year before: the scale of MASE."""
    return float(np.abs(values[YEAR:] - values[:-YEAR]).mean())
