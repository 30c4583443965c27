"""The hosts' page of results, what everybody reads, and certificates."""

from datetime import timedelta

import factories
import pytest
import scored
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from agon.competitions.models import Competition, Phase, Visibility
from agon.leaderboards.certificates import token_of
from agon.leaderboards.models import FinalStanding
from scoring.contract import Split

pytestmark = pytest.mark.django_db


def client_of(user):
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def url(name, *args):
    return reverse(f"submissions:{name}", args=["digits", *args])


def text(response):
    return response.content.decode()


@pytest.fixture
def ended(cast):
    for team, public, private in ((cast.team, 0.9, 0.5), (cast.rivals, 0.6, 0.8)):
        scored.make_scored(
            team,
            cast.phase,
            scored.score(split=Split.PUBLIC, value=public),
            scored.score(split=Split.PRIVATE, value=private),
        )
    Phase.objects.filter(pk=cast.phase.pk).update(
        closes_at=timezone.now() - timedelta(seconds=1), results_at_once=False
    )
    return cast


def test_a_host_publishes_and_everybody_reads_it(ended):
    host = client_of(ended.hanna)
    assert "0.80000" in text(host.get(url("closing")))
    assert "not published yet" in text(client_of(ended.ron).get(url("results")))
    host.post(url("closing"))
    page = text(client_of(ended.ron).get(url("results")))
    assert "Your team is on rank 1 of 2" in page
    assert "shake-chart" in page and "2 of 2 teams moved" in page


def test_before_that_no_page_says_a_private_score(ended):
    ron = client_of(ended.ron)
    for address in (url("results"), url("list"), reverse("leaderboards:board", args=["digits"])):
        page = text(ron.get(address, {"split": "private"}))
        assert "0.80000" not in page and "0.50000" not in page
    assert "publish" in text(ron.get(reverse("leaderboards:board", args=["digits"])))


def test_what_waits_is_said_and_has_to_be_confirmed(ended):
    factories.make_submission(ended.team, ended.phase)
    host = client_of(ended.hanna)
    assert "1 submission from before the close" in text(host.get(url("closing")))
    refused = host.post(url("closing"))
    assert refused.status_code == 422 and not FinalStanding.objects.exists()
    host.post(url("closing"), {"leaves_out_pending": "on"})
    assert FinalStanding.objects.count() == 2


def test_judges_read_and_publish_nothing(ended):
    judge = client_of(ended.jude)
    assert judge.get(url("closing")).status_code == 200
    assert judge.get(url("grades")).status_code == 200
    assert judge.post(url("closing")).status_code == 403


def test_a_winner_is_verified_with_words(ended):
    host = client_of(ended.hanna)
    host.post(url("closing"))
    first = FinalStanding.objects.get(rank=1)
    assert host.post(url("verify", first.pk), {"how": ""}).status_code == 422
    host.post(url("verify", first.pk), {"how": "We ran it."})
    assert "verified" in text(client_of(ended.sam).get(url("results")))


def test_a_member_has_a_certificate_that_says_it_is_genuine(ended):
    client_of(ended.hanna).post(url("closing"))
    standing = FinalStanding.objects.get(team=ended.team)
    response = client_of(ended.tom).get(url("certificate", standing.pk))
    assert response["Content-Type"] == "application/pdf" and response.content[:5] == b"%PDF-"
    assert client_of(ended.ron).get(url("certificate", standing.pk)).status_code == 404
    page = Client().get(reverse("submissions:genuine", args=[token_of(standing.pk, ended.tom.pk)]))
    assert "This certificate is genuine" in text(page) and "2 of 2" in text(page)


@pytest.mark.parametrize("token", ["nonsense", "a:b:c"])
def test_a_certificate_of_somebody_s_own_making_is_told_from_ours(db, token):
    page = Client().get(reverse("submissions:genuine", args=[token]))
    assert page.status_code == 404 and "made no such certificate" in text(page)


def test_a_token_of_somebody_who_is_not_in_the_team_is_worth_nothing(ended):
    client_of(ended.hanna).post(url("closing"))
    standing = FinalStanding.objects.get(team=ended.team)
    page = Client().get(reverse("submissions:genuine", args=[token_of(standing.pk, ended.ron.pk)]))
    assert page.status_code == 404


def test_hosts_can_do_without_certificates(ended):
    client_of(ended.hanna).post(url("closing"))
    Competition.objects.update(gives_certificates=False)
    standing = FinalStanding.objects.get(team=ended.team)
    assert client_of(ended.tom).get(url("certificate", standing.pk)).status_code == 404
    assert "Your certificate" not in text(client_of(ended.tom).get(url("results")))


def test_a_certificate_of_a_private_competition_links_nowhere(ended):
    client_of(ended.hanna).post(url("closing"))
    Competition.objects.filter(slug="digits").update(visibility=Visibility.PRIVATE)
    standing = FinalStanding.objects.get(team=ended.team)
    page = text(
        Client().get(reverse("submissions:genuine", args=[token_of(standing.pk, ended.tom.pk)]))
    )
    assert "/competitions/digits/" not in page


def test_the_pages_cost_the_same_for_many_teams(ended):
    host = client_of(ended.hanna)
    host.post(url("closing"))
    addresses = (url("closing"), url("results"))
    few = [queries_of(host, address) for address in addresses]
    for _ in range(5):
        team = factories.make_team(ended.competition, factories.make_participant(ended.competition))
        scored.make_scored(
            team,
            ended.phase,
            scored.score(split=Split.PUBLIC, value=0.4),
            scored.score(split=Split.PRIVATE, value=0.4),
        )
    host.post(url("closing"), {"reason": "More teams."})
    assert [queries_of(host, address) for address in addresses] == few


def queries_of(client, address):
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        client.get(address)
    return len(queries)
