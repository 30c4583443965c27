"""Programs as participants pack them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

import numpy as np
import pytest

GOOD = """
import csv, sys
from pathlib import Path

def predict(inputs_dir, output_path):
    print("reading", sorted(path.name for path in Path(inputs_dir).iterdir()))
    with open(Path(inputs_dir) / "test.csv", newline="") as stream:
        rows = list(csv.DictReader(stream))
    with open(output_path, "w") as stream:
        print("id,label", file=stream)
        for row in rows:
            print(row["id"], len(row["text"]) % 3, sep=",", file=stream)
"""
TABLE = b"id,text\n" + b"".join(b'%d,"a\nb%s"\n' % (row, b"c" * row) for row in range(20))


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


def predict_with(body: str) -> bytes:
    return zipped({"predict.py": f"def predict(inputs_dir, output_path):\n    {body}\n"})


@pytest.fixture
def ask(run_bare, tmp_path):
    def asked(program, inputs=TABLE, name="test.csv", rows=None, limit=10_000):
        scratch = tmp_path / "scratch"
        scratch.mkdir()
        request = {
            "rows": rows,
            "threads": 1,
            "inputs_name": name,
            "max_program_bytes": 1_000_000,
            "max_output_bytes": limit,
            "scratch": str(scratch),
        }
        return run_bare("program", {"model": program, "inputs": inputs}, request)

    return asked


def test_a_program_gets_a_folder_and_its_one_file_comes_back(ask):
    said = ask(zipped({"predict.py": GOOD}))
    assert said.fault is None and said.is_done
    lines = said.files["predictions.csv"].decode().splitlines()
    assert lines[:3] == ["id,label", "0,0", "1,1"] and len(lines) == 21
    assert said.errors == "reading ['test.csv']\n"


def test_a_trial_sees_the_first_rows_of_a_table_only(ask):
    said = ask(zipped({"predict.py": GOOD}), rows=8)
    assert len(said.files["predictions.csv"].splitlines()) == 9


def test_a_trial_cuts_the_tables_of_an_archive_and_leaves_its_other_files_whole(ask):
    arrays = io.BytesIO()
    np.savez_compressed(arrays, x=np.arange(40).reshape(20, 2), scale=np.float64(3))
    inputs = zipped(
        {
            "index.jsonl": '{"id": 1}\n' * 30,
            "arrays/test.npz": arrays.getvalue(),
            "images/1.png": b"\x89PNG" * 100,
        }
    )
    body = """
    import numpy as np, pathlib
    folder = pathlib.Path(inputs_dir)
    lines = len((folder / "index.jsonl").read_text().splitlines())
    arrays = np.load(folder / "arrays" / "test.npz")
    image = (folder / "images" / "1.png").stat().st_size
    pathlib.Path(output_path).write_text(f"{lines} {arrays['x'].shape} {arrays['scale']} {image}")
"""
    said = ask(predict_with(body), inputs, "inputs.zip", rows=8)
    assert said.files["predictions.csv"] == b"8 (8, 2) 3.0 400"


def test_a_program_may_bring_modules_and_data_of_its_own(ask):
    program = zipped(
        {
            "predict.py": "from parts.model import LABEL\nfrom pathlib import Path\n"
            "def predict(inputs_dir, output_path):\n"
            "    weights = (Path(__file__).parent / 'weights.bin').read_bytes()\n"
            "    Path(output_path).write_text(f'{LABEL} {len(weights)}')\n",
            "parts/__init__.py": "",
            "parts/model.py": "LABEL = 7",
            "weights.bin": b"\0" * 100,
        }
    )
    assert ask(program).files["predictions.csv"] == b"7 100"


def test_a_program_that_raises_is_told_its_last_line(ask):
    said = ask(predict_with("print('so far'); raise KeyError('image_id')"))
    assert said.fault == ("program_failed", {"reason": "KeyError: 'image_id'"})
    assert said.errors.startswith("so far\nTraceback")
    assert "predictions.csv" not in said.files


def test_a_program_that_dies_is_told_of_what(ask):
    said = ask(predict_with("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)"))
    assert said.fault == ("program_failed", {"reason": "it was ended by SIGSEGV"})


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({"main.py": "x = 1"}, "program_missing_predict"),
        ({"predict.py": "x = 1"}, "program_missing_predict"),
        ({"mine/predict.py": GOOD}, "program_misplaced_predict"),
    ],
)
def test_a_program_without_its_function_is_told_where_it_belongs(ask, files, code):
    assert ask(zipped(files)).fault[0] == code


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("pass", "program_no_output"),
        ("open(output_path, 'w').close()", "program_no_output"),
        ("import os; os.mkfifo(output_path)", "program_no_output"),
        ("import os; os.symlink('/dev/zero', output_path)", "program_no_output"),
        ("import os; os.mkdir(output_path)", "program_no_output"),
        ("open(output_path, 'w').write('x' * 10_001)", "program_output_too_large"),
    ],
)
def test_only_an_ordinary_file_of_a_fair_size_leaves(ask, body, code):
    said = ask(predict_with(body))
    assert said.fault[0] == code
    assert "predictions.csv" not in said.files


def test_a_program_may_print_much_and_leave_processes_behind(ask):
    body = """
    import subprocess
    subprocess.Popen(["sleep", "20"])
    print("x" * 1_000_000)
    print("end")
    raise SystemExit(3)
"""
    said = ask(predict_with(body))
    assert len(said.errors) > 1_000_000
    assert said.fault == ("program_failed", {"reason": "end"})


def test_a_file_that_is_no_archive_is_refused(ask):
    code, params = ask(b"print('hello')").fault
    assert code == "program_archive" and "damaged" in params["reason"]
