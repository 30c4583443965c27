"""The host's own metric: a Python file with Kaggle's convention.

``score(solution, submission, row_id_column_name) -> float``, with pandas frames whose rows stand
in the same order, and an exception class named ``ParticipantVisibleError`` for what participants
should read. The answers are here, so no participant's code ever is.
"""

from __future__ import annotations

import importlib.util
import io
import math
import numbers
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from scoring.runners.protocol import Channel
from scoring.runners.start import Fault
from scoring.runners.tensors import plain, reason_of

MAX_SHOWN = 500
VISIBLE = "ParticipantVisibleError"

Score = Callable[..., Any]


def warm() -> None:
    """Read a table and work on it."""
    frame = _table(io.BytesIO(b"id,a\n1,0.5\n2,0.25\n"))
    frame.loc[[0]].groupby("id").mean().merge(frame, on="id")


def run(content: Mapping[str, Any], inputs: Path, channel: Channel) -> None:
    """Send the scores, one for each split, in the order in which they are asked for.

    ``content`` has the ``row_id_column_name`` and ``splits``: the numbers of each one's rows, or
    null for all of them.
    """
    score = _loaded(inputs / "metric.py")
    solution, submission = _tables(inputs)
    id_column: str = content["row_id_column_name"]
    splits: Mapping[str, Sequence[int] | None] = content["splits"]
    scores = []
    for done, rows in enumerate(splits.values(), start=1):
        scores.append(_scored(score, _part(solution, rows), _part(submission, rows), id_column))
        channel.progress(done, len(splits))
    channel.array("scores", np.array(scores, dtype=np.float64))


def _loaded(path: Path) -> Score:
    spec = importlib.util.spec_from_file_location("metric", path)
    if spec is None or spec.loader is None:
        raise ValueError(f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:  # a host's file may raise anything
        raise Fault("metric_failed", reason=_last_line(error)) from error
    score = getattr(module, "score", None)
    if not callable(score):
        raise Fault("metric_without_score")
    return score  # type: ignore[no-any-return]


def _scored(score: Score, solution: pd.DataFrame, submission: pd.DataFrame, column: str) -> float:
    try:
        value = score(solution, submission, column)
    except (Exception, SystemExit) as error:  # as above
        if any(kind.__name__ == VISIBLE for kind in type(error).__mro__):
            raise Fault("metric_refused", reason=plain(str(error), MAX_SHOWN)) from error
        raise Fault("metric_failed", reason=_last_line(error)) from error
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value.item()
    is_number = isinstance(value, numbers.Real) and not isinstance(value, bool | np.bool_)
    if not is_number or not math.isfinite(value):
        raise Fault("metric_result", found=plain(repr(value)))
    return float(value)


def _tables(inputs: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    with (inputs / "solution.csv").open("rb") as solution:
        truth = _table(solution)
    with (inputs / "submission.csv").open("rb") as submission:
        return truth, _table(submission)


def _table(stream: Any) -> pd.DataFrame:
    """As on Kaggle, but numbers are read to the last bit."""
    return pd.read_csv(stream, float_precision="round_trip")


def _part(table: pd.DataFrame, rows: Sequence[int] | None) -> pd.DataFrame:
    """A table of its own, so that a metric may do with it what it likes."""
    part = table if rows is None else table.iloc[list(rows)]
    return part.reset_index(drop=True).copy()


def _last_line(error: BaseException) -> str:
    """The exception and, where it was raised in the metric, the line."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if Path(frame.filename).name == "metric.py"]
    return f"line {lines[-1]}: {reason_of(error)}" if lines else reason_of(error)
