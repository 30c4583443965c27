"""A folder with a scoring program on the site: stored, told to workers, and not to be swapped later."""

import factories
import foreign_bundles
import pytest
import yaml

from agon.competitions.errors import CompetitionRefused
from agon.competitions.models import ScoringProgram
from agon.competitions.services import load_competition
from agon.submissions.models import Kind
from agon.submissions.queue import job_of
from agon.submissions.services.attempts import start_attempt
from scoring.definition import load_definition
from scoring.foreign.conversion import convert

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path):
    convert(foreign_bundles.codabench(tmp_path / "bundle"), tmp_path / "made")
    return tmp_path / "made"


def load(folder):
    return load_competition(definition=load_definition(folder), host=factories.make_user("host"))


def test_a_converted_bundle_becomes_a_competition_with_its_programs_and_dates(folder):
    competition = load(folder)
    development, final = competition.phases.all()
    assert development.scoring_program.command == "python3 run.py --codabench"
    assert development.closes_at == final.opens_at
    assert [metric.title for metric in development.all_metrics] == [
        "Accuracy",
        "Macro F1",
        "Errors",
    ]
    assert not development.metric("errors").higher_is_better
    assert development.needs_sandbox(development.submission_kinds[0])


def test_loading_twice_stores_nothing_anew(folder):
    definition = load_definition(folder)
    host = factories.make_user("host")
    load_competition(definition=definition, host=host)
    before = list(ScoringProgram.objects.values("pk", "file"))
    load_competition(definition=definition, host=None)
    assert list(ScoringProgram.objects.values("pk", "file")) == before


def test_a_worker_is_told_the_program_its_command_and_the_keys(folder):
    competition = load(folder)
    phase = competition.phases.first()
    team = factories.make_team(competition)
    submission = factories.make_submission(team, phase, kind=Kind.FILES)
    job = job_of(start_attempt(submission=submission))
    assert job.scoring_program.sha256 == phase.scoring_program.sha256
    assert job.command == "python3 run.py --codabench"
    assert [spec.target for spec in job.metrics] == [("accuracy",), ("macro-F1",), ("errors",)]
    assert job.solution_file.name == "reference.zip"


def test_a_program_cannot_be_swapped_once_there_are_scores_to_compare(folder):
    competition = load(folder)
    phase = competition.phases.first()
    factories.make_submission(factories.make_team(competition), phase, kind=Kind.FILES)
    path = folder / "competition.yaml"
    content = yaml.safe_load(path.read_text())
    content["phases"][0]["scoring_program"]["command"] = "python3 other.py"
    path.write_text(yaml.safe_dump(content, sort_keys=False))
    with pytest.raises(CompetitionRefused, match="cannot change any more"):
        load_competition(definition=load_definition(folder), host=None)
