"""Questions to teams: who may ask, who answers, and what is written down."""

import factories
import pytest
from django.utils import timezone

from agon.competitions.models import Verb
from agon.integrity import services
from agon.integrity.errors import CaseRefused
from agon.integrity.models import Ground, Sighting
from agon.notifications.models import Kind, Notification

pytestmark = pytest.mark.django_db


def ask(cast, host=None, **changes):
    given = {
        "host": host or cast.hanna,
        "competition": cast.competition,
        "teams": [cast.team, cast.rivals],
        "ground": Ground.ALIKE,
        "question": "Did you work together?",
        **changes,
    }
    return services.open_case(**given)


def told():
    rows = Notification.objects.filter(kind=Kind.INTEGRITY).order_by("pk")
    return [(row.recipient.username, row.values["event"]) for row in rows]


def test_every_member_of_the_teams_is_told_and_the_log_has_a_line(cast):
    ask(cast)
    assert sorted(told()) == [("paula", "asked"), ("ron", "asked"), ("tom", "asked")]
    line = cast.competition.host_actions.get()
    assert (line.verb, line.subject) == (Verb.ASKED, "Paula and Tom, Ron")
    assert line.after["question"] == "Did you work together?"


@pytest.mark.parametrize("person", ["paula", "sam", "olga"])
def test_only_hosts_ask(cast, person):
    with pytest.raises(CaseRefused, match="Only the hosts"):
        ask(cast, getattr(cast, person))


def test_somebody_else_s_teams_and_baselines_are_not_asked(cast):
    other = factories.make_team(factories.make_competition(cast.olga), cast.sam)
    baseline = factories.make_team(cast.competition, name="B", is_host_baseline=True)
    with pytest.raises(CaseRefused, match="at least one team"):
        ask(cast, teams=[other, baseline])
    with pytest.raises(CaseRefused, match="what you want to know"):
        ask(cast, question="  ")


def test_an_answer_reaches_the_hosts_and_can_be_changed_until_the_question_is_closed(cast):
    case = ask(cast)
    party = case.parties.get(team=cast.team)
    services.answer(user=cast.tom, party=party, text="No.")
    services.answer(user=cast.paula, party=party, text="Yes, on the features.")
    party.refresh_from_db()
    assert (party.answer, party.answered_by) == ("Yes, on the features.", cast.paula)
    assert told()[-2:] == [("carl", "answered"), ("hanna", "answered")] or set(told()[-2:]) == {
        ("carl", "answered"),
        ("hanna", "answered"),
    }
    services.close_case(host=cast.carl, case=case, decision="All is well.")
    assert sorted(told()[-3:]) == [("paula", "decided"), ("ron", "decided"), ("tom", "decided")]
    with pytest.raises(CaseRefused, match="closed this question"):
        services.answer(user=cast.tom, party=party, text="Wait!")
    with pytest.raises(CaseRefused, match="closed already"):
        services.close_case(host=cast.hanna, case=case, decision="Again.")


def test_a_browser_is_kept_as_a_keyed_hash_once_a_person_and_forgotten_in_time(cast):
    for _ in range(2):
        services.record_sighting(user=cast.ron, competition=cast.competition, browser="secret mark")
    (seen,) = Sighting.objects.all()
    assert seen.count == 2
    assert "secret" not in seen.browser
    Sighting.objects.update(last_at=timezone.now() - 2 * services.FORGET_AFTER)
    services.record_sighting(user=cast.tom, competition=cast.competition, browser="other")
    assert [seen.user for seen in Sighting.objects.all()] == [cast.tom]
