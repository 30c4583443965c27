"""The CO2 competition: nine honest windows, no answer given away, and the numbers that its pages name."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from competitions.conftest import copy_of, prepare
from competitions.folders import (
    all_public,
    assert_pictures_fit_their_page,
    assert_says_that_there_is_no_network,
    hashes,
    prepare_without_network,
    run_code_of,
    scores_of,
    verdicts_that_differ,
)

from scoring.__main__ import main
from scoring.definition import load_definition

QUANTILES = ["q05", "q25", "q50", "q75", "q95"]


@pytest.fixture(scope="module")
def co2(tmp_path_factory):
    pytest.importorskip("statsmodels", reason="the series is read from the installed statsmodels")
    folder = copy_of("co2", tmp_path_factory.mktemp("co2"))
    finished = prepare(folder)
    assert finished.returncode == 0, finished.stderr
    return folder


@pytest.fixture
def tables(co2):
    names = ("train", "test", "known_later", "practice", "solution", "practice_solution")
    return {
        name: pl.read_csv(co2 / "prepared" / f"{name}.csv", try_parse_dates=True) for name in names
    }


def test_every_example_gets_the_verdict_that_it_should(co2):
    assert verdicts_that_differ(co2) == []


def test_preparing_again_gives_the_same_bytes(co2, tmp_path):
    again = copy_of("co2", tmp_path)
    assert prepare(again).returncode == 0
    assert hashes(again) == hashes(co2)


def test_the_pictures_fit_their_page(co2):
    assert_pictures_fit_their_page(co2)


def test_no_week_that_is_to_be_forecast_is_in_a_file_for_participants(co2, tables):
    hidden = set(tables["test"]["date"])
    assert len(hidden) == 72
    for data_file in load_definition(co2).data:
        table = pl.read_csv(data_file.file, try_parse_dates=True)
        if "co2" in table.columns and "date" in table.columns:
            assert not hidden & set(table["date"]), data_file.file.name
    assert "co2" not in tables["test"].columns
    published = {data_file.file.name for data_file in load_definition(co2).data}
    assert "solution.csv" not in published


def test_each_window_begins_after_a_week_that_is_known(tables):
    known = set(tables["train"]["date"]) | set(tables["known_later"]["date"])
    origins = tables["test"]["origin"].unique()
    assert len(origins) == 9
    assert set(origins) <= known
    weeks_ahead = (tables["test"]["date"] - tables["test"]["origin"]).dt.total_days() // 7
    assert weeks_ahead.to_list() == list(range(1, 9)) * 9 == tables["test"]["horizon"].to_list()


def test_the_hidden_and_the_known_weeks_are_the_last_two_years_without_a_gap(tables):
    both = pl.concat([tables["test"]["date"], tables["known_later"]["date"]]).sort()
    assert len(both) == 104
    assert set(both.diff().drop_nulls().dt.total_days()) == {7}
    assert (both[0] - tables["train"]["date"][-1]).days == 7


def test_three_whole_windows_are_public(tables):
    usages = tables["test"].join(tables["solution"], on="id").group_by("origin").agg("Usage")
    kinds = [set(usage) for usage in usages["Usage"]]
    assert all(len(kind) == 1 for kind in kinds)
    assert kinds.count({"Public"}) == 3


def test_the_scale_of_mase_is_the_seasonal_naive_error_in_training(co2, tables):
    values = tables["train"]["co2"].to_numpy()
    scale = np.abs(values[52:] - values[:-52]).mean()
    (phase,) = load_definition(co2).phases
    assert phase.metrics[0].name == "mase"
    assert phase.metrics[0].parameters["scale"] == round(scale, 5)


def test_missing_weeks_are_filled_as_the_data_page_says(tables):
    train = tables["train"]
    filled = train.filter(pl.col("filled") == 1)
    assert filled.height == 59
    assert filled["date"].dt.year().max() < 1986
    around = train.with_columns(
        middle=(pl.col("co2").shift(1) + pl.col("co2").shift(-1)) / 2
    ).filter(pl.col("filled") == 1)
    assert (around["co2"] - around["middle"]).abs().max() < 0.011


def test_the_practice_rows_ask_as_the_test_rows_do(tables):
    practice, test = tables["practice"], tables["test"]
    assert practice.columns == test.columns
    assert practice["horizon"].equals(test["horizon"])
    assert practice["date"].max() == tables["train"]["date"].max()
    assert not set(practice["id"]) & set(test["id"])


def test_the_starter_of_the_overview_runs_and_scores_what_the_table_says(co2, tmp_path, capsys):
    run_code_of(co2 / "overview.md", tmp_path)
    mine = tmp_path / "submission.csv"
    assert pl.read_csv(mine)["id"].equals(pl.read_csv(co2 / "prepared" / "test.csv")["id"])
    scores = scores_of(co2, mine, all_public(co2, tmp_path), capsys)
    assert round(scores["mase"], 2) == 0.28


@pytest.mark.parametrize(
    ("example", "mase"),
    [("year_before", 0.93), ("last_value", 0.84), ("year_before_and_growth", 0.38)],
)
def test_the_cheap_methods_score_what_the_overview_says(co2, tmp_path, capsys, example, mase):
    file = co2 / "prepared" / "examples" / f"{example}.csv"
    scores = scores_of(co2, file, all_public(co2, tmp_path), capsys)
    assert round(scores["mase"], 2) == mase
    assert f"| {mase:.2f} |" in (co2 / "overview.md").read_text(encoding="utf-8")


def test_peeping_past_the_windows_is_worse_than_an_honest_forecast(co2, tables, tmp_path, capsys):
    known = pl.concat([tables["train"].select("date", "co2"), tables["known_later"]])
    days = known["date"].to_physical().to_numpy()
    line = np.interp(tables["test"]["date"].to_physical().to_numpy(), days, known["co2"])
    mine = tmp_path / "line.csv"
    tables["test"].select("id", *(pl.Series(name, line) for name in QUANTILES)).write_csv(mine)
    assert round(scores_of(co2, mine, all_public(co2, tmp_path), capsys)["mase"], 2) == 0.41


def test_the_code_of_the_data_page_gives_the_history_of_each_origin(co2, tmp_path):
    printed = run_code_of(co2 / "data.md", tmp_path).splitlines()
    assert len(printed) == 9
    assert printed[0].startswith("2000-01-01 2180 weeks known")
    assert " 2212 weeks known" in printed[-1]


def test_the_worked_example_of_the_evaluation_page_is_right(co2, tmp_path, capsys):
    solution, mine = tmp_path / "truth.csv", tmp_path / "mine.csv"
    solution.write_text("id,co2,Usage\n1,369.8,Public\n", encoding="utf-8")
    mine.write_text(
        f"id,{','.join(QUANTILES)}\n1,368.0,368.5,369.0,369.5,370.0\n", encoding="utf-8"
    )
    scores = scores_of(co2, mine, solution, capsys)
    assert scores["mase"] == pytest.approx(0.609, abs=5e-4)
    assert scores["smape"] == pytest.approx(0.00217, abs=5e-6)
    assert scores["weighted_interval_score"] == pytest.approx(0.42)


def test_a_participant_can_score_the_practice_rows_at_home(co2, tables, tmp_path, capsys):
    mine = tmp_path / "mine.csv"
    answers = tables["practice_solution"]
    answers.select("id", *(pl.col("co2").alias(name) for name in QUANTILES)).write_csv(mine)
    assert main(["score", str(co2), str(mine)]) == 0
    assert "(72 rows)" in capsys.readouterr().out


def test_without_network_and_without_statsmodels_it_says_what_to_install(tmp_path):
    empty = tmp_path / "empty" / "statsmodels"
    empty.mkdir(parents=True)
    (empty / "__init__.py").touch()
    folder, finished = prepare_without_network(
        "co2", tmp_path / "co2", PYTHONPATH=str(empty.parent)
    )
    assert_says_that_there_is_no_network(folder, finished)
    assert "make setup-baselines" in finished.stderr
