"""Scoring anew touches nothing that stands, and is published at once or thrown away."""

from datetime import timedelta

import factories
import pytest
import rescored
import scored
from django.core.files.base import ContentFile
from django.utils import timezone

from agon.competitions.models import HostAction, MetricFile, Phase, Verb
from agon.leaderboards.models import Entry
from agon.notifications.models import Kind as NotificationKind
from agon.notifications.models import Notification
from agon.submissions.errors import RescoreRefused
from agon.submissions.models import Attempt, Rescore, RescoreItem, Score, State
from agon.submissions.previews import movements
from agon.submissions.services import publication, rescore_jobs, rescores, results
from agon.submissions.services.attempts import start_attempt
from agon.submissions.services.board import differences
from agon.submissions.services.rescores import Changes
from agon.submissions.services.sweep import sweep
from scoring.contract import Heartbeat, MetricSpec, Owner, Split, Stage

pytestmark = pytest.mark.django_db

NEW_SOLUTION = factories.SOLUTION.replace(b"1,1,", b"1,2,")


@pytest.fixture
def mine(cast):
    return scored.make_scored(cast.team, cast.phase, *both(0.9, 0.5))


@pytest.fixture
def theirs(cast):
    return scored.make_scored(cast.rivals, cast.phase, *both(0.6, 0.4))


def both(public, private, metric="accuracy"):
    return (
        scored.score(metric, Split.PUBLIC, public),
        scored.score(metric, Split.PRIVATE, private),
    )


def begin(cast, **arguments):
    arguments.setdefault("changes", Changes(solution=ContentFile(NEW_SOLUTION, "solution.csv")))
    return rescores.start(
        actor=cast.hanna, phase=cast.phase, reason="Row 1 was wrong.", **arguments
    )


def places(cast, split="public"):
    entries = Entry.objects.filter(board__phase=cast.phase, board__split=split)
    return {
        entry.team.name: entry.value
        for entry in entries.select_related("team").order_by("key", "reached_at", "team_id")
    }


def swap(mine):
    """Scores by which the two teams change places."""
    return lambda item: rescored.good(
        item, *((0.3, 0.2) if item.submission_id == mine.pk else (0.8, 0.7))
    )


def test_nothing_that_stands_is_touched_before_it_is_published(cast, mine, theirs):
    rescore = begin(cast)
    rescored.answer_all(rescore, swap(mine))
    assert rescore.state == Rescore.State.READY
    assert places(cast) == {"Paula and Tom": 0.9, "Ron": 0.6}
    assert [score.value for score in mine.scores.all()] == [0.9, 0.5]
    assert cast.phase.solutions.count() == 1
    assert differences(phase=cast.phase) == []


def test_publishing_swaps_the_ranks_on_both_boards(cast, mine, theirs):
    rescore = begin(cast)
    rescored.answer_all(rescore, swap(mine))
    publication.publish(actor=cast.hanna, rescore=rescore)
    assert list(places(cast).items()) == [("Ron", 0.8), ("Paula and Tom", 0.3)]
    assert list(places(cast, "private").items()) == [("Ron", 0.7), ("Paula and Tom", 0.2)]
    assert differences(phase=cast.phase) == []
    mine.refresh_from_db()
    assert (mine.state, mine.public_score, mine.private_score) == (State.SCORED, 0.3, 0.2)
    newest = cast.phase.solutions.first()
    assert newest.version == 2
    with newest.file.open() as stored:
        assert stored.read() == NEW_SOLUTION


def test_the_old_scores_stay_readable(cast, mine, theirs):
    rescore = begin(cast)
    rescored.answer_all(rescore, swap(mine))
    publication.publish(actor=cast.hanna, rescore=rescore)
    assert [score.value for score in mine.scores.all()] == [0.3, 0.2]
    old = Score.versions.filter(submission=mine, replaced_by=rescore)
    assert [score.value for score in old] == [0.9, 0.5]
    item = rescore.items.get(submission=mine)
    assert (item.old_state, item.old_public_score, item.old_private_score) == ("scored", 0.9, 0.5)


def test_the_preview_says_who_would_move_and_why(cast, mine, theirs):
    rescore = begin(cast)
    rescored.answer_all(rescore, swap(mine))
    first, second = movements(rescore, Split.PUBLIC)
    assert (first.team, first.old.rank, first.new.rank, first.steps) == (cast.rivals, 2, 1, 1)
    assert first.why == "The score of its submission #1 has changed."
    assert (second.team, second.direction) == (cast.team, "down")


