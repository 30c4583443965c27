"""Ways into a competition, and ways out."""

import re
from datetime import timedelta

import factories
import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from agon.competitions import access_queries, rules
from agon.competitions.audience import participants_of
from agon.competitions.errors import AccessRefused, CompetitionRefused, InvitationGone
from agon.competitions.models import (
    Competition,
    Exclusion,
    HostAction,
    Invitation,
    Joining,
    JoinRequest,
    Visibility,
)
from agon.competitions.queries import competitions_of
from agon.competitions.roster import Person
from agon.competitions.services import accept_rules, admitting, inviting, letters, showing_out
from agon.notifications.models import Notification
from agon.notifications.services.letters import MailServerAway

pytestmark = pytest.mark.django_db

SECTION = "/competitions/digits/console/people/"
AGREE = {"version": 1, "agree": "on"}


def text(response):
    return response.content.decode()


def signed_in(person):
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def host(cast):
    return signed_in(cast.hanna)


@pytest.fixture
def private(cast):
    """Sees the competition as it is now: private, by invitation only."""
    Competition.objects.filter(pk=cast.competition.pk).update(visibility=Visibility.PRIVATE)
    return fresh(cast)


def fresh(cast):
    return Competition.objects.get(pk=cast.competition.pk)


def change(cast, **fields):
    now = inviting.access_of(fresh(cast))
    given = {name: getattr(now, name) for name in ("visibility", "joining", "questions", "domains")}
    inviting.change_access(
        actor=cast.hanna,
        competition=cast.competition,
        access=inviting.Access(**{**given, **fields}),
    )
    return fresh(cast)


def link_of(cast, **fields):
    return inviting.make_link(actor=cast.hanna, competition=fresh(cast), **fields)


def verified(person, email):
    EmailAddress.objects.create(user=person, email=email, verified=True)


def joined(person, cast):
    return rules.is_participant(person, fresh(cast))


# --- Links ------------------------------------------------------------------------------------


def test_a_link_leads_a_stranger_into_a_private_competition(cast, private):
    link = link_of(cast)
    client = signed_in(cast.sam)
    address = reverse("invitation", args=[link.token])
    assert client.get(private.get_absolute_url()).status_code == 404
    assert "Digits" in text(client.get(address))
    assert not joined(cast.sam, cast), "looking changes nothing"
    assert client.post(address, AGREE).status_code == 302
    assert joined(cast.sam, cast)
    assert client.get(private.get_absolute_url()).status_code == 200
    assert fresh(cast).participant_count == private.participant_count + 1
    link.refresh_from_db()
    assert link.uses == 1
    assert client.get(address).url == private.get_absolute_url()


def test_a_link_for_one_person_lets_in_one(cast, private):
    link = link_of(cast, max_uses=1)
    admitting.accept_link(user=cast.sam, link=link, version=1)
    with pytest.raises(InvitationGone):
        admitting.accept_link(user=cast.olga, link=link, version=1)
    assert not joined(cast.olga, cast)
    assert signed_in(cast.olga).get(reverse("invitation", args=[link.token])).status_code == 404


def test_a_participant_who_follows_a_link_uses_nothing_up(cast):
    link = link_of(cast, max_uses=1)
    admitting.accept_link(user=cast.paula, link=link, version=1)
    link.refresh_from_db()
    assert link.uses == 0


@pytest.mark.parametrize("way", ["expired", "revoked", "unknown"])
def test_an_address_that_lets_nobody_in_says_so_and_names_nothing(cast, private, way):
    link = link_of(cast, expires_at=timezone.now() if way == "expired" else None)
    if way == "revoked":
        inviting.revoke_link(actor=cast.hanna, link=link)
    token = "x" if way == "unknown" else link.token
    response = signed_in(cast.sam).get(reverse("invitation", args=[token]))
    assert response.status_code == 404
    assert "lets nobody in" in text(response)
    assert "Digits" not in text(response)


