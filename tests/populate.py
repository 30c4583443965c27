"""Fills a site for the chaos run and the benchmarks: `python -m tests.populate ROWS PEOPLE PER_DAY [SLUG]`.

Runs inside the site's own environment, prints JSON: the competition, and a session of each person.
"""

from __future__ import annotations

import json
import os
import secrets
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "agon.settings")
django.setup()

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402

from agon.accounts.models import User  # noqa: E402
from tests import factories  # noqa: E402


def solution(rows: int) -> bytes:
    lines = [f"{i},{i % 10},{'Public' if i % 10 < 3 else 'Private'}" for i in range(1, rows + 1)]
    return ("id,label,Usage\n" + "\n".join(lines) + "\n").encode()


def session_of(user: User) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)


def main(rows: int, people: int, per_day: int, slug: str = "arena") -> None:
    competition = factories.make_competition(
        factories.make_user(f"{slug}-host"), slug=slug, title=slug.title()
    )
    factories.make_phase(
        competition, solution=solution(rows), per_day=per_day, pending=1_000, counts_rejected=True
    )
    participants = [
        factories.make_participant(competition, f"{slug}-{number}") for number in range(people)
    ]
    print(
        json.dumps(
            {
                "slug": competition.slug,
                "rows": rows,
                "sessions": {user.username: session_of(user) for user in participants},
                "csrf": secrets.token_hex(16),
            }
        )
    )


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:4]), *sys.argv[4:])
