"""Runs a runner for real, in a process of its own with the pipe that the sandbox would give it.

Without a sandbox around it: only for files that these tests have made themselves.
"""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parent.parent
NONCE = "a-nonce"

# Loads a runtime once and gives each request a process of its own, as the pool of sandboxes does.
FORKS = """
import io, json, os, sys
from pathlib import Path
sys.path.insert(0, sys.argv.pop(1))
from scoring.runners import start
name = sys.argv[1]
runner = __import__(f"scoring.runners.{name}", fromlist=["warm"])
runner.warm()
runner.warm = lambda: None
for line in sys.stdin:
    folder, output, errors, request = json.loads(line)
    child = os.fork()
    if child == 0:
        os.dup2(os.open(output, os.O_WRONLY), 3)
        os.dup2(os.open(errors, os.O_WRONLY | os.O_CREAT), 2)
        start.INPUTS = Path(folder)
        sys.stdin = io.StringIO(request)
        start.main()
        os._exit(0)
    print(os.waitpid(child, 0)[1], flush=True)
"""


@dataclass
class Said:
    """What a runner has sent."""

    arrays: dict[str, NDArray[Any]] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    progress: list[tuple[int, int]] = field(default_factory=list)
    fault: tuple[str, dict[str, Any]] | None = None
    is_done: bool = False
    errors: str = ""


class Runtime:
    """A runtime that is loaded and waits for requests."""

    def __init__(self, name: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-c", FORKS, str(ROOT), name, NONCE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={"PATH": os.environ["PATH"], "OMP_NUM_THREADS": "1"},
            text=True,
        )

    def ask(self, folder: Path, request: Mapping[str, Any]) -> Said:
        assert self._process.stdin is not None and self._process.stdout is not None
        output, errors = folder.with_name("output"), folder.with_name("errors")
        os.mkfifo(output)
        paths = [str(folder), str(output), str(errors)]
        self._process.stdin.write(json.dumps([*paths, json.dumps(request)]) + "\n")
        self._process.stdin.flush()
        with output.open("rb") as stream:
            said = _read(stream)
        self._process.stdout.readline()
        said.errors = errors.read_text()
        output.unlink()
        errors.unlink()
        return said

    def close(self) -> None:
        self._process.communicate(timeout=10)


RunBare = Callable[[str, Mapping[str, bytes], Mapping[str, Any]], Said]


@pytest.fixture(scope="session")
def runtimes() -> Iterator[dict[str, Runtime]]:
    loaded: dict[str, Runtime] = {}
    yield loaded
    for runtime in loaded.values():
        runtime.close()


@pytest.fixture
def run_bare(tmp_path: Path, runtimes: dict[str, Runtime]) -> RunBare:
    """Run a runtime on files that can be trusted, in an ordinary process."""

    def run(name: str, files: Mapping[str, bytes], request: Mapping[str, Any]) -> Said:
        folder = tmp_path / "in"
        folder.mkdir(exist_ok=True)
        for file, content in files.items():
            (folder / file).write_bytes(content)
        runtime = runtimes.get(name) or runtimes.setdefault(name, Runtime(name))
        return runtime.ask(folder, request)

    return run


def _read(stream: Any) -> Said:
    said = Said()
    while prefix := stream.read(4):
        header = json.loads(stream.read(*struct.unpack(">I", prefix)))
        data = stream.read(header.get("size", 0))
        match header["kind"]:
            case "hello":
                assert header["nonce"] == NONCE
            case "array":
                array = np.frombuffer(data, header["dtype"]).reshape(header["shape"])
                said.arrays[header["name"]] = array
            case "file":
                said.files[header["name"]] = data
            case "progress":
                said.progress.append((header["done"], header["total"]))
            case "fault":
                said.fault = (header["code"], header["params"])
            case "done":
                said.is_done = True
    return said
