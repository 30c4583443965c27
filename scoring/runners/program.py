"""Submitted programs: a zip file with a ``predict.py`` at its root.

``predict(inputs_dir, output_path)`` is called once, in a Python of its own that has nothing of
ours on its path: it reads the test inputs from one folder and writes one file, the predictions.
That file, and what the program printed, is all that leaves.
"""

from __future__ import annotations

import os
import select
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scoring.runners.archives import ArchiveFault, unpack
from scoring.runners.excerpts import write_excerpt
from scoring.runners.protocol import Channel
from scoring.runners.start import Fault
from scoring.runners.tensors import plain

SCRATCH = Path("/tmp")  # noqa: S108 - the sandbox's own, of limited size
PROGRAM_ENTRIES = 10_000
INPUT_ENTRIES = 1_000_000
INPUT_BYTES = 64 * 1024**3
LOG_BYTES = 20_000
TICK_SECONDS = 0.2
NO_PREDICT = 86

# Runs in the program's own Python; argv: folder, inputs, output, or the folder alone to try it.
LAUNCHER = f"""
import sys
folder, *rest = sys.argv[1:]
sys.path.insert(0, folder)
sys.argv = ["predict.py"]
import predict
if not callable(getattr(predict, "predict", None)):
    sys.exit({NO_PREDICT})
if rest:
    predict.predict(*rest)
"""


def warm() -> None:
    """Start a Python once, so that the next start finds everything in memory."""
    subprocess.run([sys.executable, "-I", "-c", "pass"], check=True)


def run(content: Mapping[str, Any], inputs: Path, channel: Channel) -> None:
    """Send ``predictions.csv``.

    ``content`` has ``rows`` (8 for a trial, null for all), ``threads``, ``inputs_name``,
    ``max_program_bytes`` and ``max_output_bytes``; the files are ``model``, the program, and
    ``inputs``.
    """
    work = Path(content.get("scratch", SCRATCH))
    program, data, output = work / "program", work / "inputs", work / "output" / "predictions.csv"
    for folder in (program, data, output.parent):
        folder.mkdir()
    _unpack_program(inputs / "model", program, content["max_program_bytes"])
    _lay_out(inputs / "inputs", content["inputs_name"], data, content["rows"])
    _call(program, data, output, content["threads"])
    channel.file("predictions.csv", read_output(output, content["max_output_bytes"]))


def _unpack_program(archive: Path, folder: Path, max_bytes: int) -> None:
    try:
        unpack(archive, folder, max_entries=PROGRAM_ENTRIES, max_bytes=max_bytes)
    except ArchiveFault as error:
        raise Fault("program_archive", reason=plain(str(error))) from error
    if not (folder / "predict.py").is_file():
        found = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("predict.py"))
        if found:
            raise Fault("program_misplaced_predict", found=plain(str(Path(found[0]).parent)))
        raise Fault("program_missing_predict")


def _lay_out(source: Path, name: str, folder: Path, rows: int | None) -> None:
    """The test inputs as files in a folder; for a trial, the first rows of each table only."""
    if name.lower().endswith(".zip"):
        unpack(source, folder, max_entries=INPUT_ENTRIES, max_bytes=INPUT_BYTES)
    elif rows is None:
        (folder / Path(name).name).symlink_to(source)  # a copy would cost memory
    else:
        shutil.copyfile(source, folder / Path(name).name)
    if rows is not None:
        for path in [path for path in folder.rglob("*") if path.is_file()]:
            write_excerpt(path, rows)


def _call(program: Path, data: Path, output: Path, threads: int) -> None:
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(program.parent),
        "LANG": "C.UTF-8",
        "OMP_NUM_THREADS": str(threads),
        "OPENBLAS_NUM_THREADS": str(threads),
    }
    process = subprocess.Popen(
        [sys.executable, "-I", "-B", "-u", "-c", LAUNCHER, *map(str, (program, data, output))],
        cwd=program,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    printed = forwarded(process)
    code = process.wait()
    if code == NO_PREDICT:
        raise Fault("program_missing_predict")
    if code:
        raise Fault("program_failed", reason=reason_of_end(code, printed))


def forwarded(process: subprocess.Popen[bytes]) -> bytes:
    """Pass on what the program prints, as it does, and give the end of it.

    A process that it leaves behind may keep the pipe open, so its own end is what counts.
    """
    if process.stdout is None:
        raise ValueError("the program's output is a pipe")
    pipe = process.stdout.fileno()
    end = b""
    while select.select([pipe], [], [], TICK_SECONDS)[0] or process.poll() is None:
        if select.select([pipe], [], [], 0)[0]:
            chunk = os.read(pipe, 65_536)
            if not chunk:
                break
            sys.stderr.buffer.write(chunk)
            sys.stderr.buffer.flush()
            end = (end + chunk)[-LOG_BYTES:]
    return end


def reason_of_end(code: int, printed: bytes) -> str:
    """The last line that the program wrote, or the signal that ended it."""
    if code < 0:
        return f"it was ended by {signal.Signals(-code).name}"
    lines = printed.decode("utf-8", "replace").strip().splitlines()
    return plain(lines[-1]) if lines else f"it ended with status {code}"


def read_output(path: Path, limit: int) -> bytes:
    """What the program wrote, if that is an ordinary file: no link, no pipe, no device."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise Fault("program_no_output")
        with os.fdopen(descriptor, "rb") as stream:
            data = stream.read(limit + 1)
    except OSError as error:
        raise Fault("program_no_output") from error
    if not data:
        raise Fault("program_no_output")
    if len(data) > limit:
        raise Fault("program_output_too_large", limit=limit)
    return data
