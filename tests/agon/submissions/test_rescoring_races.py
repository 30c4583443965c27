"""Real threads on a real PostgreSQL: results, fresh submissions and a publication at one moment."""

from __future__ import annotations

import factories
import pytest
import rescored
import scored
from django.core.files.base import ContentFile
from together import at_once

from agon.leaderboards.models import Entry
from agon.submissions.errors import RescoreRefused
from agon.submissions.models import RescoreItem, Score, State, Submission
from agon.submissions.services import publication, rescore_jobs, rescores, results
from agon.submissions.services.attempts import start_attempt
from agon.submissions.services.board import differences
from agon.submissions.services.rescores import Changes
from scoring.contract import Split

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

OLD, NEW = 0.9, 0.2


def both(value):
    return scored.score(value=value), scored.score(split=Split.PRIVATE, value=value)


def begin(cast):
    return rescores.start(
        actor=cast.hanna,
        phase=cast.phase,
        reason="Row 1 was wrong.",
        changes=Changes(solution=ContentFile(b"id,label,Usage\n1,2,Public\n", "solution.csv")),
    )


def finish(attempt):
    """What a worker would say that has the attempt's solution."""
    value = OLD if attempt.solution.version == 1 else NEW
    return results.record_result(result=rescored.good(attempt, value, value))


def test_results_that_come_while_it_is_published_leave_no_score_of_the_old_kind(cast):
    for _number in range(5):
        scored.make_scored(cast.team, cast.phase, *both(OLD))
    rescore = begin(cast)
    rescored.answer_all(rescore, lambda item: rescored.good(item, NEW, NEW))
    teams = [factories.make_team(cast.competition, factories.make_user()) for _n in range(12)]
    attempts = [start_attempt(submission=factories.make_submission(t, cast.phase)) for t in teams]

    def act(number):
        if number == 6:
            return publication.publish(actor=cast.hanna, rescore=rescore)
        return finish(attempts[number])

    at_once(12, act)
    finish(attempts[6])
    assert differences(phase=cast.phase) == []
    assert set(Entry.objects.values_list("value", flat=True)) <= {NEW}
    again = Submission.objects.filter(state=State.QUEUED)
    for submission in again:
        assert finish(submission.attempts.get(ended_at=None))
    assert set(Entry.objects.values_list("value", flat=True)) == {NEW}
    assert Entry.objects.filter(board__split="public").count() == 13
    assert set(Score.objects.values_list("value", flat=True)) == {NEW}
    assert differences(phase=cast.phase) == []


def test_of_two_publications_at_once_one_counts(cast):
    scored.make_scored(cast.team, cast.phase, *both(OLD))
    rescore = begin(cast)
    rescored.answer_all(rescore, lambda item: rescored.good(item, NEW, NEW))

    def act(_number):
        try:
            return bool(publication.publish(actor=cast.hanna, rescore=rescore))
        except RescoreRefused:
            return False

    assert sorted(at_once(4, act)) == [False, False, False, True]
    assert cast.phase.solutions.count() == 2
    assert differences(phase=cast.phase) == []


def test_of_two_begun_at_once_one_exists(cast):
    scored.make_scored(cast.team, cast.phase, *both(OLD))

    def act(_number):
        try:
            return bool(begin(cast))
        except RescoreRefused:
            return False

    assert sum(at_once(4, act)) == 1


def test_many_who_send_jobs_send_each_once(cast):
    for _number in range(40):
        scored.make_scored(cast.team, cast.phase, *both(OLD))
    rescore = rescores.start(actor=cast.hanna, phase=cast.phase, reason="Once more.")
    at_once(10, lambda _number: rescore_jobs.pump(rescore.pk))
    sent = rescore.items.filter(state=RescoreItem.State.SENT)
    assert sent.count() == rescore_jobs.PER_WORKER
    assert sent.values("token").distinct().count() == rescore_jobs.PER_WORKER


def test_a_result_against_throwing_away_leaves_nothing_behind(cast):
    for _number in range(8):
        scored.make_scored(cast.team, cast.phase, *both(OLD))
    rescore = rescores.start(actor=cast.hanna, phase=cast.phase, reason="Once more.")
    rescore_jobs.pump(rescore.pk)
    items = list(rescore.items.filter(state=RescoreItem.State.SENT))

    def act(number):
        if number == 4:
            return rescores.discard(actor=cast.hanna, rescore=rescore)
        return results.record_result(result=rescored.good(items[number], NEW, NEW))

    at_once(8, act)
    assert not Score.versions.filter(rescore=rescore).exists()
    assert set(Score.objects.values_list("value", flat=True)) == {OLD}
