"""What every test shares: files in a folder of the test's own, and one fixed cast of people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import factories
import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone, translation
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from agon.accounts.models import User
from agon.competitions.models import Competition, Phase
from agon.teams.models import Team
from launcher import messages

# How fast examples are drawn says more about the neighbours on the machine than about the test.
hypothesis_settings.register_profile(
    "agon", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("agon")


def pytest_configure() -> None:
    """The compiled translations are not in the repository; a fresh clone makes them first."""
    messages.compile_all(Path(__file__).resolve().parent.parent / "platform" / "agon")


@pytest.fixture(autouse=True)
def _storage(settings: Any, tmp_path: Path) -> None:
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path / "storage")},
        },
    }


@pytest.fixture(autouse=True)
def _language_and_zone() -> Iterator[None]:
    """A request leaves its language and zone active in its thread; the next test starts anew."""
    yield
    translation.deactivate()
    timezone.deactivate()


@dataclass(frozen=True)
class Cast:
    """Everybody who can meet a competition.

    Hanna hosts it and Carl is her co-host. Paula takes part, in one team with Tom. Ron takes part
    for himself. Jude judges: he sees what hosts see, and changes nothing. Sam has an account and
    nothing else; Olga hosts another competition. Stan is staff.
    """

    competition: Competition
    phase: Phase
    team: Team
    rivals: Team
    hanna: User
    carl: User
    paula: User
    tom: User
    ron: User
    jude: User
    sam: User
    olga: User
    stan: User

    def people(self) -> dict[str, User | AnonymousUser]:
        return {
            "anonymous": AnonymousUser(),
            "stranger": self.sam,
            "participant": self.paula,
            "team-mate": self.tom,
            "rival": self.ron,
            "judge": self.jude,
            "co-host": self.carl,
            "host": self.hanna,
            "other host": self.olga,
            "staff": self.stan,
        }


@pytest.fixture
def cast(db: None) -> Cast:
    hanna = factories.make_user("hanna")
    olga = factories.make_user("olga")
    competition = factories.make_competition(hanna, slug="digits", title="Digits")
    carl = factories.make_user("carl")
    competition.cohosts.add(carl)
    jude = factories.make_user("jude")
    competition.judges.add(jude)
    phase = factories.make_phase(competition)
    factories.make_phase(factories.make_competition(olga, slug="other", title="Other"))
    paula = factories.make_participant(competition, "paula")
    tom = factories.make_participant(competition, "tom")
    ron = factories.make_participant(competition, "ron")
    return Cast(
        competition=competition,
        phase=phase,
        team=factories.make_team(competition, paula, tom, name="Paula and Tom"),
        rivals=factories.make_team(competition, ron, name="Ron"),
        hanna=hanna,
        carl=carl,
        paula=paula,
        tom=tom,
        ron=ron,
        jude=jude,
        sam=factories.make_user("sam"),
        olga=olga,
        stan=factories.make_user("stan", is_staff=True, is_superuser=True),
    )