def test_old_rules_let_nobody_in_and_use_nothing_up(cast, private):
    link = link_of(cast, max_uses=1)
    with pytest.raises(CompetitionRefused):
        admitting.accept_link(user=cast.sam, link=link, version=7)
    link.refresh_from_db()
    assert link.uses == 0
    assert not rules.can_view(cast.sam, fresh(cast))


def test_the_host_makes_copies_shows_and_revokes_a_link(cast, host):
    assert "No links yet" in text(host.get(f"{SECTION}links/"))
    made = host.post(f"{SECTION}links/", {"note": "Lecture", "days": "7", "max_uses": "200"})
    link = fresh(cast).invitation_links.get()
    assert (link.note, link.max_uses) == ("Lecture", 200)
    page = text(host.get(made.url))
    assert f'data-copy="http://127.0.0.1:8000/join/{link.token}/"' in page
    code = host.get(reverse("competitions:link-qr", args=["digits", link.pk]))
    assert code["Content-Type"] == "image/svg+xml" and code.content.startswith(b"<svg")
    host.post(reverse("competitions:link-revoke", args=["digits", link.pk]))
    link.refresh_from_db()
    assert link.state == "revoked"
    assert "Revoked" in text(host.get(f"{SECTION}links/"))
    assert [a.verb for a in HostAction.objects.order_by("id")] == ["invited", "invitation_revoked"]
    assert link.token not in str(list(HostAction.objects.values()))


# --- Invitations ------------------------------------------------------------------------------


def test_a_student_on_a_roster_gets_an_account_and_is_in(cast, private, host, settings):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    roster = "email;name;student id\nNora@Example.edu;Nora N.;42\n"
    file = SimpleUploadedFile("class.csv", roster.encode("utf-8-sig"))
    checked = text(host.post(f"{SECTION}invitations/new/", {"file": file}))
    assert "Invite 1 person?" in checked and "Nora N." in checked
    assert not Invitation.objects.exists(), "nobody is invited before the host has looked"
    table = re.search(r"<textarea[^>]*>(.*?)</textarea>", checked, re.DOTALL).group(1)
    host.post(f"{SECTION}invitations/new/", {"people": table, "confirmed": "yes"})
    assert letters.send_due_invitations() == 1
    assert letters.send_due_invitations() == 0
    (letter,) = mail.outbox
    assert letter.to == ["nora@example.edu"] and "Nora N." in letter.body
    path = re.search(r"http://127.0.0.1:8000(/join/\S+)", letter.body).group(1)
    assert path.split("/")[2] not in text(host.get(f"{SECTION}invitations/"))

    nora = Client()
    assert "Create an account" in text(nora.get(path))
    assert "nora@example.edu" in text(nora.get(f"/accounts/signup/?next={path}"))
    sent = {"username": "nora", "email": "nora@example.edu", "next": path}
    sent |= dict.fromkeys(("password1", "password2"), "correct horse battery")
    assert nora.post("/accounts/signup/", sent).url == path
    assert nora.post(path, AGREE).url == "/competitions/digits/data/"
    person = access_queries.people_of(fresh(cast), text="Nora", state="in").get()
    assert (person.username, person.reference, person.roster_name) == ("nora", "42", "Nora N.")
    assert EmailAddress.objects.get(user=person).verified


def test_an_invitation_works_once(cast, private):
    (invitation,) = inviting.invite(
        actor=cast.hanna, competition=private, people=[Person("a@example.edu")]
    )
    admitting.accept_invitation(user=cast.sam, invitation=invitation, version=1)
    invitation.refresh_from_db()
    with pytest.raises(InvitationGone):
        admitting.accept_invitation(user=cast.olga, invitation=invitation, version=1)


def test_who_is_invited_already_gets_no_second_letter_and_who_was_revoked_gets_a_new_one(cast):
    invite = lambda: inviting.invite(  # noqa: E731
        actor=cast.hanna, competition=cast.competition, people=[Person("a@example.edu", "A")]
    )
    (first,) = invite()
    assert invite() == []
    inviting.revoke_invitation(actor=cast.hanna, invitation=first)
    assert letters.send_due_invitations() == 0
    (again,) = invite()
    assert again.pk == first.pk and again.token != first.token


