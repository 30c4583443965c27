"""Solutions as tables: Hugging Face's competition repositories, and folders in Kaggle's form."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from scoring.contract import ColumnType
from scoring.foreign.draft import Draft, broken, count_of, text_of
from scoring.foreign.notes import Weight
from scoring.metrics.descriptions import METRICS

SOLUTION, SAMPLE, METRIC = "solution.csv", "sample_submission.csv", "metric.py"
CONFIGURATION = "conf.json"
PAGES = {
    "COMPETITION_DESC.md": "overview",
    "DATASET_DESC.md": "data",
    "SUBMISSION_DESC.md": "evaluation",
    "RULES.md": "rules",
}
KNOWN = (
    "COMPETITION_TYPE", "SUBMISSION_LIMIT", "TIME_LIMIT", "HARDWARE", "SELECTION_LIMIT", "END_DATE",
    "EVAL_HIGHER_IS_BETTER", "SUBMISSION_ID_COLUMN", "SUBMISSION_COLUMNS", "SUBMISSION_ROWS",
    "EVAL_METRIC", "LOGO", "SUBMISSION_FILENAMES", "SCORING_METRIC",
)  # fmt: skip
METRIC_NAMES: dict[str, str] = {
    "accuracy_score": "accuracy",
    "balanced_accuracy_score": "balanced_accuracy",
    "f1_score": "f_beta",
    "hamming_loss": "hamming_loss",
    "jaccard_score": "jaccard",
    "log_loss": "log_loss",
    "roc_auc_score": "roc_auc",
    "mean_squared_error": "mse",
    "root_mean_squared_error": "rmse",
    "mean_absolute_error": "mae",
    "median_absolute_error": "median_absolute_error",
    "mean_absolute_percentage_error": "mape",
    "r2_score": "r2",
    "matthews_corrcoef": "matthews_correlation",
    "cohen_kappa_score": "cohen_kappa",
    "average_precision_score": "average_precision",
    "brier_score_loss": "brier_score",
    "precision_score": "precision",
    "recall_score": "recall",
}
"""Functions of `sklearn.metrics` and what they are called here."""
USAGES = {"public": "Public", "private": "Private", "ignored": "Ignored"}
PROBABILITIES = {"log_loss", "roc_auc", "average_precision", "brier_score"}


def convert_hugging_face(draft: Draft, metric: str) -> None:
    """Write the competition that a repository of Hugging Face's `competitions` holds.

    Raises:
        BrokenCompetition: Its configuration or its solution can't be used.
    """
    try:
        data = json.loads((draft.source / CONFIGURATION).read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise broken(f"it is no JSON ({error}).", file=CONFIGURATION) from error
    if not isinstance(data, dict):
        raise broken("it holds no settings.", file=CONFIGURATION)
    draft.named(draft.source.name.replace("-", " ").replace("_", " ").title())
    draft.left(data, KNOWN)
    for name in ("HARDWARE", "LOGO", "SELECTION_LIMIT"):
        if data.get(name):
            draft.note(Weight.LEFT, "setting", name=name, value=str(data[name])[:80])
    if str(data.get("COMPETITION_TYPE", "generic")).lower() == "script":
        draft.note(Weight.BLOCKING, "script_type")
    for file, page in PAGES.items():
        draft.page(page, draft.source / file)
    found = text_of(data.get("EVAL_METRIC"))
    chosen = metric or _translated(draft, found, data.get("EVAL_HIGHER_IS_BETTER"))
    id_column = text_of(data.get("SUBMISSION_ID_COLUMN")) or "id"
    usage = "split" if "split" in _header(draft.source / SOLUTION) else "Usage"
    submissions = draft.source / "submissions"
    if submissions.is_dir():
        count = sum(1 for path in submissions.iterdir() if path.is_file())
        if count:
            draft.note(Weight.LEFT, "people", count=count)
    _write_phase(draft, chosen, id_column, usage, per_day=count_of(data.get("SUBMISSION_LIMIT")))
    draft.lasting(None, draft.moment("END_DATE", data.get("END_DATE")))


def convert_kaggle_style(draft: Draft, metric: str) -> None:
    """Write the competition of a folder with solution.csv, sample_submission.csv and perhaps metric.py.

    Raises:
        BrokenCompetition: The solution can't be used.
    """
    draft.named(draft.source.name.replace("-", " ").replace("_", " ").title())
    for file in sorted(draft.source.glob("*.md")):
        draft.page(file.stem.lower(), file, title=file.stem)
    header = _header(draft.source / SOLUTION)
    own = METRIC if (draft.source / METRIC).is_file() and not metric else ""
    if not metric and not own:
        draft.note(Weight.BLOCKING, "metric_needed")
    usage = next((name for name in header if name.lower() in {"usage", "split"}), "Usage")
    _write_phase(draft, metric or own or "accuracy", header[0], usage, per_day=5)
    hidden = {SOLUTION, SAMPLE, METRIC}
    for file in sorted(draft.source.iterdir()):
        if (
            file.is_file()
            and file.name not in hidden
            and file.suffix in {".csv", ".zip", ".parquet", ".npz"}
        ):
            draft.data(file.name, file=file.stem, description="")


def _translated(draft: Draft, found: str, higher: object) -> str:
    name = METRIC_NAMES.get(found, found if found in METRICS else "")
    if not name:
        draft.note(Weight.BLOCKING, "metric_unknown", name=found or "?")
        return "accuracy"
    if name != found:
        draft.note(Weight.CARRIED, "metric_renamed", found=found, name=METRICS[name].title)
    is_higher = str(higher).lower() in {"1", "true", "1.0"}
    if higher is not None and is_higher != METRICS[name].higher_is_better:
        words = ("lower", "higher")
        draft.note(
            Weight.CARRIED, "direction", name=METRICS[name].title,
            found=words[is_higher], right=words[METRICS[name].higher_is_better],
        )  # fmt: skip
    return name


def _header(path: Path) -> list[str]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            header = next(csv.reader(stream), [])
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise broken(f"it can't be read ({error}).", file=path.name) from error
    if len(header) < 2:
        raise broken("it needs a column of ids and one with the answers.", file=path.name)
    return header


def _write_phase(
    draft: Draft, metric: str, id_column: str, usage: str, *, per_day: int | None
) -> None:
    rows = _rows(draft.source / SOLUTION)
    header = list(rows[0]) if rows else _header(draft.source / SOLUTION)
    if id_column not in header:
        raise broken(f"it has no column “{id_column}”.", file=SOLUTION)
    if usage != "Usage":
        draft.note(Weight.CARRIED, "private_usage")
    answers = [name for name in header if name not in {id_column, usage}]
    with (draft.target / SOLUTION).open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow([id_column, *answers, "Usage"])
        for row in rows:
            split = (row.get(usage) or "private").strip()
            writer.writerow(
                [row[id_column], *(row[name] for name in answers), USAGES.get(split.lower(), split)]
            )
    columns = _columns(draft, rows, answers, metric)
    is_own = metric == METRIC
    declared: dict[str, Any] = {"name": metric}
    if is_own:
        code = (draft.source / METRIC).read_text(encoding="utf-8", errors="replace")
        declared = {
            "name": "own_metric",
            "file": draft.written(METRIC, code),
            "higher_is_better": True,
        }
    draft.content["phases"] = [
        {
            "name": "main",
            "submission": {
                "sample": _sample(draft, rows, id_column, columns),
                "id_column": id_column,
                "id_type": _id_type(row[id_column] for row in rows),
                "columns": columns,
            },
            "solution": {"file": SOLUTION, "usage_column": "Usage"},
            "metrics": [declared],
            "limits": {"per_day": per_day},
        }
    ]


def _rows(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.DictReader(stream))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise broken(f"it can't be read ({error}).", file=path.name) from error
    if any(None in row or None in row.values() for row in rows):
        raise broken("a row has more or fewer values than the header.", file=path.name)
    return rows


def _columns(
    draft: Draft, rows: list[dict[str, str]], answers: Iterable[str], metric: str
) -> dict[str, str]:
    """The columns of a submission: as in the sample where there is one, else those of the solution."""
    sample = draft.source / SAMPLE
    if sample.is_file():
        given = _rows(sample)
        names = _header(sample)[1:]
        columns = {name: _kind(row[name] for row in given) for name in names}
    else:
        columns = {name: _kind(row[name] for row in rows) for name in answers}
    if metric in PROBABILITIES:
        columns = dict.fromkeys(columns, ColumnType.NUMBER.value)
    return columns


def _sample(
    draft: Draft, rows: list[dict[str, str]], id_column: str, columns: Mapping[str, str]
) -> str:
    """The host's own, or one with the same answer everywhere, which tells nothing."""
    given = draft.source / SAMPLE
    if given.is_file():
        return draft.written(SAMPLE, given.read_text(encoding="utf-8-sig"))
    draft.note(Weight.CARRIED, "sample_made")
    empty = {ColumnType.TEXT.value: "?", ColumnType.NUMBER.value: "0.5"}
    lines = [",".join([id_column, *columns])]
    answer = [empty.get(kind, "0") for kind in columns.values()]
    lines += [
        ",".join([f'"{row[id_column]}"' if "," in row[id_column] else row[id_column], *answer])
        for row in rows
    ]
    return draft.written(SAMPLE, "\n".join(lines) + "\n")


def _id_type(values: Iterable[str]) -> str:
    is_integer = _kind(values) == ColumnType.INTEGER.value
    return (ColumnType.INTEGER if is_integer else ColumnType.TEXT).value


def _kind(values: Iterable[str]) -> str:
    """The narrowest type that all the values have."""
    kind = ColumnType.INTEGER
    for value in values:
        if kind is ColumnType.INTEGER and not _is(int, value):
            kind = ColumnType.NUMBER
        if kind is ColumnType.NUMBER and not _is(float, value):
            return ColumnType.TEXT.value
    return kind.value


def _is(type_: type[int] | type[float], value: str) -> bool:
    try:
        type_(value)
    except ValueError:
        return False
    return True
