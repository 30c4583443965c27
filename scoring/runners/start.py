"""The first thing that runs inside the sandbox: warm up, say hello, take one request, end.

`python -I -c "import sys; sys.path.insert(0, '/agon'); from scoring.runners.start import main;
main()" RUNTIME NONCE [DESCRIPTOR]`; the module `scoring.runners.RUNTIME` has ``warm()`` and
``run(request, inputs, channel)``.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from scoring.runners.protocol import OUTPUT, Channel

INPUTS = Path("/in")
HIGHEST_DESCRIPTOR = 4096


class Fault(Exception):
    """Why a model or program gives no result; becomes a verdict in its owner's words."""

    def __init__(self, code: str, **params: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


class Runner(Protocol):
    """What a runner's module has."""

    def warm(self) -> None:
        """Import what is needed and predict once with something made up."""

    def run(self, request: Mapping[str, Any], inputs: Path, channel: Channel) -> None:
        """Do what was asked for, with the files in a folder; raise `Fault` where it can't be."""


def main() -> None:
    """Serve one request."""
    _, name, nonce, *rest = sys.argv
    output = int(rest[0]) if rest else OUTPUT
    # What the launcher needed to get here is nobody's business from here on.
    os.closerange(3, output)
    os.closerange(output + 1, HIGHEST_DESCRIPTOR)
    channel = Channel(output)
    runner: Runner = importlib.import_module(f"scoring.runners.{name}")
    runner.warm()
    channel.hello(nonce)
    request = channel.request()
    try:
        runner.run(request, INPUTS, channel)
    except Fault as fault:
        channel.fault(fault.code, **fault.params)
    channel.done()
