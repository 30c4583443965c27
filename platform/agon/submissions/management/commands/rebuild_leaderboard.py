"""Make the leaderboards anew from the scored submissions, or prove that they are right."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from agon.competitions.models import Phase
from agon.submissions.services import board


class Command(BaseCommand):
    help = "Rebuilds leaderboards from the scored submissions; with --check only compares."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", nargs="*", help="competitions; all of them when none is named")
        parser.add_argument(
            "--check", action="store_true", help="change nothing; exit with 1 where a board differs"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        phases = Phase.objects.select_related("competition").order_by("competition__slug", "order")
        if options["slug"]:
            phases = phases.filter(competition__slug__in=options["slug"])
            missing = set(options["slug"]) - {phase.competition.slug for phase in phases}
            if missing:
                raise CommandError(f"There is no competition called {', '.join(sorted(missing))}.")
        wrong = 0
        for phase in phases:
            if not options["check"]:
                board.rebuild(phase=phase)
                self.stdout.write(f"{phase}: rebuilt")
                continue
            found = board.differences(phase=phase)
            wrong += len(found)
            self.stdout.write(f"{phase}: {'equal to its rebuild' if not found else 'differs'}")
            for difference in found:
                self.stdout.write(f"  {difference}")
        if wrong:
            raise CommandError(
                "A leaderboard differs from its rebuild. Run rebuild_leaderboard without --check to mend it, "
                "and please report it: this should never happen."
            )
