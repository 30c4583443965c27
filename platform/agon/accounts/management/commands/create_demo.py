"""Accounts to try the site with: a host who is staff, and a participant."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from agon.accounts.services import ensure_account, random_password

PEOPLE = {
    "host": {"display_name": "Demo host", "is_staff": True},
    "participant": {"display_name": "Demo participant", "is_staff": False},
}


class Command(BaseCommand):
    help = "Creates the demo accounts once; their random passwords are kept in the state folder."

    def handle(self, *_args: Any, **_options: Any) -> None:
        path: Path = settings.STATE_DIR / "demo-credentials.json"
        if path.exists():
            self.stdout.write(f"demo accounts: made before, their passwords are in {path}")
            return
        passwords = {name: random_password() for name in PEOPLE}
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            json.dump(passwords, stream, indent=2)
        for username, about in PEOPLE.items():
            ensure_account(
                username=username,
                display_name=str(about["display_name"]),
                email=f"{username}@example.org",
                password=passwords[username],
                is_staff=bool(about["is_staff"]),
            )
            self.stdout.write(f"demo {username}: {username} / {passwords[username]}")
