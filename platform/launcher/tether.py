"""Starts a program that ends when its parent does: `python tether.py SIGNAL PARENT USER PROGRAM …`.

The kernel sends SIGNAL to the program when the thread that started it is gone (PR_SET_PDEATHSIG),
so nothing is left behind even by a parent that was killed. This small script does what would else be
a `preexec_fn`, which is not safe in a process with threads. USER is `-`, or whom root becomes first:
the kernel forgets the signal when a process changes its user, so `runuser` would undo it.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import sys

PR_SET_PDEATHSIG = 1


def become(user: str) -> None:
    entry = pwd.getpwnam(user)
    os.initgroups(entry.pw_name, entry.pw_gid)
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)


def main() -> None:
    death_signal, parent, user, *program = sys.argv[1:]
    if user != "-":
        become(user)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        if os.getppid() != int(parent):  # it died before the line above
            sys.exit(1)
    try:
        os.execvp(program[0], program)  # noqa: S606  (starting a program is what this file is for)
    except OSError as error:
        sys.exit(f"{program[0]} cannot be started: {error.strerror}")


if __name__ == "__main__":
    main()
