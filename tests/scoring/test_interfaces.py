"""What a phase declares of models, programs and metrics of its host's own."""

from pathlib import Path

import numpy as np
import pytest
import yaml
from jsonschema import Draft202012Validator

from scoring.contract import Limits, ModelFormat, ModelInterface, SubmissionKind
from scoring.definition import PhaseDefinition, competition_schema, load_definition
from scoring.errors import BrokenCompetition
from scoring.interfaces import UnreadableArrays, array_headers, interface_findings

YAML = """\
version: 1
slug: images
title: Images
pages: {overview: page.md, data: page.md, evaluation: page.md, rules: page.md}
phases:
  - submission:
      kinds: [predictions, model, code]
      sample: sample.csv
      columns: {label: integer}
    solution: {file: solution.csv}
    inputs: inputs.npz
    device: gpu
    model:
      formats: [onnx, torchscript]
      inputs:
        - {name: image, dtype: float32, shape: [1, 4, 4]}
      output: {name: scores, shape: [3]}
      batch_size: 64
    metrics:
      - {name: accuracy}
      - {name: nearness, file: metric.py, higher_is_better: true, upper: 1, title: Nearness}
    limits: {model_file_size: 50MB, model_seconds: 120, model_memory: 2GB}
"""
EVERYTHING = (SubmissionKind.PREDICTIONS, SubmissionKind.MODEL, SubmissionKind.CODE)
"""All kinds but files, which only a scoring program takes, and then nothing else."""

METRIC = '''\
"""How near the labels are."""


class ParticipantVisibleError(Exception):
    pass


def score(solution, submission, row_id_column_name):
    return 1.0
'''


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "page.md").write_text("# Page")
    (tmp_path / "sample.csv").write_text("id,label\n1,0\n")
    (tmp_path / "solution.csv").write_text("id,label,Usage\n1,2,Public\n2,1,Private\n")
    (tmp_path / "metric.py").write_text(METRIC)
    write_inputs(tmp_path, image=np.zeros((2, 1, 4, 4), np.float32), id=np.array([1, 2]))
    (tmp_path / "competition.yaml").write_text(YAML)
    return tmp_path


def write_inputs(folder, **arrays):
    np.savez(folder / "inputs.npz", **arrays)


def refusal(folder, old="", new=""):
    text = (folder / "competition.yaml").read_text()
    assert old in text
    (folder / "competition.yaml").write_text(text.replace(old, new, 1))
    with pytest.raises(BrokenCompetition) as caught:
        load_definition(folder)
    return [problem.sentence() for problem in caught.value.problems]


def test_a_phase_that_takes_everything_loads(folder):
    phase = load_definition(folder).phases[0]
    assert phase.submission.kinds == EVERYTHING
    assert isinstance(phase.model, ModelInterface)
    assert phase.model.formats == (ModelFormat.ONNX, ModelFormat.TORCHSCRIPT)
    assert phase.inputs == folder / "inputs.npz"
    assert phase.metric_files() == {"nearness": folder / "metric.py"}
    assert phase.metric_specs()[1].target == ("label",)
    assert phase.running_limits() == Limits(
        seconds=120, memory_bytes=2 * 1024**3, file_bytes=50 * 1024**2
    )


def test_its_files_are_among_those_that_must_be_there(folder):
    (folder / "inputs.npz").unlink()
    (folder / "metric.py").unlink()
    missing = {path.name for path in load_definition_lazily(folder).missing_files()}
    assert missing == {"inputs.npz", "metric.py"}
    assert any("inputs.npz does not exist" in sentence for sentence in refusal(folder))


def load_definition_lazily(folder):
    return load_definition(folder, files_must_exist=False)


