"""Metrics in the style in which hosts write them for Kaggle."""

from __future__ import annotations

import numpy as np
import pytest

SOLUTION = b"id,target,Usage\n1,1.0,Public\n2,2.0,Public\n3,4.0,Private\n4,8.0,Private\n"
SUBMISSION = b"id,prediction\n1,1.0\n2,3.0\n3,4.0\n4,10.0\n"

WEIGHTED_ERROR = '''
"""Mean absolute error where large targets count more."""
import pandas as pd
import pandas.api.types


class ParticipantVisibleError(Exception):
    pass


def score(solution: pd.DataFrame, submission: pd.DataFrame, row_id_column_name: str) -> float:
    """
    >>> import pandas as pd
    """
    del solution[row_id_column_name]
    del submission[row_id_column_name]
    if not pandas.api.types.is_numeric_dtype(submission["prediction"]):
        raise ParticipantVisibleError("Submission column prediction must be a number")
    if (submission["prediction"] < 0).any():
        raise ParticipantVisibleError("Predictions must not be\\nnegative" + "!" * 1000)
    error = (solution["target"] - submission["prediction"]).abs()
    return float((error * solution["target"]).sum() / solution["target"].sum())
'''


@pytest.fixture
def ask(run_bare):
    def asked(metric, solution=SOLUTION, submission=SUBMISSION, splits=None):
        files = {
            "metric.py": metric.encode(),
            "solution.csv": solution,
            "submission.csv": submission,
        }
        splits = splits or {"public": [0, 1], "private": [2, 3]}
        return run_bare("metric", files, {"row_id_column_name": "id", "splits": splits})

    return asked


def returning(value: str) -> str:
    return f"import numpy as np\ndef score(solution, submission, row_id_column_name):\n    return {value}\n"


def test_a_score_comes_back_for_each_split(ask):
    said = ask(WEIGHTED_ERROR)
    assert said.fault is None, said.errors
    assert said.arrays["scores"].dtype == np.float64
    assert said.arrays["scores"].tolist() == [2 / 3, 16 / 12]


def test_a_split_may_be_all_rows(ask):
    said = ask(WEIGHTED_ERROR, splits={"public": None})
    assert said.arrays["scores"].tolist() == [18 / 15]


def test_numbers_are_read_to_the_last_bit(ask):
    value = 0.1 + 0.2
    said = ask(
        returning("submission['prediction'][0]"),
        submission=f"id,prediction\n1,{value!r}\n".encode(),
        splits={"public": None},
    )
    assert said.arrays["scores"].tolist() == [value]


def test_a_metric_may_change_its_tables_without_harming_the_next_split(ask):
    spoiling = "def score(solution, submission, row_id_column_name):\n    submission.loc[:] = 5\n    solution.loc[:, 'target'] *= 2\n    return solution['target'].sum()\n"
    assert ask(spoiling).arrays["scores"].tolist() == [6.0, 24.0]


@pytest.mark.parametrize("value", ["1", "np.float32(1)", "np.array(1.0)", "np.int64(1)"])
def test_any_finite_number_is_a_score(ask, value):
    assert ask(returning(value)).arrays["scores"].tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    "value", ["None", "'0.5'", "True", "float('nan')", "-np.inf", "np.ones(2)", "1 + 0j", "[1.0]"]
)
def test_anything_else_is_the_hosts_fault(ask, value):
    code, params = ask(returning(value)).fault
    assert code == "metric_result" and params["found"]


def test_what_participants_should_read_reaches_them_in_one_short_line(ask):
    said = ask(WEIGHTED_ERROR, submission=SUBMISSION.replace(b"2,3.0", b"2,-3"))
    code, params = said.fault
    assert code == "metric_refused"
    assert params["reason"].startswith("Predictions must not be negative!")
    assert len(params["reason"]) == 500
    assert not said.arrays


def test_any_other_exception_goes_to_the_host_with_its_line(ask):
    said = ask(
        "def score(solution, submission, row_id_column_name):\n    return solution['nothing']\n"
    )
    assert said.fault == ("metric_failed", {"reason": "line 2: KeyError: 'nothing'"})


@pytest.mark.parametrize(
    ("metric", "code"),
    [
        ("def score(:", "metric_failed"),
        ("import nothing_like_this", "metric_failed"),
        ("raise SystemExit(0)", "metric_failed"),
        ("metric = 1", "metric_without_score"),
    ],
)
def test_a_file_that_is_no_metric_is_the_hosts_fault(ask, metric, code):
    assert ask(metric).fault[0] == code


RANKED = '''
"""How well a ranking puts the relevant items of each query first (mean reciprocal rank)."""
import pandas as pd


class ParticipantVisibleError(Exception):
    """Shown to participants."""


def score(solution: pd.DataFrame, submission: pd.DataFrame, row_id_column_name: str) -> float:
    merged = solution.merge(submission, on=row_id_column_name, how="left", validate="1:1")
    if merged["score"].isna().any():
        raise ParticipantVisibleError("Every item needs a score.")
    ranks = merged.groupby("query")["score"].rank(ascending=False, method="first")
    best = ranks[merged["relevant"] == 1].groupby(merged["query"]).min()
    return (1 / best).mean()
'''


def test_a_metric_that_joins_and_groups(ask):
    solution = b"id,query,relevant\na,1,0\nb,1,1\nc,2,1\nd,2,0\n"
    submission = b"id,score\na,0.9\nb,0.8\nc,0.7\nd,0.1\n"
    said = ask(RANKED, solution, submission, {"public": None})
    assert said.arrays["scores"].tolist() == [0.75]
    missing = submission.replace(b"0.7", b"")
    assert ask(RANKED, solution, missing, {"public": None}).fault == (
        "metric_refused",
        {"reason": "Every item needs a score."},
    )


STRICT = """
import numpy as np
from sklearn.metrics import f1_score


class HostVisibleError(Exception):
    pass


class ParticipantVisibleError(Exception):
    pass


class WrongLabel(ParticipantVisibleError):
    pass


def score(solution, submission, row_id_column_name: str, average: str = "macro") -> float:
    known = set(solution["label"])
    unknown = sorted(set(submission["label"]) - known)
    if unknown:
        raise WrongLabel(f"Unknown labels: {', '.join(unknown)}")
    if len(known) < 2:
        raise HostVisibleError("a split has one class only")
    return f1_score(solution["label"], submission["label"], average=average)
"""


def test_a_metric_with_exceptions_and_options_of_its_own(ask):
    solution = b"id,label\n1,cat\n2,dog\n3,cat\n4,cat\n"
    assert ask(STRICT, solution, solution, {"public": None}).arrays["scores"].tolist() == [1.0]
    wrong = solution.replace(b"2,dog", b"2,cow")
    assert ask(STRICT, solution, wrong, {"public": None}).fault == (
        "metric_refused",
        {"reason": "Unknown labels: cow"},
    )
    assert ask(STRICT, solution, solution).fault[1] == {
        "reason": "line 24: HostVisibleError: a split has one class only"
    }
