"""Make competitions of the site's folders, and have their data prepared."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from agon.competitions.models import Preparation
from agon.competitions.preparer import Preparer
from agon.competitions.services import announce_folders
from agon.competitions.services.preparing import Announcement, claim_preparation


class Command(BaseCommand):
    help = (
        "Makes a competition of each folder of COMPETITIONS_DIR, and asks the preparation worker for the "
        "data of those that are new, have changed, or have failed before."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--now",
            metavar="SLUG",
            default="",
            help="prepare this one here, before the command ends",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        announced = announce_folders(retry_failed=True)
        slug = options["now"]
        preparation = claim_preparation(slug=slug) if slug else None
        if preparation is not None:
            Preparer().run(preparation)
        for one in announced:
            self.stdout.write(f"{one.folder}: {state_of(one)}")


def state_of(announced: Announcement) -> str:
    """One line, for whoever started this."""
    if announced.preparation is None:
        return announced.problem
    preparation = announced.preparation
    preparation.refresh_from_db()
    if preparation.state == Preparation.State.READY:
        return "ready"
    if preparation.has_failed:
        return f"not prepared: {preparation.reason}"
    return "is being prepared" if not preparation.is_prepared else "is being brought up to date"
