"""What the desk sees, and what it does not."""

from datetime import timedelta

import factories
import pytest
import scored
from django.core.files.base import ContentFile
from django.utils import timezone

from agon.integrity import queries
from agon.integrity.models import Ground
from agon.integrity.services import record_sighting
from agon.submissions.services.board import rebuild

pytestmark = pytest.mark.django_db

NOW = timezone.now()


def grounds(cast):
    return [
        (one.ground, {team.pk for team in one.teams}) for one in queries.desk_of(cast.phase).all
    ]


def sent(team, phase, at):
    """A file of the team's own."""
    factories.make_submission(team, phase, created_at=at, content=team.name.encode())


def test_an_ordinary_competition_gives_nothing_to_look_at(cast):
    factories.make_submission(cast.team, cast.phase, content=b"a")
    factories.make_submission(cast.rivals, cast.phase, content=b"b")
    assert grounds(cast) == []


def test_the_same_file_of_two_teams_is_seen_and_of_one_team_is_not(cast):
    for team in (cast.team, cast.team, cast.rivals):
        factories.make_submission(team, cast.phase, content=b"a")
    (one,) = queries.desk_of(cast.phase).identical
    assert one.text == "2 teams sent exactly the same file."
    assert [submission.team for submission in one.submissions] == [cast.team, cast.rivals]


def test_the_sample_submission_and_baselines_of_the_host_do_not_count(cast):
    content = b"id,label\n1,0\n"
    cast.phase.sample.save("sample.csv", ContentFile(content))
    baseline = factories.make_team(cast.competition, name="Baseline", is_host_baseline=True)
    for team in (cast.team, cast.rivals):
        factories.make_submission(team, cast.phase, content=content)
    for team in (cast.team, baseline):
        factories.make_submission(team, cast.phase, content=b"b")
    assert grounds(cast) == []


def test_nearly_the_same_mistakes_are_seen_on_the_public_rows(cast):
    values = scored.around(0.9, luck=0.02, own=0.0, seed=1)
    nearly = [value + 1e-6 * (number % 3) for number, value in enumerate(values)]
    other = factories.make_team(cast.competition, factories.make_participant(cast.competition))
    apart = scored.around(0.9, luck=0.0, own=0.02, seed=2)
    for team, replicates in ((cast.team, values), (cast.rivals, nearly), (other, apart)):
        made = scored.score(value=0.9, replicates=replicates)
        scored.make_scored(team, cast.phase, made, content=team.name.encode())
    rebuild(phase=cast.phase)
    (one,) = queries.desk_of(cast.phase).alike
    assert {team.pk for team in one.teams} == {cast.team.pk, cast.rivals.pk}
    assert one.strength > queries.pairs_alike.__kwdefaults__["at_least"]


def test_a_burst_of_one_team_is_seen(cast):
    for number in range(queries.BURST):
        at = NOW - timedelta(seconds=30 * number)
        sent(cast.team, cast.phase, at)
        sent(cast.rivals, cast.phase, NOW - timedelta(hours=number + 1))
    assert grounds(cast) == [(Ground.BURST, {cast.team.pk})]


def test_two_teams_in_step_are_seen(cast):
    for number in range(queries.IN_STEP_TIMES):
        at = NOW - timedelta(hours=number)
        sent(cast.team, cast.phase, at)
        sent(cast.rivals, cast.phase, at + timedelta(seconds=20))
    assert grounds(cast) == [(Ground.LOCKSTEP, {cast.team.pk, cast.rivals.pk})]


def test_one_browser_of_two_teams_is_seen_and_of_team_mates_is_not(cast):
    record_sighting(user=cast.paula, competition=cast.competition, browser="mark")
    record_sighting(user=cast.tom, competition=cast.competition, browser="mark")
    assert grounds(cast) == []
    record_sighting(user=cast.ron, competition=cast.competition, browser="mark")
    assert grounds(cast) == [(Ground.BROWSER, {cast.team.pk, cast.rivals.pk})]


def test_the_desk_costs_the_same_queries_however_many_submissions_there_are(
    cast, django_assert_max_num_queries
):
    for number in range(30):
        team = factories.make_team(cast.competition, name=f"Team {number}")
        factories.make_submission(team, cast.phase, content=b"%d" % (number % 5))
    with django_assert_max_num_queries(12):
        queries.desk_of(cast.phase)
