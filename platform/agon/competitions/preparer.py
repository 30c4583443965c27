"""Runs a competition's prepare.py in a process of its own, then loads what it has made.

While it runs, its lines of progress go to the database once a second, as signs of life. It is given
no secret of the site's, and ends with this process, whatever ends that.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import IO, Required, TypedDict, Unpack

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import InterfaceError, OperationalError

from agon.competitions import folders
from agon.competitions.errors import CompetitionRefused
from agon.competitions.models import Preparation
from agon.competitions.services.loading import load_competition
from agon.competitions.services.preparing import (
    explain,
    record_failure,
    record_interruption,
    record_progress,
    record_ready,
)
from scoring.definition import CompetitionDefinition, load_definition
from scoring.errors import BrokenCompetition

logger = logging.getLogger(__name__)

NO_NETWORK = 3
"""The exit code by which a prepare.py says that neither the network nor a mirror had its data."""
BEAT_SECONDS = 1.0
LONGEST_REASON = 1000
LINES_OF_REASON = 8
TRACE = "Traceback (most recent call last)"
NICENESS = 10
TETHER = settings.ROOT / "platform" / "launcher" / "tether.py"
HANDED_ON = (
    "PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH", "PYTHONPATH", "XDG_CACHE_HOME",
    "OMP_NUM_THREADS", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "http_proxy", "https_proxy",
    "all_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY",
)  # fmt: skip

Cause = Preparation.Cause


class Fault(Exception):
    """The data could not be made; says whose business that is, and why."""

    def __init__(self, cause: Preparation.Cause, reason: str) -> None:
        super().__init__(reason)
        self.cause = cause


class Interrupted(Exception):
    """The worker is asked to stop; another run takes it up."""


class Superseded(Exception):
    """This run was taken for dead, and counts no more."""


class Preparer:
    """Prepares what it is given, one at a time, until it is stopped."""

    def __init__(self) -> None:
        self._stop = threading.Event()

    def stop(self) -> None:
        self._stop.set()

    def run(self, preparation: Preparation) -> None:
        """To its end, whichever it is."""
        name = preparation.folder
        logger.info("Preparing %s", name)
        try:
            self._prepare(preparation)
        except Interrupted:
            logger.info("The preparation of %s is interrupted; it goes on at the next start", name)
            record_interruption(preparation=preparation)
        except Superseded:
            logger.warning("The preparation of %s was taken over by another process", name)
        except Fault as fault:
            reason = " ".join(str(fault).split())
            logger.error("%s is not prepared: %s", name, reason)  # noqa: TRY400  (no trace of ours)
            record_failure(preparation=preparation, cause=fault.cause, reason=str(fault))
        except Exception as error:  # whatever it is, the page must say that it ended
            logger.exception("%s is not prepared", name)
            reason = f"{type(error).__name__}: {error}"
            record_failure(preparation=preparation, cause=Cause.PLATFORM, reason=reason)
        else:
            logger.info("%s is prepared", name)
            record_ready(preparation=preparation)

    def _prepare(self, preparation: Preparation) -> None:
        folder = folders.named(preparation.folder)
        try:
            definition = load_definition(folder, files_must_exist=False)
            if definition.prepare and _has_to_be_made(definition, preparation):
                self._make(definition.prepare, preparation)
            definition = load_definition(folder)
            _beat(preparation, step="Storing the files")
            load_competition(definition=definition, host=None)
        except (BrokenCompetition, CompetitionRefused, ValidationError) as error:
            raise Fault(Cause.FOLDER, explain(error)[:LONGEST_REASON]) from error

    def _make(self, script: Path, preparation: Preparation) -> None:
        with tempfile.TemporaryFile() as complaints:
            process = subprocess.Popen(
                [
                    *(sys.executable, "-I", "-S", str(TETHER)),
                    *(str(int(signal.SIGKILL)), str(os.getpid()), "-"),
                    *(sys.executable, str(script)),
                ],
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=complaints,
                start_new_session=True,
            )
            try:
                with suppress(OSError):
                    os.setpriority(os.PRIO_PROCESS, process.pid, NICENESS)
                self._follow(process, preparation)
            finally:
                _end(process)
            if process.returncode:
                raise _fault_of(process.returncode, complaints)

    def _follow(self, process: subprocess.Popen[bytes], preparation: Preparation) -> None:
        """Until it ends: its progress, once a second."""
        assert process.stdout is not None  # noqa: S101  # it is a pipe
        progress = Progress(process.stdout)
        until = time.monotonic() + settings.PREPARATION_SECONDS
        while True:
            _beat(preparation, **progress.newest)
            with suppress(subprocess.TimeoutExpired):
                process.wait(BEAT_SECONDS)
                progress.finish()
                return
            if self._stop.is_set():
                raise Interrupted
            if time.monotonic() > until:
                minutes = settings.PREPARATION_SECONDS // 60
                raise Fault(Cause.SCRIPT, f"It took longer than {minutes} minutes and was ended.")


class Told(TypedDict, total=False):
    """A line of progress."""

    step: Required[str]
    done: int
    total: int | None


def _beat(preparation: Preparation, **told: Unpack[Told]) -> None:
    """A sign of life; a database that is away for a moment is no reason to begin anew."""
    try:
        counts = record_progress(preparation=preparation, **told)
    except (OperationalError, InterfaceError) as error:
        logger.warning("The database is away, the preparation goes on: %s", error)
        return
    if not counts:
        raise Superseded


class Progress:
    """Reads what a prepare.py prints, as fast as it prints it, and keeps the newest line of progress."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.newest: Told = {"step": ""}
        self._stream = stream
        self._reader = threading.Thread(target=self._read, name="progress", daemon=True)
        self._reader.start()

    def finish(self) -> None:
        """A program that it started may hold the pipe open; nobody waits for that one."""
        self._reader.join(1)

    def _read(self) -> None:
        with self._stream:
            for line in self._stream:
                text = line.decode("utf-8", errors="replace").strip()
                self.newest = parse_progress(text) or self.newest
                if not text.startswith("{"):
                    logger.info("%s", text)


