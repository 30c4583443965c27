"""Choosing final submissions in a browser, with and without scripts."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e import website as site
from tests.e2e.website import Person, Website

pytestmark = pytest.mark.browser

FINALS = "/competitions/digits/submissions/final/"


@pytest.fixture
def sender(website: Website, participant: Person) -> Person:
    """Somebody with three scored submissions."""
    for label in (1, 2, 3):
        website.submit(participant, site.constant(label).encode())
    return participant


def test_the_page_counts_along_and_saves_what_was_chosen(sender: Person, new_context: Any) -> None:
    page = new_context(sender).new_page()
    page.goto("/competitions/digits/submissions/")
    page.get_by_role("link", name="Choose final submissions").click()
    save = page.get_by_role("button", name="Save the choice")
    for number in (1, 2, 3):
        page.get_by_label(f"Choose submission {number}").check()
    expect(page.locator("[data-count]")).to_have_text(
        "3 chosen, but at most 2 can be. Take some back."
    )
    expect(save).to_be_disabled()
    page.get_by_label("Choose submission 2").uncheck()
    expect(page.locator("[data-count]")).to_have_text("2 of 2 chosen")
    save.press("Enter")
    expect(page.locator("main")).to_contain_text("The choice of your team is saved.")
    expect(page.get_by_label("Choose submission 1")).to_be_checked()
    expect(page.get_by_label("Choose submission 2")).not_to_be_checked()
    page.get_by_role("link", name="All submissions").click()
    expect(page.get_by_role("row", name="#1")).to_contain_text("final")


def test_without_scripts_the_server_counts(sender: Person, new_context: Any, watch: Any) -> None:
    watch.expect("status of 422")
    page = new_context(sender, java_script_enabled=False).new_page()
    page.goto(FINALS)
    for number in (1, 2, 3):
        page.get_by_label(f"Choose submission {number}").check()
    page.get_by_role("button", name="Save the choice").click()
    expect(page.get_by_role("alert")).to_contain_text("you have picked 3")
    page.get_by_label("Choose submission 3").uncheck()
    page.get_by_role("button", name="Save the choice").click()
    expect(page.locator("main")).to_contain_text("2 of 2 chosen")
