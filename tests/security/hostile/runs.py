"""Attacks by the dozen: each way of starting sandboxes is tried by a process of its own."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from scoring.isolation.bubblewrap import Mode
from tests.security.hostile import models, unprivileged
from tests.security.hostile.arena import environment
from tests.security.hostile.trial import Outcome


def modes() -> list[Mode]:
    """The ways that this process can try."""
    return [Mode.ROOT, Mode.USERNS] if os.geteuid() == 0 else [Mode.USERNS]


def run(
    mode: Mode,
    names: Sequence[str],
    *,
    with_filter: bool = True,
    with_groups: bool = True,
    with_controls: bool = True,
    files: Path | None = None,
    markers: Path | None = None,
) -> Iterator[Outcome]:
    """Try attacks in a process of its own, and give what became of each as it ends.

    Raises:
        RuntimeError: it did not come to its end.
    """
    options = [mode.value, *names]
    options += [] if with_filter else ["--without-filter"]
    options += [] if with_groups else ["--without-groups"]
    options += [] if with_controls else ["--without-controls"]
    options += [] if files is None else ["--files", str(files), "--markers", str(markers)]
    argv = [sys.executable, "-B", "-m", "tests.security.hostile.inside", *options]
    with contextlib.ExitStack() as stack:
        joins: list[Path] = []
        if mode is Mode.USERNS:
            argv = unprivileged.command(argv, unprivileged.USER)
            if os.geteuid() == 0:
                group = unprivileged.delegated_group(unprivileged.USER)
                stack.callback(group.remove)
                joins = group.entrances
        process = subprocess.Popen(
            _joining(joins, argv),
            cwd=unprivileged.ROOT,
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": str(unprivileged.ROOT),
                **environment(),
            },
            stdout=subprocess.PIPE,
            text=True,
        )
        stack.enter_context(process)
        if process.stdout is None:
            raise AssertionError("its output is a pipe")
        for line in process.stdout:
            yield Outcome(**json.loads(line))
    if process.returncode:
        raise RuntimeError(f"the attacks as {mode} ended with status {process.returncode}")


@contextlib.contextmanager
def hostile_models() -> Iterator[tuple[Path, Path]]:
    """The list of all files of `formats/evil.py`, made, and where their markers would be."""
    folder = Path(tempfile.mkdtemp(prefix="agon-models-", dir="/var/tmp"))
    try:
        folder.chmod(0o755)
        markers = folder / "markers"
        markers.mkdir()
        markers.chmod(0o1777)
        yield models.make(folder, markers), markers
    finally:
        shutil.rmtree(folder)


def _joining(groups: Iterable[Path], argv: Sequence[str]) -> list[str]:
    """The command, from its first moment in these control groups."""
    join = "".join(f"echo $$ > '{entrance}'; " for entrance in groups)
    return ["/bin/sh", "-ec", f'{join}exec "$@"', "sh", *argv]
