"""The end of a phase: published once everything is decided, written down, and told."""

import csv
import io
from datetime import timedelta

import factories
import pytest
import scored
from django.core.files.base import ContentFile
from django.utils import timezone

from agon.competitions.models import Competition, HostAction, Invitation, Phase, Verb
from agon.integrity.models import Case
from agon.leaderboards.models import FinalStanding
from agon.leaderboards.rules import visible_splits
from agon.notifications.models import Kind, Notification
from agon.submissions.closing import grades_as_csv, places_of, state_of
from agon.submissions.errors import RulingRefused
from agon.submissions.services import closing, rescores, rulings
from agon.submissions.services.rescores import Changes
from scoring.contract import Split

pytestmark = pytest.mark.django_db


def score(team, phase, public, private, **fields):
    return scored.make_scored(
        team,
        phase,
        scored.score(split=Split.PUBLIC, value=public),
        scored.score(split=Split.PRIVATE, value=private),
        **fields,
    )


@pytest.fixture
def ended(cast):
    """Paula's team leads in public, Ron's in private; the hosts publish themselves."""
    score(cast.team, cast.phase, 0.9, 0.5)
    score(cast.rivals, cast.phase, 0.6, 0.8)
    Phase.objects.filter(pk=cast.phase.pk).update(
        closes_at=timezone.now() - timedelta(seconds=1), results_at_once=False
    )
    cast.phase.refresh_from_db()
    return cast


def publish(cast, **arguments):
    made = closing.publish_results(actor=cast.hanna, phase=cast.phase, **arguments)
    cast.phase.refresh_from_db()
    return made


def standings(cast):
    return {
        one.team.name: (one.rank, one.public_rank, one.value, one.public_value)
        for one in FinalStanding.objects.filter(phase=cast.phase)
    }


def test_the_private_board_is_hidden_until_the_hosts_publish(ended):
    assert visible_splits(ended.ron, ended.phase) == [Split.PUBLIC]
    assert Split.PRIVATE in visible_splits(ended.jude, ended.phase)
    publish(ended)
    assert Split.PRIVATE in visible_splits(ended.ron, ended.phase)


def test_a_phase_that_is_open_again_hides_its_private_board(ended):
    publish(ended)
    Phase.objects.update(closes_at=timezone.now() + timedelta(days=3))
    ended.phase.refresh_from_db()
    assert visible_splits(ended.ron, ended.phase) == [Split.PUBLIC]


def test_where_it_opens_at_once_the_close_is_enough(ended):
    Phase.objects.update(results_at_once=True)
    ended.phase.refresh_from_db()
    assert Split.PRIVATE in visible_splits(ended.ron, ended.phase)


def test_where_everybody_ended_is_written_down(ended):
    publish(ended)
    assert standings(ended) == {
        "Ron": (1, 2, 0.8, 0.6),
        "Paula and Tom": (2, 1, 0.5, 0.9),
    }
    line = HostAction.objects.get(verb=Verb.RESULTS_PUBLISHED)
    assert line.after == {"teams": 2, "anew": False}


def test_everybody_in_a_ranked_team_is_told_their_rank(ended):
    publish(ended)
    note = Notification.objects.get(recipient=ended.tom, kind=Kind.RESULTS)
    assert (note.values["rank"], note.values["teams"]) == (2, 2)
    assert not Notification.objects.filter(recipient=ended.sam).exists()


def test_teams_with_one_score_share_a_rank(ended):
    nina = factories.make_participant(ended.competition)
    score(factories.make_team(ended.competition, nina, name="Nina"), ended.phase, 0.1, 0.8)
    publish(ended)
    assert {name: place[0] for name, place in standings(ended).items()} == {
        "Ron": 1,
        "Nina": 1,
        "Paula and Tom": 3,
    }


def test_nothing_is_published_before_the_close(cast):
    with pytest.raises(RulingRefused, match="after the close"):
        closing.publish_results(actor=cast.hanna, phase=cast.phase)


def test_what_still_waits_for_its_score_is_waited_for_or_left_out_on_purpose(ended):
    factories.make_submission(ended.team, ended.phase)
    with pytest.raises(RulingRefused, match="1 submission from before the close"):
        publish(ended)
    assert not FinalStanding.objects.exists()
    publish(ended, leaves_out_pending=True)
    assert FinalStanding.objects.count() == 2


