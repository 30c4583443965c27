"""Taking a submission in: who, when, how often, and what costs nothing."""

from datetime import timedelta

import factories
import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from agon.submissions.errors import CannotCancel, SubmissionRefused
from agon.submissions.models import State, Submission
from agon.submissions.services import intake
from agon.teams.models import Team

pytestmark = pytest.mark.django_db


def upload(content=factories.PERFECT, name="predictions.csv"):
    return SimpleUploadedFile(name, content)


def submit(cast, user=None, **kwargs):
    return intake.submit(
        user=user or cast.paula,
        phase=cast.phase,
        upload=kwargs.pop("file", None) or upload(),
        **kwargs,
    )


def stored_files():
    try:
        folders, files = storages["default"].listdir("submissions")
    except FileNotFoundError:
        return 0
    found = len(files)
    stack = [f"submissions/{folder}" for folder in folders]
    while stack:
        folder = stack.pop()
        folders, files = storages["default"].listdir(folder)
        found += len(files)
        stack += [f"{folder}/{inner}" for inner in folders]
    return found


def test_an_accepted_file_is_stored_queued_and_has_an_attempt(cast):
    submission = submit(cast, note="first try")
    assert submission.state == State.QUEUED
    assert submission.number == 1
    assert submission.note == "first try"
    assert submission.team == cast.team
    with submission.file.open("rb") as stream:
        assert stream.read() == factories.PERFECT
    attempt = submission.attempts.get()
    assert attempt.number == 1
    assert len(attempt.token) >= 32
    assert attempt.solution == cast.phase.solutions.get()


def test_a_person_without_a_team_gets_one_of_their_own(cast):
    newcomer = factories.make_participant(cast.competition, "nina")
    submission = submit(cast, newcomer)
    assert [member.user for member in submission.team.memberships.all()] == [newcomer]
    assert submission.team.name == "nina"


def test_two_people_of_one_name_get_teams_of_different_names(cast):
    first = factories.make_participant(cast.competition, display_name="Kim")
    second = factories.make_participant(cast.competition, display_name="Kim")
    assert submit(cast, first).team.name == "Kim"
    assert submit(cast, second).team.name == "Kim 2"


@pytest.mark.parametrize("who", ["stranger", "host", "anonymous"])
def test_who_has_not_accepted_the_rules_is_refused(cast, who):
    with pytest.raises(SubmissionRefused) as refusal:
        submit(cast, cast.people()[who])
    assert refusal.value.code in {"not_joined", "signed_out"}
    assert refusal.value.action is not None
    assert stored_files() == 0


def test_new_rules_must_be_accepted_before_the_next_submission(cast):
    cast.competition.rules_version = 2
    cast.competition.save()
    cast.phase.competition.refresh_from_db()
    with pytest.raises(SubmissionRefused, match="rules have changed"):
        submit(cast)


def test_before_the_start_and_after_the_end_nothing_is_accepted(cast):
    now = timezone.now()
    cast.phase.opens_at = now + timedelta(minutes=1)
    with pytest.raises(SubmissionRefused) as refusal:
        submit(cast)
    assert refusal.value.code == "not_open"
    cast.phase.opens_at, cast.phase.closes_at = None, now
    with pytest.raises(SubmissionRefused) as refusal:
        submit(cast)
    assert refusal.value.code == "closed"
    assert Submission.objects.count() == 0


def test_the_daily_limit_is_the_teams_and_says_when_the_next_day_begins(cast):
    cast.phase.per_day, cast.phase.pending = 2, 10
    submit(cast, cast.paula)
    submit(cast, cast.tom)
    with pytest.raises(SubmissionRefused, match="00:00 UTC") as refusal:
        submit(cast, cast.paula)
    assert refusal.value.code == "daily_limit"
    assert stored_files() == 2
    submit(cast, cast.ron)


def test_yesterdays_submissions_do_not_count_today(cast):
    cast.phase.per_day = 1
    yesterday = timezone.now() - timedelta(days=1)
    factories.make_submission(cast.team, cast.phase, state=State.REJECTED, created_at=yesterday)
    assert submit(cast).number == 2