def test_a_letter_sent_again_has_a_new_address(cast):
    (first,) = inviting.invite(
        actor=cast.hanna, competition=cast.competition, people=[Person("a@example.edu")]
    )
    with pytest.raises(AccessRefused, match="on its way"):
        inviting.send_again(actor=cast.hanna, invitation=first)
    letters.send_due_invitations()
    inviting.send_again(actor=cast.hanna, invitation=first)
    assert letters.send_due_invitations() == 1
    assert first.token in mail.outbox[0].body
    assert first.token not in mail.outbox[1].body
    assert Client().get(reverse("invitation", args=[first.token])).status_code == 404


def test_somebody_with_that_verified_address_sees_the_competition_at_once(cast, private):
    verified(cast.sam, "sam@example.edu")
    client = signed_in(cast.sam)
    assert client.get(private.get_absolute_url()).status_code == 404
    inviting.invite(actor=cast.hanna, competition=private, people=[Person("sam@example.edu")])
    assert client.get(private.get_absolute_url()).status_code == 200
    assert Notification.objects.get(recipient=cast.sam).values == {"what": "invited"}
    inviting.revoke_invitation(actor=cast.hanna, invitation=private.invitations.get())
    assert client.get(private.get_absolute_url()).status_code == 404


def test_an_address_that_nobody_has_confirmed_opens_nothing(cast, private):
    EmailAddress.objects.create(user=cast.sam, email="sam@example.edu", verified=False)
    change(cast, domains=("example.edu",))
    inviting.invite(actor=cast.hanna, competition=private, people=[Person("sam@example.edu")])
    assert signed_in(cast.sam).get(private.get_absolute_url()).status_code == 404
    assert not Notification.objects.filter(recipient=cast.sam).exists()


@pytest.mark.parametrize(
    ("people", "words"),
    [
        ("", "There is nobody in it."),
        ("ann@example.edu\nann@example.edu", "Row 2: ann@example.edu is there twice."),
        ("email,name\nann,Ann", "Row 2: “ann” is not an e-mail address."),
        ("email,name\n,Ann", "Row 2: there is no e-mail address."),
        ("name,reference\nAnn,1", "No column holds e-mail addresses"),
    ],
)
def test_a_roster_that_will_not_do_is_met_with_words(cast, host, people, words):
    response = host.post(f"{SECTION}invitations/new/", {"people": people})
    assert response.status_code == 422
    assert words in text(response)
    assert not Invitation.objects.exists()


# --- Domains and visibility -------------------------------------------------------------------


def test_a_verified_address_of_the_domain_opens_a_private_competition(cast, private):
    verified(cast.sam, "sam@example.edu")
    verified(cast.olga, "olga@notexample.edu")
    change(cast, domains=("example.edu",))
    assert signed_in(cast.sam).get(private.get_absolute_url()).status_code == 200
    assert signed_in(cast.olga).get(private.get_absolute_url()).status_code == 404
    accept_rules(user=cast.sam, competition=fresh(cast), version=1)
    assert joined(cast.sam, cast)


def test_the_host_changes_access_and_the_log_says_how(cast, host):
    given = {
        "visibility": "private",
        "joining": "request",
        "questions": "Who are you?\n\nWho are you?\n",
        "domains": "@Example.edu\nuni.example.org",
    }
    assert host.post(f"{SECTION}access/", given).status_code == 302
    competition = fresh(cast)
    assert competition.join_questions == ["Who are you?"]
    assert [str(one) for one in competition.email_domains.all()] == [
        "example.edu",
        "uni.example.org",
    ]
    lines = {one.verb: (one.before, one.after) for one in HostAction.objects.all()}
    assert lines["visibility_changed"] == ({"visibility": "public"}, {"visibility": "private"})
    assert lines["access_changed"][1]["domains"] == ["example.edu", "uni.example.org"]
    refused = host.post(f"{SECTION}access/", {**given, "domains": "not a domain"})
    assert refused.status_code == 422 and "is not a domain" in text(refused)


