import stat

import pytest
import redis

from launcher.broker import Broker, free_port, port_is_free


@pytest.fixture
def broker(tmp_path):
    with Broker(tmp_path / "broker") as running:
        yield running


def client_of(broker):
    return redis.Redis.from_url(broker.url)


def test_it_answers_and_asks_for_its_password(broker):
    with client_of(broker) as client:
        assert client.ping()
    host = broker.url.split("@")[1]
    with (
        redis.Redis.from_url(f"redis://{host}") as stranger,
        pytest.raises(redis.AuthenticationError),
    ):
        stranger.ping()


def test_what_was_queued_survives_a_kill(broker):
    with client_of(broker) as client:
        client.rpush("queue", *range(1000))
    address = broker.url
    broker.kill()
    broker.start()
    assert broker.url == address
    with client_of(broker) as client:
        assert client.llen("queue") == 1000


def test_the_next_start_keeps_address_and_data(tmp_path):
    with Broker(tmp_path) as first, client_of(first) as client:
        client.set("kept", "yes")
    with Broker(tmp_path) as second, client_of(second) as client:
        assert second.url == first.url
        assert client.get("kept") == b"yes"


def test_its_password_is_for_its_owner_only(broker):
    for name in ("address.json", "server.conf"):
        assert stat.S_IMODE((broker.folder / name).stat().st_mode) == 0o600


def test_it_listens_on_this_machine_only(broker):
    with client_of(broker) as client:
        assert client.config_get("bind")["bind"] == "127.0.0.1"
        assert client.config_get("appendonly")["appendonly"] == "yes"


def test_a_port_in_use_is_seen_even_if_its_owner_shares_it(broker):
    port = int(broker.url.rsplit(":", 1)[1].split("/")[0])
    assert not port_is_free(port)
    assert port_is_free(free_port())
