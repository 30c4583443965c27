"""Reads settings from environment variables, and says plainly which one is wrong.

Each reader takes the variable's name and a default. A bad value raises `ImproperlyConfigured`
with the name, what was found and what was expected, so the process stops at its start and not
at the first request that needs the setting. Secrets may also come from a file: `NAME_FILE`.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off", ""}


def _refuse(name: str, found: str, expected: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"{name}={found!r} cannot be used: expected {expected}.")


def text(name: str, default: str = "") -> str:
    """The variable itself, or what stands in the file that NAME_FILE names."""
    path = os.environ.get(f"{name}_FILE")
    if path:
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise _refuse(f"{name}_FILE", path, "the path of a readable file") from error
    return os.environ.get(name, default)


def boolean(name: str, *, default: bool) -> bool:
    value = text(name, "true" if default else "false").strip().lower()
    if value in TRUE:
        return True
    if value in FALSE:
        return False
    raise _refuse(name, value, "true or false")


def integer(name: str, default: int, *, minimum: int = 0) -> int:
    value = text(name, str(default))
    try:
        number = int(value)
    except ValueError as error:
        raise _refuse(name, value, "a whole number") from error
    if number < minimum:
        raise _refuse(name, value, f"a whole number of at least {minimum}")
    return number


def choice(name: str, default: str, options: tuple[str, ...]) -> str:
    value = text(name, default).strip().lower()
    if value not in options:
        raise _refuse(name, value, "one of " + ", ".join(options))
    return value


def words(name: str, default: str = "") -> list[str]:
    """A list of values, separated by commas."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def url(name: str, default: str, *, schemes: tuple[str, ...]) -> str:
    value = text(name, default)
    parts = urlsplit(value)
    if parts.scheme not in schemes or not (parts.netloc or parts.path):
        raise _refuse(
            name, value, "an address that starts with " + " or ".join(f"{s}://" for s in schemes)
        )
    return value


def database(name: str, default: str) -> dict[str, Any]:
    """Django's database settings from an address, with the options that Agon relies on.

    SQLite takes its write lock at the start of each transaction (IMMEDIATE): with the default
    (deferred) mode two writers that both began by reading fail with "database is locked" however
    long the time-out is.

    PostgreSQL compiles no query (`jit`): ours are short, and where its statistics are old, as on a
    new site in the rush before a deadline, it takes them for long ones and spends seconds on each.
    An address that has `options` of its own keeps them.
    """
    expected = "postgres://user:password@host:5432/name or sqlite:///path"
    value = url(name, default, schemes=("postgres", "postgresql", "sqlite"))
    try:
        config: dict[str, Any] = dict(environ.Env.db_url_config(value))
    except (ValueError, ImproperlyConfigured) as error:
        raise _refuse(name, value, expected) from error
    config["CONN_MAX_AGE"] = 600
    config["CONN_HEALTH_CHECKS"] = True
    if config.get("ENGINE") == "django.db.backends.sqlite3":
        config["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": (
                "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA foreign_keys=ON;"
                "PRAGMA cache_size=-32000;PRAGMA temp_store=MEMORY;"
            ),
        }
    elif "postgresql" in str(config.get("ENGINE")):
        config["OPTIONS"] = {"options": "-c jit=off", **config.get("OPTIONS", {})}
    return config


def storage(name: str, default: str) -> dict[str, Any]:
    """Django's storage settings from file:///folder or s3://bucket/prefix?endpoint_url=…"""
    value = url(name, default, schemes=("file", "s3"))
    parts = urlsplit(value)
    if parts.scheme == "file":
        return {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": unquote(parts.path), "file_permissions_mode": 0o600},
        }
    options: dict[str, Any] = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    unknown = set(options) - {"endpoint_url", "region_name"}
    if unknown or not parts.hostname:
        raise _refuse(name, value, "s3://bucket/prefix?endpoint_url=…&region_name=…")
    if parts.username:
        options["access_key"] = unquote(parts.username)
        options["secret_key"] = unquote(parts.password or "")
    return {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            **options,
            "bucket_name": parts.hostname,
            "location": parts.path.strip("/"),
            "default_acl": "private",
            "querystring_auth": True,
            "file_overwrite": False,
        },
    }


def email(name: str, default: str) -> dict[str, Any]:
    """Django's EMAIL_… settings from smtp://user:password@host:port, or console/file ones."""
    value = text(name, default)
    try:
        return dict(environ.Env.email_url_config(value))
    except (KeyError, ValueError, ImproperlyConfigured) as error:
        raise _refuse(
            name, value, "smtp+tls://user:password@host:587, filemail:///folder or consolemail://"
        ) from error
