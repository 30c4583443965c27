"""Every check that needs no test run: `python -m launcher.check`."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from launcher import messages
from launcher.console import FAILED, Console
from launcher.environment import ROOT, common
from launcher.processes import resolve

PYTHON_PATH = f"{ROOT / 'platform'}{os.pathsep}{ROOT}"
CHECKS: dict[str, tuple[str, ...]] = {
    "Formatting (mend with `make format`)": ("ruff", "format", "--check", "."),
    "Lint": ("ruff", "check", "."),
    "Types": ("mypy", "platform", "scoring", "manage.py"),
    "Imports between parts": ("lint-imports",),
    "Templates": ("djlint", "--lint", "--quiet", "platform"),
    "Missing migrations": ("python", "manage.py", "makemigrations", "--check", "--dry-run"),
    "Deployment": ("python", "manage.py", "check", "--deploy", "--fail-level", "WARNING"),
}


def production(state: Path) -> Mapping[str, str]:
    """The settings of a real site behind HTTPS, with nothing of this machine's own."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        **common(),
        "HOME": os.environ.get("HOME", str(state)),
        "PYTHONPATH": PYTHON_PATH,
        "DJANGO_SETTINGS_MODULE": "agon.settings",
        "STATE_DIR": str(state),
        "SECRET_KEY": secrets.token_urlsafe(64),
        "SITE_URL": "https://agon.example",
        "ALLOWED_HOSTS": "agon.example",
        "EMAIL_VERIFICATION": "mandatory",
        "EMAIL_URL": "smtp+tls://user:password@mail.example:587",
    }


def main() -> int:
    console = Console()
    messages.compile_all(ROOT / "platform" / "agon")
    failed = []
    with tempfile.TemporaryDirectory() as folder:
        environment = production(Path(folder))
        for name, argv in CHECKS.items():
            with console.step(name) as details:
                done = subprocess.run(
                    resolve(argv),
                    cwd=ROOT,
                    env=environment,
                    capture_output=True,
                    text=True,
                    check=False,
                )
                if done.returncode:
                    failed.append(name)
                    details.append(FAILED)
            if done.returncode:
                console.line((done.stdout + done.stderr).rstrip())
    if failed:
        console.line(f"\n{len(failed)} of {len(CHECKS)} checks failed: {', '.join(failed)}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
