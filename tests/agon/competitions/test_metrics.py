"""The catalogue of metrics: every built-in one has a page that says all about it."""

from __future__ import annotations

import re

import factories
import pytest
import yaml
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from agon.competitions import metrics
from agon.competitions.models import Visibility
from scoring.metrics.description import Answer, Family, ParameterType
from scoring.metrics.descriptions import METRICS

pytestmark = pytest.mark.django_db


def page_of(name, **headers):
    response = Client(headers=headers).get(reverse("metric", args=[name]))
    assert response.status_code == 200
    return response.content.decode()


def catalogue(**query):
    return Client().get(reverse("metrics"), query).content.decode()


def names(found):
    return [metric.name for family in found for metric in family.metrics]


def test_the_catalogue_holds_every_metric_once_under_its_family():
    page = catalogue()
    assert sorted(names(metrics.families())) == sorted(METRICS)
    for name, about in METRICS.items():
        assert page.count(f'href="{reverse("metric", args=[name])}"') == 1
        assert f'id="family-{about.family}"' in page


@pytest.mark.parametrize("name", METRICS)
def test_the_page_of_each_metric_says_all_about_it(name):
    about = METRICS[name]
    page = page_of(name)
    assert "<math" in page and "formula-source" not in page, "the formula must be readable"
    assert metrics.page_of(name).best in page
    assert ("higher is better" if about.higher_is_better else "lower is better") in page
    for parameter in about.parameters:
        assert f"<code>{parameter}</code>" in page
    assert metrics.page_of(name).value in page


@pytest.mark.parametrize("name", METRICS)
def test_the_example_of_each_metric_can_be_copied_into_a_competition(name):
    example = METRICS[name].example
    declared = yaml.safe_load(metrics.page_of(name).declaration)["metrics"][0]
    assert declared["name"] == name
    assert declared.get("parameters", {}) == dict(example.parameters)


def test_every_kind_of_parameter_and_answer_has_its_words():
    assert set(metrics.TYPES) == set(ParameterType)
    assert set(metrics.ANSWERS) == set(Answer)


def test_search_finds_by_name_title_family_and_description():
    assert "log_loss" in names(metrics.families("log_loss"))
    assert "rmse" in names(metrics.families("RMSE"))
    assert "log_loss" in names(metrics.families("logarithm probability"))
    assert {METRICS[name].family for name in names(metrics.families("regression"))} >= {
        Family.REGRESSION
    }
    assert metrics.families("nothing of the kind") == []


def test_search_works_without_javascript_and_says_when_nothing_is_found():
    page = catalogue(q="logarithm")
    assert "Log loss" in page and "Accuracy" not in page.split("<main", 1)[1]
    assert "No metric matches" in catalogue(q="nothing of the kind")
    assert catalogue(q="x" * 500)


def test_search_finds_words_of_the_readers_language():
    with translation.override("zh-hans"):
        title = translation.gettext(METRICS["accuracy"].title)
        assert "accuracy" in names(metrics.families(title))


def test_only_the_results_are_sent_to_a_page_that_asks_for_them():
    response = Client(headers={"HX-Target": "results"}).get(reverse("metrics"))
    assert "<html" not in response.content.decode()


@pytest.mark.parametrize("name", ["nothing", "__class__", "Accuracy"])
def test_a_metric_that_is_not_there_is_not_found(name):
    assert Client().get(reverse("metric", args=[name])).status_code == 404


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [(0, 1, "0 to 1"), (0, None, "0 or more"), (None, 1, "1 or less"), (None, None, "any number")],
)
def test_a_range_is_told_in_words(low, high, words):
    assert (metrics._span(low, high) or "any number") == words


def test_the_page_names_the_listed_competitions_that_it_ranks():
    shown = factories.make_competition(title="Shown")
    hidden = factories.make_competition(title="Hidden", visibility=Visibility.PRIVATE)
    for competition in (shown, hidden):
        factories.make_phase(competition)
    page = page_of("accuracy")
    assert "Shown" in page and "Hidden" not in page
    assert "Shown" not in page_of("rmse")


def test_a_page_costs_few_queries():
    with CaptureQueriesContext(connection) as captured:
        catalogue()
        page_of("accuracy")
    assert len(captured) <= 1


def test_a_competition_leads_to_the_page_of_its_metric(cast):
    link = f'href="{reverse("metric", args=["accuracy"])}"'
    for name in ("competitions:overview", "leaderboards:board"):
        assert link in Client().get(reverse(name, args=["digits"])).content.decode()
    foot = Client().get("/").content.decode().split("<footer", 1)[1]
    assert re.search(rf'href="{reverse("metrics")}"', foot)
