"""What a phase of files needs, and what only such a phase may have."""

import foreign_bundles
import pytest
import yaml

from scoring.definition import load_definition
from scoring.errors import BrokenCompetition
from scoring.foreign.conversion import convert


@pytest.fixture
def folder(tmp_path):
    """A competition with a scoring program."""
    convert(foreign_bundles.codabench(tmp_path / "bundle"), tmp_path / "made")
    return tmp_path / "made"


def change(folder, **changes):
    path = folder / "competition.yaml"
    content = yaml.safe_load(path.read_text())
    phase = content["phases"][0]
    for name, value in changes.items():
        phase[name] = value
        if value is None:
            del phase[name]
    path.write_text(yaml.safe_dump(content, sort_keys=False))


def refusal(folder):
    with pytest.raises(BrokenCompetition) as caught:
        load_definition(folder)
    return " ".join(problem.sentence() for problem in caught.value.problems)


def test_a_whole_one_is_accepted(folder):
    phase = load_definition(folder).phases[0]
    assert phase.submission.is_files
    assert [spec.target for spec in phase.metric_specs()] == [
        ("accuracy",),
        ("macro-F1",),
        ("errors",),
    ]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"scoring_program": None}, "scoring_program: is missing"),
        ({"submission": {"sample": "phases/1/sample.zip"}}, "submission.columns: is missing"),
        (
            {
                "submission": {
                    "kinds": ["files"],
                    "sample": "phases/1/sample.zip",
                    "columns": {"a": "text"},
                }
            },
            "submission.columns: is not used",
        ),
        (
            {"submission": {"kinds": ["files", "predictions"], "sample": "phases/1/sample.zip"}},
            "Let `files` stand alone",
        ),
        ({"metrics": [{"name": "accuracy"}]}, "has no `key`"),
        ({"metrics": [{"name": "mine", "key": "accuracy"}]}, "needs `higher_is_better"),
        (
            {"metrics": [{"name": "accuracy", "key": "accuracy", "higher_is_better": True}]},
            "built-in",
        ),
        ({"solution": {"file": "competition.yaml"}}, "must be a .zip file with"),
        (
            {"scoring_program": {"file": "competition.yaml", "command": "python3 x"}},
            "must be a .zip",
        ),
        ({"closes": "2000-01-01T00:00:00Z"}, "closes: is not after opens"),
    ],
)
def test_what_does_not_fit_is_named_with_its_place(folder, changes, told):
    change(folder, **changes)
    assert told in refusal(folder)


def test_predictions_without_columns_are_named(folder):
    sample = {"kinds": ["predictions"], "sample": "phases/1/sample.zip"}
    change(folder, submission=sample, scoring_program=None, metrics=[{"name": "accuracy"}])
    assert "submission.columns: is missing" in refusal(folder)


def test_a_key_without_a_scoring_program_is_named(folder):
    change(
        folder,
        submission={"sample": "phases/1/sample.zip", "columns": {"label": "integer"}},
        scoring_program=None,
    )
    assert "is not used: the phase has no scoring program" in refusal(folder)
