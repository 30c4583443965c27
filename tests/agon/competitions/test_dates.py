"""Moving dates: those who take part are told, and nothing surprising happens unasked."""

from datetime import UTC, datetime, timedelta

import factories
import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from agon.competitions.errors import DatesRefused
from agon.competitions.models import HostAction, Verb
from agon.competitions.services.dates import move_dates
from agon.notifications.models import Kind, Notification

pytestmark = pytest.mark.django_db

PHASES = "/competitions/digits/console/phases/"
SOON = timezone.now().replace(microsecond=0) + timedelta(days=5)


@pytest.fixture
def sign_in(client):
    def sign_in(person):
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in


def move(cast, *, actor=None, **more):
    return move_dates(actor=actor or cast.hanna, competition=cast.competition, **more)


def test_a_moved_end_is_told_to_all_who_take_part_and_written_down(cast, sign_in):
    sent = {"ends_at": "2035-11-30T23:59:59", "reason": "A holiday"}
    response = sign_in(cast.hanna).post(PHASES, sent, follow=True)
    assert "everybody who takes part is told" in response.content.decode()
    cast.competition.refresh_from_db()
    assert cast.competition.ends_at == datetime(2035, 11, 30, 23, 59, 59, tzinfo=UTC)
    told = Notification.objects.filter(kind=Kind.DATES)
    names = {one.recipient.username for one in told}
    assert names == {"paula", "tom", "ron", "carl", "jude"}
    assert told[0].values == {"what": "closes", "after": "2035-11-30T23:59:59+00:00", "before": ""}
    line = HostAction.objects.get()
    assert (line.verb, line.subject, line.reason) == (Verb.DATES_MOVED, "", "A holiday")
    assert line.before == {"ends_at": ""}


def test_times_are_those_of_the_hosts_zone(cast, sign_in):
    cast.hanna.time_zone = "Asia/Shanghai"
    cast.hanna.save()
    client = sign_in(cast.hanna)
    client.post(PHASES, {"ends_at": "2035-11-30T23:59:59"})
    cast.competition.refresh_from_db()
    assert cast.competition.ends_at == datetime(2035, 11, 30, 15, 59, 59, tzinfo=UTC)
    page = client.get(PHASES).content.decode()
    assert 'value="2035-11-30T23:59:59"' in page
    assert "Asia/Shanghai" in page


def test_dates_that_stay_move_nothing_and_nobody_is_told(cast):
    exact = SOON.replace(microsecond=123456)
    cast.competition.ends_at = exact
    cast.competition.save()
    assert move(cast, dates={"ends_at": SOON, "starts_at": None}) == []
    cast.competition.refresh_from_db()
    assert cast.competition.ends_at == exact
    assert not Notification.objects.exists()


def test_swapped_dates_are_refused_with_a_sentence(cast, sign_in):
    sent = {"starts_at": "2035-11-30T12:00", "ends_at": "2035-11-01T12:00"}
    response = sign_in(cast.hanna).post(PHASES, sent)
    assert response.status_code == 422
    assert "end before it starts; swap the two dates?" in response.content.decode()


def test_closing_at_once_is_asked_back_and_then_done(cast, sign_in):
    sent = {"ends_at": "2020-01-01T00:00"}
    response = sign_in(cast.hanna).post(PHASES, sent)
    page = response.content.decode()
    assert response.status_code == 422
    assert "closes at once" in page
    assert 'type="checkbox" name="confirmed"' in page
    cast.competition.refresh_from_db()
    assert cast.competition.ends_at is None
    assert not Notification.objects.exists()
    sign_in(cast.hanna).post(PHASES, sent | {"confirmed": "on"})
    cast.competition.refresh_from_db()
    assert cast.competition.ends_at is not None


@pytest.mark.parametrize(
    ("before", "dates", "words"),
    [
        ({"ends_at": SOON - timedelta(days=9)}, {"ends_at": SOON}, "is open again"),
        ({}, {"starts_at": SOON}, "stops at once"),
    ],
)
def test_what_would_surprise_people_is_asked_back(cast, before, dates, words):
    for name, value in before.items():
        setattr(cast.competition, name, value)
    cast.competition.save()
    with pytest.raises(DatesRefused, match=words) as refusal:
        move(cast, dates=dates)
    assert refusal.value.needs_confirmation
    assert move(cast, dates=dates, confirmed=True)


