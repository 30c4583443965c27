"""Sweep once, or for ever where the results worker is not to do it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from agon.submissions.services.sweep import sweep
from agon.submissions.sweeper import Sweeper


class Command(BaseCommand):
    help = "Moves on every submission that is stuck. The results worker does this by itself."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--forever", action="store_true", help="go on until stopped")

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["forever"]:
            Sweeper().run()
        else:
            self.stdout.write(str(sweep()))
