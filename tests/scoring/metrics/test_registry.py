"""What every metric in the registry must do, whatever its family."""

import doctest
import importlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scoring_files import sha256_of

from scoring.bootstrap import weights_of
from scoring.contract import Layout, Limits, MetricSpec, Split
from scoring.evaluation import Evaluator
from scoring.metrics.descriptions import METRICS, Answer, ParameterType
from scoring.metrics.functions import load
from scoring.metrics.shapes import ConfusionMetric, TallyMetric
from scoring.pipeline import score_files
from scoring.solutions import prepare_solution
from tests.scoring.metrics.cases import reordered

FOLDER = Path(__file__).parent
BUILDERS = {
    name: builder
    for path in sorted(FOLDER.glob("cases_*.py"))
    for name, builder in importlib.import_module(
        f"tests.scoring.metrics.{path.stem}"
    ).BUILDERS.items()
}
# A metric without a builder has its cases missing, not its tests skipped: the first test says so.
every_metric = pytest.mark.parametrize("name", sorted(METRICS))
seeds = st.integers(0, 2**32 - 1)
sizes = st.integers(5, 40)
REPLICATES = 24


def known_classes(case):
    return int(case.truth.max()) + 1


def value_of(name, case, answers=None, order=None):
    """The score of a case, of other answers, or of some of its rows in some order."""
    metric = load(name)
    truth, answers = case.truth, case.prediction if answers is None else answers
    extra = {}
    if isinstance(metric, TallyMetric | ConfusionMetric):
        extra["known"] = known_classes(case)
    if order is not None:
        truth, answers = reordered(truth, order), reordered(answers, order)
    return metric.value(truth, answers, **case.parameters, **extra)


def given_options(name):
    """The described options that the function is given."""
    description = METRICS[name]
    hidden = {
        Answer.LABEL: {ParameterType.LABELS},
        Answer.PROBABILITIES: {ParameterType.LABELS},
        Answer.SCORE: {ParameterType.LABEL},
    }.get(description.answer, set())
    return {key for key, one in description.parameters.items() if one.type not in hidden}


def test_every_metric_has_its_builder_and_every_builder_its_metric():
    assert set(BUILDERS) == set(METRICS)


@every_metric
def test_a_case_gives_every_option_that_is_described(name):
    assert set(BUILDERS[name](np.random.default_rng(0), 9).parameters) == given_options(name)


@every_metric
@settings(max_examples=20, deadline=None)
@given(rows=sizes, seed=seeds)
def test_the_order_of_rows_does_not_matter(name, rows, seed):
    random = np.random.default_rng(seed)
    case = BUILDERS[name](random, rows)
    value = value_of(name, case, order=random.permutation(rows))
    assert value == pytest.approx(value_of(name, case), rel=1e-9, abs=1e-12, nan_ok=True)


@every_metric
@settings(max_examples=20, deadline=None)
@given(rows=sizes, seed=seeds)
def test_the_same_rows_give_the_same_bits(name, rows, seed):
    case = BUILDERS[name](np.random.default_rng(seed), rows)
    first, second = value_of(name, case), value_of(name, case)
    assert np.float64(first).tobytes() == np.float64(second).tobytes()


@every_metric
@settings(max_examples=20, deadline=None)
@given(rows=sizes, seed=seeds)
def test_a_perfect_file_reaches_the_best_value_and_no_other_is_better(name, rows, seed):
    description = METRICS[name]
    case = BUILDERS[name](np.random.default_rng(seed), rows)
    best, other = value_of(name, case, case.perfect), value_of(name, case)
    assert best == pytest.approx(description.best, rel=1e-9, abs=1e-9)
    if not np.isnan(other):
        margin = 1e-9 * abs(description.best) + 1e-9
        gain = other - best if description.higher_is_better else best - other
        assert gain <= margin


@every_metric
def test_random_answers_are_worse_than_perfect_ones(name):
    case = BUILDERS[name](np.random.default_rng(0), 200)
    best, other = value_of(name, case, case.perfect), value_of(name, case)
    assert (other < best) if METRICS[name].higher_is_better else (other > best)


@every_metric
@settings(max_examples=20, deadline=None)
@given(rows=sizes, seed=seeds)
def test_values_stay_within_their_bounds(name, rows, seed):
    description = METRICS[name]
    case = BUILDERS[name](np.random.default_rng(seed), rows)
    for value in (value_of(name, case), value_of(name, case, case.perfect)):
        # The last digit may be rounded, as sacreBLEU's own 100 is.
        hair = 1e-12 * abs(value)
        assert description.lower is None or not value < description.lower - hair
        assert description.upper is None or not value > description.upper + hair


