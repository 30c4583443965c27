"""The keyboard alone: every stop can be seen, and a submission needs no mouse."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import website as site

pytestmark = pytest.mark.browser

STOPS = 80
LOOK_OF_FOCUS = """() => {
  const focused = document.activeElement;
  if (!focused || focused === document.body) return null;
  const seen = [
    focused, focused.parentElement, focused.nextElementSibling, focused.closest(".card"),
  ].filter(Boolean);
  const outlined = seen.some((element) => {
    const style = getComputedStyle(element);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
  });
  const box = focused.getBoundingClientRect();
  const name = focused.getAttribute("aria-label") || focused.innerText || focused.id;
  return { name: `${focused.tagName} ${name.trim()}`, outlined, shown: box.width > 0 && box.height > 0 };
}"""


def press_tab_until(page: Page, tag: str, name: str) -> None:
    """Tab by tab to what is called `name`; each stop on the way must show where the focus is."""
    for _ in range(STOPS):
        page.keyboard.press("Tab")
        stop = page.evaluate(LOOK_OF_FOCUS)
        if stop is None:
            continue
        assert stop["outlined"] and stop["shown"], f"the focus on {stop['name']!r} cannot be seen"
        if stop["name"].startswith(f"{tag} ") and name in stop["name"]:
            return
    raise AssertionError(f"The Tab key never came to {name!r}")


def test_a_submission_needs_no_mouse(desk: Page) -> None:
    desk.goto("/competitions/digits/")
    press_tab_until(desk, "A", "Submit")
    desk.keyboard.press("Enter")
    desk.wait_for_url("**/submit/")
    press_tab_until(desk, "INPUT", "id_file")
    with desk.expect_file_chooser() as choosing:
        desk.keyboard.press("Space")
    labels = {row["id"]: 8 for row in site.rows("test.csv")}
    choosing.value.set_files(
        {"name": "eights.csv", "mimeType": "text/csv", "buffer": site.predictions(labels).encode()}
    )
    expect(desk.locator("[data-file-note]")).to_contain_text("The columns are right.")
    press_tab_until(desk, "INPUT", "id_note")
    desk.keyboard.type("by keyboard")
    press_tab_until(desk, "BUTTON", "Submit")
    desk.keyboard.press("Enter")
    expect(desk.locator(".score-value")).to_have_text(site.public_accuracy(labels))


def test_the_rules_are_accepted_without_a_mouse(website, new_context) -> None:
    page = new_context(website.newcomer()).new_page()
    page.goto("/competitions/digits/rules/")
    press_tab_until(page, "INPUT", "id_agree")
    page.keyboard.press("Space")
    press_tab_until(page, "BUTTON", "Accept and join")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="My submissions")).to_be_visible()


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/competitions/",
        "/metrics/log_loss/",
        "/competitions/digits/leaderboard/",
        "/settings/",
    ],
)
def test_the_focus_can_be_seen_on_every_stop_of_a_page(desk: Page, path: str) -> None:
    desk.goto(path)
    press_tab_until(desk, "BUTTON", "简体中文")


def test_the_first_stop_skips_to_the_content(page: Page) -> None:
    page.goto("/competitions/")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_escape_closes_the_menu_and_the_question(website, desk: Page) -> None:
    desk.goto("/")
    press_tab_until(desk, "SUMMARY", "participant")
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("button", name="Sign out")).to_be_visible()
    desk.keyboard.press("Escape")
    expect(desk.get_by_role("button", name="Sign out")).to_be_hidden()
    with website.scoring_paused():
        desk.goto("/competitions/digits/submit/")
        desk.locator("input[type=file]").set_input_files(
            {"name": "a.csv", "mimeType": "text/csv", "buffer": site.constant(9).encode()}
        )
        desk.get_by_role("button", name="Submit", exact=True).press("Enter")
        desk.get_by_role("link", name="Cancel", exact=True).press("Enter")
        question = desk.get_by_role("dialog")
        expect(question).to_be_visible()
        desk.keyboard.press("Escape")
        expect(question).to_be_hidden()
