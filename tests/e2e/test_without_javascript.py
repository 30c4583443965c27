"""The same path with JavaScript turned off: plain forms and links do everything."""

from __future__ import annotations

import re
import secrets

import pytest
from playwright.sync_api import Page, expect

from launcher.processes import wait_until
from tests.e2e import website as site

pytestmark = pytest.mark.browser


@pytest.fixture
def plain(new_context) -> Page:
    """A stranger's browser that runs no script."""
    return new_context(java_script_enabled=False).new_page()


def send(page: Page, name: str, text: str) -> None:
    page.locator("input[type=file]").set_input_files(
        {"name": name, "mimeType": "text/csv", "buffer": text.encode()}
    )
    page.get_by_role("button", name="Submit", exact=True).click()


def test_a_person_signs_up_joins_submits_and_finds_the_row(plain: Page) -> None:
    name, password = f"bea-{secrets.token_hex(3)}", secrets.token_urlsafe(12)
    plain.goto("/accounts/signup/")
    plain.get_by_label("Username").fill(name)
    plain.get_by_label(re.compile("^E-?mail", re.IGNORECASE)).fill(f"{name}@example.org")
    for box in plain.locator("main input[type=password]").all():
        box.fill(password)
    plain.get_by_role("button", name="Sign up").click()

    plain.goto("/competitions/?q=digits")
    plain.get_by_role("link", name="Digits", exact=True).click()
    plain.get_by_role("link", name="Join the competition").click()
    plain.get_by_label("I have read the rules and accept them").check()
    plain.get_by_role("button", name="Accept and join").click()

    plain.goto("/competitions/digits/submit/")
    labels = {row["id"]: 7 for row in site.rows("test.csv")}
    send(plain, "sevens.csv", site.predictions(labels))
    for _ in wait_until(10, pause=0.3):
        if plain.locator(".score-value").count():
            break
        plain.reload()
    expect(plain.locator(".score-value")).to_have_text(site.public_accuracy(labels))
    plain.get_by_role("link", name="See the leaderboard").click()
    expect(plain.locator("tr.mine").first).to_contain_text(name)


def test_a_wrong_file_comes_back_with_a_sentence(new_context, participant, watch) -> None:
    watch.expect("status of 422")
    page = new_context(participant, java_script_enabled=False).new_page()
    page.goto("/competitions/digits/submit/")
    send(page, "wrong.csv", site.constant(0).replace("label", "lable", 1))
    expect(page.locator("#upload [role=alert]")).to_contain_text("“label”")
    expect(page.locator("aside .facts").first).to_contain_text("20 of 20")


def test_canceling_asks_on_a_page_of_its_own(website, new_context, participant) -> None:
    page = new_context(participant, java_script_enabled=False).new_page()
    with website.scoring_paused():
        page.goto("/competitions/digits/submit/")
        send(page, "regretted.csv", site.constant(5))
        page.get_by_role("link", name="Cancel", exact=True).click()
        expect(page.locator("h1")).to_contain_text("Cancel submission 1?")
        page.get_by_role("button", name="Cancel the submission").click()
        expect(page.locator("#status-title .badge")).to_have_text("Canceled")


def test_two_submissions_are_picked_from_the_list_and_compared(
    website, new_context, participant
) -> None:
    website.submit(participant, site.constant(4).encode())
    website.submit(participant, site.example("support_vectors.csv"))
    page = new_context(participant, java_script_enabled=False).new_page()
    page.goto("/competitions/digits/submissions/")
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name="Compare the two picked").click()
    expect(page.locator("h1")).to_have_text("Submission 2 against submission 1")
    expect(page.locator(".verdict").first).to_contain_text(
        "The difference is larger than chance explains: A is better."
    )


def test_the_colours_and_the_language_are_forms(plain: Page) -> None:
    plain.goto("/competitions/?q=digits")
    plain.get_by_role("button", name="Dark").click()
    expect(plain).to_have_url(re.compile(r"/competitions/\?q=digits$"))
    expect(plain.locator("html")).to_have_attribute("data-theme", "dark")
    plain.get_by_role("button", name="简体中文").click()
    expect(plain).to_have_url(re.compile(r"/competitions/\?q=digits$"))
    expect(plain.locator("html")).to_have_attribute("lang", "zh-hans")
