"""Bundles as hosts write them for other platforms, small enough to be made in a test."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360f8"
    "ffff3f0005fe02fea72d9a8b0000000049454e44ae426082"
)
TRUTH = "cat\ndog\nbird\ncat\n"
ANSWERS = "cat\ndog\ncat\ncat\n"

# A program in the manner of the examples that Codabench's organisers start from.
CODABENCH_PROGRAM = """
import argparse
import json
import os

import numpy as np
from sklearn.metrics import accuracy_score, f1_score

from loading import labels


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--codabench", action="store_true")
    if not parser.parse_args().codabench:
        raise SystemExit("only for the platform")
    truth = labels(os.path.join("/app/input", "ref", "truth.txt"))
    given = labels(os.path.join("/app/input", "res", "predictions.txt"))
    scores = {
        "accuracy": accuracy_score(truth, given),
        "macro-F1": f1_score(truth, given, average="macro", zero_division=0),
        "errors": int(np.sum(np.array(truth) != np.array(given))),
    }
    with open("/app/output/scores.json", "w") as stream:
        stream.write(json.dumps(scores))


if __name__ == "__main__":
    main()
"""
LOADING = """
def labels(path):
    with open(path) as stream:
        return stream.read().split()
"""
CODABENCH_YAML = """
version: 2
title: Name the Animal
description: Three animals, four pictures.
image: logo.png
registration_auto_approve: True
docker_image: codalab/codalab-legacy:py39
enable_detailed_results: True
terms: pages/terms.md
pages:
  - title: Overview
    file: pages/overview.md
  - title: Evaluation
    file: pages/evaluation.html
  - title: Timeline
    file: pages/timeline.md
tasks:
  - index: 0
    name: Development task
    reference_data: reference/dev/
    scoring_program: scoring_program/
  - index: 1
    name: Final task
    reference_data: reference_final.zip
    scoring_program: scoring_program/
    input_data: input_data/
    ingestion_program: ingestion_program/
solutions:
  - index: 0
    path: solution.zip
    tasks: [0]
phases:
  - index: 1
    name: Final
    start: 2026-03-01 12:00:00
    tasks: [1]
    max_submissions: 3
    execution_time_limit: 7200
    auto_migrate_to_this_phase: True
  - index: 0
    name: Development
    start: 1-31-2026
    end: 2026-03-01 12:00:00
    tasks: [0]
    max_submissions_per_day: 5
    starting_kit: starting_kit
    public_data: starting_kit
leaderboards:
  - index: 0
    title: Results
    key: main
    submission_rule: Force_Last
    columns:
      - {index: 0, title: Mean, key: mean, computation: avg, computation_indexes: [1, 2]}
      - {index: 1, title: Accuracy, key: accuracy, sorting: desc, precision: 4}
      - {index: 2, title: Macro F1, key: macro-F1, hidden: True}
      - {index: 3, title: Errors, key: errors, sorting: asc}
  - index: 1
    title: Second table
    key: second
    columns: []
fact_sheet: {method: {key: method, type: text, title: Method}}
"""
CODALAB_PROGRAM = """
import os
import sys

source, target = sys.argv[1], sys.argv[2]
truth = open(os.path.join(source, "ref", "truth.txt")).read().split()
given = open(os.path.join(source, "res", "answer.txt")).read().split()
right = sum(a == b for a, b in zip(truth, given))
with open(os.path.join(target, "scores.txt"), "w") as stream:
    stream.write("Score: %f\\n" % (right / float(len(truth))))
    stream.write("Missed: %d\\n" % (len(truth) - right))
"""
CODALAB_YAML = """
title: Hello Animals
description: A first competition
image: logo.jpg
has_registration: True
end_date: 2026-12-31
admin_names: somebody, someone
html:
  overview: overview.html
  evaluation: evaluation.html
  terms: terms.html
  data: data.html
  sponsors: sponsors.html
phases:
  1:
    phasenumber: 1
    label: First phase
    start_date: 2026-01-01
    max_submissions: 100
    scoring_program: program.zip
    reference_data: reference.zip
    color: green
  2:
    phasenumber: 2
    label: Second phase
    start_date: 2026-06-01
    max_submissions_per_day: 2
    scoring_program: program.zip
    reference_data: reference.zip
    auto_migration: True
