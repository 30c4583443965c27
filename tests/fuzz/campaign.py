"""Fuzzing for a while: processes that may crash or hang, watched, counted and started again."""

from __future__ import annotations

import os
import pickle
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import SearchStrategy

from tests.fuzz import files
from tests.fuzz.child import HANG_SECONDS, SHRINK_SECONDS

ROUND_SECONDS = 120
_GRACE_SECONDS = 60
_EXECUTED = re.compile(r"stat::number_of_executed_units: *(\d+)")
_EXECUTED_SO_FAR = re.compile(r"^#(\d+)\s", re.MULTILINE)


@dataclass
class Outcome:
    """What a campaign has seen.

    Attributes:
        sent: Files, by what made them.
        found: One entry for each failure: its kind, and what is known of it.
    """

    seconds: float = 0.0
    sent: dict[str, int] = field(default_factory=lambda: {"Hypothesis": 0, "Atheris": 0})
    found: list[tuple[str, str]] = field(default_factory=list)

    def count(self, kind: str) -> int:
        """How many failures of a kind there were."""
        return sum(found == kind for found, _ in self.found)


def campaign(*, seconds: float, seed: int, guided: bool) -> Outcome:
    """Send files for some seconds, by Hypothesis and, at the same time, by Atheris."""
    outcome = Outcome()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _write_corpus(folder / "corpus")
        started = time.monotonic()
        until = started + seconds
        number = 0
        while (left := until - time.monotonic()) > 0:
            number += 1
            length = min(left, ROUND_SECONDS)
            first = _start_hypothesis(folder / f"h{number}", length, seed + number * 100_000)
            second = _start_atheris(folder, number, length, seed + number) if guided else None
            _end_hypothesis(first, folder / f"h{number}", length, outcome)
            if second is not None:
                _end_atheris(second, folder, number, length, outcome)
        outcome.seconds = time.monotonic() - started
    return outcome


def goals(outcome: Outcome, *, minutes: float) -> dict[str, dict[str, object]]:
    """Each goal with what was measured."""
    entries: dict[str, dict[str, object]] = {}
    for name in ("crashes", "hangs", "unowned_errors"):
        measured = outcome.count(name)
        entries[name] = {"goal": 0, "measured": measured, "met": measured == 0}
    measured_minutes = round(outcome.seconds / 60, 2)
    entries["minutes"] = {
        "goal": minutes,
        "measured": measured_minutes,
        "met": measured_minutes >= minutes,
    }
    return entries


def _start_hypothesis(folder: Path, seconds: float, seed: int) -> subprocess.Popen[bytes]:
    folder.mkdir()
    command = [sys.executable, "-m", "tests.fuzz.child", str(folder)]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            [*command, "--seconds", str(seconds), "--seed", str(seed)],
            stdout=log,
            stderr=log,
            env=_with_scratch(folder),
        )


def _end_hypothesis(
    process: subprocess.Popen[bytes], folder: Path, seconds: float, outcome: Outcome
) -> None:
    status = _status_of(process, seconds + SHRINK_SECONDS + _GRACE_SECONDS)
    count = folder / "count"
    outcome.sent["Hypothesis"] += int(count.read_text()) if count.exists() else 0
    if status == 0 and not (folder / "found").exists():
        return
    case = folder / "case"
    shown = repr(pickle.loads(case.read_bytes())) if case.exists() else "(before the first file)"
    if (folder / "found").exists():
        outcome.found.append(("unowned_errors", (folder / "found").read_text()))
    elif status is None or (folder / "trace").stat().st_size:
        outcome.found.append(("hangs", f"over {HANG_SECONDS} s: {shown}"))
    else:
        log = (folder / "log").read_text(errors="replace")[-2000:]
        outcome.found.append(("crashes", f"status {status}: {shown}\n{log}"))


def _start_atheris(folder: Path, number: int, seconds: float, seed: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.fuzz.guided", str(folder / "corpus")]
    options = [
        f"-max_total_time={int(seconds) or 1}",
        f"-seed={seed}",
        f"-timeout={HANG_SECONDS}",
        "-rss_limit_mb=6000",
        "-max_len=6000",
        "-print_final_stats=1",
        f"-artifact_prefix={folder}/a{number}-",
    ]
    with (folder / f"a{number}.log").open("wb") as log:
        return subprocess.Popen(
            [*command, *options], stdout=log, stderr=log, env=_with_scratch(folder)
        )


def _with_scratch(folder: Path) -> dict[str, str]:
    """The environment of a process whose temporary files vanish with the campaign's."""
    return {**os.environ, "TMPDIR": str(folder)}


def _end_atheris(
    process: subprocess.Popen[bytes], folder: Path, number: int, seconds: float, outcome: Outcome
) -> None:
    status = _status_of(process, seconds + _GRACE_SECONDS)
    log = (folder / f"a{number}.log").read_text(errors="replace")
    counts = _EXECUTED.findall(log) or _EXECUTED_SO_FAR.findall(log)
    outcome.sent["Atheris"] += int(counts[-1]) if counts else 0
    if status == 0:
        return
    artifacts = [path.read_bytes() for path in folder.glob(f"a{number}-*")]
    text = f"status {status}: {artifacts!r}\n{log[-3000:]}"
    if "Uncaught Python exception" in log:
        outcome.found.append(("unowned_errors", text))
    elif status is None or "timeout after" in log:
        outcome.found.append(("hangs", text))
    else:
        outcome.found.append(("crashes", text))


def _status_of(process: subprocess.Popen[bytes], seconds: float) -> int | None:
    """How a process ended; None where it had to be ended."""
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return None


def _write_corpus(folder: Path) -> None:
    """A file of each kind for each layout, for Atheris to start from."""
    folder.mkdir()
    for place, ending in enumerate(files.ENDINGS):
        inner = ".csv" if ending == ".zip" else "." + ending.split(".")[1]
        for number, layout in enumerate(files.LAYOUTS):
            content = files.packed(_one_of(files.written(layout, inner)), ending, inner)
            (folder / f"{place}-{number}").write_bytes(bytes([place, number, 0]) + content)


def _one_of(strategy: SearchStrategy[bytes]) -> bytes:
    """The longest of a few files."""
    made: list[bytes] = []

    def keep(content: bytes) -> None:
        made.append(content)

    rules = settings(
        database=None,
        max_examples=5,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    rules(given(strategy)(keep))()
    return max(made, key=len)
