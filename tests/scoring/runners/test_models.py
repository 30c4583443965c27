"""The same network in every format gives the same numbers; what doesn't fit is refused in words."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from models import (
    INTERFACE,
    RUNTIMES,
    SMALL,
    as_onnx,
    as_safetensors,
    as_torch_export,
    as_torchscript,
    cnn,
    images,
    model_bytes,
    packed,
    request,
)
from onnx import TensorProto, helper

from scoring.contract import Architecture, ModelFormat, TensorSpec
from scoring.runners.onnxmodels import TINY_MODEL


def in_format(kind: ModelFormat) -> bytes:
    match kind:
        case ModelFormat.ONNX:
            return as_onnx(cnn())
        case ModelFormat.TORCHSCRIPT:
            return as_torchscript(cnn())
        case ModelFormat.TORCH_EXPORT:
            return as_torch_export(cnn(), images(4))
        case _:
            return as_safetensors(cnn())


def expected(values: np.ndarray) -> np.ndarray:
    with torch.inference_mode():
        return cnn()(torch.from_numpy(values)).numpy()


@pytest.fixture
def ask(run_bare):
    """Ask a model for its output for some images, among them an id that it must not see."""

    def asked(kind, model, values, *, interface=INTERFACE, rows=None, **more):
        files = {
            "model": model,
            "inputs.npz": packed(images=values, id=np.arange(len(values)), **more),
        }
        return run_bare(RUNTIMES[kind], files, request(kind, interface, rows))

    return asked


@pytest.mark.parametrize("kind", RUNTIMES)
def test_a_network_gives_the_same_numbers_in_every_format(ask, kind):
    values = images(43)  # five batches, and one that is not full
    said = ask(kind, in_format(kind), values)
    assert said.fault is None and said.is_done, said.errors
    assert said.arrays["output"].dtype == np.float32
    np.testing.assert_allclose(said.arrays["output"], expected(values), atol=1e-5)
    assert said.progress[-1] == (43, 43)


@pytest.mark.parametrize("kind", RUNTIMES)
def test_a_trial_predicts_the_first_rows_only(ask, kind):
    values = images(20)
    said = ask(kind, in_format(kind), values, rows=8)
    np.testing.assert_allclose(said.arrays["output"], expected(values[:8]), atol=1e-5)


@pytest.mark.parametrize("kind", [ModelFormat.ONNX, ModelFormat.TORCH_EXPORT])
def test_a_model_for_a_fixed_number_of_rows_gets_that_number(ask, kind):
    values = images(21)
    model = (
        as_onnx(cnn(), rows=4)
        if kind is ModelFormat.ONNX
        else as_torch_export(cnn(), images(4), fixed=True)
    )
    said = ask(kind, model, values)
    assert said.fault is None
    np.testing.assert_allclose(said.arrays["output"], expected(values), atol=1e-5)


@pytest.mark.parametrize("kind", RUNTIMES)
def test_a_file_of_another_format_is_refused(ask, kind):
    said = ask(kind, b"PK\x03\x04 this is no model", images(3))
    code, params = said.fault
    assert code == "model_unreadable" and params["reason"]
    assert said.is_done and not said.arrays


@pytest.mark.parametrize("kind", RUNTIMES)
def test_an_output_of_another_shape_is_refused(ask, kind):
    wider = INTERFACE.model_copy(update={"output": TensorSpec(name="logits", shape=(11,))})
    said = ask(kind, in_format(kind), images(3), interface=wider)
    assert said.fault == ("model_output_shape", {"expected": "(n, 11)", "found": "(3, 10)"})


@pytest.mark.parametrize("kind", RUNTIMES)
def test_an_output_that_is_not_finite_is_refused(ask, kind):
    values = images(9)
    values[8] = np.inf
    said = ask(kind, in_format(kind), values)
    assert said.fault == ("model_output_not_finite", {})


@pytest.mark.parametrize("kind", [ModelFormat.TORCHSCRIPT, ModelFormat.SAFETENSORS])
def test_bfloat16_is_near_and_comes_back_as_declared(ask, kind):
    values = images(16)
    faster = INTERFACE.model_copy(update={"precision": "bf16"})
    said = ask(kind, in_format(kind), values, interface=faster)
    assert said.arrays["output"].dtype == np.float32
    np.testing.assert_allclose(said.arrays["output"], expected(values), atol=0.2)
    assert np.abs(said.arrays["output"] - expected(values)).max() > 0


def test_weights_of_another_network_are_refused_by_name(ask):
    wider = cnn({**SMALL, "widths": [4, 16]})
    said = ask(ModelFormat.SAFETENSORS, as_safetensors(wider), images(3))
    code, params = said.fault
    assert code == "model_weights_mismatch"
    assert "head.weight" in params["names"] and params["count"] > 5


def test_an_architecture_that_cannot_be_built_is_the_hosts_fault(ask):
    broken = Architecture(name="cnn", config={"depth": 20})
    said = ask(
        ModelFormat.SAFETENSORS,
        as_safetensors(cnn()),
        images(3),
        interface=INTERFACE.model_copy(update={"architecture": broken}),
    )
    assert said.fault[0] == "architecture_config" and "depth" in said.fault[1]["reason"]


def test_an_onnx_model_with_other_inputs_is_told_which(ask):
    doubles = helper.make_tensor_value_info("x", TensorProto.DOUBLE, ["n", 5])
    out = helper.make_tensor_value_info("y", TensorProto.DOUBLE, ["n", 5])
    model = model_bytes([helper.make_node("Relu", ["x"], ["y"])], inputs=[doubles], outputs=[out])
    said = ask(ModelFormat.ONNX, model, images(3))
    assert said.fault == (
        "model_input_mismatch",
        {"expected": "images float32 (n, 3, 16, 16)", "found": "x float64 (n, 5)"},
    )


def test_inputs_reach_a_model_by_name_and_else_in_order(ask):
    def tensor(name):
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n"])

    interface = INTERFACE.model_copy(
        update={
            "inputs": (TensorSpec(name="first"), TensorSpec(name="second")),
            "output": TensorSpec(name="difference"),
        }
    )
    arrays = {"first": np.float32([5, 7, 9]), "second": np.float32([1, 2, 3])}
    for names in (["second", "first"], ["a", "b"]):
        nodes = [
            helper.make_node(
                "Sub",
                ["first" if "first" in names else "a", "second" if "second" in names else "b"],
                ["difference"],
            )
        ]
        model = model_bytes(
            nodes, inputs=[tensor(name) for name in names], outputs=[tensor("difference")]
        )
        said = ask(ModelFormat.ONNX, model, images(3), interface=interface, **arrays)
        assert said.arrays["output"].tolist() == [4.0, 5.0, 6.0]


def test_what_a_model_raises_is_told_in_one_line(ask):
    class Picky(torch.nn.Module):
        def forward(self, values: torch.Tensor) -> torch.Tensor:
            if values.shape[0] > 2:
                raise ValueError("too many\nrows")
            return values

    said = ask(ModelFormat.TORCHSCRIPT, as_torchscript(Picky()), images(3))
    code, params = said.fault
    assert code == "model_failed"
    assert "too many rows" in params["reason"] and len(params["reason"]) <= 300


def test_the_model_that_warms_up_is_the_one_it_says():
    model = onnx.load_from_string(TINY_MODEL)
    assert [node.op_type for node in model.graph.node] == ["MatMul", "Relu"]
    session = onnxruntime.InferenceSession(TINY_MODEL)
    (answer,) = session.run(None, {"x": np.float32([[1, -1]])})
    assert answer.tolist() == [[1.0, 0.0]]
