"""Models, programs and hosts' own metrics from job to result, in real sandboxes."""

import functools
import io
import time
import zipfile
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import models
import numpy as np
import pytest
import torch
from scoring_files import ACCURACY

from scoring.contract import (
    Abilities,
    Layout,
    Limits,
    MetricSpec,
    ModelFormat,
    Outcome,
    Owner,
    ScoringJob,
    SubmissionKind,
)
from scoring.worker import ScoringWorker

pytestmark = pytest.mark.timeout(180)

ROWS = 40
IDS = np.arange(100, 100 + ROWS)
IMAGES = models.images(ROWS)
CLASSES = tuple(f"p{number}" for number in range(10))
LAYOUT = Layout(id_column="id", columns=dict.fromkeys(CLASSES, "number"))
LOG_LOSS = (MetricSpec(name="log_loss", target="label", prediction=CLASSES),)
LABELS = np.random.default_rng(3).integers(0, 10, ROWS)
INPUTS = models.packed(id=IDS, images=IMAGES)
SOLUTION = (
    "id,label,Usage\n"
    + "".join(
        f"{row},{label},{'Public' if row % 3 else 'Private'}\n"
        for row, label in zip(IDS, LABELS, strict=True)
    )
).encode()
WHOLE = Abilities(sandbox="full")
PREDICT = """
import csv, pathlib
import numpy as np

def predict(inputs_dir, output_path):
    (inputs,) = pathlib.Path(inputs_dir).iterdir()
    ids = np.load(inputs)["id"]
    print("predicting", len(ids))
    with open(output_path, "w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["id", "label"])
        writer.writerows([i, i % 10] for i in ids.tolist())
"""
METRIC = """
import pandas as pd

class ParticipantVisibleError(Exception):
    pass

def score(solution: pd.DataFrame, submission: pd.DataFrame, row_id_column_name: str) -> float:
    if (submission["label"] < 0).any():
        raise ParticipantVisibleError("labels must not be negative")
    merged = solution.merge(submission, on=row_id_column_name)
    assert len(merged) == len(solution) and "Usage" not in solution
    return float((merged["label_x"] == merged["label_y"]).mean())
"""


@functools.cache
def worker_in(folder, abilities):
    return ScoringWorker(folder, name="test", abilities=abilities)


def run_job(folder, abilities, job):
    stages = []
    result = worker_in(folder, abilities).run(job, lambda stage, *_: stages.append(stage.value))
    return result, list(dict.fromkeys(stages))


@pytest.fixture(scope="module")
def worker_process():
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        yield pool


@pytest.fixture
def run(worker_process, tmp_path_factory):
    folder = tmp_path_factory.getbasetemp() / "model-jobs"

    def run_there(job, abilities=WHOLE):
        return worker_process.submit(run_job, folder, abilities, job).result(timeout=120)

    return run_there


def job_of(storage, content, name, **changes):
    values = {
        "submission": 1,
        "attempt": 1,
        "token": "t",
        "submission_file": storage.put(content, name),
        "solution_file": storage.put(SOLUTION, "solution.csv"),
        "layout": LAYOUT,
        "metrics": LOG_LOSS,
        "limits": Limits(seconds=60, memory_bytes=2 * 1024**3),
        "kind": SubmissionKind.MODEL,
        "model": models.INTERFACE,
        "inputs_file": storage.put(INPUTS, "inputs.npz"),
        "expires_at": time.time() + 120,
    }
    return ScoringJob(**{**values, **changes})


def values_of(result):
    assert result.outcome is Outcome.SCORED, result.problems
    return [score.value for score in result.scores]


def test_one_network_scores_the_same_in_every_format(run, storage):
    network = models.cnn()
    with torch.inference_mode():
        logits = network(torch.from_numpy(IMAGES)).double()
    shares = torch.softmax(logits, dim=1).numpy()
    lines = [f"{i},{','.join(map(repr, row.tolist()))}" for i, row in zip(IDS, shares, strict=True)]
    table = "\n".join([f"id,{','.join(CLASSES)}", *lines]).encode()
    predictions = job_of(storage, table, "p.csv", kind=SubmissionKind.PREDICTIONS, model=None)
    expected = values_of(run(predictions)[0])
    assert len(expected) == 2
    for content, name in (
        (models.as_onnx(network), "cnn.onnx"),
        (models.as_torchscript(network), "cnn.pt"),
        (models.as_torch_export(network, IMAGES[:8]), "cnn.pt2"),
        (models.as_safetensors(network), "cnn.safetensors"),
    ):
        result, stages = run(job_of(storage, content, name))
        assert values_of(result) == pytest.approx(expected, rel=1e-6), name
        assert stages == ["fetching", "trying", "predicting", "scoring"]


