"""Choosing the final submissions, and what decides where a team has not chosen."""

from __future__ import annotations

from datetime import timedelta

import factories
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from together import at_once

from agon.leaderboards.models import Entry
from agon.submissions.errors import SubmissionRefused
from agon.submissions.finals import choice_of, finals_of
from agon.submissions.models import State, Submission
from agon.submissions.services import board, intake, merging, results, rulings
from agon.submissions.services.attempts import start_attempt
from agon.submissions.services.choosing import choose
from scoring.contract import Outcome, ScoringResult, Split
from scoring.contract import Score as ReportedScore

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def sent(cast):
    """Four submissions of Paula and Tom: the better in public, the worse in private."""
    found = [
        factories.make_submission(
            cast.team, cast.phase, state=State.SCORED, public=public, private=1 - public
        )
        for public in (0.9, 0.8, 0.7, 0.6)
    ]
    board.rebuild(phase=cast.phase)
    return found


def private_of(team):
    return Entry.objects.get(team=team, board__split=Split.PRIVATE.value)


def pick(cast, *submissions, user=None, seen=None):
    return choose(
        user=user or cast.paula,
        phase=cast.phase,
        submission_ids=[submission.pk for submission in submissions],
        seen=seen,
    )


def close(phase, *, ago=HOUR):
    phase.closes_at = timezone.now() - ago
    phase.save()


def test_without_a_choice_the_best_public_ones_are_final(cast, sent):
    assert finals_of(cast.team, cast.phase) == sent[:2]
    assert private_of(cast.team).submission == sent[1]


def test_the_best_private_one_of_those_chosen_decides(cast, sent):
    assert pick(cast, sent[0], sent[3])
    assert private_of(cast.team).submission == sent[3]
    assert Entry.objects.get(team=cast.team, board__split="public").submission == sent[0]
    assert board.differences(phase=cast.phase) == []


def test_free_places_are_filled_with_the_best_public_ones(cast, sent):
    cast.phase.final_count = 3
    cast.phase.save()
    pick(cast, sent[3])
    assert finals_of(cast.team, cast.phase) == [sent[3], sent[0], sent[1]]
    choice = choice_of(cast.team, cast.phase)
    assert (choice.chosen, choice.left) == (1, 2)
    assert choice.counting == {sent[3].pk, sent[0].pk, sent[1].pk}


def test_any_member_chooses_and_takes_the_choice_back(cast, sent):
    pick(cast, sent[2], sent[3])
    assert pick(cast, user=cast.tom)
    assert not Submission.objects.filter(is_chosen=True).exists()
    assert private_of(cast.team).submission == sent[1]
    assert not pick(cast, user=cast.tom)


def test_a_choice_is_not_undone_by_a_page_from_before_it(cast, sent):
    pick(cast, sent[2], user=cast.tom)
    with pytest.raises(SubmissionRefused) as refusal:
        pick(cast, sent[3], seen=[])
    assert refusal.value.code == "changed_meanwhile"
    assert pick(cast, sent[3], seen=[sent[2].pk])


def test_more_than_the_number_are_refused(cast, sent):
    with pytest.raises(SubmissionRefused, match="Choose at most 2 submissions; you have picked 3"):
        pick(cast, *sent[:3])


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"state": State.REJECTED}, "has no score"),
        ({"state": State.CANCELED}, "has no score"),
        ({"state": State.SCORED, "public": 0.5, "is_late": True}, "after the close"),
        (
            {"state": State.SCORED, "public": 0.5, "disqualified_at": timezone.now()},
            "is disqualified",
        ),
    ],
)
def test_what_cannot_count_cannot_be_chosen(cast, sent, fields, words):
    other = factories.make_submission(cast.team, cast.phase, **fields)
    with pytest.raises(SubmissionRefused, match=words):
        pick(cast, other)


