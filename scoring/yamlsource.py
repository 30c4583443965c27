"""A YAML file that remembers which line each value stands on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from scoring.errors import BrokenCompetition, Problem

MAX_BYTES = 1024**2


@dataclass(frozen=True, slots=True)
class YamlSource:
    """A parsed YAML mapping and where its values stand."""

    path: Path
    data: dict[Any, Any]
    node: yaml.nodes.Node

    def line_of(self, location: Sequence[int | str]) -> int:
        """The line (from 1) of the value at a location such as ``("phases", 0, "metrics")``.

        A value that is not there has the line of the nearest thing around it.
        """
        node, line = self.node, self.node.start_mark.line
        for step in location:
            found = _child(node, step)
            if found is None:
                break
            node, line = found
        return line + 1


def read_yaml(path: Path) -> YamlSource:
    """Parse a YAML file whose top level is a mapping.

    Raises:
        BrokenCompetition: there is no such file, or it is not such YAML.
    """
    try:
        with path.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except OSError as error:
        problem = Problem("file_unreadable", {"file": path.name, "reason": error.strerror or ""})
        raise BrokenCompetition(problem) from error
    if len(raw) > MAX_BYTES:
        raise _invalid(path, 1, "the file is larger than 1 MB")
    loader = _parse(path, raw)
    node, data = loader
    if not isinstance(data, dict):
        raise _invalid(path, 1, "expected `name: value` lines at the top level")
    return YamlSource(path=path, data=data, node=node)


def _parse(path: Path, raw: bytes) -> tuple[yaml.nodes.Node, object]:
    try:
        # The constructor of SafeLoader builds plain values only, never objects.
        loader = _StrictLoader(raw.decode("utf-8-sig"))
        try:
            node = loader.get_single_node()
            if node is None:
                raise _invalid(path, 1, "the file is empty")
            return node, loader.construct_document(node)
        finally:
            loader.dispose()
    except UnicodeDecodeError as error:
        raise _invalid(path, 1, "the file is not UTF-8 text") from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise _invalid(path, line, error.problem or "unreadable") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise _invalid(path, 1, str(error).splitlines()[0]) from error


def _invalid(path: Path, line: int, reason: str) -> BrokenCompetition:
    return BrokenCompetition(
        Problem("invalid_yaml", {"file": path.name, "line": line, "reason": reason})
    )


def _child(node: yaml.nodes.Node, step: int | str) -> tuple[yaml.nodes.Node, int] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == step:
                return value, key.start_mark.line
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        child = node.value[step]
        return child, child.start_mark.line
    return None


class _StrictLoader(yaml.SafeLoader):
    """YAML without what makes a file hard to read: aliases and keys given twice."""

    def compose_node(self, parent: yaml.nodes.Node | None, index: Any) -> yaml.nodes.Node | None:
        if self.check_event(yaml.events.AliasEvent):
            event = self.peek_event()  # type: ignore[no-untyped-call]
            raise yaml.composer.ComposerError(
                None,
                None,
                "aliases (*name) are not used here; write the value out",
                event.start_mark,
            )
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.nodes.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[object] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"`{key.value}` is given twice", key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)
