"""Batches in, one checked output out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from models import INTERFACE, request

from scoring.contract import ModelFormat, TensorSpec
from scoring.runners.start import Fault
from scoring.runners.tensors import MAX_REASON, Request, Tensor, plain, predict, reason_of


class Silent:
    def progress(self, done: int, total: int) -> None:
        pass


def asked(shape=(), dtype="float32", batch_size=4):
    interface = INTERFACE.model_copy(
        update={
            "inputs": (TensorSpec(name="x", shape=()),),
            "output": TensorSpec(name="y", shape=shape, dtype=dtype),
            "batch_size": batch_size,
        }
    )
    return Request.from_json(request(ModelFormat.ONNX, interface))


def output_of(model, rows=10, fixed_batch=None, **declared):
    inputs = [np.arange(rows, dtype=np.float32)]
    return predict(model, inputs, asked(**declared), Silent(), fixed_batch=fixed_batch)


@given(st.integers(1, 40), st.integers(1, 12), st.none() | st.integers(1, 12))
def test_however_rows_are_divided_the_output_is_the_same(rows, batch_size, fixed_batch):
    sizes = set()

    def model(batch):
        sizes.add(len(batch[0]))
        return batch[0] * 2

    output = output_of(model, rows, fixed_batch, batch_size=batch_size)
    assert output.tolist() == [2.0 * row for row in range(rows)]
    if fixed_batch:
        assert sizes == {fixed_batch}


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (lambda x: np.float32(1), "model_output_shape"),
        (lambda x: x[:-1], "model_output_shape"),
        (lambda x: np.stack([x, x], axis=1), "model_output_shape"),
        (lambda x: x * np.nan, "model_output_not_finite"),
        (lambda x: x.astype(np.float64) + 1e300, "model_output_not_finite"),
        (lambda x: x + 1j, "model_output_type"),
        (lambda x: x.astype(str), "model_output_type"),
        (lambda x: x @ np.zeros((9, 9)), "model_failed"),
        (lambda x: 1 / 0, "model_failed"),
    ],
)
@pytest.mark.parametrize("fixed_batch", [None, 4])
@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_what_is_not_the_declared_output_is_refused(answer, code, fixed_batch):
    with pytest.raises(Fault) as caught:
        output_of(lambda batch: answer(batch[0]), fixed_batch=fixed_batch)
    assert caught.value.code == code


def test_whole_numbers_that_do_not_fit_are_refused():
    def large(batch):
        return batch[0].astype(np.int64) + 2**40

    assert output_of(large, dtype="int64")[1] == 2**40 + 1
    with pytest.raises(Fault) as caught:
        output_of(large, dtype="int32")
    assert caught.value.code == "model_output_type"


def test_a_free_axis_must_stay_the_same_over_all_batches():
    growing = (np.zeros((4, width), np.float32) for width in (2, 2, 3))
    with pytest.raises(Fault) as caught:
        output_of(lambda _: next(growing), rows=12, shape=(None,))
    assert caught.value.params == {"expected": "(n, 2)", "found": "(4, 3)"}


@given(st.text(), st.integers(2, 50))
def test_text_from_inside_is_one_short_printable_line(text, limit):
    assert len(plain(text, limit)) <= limit
    assert plain(text, limit).isprintable()


def test_of_a_long_reason_both_ends_are_kept():
    reason = reason_of(ValueError(f"first {'x' * 10_000}"))
    assert reason.startswith("ValueError: first") and len(reason) == MAX_REASON
    reason = reason_of(ValueError(f"{'x' * 5_000} the cause"))
    assert reason.endswith("the cause")
    assert reason_of(KeyError()) == "KeyError"


def test_a_shape_is_spoken_with_its_free_axes():
    tensor = Tensor("x", np.dtype("float32"), (3, None))
    assert tensor.spoken() == "(n, 3, any)"
    assert tensor.fits((3, 7)) and not tensor.fits((3,)) and not tensor.fits((4, 7))
