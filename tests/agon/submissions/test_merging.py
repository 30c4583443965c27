"""Two teams become one: with whose leave, by which rules, and with what of each."""

from datetime import timedelta

import factories
import pytest
import scored
from django.utils import timezone

from agon.competitions.models import Competition, HostAction, Phase, Verb
from agon.integrity.models import Case, Ground, Party
from agon.leaderboards.models import Entry
from agon.notifications.models import Notification
from agon.submissions.models import QuotaGrant, Submission
from agon.submissions.services import merging
from agon.submissions.services.board import differences
from agon.teams.errors import TeamRefused
from agon.teams.models import MergeRequest, Team
from scoring.contract import Split

pytestmark = pytest.mark.django_db


@pytest.fixture
def request_(cast):
    """Ron's team asks Paula's."""
    return merging.ask(actor=cast.ron, asking=cast.rivals, asked=cast.team)


def score(team, phase, public, private, **fields):
    return scored.make_scored(
        team,
        phase,
        scored.score(split=Split.PUBLIC, value=public),
        scored.score(split=Split.PRIVATE, value=private),
        **fields,
    )


def limit(cast, **fields):
    Phase.objects.filter(pk=cast.phase.pk).update(**fields)
    cast.phase.refresh_from_db()


def set_up(cast, **fields):
    Competition.objects.filter(pk=cast.competition.pk).update(**fields)


def members(team):
    return sorted(team.memberships.values_list("user__username", flat=True))


def places(split):
    entries = Entry.objects.filter(board__split=split).order_by("key")
    return {entry.team.name: (entry.value, entry.submission_count) for entry in entries}


def test_the_asked_team_goes_on_with_everybody_and_everything(cast, request_):
    mine = score(cast.team, cast.phase, 0.6, 0.5)
    theirs = score(cast.rivals, cast.phase, 0.9, 0.8)
    QuotaGrant.objects.create(phase=cast.phase, team=cast.rivals, count=3, reason="A power cut.")
    merging.accept(actor=cast.paula, request=request_)
    assert members(cast.team) == ["paula", "ron", "tom"]
    theirs.refresh_from_db()
    assert (mine.number, theirs.number, theirs.team) == (1, 2, cast.team)
    assert cast.team.grants.get().count == 3
    assert places("public") == {"Paula and Tom": (0.9, 2)}
    assert places("private") == {"Paula and Tom": (0.8, 2)}
    assert differences(phase=cast.phase) == []
    gone = Team.objects.get(pk=cast.rivals.pk)
    assert gone.merged_into == cast.team and not gone.memberships.exists()


def test_all_of_them_are_told(cast, request_):
    assert Notification.objects.filter(recipient=cast.paula).count() == 1
    merging.accept(actor=cast.paula, request=request_)
    for user in (cast.paula, cast.tom, cast.ron):
        assert Notification.objects.filter(recipient=user, values__what="merged").count() == 1


def test_only_captains_ask_and_answer(cast, request_):
    with pytest.raises(TeamRefused, match="captain"):
        merging.accept(actor=cast.tom, request=request_)
    with pytest.raises(TeamRefused, match="captain"):
        merging.ask(actor=cast.tom, asking=cast.team, asked=factories.make_team(cast.competition))


def test_a_question_is_answered_once(cast, request_):
    merging.decline(actor=cast.paula, request=request_)
    with pytest.raises(TeamRefused, match="answered already"):
        merging.accept(actor=cast.paula, request=request_)
    with pytest.raises(TeamRefused, match="answered already"):
        merging.withdraw(actor=cast.ron, request=request_)
    assert members(cast.team) == ["paula", "tom"]
    assert Notification.objects.filter(recipient=cast.ron, values__what="merge_declined").exists()


def test_asking_twice_is_one_question_and_crossing_ones_meet(cast, request_):
    assert merging.ask(actor=cast.ron, asking=cast.rivals, asked=cast.team) == request_
    with pytest.raises(TeamRefused, match="has asked your team already"):
        merging.ask(actor=cast.paula, asking=cast.team, asked=cast.rivals)


def test_too_many_people_stay_apart(cast):
    set_up(cast, team_size=2)
    with pytest.raises(TeamRefused, match="you would be 3 people; at most 2"):
        merging.ask(actor=cast.ron, asking=cast.rivals, asked=cast.team)