def test_a_model_that_does_not_fit_is_the_participants_and_is_told_what_is_expected(run, storage):
    network = models.cnn({**models.SMALL, "classes": 7})
    result, stages = run(job_of(storage, models.as_onnx(network), "cnn.onnx"))
    assert (result.outcome, result.owner) == (Outcome.REJECTED, Owner.PARTICIPANT)
    assert [problem.code for problem in result.problems] == ["model_output_shape"]
    assert "predicting" not in stages


def test_a_program_predicts_and_what_it_prints_is_kept_from_the_score(run, storage):
    job = program_job(storage, PREDICT)
    result, stages = run(job)
    expected = float(np.mean(LABELS[IDS % 3 != 0] == (IDS % 10)[IDS % 3 != 0]))
    assert values_of(result)[0] == pytest.approx(expected)
    assert stages == ["fetching", "trying", "predicting", "scoring"]


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("def predict(inputs_dir, output_path):\n    raise ValueError('oh')\n", "program_failed"),
        ("def predict(inputs_dir, output_path):\n    while True: pass\n", "time_limit_model"),
        ("def predict(inputs_dir, output_path):\n    bytearray(2**33)\n", "memory_limit_model"),
        (
            "def predict(inputs_dir, output_path):\n    x = [b'x' * 2**20 for _ in range(3000)]\n",
            "memory_limit_model",
        ),
        ("def predict(inputs_dir, output_path):\n    pass\n", "program_no_output"),
    ],
)
def test_a_program_that_fails_gets_its_own_verdict(run, storage, source, code):
    job = program_job(storage, source, limits=Limits(seconds=5, memory_bytes=512 * 1024**2))
    result, _ = run(job)
    assert (result.outcome, result.owner) == (Outcome.REJECTED, Owner.PARTICIPANT)
    assert [problem.code for problem in result.problems] == [code]


def program_job(storage, source, **changes):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("predict.py", source)
    values = {
        "kind": SubmissionKind.CODE,
        "model": None,
        "layout": Layout(id_column="id", columns={"label": "integer"}),
        "metrics": ACCURACY,
        **changes,
    }
    return job_of(storage, packed.getvalue(), "mine.zip", **values)


def metric_job(storage, table, metric=METRIC):
    own = MetricSpec(name="own_share", target=("label",), prediction=("label",))
    return job_of(
        storage,
        table,
        "mine.csv",
        kind=SubmissionKind.PREDICTIONS,
        model=None,
        inputs_file=None,
        layout=Layout(id_column="id", columns={"label": "integer"}),
        metrics=(own, *ACCURACY),
        metric_files={"own_share": storage.put(metric.encode(), "metric.py")},
    )


def table_of(labels):
    lines = [f"{row},{label}" for row, label in zip(IDS, labels, strict=True)]
    return "\n".join(["id,label", *reversed(lines)]).encode()


def test_a_hosts_own_metric_ranks_beside_the_built_in_ones(run, storage):
    result, _ = run(metric_job(storage, table_of(LABELS)))
    assert [(score.metric, score.split.value, score.value) for score in result.scores] == [
        ("own_share", "public", 1.0),
        ("own_share", "private", 1.0),
        ("accuracy", "public", 1.0),
        ("accuracy", "private", 1.0),
    ]
    assert "metric:" in result.scores[0].signature
    assert result.scores[0].low is None


def test_what_the_metric_says_to_participants_reaches_them(run, storage):
    result, _ = run(metric_job(storage, table_of(LABELS - 10)))
    assert (result.outcome, result.owner) == (Outcome.REJECTED, Owner.PARTICIPANT)
    assert result.problems[0].code == "metric_refused"
    assert "negative" in str(result.problems[0].params)


def test_a_metric_that_stops_is_the_hosts(run, storage):
    broken = METRIC.replace("return float", "return 1 / 0 + float")
    result, _ = run(metric_job(storage, table_of(LABELS), broken))
    assert (result.outcome, result.owner) == (Outcome.FAILED, Owner.HOST)
    assert result.problems[0].code == "metric_failed"


def test_a_metric_that_never_ends_is_the_hosts_too(run, storage):
    endless = METRIC.replace("    return float", "    while True: pass\n    return float")
    job = metric_job(storage, table_of(LABELS), endless)
    result, _ = run(job.model_copy(update={"limits": Limits(seconds=3)}))
    assert (result.outcome, result.owner) == (Outcome.FAILED, Owner.HOST)
    assert result.problems[0].code == "metric_failed"
    assert "3 seconds" in str(result.problems[0].params)


def test_without_a_sandbox_nothing_is_run_bare(run, storage):
    job = job_of(storage, models.as_onnx(models.cnn()), "cnn.onnx")
    result, stages = run(job, Abilities(sandbox="none"))
    assert (result.outcome, result.owner) == (Outcome.FAILED, Owner.PLATFORM)
    assert result.problems[0].code == "worker_without_sandbox"
    assert stages == ["fetching"]


def test_the_formats_are_the_contracts():
    assert {*models.RUNTIMES} | {ModelFormat.SKOPS} == set(ModelFormat)
