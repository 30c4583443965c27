"""Solutions: checked when read, kept as arrays, and never a damaged one."""

import pickle

import numpy as np
import pytest
from scoring_files import ACCURACY, LAYOUT, SOLUTION, TEXT_SOLUTION, TEXTS, sha256_of, solution_of

from scoring.contract import Layout, MetricSpec
from scoring.errors import BrokenCompetition
from scoring.solutions import cache_name, load_solution, store_solution

BAD = [
    (SOLUTION.replace(b"private", b"secret"), "solution_usage"),
    (SOLUTION.replace(b"2,8", b"1,8"), "solution_duplicates"),
    (SOLUTION.replace(b"2,8", b"2,"), "solution_values"),
    (SOLUTION.replace(b"2,8", b"2,nan"), "solution_values"),
    (SOLUTION.replace(b"2,8", b"2,cat"), "solution_values"),
    (SOLUTION.replace(b"Usage", b"Use"), "solution_column"),
    (SOLUTION.replace(b"label", b"truth"), "solution_column"),
    (b"id,label,Usage\n1,1,Ignored\n", "solution_rows"),
    (b"", "solution_unreadable"),
    (b"id,label,Usage\n", "solution_unreadable"),
]


@pytest.mark.parametrize(("content", "code"), BAD)
def test_a_bad_solution_is_the_hosts_fault_and_shows_no_value(tmp_path, content, code):
    with pytest.raises(BrokenCompetition) as caught:
        solution_of(tmp_path, content)
    assert [problem.code for problem in caught.value.problems] == [code]
    assert not any(problem.examples for problem in caught.value.problems)


def test_a_truth_that_is_no_class_is_the_hosts_fault(tmp_path):
    layout = Layout(id_column="id", columns={"p": "number"})
    metrics = (MetricSpec(name="log_loss", target="label", prediction=("p",)),)
    with pytest.raises(BrokenCompetition, match="not among the metric's labels"):
        solution_of(tmp_path, layout=layout, metrics=metrics)


@pytest.mark.parametrize(("content", "layout"), [(SOLUTION, LAYOUT), (TEXT_SOLUTION, TEXTS)])
def test_it_comes_out_of_the_cache_as_it_went_in(tmp_path, content, layout):
    solution = solution_of(tmp_path, content, layout=layout)
    store_solution(solution, tmp_path / "cache/s.npz")
    loaded = load_solution(tmp_path / "cache/s.npz", sha256=sha256_of(content), metrics=1)
    assert list(loaded.truths[0].classes) == list(solution.truths[0].classes)
    assert list(loaded.ids) == list(solution.ids)
    np.testing.assert_array_equal(loaded.truths[0].truth, solution.truths[0].truth)
    for split, rows in solution.splits.items():
        np.testing.assert_array_equal(loaded.splits[split], rows)
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["s.npz"]


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "pickle", "other"])
def test_a_damaged_cache_is_noticed(tmp_path, damage):
    path = tmp_path / "s.npz"
    store_solution(solution_of(tmp_path), path)
    content = bytearray(path.read_bytes())
    match damage:
        case "cut":
            path.write_bytes(content[: len(content) // 2])
        case "flipped":
            content[content.index(b"0:truth.npy") + 150] ^= 1
            path.write_bytes(content)
        case "empty":
            path.write_bytes(b"")
        case "pickle":
            path.write_bytes(pickle.dumps({"ids": [1]}))
        case "other":
            pass
    sha256 = "f" * 64 if damage == "other" else sha256_of(SOLUTION)
    assert load_solution(path, sha256=sha256, metrics=1) is None


def test_an_absent_one_is_none(tmp_path):
    assert load_solution(tmp_path / "s.npz", sha256="0" * 64, metrics=1) is None


def test_the_cache_name_changes_with_what_is_prepared():
    names = {
        cache_name("a", LAYOUT, ACCURACY),
        cache_name("b", LAYOUT, ACCURACY),
        cache_name("a", TEXTS, ACCURACY),
        cache_name("a", LAYOUT, ACCURACY * 2),
    }
    assert len(names) == 4


def test_a_binary_average_over_three_labels_is_the_hosts_fault(tmp_path):
    metrics = (MetricSpec(name="f_beta", target="label", prediction=("label",)),)
    with pytest.raises(BrokenCompetition, match="3 labels, so name `positive`"):
        solution_of(tmp_path, metrics=metrics)
