"""People are reminded of the close in time, once for each date."""

from datetime import UTC, datetime, timedelta

import factories
import pytest
from django.utils import timezone

from agon.competitions.models import Competition, Exclusion
from agon.hosting import deadlines
from agon.notifications.models import Kind, Notification

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def at(monkeypatch, cast):
    Competition.objects.update(created_at=NOW - timedelta(days=90))

    def set_clock(**offset):
        monkeypatch.setattr(timezone, "now", lambda: NOW + timedelta(**offset))

    set_clock()
    return set_clock


def closes(cast, **offset):
    Competition.objects.filter(pk=cast.competition.pk).update(ends_at=NOW + timedelta(**offset))


def told():
    return sorted(
        Notification.objects.filter(kind=Kind.DEADLINE).values_list(
            "recipient__username", "values__what"
        )
    )


def everybody(what):
    return [("paula", what), ("ron", what), ("tom", what)]


def test_nobody_is_reminded_of_what_is_far_away(cast, at):
    closes(cast, days=8)
    assert deadlines.remind_of_deadlines() == 0
    assert told() == []


def test_participants_are_reminded_a_week_and_a_day_before_once_each(cast, at):
    closes(cast, days=7)
    assert deadlines.remind_of_deadlines() == 1
    assert deadlines.remind_of_deadlines() == 0
    assert told() == everybody("7d")
    at(days=6)
    deadlines.remind_of_deadlines()
    deadlines.remind_of_deadlines()
    assert told() == sorted(everybody("7d") + everybody("24h"))
    at(days=7)
    assert deadlines.remind_of_deadlines() == 0


def test_a_date_that_is_moved_has_reminders_of_its_own(cast, at):
    closes(cast, days=7)
    deadlines.remind_of_deadlines()
    closes(cast, days=20)
    at(days=13)
    assert deadlines.remind_of_deadlines() == 1
    assert len(told()) == 6


def test_who_joins_after_a_reminder_gets_the_next_one_only(cast, at):
    closes(cast, days=7)
    deadlines.remind_of_deadlines()
    factories.make_participant(cast.competition, "nina")
    at(days=2)
    assert deadlines.remind_of_deadlines() == 0
    at(days=6)
    deadlines.remind_of_deadlines()
    assert ("nina", "24h") in told()
    assert ("nina", "7d") not in told()


def test_who_was_shown_out_is_not_reminded(cast, at):
    Exclusion.objects.create(competition=cast.competition, user=cast.ron, kind="removed")
    closes(cast, hours=20)
    deadlines.remind_of_deadlines()
    assert told() == [("paula", "24h"), ("tom", "24h")]


def test_a_short_competition_does_not_remind_of_a_week(cast, at):
    Competition.objects.update(starts_at=NOW - timedelta(hours=1))
    closes(cast, days=3)
    assert deadlines.remind_of_deadlines() == 0
    at(days=2, hours=1)
    deadlines.remind_of_deadlines()
    assert told() == everybody("24h")


def test_after_a_night_of_standstill_only_the_reminder_that_still_fits_is_told(cast, at):
    closes(cast, hours=20)
    deadlines.remind_of_deadlines()
    assert told() == everybody("24h")


def test_a_close_that_is_moved_near_has_no_reminder_whose_words_would_be_wrong(cast, at):
    closes(cast, days=3)
    assert deadlines.remind_of_deadlines() == 0
    closes(cast, hours=2)
    assert deadlines.remind_of_deadlines() == 0


def test_the_window_of_a_phase_counts_before_that_of_its_competition(cast, at):
    closes(cast, days=30)
    cast.phase.closes_at = NOW + timedelta(hours=22)
    cast.phase.save()
    deadlines.remind_of_deadlines()
    assert told() == everybody("24h")
    (at_,) = set(Notification.objects.values_list("values__at", flat=True))
    assert datetime.fromisoformat(at_) == cast.phase.closes_at
