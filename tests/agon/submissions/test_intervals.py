"""Intervals, replicates and signatures: how they are kept, and what a submission's page shows."""

from __future__ import annotations

import re
from datetime import timedelta

import factories
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from scored import around, make_scored, packed, score

from agon.submissions.comparison import vector
from agon.submissions.models import Replicates, Score
from agon.submissions.scores import scores_of, scoring_command
from scoring.contract import MetricSpec, Split

pytestmark = pytest.mark.django_db


@pytest.fixture
def paula(client, cast):
    client.force_login(cast.paula, backend="django.contrib.auth.backends.ModelBackend")
    return client


def page_of(client, submission):
    return client.get(submission.get_absolute_url()).content.decode()


def close(cast):
    cast.competition.ends_at = timezone.now() - timedelta(seconds=1)
    cast.competition.save()


def test_a_result_keeps_its_interval_and_its_replicates(cast):
    values = around(0.75)
    submission = make_scored(
        cast.team, cast.phase, score(replicates=values), score(split=Split.PRIVATE)
    )
    public = submission.scores.get(split="public")
    assert (public.low, public.high) == (sorted(values)[25], sorted(values)[-26])
    assert vector(public.replicates.values).tolist() == values
    private = submission.scores.get(split="private")
    assert (private.low, private.high) == (None, None)
    assert Replicates.objects.count() == 1


def test_torn_replicates_and_half_an_interval_are_not_kept(cast):
    torn = score(low=0.5).model_copy(update={"replicates": packed([1.0])[:-1]})
    submission = make_scored(cast.team, cast.phase, torn)
    kept = submission.scores.get()
    assert (kept.value, kept.low, kept.high) == (0.75, None, None)
    assert not Replicates.objects.exists()


def test_replicates_go_with_their_submission(cast):
    submission = make_scored(cast.team, cast.phase, score(replicates=around(0.75)))
    submission.delete()
    assert not Score.objects.exists() and not Replicates.objects.exists()


def test_a_page_reads_no_replicates(paula, cast):
    submission = make_scored(cast.team, cast.phase, score(replicates=around(0.75)))
    addresses = [
        submission.get_absolute_url(),
        reverse("submissions:status", args=["digits", submission.pk]),
        reverse("submissions:list", args=["digits"]),
    ]
    for address in addresses:
        with CaptureQueriesContext(connection) as captured:
            assert paula.get(address).status_code == 200
        assert not [query for query in captured if "replicates" in query["sql"]]
        assert len(captured) <= 16, address


def test_the_page_shows_the_score_with_its_interval_and_explains_it(paula, cast):
    submission = make_scored(cast.team, cast.phase, score(value=0.9312, low=0.92614, high=0.93641))
    page = page_of(paula, submission)
    assert "0.93120" in page
    assert "95 % interval 0.926 to 0.936" in page
    assert "only a sample" in page


def test_without_intervals_the_page_says_nothing_of_them(paula, cast):
    submission = make_scored(cast.team, cast.phase, score())
    assert "95 %" not in page_of(paula, submission)


def test_every_metric_is_shown_and_the_one_that_ranks_comes_first_and_is_marked(paula, cast):
    cast.phase.metrics = [
        MetricSpec(name=name, target="label", prediction=("label",)).to_json()
        for name in ("accuracy", "macro_f1")
    ]
    cast.phase.save()
    submission = make_scored(
        cast.team,
        cast.phase,
        score("macro_f1", value=0.625, low=0.5, high=0.7),
        score("accuracy", value=0.75),
    )
    shown = scores_of(submission, private_visible=False)
    assert [(s.metric.name, s.ranks) for s in shown] == [("accuracy", True), ("macro_f1", False)]
    page = page_of(paula, submission)
    row = re.search(r"<th scope=\"row\">Accuracy.*?</tr>", page, re.DOTALL)[0]
    assert "ranks" in row
    other = re.search(r"<th scope=\"row\">Macro F1.*?</tr>", page, re.DOTALL)[0]
    assert "ranks" not in other
    assert "0.62500" in other and "95 % interval 0.50 to 0.70" in other


def test_the_signature_is_there_short_and_whole_with_the_command_that_makes_it_again(paula, cast):
    submission = make_scored(cast.team, cast.phase, score(engine="1.2.3"))
    shown = scores_of(submission, private_visible=False)[0].public
    assert shown.short_signature == "accuracy|public|rows:500|agon:1.2.3"
    page = page_of(paula, submission)
    assert shown.short_signature in page
    assert f"<code>{shown.signature}</code>".replace('"', "&quot;") in page
    assert "python -m scoring score competitions/digits predictions.csv" in page
    assert "--signature" in page


@pytest.mark.parametrize(
    ("name", "written"),
    [("a b.csv", "'a b.csv'"), ("-x.csv", "./-x.csv"), ("$(id).csv", "'$(id).csv'")],
)
def test_the_command_is_safe_to_paste_whatever_the_file_is_called(cast, name, written):
    submission = make_scored(cast.team, cast.phase, score())
    submission.file_name = name
    assert f" {written} --solution" in scoring_command(submission)


def test_the_command_names_the_seed_and_a_phase_that_is_not_the_only_one(cast):
    submission = make_scored(cast.team, cast.phase, score())
    cast.phase.seed = 77
    submission.phase = cast.phase
    assert scoring_command(submission).endswith(" --solution solution.csv --seed 77 --signature")
    cast.phase.name = "second half"
    assert " --phase 'second half' " in scoring_command(submission)


@pytest.mark.parametrize("kind", ["model", "code"])
def test_a_model_or_program_has_no_such_command(paula, cast, kind):
    submission = make_scored(cast.team, cast.phase, score())
    submission.kind = kind
    submission.save()
    assert scoring_command(submission) == ""
    page = page_of(paula, submission)
    assert "python -m scoring" not in page and "agon:0.1.0" in page


def test_a_private_score_its_interval_and_signature_are_hidden_until_the_close(paula, cast):
    submission = make_scored(
        cast.team,
        cast.phase,
        score(value=0.5),
        score(split=Split.PRIVATE, value=0.6180, low=0.6031, high=0.6290),
    )
    hidden = page_of(paula, submission)
    for secret in ("0.618", "0.603", "0.629", "|private|"):
        assert secret not in hidden
    close(cast)
    shown = page_of(paula, submission)
    for text in ("0.61800", "95 % interval 0.603 to 0.629", "|private|"):
        assert text in shown


def test_the_host_sees_private_intervals_before_the_close(client, cast):
    submission = make_scored(
        cast.team,
        cast.phase,
        score(value=0.5),
        score(split=Split.PRIVATE, value=0.6180, low=0.6031, high=0.6290),
    )
    client.force_login(cast.hanna, backend="django.contrib.auth.backends.ModelBackend")
    assert "95 % interval 0.603 to 0.629" in page_of(client, submission)


def test_a_submission_without_a_public_split_still_has_a_page(paula, cast):
    submission = make_scored(cast.team, cast.phase, score(split=Split.PRIVATE, value=0.618))
    page = page_of(paula, submission)
    assert "0.618" not in page
    close(cast)
    assert "0.618" in page_of(paula, submission)


def test_the_factory_makes_submissions_without_scores_and_they_have_a_page_too(paula, cast):
    submission = factories.make_submission(cast.team, cast.phase, state="scored", public=0.5)
    assert paula.get(submission.get_absolute_url()).status_code == 200
