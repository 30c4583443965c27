"""Make a token for an account: for machines that no person sits at."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from agon.accounts.models import User
from agon.api.errors import TooManyTokens
from agon.api.services import create_token


class Command(BaseCommand):
    help = "Makes a token for an account and prints it; it can't be read again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument(
            "--name", default="command line", help="what the token is for (default: %(default)s)"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            user = User.objects.get(username=options["username"], is_active=True)
            token = create_token(user=user, name=options["name"])
        except User.DoesNotExist as error:
            raise CommandError(f"There is no account called {options['username']}.") from error
        except TooManyTokens as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(token.text)
