"""Write a competition into a zip file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from agon.bundles.parts import Part, with_needed
from agon.bundles.writing import write_archive
from agon.competitions.models import Competition


class Command(BaseCommand):
    help = "Writes a competition into a zip file that import_competition takes in elsewhere."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="the competition's address, such as digits")
        parser.add_argument("path", type=Path, help="the zip file to make")
        parser.add_argument(
            "--parts", nargs="*", choices=Part.values, default=Part.values, help="all by default"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        competition = Competition.objects.filter(slug=options["slug"]).first()
        if competition is None:
            raise CommandError(f"There is no competition at {options['slug']}.")
        path: Path = options["path"]
        if path.exists():
            raise CommandError(f"{path} is there already; name another file.")
        with path.open("xb") as stream:
            write_archive(
                competition=competition, parts=with_needed(options["parts"]), stream=stream
            )
        self.stdout.write(f"{competition.title}: {path}, {path.stat().st_size} bytes")
