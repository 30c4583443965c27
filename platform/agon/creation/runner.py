"""Does what was asked for: checks a draft in a process of its own, or publishes it."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import translation

from agon.creation.errors import PublicationRefused
from agon.creation.folders import write_folder
from agon.creation.models import Run
from agon.creation.services.publishing import publish
from agon.creation.services.runs import finish

logger = logging.getLogger(__name__)

SECONDS = 240
"""A check is shorter than the time after which its process is taken for dead."""
HANDED_ON = ("PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "XDG_CACHE_HOME")


def carry(run: Run) -> None:
    """To its end, whichever it is; sentences are in the language of the host."""
    with translation.override(run.draft.owner.language), tempfile.TemporaryDirectory() as scratch:
        try:
            folder = Path(scratch) / "competition"
            folder.mkdir()
            write_folder(draft=run.draft, folder=folder)
            if run.kind == Run.Kind.CHECK:
                report = _check(folder)
            else:
                competition = publish(draft=run.draft, folder=folder, fingerprint=run.fingerprint)
                report = {"ok": True, "slug": competition.slug}
        except PublicationRefused as refusal:
            report = {"ok": False, "sentences": list(refusal.sentences)}
        except Exception:  # whatever it is, the page must say that it ended
            logger.exception("%s failed", run)
            report = {"ok": False, "broken": True}
        finish(run=run, passed=bool(report["ok"]), report=report)


def _check(folder: Path) -> dict[str, Any]:
    """The engine's own look at the folder. It is given no secret of the site's."""
    environment = {key: os.environ[key] for key in HANDED_ON if key in os.environ}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "scoring", "trial", str(folder)],
            cwd=settings.ROOT,
            env={**environment, "PYTHONPATH": str(settings.ROOT)},
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {"ok": False, "slow": True}
    try:
        report: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        logger.error("The check of a draft said nothing: %s", done.stderr[-2000:])  # noqa: TRY400
        return {"ok": False, "broken": True}
    return report
