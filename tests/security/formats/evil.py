"""Models and programs that were made to harm, and what must become of each.

A payload tries to write the file `marker`, on a path outside of everything that the sandbox shows.
In an ordinary process that works (`test_evil_files` shows it), so it proves something when it fails.
"""

from __future__ import annotations

import io
import json
import os
import pickle
import stat
import struct
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import skops.io
import torch
from onnx import TensorProto, helper
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from scoring.contract import ModelFormat, ModelInterface, OutputMeaning, TensorSpec
from tests.models import (
    as_safetensors,
    as_torch_export,
    as_torchscript,
    cnn,
    images,
    model_bytes,
    packed,
    request,
)

ROWS = 12
HUGE = 2**36
Build = Callable[[Path], bytes]


class Fate(StrEnum):
    """What must become of a file."""

    REFUSED = "refused"
    """The runner refuses it, with one of the file's codes; nothing of it ever ran."""
    CONTAINED = "contained"
    """It may run and may even be scored, but inside: the marker is never written."""
    STOPPED = "stopped"
    """It goes on until a limit of the sandbox (time or memory) ends it, or it fails by itself."""


@dataclass(frozen=True)
class Evil:
    """A file and how it is sent.

    Attributes:
        runtime: The runtime that is given it.
        build: Makes the file; it is given the path of the marker.
        fate: What must become of it.
        codes: The faults that say so.
        request: What the runner is asked for.
        works_bare: Whether it writes its marker where there is no sandbox.
    """

    runtime: str
    build: Build
    fate: Fate
    codes: frozenset[str] = frozenset()
    request: Mapping[str, Any] = field(default_factory=dict)
    works_bare: bool = False

    def files(self, marker: Path) -> dict[str, bytes]:
        """What lies in the runner's folder."""
        values = images(ROWS)
        inputs = packed(images=values, x=values.reshape(ROWS, -1)[:, :4].astype(np.float64))
        return {"model": self.build(marker), "inputs.npz": inputs, "inputs": b"id\n1\n2\n"}


# --- torch ----------------------------------------------------------------------------------------


class Payload:
    """Unpickling this writes the marker."""

    def __init__(self, marker: Path) -> None:
        self._command = f"echo escaped > '{marker}'"

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (self._command,)


def export_with_pickle(marker: Path) -> bytes:
    """A sound .pt2 file whose sample inputs are a pickle; loading them runs it."""
    evil = io.BytesIO()
    torch.save(Payload(marker), evil)
    return _replaced(as_torch_export(cnn(), images(4)), "sample_inputs/model.pt", evil.getvalue())


def export_with_pickled_weights(marker: Path) -> bytes:
    """The same by way of a weight that the archive calls a pickle."""
    evil = io.BytesIO()
    torch.save(Payload(marker), evil)
    whole = as_torch_export(cnn(), images(4))
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        name = next(name for name in archive.namelist() if name.endswith("weights_config.json"))
        config = json.loads(archive.read(name))
    for weight in config["config"].values():
        weight["use_pickle"] = True
    whole = _replaced(whole, "weights_config.json", json.dumps(config).encode())
    return _replaced(whole, "weights/weight_0", evil.getvalue())


class Writes(torch.nn.Module):
    """Maps a file into memory, which makes it."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        mapped = torch.from_file(self.path, shared=True, size=8, dtype=torch.float32)
        mapped.fill_(1.0)
        return torch.zeros([values.shape[0], 10]) + mapped[0]


class Reads(torch.nn.Module):
    """Gives the bytes of a file back as its answer."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        content = torch.from_file(self.path, shared=False, size=10, dtype=torch.uint8)
        return torch.zeros([values.shape[0], 10]) + content.to(torch.float32)


class Endless(torch.nn.Module):
    def forward(self, values: torch.Tensor) -> torch.Tensor:
        while bool((values == values).any()):
            values = values * 0.0
        return values


class Greedy(torch.nn.Module):
    def forward(self, values: torch.Tensor) -> torch.Tensor:
        return torch.ones([values.shape[0], 68_719_476_736]).sum(dim=1, keepdim=True) + values


class Lying(torch.nn.Module):
    """One answer for all rows, which would be the whole output if nobody counted."""

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        return torch.zeros([1, 10]) + values.sum() * 0.0


def pickle_as_torchscript(marker: Path) -> bytes:
    """What `torch.save` writes, which only a careless `torch.load` opens."""
    stream = io.BytesIO()
    torch.save({"model": Payload(marker)}, stream)
    return stream.getvalue()


