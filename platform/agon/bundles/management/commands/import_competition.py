"""Take in a competition from a folder, a zip file of one, or an archive of another site."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from agon.accounts.models import User
from agon.bundles.errors import BundleRefused
from agon.bundles.services.importing import import_file, import_folder
from agon.bundles.services.restoring import Restored, Wishes


class Command(BaseCommand):
    help = (
        "Takes in a competition: a folder with a competition.yaml, the same as a zip file, or what "
        "a site exported, whose people, teams and scores are believed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path, help="a folder or a zip file")
        parser.add_argument("--host", help="user name of the host; else the first of the staff")
        parser.add_argument("--slug", default="", help="another address than it says")
        parser.add_argument(
            "--update", action="store_true", help="bring an existing one up to date"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        wishes = Wishes(host=self.host(options["host"]), trusted=True, slug=options["slug"])
        try:
            made = self.take_in(options["path"], wishes, update=options["update"])
        except BundleRefused as refusal:
            raise CommandError("\n".join(refusal.sentences)) from refusal
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}") from error
        for note in made.notes:
            self.stdout.write(note)
        competition = made.competition
        self.stdout.write(f"{competition.title}: it is at {competition.get_absolute_url()}")

    def take_in(self, path: Path, wishes: Wishes, *, update: bool) -> Restored:
        if path.is_dir():
            return import_folder(folder=path, wishes=wishes, update=update)
        with path.open("rb") as stream:
            return import_file(stream=stream, wishes=wishes, update=update)

    def host(self, username: str | None) -> User:
        if username is None:
            found = User.objects.filter(is_staff=True, is_active=True).order_by("pk").first()
            if found is None:
                raise CommandError("Name a host with --host, or make a staff account first.")
            return found
        found = User.objects.filter(username=username).first()
        if found is None:
            raise CommandError(f"There is no account called {username}.")
        return found
