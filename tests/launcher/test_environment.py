import os
import stat

import pytest

from launcher import environment
from launcher.environment import State
from launcher.errors import CannotStart


@pytest.fixture
def state(tmp_path, monkeypatch):
    for name in (
        "SECRET_KEY",
        "SECRET_KEY_FILE",
        "STATE_DIR",
        "DATABASE_URL",
        "REDIS_URL",
        "SITE_URL",
    ):
        monkeypatch.delenv(name, raising=False)
    state = State(tmp_path / "var")
    state.make()
    return state


def settings_of(state, **changes):
    arguments = {
        "host": "127.0.0.1",
        "port": 8000,
        "broker_url": "redis://127.0.0.1:1/0",
        **changes,
    }
    return environment.chosen(state, **arguments)


def test_the_secret_key_is_made_once_and_is_private(state):
    key = state.secret_key.read_text()
    state.make()
    assert state.secret_key.read_text() == key
    assert len(key) > 50
    assert stat.S_IMODE(state.secret_key.stat().st_mode) == 0o600
    assert stat.S_IMODE(state.folder.stat().st_mode) == 0o700


def test_a_second_run_in_the_folder_is_told_so(state):
    held = environment.lock(state)
    assert environment.is_locked(state)
    with pytest.raises(CannotStart, match=f"already runs from this folder .process {os.getpid()}."):
        environment.lock(state)
    held.close()
    assert not environment.is_locked(state)


def test_the_callers_own_settings_win(state, monkeypatch):
    monkeypatch.setenv("SITE_URL", "https://agon.example")
    monkeypatch.setenv("SECRET_KEY", "theirs")
    settings = settings_of(state)
    assert "SITE_URL" not in settings
    assert "SECRET_KEY_FILE" not in settings
    assert environment.site(settings)["SITE_URL"] == "https://agon.example"


def test_a_wide_address_lets_the_machines_own_names_in(state):
    settings = settings_of(state, host="0.0.0.0")
    assert settings["BIND"] == "0.0.0.0:8000"
    assert settings["SITE_URL"] == "http://127.0.0.1:8000"
    assert {"localhost", "127.0.0.1"} <= set(settings["ALLOWED_HOSTS"].split(","))


def test_a_scoring_worker_gets_no_secret(state, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://agon:secret@db/agon")
    monkeypatch.setenv("SECRET_KEY", "secret")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    given = environment.scoring(state, "redis://:password@127.0.0.1:1/0")
    assert not {
        "DATABASE_URL",
        "SECRET_KEY",
        "SECRET_KEY_FILE",
        "STATE_DIR",
        "AWS_SECRET_ACCESS_KEY",
    } & set(given)
    assert "secret" not in given.values()
    assert "platform" not in given["PYTHONPATH"].rpartition("/")[2]


def test_language_and_time_zone_of_the_terminal_do_not_matter(state, monkeypatch):
    monkeypatch.setenv("LC_ALL", "C")
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    given = environment.site(settings_of(state))
    assert given["TZ"] == "UTC"
    assert given["PYTHONUTF8"] == "1"


def test_management_commands_find_the_running_site(state, monkeypatch):
    monkeypatch.setattr(environment, "default_state", lambda: state)
    settings = settings_of(state)
    environment.remember(state, settings)
    asleep: dict[str, str] = {}
    environment.adopt(asleep)
    assert "REDIS_URL" not in asleep
    assert asleep["SECRET_KEY_FILE"] == str(state.secret_key)
    held = environment.lock(state)
    awake: dict[str, str] = {}
    environment.adopt(awake)
    held.close()
    assert awake["REDIS_URL"] == settings["REDIS_URL"]


def test_management_commands_with_settings_of_their_own_are_left_alone(state, monkeypatch):
    monkeypatch.setattr(environment, "default_state", lambda: state)
    environment.remember(state, settings_of(state))
    own = {"SECRET_KEY": "theirs"}
    environment.adopt(own)
    assert own == {"SECRET_KEY": "theirs"}


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotStart, match="cannot be written"):
        State(tmp_path / "file" / "var").make()