def test_by_invitation_only_means_that_nobody_walks_in(cast):
    competition = change(cast, joining=Joining.INVITED)
    client = signed_in(cast.sam)
    assert "By invitation only" in text(client.get("/competitions/digits/rules/"))
    client.post("/competitions/digits/rules/accept/", AGREE)
    assert not joined(cast.sam, cast)
    with pytest.raises(CompetitionRefused):
        accept_rules(user=cast.sam, competition=competition, version=1)
    assert joined(cast.paula, cast), "who takes part already goes on"


# --- Requests ---------------------------------------------------------------------------------


def test_somebody_asks_answers_and_is_let_in(cast, host):
    change(cast, joining=Joining.REQUEST, questions=("Which course?",))
    client = signed_in(cast.sam)
    assert "Which course?" in text(client.get("/competitions/digits/rules/"))
    ask = "/competitions/digits/rules/ask/"
    empty = client.post(ask, {"answer_0": ""})
    assert empty.status_code == 422 and "Answer this question." in text(empty)
    client.post(ask, {"answer_0": "Statistics <1>"})
    client.post(ask, {"answer_0": "Once more"})
    request = JoinRequest.objects.get()
    assert "The hosts have your request" in text(client.get("/competitions/digits/rules/"))
    assert "Statistics &lt;1&gt;" in text(host.get(f"{SECTION}requests/"))
    told = Notification.objects.filter(kind="join_request").values_list("recipient", flat=True)
    assert set(told) == {cast.hanna.pk, cast.carl.pk}
    host.post(f"{SECTION}requests/{request.pk}/", {"decision": "accept"})
    assert Notification.objects.get(recipient=cast.sam).values["what"] == "approved"
    client.post("/competitions/digits/rules/accept/", AGREE)
    assert joined(cast.sam, cast)
    assert "Accepted" in text(host.get(f"{SECTION}requests/?state=decided"))


def test_who_is_declined_reads_why_and_can_ask_again_but_not_for_ever(cast):
    competition = change(cast, joining=Joining.REQUEST)
    for _time in range(3):
        request = admitting.ask_to_join(user=cast.sam, competition=competition, answers=[])
        admitting.decide_request(
            actor=cast.hanna, request=request, accept=False, reason="Full <house>"
        )
    page = text(signed_in(cast.sam).get("/competitions/digits/rules/"))
    assert "Full &lt;house&gt;" in page
    with pytest.raises(AccessRefused, match="three times"):
        admitting.ask_to_join(user=cast.sam, competition=competition, answers=[])
    with pytest.raises(AccessRefused, match="decided already"):
        admitting.decide_request(actor=cast.hanna, request=request, accept=True)


def test_a_link_with_approval_leads_to_the_questions_of_a_private_competition(cast, private):
    competition = change(cast, questions=("Why?",))
    link = link_of(cast, needs_approval=True)
    client = signed_in(cast.sam)
    address = reverse("invitation", args=[link.token])
    assert "Why?" in text(client.get(address))
    client.post(address, {"answer_0": "Because"})
    assert "The hosts have your request" in text(client.get(address))
    assert client.get(competition.get_absolute_url()).status_code == 404
    admitting.decide_request(actor=cast.hanna, request=JoinRequest.objects.get(), accept=True)
    assert client.get(competition.get_absolute_url()).status_code == 200
    link.refresh_from_db()
    assert link.uses == 1


# --- Out and back in --------------------------------------------------------------------------


def exclude(cast, person, kind):
    showing_out.exclude(
        actor=cast.hanna, competition=fresh(cast), user=person, kind=kind, reason="Two accounts"
    )


