"""One column a class: the class of the largest value is the answer."""

import numpy as np
import polars as pl
import pytest
from scoring_files import scored, solution_of

from scoring.contract import Layout, Limits, MetricSpec
from scoring.errors import BrokenCompetition, InvalidSubmission
from scoring.largest import ROWS_AT_ONCE, numbers_of_largest
from scoring.pipeline import score_files
from scoring.solutions import load_solution, store_solution

NAMES = ("bird", "cat", "dog")
PETS = Layout(id_column="id", columns=dict.fromkeys(NAMES, "number"))
SOLUTION = b"id,label,Usage\n1,dog,Public\n2,cat,Public\n3,bird,Public\n4,cat,Private\n"
ANSWERS = b"id,bird,cat,dog\n1,0,1,2.5\n2,-3,-1,-2\n3,0,7,0.5\n4,.5,.5,0\n"


def of_pets(name, **parameters):
    parameters.setdefault("labels", list(NAMES))
    return MetricSpec(name=name, target="label", prediction=NAMES, parameters=parameters)


def scores_of(folder, content, *metrics, **kwargs):
    return scored(folder, content, layout=PETS, metrics=metrics, solution=SOLUTION, **kwargs)


@pytest.mark.parametrize("rows", [1, ROWS_AT_ONCE, 2 * ROWS_AT_ONCE + 3])
def test_the_first_of_the_largest_is_taken_wherever_the_columns_lie(rows):
    table = np.random.default_rng(1).integers(-3, 3, (rows, 4)).astype(np.float64)
    expected = table.argmax(axis=1).tolist()
    assert numbers_of_largest(list(np.ascontiguousarray(table.T))) == pytest.approx(expected)
    assert numbers_of_largest(list(table.T)) == pytest.approx(expected)
    assert numbers_of_largest([column.copy() for column in table.T]) == pytest.approx(expected)


def test_the_class_of_the_largest_is_scored(tmp_path):
    accuracy, recall = of_pets("accuracy"), of_pets("recall", positive="bird")
    assert scores_of(tmp_path, ANSWERS, accuracy, recall) == {
        ("accuracy", "public"): 2 / 3,
        ("accuracy", "private"): 0.0,  # of equal ones the first counts
        ("recall", "public"): 0.0,
        ("recall", "private"): 0.0,
    }


def test_it_scores_as_the_labels_themselves_do(tmp_path):
    random = np.random.default_rng(4)
    truth = random.integers(0, 3, 500)
    values = random.random((500, 3)) + np.eye(3)[truth] * 0.4
    usage = np.where(random.random(500) < 0.3, "Public", "Private").tolist()
    ids = np.arange(500)
    solution = pl.DataFrame({"id": ids, "label": truth, "Usage": usage}).write_csv().encode()
    wide = pl.DataFrame({"id": ids, **dict(zip(NAMES, values.T, strict=True))})
    wide = wide.sample(fraction=1, shuffle=True, seed=1)
    narrow = pl.DataFrame({"id": ids, "label": values.argmax(axis=1)})
    names = ("accuracy", "macro_f1", "cohen_kappa", "matthews_correlation", "balanced_accuracy")
    several = tuple(MetricSpec(name=name, target="label", prediction=NAMES) for name in names)
    one = tuple(MetricSpec(name=name, target="label", prediction=("label",)) for name in names)
    label = Layout(id_column="id", columns={"label": "integer"})
    found = scored(
        tmp_path, wide.write_csv().encode(), solution=solution, layout=PETS, metrics=several
    )
    assert found == scored(
        tmp_path, narrow.write_csv().encode(), solution=solution, layout=label, metrics=one
    )


def test_other_labels_for_the_same_columns_are_other_answers(tmp_path):
    turned = of_pets("macro_f1", labels=["dog", "bird", "cat"])
    alone = scores_of(tmp_path, ANSWERS, turned)
    together = scores_of(tmp_path, ANSWERS, of_pets("accuracy"), turned)
    assert {key: together[key] for key in alone} == alone
    assert alone["macro_f1", "public"] == pytest.approx(2 / 9)  # the bird alone is right


def test_a_class_that_no_row_has_is_no_fault(tmp_path):
    solution = SOLUTION.replace(b"bird", b"cat")
    accuracy = of_pets("accuracy")
    scores = scored(tmp_path, ANSWERS, layout=PETS, metrics=(accuracy,), solution=solution)
    assert scores["accuracy", "public"] == 1.0


def test_a_label_that_no_column_stands_for_is_the_hosts_fault(tmp_path):
    solution = SOLUTION.replace(b"4,cat", b"4,wolf")
    with pytest.raises(BrokenCompetition, match="not among the metric's labels"):
        solution_of(tmp_path, solution, layout=PETS, metrics=(of_pets("accuracy"),))


def test_a_value_that_is_no_number_is_refused(tmp_path):
    for spoilt in (b"nan", b"inf", b"dog", b""):
        with pytest.raises(InvalidSubmission):
            scores_of(tmp_path, ANSWERS.replace(b"2.5", spoilt), of_pets("accuracy"))


def test_the_line_that_made_the_score_says_so_and_survives_the_cache(tmp_path):
    (tmp_path / "mine.csv").write_bytes(ANSWERS)
    metrics = (of_pets("accuracy"), of_pets("log_loss"))
    content = ANSWERS.replace(b"2,-3,-1,-2", b"2,0,1,0").replace(b"2.5", b"1").replace(b"7", b"1")
    (tmp_path / "mine.csv").write_bytes(content)
    solution = solution_of(tmp_path, SOLUTION, layout=PETS, metrics=metrics)
    store_solution(solution, tmp_path / "kept.npz")
    loaded = load_solution(tmp_path / "kept.npz", sha256=solution.sha256, metrics=2)
    lines = [
        [
            (score.value, score.low, score.signature)
            for score in score_files(
                tmp_path / "mine.csv",
                "mine.csv",
                one,
                layout=PETS,
                metrics=metrics,
                limits=Limits(),
            )
        ]
        for one in (solution, loaded)
    ]
    assert lines[0] == lines[1]
    assert ["|largest-of:3|" in line for _, _, line in lines[0]] == [True, True, False, False]
