"""The page that compares two submissions."""

from __future__ import annotations

import re
from datetime import timedelta

import factories
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from scored import around, make_scored, score

from scoring.contract import MetricSpec, Split

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _room(cast):
    cast.phase.per_day = None
    cast.phase.pending = 100
    cast.phase.save()


def client_of(person):
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def address(first, second):
    return reverse("submissions:compare", args=["digits", first.pk, second.pk])


def compared(person, first, second):
    """The page as running text."""
    response = client_of(person).get(address(first, second))
    assert response.status_code == 200
    main = response.content.decode().split("<main", 1)[1]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main)).replace("&#x27;", "'")


def scored_at(cast, value, *, team=None, seed=0, phase=None, **more):
    replicates = around(value, seed=seed)
    return make_scored(
        team or cast.team,
        phase or cast.phase,
        score(value=value, replicates=replicates, **more),
        score(
            split=Split.PRIVATE, value=value / 7, replicates=around(value / 7, seed=seed), **more
        ),
    )


def test_a_clear_difference_is_said_with_its_interval_and_its_share(cast):
    worse, better = scored_at(cast, 0.80, seed=1), scored_at(cast, 0.82, seed=2)
    text = compared(cast.paula, better, worse)
    assert "The difference is larger than chance explains: A is better." in text
    assert "A minus B is +0.02000" in text
    assert "A is better in 100.0 % of the random test sets, B in 0.0 %" in text
    assert "B is better." in compared(cast.paula, worse, better)


def test_a_difference_within_chance_is_said_to_be_one(cast):
    one, other = scored_at(cast, 0.8001, seed=1), scored_at(cast, 0.8, seed=2)
    text = compared(cast.paula, one, other)
    assert "These two can't be told apart on this test set." in text
    assert "larger than chance explains:" not in text


def test_where_lower_is_better_the_lower_one_wins(cast):
    cast.phase.metrics = [MetricSpec(name="rmse", target="label", prediction=("label",)).to_json()]
    cast.phase.save()
    high, low = (
        make_scored(
            cast.team, cast.phase, score("rmse", value=value, replicates=around(value, seed=seed))
        )
        for seed, value in enumerate((2.5, 2.4))
    )
    text = compared(cast.paula, high, low)
    assert "The difference is larger than chance explains: B is better." in text
    assert "A minus B is +0.10000" in text
    assert "A is better in 0.0 % of the random test sets, B in 100.0 %" in text


def test_private_rows_are_compared_after_the_close_only_and_by_hosts_before_it(cast):
    one, other = scored_at(cast, 0.7, seed=1), scored_at(cast, 0.8, seed=2)
    assert "private rows" not in compared(cast.paula, one, other).replace(
        "The private rows are compared when", ""
    )
    assert "A minus B is -0.01429" in compared(cast.hanna, one, other)
    cast.competition.ends_at = timezone.now() - timedelta(seconds=1)
    cast.competition.save()
    assert "A minus B is -0.01429" in compared(cast.tom, one, other)


def test_a_team_compares_its_own_and_nobody_elses(cast):
    mine, theirs = scored_at(cast, 0.7), scored_at(cast, 0.8, team=cast.rivals)
    also_mine = scored_at(cast, 0.75)
    for person in (cast.paula, cast.ron, cast.sam, cast.olga):
        for pair in ((mine, theirs), (theirs, mine)):
            assert client_of(person).get(address(*pair)).status_code == 404
    assert client_of(cast.ron).get(address(mine, also_mine)).status_code == 404
    assert client_of(cast.tom).get(address(mine, also_mine)).status_code == 200
    for person in (cast.hanna, cast.carl, cast.stan):
        assert client_of(person).get(address(mine, theirs)).status_code == 200


@pytest.mark.parametrize("change", [{"solution": "ffffffff"}])
def test_scores_made_under_other_conditions_are_not_compared(cast, change):
    one, other = scored_at(cast, 0.7), scored_at(cast, 0.8, **change)
    text = compared(cast.paula, one, other)
    assert "scored under different conditions" in text
    assert "larger than chance" not in text.split("How the two are compared")[0]