def test_who_is_banned_is_out_until_a_host_lets_them_back(cast, private):
    client = signed_in(cast.paula)
    link = link_of(cast)
    address = reverse("invitation", args=[link.token])
    exclude(cast, cast.paula, Exclusion.Kind.BANNED)
    assert not joined(cast.paula, cast)
    assert client.get(private.get_absolute_url()).status_code == 404
    assert client.get(address).status_code == 404
    with pytest.raises(InvitationGone):
        admitting.accept_link(user=cast.paula, link=link, version=1)
    assert cast.paula.pk not in participants_of(private)
    assert private not in competitions_of(cast.paula)
    assert Notification.objects.get(recipient=cast.paula).values == {
        "what": "banned",
        "reason": "Two accounts",
    }
    showing_out.let_back(actor=cast.hanna, competition=private, user=cast.paula)
    assert joined(cast.paula, cast)
    assert client.get(private.get_absolute_url()).status_code == 200
    assert cast.team.memberships.filter(user=cast.paula).exists(), "the team is as it was"
    assert [a.verb for a in HostAction.objects.order_by("id")][1:] == ["banned", "let_back"]


def test_a_banned_person_cannot_join_a_public_competition_again(cast):
    exclude(cast, cast.paula, Exclusion.Kind.BANNED)
    client = signed_in(cast.paula)
    assert "banned you" in text(client.get("/competitions/digits/rules/"))
    client.post("/competitions/digits/rules/accept/", AGREE)
    assert not joined(cast.paula, cast)


def test_who_was_removed_may_join_again_where_that_is_open(cast):
    Competition.objects.filter(pk=cast.competition.pk).update(participant_count=3)
    exclude(cast, cast.paula, Exclusion.Kind.REMOVED)
    assert fresh(cast).participant_count == 2
    assert not joined(cast.paula, cast)
    accept_rules(user=cast.paula, competition=fresh(cast), version=1)
    assert joined(cast.paula, cast)
    assert fresh(cast).participant_count == 3
    accept_rules(user=cast.paula, competition=fresh(cast), version=1)
    assert fresh(cast).participant_count == 3


def test_who_was_removed_from_a_private_one_comes_back_by_a_new_link(cast, private):
    exclude(cast, cast.paula, Exclusion.Kind.REMOVED)
    assert signed_in(cast.paula).get(private.get_absolute_url()).status_code == 404
    admitting.accept_link(user=cast.paula, link=link_of(cast), version=1)
    assert joined(cast.paula, cast)


def test_hosts_are_not_shown_out_and_participants_show_nobody_out(cast):
    with pytest.raises(AccessRefused):
        exclude(cast, cast.carl, Exclusion.Kind.BANNED)
    with pytest.raises(PermissionDenied):
        showing_out.exclude(
            actor=cast.paula,
            competition=cast.competition,
            user=cast.ron,
            kind=Exclusion.Kind.BANNED,
        )


def test_the_page_about_a_person_removes_bans_and_lets_back(cast, host):
    page = f"{SECTION}{cast.ron.pk}/"
    assert "Ban" in text(host.get(page))
    host.post(page, {"action": "removed", "reason": "Left the course"})
    assert Exclusion.objects.get().kind == "removed"
    host.post(page, {"action": "banned", "reason": ""})
    assert Exclusion.objects.get().kind == "banned"
    assert "Banned" in text(host.get(f"{SECTION}?state=banned"))
    host.post(page, {"action": "let_back"})
    assert not Exclusion.objects.exists()
    assert host.post(page, {"action": "nonsense"}).status_code == 302
    assert host.get(f"{SECTION}{cast.sam.pk}/").status_code == 404


def test_the_list_of_people_costs_the_same_however_long_it_is(
    cast, host, django_assert_max_num_queries
):
    host.get(SECTION)
    for number in range(60):
        factories.make_participant(cast.competition, f"person{number}")
    with django_assert_max_num_queries(9):
        page = text(host.get(SECTION))
    assert "63 people" in page
    assert "1 person" in text(host.get(f"{SECTION}?q=person59"))


