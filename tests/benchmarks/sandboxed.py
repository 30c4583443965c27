"""How long a submitted ONNX model takes in a warm sandbox, from the task to the predictions file."""

from __future__ import annotations

import hashlib
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from scoring.contract import (
    ColumnType,
    FileReference,
    Layout,
    MetricSpec,
    ScoringJob,
    SubmissionKind,
)
from scoring.models import Machine, predict
from scoring.sandbox import Sandbox
from scoring.sandboxed import SandboxRun
from tests.models import INTERFACE, as_onnx, as_torchscript, cnn, images, packed

RUNS = 11
ROWS = 1000
PAUSE_SECONDS = 1.5
"""Between two submissions, for the next sandboxes to get warm."""


@dataclass(frozen=True)
class Times:
    """In milliseconds."""

    warm_onnx: float
    cold_onnx: float
    cold_torch: float


def measure() -> Times:
    """The median of some submissions of an ONNX model to warm sandboxes, and of one to cold ones.

    Each is a trial on 8 rows, the whole, and the file written.

    Raises:
        NoSandbox, PlatformFault: There is no sandbox here.
    """
    with tempfile.TemporaryDirectory(prefix="agon-sandboxed-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "model.onnx").write_bytes(as_onnx(cnn()))
        (folder / "model.pt").write_bytes(as_torchscript(cnn()))
        (folder / "inputs.npz").write_bytes(packed(id=np.arange(ROWS), images=images(ROWS)))
        sandbox = Sandbox(workspace=folder / "workspace")
        try:
            cold_torch = _seconds(sandbox, folder / "model.pt")
            cold_onnx = _seconds(sandbox, folder / "model.onnx")
            warm = []
            for _ in range(RUNS):
                time.sleep(PAUSE_SECONDS)
                warm.append(_seconds(sandbox, folder / "model.onnx"))
        finally:
            sandbox.close()
    return Times(1000 * statistics.median(warm), 1000 * cold_onnx, 1000 * cold_torch)


def _seconds(sandbox: Sandbox, model: Path) -> float:
    """From the task to the predictions file."""
    inputs = model.with_name("inputs.npz")
    job = _job(model, inputs)
    run = SandboxRun(sandbox, threads=1, uses_gpu=False)
    began = time.perf_counter()
    predict(
        job,
        run,
        submission=model,
        inputs=inputs,
        folder=model.parent,
        machine=Machine(threads=1),
        on_stage=lambda _stage: None,
        on_progress=lambda *_: None,
    )
    return time.perf_counter() - began


def _job(model: Path, inputs: Path) -> ScoringJob:
    columns = {f"p{number}": ColumnType.NUMBER for number in range(10)}
    return ScoringJob(
        submission=1,
        attempt=1,
        token="benchmark",
        submission_file=_reference(model),
        solution_file=_reference(inputs),
        layout=Layout(id_column="id", columns=columns),
        metrics=(MetricSpec(name="log_loss", target="label", prediction=tuple(columns)),),
        kind=SubmissionKind.MODEL,
        model=INTERFACE,
        inputs_file=_reference(inputs),
        expires_at=time.time() + 3600,
    )


def _reference(path: Path) -> FileReference:
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    return FileReference(url="file", name=path.name, sha256=digest, size=len(content))