def test_an_open_rescore_is_decided_first(ended):
    rescores.start(
        actor=ended.hanna,
        phase=ended.phase,
        reason="Row 1.",
        changes=Changes(solution=ContentFile(factories.SOLUTION, "solution.csv")),
    )
    with pytest.raises(RulingRefused, match="rescoring"):
        publish(ended)


def test_a_correction_is_published_anew_and_tells_whom_it_moved(ended):
    third = factories.make_team(ended.competition, factories.make_participant(ended.competition))
    score(third, ended.phase, 0.3, 0.1)
    publish(ended)
    rulings.disqualify_team(actor=ended.hanna, team=ended.rivals, reason="Two accounts.")
    ended.phase.refresh_from_db()
    state = state_of(ended.phase, places_of(ended.phase))
    assert state.differs, "the console says so"
    assert standings(ended)["Ron"][0] == 1, "what was published stands until then"
    with pytest.raises(RulingRefused, match="Say why"):
        publish(ended)
    publish(ended, reason="Ron had two accounts.")
    assert {name: place[0] for name, place in standings(ended).items()} == {
        "Paula and Tom": 1,
        third.name: 2,
    }
    assert Notification.objects.filter(recipient=ended.tom, kind=Kind.RESULTS).count() == 2
    assert not state_of(ended.phase, places_of(ended.phase)).differs


def test_who_did_not_move_is_not_told_twice(ended):
    publish(ended)
    publish(ended, reason="Nothing in truth.")
    assert Notification.objects.filter(recipient=ended.tom, kind=Kind.RESULTS).count() == 1


def test_medals_are_given_where_the_host_wants_them(ended):
    publish(ended)
    assert set(FinalStanding.objects.values_list("medal", flat=True)) == {""}
    Competition.objects.update(gives_medals=True)
    ended.phase.competition.refresh_from_db()
    publish(ended, reason="With medals.")
    assert dict(FinalStanding.objects.values_list("rank", "medal")) == {1: "gold", 2: ""}


def test_a_verified_winner_stays_verified_when_results_are_published_anew(ended):
    first = publish(ended)[0]
    closing.verify(actor=ended.hanna, standing=first, how="We ran their program.")
    with pytest.raises(RulingRefused, match="already"):
        closing.verify(actor=ended.hanna, standing=first, how="Again.")
    publish(ended, reason="Once more.")
    first.refresh_from_db()
    assert first.verified_at and first.verification == "We ran their program."
    closing.take_verification_back(actor=ended.hanna, standing=first, reason="A mistake.")
    assert HostAction.objects.filter(verb=Verb.WINNER_VERIFIED).count() == 2


def grades(cast):
    return {
        row["user_name"] or row["email"]: row
        for row in csv.DictReader(io.StringIO(grades_as_csv(cast.phase)))
    }


def test_the_gradebook_has_a_line_for_everybody(ended):
    Invitation.objects.create(
        competition=ended.competition,
        email="p@school.example",
        name="Paula Q.",
        reference="s123",
        accepted_by=ended.paula,
        accepted_at=timezone.now(),
    )
    Invitation.objects.create(
        competition=ended.competition, email="gone@school.example", name="=cmd", reference="s9"
    )
    lonely = factories.make_participant(ended.competition, "lonely")
    publish(ended)
    found = grades(ended)
    assert found["paula"] == {
        "name": "Paula Q.",
        "user_name": "paula",
        "email": "p@school.example",
        "reference": "s123",
        "team": "Paula and Tom",
        "members": "2",
        "rank": "2",
        "score": "0.50000",
        "public_rank": "1",
        "public_score": "0.90000",
        "submissions": "1",
        "medal": "",
        "disqualified": "",
    }
    assert found["tom"]["email"] == "", "an address that is not of the host's roster is nobody's"
    assert (found[lonely.username]["rank"], found[lonely.username]["team"]) == ("", "")
    assert found["gone@school.example"]["name"] == "'=cmd"


def test_a_negative_score_stays_a_number_in_the_gradebook(ended):
    nina = factories.make_participant(ended.competition, "nina")
    score(factories.make_team(ended.competition, nina, name="-1"), ended.phase, -0.5, -0.25)
    publish(ended)
    assert (grades(ended)["nina"]["score"], grades(ended)["nina"]["team"]) == ("-0.25000", "'-1")


def test_an_open_question_of_the_hosts_is_said(ended):
    Case.objects.create(competition=ended.competition, ground="other", question="How?")
    assert state_of(ended.phase, places_of(ended.phase)).open_cases == 1