@pytest.mark.parametrize("field", ["merge_deadline", "ends_at"])
def test_what_was_asked_in_time_cannot_be_accepted_too_late(cast, request_, field):
    set_up(cast, **{field: timezone.now() - timedelta(seconds=1)})
    with pytest.raises(TeamRefused, match="stay as they are"):
        merging.accept(actor=cast.paula, request=request_)
    request_.refresh_from_db()
    assert request_.state == MergeRequest.State.OPEN, "nothing changed"


def test_together_no_more_submissions_than_one_team_could_have_made(cast, request_):
    limit(cast, per_day=2, opens_at=timezone.now())
    for team in (cast.team, cast.rivals):
        for _ in range(2):
            factories.make_submission(team, cast.phase)
    with pytest.raises(TeamRefused, match=r"4 submissions.*could have made 2"):
        merging.accept(actor=cast.paula, request=request_)
    limit(cast, opens_at=timezone.now() - timedelta(days=1))
    merging.accept(actor=cast.paula, request=request_)
    assert Submission.objects.filter(team=cast.team).count() == 4


def test_the_total_holds_for_both_together_with_what_hosts_granted(cast, request_):
    limit(cast, per_day=None, total=3)
    for team in (cast.team, cast.rivals):
        for _ in range(2):
            factories.make_submission(team, cast.phase)
    with pytest.raises(TeamRefused, match="could have made 3"):
        merging.accept(actor=cast.paula, request=request_)
    QuotaGrant.objects.create(phase=cast.phase, team=cast.rivals, count=1, reason="One more.")
    merging.accept(actor=cast.paula, request=request_)


def test_what_used_up_no_quota_does_not_count_against_them(cast, request_):
    limit(cast, per_day=None, total=1)
    factories.make_submission(cast.team, cast.phase)
    factories.make_submission(cast.rivals, cast.phase, counted=False)
    merging.accept(actor=cast.paula, request=request_)


def test_a_disqualified_team_merges_with_nobody(cast, request_):
    Team.objects.filter(pk=cast.rivals.pk).update(disqualified_at=timezone.now())
    with pytest.raises(TeamRefused, match="disqualified"):
        merging.accept(actor=cast.paula, request=request_)


def test_an_open_question_of_the_hosts_comes_first(cast, request_):
    case = Case.objects.create(
        competition=cast.competition, ground=Ground.OTHER, question="How?", opened_by=cast.hanna
    )
    Party.objects.create(case=case, team=cast.rivals)
    with pytest.raises(TeamRefused, match="open question"):
        merging.accept(actor=cast.paula, request=request_)
    Case.objects.update(closed_at=timezone.now())
    merging.accept(actor=cast.paula, request=request_)
    assert Party.objects.get().team == cast.rivals, "what was asked and answered stays"


def test_nothing_is_chosen_where_the_two_chose_more_than_one_team_may(cast, request_):
    limit(cast, final_count=2)
    for team, count in ((cast.team, 2), (cast.rivals, 1)):
        for number in range(count):
            score(team, cast.phase, 0.5 + number / 10, 0.4, is_chosen=True)
    merging.accept(actor=cast.paula, request=request_)
    assert not Submission.objects.filter(is_chosen=True).exists()
    assert differences(phase=cast.phase) == []


def test_other_open_questions_of_the_team_that_went_are_closed(cast, request_):
    third = factories.make_team(cast.competition, factories.make_participant(cast.competition))
    other = merging.ask(actor=cast.ron, asking=cast.rivals, asked=third)
    merging.accept(actor=cast.paula, request=request_)
    other.refresh_from_db()
    assert other.state == MergeRequest.State.WITHDRAWN
    with pytest.raises(TeamRefused, match="no longer there"):
        merging.ask(actor=third.memberships.get().user, asking=third, asked=cast.rivals)


def test_a_host_merges_past_deadline_and_size_with_a_reason(cast):
    set_up(cast, team_size=1, merge_deadline=timezone.now() - timedelta(days=1))
    merging.merge_by_host(
        actor=cast.hanna, going=cast.rivals, staying=cast.team, reason="They share a desk."
    )
    assert members(cast.team) == ["paula", "ron", "tom"]
    line = HostAction.objects.get(verb=Verb.TEAM_CHANGED)
    assert line.before == {"teams": ["Ron", "Paula and Tom"]} and line.reason
