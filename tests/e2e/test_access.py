"""A private competition in the browser: a link made, shown, followed, and somebody let in by hand."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import NewContext
from tests.e2e.gallery import WIDTHS
from tests.e2e.test_accessibility import overflow, violations
from tests.e2e.watch import Watch
from tests.e2e.website import Website

pytestmark = pytest.mark.browser

PEOPLE = "/competitions/sprint/console/people/"
PARTS = ("", "access/", "links/", "invitations/", "invitations/new/", "requests/")


@pytest.fixture
def host(website: Website, new_context: NewContext) -> Page:
    page = new_context(website.host).new_page()
    page.goto(f"{PEOPLE}access/")
    page.get_by_label("Only its members").check()
    page.get_by_label("Questions to those who ask").fill("Which course do you take?")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("It holds from now on.")).to_be_visible()
    return page


def new_link(host: Page, *, approval: bool = False) -> str:
    host.goto(f"{PEOPLE}links/")
    host.get_by_label("Note").fill("Lecture on Monday")
    if approval:
        host.get_by_label("Each person asks").check()
    host.get_by_role("button", name="Make the link").click()
    expect(host.get_by_alt_text("QR code of the link")).to_be_visible()
    expect(host.get_by_alt_text("QR code of the link")).to_have_js_property("complete", value=True)
    shown = host.get_by_alt_text("QR code of the link").evaluate("image => image.decode()")
    assert shown is None, "it is a picture"
    address = host.locator("#link-address").text_content() or ""
    return re.sub(r"^https?://[^/]+", "", address)


def test_a_stranger_follows_a_link_into_a_private_competition(
    host: Page, website: Website, new_context: NewContext
) -> None:
    path = new_link(host)
    page = new_context(website.newcomer()).new_page()
    page.goto(path)
    expect(page.get_by_role("heading", name="Sprint")).to_be_visible()
    page.get_by_label("I have read the rules").check()
    page.get_by_role("button", name="Accept and join").click()
    expect(page.get_by_text("You are in.")).to_be_visible()


def test_a_host_reads_the_answers_and_lets_somebody_in(
    host: Page, website: Website, new_context: NewContext
) -> None:
    path = new_link(host, approval=True)
    page = new_context(website.newcomer()).new_page()
    page.goto(path)
    page.get_by_label("Which course do you take?").fill("Statistics")
    page.get_by_role("button", name="Ask to join").click()
    expect(page.get_by_role("heading", name="The hosts have your request")).to_be_visible()
    host.goto(f"{PEOPLE}requests/")
    expect(host.get_by_text("Statistics")).to_be_visible()
    host.get_by_role("button", name="Let in").click()
    expect(host.get_by_text("may join now")).to_be_visible()
    page.goto(path)
    page.goto("/competitions/sprint/rules/")
    page.get_by_label("I have read the rules").check()
    page.get_by_role("button", name="Accept and join").click()
    expect(page.get_by_text("You are in.")).to_be_visible()


def test_a_host_invites_a_class(host: Page, watch: Watch) -> None:
    watch.expect("status of 422")
    host.goto(f"{PEOPLE}invitations/new/")
    host.get_by_label("E-mail addresses").fill("email,name\nada@example.edu,Ada\nada,Ada")
    host.get_by_role("button", name="Go on").click()
    expect(host.get_by_text("“ada” is not an e-mail address")).to_be_visible()
    host.get_by_label("E-mail addresses").fill("email,name\nada@example.edu,Ada")
    host.get_by_role("button", name="Go on").click()
    host.get_by_role("button", name="Send the letters").click()
    expect(host.get_by_text("1 person is invited")).to_be_visible()
    expect(host.get_by_role("rowheader", name="ada@example.edu")).to_be_visible()


@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_about_people_is_for_everybody(
    host: Page, website: Website, new_context: NewContext, width: int
) -> None:
    paths = [new_link(host), new_link(host, approval=True)]
    link = host.url
    host.goto(PEOPLE)
    person = host.get_by_role("link", name="Remove…").first.get_attribute("href") or ""
    newcomer = new_context(website.newcomer()).new_page()
    looks = [
        *((host, path) for path in (link, person, *(f"{PEOPLE}{part}" for part in PARTS))),
        *((newcomer, path) for path in paths),
    ]
    wrong = {}
    for page, path in looks:
        page.set_viewport_size({"width": width, "height": WIDTHS[width]})
        page.goto(path)
        if found := [*violations(page), *overflow(page)]:
            wrong[path] = found
    assert wrong == {}
