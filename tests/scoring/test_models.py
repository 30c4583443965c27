"""Models and programs to predictions files, with runners that no sandbox surrounds."""

from __future__ import annotations

import csv
import io
import itertools
import zipfile
from dataclasses import replace

import numpy as np
import pytest
import skops.io
from bare import run_bare, runtimes
from models import (
    INTERFACE,
    as_onnx,
    as_safetensors,
    as_torch_export,
    as_torchscript,
    cnn,
    images,
    packed,
)
from scoring_files import sha256_of
from sklearn.linear_model import LogisticRegression

from scoring.contract import (
    ColumnType,
    FileReference,
    Layout,
    MetricSpec,
    ModelFormat,
    ModelInterface,
    OutputMeaning,
    ScoringJob,
    Stage,
    SubmissionKind,
    TensorSpec,
)
from scoring.errors import BrokenCompetition, InvalidSubmission
from scoring.models import PRINTED, Machine, predict, read_ids

__all__ = ["run_bare", "runtimes"]

ROWS = 30
IDS = np.arange(ROWS)[::-1] * 3
CLASSES = {f"p{number}": ColumnType.NUMBER for number in range(10)}
LAYOUT = Layout(id_column="id", columns=CLASSES)
INPUTS = packed(id=IDS, images=images(ROWS))
NAMES = {
    ModelFormat.ONNX: "mine.onnx",
    ModelFormat.TORCHSCRIPT: "mine.pt",
    ModelFormat.TORCH_EXPORT: "mine.pt2",
    ModelFormat.SAFETENSORS: "mine.safetensors",
    ModelFormat.SKOPS: "mine.skops",
}


def reference(content, name):
    return FileReference(
        url="http://nowhere", name=name, sha256=sha256_of(content), size=len(content)
    )


@pytest.fixture
def send(run_bare, tmp_path):
    """Predict with a submission, and note what is asked of the sandbox."""
    numbers = itertools.count()

    def sent(
        content, name, *, interface=INTERFACE, inputs=INPUTS, layout=LAYOUT, inputs_name="test.npz"
    ):
        job = ScoringJob(
            submission=1,
            attempt=1,
            token="t",
            submission_file=reference(content, name),
            solution_file=reference(b"", "solution.csv"),
            layout=layout,
            metrics=(
                MetricSpec(name="log_loss", target="label", prediction=tuple(layout.columns)),
            ),
            kind=SubmissionKind.MODEL if interface else SubmissionKind.CODE,
            model=interface,
            inputs_file=reference(inputs, inputs_name),
            expires_at=2e9,
        )
        sent.stages, sent.tasks, sent.progress = [], [], []

        def run(task, on_progress):
            sent.tasks.append(task)
            scratch = tmp_path / f"scratch-{next(numbers)}"
            scratch.mkdir()
            files = {file: path.read_bytes() for file, path in task.files.items()}
            said = run_bare(task.runtime, files, {**task.request, "scratch": str(scratch)})
            for done, total in said.progress:
                on_progress(done, total)
            return replace(said, files={PRINTED: said.errors.encode(), **said.files})

        (tmp_path / "submission").write_bytes(content)
        (tmp_path / "inputs").write_bytes(inputs)
        path = predict(
            job,
            run,
            submission=tmp_path / "submission",
            inputs=tmp_path / "inputs",
            folder=tmp_path,
            machine=Machine(threads=1),
            on_stage=sent.stages.append,
            on_progress=lambda *progress: sent.progress.append(progress),
        )
        return list(csv.reader(io.StringIO(path.read_text())))

    return sent


def numbers_of(rows):
    return np.array([[float(value) for value in row[1:]] for row in rows[1:]])


def test_the_same_network_in_every_format_predicts_the_same(send):
    network = cnn()
    contents = {
        ModelFormat.ONNX: as_onnx(network),
        ModelFormat.TORCHSCRIPT: as_torchscript(network),
        ModelFormat.TORCH_EXPORT: as_torch_export(network, images(4)),
        ModelFormat.SAFETENSORS: as_safetensors(network),
    }
    tables = {kind: send(content, NAMES[kind]) for kind, content in contents.items()}
    for rows in tables.values():
        assert rows[0] == ["id", *CLASSES]
        assert [row[0] for row in rows[1:]] == [str(value) for value in IDS]
        np.testing.assert_allclose(numbers_of(rows).sum(axis=1), 1, rtol=1e-12)
        np.testing.assert_allclose(
            numbers_of(rows), numbers_of(tables[ModelFormat.ONNX]), atol=1e-6
        )


def test_a_trial_on_eight_rows_comes_first(send):
    send(as_onnx(cnn()), "mine.onnx")
    assert send.stages == [Stage.TRYING, Stage.PREDICTING]
    assert [task.request["rows"] for task in send.tasks] == [8, None]
    assert send.progress[-1] == (ROWS, ROWS)


