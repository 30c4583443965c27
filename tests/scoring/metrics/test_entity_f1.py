"""Entities and their F1 against seqeval."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from seqeval.metrics import f1_score
from seqeval.metrics.sequence_labeling import get_entities

from scoring.metrics.entity_f1 import METRIC, entities_of, entity_f1
from scoring.metrics.shapes import UnfitTexts

TAGS = ["O", *(f"{letter}-{kind}" for letter in "BIES" for kind in ("PER", "LOC", "X-Y", "O"))]
sentences = st.lists(st.sampled_from(TAGS), max_size=8)
pairs = st.integers(0, 8).flatmap(
    lambda size: st.tuples(*[st.lists(st.sampled_from(TAGS), min_size=size, max_size=size)] * 2)
)


@settings(max_examples=500, deadline=None)
@given(sentences)
def test_entities_are_those_of_seqeval(tags):
    expected = {(kind, start, last + 1) for kind, start, last in get_entities(tags)}
    assert entities_of(tags) == expected


@pytest.mark.parametrize("average", ["micro", "macro", "weighted"])
@settings(max_examples=200, deadline=None)
@given(st.lists(pairs, min_size=1, max_size=6))
def test_it_is_seqevals_score(average, rows):
    truth, answers = ([list(tags) for tags in side] for side in zip(*rows, strict=True))
    value = entity_f1(
        [" ".join(tags) for tags in truth], [" ".join(tags) for tags in answers], average=average
    )
    if not any(entities_of(tags) for tags in truth + answers):
        assert np.isnan(value)
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = f1_score(truth, answers, average=average)
    assert value == pytest.approx(expected, rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("text", ["", "O", " O  B-PER\tI-PER ", "S-a-b E-ü"])
def test_tags_are_read(text):
    assert METRIC.check([text]) == []


@pytest.mark.parametrize("text", ["o", "PER", "B-", "B", "X-PER", "B-PER,O", "O O-PER", "OO"])
def test_what_is_no_tag_is_found(text):
    (fault,) = METRIC.check(["O", text])
    assert fault.row == 1


@pytest.mark.parametrize("average", ["macro", "weighted"])
def test_a_thousand_types_are_enough_where_each_is_counted(average):
    tags = [f"B-{number}" for number in range(1_000)]
    assert METRIC.check(["O", *tags, "S-7"], average=average) == []
    faults = METRIC.check([*tags, "O S-new", "B-7", "I-other"], average=average)
    assert [fault.row for fault in faults] == [1_000, 1_002]
    assert "more than 1,000" in faults[0].reason
    assert METRIC.check_truth([" ".join([*tags, "B-new"])], average=average)
    assert METRIC.check([*tags, "B-new"], average="micro") == []


def test_a_long_text_that_is_no_tags_is_refused_at_once():
    assert len(METRIC.check(["B-" + "B-" * 500_000 + " x"])) == 1


def test_other_numbers_of_tags_are_named_by_row():
    with pytest.raises(UnfitTexts) as refused:
        entity_f1(["O O", "B-PER", "O"], ["O O", "O O", ""])
    assert [fault.row for fault in refused.value.faults] == [1, 2]


def test_no_rows_and_other_numbers_of_rows_are_refused():
    for truth, answers in (([], []), (["O"], []), (["O"], ["O", "O"])):
        with pytest.raises(ValueError, match="expected"):
            entity_f1(truth, answers)
