"""Makes the people of the browser tests: `python -m tests.e2e.people SIGNED_UP MEMBERS`.

Runs inside the site's own environment. Prints JSON: a session for each person who has an account,
for each who has also accepted the rules of every competition, and for the host.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "agon.settings")
django.setup()

from django.core.management import call_command  # noqa: E402
from django.test import override_settings  # noqa: E402
from django.utils import timezone  # noqa: E402

from agon.accounts.models import User  # noqa: E402
from agon.competitions import services  # noqa: E402
from agon.competitions.models import Competition  # noqa: E402
from agon.submissions.services import results  # noqa: E402
from agon.submissions.services.attempts import start_attempt  # noqa: E402
from scoring.contract import Heartbeat, Stage  # noqa: E402
from tests import factories  # noqa: E402
from tests.populate import session_of  # noqa: E402

HOST = "hanna"
# They come in by a session; nobody types these passwords, so they need not be slow to check.
QUICK_HASHER = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def make_competitions(folder: str) -> None:
    """Digits as a host loads it, and a small one in which one submission a day is allowed."""
    host = factories.make_user(HOST, is_staff=True)
    call_command("load_competition", folder, host=HOST, stdout=sys.stderr)
    sprint = factories.make_competition(host, slug="sprint", title="Sprint")
    factories.make_phase(sprint, per_day=1)
    make_models_competition(host)
    make_unprepared_competitions(host)


def make_models_competition(host: User) -> None:
    """One that takes models and programs for GPU workers, of which there is none.

    Its first submission predicts for as long as the tests run; its second one waits.
    """
    models = factories.make_competition(host, slug="models", title="Models")
    phase = factories.take_models(factories.make_phase(models), capability="gpu")
    team = factories.make_team(models, factories.make_user("modeller"), name="Modellers")
    predicting = factories.make_submission(team, phase, kind="model", format="onnx")
    attempt = start_attempt(submission=predicting)
    results.record_heartbeat(
        heartbeat=Heartbeat(token=attempt.token, stage=Stage.PREDICTING, progress=0.42)
    )
    forever = timezone.now() + timedelta(days=1)
    predicting.attempts.update(lease_expires_at=forever)
    start_attempt(submission=factories.make_submission(team, phase, kind="code"))


def make_unprepared_competitions(host: User) -> None:
    """One whose data is being made for as long as the tests run, and one where that failed."""
    coming = [{"name": "train.csv", "description": "5,000 photographs with their labels."}]
    photos = factories.make_competition(host, slug="photos", title="Photos")
    factories.make_phase(photos, solution=None)
    factories.make_preparation(
        photos,
        state="running",
        token="-",
        step="Downloading photos.tar.gz",
        done=43,
        total=100,
        files=coming,
    )
    letters = factories.make_competition(host, slug="letters", title="Letters")
    factories.make_phase(letters, solution=None)
    reason = "letters.zip could not be fetched.\nhttps://data.example/letters.zip: no connection"
    factories.make_preparation(
        letters, state="failed", cause="network", reason=reason, files=coming
    )


def accept_rules(user: User) -> User:
    for competition in Competition.objects.all():
        services.accept_rules(user=user, competition=competition, version=competition.rules_version)
    return user


@override_settings(PASSWORD_HASHERS=QUICK_HASHER)
def main(folder: str, signed_up: int, members: int) -> None:
    make_competitions(folder)
    newcomers = [factories.make_user(f"newcomer-{number}") for number in range(signed_up)]
    participants = [
        accept_rules(factories.make_user(f"participant-{number}")) for number in range(members)
    ]
    host = User.objects.get(username=HOST)
    print(
        json.dumps(
            {
                "host": {HOST: session_of(host)},
                "newcomers": {user.username: session_of(user) for user in newcomers},
                "participants": {user.username: session_of(user) for user in participants},
            }
        )
    )


if __name__ == "__main__":
    main(sys.argv[1], *(int(argument) for argument in sys.argv[2:]))
