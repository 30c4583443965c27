"""The paired comparison against the engine's own, and the groups that it makes of a ranking."""

from __future__ import annotations

import math
from array import array

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scored import around, packed

from agon.submissions.comparison import (
    Replicated,
    conditions,
    difference,
    groups_of_ties,
    quantile,
    vector,
)
from scoring.intervals import compare

numbers = st.floats(-1e6, 1e6)
SIGNATURE = "accuracy|{}|public|rows:5|solution:0a1b|submission:beef|seed:7|agon:0.1.0"


def replicated(values, signature=SIGNATURE):
    return None if values is None else Replicated(signature, array("d", values))


def test_stored_replicates_come_back_as_they_were():
    values = [0.0, -1.5, 1e-300, math.pi]
    assert vector(packed(values)).tolist() == values
    assert vector(memoryview(packed(values))).tolist() == values


@given(st.lists(numbers, min_size=1, max_size=60), st.floats(0, 1))
def test_a_quantile_is_numpys(values, share):
    expected = np.quantile(values, share, method="weibull")
    assert quantile(sorted(values), share) == pytest.approx(expected, rel=1e-9, abs=1e-9)


@given(st.lists(st.tuples(numbers, numbers), min_size=1, max_size=60))
def test_a_difference_is_what_the_engine_makes_of_it(pairs):
    first, second = (np.array(side) for side in zip(*pairs, strict=True))
    found, expected = difference(first.tolist(), second.tolist()), compare(first, second)
    assert found.low == pytest.approx(expected.low, rel=1e-9, abs=1e-9)
    assert found.high == pytest.approx(expected.high, rel=1e-9, abs=1e-9)
    assert found.above == np.mean(first > second)
    assert found.below == np.mean(first < second)
    assert found.above + (1 - found.above - found.below) / 2 == pytest.approx(expected.share_above)


@given(st.lists(st.tuples(numbers, numbers), min_size=1, max_size=60))
def test_turned_round_it_is_the_same_with_the_other_sign(pairs):
    first, second = zip(*pairs, strict=True)
    there, back = difference(first, second), difference(second, first)
    assert there.low == pytest.approx(-back.high, rel=1e-9, abs=1e-9)
    assert (there.above, there.below) == (back.below, back.above)


def test_what_luck_gives_to_both_does_not_hide_a_difference():
    better, worse = around(0.81, luck=0.05, seed=1), around(0.80, luck=0.05, seed=2)
    found = difference(better, worse)
    assert not found.may_be_chance
    assert found.above == 1.0
    unpaired = difference(better, sorted(worse))
    assert unpaired.may_be_chance


def test_two_equal_vectors_are_a_tie():
    found = difference(around(0.5), around(0.5))
    assert found.may_be_chance
    assert (found.low, found.high, found.above, found.below) == (0, 0, 0, 0)


def test_replicates_without_a_value_are_left_out_and_too_many_of_them_are_no_comparison():
    first = [1.0] * 95 + [math.nan] * 5
    assert difference(first, [0.0] * 100).low == 1.0
    assert difference([1.0] * 94 + [math.nan] * 6, [0.0] * 100) is None
    assert compare(np.array([1.0] * 94 + [math.nan] * 6), np.zeros(100)) is None
    assert difference([], []) is None


def test_the_submission_and_the_engine_may_differ_and_nothing_else():
    assert conditions(SIGNATURE) == conditions(
        SIGNATURE.replace("beef", "f00d").replace("0.1.0", "0.2.0")
    )
    for other in ("solution:ffff", "seed:8", "rows:6"):
        key = other.split(":")[0]
        changed = "|".join(other if part.startswith(key) else part for part in SIGNATURE.split("|"))
        assert conditions(SIGNATURE) != conditions(changed)
    assert conditions(SIGNATURE) != conditions(SIGNATURE.replace("{}", '{"k":5}'))


def test_groups_begin_anew_where_one_differs_from_the_first_of_its_group():
    ranked = [around(value, seed=number) for number, value in enumerate([0.9, 0.899, 0.8, 0.799])]
    assert groups_of_ties([replicated(values) for values in ranked]) == [range(2), range(2, 4)]


def test_a_group_is_measured_from_its_first_entry_not_from_neighbour_to_neighbour():
    """Each step down is too small to see, and the whole way down is not."""
    values = [0.9 - 0.0012 * number for number in range(6)]
    ranked = [around(value, own=0.001, seed=number) for number, value in enumerate(values)]
    groups = groups_of_ties([replicated(values) for values in ranked])
    assert len(groups) > 1
    assert groups[0].start == 0 and len(groups[0]) < 6


def test_one_without_replicates_is_in_no_group_and_ends_the_one_before():
    same = around(0.5)
    ranked = [replicated(values) for values in (same, same, None, same, same, same)]
    assert groups_of_ties(ranked) == [range(2), range(3, 6)]


def test_scores_of_another_solution_or_length_end_a_group():
    same = around(0.5)
    other = replicated(same, SIGNATURE.replace("0a1b", "ffff"))
    assert groups_of_ties([replicated(same), replicated(same), other, other]) == [
        range(2),
        range(2, 4),
    ]
    assert groups_of_ties([replicated(same), replicated(same[:512])]) == []


def test_a_ranking_of_one_or_none_has_no_groups():
    assert groups_of_ties([]) == []
    assert groups_of_ties([replicated(around(0.5))]) == []