def test_a_mistake_is_found_by_the_trial_alone(send):
    with pytest.raises(InvalidSubmission) as caught:
        send(as_onnx(cnn({"widths": [4], "blocks": 1, "classes": 7})), "mine.onnx")
    assert caught.value.problems[0].code == "model_output_shape"
    assert send.stages == [Stage.TRYING] and len(send.tasks) == 1


def test_few_rows_need_no_trial(send):
    rows = send(as_onnx(cnn()), "mine.onnx", inputs=packed(id=np.arange(8), images=images(8)))
    assert send.stages == [Stage.PREDICTING] and len(rows) == 9


def test_labels_of_a_scikit_learn_model(send):
    table = np.random.default_rng(0).standard_normal((ROWS, 3))
    labels = np.where(table[:, 0] > 0, "yes", "no")
    model = LogisticRegression().fit(table, labels)
    interface = ModelInterface(
        formats=(ModelFormat.SKOPS,),
        inputs=(TensorSpec(name="x", dtype="float64", shape=(3,)),),
        output=TensorSpec(name="y", dtype="float64", shape=(2,)),
        meaning=OutputMeaning.CLASS_SCORES,
        labels=("no", "yes"),
    )
    ids = np.array([f"row {number}" for number in range(ROWS)])
    layout = Layout(id_column="id", id_type=ColumnType.TEXT, columns={"answer": ColumnType.TEXT})
    rows = send(
        skops.io.dumps(model),
        "mine.skops",
        interface=interface,
        inputs=packed(id=ids, x=table),
        layout=layout,
    )
    expected = zip(ids.tolist(), model.predict(table).tolist(), strict=True)
    assert rows == [["id", "answer"], *map(list, expected)]


PROGRAM = """
import csv, os
def predict(inputs_dir, output_path):
    with open(os.path.join(inputs_dir, "test.csv")) as stream:
        rows = list(csv.DictReader(stream))
    print("rows:", len(rows))
    with open(output_path, "w") as stream:
        stream.write("id,label\\n" + "".join(f"{row['id']},1\\n" for row in rows))
    BEFORE_IT_ENDS
"""


def zipped(source):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("predict.py", source)
    return stream.getvalue()


TABLE = ("id,text\n" + "".join(f"{number},x\n" for number in range(ROWS))).encode()


def test_a_program_writes_its_own_file(send):
    program = zipped(PROGRAM.replace("BEFORE_IT_ENDS", ""))
    rows = send(program, "mine.zip", interface=None, inputs=TABLE, inputs_name="test.csv")
    assert len(rows) == ROWS + 1
    assert [task.request["rows"] for task in send.tasks] == [8, None]


def test_a_program_that_fails_shows_what_it_printed(send):
    program = zipped(PROGRAM.replace("BEFORE_IT_ENDS", "raise RuntimeError('no')"))
    with pytest.raises(InvalidSubmission) as caught:
        send(program, "mine.zip", interface=None, inputs=TABLE, inputs_name="test.csv")
    (problem,) = caught.value.problems
    assert problem.code == "program_failed" and problem.params == {"reason": "RuntimeError: no"}
    assert problem.examples[0] == "rows: 8" and problem.examples[-1] == "RuntimeError: no"


def test_an_architecture_that_cannot_be_built_is_told_to_the_host(send):
    architecture = INTERFACE.architecture.model_copy(update={"config": {"depth": 3}})
    broken = INTERFACE.model_copy(update={"architecture": architecture})
    with pytest.raises(BrokenCompetition) as caught:
        send(as_safetensors(cnn()), "mine.safetensors", interface=broken)
    assert caught.value.problems[0].code == "architecture_config"


@pytest.mark.parametrize(
    ("inputs", "codes"),
    [
        (b"no archive", ["inputs_unreadable"]),
        (packed(images=images(3)), ["inputs_missing"]),
        (packed(), ["inputs_missing", "inputs_missing"]),
        (packed(id=np.arange(4), images=images(3)), ["inputs_mismatch"]),
        (packed(id=np.arange(3.0), images=images(3)), ["inputs_mismatch"]),
        (packed(id=np.arange(3), images=images(3, size=8)), ["inputs_mismatch"]),
        (packed(id=np.arange(3), images=images(3).astype(np.float64)), ["inputs_mismatch"]),
        (packed(id=np.arange(0), images=images(0)), ["inputs_mismatch"]),
        (packed(id=np.array([{}, 1, 2], dtype=object), images=images(3)), ["inputs_unreadable"]),
    ],
)
def test_test_inputs_that_do_not_fit_are_the_hosts_fault(tmp_path, inputs, codes):
    path = tmp_path / "inputs.npz"
    path.write_bytes(inputs)
    with pytest.raises(BrokenCompetition) as caught:
        read_ids(path, "inputs.npz", INTERFACE, LAYOUT)
    assert [problem.code for problem in caught.value.problems] == codes
