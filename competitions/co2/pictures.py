"""The pictures of the CO2 competition's data page."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
from charts import AMBER, BLUE, CORAL, GRID, TEAL, Chart
from series import HORIZON, YEAR, Floats, Windows

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
SHOWN_BEFORE = 20  # weeks of training in the picture of the windows


def draw_pictures(weeks: pl.DataFrame, folder: Path) -> None:
    """Draw all of them; no picture shows a hidden week."""
    windows = Windows.ending_with(weeks.height)
    years = weeks["date"].to_physical().to_numpy() / 365.25 + 1970
    values = weeks["co2"].to_numpy()
    known = np.array([week not in windows.hidden for week in range(weeks.height)])
    _draw_series(years, values, windows.origins[0], folder / "series.png")
    _draw_windows(years, values, known, windows, folder / "windows.png")
    _draw_season(values[: windows.origins[0] + 1], weeks["date"], folder / "season.png")


def _draw_series(years: Floats, values: Floats, last: int, path: Path) -> None:
    """The weeks of training, and where the two years to forecast begin."""
    chart = Chart(x=(1957.5, 2002.2), y=(310, 376))
    chart.band(years[last], years[-1], GRID)
    chart.y_axis({level: str(level) for level in range(310, 380, 10)}, "CO2, parts per million")
    chart.key("training weeks", TEAL)
    chart.key("the two years to forecast", GRID)
    chart.x_axis({year: str(year) for year in range(1960, 2001, 5)})
    chart.line(years[: last + 1].tolist(), values[: last + 1].tolist(), TEAL, 2)
    chart.save(path)


def _draw_windows(
    years: Floats, values: Floats, known: np.ndarray, windows: Windows, path: Path
) -> None:
    """The last two years: what is known, and the nine windows that are not."""
    first = windows.origins[0] - SHOWN_BEFORE
    shown = np.arange(len(years)) >= first
    last = windows.origins[0]
    chart = Chart(x=(years[first] - 0.02, years[-1] + 0.02), y=(364, 376))
    week = years[1] - years[0]
    for origin in windows.origins:
        chart.band(years[origin] + week / 2, years[origin + HORIZON] + week / 2, GRID)
    chart.y_axis({level: str(level) for level in range(364, 377, 2)}, "CO2, parts per million")
    chart.x_axis({year / 4: _quarter(year) for year in range(7999, 8008)})
    chart.key("training", TEAL)
    chart.key("known later", BLUE)
    chart.key("origin", CORAL)
    chart.key("to forecast", GRID)
    before = shown & (np.arange(len(years)) <= last)
    after = shown & known & (np.arange(len(years)) > last)
    chart.dots(years[before].tolist(), values[before].tolist(), TEAL)
    chart.dots(years[after].tolist(), values[after].tolist(), BLUE)
    origins = list(windows.origins)
    chart.dots(years[origins].tolist(), values[origins].tolist(), CORAL, 8)
    chart.save(path)


def _draw_season(train: Floats, dates: pl.Series, path: Path) -> None:
    """How far a week of the year lies above or below the year around it, on average."""
    around = np.convolve(train, np.ones(YEAR + 1) / (YEAR + 1), mode="valid")
    middle = slice(YEAR // 2, YEAR // 2 + len(around))
    days = dates[middle].dt.ordinal_day().to_numpy()
    distance = train[middle] - around
    week = np.minimum((days - 1) // 7, YEAR - 1)
    means = [float(distance[week == number].mean()) for number in range(YEAR)]
    chart = Chart(x=(-0.5, YEAR - 0.5), y=(-4, 4))
    chart.y_axis(
        {level: f"{level:+d}" if level else "0" for level in range(-4, 5, 2)},
        "Above or below the year around it, parts per million",
    )
    chart.x_axis({(number + 0.5) * YEAR / 12: name for number, name in enumerate(MONTHS)})
    chart.line(list(range(YEAR)), means, AMBER, 4)
    chart.save(path)


def _quarter(number: int) -> str:
    year, quarter = divmod(number, 4)
    return f"{MONTHS[quarter * 3]} {year}"
