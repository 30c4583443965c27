"""The check at the door for models and programs: what milliseconds show, before quota is spent.

Standard library only, because the web tier runs it. Nothing is ever loaded or unpacked: only
directories, headers and lengths are read, and a file that passes is still run in the sandbox alone.
"""

from __future__ import annotations

import json
import math
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any, BinaryIO

from scoring.contract import Limits, ModelFormat, ModelInterface
from scoring.errors import InvalidSubmission, Problem
from scoring.unpacking import spoken_name

PROGRAM = "predict.py"
ENDINGS: dict[ModelFormat, tuple[str, ...]] = {
    ModelFormat.ONNX: (".onnx",),
    ModelFormat.TORCHSCRIPT: (".pt", ".pts"),
    ModelFormat.TORCH_EXPORT: (".pt2",),
    ModelFormat.SAFETENSORS: (".safetensors",),
    ModelFormat.SKOPS: (".skops",),
}
MAX_MEMBERS = 10_000
MAX_PROGRAM_MEMBERS = 1000
MAX_DIRECTORY = 4 * 1024**2
MAX_TENSOR_HEADER = 10 * 1024**2
MAX_ONNX_FIELDS = 10_000
_ONNX_GRAPH = 7
_VARINT_BYTES = 10
_LOCAL_HEADER = 30
_END = struct.Struct("<4s4H2LH")
_END64_LOCATOR = struct.Struct("<4sLQL")
_END64 = struct.Struct("<4sQ2H2L4Q")
_TENSOR_BYTES = {
    "BOOL": 1,
    "U8": 1,
    "I8": 1,
    "F8_E4M3": 1,
    "F8_E5M2": 1,
    "U16": 2,
    "I16": 2,
    "F16": 2,
    "BF16": 2,
    "U32": 4,
    "I32": 4,
    "F32": 4,
    "U64": 8,
    "I64": 8,
    "F64": 8,
}
_UNREADABLE = (
    OSError,
    EOFError,
    zlib.error,
    zipfile.BadZipFile,
    struct.error,
    NotImplementedError,
    UnicodeDecodeError,
)


def endings_of(formats: Sequence[ModelFormat]) -> list[str]:
    """How the names of files in these formats end."""
    return [ending for format_ in formats for ending in ENDINGS[format_]]


def inspect_model(
    stream: BinaryIO, *, name: str, interface: ModelInterface, limits: Limits
) -> ModelFormat:
    """The format of a model, as its name says and its first bytes confirm.

    Raises:
        InvalidSubmission: it is too large, of a format that the phase does not take, or damaged.
    """
    format_ = next(
        (
            format_
            for format_ in interface.formats
            if name.lower().endswith(tuple(ENDINGS[format_]))
        ),
        None,
    )
    if format_ is None:
        expected = ", ".join(endings_of(interface.formats))
        raise InvalidSubmission(
            Problem("model_extension", {"name": spoken_name(name), "expected": expected})
        )
    size = _size(stream, limits)
    damaged = Problem(f"{format_.value}_damaged", {"name": spoken_name(name)})
    if format_ is ModelFormat.ONNX:
        if not _is_onnx(stream, size):
            raise InvalidSubmission(damaged)
    elif format_ is ModelFormat.SAFETENSORS:
        _check_safetensors(stream, size, damaged)
    else:
        names = [member.filename for member in _members(stream, limits, damaged, MAX_MEMBERS)]
        _check_members(format_, names, damaged)
    return format_


def inspect_program(stream: BinaryIO, *, name: str, limits: Limits) -> None:
    """Check that a program is a zip file of plain files with predict.py at its top.

    Raises:
        InvalidSubmission: it is not.
    """
    not_zip = Problem("not_a_zip", {"name": spoken_name(name)})
    if not name.lower().endswith(".zip"):
        raise InvalidSubmission(not_zip)
    _size(stream, limits)
    members = _members(stream, limits, not_zip, MAX_PROGRAM_MEMBERS)
    names = [member.filename for member in members]
    if PROGRAM in names:
        return
    nested = [PurePosixPath(found) for found in names if PurePosixPath(found).name == PROGRAM]
    nested = [path for path in nested if "__MACOSX" not in path.parts]
    if nested:
        params: dict[str, str | int] = {"found": printable(str(nested[0].parent))}
        raise InvalidSubmission(Problem("program_misplaced_predict", params))
    raise InvalidSubmission(Problem("program_missing_predict"))