def test_only_the_own_teams_submissions_to_this_phase_are_there_to_choose(cast, sent):
    rivals = factories.make_submission(cast.rivals, cast.phase, state=State.SCORED, public=0.1)
    later = factories.make_phase(cast.competition, name="later", order=1)
    elsewhere = factories.make_submission(cast.team, later, state=State.SCORED, public=0.1)
    for other in (rivals, elsewhere):
        with pytest.raises(SubmissionRefused, match="your own team's"):
            pick(cast, other)
    with pytest.raises(SubmissionRefused, match="Only who takes part"):
        pick(cast, user=_with_a_team_and_without_rules(cast))
    with pytest.raises(SubmissionRefused, match="nothing to choose from"):
        pick(cast, user=factories.make_participant(cast.competition, "nina"))


def _with_a_team_and_without_rules(cast):
    person = factories.make_user("una")
    factories.make_team(cast.competition, person, name="Una")
    return person


def test_one_that_waits_for_its_score_can_be_chosen_and_counts_once_it_has_it(cast, sent):
    waiting = factories.make_submission(cast.team, cast.phase)
    pick(cast, waiting, sent[0])
    assert private_of(cast.team).submission == sent[1]
    close(cast.phase)
    token = start_attempt(submission=waiting).token
    results.record_result(result=scored(token, public=0.1, private=0.95))
    assert private_of(cast.team).submission == waiting
    assert board.differences(phase=cast.phase) == []


def test_a_chosen_one_that_is_disqualified_leaves_its_place_to_the_next(cast, sent):
    pick(cast, sent[2], sent[3])
    rulings.disqualify(actor=cast.hanna, submission=sent[3], reason="Copied")
    assert private_of(cast.team).submission == sent[2]
    assert finals_of(cast.team, cast.phase) == [sent[2], sent[0]]
    pick(cast, sent[1])
    rulings.restore(actor=cast.hanna, submission=sent[3])
    assert finals_of(cast.team, cast.phase) == [sent[1], sent[0]]


def test_the_choice_is_locked_at_the_close(cast, sent):
    close(cast.phase, ago=timedelta(0))
    with pytest.raises(SubmissionRefused, match="what was chosen before its close counts"):
        pick(cast, sent[3])
    cast.phase.closes_at = timezone.now() + timedelta(seconds=30)
    cast.phase.save()
    assert pick(cast, sent[3])


def test_choosing_costs_the_same_however_many_were_sent(cast, sent, django_assert_max_num_queries):
    for _ in range(30):
        factories.make_submission(cast.team, cast.phase, state=State.SCORED, public=0.2, private=0)
    with django_assert_max_num_queries(40):
        pick(cast, sent[3])


# --- Late submissions -------------------------------------------------------------------------


def scored(token, *, public, private):
    return ScoringResult(
        token=token,
        outcome=Outcome.SCORED,
        scores=tuple(
            ReportedScore(metric="accuracy", split=split, value=value, rows=5, signature="s")
            for split, value in ((Split.PUBLIC, public), (Split.PRIVATE, private))
        ),
    )


def send(cast, user=None):
    upload = SimpleUploadedFile("predictions.csv", factories.PERFECT)
    return intake.submit(user=user or cast.paula, phase=cast.phase, upload=upload)


def test_after_the_close_nothing_is_taken_unless_the_host_takes_late_ones(cast):
    close(cast.phase)
    with pytest.raises(SubmissionRefused) as refusal:
        send(cast)
    assert refusal.value.code == "closed"
    cast.phase.takes_late = True
    cast.phase.save()
    assert send(cast).is_late


def test_a_late_one_is_scored_and_stands_nowhere(cast, sent):
    cast.phase.takes_late = True
    close(cast.phase)
    before = list(Entry.objects.values_list("team", "submission", "submission_count"))
    late = send(cast)
    results.record_result(result=scored(late.attempts.get().token, public=1.0, private=1.0))
    late.refresh_from_db()
    assert (late.state, late.private_score) == (State.SCORED, 1.0)
    assert list(Entry.objects.values_list("team", "submission", "submission_count")) == before
    assert board.differences(phase=cast.phase) == []
    assert late not in finals_of(cast.team, cast.phase)


