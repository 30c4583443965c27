"""Every fault that a runner can raise has its sentence, and brings what the sentence needs."""

from __future__ import annotations

import ast
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from scoring import runners
from scoring.errors import SENTENCES

FOLDER = Path(next(iter(runners.__path__)))


def faults() -> Iterator[tuple[str, str, frozenset[str]]]:
    for path in sorted(FOLDER.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Fault":
                code = ast.literal_eval(node.args[0])
                yield path.stem, code, frozenset(word.arg or "**" for word in node.keywords)


@pytest.mark.parametrize(("module", "code", "params"), sorted(set(faults()), key=str))
def test_a_fault_has_its_sentence(module, code, params):
    fields = {field for _, field, _, _ in string.Formatter().parse(SENTENCES[code]) if field}
    assert fields == params


def test_there_are_faults_to_check():
    assert len(set(faults())) > 20
