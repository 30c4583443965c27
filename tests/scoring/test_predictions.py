"""A model's output becomes the columns of a predictions file, to the last bit."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from scoring.contract import (
    ColumnType,
    Layout,
    ModelFormat,
    ModelInterface,
    OutputMeaning,
    TensorSpec,
)
from scoring.errors import BrokenCompetition, InvalidSubmission
from scoring.predictions import check_output, predictions_csv, softmax

LABEL = Layout(id_column="id", columns={"label": ColumnType.INTEGER})
PROBABILITIES = Layout(id_column="id", columns={"cat": ColumnType.NUMBER, "dog": ColumnType.NUMBER})


def interface(meaning, shape=(2,), dtype="float32", labels=()):
    return ModelInterface(
        formats=(ModelFormat.ONNX,),
        inputs=(TensorSpec(name="x"),),
        output=TensorSpec(name="y", shape=shape, dtype=dtype),
        meaning=meaning,
        labels=labels,
    )


def rows_of(content):
    return list(csv.reader(io.StringIO(content.decode())))


def test_the_highest_class_score_names_the_label():
    output = np.float32([[0.1, 0.9], [3, -1]])
    scores = interface(OutputMeaning.CLASS_SCORES)
    content = predictions_csv(output, scores, np.array([7, 8]), LABEL)
    assert content == b"id,label\n7,1\n8,0\n"
    texts = Layout(id_column="id", id_type=ColumnType.TEXT, columns={"label": ColumnType.TEXT})
    named = interface(OutputMeaning.CLASS_SCORES, labels=("cat, wild", 'dog "Rex"'))
    content = predictions_csv(output, named, np.array(["a,b", "c\nd"]), texts)
    assert rows_of(content) == [["id", "label"], ["a,b", 'dog "Rex"'], ["c\nd", "cat, wild"]]


def test_logits_become_probabilities_in_double_precision():
    output = np.float32([[1000, 1000], [0, np.log(np.float32(3))]])
    content = predictions_csv(output, interface(OutputMeaning.LOGITS), np.arange(2), PROBABILITIES)
    header, first, second = rows_of(content)
    assert header == ["id", "cat", "dog"]
    assert first == ["0", "0.5", "0.5"]
    assert [float(value) for value in second[1:]] == pytest.approx([0.25, 0.75], abs=1e-7)


@given(arrays.arrays(np.float32, (3, 2), elements=st.floats(-(2.0**100), 2.0**100, width=32)))
def test_softmax_is_a_distribution_whatever_the_logits(logits):
    probabilities = softmax(logits)
    assert (probabilities >= 0).all()
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-12)


@given(arrays.arrays(np.float64, (3, 2), elements=st.floats(allow_nan=False, allow_infinity=False)))
def test_values_are_written_exactly(output):
    values = interface(OutputMeaning.VALUES, dtype="float64")
    content = predictions_csv(output, values, np.arange(3), PROBABILITIES)
    read = np.array([[float(value) for value in row[1:]] for row in rows_of(content)[1:]])
    assert (read == output).all()


def test_single_precision_keeps_its_exact_value():
    one = Layout(id_column="id", columns={"y": ColumnType.NUMBER})
    content = predictions_csv(
        np.float32([0.1]), interface(OutputMeaning.VALUES, ()), np.arange(1), one
    )
    assert float(rows_of(content)[1][1]) == float(np.float32(0.1))


@pytest.mark.parametrize(
    ("output", "written"),
    [
        (np.int64([3, 2**62]), ["3", str(2**62)]),
        (np.array([True, False]), ["1", "0"]),
        (np.float32([3, 2]), ["3", "2"]),
        (np.float32([3, 2.5]), ["3.0", "2.5"]),  # which the reader then refuses, with its rows
    ],
)
def test_whole_numbers_are_written_as_such(output, written):
    content = predictions_csv(output, interface(OutputMeaning.VALUES, ()), np.arange(2), LABEL)
    assert [row[1] for row in rows_of(content)[1:]] == written


@pytest.mark.parametrize(
    ("meaning", "output", "layout"),
    [
        (OutputMeaning.LOGITS, np.zeros((2, 3)), PROBABILITIES),
        (OutputMeaning.LOGITS, np.zeros(2), PROBABILITIES),
        (OutputMeaning.VALUES, np.zeros(2), PROBABILITIES),
        (OutputMeaning.CLASS_SCORES, np.zeros((2, 2)), PROBABILITIES),
    ],
)
def test_an_output_that_does_not_make_the_columns_is_the_hosts_fault(meaning, output, layout):
    with pytest.raises(BrokenCompetition) as caught:
        predictions_csv(output, interface(meaning), np.arange(2), layout)
    assert caught.value.problems[0].code == "model_columns"


@pytest.mark.parametrize(
    ("output", "code"),
    [
        (np.zeros((3, 2), np.float32), "model_output_shape"),
        (np.zeros((2, 3), np.float32), "model_output_shape"),
        (np.zeros(2, np.float32), "model_output_shape"),
        (np.zeros((2, 2), np.float64), "model_output_type"),
        (np.full((2, 2), np.nan, np.float32), "model_output_not_finite"),
    ],
)
def test_what_the_sandbox_sends_is_checked_again(output, code):
    with pytest.raises(InvalidSubmission) as caught:
        check_output(output, interface(OutputMeaning.LOGITS), 2)
    assert caught.value.problems[0].code == code