def test_before_the_close_nothing_is_late(cast):
    cast.phase.takes_late = True
    cast.phase.closes_at = timezone.now() + HOUR
    cast.phase.save()
    assert not send(cast).is_late


def test_what_came_in_time_is_scored_after_the_close_and_counts(cast):
    in_time = send(cast)
    close(cast.phase, ago=timedelta(0))
    results.record_result(result=scored(in_time.attempts.get().token, public=0.5, private=0.5))
    assert private_of(cast.team).submission == in_time


def test_late_ones_have_the_limit_of_each_day_and_not_the_one_in_total(cast, sent):
    cast.phase.takes_late, cast.phase.total, cast.phase.per_day = True, 1, 5
    close(cast.phase)
    send(cast)
    with pytest.raises(SubmissionRefused) as refusal:
        send(cast)
    assert refusal.value.code == "daily_limit"


def test_somebody_new_comes_in_late_and_is_on_no_board(cast):
    cast.phase.takes_late = True
    close(cast.phase)
    newcomer = factories.make_participant(cast.competition, "nina")
    late = send(cast, newcomer)
    results.record_result(result=scored(late.attempts.get().token, public=1.0, private=1.0))
    assert not Entry.objects.exists()


def test_a_baseline_after_the_close_is_not_late(cast):
    cast.phase.takes_late = True
    close(cast.phase)
    upload = SimpleUploadedFile("predictions.csv", factories.PERFECT)
    sent = intake.submit(user=cast.hanna, phase=cast.phase, upload=upload, baseline="Random")
    assert not sent.is_late


# --- At the same moment -----------------------------------------------------------------------


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_many_choices_at_once_one_stands_whole(cast, sent):
    def choose_two(number):
        pair = [sent[number % 4].pk, sent[(number + 1) % 4].pk]
        person = cast.paula if number % 2 else cast.tom
        return choose(
            user=type(person).objects.get(pk=person.pk), phase=cast.phase, submission_ids=pair
        )

    at_once(12, choose_two)
    assert Submission.objects.filter(is_chosen=True).count() == 2
    assert board.differences(phase=cast.phase) == []


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_choosing_while_results_arrive_leaves_the_board_right(cast, sent):
    waiting = [factories.make_submission(cast.team, cast.phase) for _ in range(6)]
    tokens = [start_attempt(submission=one).token for one in waiting]

    def act(number):
        if number % 2:
            return choose(
                user=cast.paula,
                phase=cast.phase,
                submission_ids=[waiting[number // 2].pk, sent[3].pk],
            )
        value = number / 20
        return results.record_result(
            result=scored(tokens[number // 2], public=value, private=1 - value)
        )

    at_once(12, act)
    assert Submission.objects.filter(is_chosen=True).count() == 2
    assert board.differences(phase=cast.phase) == []


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_choosing_while_two_teams_become_one_leaves_at_most_the_number_chosen(cast, sent):
    theirs = [
        factories.make_submission(
            cast.rivals, cast.phase, state=State.SCORED, public=0.4, private=private
        )
        for private in (0.95, 0.97)
    ]
    cast.phase.per_day = 50
    cast.phase.save()
    board.rebuild(phase=cast.phase)
    request = merging.ask(actor=cast.ron, asking=cast.rivals, asked=cast.team)

    def act(number):
        if number == 0:
            return merging.accept(actor=cast.paula, request=request)
        person, pair = (cast.tom, sent[2:]) if number % 2 else (cast.ron, theirs)
        try:
            return choose(user=person, phase=cast.phase, submission_ids=[one.pk for one in pair])
        except SubmissionRefused as refusal:
            return refusal.code

    at_once(9, act)
    assert Submission.objects.filter(is_chosen=True).count() <= 2
    assert board.differences(phase=cast.phase) == []
