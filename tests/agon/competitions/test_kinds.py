"""Loading what a host declares of models, programs and metrics of their own."""

from __future__ import annotations

import factories
import numpy as np
import pytest
import yaml

from agon.competitions import services
from agon.competitions.errors import CompetitionRefused
from scoring.contract import ModelFormat, SubmissionKind
from scoring.definition import load_definition

pytestmark = pytest.mark.django_db

METRIC = "def score(solution, submission, row_id_column_name):\n    return 1.0\n"


@pytest.fixture
def folder(tmp_path):
    """A competition that takes everything and ranks by a metric of its own."""
    home = tmp_path / "images"
    home.mkdir()
    (home / "page.md").write_text("# Page\n", encoding="utf-8")
    (home / "sample.csv").write_text("id,label\n1,0\n2,0\n", encoding="utf-8")
    (home / "solution.csv").write_text("id,label,Usage\n1,0,Public\n2,1,Private\n")
    (home / "metric.py").write_text(METRIC, encoding="utf-8")
    inputs(home, 0)
    write(home)
    return home


def inputs(home, value):
    np.savez(home / "inputs.npz", id=np.array([1, 2]), image=np.full((2, 4), value, np.float32))


def write(home, *, metrics=None, **phase):
    definition = {
        "slug": "images",
        "title": "Images",
        "pages": dict.fromkeys(("overview", "data", "evaluation", "rules"), "page.md"),
        "phases": [
            {
                "submission": {
                    "kinds": ["model", "code"],
                    "sample": "sample.csv",
                    "columns": {"label": "integer"},
                },
                "solution": {"file": "solution.csv"},
                "inputs": "inputs.npz",
                "device": "gpu",
                "model": {
                    "formats": ["onnx"],
                    "inputs": [{"name": "image", "shape": [4]}],
                    "output": {"name": "scores", "shape": [2]},
                },
                "metrics": metrics
                or [
                    {"name": "distance", "file": "metric.py", "higher_is_better": False},
                    {"name": "accuracy"},
                ],
                "limits": {"model_file_size": "1MB", "model_seconds": 5, "model_memory": "1GB"},
                **phase,
            }
        ],
    }
    (home / "competition.yaml").write_text(yaml.safe_dump(definition), encoding="utf-8")


def load(home, host=None):
    competition = services.load_competition(definition=load_definition(home), host=host)
    return competition.phases.get()


def edit(home, old, new):
    path = home / "competition.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_a_phase_keeps_all_that_was_declared(folder):
    phase = load(folder, factories.make_user())
    assert phase.submission_kinds == (SubmissionKind.MODEL, SubmissionKind.CODE)
    assert phase.model_interface.formats == (ModelFormat.ONNX,)
    assert phase.capability == "gpu"
    limits = phase.limits_of(SubmissionKind.CODE)
    assert (limits.file_bytes, limits.seconds, limits.memory_bytes) == (1024**2, 5, 1024**3)
    assert phase.inputs_files.get().version == 1
    with phase.metric_files.get().file.open() as stream:
        assert stream.read() == METRIC.encode()


def test_a_limit_above_the_sites_own_is_refused(folder, settings):
    settings.MAX_UPLOAD_BYTES = 1024
    with pytest.raises(CompetitionRefused, match="MAX_UPLOAD_MB"):
        load(folder, factories.make_user())


def test_a_metric_of_the_hosts_own_ranks_in_its_direction(folder):
    phase = load(folder, factories.make_user())
    assert phase.primary_metric.title == "Distance"
    assert phase.sort_key(0.5) < phase.sort_key(0.6)
    assert [metric.title for metric in phase.all_metrics] == ["Distance", "Accuracy"]


def test_its_page_names_the_metric(folder, client):
    phase = load(folder, factories.make_user())
    phase.competition.visibility = "public"
    phase.competition.save()
    page = client.get(phase.competition.get_absolute_url()).content.decode()
    assert "Distance" in page
    assert "(lower is better)" in page


def test_loading_it_twice_changes_nothing(folder):
    first = load(folder, factories.make_user())
    second = load(folder)
    assert second.seed == first.seed
    assert second.inputs_files.count() == 1
    assert second.metric_files.get().file.name == first.metric_files.get().file.name


def test_other_test_inputs_become_the_next_version(folder):
    load(folder, factories.make_user())
    inputs(folder, 1)
    assert [stored.version for stored in load(folder).inputs_files.all()] == [2, 1]


def test_a_metric_may_change_until_there_are_submissions(folder):
    phase = load(folder, factories.make_user())
    (folder / "metric.py").write_text(METRIC.replace("1.0", "2.0"), encoding="utf-8")
    phase = load(folder)
    with phase.metric_files.get().file.open() as stream:
        assert b"2.0" in stream.read()
    factories.make_submission(factories.make_team(phase.competition, factories.make_user()), phase)
    (folder / "metric.py").write_text(METRIC, encoding="utf-8")
    with pytest.raises(CompetitionRefused, match="cannot change"):
        load(folder)


def test_the_direction_of_a_metric_stays_once_there_are_submissions(folder):
    phase = load(folder, factories.make_user())
    factories.make_submission(factories.make_team(phase.competition, factories.make_user()), phase)
    load(folder)
    edit(folder, "higher_is_better: false", "higher_is_better: true")
    with pytest.raises(CompetitionRefused, match="cannot change"):
        load(folder)


def test_a_metric_that_is_gone_takes_its_file_along(folder):
    load(folder, factories.make_user())
    write(folder, metrics=[{"name": "accuracy"}])
    phase = load(folder)
    assert phase.metric_files.count() == 0
    assert phase.primary_metric.title == "Accuracy"


def test_what_models_are_given_stays_once_there_are_models(folder):
    phase = load(folder, factories.make_user())
    team = factories.make_team(phase.competition, factories.make_user())
    factories.make_submission(team, phase, kind="model", format="onnx")
    edit(folder, "- onnx", "- onnx\n    - torchscript")
    assert len(load(folder).model_interface.formats) == 2
    edit(folder, "model_seconds: 5", "model_seconds: 6")
    load(folder)
    edit(folder, "name: scores", "name: logits")
    with pytest.raises(CompetitionRefused, match="must be like"):
        load(folder)


def test_metrics_from_before_they_had_several_targets_are_the_same(folder):
    write(folder, metrics=[{"name": "accuracy"}])
    phase = load(folder, factories.make_user())
    phase.metrics = [{"name": "accuracy", "target": "label", "prediction": ["label"]}]
    phase.save()
    factories.make_submission(factories.make_team(phase.competition, factories.make_user()), phase)
    assert load(folder).metric_specs == phase.metric_specs
