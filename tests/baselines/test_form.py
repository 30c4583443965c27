"""What every notebook has in common: an entry, no outputs, one beginning, and a submission at its end."""

from __future__ import annotations

import re

import nbformat
import pytest
import yaml

from launcher.environment import ROOT
from launcher.expectations import BASELINES, README, find_baselines, readme_with, table

NOTEBOOKS = sorted(BASELINES.glob("*/*.ipynb"))
FIRST_CELL = """
import os
from getpass import getpass
from pathlib import Path
from urllib.request import urlretrieve

SLUG = "mnist"
QUICK = os.environ.get("AGON_PROFILE") == "quick"  # a minute's run that shows that everything works
if "AGON_DATA" in os.environ:  # a folder with the competition's files, no site
    data, site = Path(os.environ["AGON_DATA"]), None
else:  # a running site: its address, and your token from Settings → Tokens
    address = os.environ.get("AGON_URL", "http://127.0.0.1:8000")
    urlretrieve(f"{address}/api/client/agon_client.py", "agon_client.py")
    import agon_client

    site = agon_client.Site(address, token=os.environ.get("AGON_TOKEN") or getpass("Token: "))
    data = site.download(SLUG, f"data/{SLUG}")
"""


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def notebook(request):
    return request.param


def read(path):
    return nbformat.read(path, as_version=nbformat.NO_CONVERT)


def code_of(path):
    return [cell.source for cell in read(path).cells if cell.cell_type == "code"]


def test_every_notebook_has_an_entry_and_every_entry_a_notebook():
    assert [baseline.path for baseline in sorted(find_baselines(), key=lambda each: each.path)] == (
        NOTEBOOKS
    )
    assert {path.parent for path in BASELINES.glob("*/expected.yaml")} == {
        path.parent for path in NOTEBOOKS
    }


def test_every_notebook_belongs_to_a_competition(notebook):
    assert (ROOT / "competitions" / notebook.parent.name / "competition.yaml").exists()


def test_it_is_valid_has_no_outputs_and_names_the_usual_kernel(notebook):
    content = read(notebook)
    nbformat.validate(content)
    assert (content.nbformat, content.nbformat_minor) == (4, 5)
    assert content.metadata.kernelspec.name == "python3"
    for cell in content.cells:
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None


def test_it_begins_with_a_title_and_the_agreed_cell(notebook):
    assert read(notebook).cells[0].source.startswith("# ")
    expected = FIRST_CELL.replace('"mnist"', f'"{notebook.parent.name}"')
    assert code_of(notebook)[0].split() == expected.split()


def test_it_ends_by_submitting_and_showing_the_score(notebook):
    last = code_of(notebook)[-1]
    assert last.startswith("if site:")
    assert "site.submit(" in last
    assert "agon_client.summary(" in last


def test_it_says_what_to_try_next(notebook):
    texts = [cell.source for cell in read(notebook).cells if cell.cell_type == "markdown"]
    assert any(re.search(r"^## What to try next", text, re.MULTILINE) for text in texts)


def test_the_metric_is_one_of_the_competitions():
    for baseline in find_baselines():
        definition = yaml.safe_load(
            (ROOT / "competitions" / baseline.slug / "competition.yaml").read_text("utf-8")
        )
        metrics = {metric["name"] for metric in definition["phases"][0]["metrics"]}
        assert baseline.expectation.metric in metrics, baseline.key


def test_the_readme_shows_what_expected_yaml_says():
    text = README.read_text(encoding="utf-8")
    assert readme_with(text, table(find_baselines())) == text, (
        "renew it: .venv/bin/python -m launcher.baselines --table"
    )


def test_the_network_must_beat_the_same_week_of_last_year():
    examples = yaml.safe_load((ROOT / "competitions/co2/examples/expected.yaml").read_text("utf-8"))
    least, _most = examples["year_before.csv"]["scores"]["mase"]["private"]
    (lstm,) = (baseline for baseline in find_baselines() if baseline.key == "co2/lstm")
    assert lstm.expectation.full.comparison == "at most"
    assert lstm.expectation.full.goal == least
