"""Sees to what the tests need beside Python packages: `python -m launcher.prepare_tests`.

As root on Debian it installs what is missing; elsewhere it says in one line what to install.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from launcher import messages
from launcher.console import Console
from launcher.environment import ROOT
from launcher.errors import CannotStart
from launcher.postgres import find_programs

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
CHINESE_FONTS = ("wqy", "noto*cjk", "NotoSansCJK", "NotoSansSC", "droid*fallback")


@dataclass(frozen=True)
class Need:
    """Something of the system: how to see it, what brings it on Debian, and what it is for."""

    name: str
    package: str
    purpose: str
    is_there: Callable[[], bool]


def browser() -> str | None:
    """Chromium's path; the browser tests use this one too."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def has_chinese_font() -> bool:
    folders = [Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".fonts"]
    return any(
        any(folder.rglob(f"*{pattern}*"))
        for folder in folders
        if folder.exists()
        for pattern in CHINESE_FONTS
    )


def has_postgres() -> bool:
    try:
        find_programs()
    except CannotStart:
        return False
    return True


NEEDS = (
    Need("Chromium", "chromium", "the browser tests", lambda: browser() is not None),
    Need(
        "gettext",
        "gettext",
        "the check of the translations",
        lambda: shutil.which("msgfmt") is not None,
    ),
    Need("a Chinese font", "fonts-wqy-zenhei", "the Chinese screenshots", has_chinese_font),
    Need("PostgreSQL", "postgresql", "the database tests", has_postgres),
    Need(
        "bubblewrap",
        "bubblewrap",
        "the sandbox of submitted models and code",
        lambda: shutil.which("bwrap") is not None,
    ),
)


def install(packages: list[str], console: Console) -> None:
    """With apt, where this is Debian and we may."""
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        return
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with console.step(f"Installing {', '.join(packages)}"):
        for arguments in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
            subprocess.run(
                [apt, "-q", *arguments],
                env=quiet,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                check=False,
                timeout=600,
            )


def main() -> int:
    console = Console()
    messages.compile_all(ROOT / "platform" / "agon")
    missing = [need for need in NEEDS if not need.is_there()]
    if missing:
        install([need.package for need in missing], console)
    for need in missing:
        if not need.is_there():
            console.note(
                f"Missing: {need.name}, for {need.purpose}, which fail without it. "
                f"Debian, Ubuntu: sudo apt install {need.package}"
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