def lying_safetensors(_: Path, *, kind: str) -> bytes:
    sound = as_safetensors(cnn())
    (length,) = struct.unpack("<Q", sound[:8])
    header = json.loads(sound[8 : 8 + length])
    name = next(name for name in header if name != "__metadata__")
    match kind:
        case "length":
            return struct.pack("<Q", 2**62) + sound[8:]
        case "beyond":
            header[name]["data_offsets"][1] += 2**40
        case "overlap":
            for tensor in header.values():
                tensor["data_offsets"] = header[name]["data_offsets"]
        case "shape":
            header[name]["shape"] = [2**31, 2**31]
        case "nested":
            return struct.pack("<Q", 200_000) + b"[" * 200_000
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + sound[8 + length :]


# --- ONNX -----------------------------------------------------------------------------------------


def _onnx(nodes: list[Any], constants: list[Any] | None = None) -> bytes:
    shape = ["n", 3, 16, 16]
    return model_bytes(
        nodes,
        inputs=[helper.make_tensor_value_info("images", TensorProto.FLOAT, shape)],
        outputs=[helper.make_tensor_value_info("logits", TensorProto.FLOAT, None)],
        constants=constants,
    )


def onnx_external(_: Path, *, location: str) -> bytes:
    """Weights that are said to lie in another file, such as a secret."""
    weights = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[4])
    weights.data_location = TensorProto.EXTERNAL
    for key, value in {"location": location, "offset": "0", "length": "16"}.items():
        entry = weights.external_data.add()
        entry.key, entry.value = key, value
    return _onnx([helper.make_node("Identity", ["w"], ["logits"])], [weights])


def onnx_huge(_: Path) -> bytes:
    """A file of a few bytes that asks for 256 GB."""
    shape = helper.make_tensor("shape", TensorProto.INT64, [1], [HUGE])
    return _onnx([helper.make_node("ConstantOfShape", ["shape"], ["logits"])], [shape])


def onnx_endless(_: Path) -> bytes:
    scalar = partial(helper.make_tensor_value_info, shape=[])
    body = helper.make_graph(
        [
            helper.make_node("Identity", ["going"], ["goes_on"]),
            helper.make_node("Add", ["value", "one"], ["next"]),
        ],
        "body",
        [
            scalar("step", TensorProto.INT64),
            scalar("going", TensorProto.BOOL),
            scalar("value", TensorProto.FLOAT),
        ],
        [scalar("goes_on", TensorProto.BOOL), scalar("next", TensorProto.FLOAT)],
        [helper.make_tensor("one", TensorProto.FLOAT, [], [1.0])],
    )
    constants = [
        helper.make_tensor("trips", TensorProto.INT64, [], [2**60]),
        helper.make_tensor("yes", TensorProto.BOOL, [], [True]),
        helper.make_tensor("zero", TensorProto.FLOAT, [], [0.0]),
    ]
    loop = helper.make_node("Loop", ["trips", "yes", "zero"], ["logits"], body=body)
    return _onnx([loop], constants)


def onnx_unknown_operator(_: Path) -> bytes:
    return _onnx([helper.make_node("System", ["images"], ["logits"], domain="evil")])


# --- skops ----------------------------------------------------------------------------------------


def skops_with(function: Callable[..., Any]) -> bytes:
    """A pipeline whose first step calls a function on the inputs."""
    content: bytes = skops.io.dumps(
        make_pipeline(FunctionTransformer(function), LogisticRegression())
    )
    return content


def skops_schema(_: Path, *, module: str, name: str) -> bytes:
    """A hand-made file that asks for an object of any class, with arguments."""
    schema = {
        "__class__": name,
        "__module__": module,
        "__loader__": "ObjectNode",
        "__reduce__": {
            "args": {
                "__class__": "tuple",
                "__module__": "builtins",
                "__loader__": "TupleNode",
                "content": [],
                "__id__": 2,
            }
        },
        "content": {
            "__class__": "dict",
            "__module__": "builtins",
            "__loader__": "DictNode",
            "content": {},
            "key_types": {
                "__class__": "list",
                "__module__": "builtins",
                "__loader__": "ListNode",
                "content": [],
                "__id__": 4,
            },
            "__id__": 3,
        },
        "__id__": 1,
        "protocol": 2,
        "_skops_version": "0.16.0",
    }
    return _zip({"schema.json": json.dumps(schema)})