def test_the_preview_tells_the_unchanged_from_those_that_others_pass(cast, mine, theirs):
    rescore = begin(cast)
    rescored.answer_all(
        rescore,
        lambda item: rescored.good(item, 0.9 if item.submission_id == mine.pk else 0.95, 0.5),
    )
    why = {movement.team: movement.why for movement in movements(rescore, Split.PUBLIC)}
    assert why[cast.team] == "Its score is the same; others move past it."


def test_the_preview_is_what_publishing_does(cast, mine, theirs):
    scored.make_scored(cast.team, cast.phase, *both(0.5, 0.9))
    rescore = begin(cast)
    rescored.answer_all(rescore, swap(mine))
    expected = {
        movement.team.name: movement.new.value for movement in movements(rescore, Split.PRIVATE)
    }
    publication.publish(actor=cast.hanna, rescore=rescore)
    assert places(cast, "private") == expected


def test_participants_whose_scores_changed_are_told_once(cast, mine, theirs):
    rescore = begin(cast)
    rescored.answer_all(
        rescore,
        lambda item: rescored.good(item, *((0.3, 0.2) if item.submission_id == mine.pk else (0.6, 0.4))),
    )  # fmt: skip
    publication.publish(actor=cast.hanna, rescore=rescore)
    told = Notification.objects.filter(kind=NotificationKind.RESCORED)
    assert {one.recipient for one in told} == {cast.paula, cast.tom}
    assert told[0].values == {"competition": "Digits", "reason": "Row 1 was wrong."}


def test_each_step_is_in_the_log(cast, mine):
    rescore = begin(cast)
    rescored.answer_all(rescore, swap(mine))
    publication.publish(actor=cast.carl, rescore=rescore)
    rescores.discard(actor=cast.hanna, rescore=begin(cast))
    verbs = [action.verb for action in HostAction.objects.order_by("pk")]
    assert verbs == [
        Verb.RESCORED,
        Verb.SOLUTION_CHANGED,
        Verb.RESCORE_PUBLISHED,
        Verb.RESCORED,
        Verb.RESCORE_DISCARDED,
    ]
    changed = HostAction.objects.get(verb=Verb.SOLUTION_CHANGED)
    assert (changed.before, changed.after) == ({"solution": 1}, {"solution": 2})


def test_thrown_away_it_leaves_nothing(cast, mine, theirs):
    rescore = begin(cast)
    rescored.answer_all(rescore, swap(mine))
    rescores.discard(actor=cast.hanna, rescore=rescore)
    assert not Score.versions.filter(rescore=rescore).exists()
    assert places(cast) == {"Paula and Tom": 0.9, "Ron": 0.6}
    with pytest.raises(RescoreRefused):
        publication.publish(actor=cast.hanna, rescore=rescore)


def test_there_is_one_at_a_time(cast, mine):
    begin(cast)
    with pytest.raises(RescoreRefused, match="not decided yet"):
        begin(cast)


def test_it_is_not_published_before_its_end(cast, mine, theirs):
    rescore = begin(cast)
    rescored.answer_all(rescore, swap(mine), most=1)
    with pytest.raises(RescoreRefused, match="Wait for the end"):
        publication.publish(actor=cast.hanna, rescore=rescore)


def test_the_first_one_goes_alone_and_stops_the_rest_where_the_solution_is_broken(
    cast, mine, theirs
):
    rescore = begin(cast)
    rescore_jobs.pump(rescore.pk)
    item = rescore.items.get(state=RescoreItem.State.SENT)
    results.record_result(result=rescored.bad(item, Owner.HOST, "solution_empty"))
    rescore.refresh_from_db()
    assert rescore.state == Rescore.State.STOPPED
    assert rescore.problems[0]["code"] == "solution_empty"
    assert rescore_jobs.pump(rescore.pk) == 0


def test_a_stopped_one_takes_in_what_runs_and_goes_on_later(cast, mine, theirs):
    rescore = begin(cast)
    rescore_jobs.pump(rescore.pk)
    rescores.stop(actor=cast.hanna, rescore=rescore)
    item = rescore.items.get(state=RescoreItem.State.SENT)
    assert results.record_result(result=rescored.good(item, 0.1, 0.1))
    assert rescore_jobs.pump(rescore.pk) == 0
    sweep()
    rescore.refresh_from_db()
    assert rescore.state == Rescore.State.STOPPED
    rescores.go_on(actor=cast.hanna, rescore=rescore)
    rescored.answer_all(rescore, swap(mine))
    assert rescore.state == Rescore.State.READY


