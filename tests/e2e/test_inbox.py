"""The inbox in a real browser: the number in the head, and what becomes of it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import website as site
from tests.e2e.website import Person, Website

pytestmark = pytest.mark.browser


def test_a_score_is_counted_in_the_head_until_it_is_read(
    desk: Page, participant: Person, website: Website
) -> None:
    website.submit(participant, site.constant(5).encode())
    desk.goto("/")
    inbox = desk.get_by_role("link", name="Inbox")
    expect(inbox).to_contain_text("1 unread")
    inbox.click()
    desk.get_by_role("link", name="Submission #1 was scored").click()
    desk.wait_for_url("**/submissions/*/")
    expect(inbox).not_to_contain_text("unread")
    desk.goto("/inbox/?show=unread")
    expect(desk.get_by_text("No notification fits this filter.")).to_be_visible()


def test_the_choice_of_letters_is_made_by_keyboard(desk: Page) -> None:
    desk.goto("/settings/notifications/")
    scored = desk.get_by_label("A submission was scored")
    expect(scored).to_have_value("off")
    scored.focus()
    desk.keyboard.press("ArrowUp")
    expect(scored).to_have_value("daily")
    desk.get_by_role("button", name="Save").press("Enter")
    expect(desk.get_by_text("Your choices are saved.")).to_be_visible()
    expect(desk.get_by_label("A submission was scored")).to_have_value("daily")
