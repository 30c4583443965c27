"""A phase that a program scores is scored anew by another program, or by another command."""

import factories
import foreign_bundles
import pytest
import rescored
import scored
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from agon.competitions.models import HostAction, ScoringProgram, Verb
from agon.competitions.services import load_competition
from agon.submissions.models import Kind, Rescore
from agon.submissions.queue import job_of, job_of_item
from agon.submissions.services import publication, rescore_jobs
from agon.submissions.services.attempts import start_attempt
from scoring.contract import Split
from scoring.definition import load_definition
from scoring.foreign.conversion import convert

pytestmark = pytest.mark.django_db

PROGRAM = foreign_bundles.zipped({"run.py": b"print('another one')\n"})


@pytest.fixture
def host(client):
    client.force_login(user := factories.make_user("host"))
    client.user = user
    return client


@pytest.fixture
def phase(host, tmp_path):
    convert(foreign_bundles.codabench(tmp_path / "bundle"), tmp_path / "made")
    competition = load_competition(definition=load_definition(tmp_path / "made"), host=host.user)
    return competition.phases.first()


@pytest.fixture
def submission(phase):
    team = factories.make_team(phase.competition)
    made = scored.make_scored(
        team,
        phase,
        scored.score(phase.primary_metric.name, Split.PUBLIC, 0.5),
        scored.score(phase.primary_metric.name, Split.PRIVATE, 0.5),
    )
    type(made).objects.filter(pk=made.pk).update(kind=Kind.FILES)
    made.refresh_from_db()
    return made


def begin(host, phase, content=PROGRAM, name="better.zip", **more):
    upload = SimpleUploadedFile(name, content, "application/zip")
    page = reverse("submissions:rescores", args=[phase.competition.slug])
    return host.post(
        page,
        {"phase": phase.pk, "reason": "It forgot a row.", "keep": "on", "program": upload, **more},
    )


def test_workers_are_given_the_new_program_while_the_old_one_still_counts(host, phase, submission):
    factories.make_worker()
    old = phase.scoring_program
    assert begin(host, phase, command="python3 run.py --strict").status_code == 302
    item = Rescore.objects.get().items.get()
    rescore_jobs.pump(item.rescore_id)
    item.refresh_from_db()
    job = job_of_item(item)
    assert (job.scoring_program.name, job.command) == ("better.zip", "python3 run.py --strict")
    assert job.scoring_program.sha256 != old.sha256
    fresh = job_of(
        start_attempt(submission=factories.make_submission(submission.team, phase, kind=Kind.FILES))
    )
    assert (fresh.scoring_program.sha256, fresh.command) == (old.sha256, old.command)


def test_published_it_is_the_phase_s_program_and_the_log_says_so(host, phase, submission):
    factories.make_worker()
    begin(host, phase)
    rescore = Rescore.objects.get()
    rescored.answer_all(
        rescore, lambda item: rescored.good(item, 0.75, 0.7, phase.primary_metric.name)
    )
    publication.publish(actor=host.user, rescore=rescore)
    program = ScoringProgram.objects.get(phase=phase)
    assert program.name == "better.zip"
    assert program.command == "python3 run.py --codabench", "left as it was"
    submission.refresh_from_db()
    assert submission.public_score == 0.75
    line = HostAction.objects.get(verb=Verb.METRIC_CHANGED)
    assert line.after["program"].startswith("better.zip (")
    assert line.before["program"] != line.after["program"]


def test_what_is_no_zip_file_is_refused_beside_its_field(host, phase, submission):
    response = begin(host, phase, b"not a zip", "better.zip")
    assert response.status_code == 422
    assert response.context["form"].errors["program"]
    assert not Rescore.objects.exists()


def test_a_phase_that_metrics_score_is_not_asked_for_a_program(cast, client):
    client.force_login(cast.hanna)
    page = client.get(reverse("submissions:rescores", args=[cast.competition.slug]))
    assert "program" not in page.context["form"].fields
