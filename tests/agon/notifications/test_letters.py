"""Letters go out once, to those who want them, when they want them, in their language."""

import smtplib
from datetime import UTC, datetime, timedelta

import factories
import pytest
from allauth.account.models import EmailAddress
from django.core.mail.backends.locmem import EmailBackend
from django.utils import timezone

from agon.notifications.models import Kind, MailState, Notification, Timing
from agon.notifications.rules import next_daily_letter
from agon.notifications.services import letters, notify, reading

pytestmark = pytest.mark.django_db


class AwayBackend(EmailBackend):
    def open(self):
        raise ConnectionRefusedError("nobody listens")


class RefusingBackend(EmailBackend):
    def send_messages(self, messages):
        raise smtplib.SMTPRecipientsRefused({"x": (550, b"no such user")})


class GreylistingBackend(EmailBackend):
    def send_messages(self, messages):
        raise smtplib.SMTPRecipientsRefused({"x": (450, b"come again later")})


class BrokenBackend(EmailBackend):
    def send_messages(self, messages):
        raise smtplib.SMTPServerDisconnected("gone in the middle")


@pytest.fixture
def paula(cast):
    return cast.paula


def announce(cast, *people, **values):
    notify(
        kind=Kind.ANNOUNCEMENT,
        recipients=[person.pk for person in people],
        competition_id=cast.competition.pk,
        values={"title": "New data", "text": "Fetch it again.", **values},
        path="/competitions/digits/",
    )


def states():
    return set(Notification.objects.values_list("mail_state", flat=True))


def test_an_announcement_is_a_letter_with_its_words_its_address_and_a_way_out(
    cast, paula, mailoutbox
):
    announce(cast, paula)
    assert letters.send_due_letters() == 1
    (letter,) = mailoutbox
    assert letter.to == ["paula@example.org"]
    assert letter.subject == "[Agon] Digits: New data"
    assert "Fetch it again." in letter.body
    assert "http://127.0.0.1:8000/competitions/digits/" in letter.body
    assert letter.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert letter.extra_headers["List-Unsubscribe"].strip("<>") in letter.body
    assert states() == {MailState.SENT}


def test_a_letter_goes_out_once(cast, paula, mailoutbox):
    announce(cast, paula)
    letters.send_due_letters()
    assert letters.send_due_letters() == 0
    assert len(mailoutbox) == 1


def test_it_is_in_the_language_and_the_time_zone_of_the_person(cast, paula, mailoutbox):
    paula.language, paula.time_zone = "zh-hans", "Asia/Shanghai"
    paula.save()
    notify(
        kind=Kind.DEADLINE,
        recipients=[paula.pk],
        competition_id=cast.competition.pk,
        values={"what": "7d", "at": "2026-12-01T20:00:00+00:00"},
    )
    letters.send_due_letters()
    assert "04:00 (Asia/Shanghai)" in mailoutbox[0].body


def test_what_is_due_together_comes_in_one_letter(cast, paula, mailoutbox):
    announce(cast, paula)
    announce(cast, paula, title="Newer data")
    letters.send_due_letters()
    (letter,) = mailoutbox
    assert letter.subject == "[Agon] 2 things that you should know"
    assert "New data" in letter.body and "Newer data" in letter.body


def test_after_a_letter_the_next_one_waits_a_while(cast, paula, mailoutbox, settings):
    settings.LETTER_PAUSE_SECONDS = 300
    announce(cast, paula)
    letters.send_due_letters()
    announce(cast, paula)
    announce(cast, paula)
    assert letters.send_due_letters() == 0
    Notification.objects.filter(mail_state=MailState.WAITING).update(mail_due_at=timezone.now())
    assert letters.send_due_letters() == 1
    assert len(mailoutbox) == 2


def test_who_wants_none_gets_none(cast, paula, mailoutbox):
    reading.choose_timings(user=paula, timings={Kind.ANNOUNCEMENT: Timing.OFF})
    announce(cast, paula, cast.tom)
    letters.send_due_letters()
    assert [letter.to for letter in mailoutbox] == [["tom@example.org"]]


def test_a_daily_letter_waits_for_the_morning_of_the_person(cast, paula, mailoutbox):
    paula.time_zone = "Asia/Tokyo"
    paula.save()
    reading.choose_timings(user=paula, timings={Kind.ANNOUNCEMENT: Timing.DAILY})
    announce(cast, paula)
    assert letters.send_due_letters() == 0
    waiting = Notification.objects.get()
    assert waiting.mail_state == MailState.WAITING
    assert waiting.mail_due_at.hour == 23  # 8 in Tokyo
    Notification.objects.update(mail_due_at=timezone.now())
    assert letters.send_due_letters() == 1