def inspect_files(stream: BinaryIO, *, name: str, limits: Limits) -> None:
    """Check that files for a scoring program are a zip file of plain files.

    Raises:
        InvalidSubmission: it is not.
    """
    not_zip = Problem("files_not_a_zip", {"name": spoken_name(name)})
    if not name.lower().endswith(".zip"):
        raise InvalidSubmission(not_zip)
    _size(stream, limits)
    _members(stream, limits, not_zip, MAX_PROGRAM_MEMBERS)


def printable(text: str) -> str:
    """A path or name from a stranger's file, fit for a sentence."""
    return "".join(letter if letter.isprintable() else "?" for letter in text[:80])


def _size(stream: BinaryIO, limits: Limits) -> int:
    size = stream.seek(0, 2)
    if size == 0:
        raise InvalidSubmission(Problem("empty_upload"))
    if size > limits.file_bytes:
        params: dict[str, str | int] = {"found": size, "limit": limits.file_bytes}
        raise InvalidSubmission(Problem("upload_too_large", params))
    return size


# --- Archives -------------------------------------------------------------------------------------


def _members(
    stream: BinaryIO, limits: Limits, damaged: Problem, most: int
) -> list[zipfile.ZipInfo]:
    """The entries of a zip file, each a plain file or folder that stays inside."""
    try:
        count, directory = _directory_size(stream)
        if count > most or directory > MAX_DIRECTORY:
            params: dict[str, str | int] = {"found": count, "limit": most}
            raise InvalidSubmission(Problem("archive_entries", params))
        stream.seek(0)
        with zipfile.ZipFile(stream) as archive:
            members, start = archive.infolist(), archive.start_dir
    except (*_UNREADABLE, ValueError) as error:
        raise InvalidSubmission(damaged) from error
    if len(members) > most:
        raise InvalidSubmission(Problem("archive_entries", {"found": len(members), "limit": most}))
    for member in members:
        _check_member(member)
    if sum(member.file_size for member in members) > limits.unpacked_bytes:
        raise InvalidSubmission(
            Problem("archive_too_large", {"limit": limits.unpacked_bytes}),
        )
    if len({member.filename for member in members}) < len(members) or _overlap(members, start):
        raise InvalidSubmission(damaged)
    return members


def _directory_size(stream: BinaryIO) -> tuple[int, int]:
    """How many entries a zip file says it has, and how large its directory is.

    `zipfile` reads the whole directory at once, which for a hostile file is millions of entries.
    """
    size = stream.seek(0, 2)
    tail_size = min(size, _END.size + 0xFFFF + _END64_LOCATOR.size)
    stream.seek(size - tail_size)
    tail = stream.read(tail_size)
    at = tail.rfind(b"PK\x05\x06")
    stream.seek(0)
    if at < 0 or stream.read(4) != b"PK\x03\x04":
        raise zipfile.BadZipFile
    fields = _END.unpack_from(tail, at)
    count, directory = fields[4], fields[5]
    locator = tail[max(0, at - _END64_LOCATOR.size) : at]
    if locator.startswith(b"PK\x06\x07"):
        # torch always writes the large form of the directory's end, however small the file.
        stream.seek(_END64_LOCATOR.unpack(locator)[2])
        large = _END64.unpack(stream.read(_END64.size))
        if large[0] != b"PK\x06\x06":
            raise zipfile.BadZipFile
        count, directory = max(count, large[7]), max(directory, large[8])
    return count, directory


def _check_member(member: zipfile.ZipInfo) -> None:
    path = PurePosixPath(member.filename)
    mode = member.external_attr >> 16
    is_plain = not mode or stat.S_IFMT(mode) in {0, stat.S_IFREG, stat.S_IFDIR}
    leaves = path.is_absolute() or ".." in path.parts or "\\" in member.filename
    if leaves or not is_plain or not member.filename.isprintable():
        params: dict[str, str | int] = {"entry": printable(member.filename)}
        raise InvalidSubmission(Problem("archive_entry", params))
    if member.flag_bits & 0x1:
        raise InvalidSubmission(Problem("encrypted_archive"))
    if member.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise InvalidSubmission(Problem("unsupported_compression"))


def _overlap(members: Sequence[zipfile.ZipInfo], directory_start: int) -> bool:
    """Whether two entries share bytes, as in archives that unpack to far more than they are."""
    placed = sorted(members, key=lambda member: member.header_offset)
    ends = [member.header_offset + _LOCAL_HEADER + member.compress_size for member in placed]
    starts = [member.header_offset for member in placed[1:]]
    return any(
        end > start
        for end, start in zip(ends, [*starts, directory_start][: len(ends)], strict=True)
    )