def test_a_result_counts_once_and_a_forged_one_never(cast, mine):
    rescore = begin(cast)
    rescore_jobs.pump(rescore.pk)
    item = rescore.items.get()
    assert results.record_result(result=rescored.good(item, 0.1, 0.1))
    assert not results.record_result(result=rescored.good(item, 0.2, 0.2))
    item.refresh_from_db()
    assert item.public_score == 0.1


def test_a_worker_that_dies_costs_a_try_and_the_last_one_can_be_repeated(cast, mine, settings):
    rescore = begin(cast)
    for _try in range(settings.MAX_ATTEMPTS):
        rescore_jobs.pump(rescore.pk)
        item = rescore.items.get()
        assert results.record_heartbeat(
            heartbeat=Heartbeat(token=item.token, stage=Stage.SCORING, worker="w")
        )
        RescoreItem.objects.update(lease_expires_at=timezone.now() - timedelta(seconds=1))
        sweep()
    item.refresh_from_db()
    assert (item.state, item.owner) == (RescoreItem.State.FAILED, "platform")
    rescore.refresh_from_db()
    with pytest.raises(RescoreRefused, match="1 submission could not"):
        publication.publish(actor=cast.hanna, rescore=rescore)
    rescores.retry_failed(actor=cast.hanna, rescore=rescore)
    rescored.answer_all(rescore, swap(mine))
    publication.publish(actor=cast.hanna, rescore=rescore)
    assert places(cast) == {"Paula and Tom": 0.3}


def test_failures_leave_the_board_only_where_the_host_agrees(cast, mine, theirs):
    rescore = begin(cast)
    rescored.answer_all(
        rescore,
        lambda item: (
            rescored.bad(item, Owner.HOST, "metric_raised")
            if item.submission_id == theirs.pk
            else rescored.good(item, 0.7, 0.7)
        ),
    )
    assert rescore.state == Rescore.State.READY
    publication.publish(actor=cast.hanna, rescore=rescore, accept_failures=True)
    assert places(cast) == {"Paula and Tom": 0.7}
    theirs.refresh_from_db()
    assert (theirs.state, theirs.counted, theirs.public_score) == (State.FAILED, False, None)


def test_a_rejected_one_can_get_a_score_and_a_scored_one_lose_it(cast, mine):
    refused = factories.make_submission(cast.rivals, cast.phase, state=State.REJECTED)
    rescore = begin(cast)

    def answer(item):
        if item.submission_id == refused.pk:
            return rescored.good(item, 0.4, 0.4)
        return rescored.rejected(item)

    rescored.answer_all(rescore, answer)
    assert rescore.state == Rescore.State.STOPPED  # the very first one lost its score
    rescores.go_on(actor=cast.hanna, rescore=rescore)
    rescored.answer_all(rescore, answer)
    publication.publish(actor=cast.hanna, rescore=rescore)
    mine.refresh_from_db()
    assert (mine.state, mine.counted, mine.problems[0]["code"]) == (
        State.REJECTED,
        True,
        "empty_file",
    )
    assert places(cast) == {"Ron": 0.4}
    assert differences(phase=cast.phase) == []


def test_new_metrics_turn_the_board_round(cast, mine, theirs):
    loss = MetricSpec(name="log_loss", target="label", prediction=("label",))
    rescore = begin(cast, changes=Changes(metrics=(loss, *cast.phase.metric_specs)))
    rescored.answer_all(
        rescore,
        lambda item: rescored.good(
            item, *((0.3, 0.2) if item.submission_id == mine.pk else (0.8, 0.7)), "log_loss"
        ),
    )
    publication.publish(actor=cast.hanna, rescore=rescore)
    phase = Phase.objects.get(pk=cast.phase.pk)
    assert phase.primary_metric.name == "log_loss"
    assert list(places(cast)) == ["Paula and Tom", "Ron"]
    assert Entry.objects.get(team=cast.team, board__split="public").key == 0.3
    assert differences(phase=phase) == []


def test_a_metric_of_the_hosts_own_comes_with_its_file(cast, mine):
    own = MetricSpec(name="mine", target="label", prediction=("label",))
    described = {
        "title": "Mine", "description": "", "higher_is_better": False, "lower": None, "upper": None,
    }  # fmt: skip
    factories.make_worker()
    rescore = begin(
        cast,
        changes=Changes(
            metrics=(own,),
            own_metrics={"mine": described},
            files={"mine": ContentFile(b"def score(): ...", "mine.py")},
        ),
    )
    rescored.answer_all(rescore, lambda item: rescored.good(item, 2.0, 3.0, "mine"))
    publication.publish(actor=cast.hanna, rescore=rescore)
    with MetricFile.objects.get(phase=cast.phase).file.open() as stored:
        assert stored.read() == b"def score(): ..."
    assert Phase.objects.get(pk=cast.phase.pk).primary_metric.title == "Mine"


