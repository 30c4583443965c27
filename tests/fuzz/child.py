"""One process that sends files through the reader until its time is up or something is found.

It says what it does in a folder: ``count`` holds how many files it has sent, ``case`` the one it
is sending, ``found`` what went wrong. So its parent knows the file even when the process crashes.
"""

from __future__ import annotations

import argparse
import faulthandler
import pickle
import resource
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.fuzz.files import cases
from tests.fuzz.oracle import Case, examine

HANG_SECONDS = 20
"""Files here are small; the slowest takes a tenth of a second."""
MEMORY_BYTES = 8 * 1024**3
SHRINK_SECONDS = 60
EXAMPLES_A_ROUND = 400


class OutOfTime(BaseException):
    """Ends a round of Hypothesis; not an error, so it finds nothing."""


def run(folder: Path, *, seconds: float, first_seed: int) -> None:
    """Send files until the time is up.

    Raises:
        Exception: what was found, for the smallest file that shows it.
    """
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    until = time.monotonic() + seconds
    sent = 0
    with tempfile.TemporaryDirectory() as scratch, (folder / "trace").open("w") as trace:

        def send(case: Case) -> None:
            nonlocal sent, until
            if time.monotonic() > until:
                raise OutOfTime
            (folder / "case").write_bytes(pickle.dumps(case))
            faulthandler.dump_traceback_later(HANG_SECONDS, exit=True, file=trace)
            try:
                examine(case, Path(scratch))
            except Exception:
                if not (folder / "found").exists():
                    _tell(folder, f"{case!r}\n{traceback.format_exc()}")
                    until = time.monotonic() + SHRINK_SECONDS
                raise
            finally:
                faulthandler.cancel_dump_traceback_later()
            sent += 1

        number = first_seed
        try:
            while True:
                _round(send, number)
                number += 1
        except OutOfTime:
            pass
        except Exception:
            _tell(folder, traceback.format_exc())
            raise
        finally:
            (folder / "count").write_text(str(sent))


def _tell(folder: Path, text: str) -> None:
    (folder / "found").write_text(text, encoding="utf-8", errors="backslashreplace")


def _round(send: Callable[[Case], None], number: int) -> None:
    rules = settings(
        max_examples=EXAMPLES_A_ROUND,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    seed(number)(rules(given(cases())(send)))()  # type: ignore[call-arg]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--seed", type=int, required=True)
    chosen = parser.parse_args()
    run(chosen.folder, seconds=chosen.seconds, first_seed=chosen.seed)


if __name__ == "__main__":
    main()