def _check_members(format_: ModelFormat, names: Sequence[str], damaged: Problem) -> None:
    """Whether an archive holds what its format has; torch puts all of it into one folder."""
    inner = {name.partition("/")[2] for name in names}
    if format_ is ModelFormat.SKOPS:
        if "schema.json" not in names:
            raise InvalidSubmission(damaged)
        return
    is_script = any(name.startswith("code/") for name in inner) and "constants.pkl" in inner
    is_export = any(name.startswith("models/") for name in inner) and "archive_format" in inner
    if format_ is ModelFormat.TORCHSCRIPT and not is_script:
        is_pickle = "data.pkl" in inner and not is_export
        raise InvalidSubmission(
            Problem("torch_pickle", damaged.params) if is_pickle else damaged,
        )
    if format_ is ModelFormat.TORCH_EXPORT and not is_export:
        raise InvalidSubmission(damaged)


# --- ONNX -----------------------------------------------------------------------------------------


def _is_onnx(stream: BinaryIO, size: int) -> bool:
    """Whether the file is one protocol buffer from end to end with a graph in it."""
    numbers = set()
    try:
        for number in _fields(stream, size):
            numbers.add(number)
    except ValueError:
        return False
    return _ONNX_GRAPH in numbers


def _fields(stream: BinaryIO, size: int) -> Iterator[int]:
    """The numbers of the top-level fields, passing over what they hold."""
    stream.seek(0)
    for _ in range(MAX_ONNX_FIELDS):
        position = stream.tell()
        if position == size:
            return
        tag = _varint(stream)
        match tag & 7:
            case 0:
                _varint(stream)
            case 1:
                stream.seek(8, 1)
            case 2:
                stream.seek(_varint(stream), 1)
            case 5:
                stream.seek(4, 1)
            case _:
                raise ValueError("no such kind of field")
        if stream.tell() > size or not tag >> 3:
            raise ValueError("a field leaves the file")
        yield tag >> 3
    raise ValueError("too many fields")


def _varint(stream: BinaryIO) -> int:
    value = 0
    for shift in range(0, 7 * _VARINT_BYTES, 7):
        byte = stream.read(1)
        if not byte:
            break
        value |= (byte[0] & 0x7F) << shift
        if byte[0] < 0x80:
            return min(value, 2**62)
    raise ValueError("no number")


# --- safetensors ----------------------------------------------------------------------------------


def _check_safetensors(stream: BinaryIO, size: int, damaged: Problem) -> None:
    """Whether the header is sane JSON whose tensors fill the rest of the file, side by side."""
    stream.seek(0)
    start = stream.read(8)
    length = int.from_bytes(start, "little")
    if len(start) < 8 or not 2 <= length <= min(size - 8, MAX_TENSOR_HEADER):
        raise InvalidSubmission(damaged)
    try:
        header = json.loads(stream.read(length), object_pairs_hook=_each_once)
    except (ValueError, RecursionError) as error:
        raise InvalidSubmission(damaged) from error
    if not isinstance(header, dict):
        raise InvalidSubmission(damaged)
    header.pop("__metadata__", None)
    spans = []
    for name, described in header.items():
        span = _tensor_span(described)
        if span is None:
            params: dict[str, str | int] = {"tensor": printable(name)}
            raise InvalidSubmission(Problem("safetensors_tensor", params))
        spans.append(span)
    ends = [0, *(end for _, end in sorted(spans))]
    starts = [*(begin for begin, _ in sorted(spans)), size - 8 - length]
    if starts != ends or not spans:
        raise InvalidSubmission(damaged)


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        raise ValueError("a name is there twice")
    return values


def _tensor_span(described: object) -> tuple[int, int] | None:
    """Where a tensor lies; None where its type, shape and place do not agree."""
    if not isinstance(described, Mapping) or set(described) != {"dtype", "shape", "data_offsets"}:
        return None
    shape, offsets = described["shape"], described["data_offsets"]
    width = _TENSOR_BYTES.get(described["dtype"]) if isinstance(described["dtype"], str) else None
    if width is None or not _are_lengths(shape) or not _are_lengths(offsets) or len(offsets) != 2:
        return None
    begin, end = offsets
    return (begin, end) if end - begin == width * math.prod(shape) else None


def _are_lengths(values: object) -> bool:
    return isinstance(values, list) and all(
        type(value) is int and 0 <= value < 2**62 for value in values
    )
