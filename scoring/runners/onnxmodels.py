"""ONNX models, by ONNX Runtime.

A model is loaded from its bytes, so it can name no file beside it. What it says in its own
operators about time and memory is held by the sandbox's limits alone.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Before the import: ONNX Runtime starts a thread at import that reports its use to its maker.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
import onnxruntime

from scoring.runners.protocol import Channel
from scoring.runners.start import Fault
from scoring.runners.tensors import (
    Arrays,
    Request,
    Tensor,
    load_inputs,
    plain,
    predict,
    reason_of,
)

ONLY_FATAL = 4

ELEMENTS = {
    "tensor(float)": "float32",
    "tensor(double)": "float64",
    "tensor(int64)": "int64",
    "tensor(int32)": "int32",
    "tensor(uint8)": "uint8",
    "tensor(bool)": "bool",
    "tensor(float16)": "float16",
}

# y = relu(x @ w), x of any number of rows by 2: `tests/scoring/runners` makes it anew and compares.
TINY_MODEL = base64.b64decode(
    "CAg6cAoRCgF4CgF3EgFoIgZNYXRNdWwKDAoBaBIBeSIEUmVsdRIEdGlueSobCAIIAhABIhAAAIA/AAAAAAAAAAAA"
    "AIA/QgF3WhQKAXgSDwoNCAESCQoDEgFuCgIIAmIUCgF5Eg8KDQgBEgkKAxIBbgoCCAJCBAoAEA0="
)


class Model:
    """A session and how its inputs and output are called."""

    def __init__(self, content: bytes, request: Request) -> None:
        self._session = _session(content, request)
        declared = request.interface
        found = self._session.get_inputs()
        self._names = [node.name for node in _paired(declared.inputs, found)]
        self._output = _output_name(declared.output, self._session.get_outputs())
        first_axes = {node.shape[0] for node in found if node.name in self._names and node.shape}
        fixed = {axis for axis in first_axes if isinstance(axis, int) and axis > 0}
        self.fixed_batch: int | None = fixed.pop() if len(fixed) == 1 else None

    def __call__(self, batch: Arrays) -> NDArray[Any]:
        feed = dict(zip(self._names, batch, strict=True))
        (output,) = self._session.run([self._output], feed)
        if not isinstance(output, np.ndarray):
            raise Fault("model_output_type", expected="an array", found=type(output).__name__)
        return output


def warm() -> None:
    """Run a model of two lines once."""
    session = onnxruntime.InferenceSession(TINY_MODEL, providers=["CPUExecutionProvider"])
    session.run(None, {"x": np.ones((1, 2), np.float32)})


def run(content: Mapping[str, Any], inputs: Path, channel: Channel) -> None:
    """Send the model's output for the rows that are asked for."""
    request = Request.from_json(content)
    arrays = load_inputs(inputs / "inputs.npz", request)
    model = Model((inputs / "model").read_bytes(), request)
    output = predict(model, arrays, request, channel, fixed_batch=model.fixed_batch)
    channel.array("output", output)


def _session(content: bytes, request: Request) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = request.threads
    options.inter_op_num_threads = 1
    options.log_severity_level = ONLY_FATAL
    providers = ["CPUExecutionProvider"]
    if (
        request.device == "cuda"
        and "CUDAExecutionProvider" in onnxruntime.get_available_providers()
    ):
        providers.insert(0, "CUDAExecutionProvider")
    try:
        return onnxruntime.InferenceSession(content, options, providers=providers)
    except Exception as error:  # ONNX Runtime raises many kinds, none of which says more
        raise Fault("model_unreadable", format="ONNX", reason=reason_of(error)) from error


def _paired(declared: tuple[Tensor, ...], found: list[Any]) -> list[Any]:
    """The model's inputs in the declared order: by name where the names agree, else by order."""
    by_name = {node.name: node for node in found}
    if {tensor.name for tensor in declared} == set(by_name):
        found = [by_name[tensor.name] for tensor in declared]
    if len(declared) != len(found) or any(
        not _fits(tensor, node) for tensor, node in zip(declared, found, strict=True)
    ):
        expected = ", ".join(
            f"{tensor.name} {tensor.dtype} {tensor.spoken()}" for tensor in declared
        )
        raise Fault("model_input_mismatch", expected=expected, found=_spoken(found))
    return found


def _fits(tensor: Tensor, node: Any) -> bool:
    if ELEMENTS.get(node.type) != str(tensor.dtype):
        return False
    if not node.shape:  # it says nothing of its shape, or takes a single number
        return True
    axes = node.shape[1:]
    return len(axes) == len(tensor.shape) and all(
        wanted is None or not isinstance(axis, int) or axis == wanted
        for wanted, axis in zip(tensor.shape, axes, strict=True)
    )


def _output_name(declared: Tensor, found: list[Any]) -> str:
    names = [node.name for node in found]
    if declared.name in names:
        return declared.name
    if len(names) == 1:
        return str(names[0])
    raise Fault("model_output_missing", expected=declared.name, found=plain(", ".join(names)))


def _spoken(nodes: list[Any]) -> str:
    """The model's inputs in a few words."""
    words = []
    for node in nodes[:16]:
        axes = ", ".join(str(axis if isinstance(axis, int) else "n") for axis in node.shape)
        words.append(f"{node.name} {ELEMENTS.get(node.type, node.type)} ({axes})")
    return plain(", ".join(words)) or "nothing"
