"""Create a competition from its folder, or bring it up to date."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from agon.accounts.models import User
from agon.competitions.errors import CompetitionRefused
from agon.competitions.services import load_competition
from scoring.definition import CompetitionDefinition, load_definition
from scoring.errors import BrokenCompetition


class Command(BaseCommand):
    help = "Creates or updates a competition from a folder such as competitions/digits."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="a folder that holds a competition.yaml")
        parser.add_argument("--host", help="username of the host, for a new competition")
        parser.add_argument(
            "--no-prepare", action="store_true", help="never run the folder's prepare.py"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        definition = self.read(options["folder"], prepare=not options["no_prepare"])
        try:
            competition = load_competition(definition=definition, host=self.host(options["host"]))
        except (CompetitionRefused, ValidationError) as error:
            raise CommandError("; ".join(getattr(error, "messages", [str(error)]))) from error
        self.stdout.write(f"{competition.title}: up to date at {competition.get_absolute_url()}")

    def read(self, folder: Path, *, prepare: bool) -> CompetitionDefinition:
        """The checked definition; what prepare.py makes is made first where it is missing."""
        try:
            definition = load_definition(folder, files_must_exist=False)
            if prepare and definition.prepare and definition.missing_files():
                self.run_prepare(folder, definition.prepare)
            return load_definition(folder)
        except BrokenCompetition as error:
            raise CommandError(explain(error)) from error

    def run_prepare(self, folder: Path, script: Path) -> None:
        self.stdout.write(f"Preparing the data of {folder} …")
        if subprocess.run([sys.executable, str(script)], check=False).returncode:
            raise CommandError(f"{script} failed; what it printed says why.")

    def host(self, username: str | None) -> User | None:
        if username is None:
            return User.objects.filter(is_staff=True, is_active=True).order_by("pk").first()
        try:
            return User.objects.get(username=username)
        except User.DoesNotExist as error:
            raise CommandError(f"There is no account called {username}.") from error


def explain(error: BrokenCompetition) -> str:
    return "\n".join(
        "\n".join([problem.sentence(), *(f"  {example}" for example in problem.examples)])
        for problem in error.problems
    )
