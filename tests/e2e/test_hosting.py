"""A new host, from an empty wizard to the first scored submission of an invited participant."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from launcher import commands
from launcher.processes import Process
from tests.e2e.conftest import NewContext
from tests.e2e.watch import Watch
from tests.e2e.website import Website, open_website

pytestmark = pytest.mark.browser

PATIENT = {"timeout": 60_000}
DRAWN = random.Random(5)
ROWS = [(number, DRAWN.choice(["oak", "ash", "elm"])) for number in range(1, 201)]
SOLUTION = "tree_id,species\n" + "".join(f"{number},{label}\n" for number, label in ROWS)


@pytest.fixture(scope="module")
def website(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Website]:
    """A site of its own: the worker would take up what other tests only pretend to prepare."""
    with open_website(tmp_path_factory.mktemp("hosting")) as running:
        yield running


@pytest.fixture
def worker(website: Website) -> Iterator[None]:
    """The worker that checks and publishes drafts, as `make serve` starts it."""
    process = Process(
        "preparation",
        commands.PREPARATION,
        log=website.stack.folder / "preparation.log",
        environment=website.stack.site_environment(),
    )
    process.start()
    yield
    process.stop()


class Hand:
    """Counts what a person does on the way."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.clicks = 0
        self.pages: set[str] = set()
        page.on("framenavigated", lambda frame: self.pages.add(frame.url))

    def press(self, name: str, role: str = "button") -> None:
        self.clicks += 1
        self.page.get_by_role(role, name=name, exact=True).first.click()  # type: ignore[arg-type]


def upload(page: Page, label: str, name: str, content: str | Path) -> None:
    section = page.get_by_role("region", name=label, exact=True)
    section.locator("input[type=file]").set_input_files(
        {"name": name, "mimeType": "text/csv", "buffer": content.encode()}
        if isinstance(content, str)
        else content
    )
    section.get_by_role("button", name="Upload").click()


@pytest.mark.usefixtures("worker")
def test_a_new_host_opens_a_private_contest_and_somebody_is_scored(
    website: Website, new_context: NewContext, watch: Watch
) -> None:
    watch.expect("status of 404")  # the guest, before they are let in
    watch.expect("status of 422")  # the swapped dates
    began = time.monotonic()
    page = new_context(website.newcomer()).new_page()
    hand = Hand(page)
    page.goto("/competitions/")
    hand.press("Host a competition", "link")
    hand.press("Begin a new one")
    page.get_by_label("Title").fill("Name the tree")
    hand.press("Save and go on")

    # a mistake on the way: the wrong file
    upload(page, "Solution", "answers.csv", "tree_id,species\n1,oak\n1,ash\n")
    expect(page.get_by_role("alert")).to_contain_text("Some ids stand there twice.")
    upload(page, "Solution", "answers.csv", SOLUTION)
    hand.clicks += 1
    expect(page.get_by_text("200 rows")).to_be_visible()
    expect(page.get_by_label("Column that is predicted")).to_have_value("species")
    hand.press("Save and go on")
    expect(page.get_by_label("Metric", exact=True)).to_have_value("accuracy")
    page.get_by_label("Metric", exact=True).select_option("macro_f1")
    expect(page.get_by_role("heading", name="Macro F1")).to_be_visible()
    hand.press("Save and go on")

    # another: the dates swapped
    page.get_by_label("Starts").fill("2031-02-01T00:00:00")
    page.get_by_label("Ends").fill("2031-01-01T00:00:00")
    page.get_by_role("button", name="Save and go on").click()
    expect(page.get_by_text("Are the two dates swapped?")).to_be_visible()
    page.get_by_label("Starts").fill("")
    hand.press("Save and go on")
    hand.press("Save and go on")
    hand.press("Run the check")
    expect(page.get_by_text("All is well.")).to_be_visible(**PATIENT)
    expect(page.get_by_text("The solution itself scores:")).to_contain_text("1.00000")
    hand.press("Publish")
    expect(page.get_by_role("heading", name="Name the tree is there")).to_be_visible(**PATIENT)
    hand.press("Make a link", "link")
    hand.press("Make the link")
    address = page.locator("#link-address").inner_text()

    guest = new_context(website.newcomer()).new_page()
    assert guest.goto("/competitions/name-the-tree/").status == 404, "others do not see it"
    guest.goto(address)
    guest.get_by_role("checkbox").check()
    guest.get_by_role("button", name="Accept and join").click()
    guest.goto("/competitions/name-the-tree/submit/")
    guest.get_by_label("choose a file").set_input_files(
        {"name": "mine.csv", "mimeType": "text/csv", "buffer": SOLUTION.encode()}
    )
    guest.get_by_role("button", name="Submit", exact=True).click()
    expect(guest.get_by_text("1.00000").first).to_be_visible(**PATIENT)
    took = time.monotonic() - began
    print(f"{hand.clicks} clicks on {len(hand.pages)} addresses, {took:.0f} seconds")
    assert hand.clicks <= 15 and took < 300


@pytest.mark.usefixtures("worker")
def test_a_metric_that_raises_is_told_to_its_host(
    website: Website, new_context: NewContext
) -> None:
    page = new_context(website.newcomer()).new_page()
    page.goto("/host/")
    page.get_by_role("button", name="Begin a new one").click()
    page.get_by_label("Title").fill("A metric that raises")
    page.get_by_role("button", name="Save and go on").click()
    upload(page, "Solution", "answers.csv", SOLUTION)
    expect(page.get_by_text("200 rows")).to_be_visible()
    page.get_by_role("button", name="Save and go on").click()
    upload(
        page,
        "Metric of your own",
        "mine.py",
        "def score(solution, submission, row_id_column_name):\n    return 1 / 0\n",
    )
    expect(page.get_by_text("mine.py 70")).to_be_visible()
    page.get_by_label("Metric", exact=True).select_option("own")
    page.get_by_role("button", name="Save and go on").click()
    page.get_by_role("link", name="Check").click()
    page.get_by_role("button", name="Run the check").click()
    expect(page.get_by_role("alert")).to_contain_text("ZeroDivisionError", **PATIENT)


def test_an_upload_goes_on_after_the_network_was_gone(
    website: Website, new_context: NewContext, watch: Watch, tmp_path: Path
) -> None:
    watch.expect("net::ERR_FAILED")
    context = new_context(website.newcomer())
    page = context.new_page()
    page.goto("/host/")
    page.get_by_role("button", name="Begin a new one").click()
    page.get_by_label("Title").fill("A long file")
    page.get_by_role("button", name="Save and go on").click()
    page.wait_for_url("**/data/")  # before its script has come, the form sends the file whole
    lost: list[str] = []

    def lose_the_second(route, request):
        if request.method == "PATCH" and request.headers["upload-offset"] != "0" and not lost:
            lost.append(request.headers["upload-offset"])
            route.abort()
        else:
            route.continue_()

    page.route("**/host/*/files/*/", lose_the_second)
    long = tmp_path / "train.csv"
    long.write_bytes(b"x" * (9 * 1024 * 1024))
    upload(page, "Data for participants", long.name, long)
    expect(page.get_by_text("9.0 MB")).to_be_visible(**PATIENT)
    assert lost == [str(8 * 1024 * 1024)]