def test_a_letter_waits_for_a_mail_server_that_is_away(cast, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1  # nobody listens there
    (invitation,) = inviting.invite(
        actor=cast.hanna, competition=cast.competition, people=[Person("a@example.edu")]
    )
    with pytest.raises(MailServerAway):
        letters.send_due_invitations()
    invitation.refresh_from_db()
    assert (invitation.mail_state, invitation.mail_tries) == ("waiting", 0)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert letters.send_due_invitations() == 1


def test_a_letter_is_in_the_language_that_the_host_invited_in(cast):
    with translation.override("zh-hans"):
        inviting.invite(
            actor=cast.hanna, competition=cast.competition, people=[Person("a@example.edu")]
        )
    assert cast.competition.invitations.get().language == "zh-hans"


def close_entry(cast, **fields):
    past = timezone.now() - timedelta(minutes=1)
    Competition.objects.filter(pk=cast.competition.pk).update(entry_deadline=past, **fields)
    return fresh(cast)


def test_after_the_entry_deadline_nobody_new_comes_in_and_is_told_so(cast, host):
    competition = close_entry(cast)
    with pytest.raises(CompetitionRefused, match="Nobody can enter"):
        accept_rules(user=cast.sam, competition=competition, version=1)
    sam = signed_in(cast.sam)
    page = text(sam.get("/competitions/digits/rules/"))
    assert "Entry is over" in page
    assert "Accept and join" not in page
    assert "Join the competition" not in text(sam.get("/competitions/digits/"))
    assert "Entry is over" in text(host.get(f"{SECTION}invitations/new/"))


def test_who_takes_part_and_who_hosts_goes_on_after_the_entry_deadline(cast):
    competition = close_entry(cast, rules_version=2)
    accept_rules(user=cast.paula, competition=competition, version=2)
    accept_rules(user=cast.carl, competition=competition, version=2)


def test_the_entry_deadline_holds_for_those_who_are_invited_and_for_a_roster(cast, private):
    (invitation,) = inviting.invite(
        actor=cast.hanna, competition=private, people=[Person("sam@example.org")]
    )
    link = inviting.make_link(actor=cast.hanna, competition=private)
    letters.send_due_invitations()
    assert "You can come in until" not in mail.outbox[0].body
    close_entry(cast)
    letter = letters.compose(Invitation.objects.get())
    assert "You can come in until 20" in letter.body
    sam = signed_in(cast.sam)
    for token in (invitation.token, link.token):
        page = sam.get(f"/join/{token}/")
        assert "Entry is over" in text(page)
        assert "Accept and join" not in text(page)
        assert "Entry is over" in text(Client().get(f"/join/{token}/"))
        answer = sam.post(f"/join/{token}/", AGREE, follow=True)
        assert "Nobody can enter this competition any more" in text(answer)
    invitation.refresh_from_db()
    link.refresh_from_db()
    assert (invitation.accepted_at, link.uses) == (None, 0)
    assert not rules.is_participant(cast.sam, fresh(cast))


def test_a_request_from_before_the_entry_deadline_is_not_granted_after_it(cast):
    Competition.objects.filter(pk=cast.competition.pk).update(joining=Joining.REQUEST)
    request = admitting.ask_to_join(user=cast.sam, competition=fresh(cast), answers=[])
    request.competition = close_entry(cast)
    with pytest.raises(AccessRefused, match="Move the last moment"):
        admitting.decide_request(actor=cast.hanna, request=request, accept=True)
    with pytest.raises(AccessRefused):
        admitting.ask_to_join(user=cast.olga, competition=request.competition, answers=[])
    admitting.decide_request(actor=cast.hanna, request=request, accept=False)


def test_late_submitters_may_enter_after_the_end(cast):
    past = timezone.now() - timedelta(seconds=1)
    competition = close_entry(cast, ends_at=past)
    assert not rules.can_join(cast.sam, competition)
    competition.phases.update(takes_late=True)
    assert rules.can_join(cast.sam, fresh(cast))
