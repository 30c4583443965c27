"""Notebooks run from top to bottom: to their end, into an error, and out of time."""

from __future__ import annotations

import nbformat
import psutil
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from launcher.notebooks import run_notebook

pytestmark = [pytest.mark.slow, pytest.mark.baselines]


def run(tmp_path, *cells, seconds=30, meanwhile=lambda: None, **agon):
    notebook = tmp_path / "lesson.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell(cell) for cell in cells]), notebook)
    return run_notebook(
        notebook, agon=agon, seconds=seconds, keep=tmp_path / "kept", meanwhile=meanwhile
    )


def test_it_is_kept_with_its_outputs_as_a_notebook_and_as_a_page(tmp_path, monkeypatch):
    monkeypatch.setenv("AGON_TOKEN", "of-the-caller")
    ran = run(
        tmp_path,
        "import os, pathlib, scoring",
        "print(os.environ['AGON_URL'], os.environ.get('AGON_TOKEN'))",
        "pathlib.Path('submission.csv').write_text('scratch')",
        AGON_URL="http://site",
    )
    assert ran.fault is None
    kept = nbformat.read(ran.executed, as_version=4)
    assert kept.cells[1].outputs[0].text == "http://site None\n"
    assert "http://site" in ran.executed.with_suffix(".html").read_text()
    assert not list(tmp_path.rglob("submission.csv"))


def test_an_error_is_told_with_its_cell_and_what_ran_before_is_kept(tmp_path):
    ran = run(
        tmp_path, "print('so far')", "raise ValueError('no such\\n  column')", "print('never')"
    )
    assert ran.fault == "cell 2: ValueError: no such column"
    first, _second, third = nbformat.read(ran.executed, as_version=4).cells
    assert first.outputs[0].text == "so far\n"
    assert third.outputs == []


def test_one_that_takes_too_long_is_stopped(tmp_path):
    ran = run(tmp_path, "import time; time.sleep(1)", "time.sleep(600)", seconds=5)
    assert ran.fault == "it took longer than 5 s"
    assert ran.seconds < 60


def test_a_kernel_that_dies_is_told(tmp_path):
    ran = run(tmp_path, "import os; os._exit(9)")
    assert ran.fault == "its kernel died, as it does when memory runs out"


def test_nothing_of_it_outlives_an_interrupt(tmp_path):
    def interrupt():
        if (tmp_path / "running").exists():
            raise KeyboardInterrupt

    cell = f"import pathlib, time; pathlib.Path({str(tmp_path / 'running')!r}).touch(); time.sleep(600)"
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, cell, meanwhile=interrupt)
    assert psutil.Process().children(recursive=True) == []


def test_a_file_that_is_no_notebook_is_told_with_what_was_printed(tmp_path):
    (tmp_path / "lesson.ipynb").write_text("rubbish")
    ran = run_notebook(tmp_path / "lesson.ipynb", agon={}, seconds=30, keep=tmp_path / "kept")
    assert ran.fault.startswith("it could not be run")
    assert "NotJSONError" in ran.fault


def test_a_long_error_is_cut_to_its_end():
    from launcher.execute_notebook import (  # needs what only `make setup-baselines` installs
        last_words,
    )

    assert last_words("\x1b[31m" + "a" * 600 + " the reason", most=20) == "… aaaaaaaaa the reason"
