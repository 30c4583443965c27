import psycopg
import pytest

from launcher.postgres import Postgres

pytestmark = pytest.mark.postgres


@pytest.mark.parametrize("durable", [True, False], ids=["durable", "fast"])
def test_commits_survive_a_kill_and_the_address_stays(durable):
    with Postgres(durable=durable) as server:
        with psycopg.connect(server.url) as connection:
            connection.execute("CREATE TABLE kept (n integer)")
            connection.execute("INSERT INTO kept VALUES (1)")
        address = server.url
        server.kill()
        server.start()
        assert server.url == address
        with psycopg.connect(server.url) as connection:
            assert connection.execute("SELECT n FROM kept").fetchall() == [(1,)]
    assert not server.folder.exists()


def test_a_stop_is_clean_and_a_second_database_is_empty():
    with Postgres(durable=False) as server:
        server.stop()
        server.start()
        other = server.create_database("other")
        with psycopg.connect(other) as connection:
            assert connection.execute("SELECT count(*) FROM pg_stat_user_tables").fetchone() == (0,)
