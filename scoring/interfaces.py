"""Whether what a phase declares of models and programs fits together, and fits its test inputs.

Standard library only. Of the test inputs' file only the arrays' headers are read.
"""

from __future__ import annotations

import ast
import struct
import zipfile
import zlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from scoring.consistency import Finding
from scoring.contract import (
    Capability,
    ColumnType,
    Layout,
    ModelFormat,
    ModelInterface,
    OutputMeaning,
    SubmissionKind,
    TensorSpec,
)

MAX_HEADER = 64 * 1024
_TYPES = {
    "f4": "float32",
    "f8": "float64",
    "i8": "int64",
    "i4": "int32",
    "u1": "uint8",
    "b1": "bool",
}


@dataclass(frozen=True, slots=True)
class ArrayHeader:
    """What an array in an .npz file says of itself."""

    dtype: str
    shape: tuple[int, ...]


class UnreadableArrays(Exception):
    """The file is no .npz file, or an array in it has no readable header."""


def interface_findings(
    kinds: Collection[SubmissionKind],
    model: ModelInterface | None,
    inputs: Path | None,
    layout: Layout,
    *,
    device: Capability,
) -> Iterator[Finding]:
    """What is wrong with what a phase declares of models and programs."""
    takes_models = SubmissionKind.MODEL in kinds
    runs_something = takes_models or SubmissionKind.CODE in kinds
    if takes_models and model is None:
        fix = "Add `model` with its formats, inputs and output."
        yield Finding(("model",), "is missing, and the kinds name `model`", fix)
    if model is not None and not takes_models:
        fix = "Add `model` to the submission's kinds, or remove it."
        yield Finding(("model",), "is not used: the kinds do not name `model`", fix)
    if runs_something and inputs is None:
        fix = "Name the file with the test inputs, such as prepared/test_inputs.npz."
        yield Finding(("inputs",), "is missing, and models or programs need it", fix)
    if not runs_something:
        if inputs is not None:
            fix = "Add `model` or `code` to the submission's kinds, or remove it."
            yield Finding(("inputs",), "is not used: only predictions are taken", fix)
        if device is not Capability.CPU:
            yield Finding(("device",), "is not used: only predictions are taken", "Remove it.")
    if model is None:
        return
    for finding in (*_model_findings(model), *_output_findings(model, layout)):
        yield finding.inside("model")
    if takes_models and inputs is not None:
        yield from _inputs_findings(model, inputs, layout)