def test_what_ends_meanwhile_is_scored_anew_as_well(cast, mine, theirs):
    rescore = begin(cast)
    late = scored.make_scored(cast.rivals, cast.phase, *both(0.95, 0.1))
    rescored.answer_all(rescore, swap(mine))
    assert rescore.items.count() == 3
    publication.publish(actor=cast.hanna, rescore=rescore)
    late.refresh_from_db()
    assert late.public_score == 0.8


def test_what_ends_after_the_last_look_goes_back_into_the_queue(cast, mine, theirs):
    rescore = begin(cast)
    rescored.answer_all(rescore, swap(mine))
    late = scored.make_scored(cast.team, cast.phase, *both(0.95, 0.1))
    publication.publish(actor=cast.hanna, rescore=rescore)
    late.refresh_from_db()
    assert (late.state, late.public_score) == (State.QUEUED, None)
    assert places(cast)["Paula and Tom"] == 0.3
    attempt = late.attempts.get(ended_at=None)
    assert attempt.solution.version == 2
    result = rescored.good(attempt, 0.99, 0.99)
    assert results.record_result(result=result)
    assert places(cast)["Paula and Tom"] == 0.99
    assert differences(phase=cast.phase) == []


def test_a_result_by_the_old_solution_counts_no_more(cast, mine):
    running = factories.make_submission(cast.rivals, cast.phase)
    attempt = start_attempt(submission=running)
    rescore = begin(cast)
    rescored.answer_all(rescore, swap(mine))
    publication.publish(actor=cast.hanna, rescore=rescore)
    assert results.record_result(result=rescored.good(attempt, 1.0, 1.0))
    running.refresh_from_db()
    assert running.state == State.QUEUED
    assert "Ron" not in places(cast)
    fresh = Attempt.objects.get(submission=running, ended_at=None)
    results.record_result(result=rescored.good(fresh, 0.5, 0.5))
    assert places(cast)["Ron"] == 0.5


def test_only_some_are_scored_anew_where_nothing_changes(cast, mine, theirs):
    rescore = begin(cast, changes=None, submissions=[theirs.pk])
    assert rescored.answer_all(rescore, swap(mine)) == 1
    publication.publish(actor=cast.hanna, rescore=rescore)
    assert places(cast) == {"Paula and Tom": 0.9, "Ron": 0.8}
    assert cast.phase.solutions.count() == 1
    assert differences(phase=cast.phase) == []


def test_a_solution_can_be_replaced_before_anything_was_sent(cast):
    rescore = begin(cast)
    rescored.answer_all(rescore, swap)
    publication.publish(actor=cast.hanna, rescore=rescore)
    assert cast.phase.solutions.first().version == 2


def test_without_anything_to_score_a_plain_one_is_refused(cast):
    with pytest.raises(RescoreRefused, match="nothing to score"):
        begin(cast, changes=None)


def test_a_solution_from_elsewhere_meanwhile_forbids_the_publication(cast, mine):
    rescore = begin(cast)
    rescored.answer_all(rescore, swap(mine))
    factories.make_solution(cast.phase, b"another")
    with pytest.raises(RescoreRefused, match="out of date"):
        publication.publish(actor=cast.hanna, rescore=rescore)


def test_few_jobs_are_sent_ahead(cast, theirs):
    for _number in range(30):
        scored.make_scored(cast.team, cast.phase, *both(0.5, 0.5))
    rescore = begin(cast, changes=None)
    rescore_jobs.pump(rescore.pk)
    assert rescore.items.filter(state=RescoreItem.State.SENT).count() == rescore_jobs.PER_WORKER


def test_two_publications_in_a_row_build_on_each_other(cast, mine, theirs):
    for turn in (0.1, 0.2):
        rescore = begin(cast)
        rescored.answer_all(rescore, lambda item, turn=turn: rescored.good(item, turn, turn))
        publication.publish(actor=cast.hanna, rescore=rescore)
    assert set(places(cast).values()) == {0.2}
    assert cast.phase.solutions.first().version == 3
    assert Score.versions.filter(submission=mine).count() == 6
    assert mine.scores.count() == 2