def joblib_model(marker: Path) -> bytes:
    stream = io.BytesIO()
    joblib.dump(Payload(marker), stream)
    return stream.getvalue()


def pickled_model(marker: Path) -> bytes:
    return pickle.dumps(Payload(marker))


# --- programs -------------------------------------------------------------------------------------

WRITES = """
def predict(inputs_dir, output_path):
    try:
        open({marker!r}, "w").write("escaped")
    except OSError as error:
        print(error)
    open(output_path, "w").write("id,label\\n1,1\\n")
"""
FORGES = """
import json, os, struct
def predict(inputs_dir, output_path):
    fault = {"kind": "fault", "code": "metric_failed", "params": {"reason": "not me"}}
    parent = f"/proc/{os.getppid()}/fd"
    for name in os.listdir(parent):
        try:
            pipe = os.open(f"{parent}/{name}", os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            continue
        for frame in (fault, {"kind": "done"}):
            text = json.dumps(frame).encode()
            os.write(pipe, struct.pack(">I", len(text)) + text)
    open(output_path, "w").write("id,label\\n1,1\\n")
"""
LINKS = """
import os
def predict(inputs_dir, output_path):
    os.symlink("/proc/self/environ", output_path)
"""


def _zip(files: Mapping[str, str | bytes], *, mode: int = stat.S_IFREG | 0o644) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = mode << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    return stream.getvalue()


def zip_bomb(_: Path) -> bytes:
    """A tenth of a megabyte that unpacks to a hundred."""
    return _zip({"predict.py": WRITES, "bomb": bytes(100 * 1024**2)})


def overlapping_zip(_: Path, *, entries: int = 2000) -> bytes:
    """Many entries that share the bytes of one: 2,000 times ten megabytes in a few kilobytes."""
    whole = _zip({"0000": bytes(10 * 1024**2)})
    start, end = whole.index(b"PK\x01\x02"), whole.index(b"PK\x05\x06")
    entry = whole[start:end]
    directory = b"".join(entry[:-4] + f"{number:04}".encode() for number in range(entries))
    tail = bytearray(whole[end:])
    tail[8:12] = entries.to_bytes(2, "little") * 2
    tail[12:16] = len(directory).to_bytes(4, "little")
    return whole[:start] + directory + bytes(tail)


def zip_that_leads_out(marker: Path, *, up: bool) -> bytes:
    name = f"{'../' * 20}{marker.relative_to('/')}" if up else str(marker)
    return _zip({"predict.py": WRITES, name: "escaped"})


def linked_predict(_: Path) -> bytes:
    return _zip({"predict.py": "/etc/passwd"}, mode=stat.S_IFLNK | 0o777)