def array_headers(path: Path) -> dict[str, ArrayHeader]:
    """The arrays of an .npz file by name, from their headers alone.

    Raises:
        UnreadableArrays: it is no such file.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return {
                member.filename.removesuffix(".npy"): _header(archive, member)
                for member in archive.infolist()
            }
    except (OSError, zipfile.BadZipFile, zlib.error, struct.error, NotImplementedError) as error:
        raise UnreadableArrays(str(error)) from error
    except (ValueError, SyntaxError, KeyError, TypeError, RecursionError, MemoryError) as error:
        raise UnreadableArrays("it holds something that is no array") from error


def _header(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> ArrayHeader:
    with archive.open(member) as stream:
        fields = _header_fields(stream)
    dtype = str(fields["descr"])
    known = _TYPES.get(dtype[1:]) if dtype[:1] in "<|=" else None
    shape = tuple(int(length) for length in fields["shape"])  # type: ignore[attr-defined]
    return ArrayHeader(known or dtype, shape)


def _header_fields(stream: IO[bytes]) -> dict[str, object]:
    magic = stream.read(8)
    if magic[:6] != b"\x93NUMPY":
        raise ValueError("no array")
    long = magic[6] >= 2  # the format's version: its header's length is longer
    (size,) = struct.unpack("<I", stream.read(4)) if long else struct.unpack("<H", stream.read(2))
    if size > MAX_HEADER:
        raise ValueError("no array")
    fields = ast.literal_eval(stream.read(size).decode("latin-1").strip())
    if not isinstance(fields, dict):
        raise TypeError("no array")
    return fields


def _model_findings(model: ModelInterface) -> Iterator[Finding]:
    if len(set(model.formats)) < len(model.formats):
        yield Finding(("formats",), "names a format twice", "Name each once.")
    names = [tensor.name for tensor in model.inputs]
    for number, name in enumerate(names):
        if name in names[:number]:
            reason = f"“{name}” is there twice"
            yield Finding(("inputs", number, "name"), reason, "Give each input its own name.")
    needs_architecture = ModelFormat.SAFETENSORS in model.formats
    if needs_architecture and model.architecture is None:
        reason = "is missing: safetensors holds weights, and not the network that they are for"
        yield Finding(("architecture",), reason, "Add its name and config.")
    if model.architecture is not None and not needs_architecture:
        reason = "is not used: only safetensors needs it"
        yield Finding(("architecture",), reason, "Add `safetensors` to the formats, or remove it.")
    if len(set(model.labels)) < len(model.labels):
        yield Finding(("labels",), "names a class twice", "Name each once.")


def _output_findings(model: ModelInterface, layout: Layout) -> Iterator[Finding]:
    """The output's shape and labels against the columns that it becomes."""
    columns, shape = layout.columns, model.output.shape
    place = ("output", "shape")
    if model.meaning is OutputMeaning.VALUES:
        width = shape[-1] if shape else 1
        if len(shape) > 1:
            fix = f"Write [] or [{len(columns)}]; the batch's axis is left out."
            yield Finding(place, "has more axes than a table", fix)
        elif width is not None and width != len(columns):
            reason = f"gives {width} column(s), but the submission has {len(columns)}"
            yield Finding(place, reason, "Make them agree.")
        return
    if len(shape) != 1 or shape[0] is None:
        fix = "Write [10] for ten classes; the batch's axis is left out."
        yield Finding(place, "must be the number of classes", fix)
        return
    classes = shape[0]
    if model.labels and len(model.labels) != classes:
        reason = f"has {len(model.labels)} labels, but the output has {classes} classes"
        yield Finding(("labels",), reason, "Give one for each class, in the output's order.")
    if model.meaning is OutputMeaning.LOGITS:
        if len(columns) != classes:
            reason = f"has {classes} classes, but the submission has {len(columns)} column(s)"
            yield Finding(place, reason, "Give the submission one column for each class.")
        return
    if len(columns) != 1:
        fix = "Take one column, or `meaning: logits`."
        yield Finding(("meaning",), f"gives one label a row, not {len(columns)} columns", fix)
        return
    holds_text = next(iter(columns.values())) is ColumnType.TEXT
    if holds_text != bool(model.labels and isinstance(model.labels[0], str)):
        kind = "texts" if holds_text else "whole numbers"
        yield Finding(("labels",), f"must be {kind}, as the submission's column is", "Correct it.")


def _inputs_findings(model: ModelInterface, path: Path, layout: Layout) -> Iterator[Finding]:
    """The declared inputs against the arrays of the file."""
    place = ("inputs",)
    if path.suffix != ".npz":
        fix = "Write one array for each input with numpy.savez."
        yield Finding(place, f"{path.name} is no .npz file, which models need", fix)
        return
    if not path.is_file():
        return
    try:
        arrays = array_headers(path)
    except UnreadableArrays as error:
        yield Finding(place, f"{path.name} can't be read: {error}", "Write it with numpy.savez.")
        return
    if layout.id_column not in arrays:
        fix = "Add an array with each row's id."
        yield Finding(place, f"{path.name} has no array “{layout.id_column}”", fix)
    for number, tensor in enumerate(model.inputs):
        for reason, fix in _array_faults(tensor, arrays, path.name):
            yield Finding(("model", "inputs", number), reason, fix)
    rows = {
        name: arrays[name].shape[0]
        for name in (layout.id_column, *(tensor.name for tensor in model.inputs))
        if name in arrays and arrays[name].shape
    }
    if len(set(rows.values())) > 1:
        spoken = ", ".join(f"{name} {count}" for name, count in rows.items())
        yield Finding(place, f"the arrays have different numbers of rows: {spoken}", "Correct it.")


def _array_faults(
    tensor: TensorSpec, arrays: Mapping[str, ArrayHeader], file: str
) -> Iterator[tuple[str, str]]:
    found = arrays.get(tensor.name)
    if found is None:
        known = ", ".join(sorted(arrays)) or "none"
        yield f"{file} has no array “{tensor.name}”", f"It has: {known}."
        return
    if found.dtype != tensor.dtype:
        reason = f"“{tensor.name}” is {found.dtype} in {file}, not {tensor.dtype}"
        yield reason, "Make them agree."
    inner = found.shape[1:]
    fits = len(inner) == len(tensor.shape) and all(
        wanted in {None, length} for wanted, length in zip(tensor.shape, inner, strict=True)
    )
    if not found.shape or not fits:
        reason = f"“{tensor.name}” has shape {list(found.shape)} in {file}"
        yield reason, "Declare it without the first axis, which is the rows."