def test_the_total_limit_counts_every_day(cast):
    cast.phase.per_day, cast.phase.total = None, 1
    yesterday = timezone.now() - timedelta(days=1)
    factories.make_submission(cast.team, cast.phase, state=State.REJECTED, created_at=yesterday)
    with pytest.raises(SubmissionRefused) as refusal:
        submit(cast)
    assert refusal.value.code == "total_limit"


def test_only_so_many_may_wait_at_once(cast):
    cast.phase.pending = 1
    submit(cast)
    with pytest.raises(SubmissionRefused) as refusal:
        submit(cast)
    assert refusal.value.code == "pending_limit"


def test_what_was_given_back_can_be_used_again(cast):
    cast.phase.per_day = 1
    intake.cancel(submission=submit(cast))
    factories.make_submission(cast.team, cast.phase, state=State.FAILED, counted=False)
    assert submit(cast).state == State.QUEUED


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"", "a.csv", "empty_file"),
        (b"id,label\n", "a.csv", "no_rows"),
        (bytes(range(256)) * 10, "a.csv", None),
        ("id,label\n1,2\n".encode("utf-16"), "a.csv", "utf16"),
        (b"id:label\n1:2\n", "a.csv", "wrong_delimiter"),
        (b"id,lable\n1,2\n", "a.csv", "misspelled_column"),
        (b"," * 5_000_000, "a.csv", None),
        (b"not a zip", "a.zip", "damaged_archive"),
        (b"hello", "a.exe", "unsupported_extension"),
    ],
)
def test_a_file_that_can_never_be_scored_is_refused_at_the_door(cast, content, name, code):
    with pytest.raises(SubmissionRefused) as refusal:
        submit(cast, file=upload(content, name))
    assert refusal.value.code == "bad_file"
    assert all(problem.sentence() for problem in refusal.value.problems)
    if code:
        assert code in {problem.code for problem in refusal.value.problems}
    assert Submission.objects.count() == 0
    assert stored_files() == 0


def test_a_file_over_the_limit_is_refused_with_both_sizes(cast):
    cast.phase.file_bytes = 20
    with pytest.raises(SubmissionRefused, match=r"20.*bytes") as refusal:
        submit(cast)
    assert refusal.value.code == "too_large"


def test_a_name_with_slashes_never_leaves_the_folder(cast):
    submission = submit(cast, file=upload(name="../../etc/passwd.csv"))
    assert submission.file.name.startswith("submissions/")
    assert ".." not in submission.file.name


def test_a_phase_without_a_solution_is_not_ready(cast):
    phase = factories.make_phase(factories.make_competition(), solution=None)
    user = factories.make_participant(phase.competition)
    with pytest.raises(SubmissionRefused) as refusal:
        intake.submit(user=user, phase=phase, upload=upload())
    assert refusal.value.code == "not_ready"
    assert Team.objects.filter(competition=phase.competition).count() == 0


def test_canceling_in_time_gives_the_submission_back_and_ends_its_attempt(cast):
    submission = submit(cast)
    intake.cancel(submission=submission)
    submission.refresh_from_db()
    assert submission.state == State.CANCELED
    assert submission.counted is False
    assert submission.attempts.get().ended_at is not None


def test_a_running_submission_cannot_be_canceled(cast):
    submission = submit(cast)
    Submission.objects.update(state=State.RUNNING)
    with pytest.raises(CannotCancel):
        intake.cancel(submission=submission)
    submission.refresh_from_db()
    assert submission.state == State.RUNNING
    assert submission.counted is True


@pytest.mark.django_db(transaction=True)
def test_a_bell_that_breaks_after_the_commit_costs_nobody_their_file(cast, monkeypatch):
    monkeypatch.setattr("agon.submissions.queue.ring", lambda _attempt: 1 / 0)
    submission = submit(cast)
    with submission.file.open("rb") as stream:
        assert stream.read() == factories.PERFECT


@pytest.mark.django_db(transaction=True)
def test_canceling_leaves_no_file_behind_that_a_worker_could_score(cast):
    submission = submit(cast)
    intake.cancel(submission=submission)
    assert stored_files() == 0
