"""Another platform's bundle through the whole site: converted, loaded, and scored by its own program."""

from __future__ import annotations

import html
import re

import foreign_bundles
import pytest

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("logs")]

SLUG = "name-the-animal"


@pytest.fixture(scope="module")
def animals(stack, site, tmp_path_factory):
    """A bundle for Codabench as a competition of the running site, open and for everybody."""
    folder = tmp_path_factory.mktemp("foreign")
    text = foreign_bundles.CODABENCH_YAML.replace("1-31-2026", "2020-01-31").replace(
        "end: 2026-03-01", "end: 2099-03-01"
    )
    bundle = foreign_bundles.codabench(
        folder / "bundle", yaml=text.replace("start: 2026-03-01", "start: 2099-03-01")
    )
    made = folder / "made"
    stack.run("-m", "scoring", "convert", str(bundle), str(made))
    definition = made / "competition.yaml"
    definition.write_text(
        definition.read_text().replace("visibility: private", "visibility: public")
    )
    stack.manage("load_competition", str(made), "--host", "arena-host")
    return made


def text_of(page):
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def sent(browser, name, content):
    """The submission's page at its end."""
    browser.client.post(f"/competitions/{SLUG}/rules/accept/", data={"version": 1, "agree": "on"})
    response = browser.client.post(
        f"/competitions/{SLUG}/submit/", data={"kind": "files"}, files={"file": (name, content)}
    )
    if "Location" not in response.headers:
        return text_of(response.text)
    return text_of(browser.page_at_end(response.headers["Location"], seconds=60))


def test_a_bundle_s_own_program_scores_what_came_with_it(browser, animals):
    submission = foreign_bundles.zipped({"predictions.txt": foreign_bundles.ANSWERS})
    page = sent(browser, "mine.zip", submission)
    assert "0.7500" in page
    assert "Macro F1" in page
    board = text_of(browser.client.get(f"/competitions/{SLUG}/leaderboard/").text)
    assert "0.7500" in board


def test_files_that_the_program_cannot_read_do_not_count_and_are_no_secret_s_end(browser, animals):
    page = sent(browser, "mine.zip", foreign_bundles.zipped({"answers.txt": "cat"}))
    assert "Failed" in page
    assert "bird" not in page


def test_files_that_are_no_zip_are_refused_at_the_door(browser, animals):
    page = sent(browser, "mine.txt", b"cat dog")
    assert "Pack your files into one .zip file" in page


def test_the_submit_page_says_what_is_expected(browser, animals):
    page = text_of(browser.client.get(f"/competitions/{SLUG}/submit/").text)
    assert "A .zip file with your results, packed as in the sample." in page
