"""The command line: for hosts and participants, in plain sentences."""

import json

import pytest
from scoring_files import PERFECT, SOLUTION

from scoring.__main__ import main

YAML = """\
slug: tiny
title: Tiny
pages: {overview: a.md, data: a.md, evaluation: a.md, rules: a.md}
practice: {solution: practice.csv}
phases:
  - submission: {sample: sample.csv, columns: {label: integer}}
    solution: {file: solution.csv}
    metrics: [{name: accuracy}]
"""
EXPECTED = """\
perfect.csv: {scores: {accuracy: {public: 1.0, private: [0.9, 1.0]}}}
short.csv: {refused: [missing_ids]}
"""


@pytest.fixture
def folder(tmp_path):
    files = {
        "competition.yaml": YAML.encode(),
        "a.md": b"# A",
        "sample.csv": b"id,label\n" + b"".join(b"%d,0\n" % number for number in range(1, 6)),
        "solution.csv": SOLUTION,
        "practice.csv": b"id,label\n101,7\n102,8\n",
        "examples/perfect.csv": PERFECT,
        "examples/short.csv": b"id,label\n1,7\n",
        "examples/expected.yaml": EXPECTED.encode(),
    }
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    return tmp_path


def run(capsys, *arguments):
    code = main([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err
    return code, captured.out + captured.err


def mine(folder, content):
    path = folder / "mine.csv"
    path.write_bytes(content)
    return path


def test_check_runs_the_sample_and_every_example(folder, capsys):
    code, text = run(capsys, "check", folder)
    assert code == 0, text
    assert "✓ perfect.csv: public accuracy 1, private accuracy 1" in text
    assert "✓ short.csv: refused: missing_ids" in text
    assert "✓ sample.csv" in text


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("public: 1.0", "public: 0.5", "expected public accuracy 0.5"),
        ("refused: [missing_ids]", "refused: [unknown_ids]", "expected unknown_ids"),
        ("short.csv", "absent.csv", "there is no such file"),
        ("refused:", "refuse:", "examples/expected.yaml, line 2"),
    ],
)
def test_check_tells_what_is_not_as_expected(folder, capsys, old, new, told):
    (folder / "examples/expected.yaml").write_text(EXPECTED.replace(old, new))
    code, text = run(capsys, "check", folder)
    assert code == 1
    assert told in text


def test_check_of_a_folder_that_is_none(tmp_path, capsys):
    code, text = run(capsys, "check", tmp_path)
    assert code == 1
    assert "competition.yaml can't be read" in text


def test_practice_rows_are_scored(folder, capsys):
    code, text = run(capsys, "score", folder, mine(folder, b"id,label\n102,8\n101,8\n"))
    assert code == 0
    assert "accuracy     0.500000  (2 rows)" in text


def test_test_rows_are_ready_to_upload_and_not_scored(folder, capsys):
    (folder / "solution.csv").unlink()
    code, text = run(capsys, "score", folder, mine(folder, PERFECT))
    assert code == 0
    assert "ready to upload" in text


def test_a_bad_file_is_told_with_its_lines(folder, capsys):
    code, text = run(capsys, "score", folder, mine(folder, PERFECT.replace(b"2,8", b"2,x")))
    assert code == 1
    assert "line 3: id 2 → “x”" in text


def test_a_host_scores_against_the_solution(folder, capsys):
    path = mine(folder, PERFECT)
    code, text = run(capsys, "score", folder, path, "--solution", folder / "solution.csv")
    assert code == 0
    assert "private  accuracy     1.000000  (2 rows)" in text


def test_a_file_or_a_phase_that_is_not_there(folder, capsys):
    assert run(capsys, "score", folder, folder / "absent.csv")[0] == 1
    assert run(capsys, "score", folder, mine(folder, PERFECT), "--phase", "x")[0] == 1


def test_metrics_and_schema(capsys):
    assert "higher is better" in run(capsys, "metrics")[1]
    assert json.loads(run(capsys, "schema")[1])["properties"]["slug"]
