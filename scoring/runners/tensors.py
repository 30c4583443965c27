"""What every model's runner does alike: take inputs in batches, check what comes out.

Only numpy and the standard library, so that a runner loads nothing that its format doesn't need.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from scoring.runners.npz import ArrayFile
from scoring.runners.start import Fault

PROGRESS_SECONDS = 0.5
MAX_REASON = 300

Arrays = list[NDArray[Any]]
Given = TypeVar("Given")
Result = TypeVar("Result")


class Progress(Protocol):
    """The part of a `scoring.runners.protocol.Channel` that predicting needs."""

    def progress(self, done: int, total: int) -> None: ...


@dataclass(frozen=True, slots=True)
class Tensor:
    """A `scoring.contract.TensorSpec`."""

    name: str
    dtype: np.dtype[Any]
    shape: tuple[int | None, ...]

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Tensor:
        return cls(content["name"], np.dtype(content["dtype"]), tuple(content["shape"]))

    def fits(self, shape: Sequence[int]) -> bool:
        """Whether a shape without its first axis is the declared one."""
        return len(shape) == len(self.shape) and all(
            wanted is None or wanted == found
            for wanted, found in zip(self.shape, shape, strict=True)
        )

    def spoken(self) -> str:
        """Such as ``(n, 3, 32, 32)``."""
        return spoken_shape(["n", *("any" if axis is None else axis for axis in self.shape)])


@dataclass(frozen=True, slots=True)
class Interface:
    """A `scoring.contract.ModelInterface`."""

    inputs: tuple[Tensor, ...]
    output: Tensor
    meaning: str
    labels: tuple[str | int, ...]
    batch_size: int
    precision: str
    architecture: Mapping[str, Any] | None

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Interface:
        return cls(
            inputs=tuple(map(Tensor.from_json, content["inputs"])),
            output=Tensor.from_json(content["output"]),
            meaning=content["meaning"],
            labels=tuple(content["labels"]),
            batch_size=content["batch_size"],
            precision=content["precision"],
            architecture=content["architecture"],
        )


@dataclass(frozen=True, slots=True)
class Request:
    """What a model's runner is asked for."""

    format: str
    interface: Interface
    rows: int | None
    """How many rows to predict; all without it."""
    threads: int
    device: str

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Request:
        return cls(
            format=content["format"],
            interface=Interface.from_json(content["interface"]),
            rows=content["rows"],
            threads=content["threads"],
            device=content["device"],
        )


def load_inputs(path: Path, request: Request) -> Arrays:
    """The declared inputs in their order, as many rows as are asked for.

    The worker has checked the file against the interface; it is the host's, and so never a
    participant's fault.
    """
    arrays = ArrayFile(path)
    return [arrays[tensor.name][: request.rows] for tensor in request.interface.inputs]


def predict(
    model: Callable[[Arrays], NDArray[Any]],
    inputs: Arrays,
    request: Request,
    channel: Progress,
    *,
    size: int | None = None,
    fixed_batch: int | None = None,
) -> NDArray[Any]:
    """The model's output for all rows, in batches, in the declared type.

    Args:
        size: How many rows the model is given at once, where it divides them itself.
        fixed_batch: The only number of rows that the model takes; the last batch is filled up.
    """
    interface = request.interface
    rows = len(inputs[0])
    size = fixed_batch or size or interface.batch_size
    output: NDArray[Any] | None = None
    told = time.monotonic()
    for start in range(0, rows, size):
        batch = [np.ascontiguousarray(array[start : start + size]) for array in inputs]
        count = len(batch[0])
        if fixed_batch and count < fixed_batch:
            batch = [_filled(array, fixed_batch) for array in batch]
        part = called(model, batch)
        if fixed_batch and part.ndim:
            part = part[:count]
        check_output(part, count, interface.output)
        if output is None:
            output = np.empty((rows, *part.shape[1:]), interface.output.dtype)
        elif part.shape[1:] != output.shape[1:]:
            raise Fault(
                "model_output_shape",
                expected=spoken_shape(["n", *output.shape[1:]]),
                found=spoken_shape(part.shape),
            )
        output[start : start + count] = part
        if time.monotonic() - told > PROGRESS_SECONDS:
            told = time.monotonic()
            channel.progress(start + count, rows)
    if output is None:
        raise ValueError("there are no rows to predict")
    channel.progress(rows, rows)
    return output


def called(model: Callable[[Given], Result], given: Given) -> Result:
    """What a model answers to one batch; what it raises is told to the one who made it."""
    try:
        return model(given)
    except Fault:
        raise
    except Exception as error:  # a model may raise anything at all
        raise Fault("model_failed", reason=reason_of(error)) from error


def check_output(values: NDArray[Any], rows: int, declared: Tensor) -> None:
    """Refuse an output that is not what the phase has declared."""
    if values.shape[:1] != (rows,) or not declared.fits(values.shape[1:]):
        raise Fault(
            "model_output_shape", expected=declared.spoken(), found=spoken_shape(values.shape)
        )
    if not np.can_cast(values.dtype, declared.dtype, "same_kind"):
        raise Fault(
            "model_output_type", expected=str(declared.dtype), found=plain(str(values.dtype))
        )
    if values.dtype.kind == "f" and not _is_finite(values, declared.dtype):
        raise Fault("model_output_not_finite")
    if values.dtype.kind == "i" and not np.array_equal(values, values.astype(declared.dtype)):
        raise Fault("model_output_type", expected=str(declared.dtype), found=str(values.dtype))


def reason_of(error: BaseException) -> str:
    """An exception in one short line; of a long one its end, where most say what it was."""
    text = plain(f"{type(error).__name__}: {error}" if str(error) else type(error).__name__, 10_000)
    half = MAX_REASON // 3
    return text if len(text) <= MAX_REASON else f"{text[:half]} … {text[half + 3 - MAX_REASON :]}"


def plain(text: str, limit: int = MAX_REASON) -> str:
    """Text from inside a model or program: one line, printable, not long."""
    one_line = re.sub(r"\s+", " ", text[: 20 * limit]).strip()
    printable = "".join(character for character in one_line if character.isprintable())
    return printable if len(printable) <= limit else printable[: limit - 1] + "…"


def spoken_shape(shape: Sequence[int | str]) -> str:
    """Such as ``(128, 10)``."""
    return f"({', '.join(map(str, shape))})"


def _is_finite(values: NDArray[Any], dtype: np.dtype[Any]) -> bool:
    """Whether all values are finite, and stay so in the declared type."""
    largest = np.abs(values).max(initial=0)
    return bool(np.isfinite(values).all() and largest <= np.finfo(dtype).max)


def _filled(array: NDArray[Any], rows: int) -> NDArray[Any]:
    """The array with its last row repeated until there are enough."""
    missing = np.repeat(array[-1:], rows - len(array), axis=0)
    return np.concatenate([array, missing])
