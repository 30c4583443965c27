"""Ends what the supervisor left behind if it was killed: `python -m launcher.guardian`.

The supervisor writes `+PID` and `-PID` lines to this process's standard input. When that ends and
processes are still named, nobody is left to stop them: they and their children get SIGTERM, and
SIGKILL a few seconds later. It also keeps the state folder's lock until they are gone, so that a
new start does not meet them.
"""

from __future__ import annotations

import contextlib
import signal
import sys

import psutil

from launcher.processes import descendants, is_gone, kill_all, wait_until

GRACE_SECONDS = 4


def main() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    pids: set[int] = set()
    for line in sys.stdin:
        sign, pid = line[0], int(line[1:])
        if sign == "+":
            pids.add(pid)
        else:
            pids.discard(pid)
    end(pids)


def end(pids: set[int]) -> None:
    families = {pid: descendants(pid) for pid in pids}
    everyone = [process for family in families.values() for process in family]
    for process in everyone:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.terminate()
    for _ in wait_until(GRACE_SECONDS, pause=0.1):
        if all(is_gone(process) for process in everyone):
            return
    for pid, family in families.items():
        kill_all(family, group=pid)


if __name__ == "__main__":
    main()
