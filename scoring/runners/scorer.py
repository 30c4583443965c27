"""A host's scoring program, with the layout that CodaLab and Codabench gave it.

``program/``, ``input/ref/`` (the reference data), ``input/res/`` (the submission) and ``output/``
lie in one folder, which is also ``/app``; the command's ``$program``, ``$input`` and ``$output``
stand for them. The program writes ``scores.json`` or ``scores.txt`` into ``output/``. The answers
are here, so no participant's code ever is: a submission is data.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from scoring.runners.archives import ArchiveFault, unpack
from scoring.runners.program import LOG_BYTES, SCRATCH, forwarded, read_output, reason_of_end
from scoring.runners.protocol import Channel
from scoring.runners.start import Fault
from scoring.runners.tensors import plain

FOLDER = "app"
MAX_ENTRIES = 100_000
MAX_SCORES = 1024 * 1024
MAX_SHOWN = 500
SCORES = ("scores.json", "scores.txt")
VISIBLE = re.compile(r"^(?:[\w.]+\.)?ParticipantVisibleError(?::\s*(.*))?$", re.DOTALL)
PYTHON = re.compile(r"(?:/[\w./-]*/)?python3?(?:\.\d+)?")


def warm() -> None:
    """Start a Python once, with what most scoring programs import, so that the next finds it in memory."""
    subprocess.run([sys.executable, "-I", "-c", "import numpy, pandas"], check=True)


def run(content: Mapping[str, Any], inputs: Path, channel: Channel) -> None:
    """Send ``scores.json`` or ``scores.txt`` as the program wrote it.

    ``content`` has the ``command`` as words, ``threads`` and ``max_bytes`` for each archive; the
    files are ``program.zip``, ``reference.zip`` and ``submission.zip``.
    """
    work = Path(content.get("scratch", SCRATCH)) / FOLDER
    program, data, output = work / "program", work / "input", work / "output"
    places = {
        "program.zip": program,
        "reference.zip": data / "ref",
        "submission.zip": data / "res",
    }
    output.mkdir(parents=True)
    for name, folder in places.items():
        folder.mkdir(parents=True)
        _unpack(inputs / name, folder, content["max_bytes"])
    command = substituted(content["command"], program=program, data=data, output=output)
    _call(command, program, content["threads"])
    for name in SCORES:
        if (output / name).is_file():
            channel.file(name, read_output(output / name, MAX_SCORES))
            return
    raise Fault("scorer_no_scores")


def substituted(words: Sequence[str], *, program: Path, data: Path, output: Path) -> list[str]:
    """The command with the folders' paths; whichever Python it names, ours runs it."""
    places = {
        "$program": program, "$input": data, "$output": output, "$predictions": data / "res",
        "$hidden": data / "ref", "$tmp": SCRATCH,
    }  # fmt: skip
    command = []
    for word in words:
        for name, path in places.items():
            word = word.replace(name, str(path))  # noqa: PLW2901
        command.append(word)
    if command and PYTHON.fullmatch(command[0]):
        command[0] = sys.executable
    return command


def _unpack(archive: Path, folder: Path, max_bytes: int) -> None:
    try:
        unpack(archive, folder, max_entries=MAX_ENTRIES, max_bytes=max_bytes)
    except ArchiveFault as error:
        reason = plain(str(error))
        if archive.name == "submission.zip":
            raise Fault("files_archive", reason=reason) from error
        raise Fault("scorer_archive", reason=reason) from error


def _call(command: Sequence[str], program: Path, threads: int) -> None:
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(program.parent),
        "LANG": "C.UTF-8",
        "MPLCONFIGDIR": str(SCRATCH),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUNBUFFERED": "1",
        "OMP_NUM_THREADS": str(threads),
        "OPENBLAS_NUM_THREADS": str(threads),
    }
    try:
        process = subprocess.Popen(
            command,
            cwd=program,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
    except OSError as error:
        raise Fault("scorer_failed", reason=plain(str(error))) from error
    printed = forwarded(process)
    code = process.wait()
    if code:
        reason = reason_of_end(code, printed)
        if code > 0 and (said := VISIBLE.match(_last_error(printed))):
            raise Fault("scorer_refused", reason=plain(said[1] or reason, MAX_SHOWN))
        raise Fault("scorer_failed", reason=reason)


def _last_error(printed: bytes) -> str:
    """The last line that is no part of what follows an exception's own text."""
    lines = printed[-LOG_BYTES:].decode("utf-8", "replace").strip().splitlines()
    return lines[-1].strip() if lines else ""
