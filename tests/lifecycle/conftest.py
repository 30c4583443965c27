"""The whole site as real processes, shared by the tests of this folder."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.stack import Browser, Stack

ROWS = 1_000


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("stack")
    settings = {"COURIER_SECONDS": "1", "WEBHOOK_ALLOW_PRIVATE": "true"}
    with Stack(folder, postgres=False, concurrency=1, settings=settings) as running:
        yield running


@pytest.fixture(scope="session")
def site(stack: Stack) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(stack.run("-m", "tests.populate", str(ROWS), "40", "3"))
    found["unused"] = list(found["sessions"].values())
    return found


@pytest.fixture
def browser(stack: Stack, site: dict[str, Any]) -> Iterator[Browser]:
    """A participant whom no other test has used."""
    person = Browser(stack.web_url, site["unused"].pop(), site["csrf"])
    yield person
    person.client.close()


@pytest.fixture
def logs(stack: Stack) -> Iterator[None]:
    """Fails the test when a process wrote a traceback during it."""
    paths = [Path(stack.folder / f"{name}.log") for name in stack.processes]
    before = [path.read_text(errors="replace").count("Traceback") for path in paths]
    yield
    after = [path.read_text(errors="replace").count("Traceback") for path in paths]
    assert after == before, stack.logs(40)
