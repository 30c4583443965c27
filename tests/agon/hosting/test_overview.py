"""The console's first page and its log: figures that are right, and lines that say what was done."""

import csv
import io
from datetime import UTC, datetime, timedelta

import factories
import pytest

from agon.competitions.models import Verb
from agon.competitions.services import record_action
from agon.hosting.activity import activity_of
from agon.hosting.queries import figures_of
from agon.submissions.models import State

pytestmark = pytest.mark.django_db

CONSOLE = "/competitions/digits/console/"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def log_line(cast, **changes):
    given = {
        "competition": cast.competition,
        "actor": cast.hanna,
        "verb": Verb.DATES_MOVED,
        "subject": "main",
        "before": {"closes_at": "2026-01-01"},
        "after": {"closes_at": "2026-02-01"},
        "reason": "A holiday",
        **changes,
    }
    return record_action(**given)


def test_the_figures_count_participants_teams_and_submissions_without_baselines(cast):
    baseline = factories.make_team(cast.competition, name="B", is_host_baseline=True)
    for team, state, public in (
        (cast.team, State.SCORED, 0.5),
        (cast.team, State.REJECTED, None),
        (cast.rivals, State.QUEUED, None),
        (baseline, State.SCORED, 0.9),
    ):
        factories.make_submission(team, cast.phase, state=state, public=public)
    figures = figures_of(cast.competition)
    assert (figures.teams, figures.submissions, figures.scored) == (2, 3, 1)
    assert (figures.rejected, figures.failed, figures.waiting) == (1, 0, 1)


def test_a_new_competition_has_a_console_too(client, cast):
    client.force_login(cast.hanna)
    page = client.get(CONSOLE).content.decode()
    assert "Nothing yet. Whatever a host changes is written down here." in page
    assert "No worker is running" in page


def test_days_without_submissions_leave_gaps(cast):
    for days in (0, 0, 3, 9):
        factories.make_submission(cast.team, cast.phase, created_at=NOON + timedelta(days=days))
    activity = activity_of(cast.competition)
    assert [bar.count for bar in activity.bars] == [2, 1, 1]
    assert not activity.by_hour
    assert (activity.total, activity.most) == (4, 2)
    assert activity.bars[0].x < activity.bars[1].x < activity.bars[2].x <= activity.width


def test_a_short_competition_is_drawn_by_the_hour_and_tells_scored_from_others(cast):
    factories.make_submission(
        cast.team, cast.phase, created_at=NOON, state=State.SCORED, public=0.5
    )
    factories.make_submission(cast.team, cast.phase, created_at=NOON + timedelta(minutes=30))
    factories.make_submission(cast.rivals, cast.phase, created_at=NOON + timedelta(hours=5))
    activity = activity_of(cast.competition)
    assert activity.by_hour
    assert [(bar.count, bar.scored) for bar in activity.bars] == [(2, 1), (1, 0)]
    assert activity.bars[0].scored_height == pytest.approx(activity.bars[0].height / 2)


def test_only_the_last_days_of_a_long_competition_are_drawn(cast):
    for days in (0, 100, 130):
        factories.make_submission(cast.team, cast.phase, created_at=NOON + timedelta(days=days))
    assert [bar.count for bar in activity_of(cast.competition).bars] == [1, 1]


def test_the_log_says_who_did_what_and_what_it_was_before(client, cast):
    log_line(cast)
    client.force_login(cast.carl)
    page = client.get(f"{CONSOLE}log/").content.decode()
    for text in (
        "hanna",
        "moved dates: main",
        "<del>2026-01-01</del>",
        "<ins>2026-02-01</ins>",
        "A holiday",
    ):
        assert text in page


def test_the_log_can_be_searched(client, cast):
    log_line(cast)
    log_line(cast, verb=Verb.ROLE_GIVEN, subject="carl", reason="")
    client.force_login(cast.hanna)
    page = client.get(f"{CONSOLE}log/?verb=role_given").content.decode()
    assert "gave a role: carl" in page
    assert "moved dates: main" not in page
    assert "moved dates: main" in client.get(f"{CONSOLE}log/?q=holiday").content.decode()
    assert "No line like that" in client.get(f"{CONSOLE}log/?q=nothing").content.decode()


def test_the_log_is_exported_whole_and_runs_no_formula(client, cast):
    log_line(cast, subject="=HYPERLINK()")
    log_line(cast, subject="main")
    client.force_login(cast.hanna)
    response = client.get(f"{CONSOLE}log/export/")
    rows = list(csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode())))
    assert [row["to_what"] for row in rows] == ["'=HYPERLINK()", "main"]
    assert rows[0]["before"] == '{"closes_at": "2026-01-01"}'


def test_the_log_costs_the_same_however_long_it_is(client, cast, django_assert_max_num_queries):
    for number in range(100):
        log_line(cast, subject=f"phase {number}")
    client.force_login(cast.hanna)
    with django_assert_max_num_queries(14):
        client.get(f"{CONSOLE}log/")


@pytest.mark.parametrize("person", ["paula", "sam", "olga"])
@pytest.mark.parametrize("page", ["", "log/", "log/export/"])
def test_the_console_is_the_hosts(client, cast, person, page):
    client.force_login(getattr(cast, person))
    assert client.get(f"{CONSOLE}{page}").status_code == 403


def test_judges_see_the_console(client, cast):
    cast.competition.judges.add(cast.sam)
    client.force_login(cast.sam)
    assert client.get(CONSOLE).status_code == 200
