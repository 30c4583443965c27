"""Settings from the environment: a bad value stops the start with its name and what was expected."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from agon import environment as env


@pytest.mark.parametrize(
    ("read", "name", "value", "expected"),
    [
        (lambda: env.boolean("DEBUG", default=False), "DEBUG", "maybe", "true or false"),
        (lambda: env.integer("SWEEP_SECONDS", 2), "SWEEP_SECONDS", "two", "whole number"),
        (lambda: env.integer("SWEEP_SECONDS", 2, minimum=1), "SWEEP_SECONDS", "0", "at least 1"),
        (lambda: env.choice("LOG_LEVEL", "info", ("info", "error")), "LOG_LEVEL", "loud", "one of info, error"),
        (lambda: env.url("SITE_URL", "", schemes=("https",)), "SITE_URL", "ftp://x", "https://"),
        (lambda: env.database("DATABASE_URL", ""), "DATABASE_URL", "mysql://a/b", "postgres"),
        (lambda: env.database("DATABASE_URL", ""), "DATABASE_URL", "nonsense", "postgres"),
        (lambda: env.storage("STORAGE_URL", ""), "STORAGE_URL", "s3:///nobucket", "s3://bucket"),
        (lambda: env.storage("STORAGE_URL", ""), "STORAGE_URL", "s3://b?acl=public", "s3://bucket"),
        (lambda: env.email("EMAIL_URL", ""), "EMAIL_URL", "pigeon://coop", "smtp"),
        (lambda: env.text("SECRET_KEY"), "SECRET_KEY_FILE", "/not/there", "readable file"),
    ],
)  # fmt: skip
def test_a_bad_value_is_named_with_what_was_expected(monkeypatch, read, name, value, expected):
    monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured) as refusal:
        read()
    assert name in str(refusal.value)
    assert expected in str(refusal.value)


def test_sqlite_takes_its_write_lock_at_once(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "sqlite:////tmp/a.sqlite3")
    config = env.database("DATABASE_URL", "")
    assert config["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert config["OPTIONS"]["timeout"] == 20
    assert "journal_mode=WAL" in config["OPTIONS"]["init_command"]


def test_object_storage_is_private_and_never_overwrites(monkeypatch):
    monkeypatch.setenv(
        "STORAGE_URL", "s3://key:secret@bucket/prefix?endpoint_url=http://minio:9000"
    )
    options = env.storage("STORAGE_URL", "")["OPTIONS"]
    assert options["bucket_name"] == "bucket"
    assert options["endpoint_url"] == "http://minio:9000"
    assert options["access_key"] == "key"
    assert options["default_acl"] == "private"
    assert options["file_overwrite"] is False


def test_a_secret_may_come_from_a_file(monkeypatch, tmp_path):
    (tmp_path / "key").write_text("secret\n")
    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "key"))
    assert env.text("SECRET_KEY") == "secret"


def test_postgresql_compiles_no_query_unless_the_address_says_so(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://agon:secret@localhost/agon")
    assert env.database("DATABASE_URL", "")["OPTIONS"] == {"options": "-c jit=off"}
    monkeypatch.setenv(
        "DATABASE_URL", "postgres://agon:secret@localhost/agon?options=-c%20statement_timeout%3D5s"
    )
    assert env.database("DATABASE_URL", "")["OPTIONS"]["options"] == "-c statement_timeout=5s"