def test_another_version_of_the_engine_and_another_file_are_no_other_conditions(cast):
    one, other = scored_at(cast, 0.7), scored_at(cast, 0.8, engine="9", submission="f00d")
    assert "A is better in" in compared(cast.paula, one, other)


def test_without_replicates_the_page_says_why_it_cannot_judge(cast):
    one = make_scored(cast.team, cast.phase, score(value=0.7))
    other = scored_at(cast, 0.8)
    text = compared(cast.paula, one, other)
    assert "no intervals for this metric" in text
    assert "0.70000" in text and "0.80000" in text


def test_one_without_a_score_and_one_with_itself_are_answered_with_a_sentence(cast):
    scored = scored_at(cast, 0.8)
    waiting = factories.make_submission(cast.team, cast.phase)
    assert "Submission 2 has no score" in compared(cast.paula, scored, waiting)
    assert "one and the same submission" in compared(cast.paula, scored, scored)


def test_submissions_of_two_phases_are_not_compared(cast):
    second = factories.make_phase(cast.competition, name="second", order=1)
    one, other = scored_at(cast, 0.8), scored_at(cast, 0.8, phase=second)
    assert "different phases" in compared(cast.paula, one, other)


def test_a_submission_of_another_competition_is_not_found_here(cast):
    elsewhere = factories.make_phase(factories.make_competition(slug="elsewhere"))
    team = factories.make_team(elsewhere.competition, cast.paula)
    one, other = scored_at(cast, 0.8), scored_at(cast, 0.8, team=team, phase=elsewhere)
    assert client_of(cast.paula).get(address(one, other)).status_code == 404


def test_the_list_offers_a_plain_form_that_leads_to_the_page(cast):
    one, other = scored_at(cast, 0.7), scored_at(cast, 0.8)
    client = client_of(cast.paula)
    page = client.get(reverse("submissions:list", args=["digits"])).content.decode()
    assert f'name="pick" value="{one.pk}"' in page
    action = re.search(r'<form class="[^"]*" method="get" action="([^"]+/compare/)"', page)[1]
    response = client.get(f"{action}?pick={one.pk}&pick={other.pk}")
    assert response.status_code == 302
    assert response.url == address(other, one)


def test_with_one_score_there_is_nothing_to_pick(cast):
    scored_at(cast, 0.7)
    factories.make_submission(cast.team, cast.phase)
    page = client_of(cast.paula).get(reverse("submissions:list", args=["digits"]))
    assert 'name="pick"' not in page.content.decode()


@pytest.mark.parametrize(
    "asked", ["", "?pick=1", "?pick=1&pick=2&pick=3", "?pick=x&pick=1", "?pick=" + "9" * 400]
)
def test_anything_but_two_is_sent_back_with_a_word(cast, asked):
    client = client_of(cast.paula)
    response = client.get(reverse("submissions:pick", args=["digits"]) + asked, follow=True)
    assert response.redirect_chain[0][0] == reverse("submissions:list", args=["digits"])
    assert "Pick exactly two submissions" in response.content.decode()


def test_a_submissions_own_page_offers_the_others_of_its_team(cast):
    one, other = scored_at(cast, 0.7), scored_at(cast, 0.8)
    theirs = scored_at(cast, 0.9, team=cast.rivals)
    page = client_of(cast.paula).get(one.get_absolute_url()).content.decode()
    assert f'<option value="{other.pk}"' in page
    assert f'<option value="{theirs.pk}"' not in page
    for_host = client_of(cast.hanna).get(one.get_absolute_url()).content.decode()
    assert f'<option value="{theirs.pk}"' in for_host


def test_comparing_costs_the_same_whatever_is_compared(cast, django_assert_max_num_queries):
    one, other = scored_at(cast, 0.7), scored_at(cast, 0.8)
    client = client_of(cast.paula)
    with django_assert_max_num_queries(12):
        client.get(address(one, other))
