"""Scoring programs of CodaLab and Codabench: how they are started, and whether they can run here."""

from __future__ import annotations

import ast
import importlib.util
import re
import shlex
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from scoring.foreign.draft import Draft
from scoring.foreign.notes import Weight

METADATA = ("metadata.yaml", "metadata.yml", "metadata")
PYTHON = re.compile(r"(?:/[\w./-]*/)?python[23]?(?:\.\d+)?")
PLAIN = re.compile(r"[\w$./=:+,@%-]+")
MAX_SOURCE = 1024 * 1024
PACKAGES = {"sklearn": "scikit-learn", "yaml": "PyYAML", "PIL": "pillow"}


def command_of(draft: Draft, program: Path, *, phase: str) -> str:
    """How the program is started; a Python of whichever version becomes ours."""
    command = ""
    for name, content in _texts(program, lambda name: name in METADATA):
        command = command or _command_in(content, name)
    if not command:
        draft.note(Weight.BLOCKING, "command_missing", phase=phase)
        return "python3 $program/score.py $input $output"
    try:
        words = shlex.split(command)
    except ValueError:
        words = command.split()
    if not PYTHON.fullmatch(words[0]):
        draft.note(Weight.BLOCKING, "not_python", phase=phase, command=command[:200])
        return command[:1000]
    return " ".join(["python3", *map(_quoted, words[1:])])[:1000]


def check_sources(draft: Draft, program: Path) -> None:
    """Note what of the program's sources can't run here: old Python, and packages that are not here."""
    sources = dict(_texts(program, lambda name: name.endswith(".py")))
    own = {Path(name).stem for name in sources} | {Path(name).parts[0] for name in sources}
    for name, content in sources.items():
        try:
            tree = ast.parse(content, name)
        except (SyntaxError, ValueError, RecursionError) as error:
            line = getattr(error, "lineno", None) or 1
            draft.note(Weight.BLOCKING, "old_python", name=name, line=line)
            continue
        for package in sorted(_imported(tree)):
            if package not in own and not _is_installed(package):
                draft.note(Weight.BLOCKING, "missing_package", name=PACKAGES.get(package, package))


def _quoted(word: str) -> str:
    return word if PLAIN.fullmatch(word) else shlex.quote(word)


def _command_in(content: str, name: str) -> str:
    """Metadata are YAML, or lines such as ``command: python $program/score.py``."""
    try:
        data: Any = yaml.safe_load(content)
    except yaml.YAMLError:
        data = None
    if isinstance(data, dict) and isinstance(data.get("command"), str):
        return str(data["command"]).strip()
    found = re.search(r"^\s*command\s*:\s*(.+)$", content, re.MULTILINE)
    return found[1].strip() if found and name in METADATA else ""


def _imported(tree: ast.Module) -> set[str]:
    """The packages that a module imports at its top; what is tried or late may do without."""
    names = set()
    for node in tree.body:
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names


def _is_installed(package: str) -> bool:
    if package in sys.stdlib_module_names:
        return True
    try:
        return importlib.util.find_spec(package) is not None
    except (ImportError, ValueError):
        return False


def _texts(program: Path, wanted: Any) -> Iterator[tuple[str, str]]:
    """The program's small files that are wanted by name, from a folder or a zip file."""
    if program.is_dir():
        for path in sorted(program.rglob("*")):
            name = path.relative_to(program).as_posix()
            if wanted(name) and path.is_file() and path.stat().st_size <= MAX_SOURCE:
                yield name, path.read_text(encoding="utf-8", errors="replace")
        return
    try:
        with zipfile.ZipFile(program) as archive:
            for info in archive.infolist():
                if wanted(info.filename) and info.file_size <= MAX_SOURCE:
                    yield info.filename, archive.read(info).decode("utf-8", "replace")
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError):
        return