def test_phases_move_beside_the_competition(cast, sign_in):
    second = factories.make_phase(cast.competition, name="final", order=1)
    name = f"{second.pk}-opens_at"
    assert name in sign_in(cast.hanna).get(PHASES).content.decode()
    sent = {"ends_at": "2035-12-01T00:00", name: "2035-11-01T00:00", "confirmed": "on"}
    assert sign_in(cast.hanna).post(PHASES, sent).status_code == 302
    second.refresh_from_db()
    assert second.opens_at == datetime(2035, 11, 1, tzinfo=UTC)
    line = HostAction.objects.get()
    assert (line.subject, list(line.after)) == ("final", ["ends_at", "final: opens_at"])
    assert Notification.objects.filter(kind=Kind.DATES).first().values == {}


def test_a_phase_that_would_close_before_it_opens_is_named(cast):
    second = factories.make_phase(cast.competition, name="final", order=1)
    with pytest.raises(DatesRefused, match="“final” would close before it opens"):
        move(cast, dates={"ends_at": SOON, f"{second.pk}.opens_at": SOON + timedelta(days=1)})


def test_who_was_shown_out_is_told_nothing(cast):
    cast.competition.exclusions.create(user=cast.ron, kind="removed")
    move(cast, dates={"ends_at": SOON})
    assert not Notification.objects.filter(recipient=cast.ron).exists()


@pytest.mark.parametrize("person", ["jude", "paula", "olga"])
def test_only_hosts_move_dates(cast, person, sign_in):
    with pytest.raises(PermissionDenied):
        move(cast, actor=getattr(cast, person), dates={"ends_at": SOON})
    assert sign_in(getattr(cast, person)).post(PHASES, {}).status_code == 403


def test_the_last_moments_to_enter_and_to_change_teams_move_like_other_dates(cast, sign_in):
    sent = {"entry_deadline": "2035-11-01T12:00", "merge_deadline": "2035-11-10T12:00"}
    response = sign_in(cast.hanna).post(PHASES, sent, follow=True)
    assert "everybody who takes part is told" in response.content.decode()
    cast.competition.refresh_from_db()
    assert cast.competition.entry_deadline == datetime(2035, 11, 1, 12, tzinfo=UTC)
    assert cast.competition.merge_deadline == datetime(2035, 11, 10, 12, tzinfo=UTC)
    move(cast, dates={"merge_deadline": SOON})
    told = Notification.objects.filter(kind=Kind.DATES, recipient=cast.paula).latest("pk")
    assert (told.values["what"], told.values["after"]) == ("merge", SOON.isoformat())
    page = sign_in(cast.paula).get("/competitions/digits/").content.decode()
    assert "Enter until" in page
    assert "Teams may change until" in page
    assert "Teams of Digits may change until" in sign_in(cast.paula).get("/inbox/").content.decode()


def test_deadlines_that_make_no_sense_are_refused(cast):
    later = SOON + timedelta(days=1)
    with pytest.raises(DatesRefused) as refusal:
        move(cast, dates={"ends_at": SOON, "entry_deadline": later, "merge_deadline": later})
    assert len(refusal.value.reasons) == 2
    with pytest.raises(DatesRefused) as refusal:
        move(cast, dates={"starts_at": SOON, "entry_deadline": SOON})
    assert "Nobody could enter" in refusal.value.reasons[0]


def test_a_deadline_that_passes_at_once_is_asked_back(cast):
    past = timezone.now() - timedelta(hours=1)
    with pytest.raises(DatesRefused) as refusal:
        move(cast, dates={"entry_deadline": past, "merge_deadline": past})
    assert refusal.value.needs_confirmation
    assert len(refusal.value.reasons) == 2
    assert len(move(cast, dates={"entry_deadline": past}, confirmed=True)) == 1
    assert move(cast, dates={"entry_deadline": past}) == []
