"""Executes one notebook in a fresh kernel; `launcher.notebooks` starts it as a process of its own.

    python -m launcher.execute_notebook NOTEBOOK --keep FOLDER --seconds 60

Writes NOTEBOOK's name with its outputs to FOLDER as .ipynb and .html, and how it ended as .json.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbconvert import HTMLExporter

from launcher.environment import ROOT

KERNEL_START_SECONDS = 120
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m launcher.execute_notebook")
    parser.add_argument("notebook", type=Path)
    parser.add_argument("--keep", type=Path, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    options = parser.parse_args()
    notebook: Path = options.notebook
    # The kernel of this Python, and no other that the user may have installed under the same name.
    os.environ["JUPYTER_PATH"] = str(Path(sys.prefix) / "share" / "jupyter")
    content = nbformat.read(notebook, as_version=4)  # type: ignore[no-untyped-call]
    fault, seconds = execute(content, options.seconds)
    executed = options.keep / notebook.name
    nbformat.write(content, executed)  # type: ignore[no-untyped-call]
    page, _resources = HTMLExporter().from_notebook_node(content)
    executed.with_suffix(".html").write_text(page, encoding="utf-8")
    ending = json.dumps({"fault": fault, "seconds": seconds})
    executed.with_suffix(".json").write_text(ending, encoding="utf-8")
    return 0


def execute(content: nbformat.NotebookNode, seconds: float) -> tuple[str | None, float]:
    """Run every cell in a scratch folder; the sentence that says why one failed, and the time."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="agon-notebook-") as folder:
        client = NotebookClient(
            content,
            kernel_name="python3",
            coalesce_streams=True,  # a progress bar is one line, not hundreds
            startup_timeout=KERNEL_START_SECONDS,
            timeout_func=lambda _cell: max(1, int(began + seconds - time.monotonic())),
            resources={"metadata": {"path": folder}},
        )
        environment = {
            **os.environ,
            "IPYTHONDIR": str(Path(folder) / ".ipython"),
            # The platform's own architectures are imported from `scoring`.
            "PYTHONPATH": str(ROOT),
        }
        return _fault_of(client, environment, seconds), time.monotonic() - began


def _fault_of(client: NotebookClient, environment: dict[str, str], seconds: float) -> str | None:
    try:
        client.execute(env=environment)
    except CellTimeoutError:
        return f"it took longer than {seconds:.0f} s"
    except CellExecutionError as error:
        return f"cell {client.code_cells_executed}: {error.ename}: {last_words(error.evalue)}"
    except DeadKernelError:
        return "its kernel died, as it does when memory runs out"
    except RuntimeError as error:
        return f"its kernel did not start: {last_words(str(error))}"
    return None


def last_words(text: str, most: int = 500) -> str:
    """An error's text on one line, without the colours of a terminal."""
    line = " ".join(_COLOURS.sub("", text).split())
    return line if len(line) <= most else "… " + line[-most:]


if __name__ == "__main__":
    sys.exit(main())
