"""The demo accounts: made once, with passwords that stand in no code."""

import json

import pytest
from django.core.management import call_command

from agon.accounts.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _state(settings, tmp_path):
    settings.STATE_DIR = tmp_path


def test_the_passwords_are_random_printed_once_and_kept_from_others(capsys, settings):
    call_command("create_demo")
    path = settings.STATE_DIR / "demo-credentials.json"
    kept = json.loads(path.read_text())
    printed = capsys.readouterr().out
    assert path.stat().st_mode & 0o077 == 0
    for name in ("host", "participant"):
        assert kept[name] in printed
        assert User.objects.get(username=name).check_password(kept[name])
    assert User.objects.get(username="host").is_staff
    assert not User.objects.get(username="participant").is_staff


def test_a_second_start_changes_no_password_and_prints_none(capsys, settings):
    call_command("create_demo")
    kept = json.loads((settings.STATE_DIR / "demo-credentials.json").read_text())
    capsys.readouterr()
    call_command("create_demo")
    assert kept["host"] not in capsys.readouterr().out
    assert User.objects.get(username="host").check_password(kept["host"])
