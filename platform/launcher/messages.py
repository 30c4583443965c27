"""Compiles the translations: `python -m launcher.messages`.

In Python, since a fresh machine has no gettext. Compiled files are not kept in the repository.
"""

from __future__ import annotations

from pathlib import Path

import polib

from launcher.environment import ROOT


def compile_all(folder: Path) -> int:
    """Makes each .mo that is older than its .po; returns how many."""
    compiled = 0
    for source in folder.rglob("locale/*/LC_MESSAGES/*.po"):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        polib.pofile(str(source)).save_as_mofile(str(target))
        compiled += 1
    return compiled


if __name__ == "__main__":
    compile_all(ROOT / "platform" / "agon")
