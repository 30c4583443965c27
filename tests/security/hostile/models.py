"""Sends the models and programs of `formats/evil.py` into real sandboxes."""

from __future__ import annotations

import importlib
import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from scoring.sandbox import ProgramFault, Sandbox, SandboxLimits, SandboxTask
from scoring.sentences.models import MODELS
from tests.security.hostile.trial import MEGABYTE, Make, Outcome

STOPPED_SECONDS = 8.0
LIMITS = {"time_limit_model", "memory_limit_model", "process_limit_model", "output_limit_model"}
RAN = "ran"
CRASHED = "program_crashed"


@dataclass(frozen=True)
class HostileFile:
    """One file of `formats/evil.py`, made.

    Attributes:
        name: What it is.
        runtime: The runtime that is given it.
        fate: What must become of it.
        codes: The faults that say so.
        request: What the runner is asked for.
        folder: Where its files lie.
    """

    name: str
    runtime: str
    fate: str
    codes: list[str]
    request: dict[str, Any]
    folder: str

    @property
    def ends(self) -> set[str]:
        """How it may end; always at its own sender's cost."""
        match self.fate:
            case "refused":
                return set(self.codes)
            case "stopped":
                return {*self.codes, *LIMITS, CRASHED}
            case _:
                # A program may send what it likes, as it is the only one that it harms.
                return {RAN, *MODELS, CRASHED, "metric_failed"}


def make(folder: Path, markers: Path) -> Path:
    """Make them all, for a process that could not; gives the list of them."""
    # Torch and the other libraries are loaded here alone, not by the process that is attacked.
    evil = importlib.import_module("tests.security.formats.evil")
    entries = []
    for number, (name, each) in enumerate(evil.EVIL.items()):
        place = folder / str(number)
        place.mkdir()
        for part, content in each.files(markers / str(number)).items():
            (place / part).write_bytes(content)
        codes = sorted(each.codes)
        file = HostileFile(
            name, each.runtime, each.fate.value, codes, dict(each.request), str(place)
        )
        entries.append(asdict(file))
    listed = folder / "files.json"
    listed.write_text(json.dumps(entries))
    return listed


def load(listed: Path) -> list[HostileFile]:
    """What `make` has written, by runtime so that each is loaded once."""
    files = [HostileFile(**entry) for entry in json.loads(listed.read_text())]
    return sorted(files, key=lambda file: file.runtime)


def send(files: list[HostileFile], markers: Path, make: Make) -> Iterator[Outcome]:
    """Run each, in sandboxes as the worker has them: started ahead."""
    sandbox = make()
    try:
        for file in files:
            yield _sent(sandbox, file, markers)
    finally:
        sandbox.close()


def _sent(sandbox: Sandbox, file: HostileFile, markers: Path) -> Outcome:
    outcome = Outcome(file.name)
    is_stopped = file.fate == "stopped"
    limits = SandboxLimits(
        seconds=STOPPED_SECONDS if is_stopped else 120.0,
        memory_bytes=1024 * MEGABYTE,
        output_bytes=16 * MEGABYTE,
    )
    files = {path.name: path for path in Path(file.folder).iterdir()}
    try:
        sandbox.run(SandboxTask(file.runtime, files, file.request, limits))
        outcome.verdict = RAN
    except ProgramFault as fault:
        outcome.verdict, outcome.log = fault.code, f"{fault.params} {fault.log}"
    outcome.wrong_end = outcome.verdict not in file.ends
    for path in markers.iterdir():
        outcome.worked[f"a file outside: {path.name}"] = ""
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    return outcome