def _replaced(archive: bytes, ending: str, content: bytes) -> bytes:
    """The archive with one member's content exchanged."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(stream, "w") as new:
        for member in old.infolist():
            data = content if member.filename.endswith(ending) else old.read(member)
            new.writestr(member.filename, data)
    return stream.getvalue()


def _program(source: str) -> Build:
    return lambda marker: _zip({"predict.py": source.replace("{marker!r}", repr(str(marker)))})


def _script(module: Callable[[], torch.nn.Module]) -> Build:
    return lambda _: as_torchscript(module())


TORCHSCRIPT = request(ModelFormat.TORCHSCRIPT)
EXPORT = request(ModelFormat.TORCH_EXPORT)
SAFETENSORS = request(ModelFormat.SAFETENSORS)
ONNX = request(ModelFormat.ONNX)
SKOPS = request(
    ModelFormat.SKOPS,
    ModelInterface(
        formats=(ModelFormat.SKOPS,),
        inputs=(TensorSpec(name="x", dtype="float64", shape=(4,)),),
        output=TensorSpec(name="y", dtype="float64", shape=(2,)),
        meaning=OutputMeaning.CLASS_SCORES,
    ),
)
PROGRAM = {
    "rows": None,
    "threads": 1,
    "inputs_name": "test.csv",
    "max_program_bytes": 20 * 1024**2,
    "max_output_bytes": 10_000,
}

UNREADABLE = frozenset({"model_unreadable"})
FORBIDDEN = frozenset({"model_type_forbidden"})
ARCHIVE = frozenset({"program_archive"})

EVIL: dict[str, Evil] = {
    "torch.export: a pickle in the sample inputs": Evil(
        "torchmodels", export_with_pickle, Fate.CONTAINED, request=EXPORT, works_bare=True
    ),
    "torch.export: a pickle in the weights": Evil(
        "torchmodels", export_with_pickled_weights, Fate.CONTAINED, request=EXPORT, works_bare=True
    ),
    "TorchScript: writes a file": Evil(
        "torchmodels",
        lambda marker: as_torchscript(Writes(str(marker))),
        Fate.CONTAINED,
        request=TORCHSCRIPT,
        works_bare=True,
    ),
    "TorchScript: reads the password file": Evil(
        "torchmodels", _script(lambda: Reads("/etc/shadow")), Fate.CONTAINED, request=TORCHSCRIPT
    ),
    "TorchScript: never ends": Evil(
        "torchmodels", _script(Endless), Fate.STOPPED, request=TORCHSCRIPT
    ),
    "TorchScript: wants 256 GB": Evil(
        "torchmodels", _script(Greedy), Fate.STOPPED, frozenset({"model_failed"}), TORCHSCRIPT
    ),
    "TorchScript: fewer answers than rows": Evil(
        "torchmodels", _script(Lying), Fate.REFUSED, frozenset({"model_output_shape"}), TORCHSCRIPT
    ),
    "TorchScript: a pickle": Evil(
        "torchmodels", pickle_as_torchscript, Fate.REFUSED, UNREADABLE, TORCHSCRIPT
    ),
    **{
        f"safetensors: a header that lies ({kind})": Evil(
            "torchmodels",
            partial(lying_safetensors, kind=kind),
            Fate.REFUSED,
            UNREADABLE,
            SAFETENSORS,
        )
        for kind in ("length", "beyond", "overlap", "shape", "nested")
    },
    **{
        f"ONNX: weights in {location}": Evil(
            "onnxmodels", partial(onnx_external, location=location), Fate.REFUSED, UNREADABLE, ONNX
        )
        for location in ("/etc/passwd", "../../etc/passwd", "inputs.npz", "/proc/self/environ")
    },
    "ONNX: wants 256 GB": Evil(
        "onnxmodels", onnx_huge, Fate.STOPPED, frozenset({"model_failed", "model_unreadable"}), ONNX
    ),
    "ONNX: never ends": Evil("onnxmodels", onnx_endless, Fate.STOPPED, request=ONNX),
    "ONNX: an operator of its own": Evil(
        "onnxmodels", onnx_unknown_operator, Fate.REFUSED, UNREADABLE, ONNX
    ),
    "skops: calls os.system": Evil(
        "sklearnmodels", lambda _: skops_with(os.system), Fate.REFUSED, FORBIDDEN, SKOPS
    ),
    "skops: calls eval": Evil(
        "sklearnmodels", lambda _: skops_with(eval), Fate.REFUSED, FORBIDDEN, SKOPS
    ),
    "skops: numpy.load": Evil(
        "sklearnmodels", lambda _: skops_with(np.load), Fate.REFUSED, FORBIDDEN, SKOPS
    ),
    "skops: an object of any class": Evil(
        "sklearnmodels",
        partial(skops_schema, module="subprocess", name="Popen"),
        Fate.REFUSED,
        FORBIDDEN | UNREADABLE,
        SKOPS,
    ),
    "skops: a joblib file": Evil("sklearnmodels", joblib_model, Fate.REFUSED, UNREADABLE, SKOPS),
    "skops: a pickle": Evil("sklearnmodels", pickled_model, Fate.REFUSED, UNREADABLE, SKOPS),
    "program: writes a file": Evil(
        "program", _program(WRITES), Fate.CONTAINED, request=PROGRAM, works_bare=True
    ),
    "program: blames the host": Evil("program", _program(FORGES), Fate.CONTAINED, request=PROGRAM),
    "program: its answer is a link": Evil(
        "program", _program(LINKS), Fate.REFUSED, frozenset({"program_no_output"}), PROGRAM
    ),
    "program: a zip bomb": Evil("program", zip_bomb, Fate.REFUSED, ARCHIVE, PROGRAM),
    "program: overlapping entries": Evil(
        "program", overlapping_zip, Fate.REFUSED, ARCHIVE, PROGRAM
    ),
    "program: a path that leads out (up)": Evil(
        "program", partial(zip_that_leads_out, up=True), Fate.REFUSED, ARCHIVE, PROGRAM
    ),
    "program: a path that leads out (absolute)": Evil(
        "program", partial(zip_that_leads_out, up=False), Fate.REFUSED, ARCHIVE, PROGRAM
    ),
    "program: predict.py is a link": Evil(
        "program", linked_predict, Fate.REFUSED, ARCHIVE, PROGRAM
    ),
}