def parse_progress(line: str) -> Told | None:
    """What a line of JSON says of the progress; None for any other line."""
    try:
        told = json.loads(line)
        step, done, total = str(told["step"]), int(told["done"]), told.get("total")
        total = None if total is None else int(total)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
        return None
    if done < 0 or (total is not None and total < 0):
        return None
    return {"step": step, "done": done, "total": total}


def environment() -> dict[str, str]:
    """For prepare.py: the ways out of this machine, the mirror, and nothing of the site's own."""
    kept = {name: os.environ[name] for name in HANDED_ON if name in os.environ}
    mirror = {"AGON_DATA_MIRROR": settings.DATA_MIRROR} if settings.DATA_MIRROR else {}
    return {**kept, **mirror, "AGON_PROGRESS": "json", "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1"}


def _has_to_be_made(definition: CompetitionDefinition, preparation: Preparation) -> bool:
    """Something is missing, or the programs that made it are others now."""
    if definition.missing_files():
        return True
    return folders.fingerprint(definition).has_other_code_than(preparation.known)


def _fault_of(code: int, complaints: IO[bytes]) -> Fault:
    """Its last words, and whose business that is."""
    complaints.seek(max(complaints.seek(0, os.SEEK_END) - 64 * 1024, 0))
    text = complaints.read().decode("utf-8", errors="replace").strip()
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    last = "\n".join(lines[-1:] if TRACE in text else lines[-LINES_OF_REASON:])
    if code < 0:
        reason = f"prepare.py was ended by signal {-code}, as happens when memory runs out.\n{last}"
        return Fault(Cause.PLATFORM, reason.strip()[:LONGEST_REASON])
    reason = last or f"prepare.py ended with exit code {code} and said nothing."
    return Fault(Cause.NETWORK if code == NO_NETWORK else Cause.SCRIPT, reason[:LONGEST_REASON])


def _end(process: subprocess.Popen[bytes]) -> None:
    """It and whatever it started, where they still run."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