@every_metric
@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_numbers_that_are_not_finite_are_refused_or_impossible(name, wrong):
    case = BUILDERS[name](np.random.default_rng(1), 9)
    is_number = isinstance(case.prediction, np.ndarray) and case.prediction.dtype.kind == "f"
    assert is_number == (METRICS[name].answer not in {Answer.LABEL, Answer.TEXT, Answer.SEQUENCE})
    if is_number:
        broken = case.prediction.copy()
        broken[3] = wrong
        with pytest.raises(ValueError):
            value_of(name, case, broken)


@every_metric
def test_no_rows_and_other_numbers_of_rows_are_refused(name):
    case = BUILDERS[name](np.random.default_rng(1), 6)
    none, five = np.arange(0), np.arange(5)
    for truth, answers in (
        (reordered(case.truth, none), reordered(case.prediction, none)),
        (reordered(case.truth, five), case.prediction),
        (case.truth, reordered(case.prediction, five)),
    ):
        with pytest.raises(ValueError):
            load(name).value(truth, answers, **case.parameters)


@every_metric
def test_each_replicate_is_the_score_of_repeated_rows(name):
    random = np.random.default_rng(12)
    case = BUILDERS[name](random, 60)
    known = known_classes(case) if METRICS[name].answer is Answer.LABEL else 0
    usage = random.permutation(np.repeat([0, 1, 2], [35, 20, 5])).astype(np.int8)
    splits = {Split.PUBLIC: np.flatnonzero(usage == 0), Split.PRIVATE: np.flatnonzero(usage == 1)}
    metric = load(name)
    truth, prepare = case.truth, getattr(metric, "prepare", None)
    if prepare is not None:
        truth = prepare(truth, **case.parameters)
    found = Evaluator(usage, splits, 5, REPLICATES).evaluate(
        metric, truth, case.prediction, parameters=case.parameters, known=known
    )
    for split, rows in splits.items():
        value = value_of(name, case, order=rows)
        assert found[split].value == pytest.approx(value, rel=1e-9, abs=1e-12, nan_ok=True)
        assert found[split].replicates is not None
        drawn = weights_of(rows, seed=5, count=REPLICATES)
        for replicate, weights in zip(found[split].replicates, drawn, strict=True):
            expected = value_of(name, case, order=np.repeat(rows, weights))
            # Values are rounded to 2^-24 of their range on the way.
            assert replicate == pytest.approx(expected, rel=1e-5, abs=1e-5, nan_ok=True)


def label_type(texts):
    return "integer" if all(text.lstrip("-").isdigit() for text in texts) else "text"


def column_type(answer, texts):
    match answer:
        case Answer.LABEL:
            return label_type(texts)
        case Answer.TEXT | Answer.SEQUENCE:
            return str(answer)
    return "number"


@every_metric
def test_its_example_scores_what_it_says(name, tmp_path):
    description = METRICS[name]
    example = description.example
    solution, submission = tmp_path / "solution.csv", tmp_path / "submission.csv"
    solution.write_text(example.solution)
    submission.write_text(example.submission)
    rows = [line.partition(",") for line in example.submission.splitlines()[1:]]
    kind = column_type(description.answer, [text for _, _, text in rows])
    layout = Layout(
        id_column="id",
        id_type=label_type([row_id for row_id, _, _ in rows]),
        columns=dict.fromkeys(example.prediction, kind),
    )
    spec = MetricSpec(
        name=name,
        target=example.target,
        prediction=example.prediction,
        parameters=dict(example.parameters),
    )
    prepared = prepare_solution(
        solution,
        name=solution.name,
        sha256=sha256_of(solution.read_bytes()),
        layout=layout,
        metrics=(spec,),
        all_public=True,
    )
    scores = score_files(
        submission, submission.name, prepared, layout=layout, metrics=(spec,), limits=Limits()
    )
    assert [score.value for score in scores] == [pytest.approx(example.value, rel=1e-12)]


@every_metric
def test_its_options_have_defaults_that_may_be_given(name):
    for option in METRICS[name].parameters.values():
        if option.default is not None:
            assert option.fault(option.default) == ""


@every_metric
def test_the_example_in_its_docstring_runs(name):
    result = doctest.testmod(importlib.import_module(f"scoring.metrics.{name}"))
    assert result.attempted > 0
    assert result.failed == 0