BAD = [
    ("kinds: [predictions, model, code]", "kinds: [predictions, code]", "model: is not used"),
    ("kinds: [predictions, model, code]", "kinds: [predictions]", "inputs: is not used"),
    ("kinds: [predictions, model, code]", "kinds: [predictions]", "device: is not used"),
    ("kinds: [predictions, model, code]", "kinds: [code, code]", "names a kind twice"),
    ("kinds: [predictions, model, code]", "kinds: [oracle]", "submission.kinds.0: input should be"),
    ("    inputs: inputs.npz\n", "", "inputs: is missing, and models or programs need it"),
    ("inputs.npz", "sample.csv", "inputs: sample.csv is no .npz file"),
    ("inputs.npz", "../inputs.npz", "must be a path inside"),
    ("formats: [onnx, torchscript]", "formats: []", "line 14: phases.0.model.formats"),
    ("formats: [onnx, torchscript]", "formats: [onnx, onnx]", "names a format twice"),
    ("formats: [onnx, torchscript]", "formats: [keras]", "input should be 'onnx'"),
    ("formats: [onnx, torchscript]", "formats: [safetensors]", "architecture: is missing"),
    ("batch_size: 64", "architecture: {name: cnn}", "architecture: is not used"),
    ("batch_size: 64", "batch_size: 0", "line 18: phases.0.model.batch_size"),
    ("batch_size: 64", "batchsize: 64", "Did you mean `batch_size`?"),
    ("name: image,", "name: picture,", "has no array “picture”. It has: id, image."),
    ("dtype: float32", "dtype: int64", "“image” is float32 in inputs.npz, not int64"),
    ("shape: [1, 4, 4]", "shape: [4, 4]", "has shape [2, 1, 4, 4] in inputs.npz"),
    ("shape: [3]", "shape: [3, 2]", "output.shape: must be the number of classes"),
    ("batch_size: 64", "labels: [0, 1]", "labels: has 2 labels, but the output has 3 classes"),
    ("batch_size: 64", "labels: [a, b, 3]", "line 18: phases.0.model.labels.2: input should be"),
    ("batch_size: 64", "labels: [a, b, c]", "labels: must be whole numbers"),
    ("batch_size: 64", "meaning: logits", "has 3 classes, but the submission has 1 column(s)"),
    ("batch_size: 64", "meaning: values", "gives 3 column(s), but the submission has 1"),
    ("file: metric.py, ", "", "`higher_is_better` is for a metric of your own"),
    ("higher_is_better: true, ", "", "needs `higher_is_better: true` or `false`"),
    ("name: nearness", "name: macro_f1", "`macro_f1` is a built-in metric"),
    ("name: nearness", "name: near-ness", "line 21: phases.0.metrics.1.name"),
    ("name: nearness", "target: other, name: nearness", "solution.csv has no column “other”"),
    ("name: accuracy", "weights: w, name: accuracy", "no column “w”"),
    ("name: nearness", "parameters: {k: 1}, name: nearness", "has no parameters"),
    ("model_memory: 2GB", "model_memory: much", "`much` is not a size"),
]


@pytest.mark.parametrize(("old", "new", "expected"), BAD)
def test_a_bad_declaration_is_refused_with_file_line_and_fix(folder, old, new, expected):
    sentences = refusal(folder, old, new)
    assert any(expected in sentence for sentence in sentences), sentences
    assert all("competition.yaml, line " in sentence for sentence in sentences)


def test_a_free_length_fits_any_length(folder):
    text = (folder / "competition.yaml").read_text()
    (folder / "competition.yaml").write_text(text.replace("[1, 4, 4]", "[1, null, 4]"))
    assert load_definition(folder).phases[0].model.inputs[0].shape == (1, None, 4)


def test_arrays_of_different_lengths_are_told(folder):
    write_inputs(folder, image=np.zeros((2, 1, 4, 4), np.float32), id=np.array([1, 2, 3]))
    assert "different numbers of rows: id 3, image 2" in refusal(folder)[0]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def score(:\n", "metric.py, line 1 is not Python"),
        ("x = 1\n", "metric.py has no function `score`"),
        ("def score(solution, submission): ...\n", "does not take `row_id_column_name`"),
    ],
)
def test_a_metric_of_the_hosts_own_must_be_one(folder, source, expected):
    (folder / "metric.py").write_text(source)
    assert expected in refusal(folder)[0]


def test_headers_are_read_without_the_arrays(folder):
    headers = array_headers(folder / "inputs.npz")
    assert headers["image"].dtype == "float32"
    assert headers["image"].shape == (2, 1, 4, 4)


@pytest.mark.parametrize("content", [b"", b"id,label\n", b"PK\x05\x06" + b"\0" * 10])
def test_what_is_no_npz_file_is_unreadable(folder, content):
    (folder / "inputs.npz").write_bytes(content)
    with pytest.raises(UnreadableArrays):
        array_headers(folder / "inputs.npz")


def test_objects_are_no_arrays_that_models_take(folder):
    write_inputs(folder, image=np.array([{}, {}], dtype=object), id=np.array([1, 2]))
    assert "“image” is |O in inputs.npz" in refusal(folder)[0]


def test_the_ids_must_be_among_the_arrays(folder):
    write_inputs(folder, image=np.zeros((2, 1, 4, 4), np.float32))
    assert "inputs.npz has no array “id”" in refusal(folder)[0]


def test_the_example_of_the_readme_is_right():
    text = (Path(__file__).parents[2] / "competitions/README.md").read_text(encoding="utf-8")
    section = text.partition("## Models, programs")[2]
    (content,) = yaml.safe_load(section.partition("```yaml\n")[2].partition("```")[0])["phases"]
    phase = PhaseDefinition.model_validate(content)
    kinds = phase.submission.kinds
    findings = interface_findings(
        kinds, phase.model, phase.inputs, phase.layout(), device=phase.device
    )
    assert list(findings) == []
    assert kinds == EVERYTHING


def test_the_schema_says_the_same():
    schema = Draft202012Validator(competition_schema())
    good = yaml.safe_load(YAML)
    assert [error.message for error in schema.iter_errors(good)] == []
    for change in (
        {"name": "nearness", "file": "metric.py"},
        {"name": "nearness"},
        {"name": "near-ness", "file": "metric.py", "higher_is_better": True},
    ):
        bad = yaml.safe_load(YAML)
        bad["phases"][0]["metrics"] = [change]
        assert list(schema.iter_errors(bad)), change
