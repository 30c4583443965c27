"""Runs a notebook from top to bottom, and keeps it with its outputs.

The run is a process of its own, which is killed whole: a kernel must not outlive Ctrl-C.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from launcher.environment import ROOT, common
from launcher.processes import Process, wait_until

SPARE_SECONDS = 180
"""For what is not the notebook's own time: starting the kernel, writing the pages."""


@dataclass(frozen=True, slots=True)
class Run:
    """How a run ended: the seconds that it took, and where it failed why."""

    seconds: float | None
    fault: str | None
    executed: Path


def run_notebook(
    notebook: Path,
    *,
    agon: Mapping[str, str],
    seconds: float,
    keep: Path,
    meanwhile: Callable[[], None] = lambda: None,
) -> Run:
    """Run it in a scratch folder; its copies as .ipynb and .html are in `keep` afterwards.

    Args:
        notebook: The file, which stays as it is.
        agon: The variables that tell the notebook its site, or its data.
        seconds: For the whole of it.
        keep: Where the executed copies and a log go.
        meanwhile: Called again and again while it runs.
    """
    keep.mkdir(parents=True, exist_ok=True)
    executed = keep / notebook.name
    for suffix in (".ipynb", ".html", ".json", ".log"):
        executed.with_suffix(suffix).unlink(missing_ok=True)
    process = Process(
        notebook.stem,
        (
            *("python", "-m", "launcher.execute_notebook", str(notebook)),
            *("--keep", str(keep), "--seconds", str(seconds)),
        ),
        log=executed.with_suffix(".log"),
        environment=_variables(agon),
    )
    process.start()
    try:
        for _ in wait_until(seconds + SPARE_SECONDS, pause=0.2):
            if not process.is_running:
                break
            meanwhile()
    finally:
        process.kill()
    return _read(executed, process)


def _read(executed: Path, process: Process) -> Run:
    try:
        ending = json.loads(executed.with_suffix(".json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        fault = f"it could not be run; the end of {process.log}:\n{process.last_lines()}"
        return Run(seconds=None, fault=fault, executed=executed)
    return Run(seconds=ending["seconds"], fault=ending["fault"], executed=executed)


def _variables(agon: Mapping[str, str]) -> dict[str, str]:
    """The caller's variables, less what would lead Python or a notebook astray."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "LC_", "MAKE", "JUPYTER", "IPYTHON", "MPL", "AGON_"))
    }
    return {
        **inherited,
        **common(),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "PYTHONPATH": str(ROOT / "platform"),
        # Threads that spin while they wait make small networks ten times slower on a busy machine.
        "OMP_WAIT_POLICY": "passive",
        **agon,
    }