leaderboard:
  leaderboards:
    RESULTS: &RESULTS
      label: Results
      rank: 1
  columns:
    Missed:
      leaderboard: *RESULTS
      label: Missed
      sort: asc
      rank: 2
    Score:
      leaderboard: *RESULTS
      label: Share
      numeric_format: 3
      rank: 1
    Average:
      leaderboard: *RESULTS
      label: Average
      rank: 3
      computed: {operation: Avg, fields: "Score, Missed"}
"""


def zipped(files: dict[str, str]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return stream.getvalue()


def written(folder: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def codabench(folder: Path, *, yaml: str = CODABENCH_YAML, **files: str | bytes) -> Path:
    """Two phases, of which one ran participants' code; folders and zip files."""
    return written(
        folder,
        {
            "competition.yaml": yaml,
            "logo.png": PNG,
            "pages/overview.md": "# Animals\n\nName them.\n",
            "pages/evaluation.html": "<h1>Accuracy</h1><script>alert(1)</script><p>The <b>share</b></p>",
            "pages/timeline.md": "First January, then June.\n",
            "pages/terms.md": "Be fair.\n",
            "reference/dev/truth.txt": TRUTH,
            "reference_final.zip": zipped({"truth.txt": TRUTH}),
            "scoring_program/metadata.yaml": "command: python3 run.py --codabench\n",
            "scoring_program/run.py": CODABENCH_PROGRAM,
            "scoring_program/loading.py": LOADING,
            "ingestion_program/run.py": "pass\n",
            "input_data/pictures.txt": "1\n2\n3\n4\n",
            "starting_kit/README.md": "Start here.\n",
            "solution.zip": zipped({"predictions.txt": ANSWERS}),
            **files,
        },
    )


def codalab(folder: Path, **files: str | bytes) -> Path:
    """Two phases with the same program, whose metadata is a file of lines."""
    program = {
        "metadata": "command: python $program/score.py $input $output\ndescription: Counts\n",
        "score.py": CODALAB_PROGRAM,
    }
    pages = {
        f"{name}.html": f"<h1>{name}</h1><p>Text.</p>"
        for name in ("overview", "evaluation", "terms", "data", "sponsors")
    }
    return written(
        folder,
        {
            "competition.yaml": CODALAB_YAML,
            "logo.jpg": PNG,
            "program.zip": zipped(program),
            "reference.zip": zipped({"truth.txt": TRUTH}),
            **pages,
            **files,
        },
    )


def hugging_face(folder: Path, **settings: object) -> Path:
    """A repository of a generic competition with one submission in it."""
    configuration = {
        "COMPETITION_TYPE": "generic",
        "SUBMISSION_LIMIT": 5,
        "TIME_LIMIT": 10,
        "HARDWARE": "cpu-basic",
        "SELECTION_LIMIT": 10,
        "END_DATE": "2026-05-25",
        "EVAL_HIGHER_IS_BETTER": 1,
        "SUBMISSION_ID_COLUMN": "id",
        "SUBMISSION_COLUMNS": "id,pred",
        "SUBMISSION_ROWS": 6,
        "EVAL_METRIC": "f1_score",
        "LOGO": "https://example.org/logo.png",
        "DATASET": "",
        **settings,
    }
    return written(
        folder,
        {
            "conf.json": json.dumps(configuration),
            "solution.csv": "id,pred,split\n0,1,public\n1,0,private\n2,0,public\n3,1,private\n4,1,public\n5,0,private\n",
            "COMPETITION_DESC.md": "# Ones and zeros\n",
            "DATASET_DESC.md": "# Data\n",
            "SUBMISSION_DESC.md": "# Send id and pred\n",
            "RULES.md": "# Rules\n",
            "submissions/team-1.csv": "id,pred\n0,1\n1,0\n2,1\n3,1\n4,1\n5,1\n",
            "teams.json": "{}",
        },
    )


def kaggle(folder: Path, **files: str | bytes) -> Path:
    """A solution with Usage, a sample submission, and a metric of the host's own."""
    return written(
        folder,
        {
            "solution.csv": "image,label,Usage\na,1.5,Public\nb,2.5,Private\nc,0.5,Ignored\nd,4.0,Public\n",
            "sample_submission.csv": "image,label\na,0.0\nb,0.0\nc,0.0\nd,0.0\n",
            "train.csv": "image,x,label\ne,1,2\n",
            "overview.md": "# Sizes\n",
            **files,
        },
    )
