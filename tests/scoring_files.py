"""Small competitions and files for the engine's tests."""

import gzip
import hashlib
import io
import zipfile
from pathlib import Path

import numpy as np
import polars as pl

from scoring.contract import Layout, Limits, MetricSpec
from scoring.pipeline import score_files
from scoring.solutions import prepare_solution
from scoring.worker import ScoringWorker

LAYOUT = Layout(id_column="id", columns={"label": "integer"})
NUMBERS = Layout(id_column="id", columns={"value": "number"})
TEXTS = Layout(id_column="id", id_type="text", columns={"label": "text"})
ACCURACY = (MetricSpec(name="accuracy", target="label", prediction=("label",)),)
RMSE = (MetricSpec(name="rmse", target="value", prediction=("value",)),)
SOLUTION = b"id,label,Usage\n1,7,Public\n2,8,private\n3,9,PUBLIC\n4,7,Private\n5,7,Ignored\n"
NUMBER_SOLUTION = b"id,value,Usage\n1,0.5,Public\n2,1.5,Private\n"
TEXT_SOLUTION = b"id,label,Usage\na/1,cat,Public\nb/2,dog,Public\nc/3,cat,Private\n"
PERFECT = b"id,label\n1,7\n2,8\n3,9\n4,7\n5,0\n"


def solution_of(folder: Path, content: bytes = SOLUTION, *, layout=LAYOUT, metrics=ACCURACY):
    path = folder / "solution.csv"
    path.write_bytes(content)
    return prepare_solution(
        path, name=path.name, sha256=sha256_of(content), layout=layout, metrics=metrics
    )


def scored(
    folder: Path,
    content: bytes,
    *,
    name="mine.csv",
    solution=SOLUTION,
    layout=LAYOUT,
    metrics=ACCURACY,
    limits=None,
):
    """The scores of a file, as ``{(metric, split): value}``."""
    path = folder / "submission"
    path.write_bytes(content)
    prepared = solution_of(folder, solution, layout=layout, metrics=metrics)
    scores = score_files(
        path, name, prepared, layout=layout, metrics=metrics, limits=limits or Limits()
    )
    return {(score.metric, str(score.split)): score.value for score in scores}


def sha256_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def zipped(*members: tuple[str, bytes], compression=zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return buffer.getvalue()


def parquet(**columns) -> bytes:
    buffer = io.BytesIO()
    pl.DataFrame({name: list(values) for name, values in columns.items()}).write_parquet(buffer)
    return buffer.getvalue()


def npz(*, dtype=None, **columns) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **{name: np.array(values, dtype) for name, values in columns.items()})
    return buffer.getvalue()


def gzipped(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


def encrypted(archive: bytes) -> bytes:
    """The archive with the flag of encryption set, in the directory and before the member."""
    data = bytearray(archive)
    data[data.index(b"PK\x01\x02") + 8] |= 1
    data[data.index(b"PK\x03\x04") + 6] |= 1
    return bytes(data)


def overlapping(archive: bytes) -> bytes:
    """The archive with its second member claimed to begin where the first one does."""
    data = bytearray(archive)
    second = data.index(b"PK\x01\x02", data.index(b"PK\x01\x02") + 1)
    data[second + 42 : second + 46] = (0).to_bytes(4, "little")
    return bytes(data)


def lying(archive: bytes, *, size: int) -> bytes:
    """The archive with another unpacked size declared than is in it."""
    data = bytearray(archive)
    at = data.index(b"PK\x01\x02")
    data[at + 24 : at + 28] = size.to_bytes(4, "little")
    return bytes(data)


def run_job(cache, job):
    """The result of a job and the stages it went through; for a process of its own."""
    stages = []
    return ScoringWorker(cache, name="test").run(job, stages.append), stages
