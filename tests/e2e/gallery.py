"""Every kind of page that a person can meet, each with somebody who sees it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

from launcher.processes import wait_until
from tests.e2e import website as site
from tests.e2e.chromium import sign_in
from tests.e2e.website import Person, Website
from tests.stack import Browser as BrowserOfTests

WIDTHS = {1280: 800, 390: 844}
THEMES = ("light", "dark")


@dataclass(frozen=True)
class Picture:
    """One page, and who looks at it: "" for a stranger."""

    name: str
    path: str
    reader: str = ""


def key_of(address: str) -> str:
    """The number at the end of a submission's address."""
    return address.rstrip("/").rpartition("/")[2]


class Gallery:
    """The pages, once the site has something to show on them."""

    def __init__(self, website: Website) -> None:
        self.website = website
        self.people: dict[str, Person] = {
            "newcomer": website.newcomer(),
            "beginner": website.participant(),
            "entrant": website.participant(),
        }
        entrant = self.people["entrant"]
        website.stack.run("-m", "tests.e2e.showcase", str(site.DIGITS))
        for label in (1, 2):
            website.submit(website.participant(), site.constant(label).encode())
        self.rejected = website.submit(entrant, site.example("nan.csv"))
        self.weaker = website.submit(entrant, site.constant(3).encode())
        self.scored = website.submit(entrant, site.example("support_vectors.csv"))
        self.rescore = self.rescored()
        self.team = self.first_team()
        self.draft = self.drafted()

    def rescored(self) -> str:
        """A rescore that waits for the host's decision."""
        host = BrowserOfTests(self.website.url, self.website.host.session, self.website.csrf)
        with host.client:
            begun = host.client.post(
                "/competitions/digits/console/rescore/",
                data={"reason": "To be sure.", "keep": "on"},
            )
            address = str(begun.headers["Location"])
            for _ in wait_until(30, pause=0.1):
                page = host.client.get(address).text
                if "Ready to publish" in page:
                    return address
        raise AssertionError(f"{address} came to no end.\n{page}\n{self.website.stack.logs()}")

    def first_team(self) -> str:
        """The hosts' page of a team that has submitted."""
        host = BrowserOfTests(self.website.url, self.website.host.session, self.website.csrf)
        with host.client:
            page = host.client.get("/competitions/digits/console/teams/").text
        found = re.search(r"/competitions/digits/console/teams/\d+/", page)
        assert found, page
        return found[0]

    def drafted(self) -> str:
        """The address of a draft with a title and a solution."""
        host = BrowserOfTests(self.website.url, self.website.host.session, self.website.csrf)
        with host.client:
            began = host.client.post("/host/new/")
            address = str(began.headers["Location"]).removesuffix("basics/")
            host.client.post(f"{address}basics/", data={"title": "Cats and dogs"})
            host.client.post(
                f"{address}upload/solution/",
                files={"file": ("answers.csv", b"id,label\n1,cat\n2,dog\n3,cat\n", "text/csv")},
            )
        return address

    def pictures(self) -> list[Picture]:
        digits = "/competitions/digits/"
        entrant = self.people["entrant"]
        return [
            Picture("home", "/"),
            Picture("home-of-a-participant", "/", "entrant"),
            Picture("catalogue", "/competitions/"),
            Picture("empty-search", "/competitions/?q=nothing+of+the+kind"),
            Picture("metrics", "/metrics/"),
            Picture("metrics-empty-search", "/metrics/?q=nothing+of+the+kind"),
            Picture("metric", "/metrics/log_loss/"),
            Picture("interface", "/api/docs/"),
            Picture("overview", digits),
            Picture("data-locked", f"{digits}data/"),
            Picture("data", f"{digits}data/", "entrant"),
            Picture("not-yet-prepared", "/competitions/photos/"),
            Picture("not-yet-prepared-data", "/competitions/photos/data/", "entrant"),
            Picture("not-yet-prepared-submit", "/competitions/photos/submit/", "entrant"),
            Picture("not-prepared", "/competitions/letters/"),
            Picture("not-prepared-as-host", "/competitions/letters/", "host"),
            Picture("rules", f"{digits}rules/", "newcomer"),
            Picture("rules-accepted", f"{digits}rules/", "entrant"),
            Picture("submit-locked", f"{digits}submit/"),
            Picture("submit", f"{digits}submit/", "entrant"),
            Picture("submit-models", "/competitions/models/submit/", "entrant"),
            Picture("submit-models-as-host", "/competitions/models/submit/", "host"),
            Picture("submission-predicting", "/competitions/models/submissions/1/", "host"),
            Picture("submission-waiting", "/competitions/models/submissions/2/", "host"),
            Picture("my-submissions-empty", f"{digits}submissions/", "beginner"),
            Picture("my-submissions", f"{digits}submissions/", "entrant"),
            Picture("final-submissions-empty", f"{digits}submissions/final/", "beginner"),
            Picture("final-submissions", f"{digits}submissions/final/", "entrant"),
            Picture("submission-scored", self.scored, "entrant"),
            Picture("submission-rejected", self.rejected, "entrant"),
            Picture(
                "submissions-compared", f"{self.scored}compare/{key_of(self.weaker)}/", "entrant"
            ),
            Picture("not-compared", f"{self.scored}compare/{key_of(self.rejected)}/", "entrant"),
            Picture("cancel-too-late", f"{self.scored}cancel/", "entrant"),
            Picture("leaderboard", f"{digits}leaderboard/", "entrant"),
            Picture("team", f"{digits}team/", "entrant"),
            Picture("team-none", f"{digits}team/", "beginner"),
            Picture("team-locked", f"{digits}team/", "newcomer"),
            Picture("results-none", f"{digits}results/", "entrant"),
            Picture("certificate-of-nobody", "/certificates/nothing/"),
            Picture("leaderboard-empty", "/competitions/sprint/leaderboard/"),
            Picture("code", f"{digits}code/", "entrant"),
            Picture("code-empty", "/competitions/sprint/code/"),
            Picture("notebook", f"{digits}code/sklearn/"),
            Picture("notebook-as-host", f"{digits}code/sklearn/", "host"),
            Picture("notebook-publish", f"{digits}code/publish/", "entrant"),
            Picture("notebook-change", f"{digits}code/sklearn/edit/", "host"),
            Picture("notebook-delete", f"{digits}code/sklearn/delete/", "host"),
            Picture("notebook-hide", f"{digits}code/sklearn/hide/", "host"),
            Picture("profile", f"/people/{entrant.name}/", "entrant"),
            Picture("settings", "/settings/", "entrant"),
            Picture("settings-notifications", "/settings/notifications/", "entrant"),
            Picture("inbox", "/inbox/", "entrant"),
            Picture("inbox-empty", "/inbox/", "newcomer"),
            Picture("inbox-nothing-fits", "/inbox/?kind=results", "entrant"),
            Picture("console-webhooks", f"{digits}console/webhooks/", "host"),
            Picture("console-webhook", f"{digits}console/webhooks/1/", "host"),
            Picture("console-webhook-delete", f"{digits}console/webhooks/1/delete/", "host"),
            Picture("settings-email", "/accounts/email/", "entrant"),
            Picture("settings-password", "/accounts/password/change/", "entrant"),
            Picture("tokens", "/settings/tokens/", "entrant"),
            Picture("two-factor", "/accounts/2fa/", "entrant"),
            *self.console(),
            Picture("host", "/host/", "host"),
            *(
                Picture(f"host-{step}", f"{self.draft}{step}/", "host")
                for step in ("basics", "data", "metric", "limits", "access", "check", "delete")
            ),
            Picture("operations", "/operations/", "host"),
            Picture("sign-in", "/accounts/login/"),
            Picture("sign-up", "/accounts/signup/"),
            Picture("password-reset", "/accounts/password/reset/"),
            Picture("404", "/nothing-here/"),
            Picture("403", "/operations/", "entrant"),
        ]

    def console(self) -> list[Picture]:
        """The hosts' pages, and what they lead to."""
        console = "/competitions/digits/console/"
        return [
            Picture("console", console, "host"),
            Picture("console-log", f"{console}log/", "host"),
            Picture("console-submissions", f"{console}submissions/", "host"),
            Picture("console-rescoring", f"{console}rescore/", "host"),
            Picture("console-rescoring-form", "/competitions/sprint/console/rescore/", "host"),
            Picture("console-rescoring-ready", self.rescore, "host"),
            Picture(
                "console-disqualify",
                f"{console}submissions/{key_of(self.scored)}/disqualify/",
                "host",
            ),
            Picture("console-teams", f"{console}teams/", "host"),
            Picture("console-team", self.team, "host"),
            Picture("console-team-rename", f"{self.team}name/", "host"),
            Picture("console-results", f"{console}results/", "host"),
            Picture("console-people", f"{console}people/", "host"),
            Picture("console-access", f"{console}people/access/", "host"),
            Picture("console-links", f"{console}people/links/", "host"),
            Picture("console-invitations", f"{console}people/invitations/", "host"),
            Picture("console-requests", f"{console}people/requests/", "host"),
            Picture("console-phases", f"{console}phases/", "host"),
            Picture("console-limits", f"{console}phases/1/", "host"),
            Picture("console-settings", f"{console}settings/", "host"),
            Picture("console-pages", f"{console}pages/", "host"),
            Picture("console-page-edit", f"{console}pages/overview/", "host"),
            Picture("console-announcements", f"{console}announcements/", "host"),
            Picture("console-roles", f"{console}roles/", "host"),
            Picture("console-export", f"{console}export/", "host"),
            Picture("import", "/import/", "host"),
            Picture("console-integrity", f"{console}integrity/", "host"),
            Picture("console-ask", f"{console}integrity/ask/", "host"),
        ]

    @contextmanager
    def visits(self, chromium: Browser, **options: Any) -> Iterator[Iterator[tuple[str, Page]]]:
        """Goes from page to page, each opened by its reader."""
        contexts: dict[str, BrowserContext] = {}
        people = {**self.people, "host": self.website.host}

        def pages() -> Iterator[tuple[str, Page]]:
            for picture in self.pictures():
                if picture.reader not in contexts:
                    context = chromium.new_context(
                        base_url=self.website.url, **{"locale": "en-US", **options}
                    )
                    contexts[picture.reader] = context
                    context.new_page()
                    if picture.reader:
                        sign_in(context, self.website.url, people[picture.reader])
                page = contexts[picture.reader].pages[0]
                page.goto(picture.path)
                yield picture.name, page

        try:
            yield pages()
        finally:
            for context in contexts.values():
                context.close()