@pytest.mark.parametrize(
    ("zone", "now", "due"),
    [
        ("UTC", datetime(2026, 11, 23, 7, tzinfo=UTC), datetime(2026, 11, 23, 8, tzinfo=UTC)),
        ("UTC", datetime(2026, 11, 23, 8, tzinfo=UTC), datetime(2026, 11, 24, 8, tzinfo=UTC)),
        (
            "Europe/Paris",  # the night in which the clocks change
            datetime(2026, 10, 24, 10, tzinfo=UTC),
            datetime(2026, 10, 25, 7, tzinfo=UTC),
        ),
        ("Nowhere", datetime(2026, 11, 23, 7, tzinfo=UTC), datetime(2026, 11, 23, 8, tzinfo=UTC)),
    ],
)
def test_the_morning_is_the_next_one_by_the_persons_clock(zone, now, due):
    assert next_daily_letter(zone, after=now) == due


def test_what_was_read_before_its_letter_needs_none(cast, paula, mailoutbox):
    announce(cast, paula)
    reading.mark_all_read(user=paula)
    assert letters.send_due_letters() == 0
    assert mailoutbox == []


def test_what_another_letter_tells_is_in_the_inbox_alone(cast, paula, mailoutbox):
    notify(kind=Kind.MEMBERSHIP, recipients=[paula.pk], values={"what": "invited"}, letter=False)
    assert letters.send_due_letters() == 0
    assert Notification.objects.count() == 1


def test_switching_letters_off_stops_those_that_wait(cast, paula, mailoutbox):
    reading.choose_timings(user=paula, timings={Kind.ANNOUNCEMENT: Timing.DAILY})
    announce(cast, paula)
    letters.send_due_letters()
    reading.unsubscribe(user=paula, kinds=[Kind.ANNOUNCEMENT])
    letters.send_due_letters()
    assert states() == {MailState.UNWANTED}


def test_nobody_without_an_address_and_nobody_locked_out_gets_letters(cast, mailoutbox):
    factories.User.objects.filter(pk=cast.paula.pk).update(email="")
    factories.User.objects.filter(pk=cast.tom.pk).update(is_active=False)
    announce(cast, cast.paula, cast.tom)
    assert letters.send_due_letters() == 0
    assert states() == {MailState.UNWANTED}


def test_where_addresses_are_verified_others_get_nothing(cast, mailoutbox, settings):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    EmailAddress.objects.create(user=cast.tom, email="tom@example.org", verified=True, primary=True)
    announce(cast, cast.paula, cast.tom)
    letters.send_due_letters()
    assert [letter.to for letter in mailoutbox] == [["tom@example.org"]]


def test_while_the_mail_server_is_away_letters_wait_and_lose_no_try(cast, paula, settings):
    settings.EMAIL_BACKEND = f"{__name__}.AwayBackend"
    announce(cast, paula)
    with pytest.raises(letters.MailServerAway):
        letters.send_due_letters()
    waiting = Notification.objects.get()
    assert (waiting.mail_state, waiting.mail_tries) == (MailState.WAITING, 0)


def test_a_letter_that_the_server_refuses_for_now_is_tried_again_and_then_given_up(
    cast, paula, settings
):
    settings.EMAIL_BACKEND = f"{__name__}.GreylistingBackend"
    announce(cast, paula)
    for tries in range(1, letters.TRIES + 1):
        Notification.objects.update(mail_due_at=timezone.now())
        assert letters.send_due_letters() == 0
        assert Notification.objects.get().mail_tries == tries
    assert states() == {MailState.LOST}


def test_when_the_mail_server_breaks_off_the_other_letters_keep_their_tries(cast, settings):
    settings.EMAIL_BACKEND = f"{__name__}.BrokenBackend"
    announce(cast, cast.paula, cast.tom)
    with pytest.raises(letters.MailServerAway):
        letters.send_due_letters()
    assert sorted(Notification.objects.values_list("mail_tries", flat=True)) == [0, 1]
    assert states() == {MailState.WAITING}


def test_an_address_that_the_server_does_not_know_holds_up_nobody_else(cast, paula, settings):
    settings.EMAIL_BACKEND = f"{__name__}.RefusingBackend"
    announce(cast, paula, cast.tom)
    assert letters.send_due_letters() == 0
    assert states() == {MailState.LOST}


def test_a_letter_whose_sender_died_is_not_sent_again(cast, paula, mailoutbox):
    announce(cast, paula)
    Notification.objects.update(
        mail_state=MailState.SENDING, mail_due_at=timezone.now() - timedelta(hours=1)
    )
    assert letters.send_due_letters() == 0
    assert mailoutbox == []
    assert states() == {MailState.LOST}


def test_a_line_break_in_a_title_does_not_get_into_the_head_of_a_letter(cast, paula, mailoutbox):
    announce(cast, paula, title="One\r\nBcc: all@example.org")
    letters.send_due_letters()
    assert mailoutbox[0].subject == "[Agon] Digits: One Bcc: all@example.org"


def test_each_try_at_a_letter_has_the_same_message_id(cast, paula):
    announce(cast, paula)
    one = list(Notification.objects.select_related("competition"))
    first, second = (letters.compose(paula, one).extra_headers["Message-ID"] for _ in range(2))
    assert first == second


def test_a_thousand_people_cost_few_queries_each(cast, django_assert_max_num_queries, mailoutbox):
    people = [factories.make_user() for _ in range(20)]
    announce(cast, *people)
    with django_assert_max_num_queries(10 + 6 * len(people)):
        letters.send_due_letters()
    assert len(mailoutbox) == 20
