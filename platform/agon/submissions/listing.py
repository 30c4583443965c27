"""The hosts' list of submissions: what it holds, in pages that cost the same however long it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from agon.competitions.models import Phase
from agon.submissions.models import Kind, State, Submission

PAGE_SIZE = 50
LARGEST_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of the list is wanted, as the page's address says it; what makes no sense is left out.

    Attributes:
        phase: Which phase, from 1; all of them where there is none.
        after: The submission below which a page begins.
        before: The submission above which it ends; one of the two at most.
    """

    text: str = ""
    state: str = ""
    kind: str = ""
    team: int | None = None
    phase: int | None = None
    only: str = ""
    after: int | None = None
    before: int | None = None

    @classmethod
    def of(cls, given: Any) -> Wanted:
        def number(name: str) -> int | None:
            text = given.get(name, "")
            found = int(text) if text.isascii() and text.isdecimal() and len(text) < 20 else None
            return found if found is not None and found <= LARGEST_ID else None

        def one_of(name: str, known: list[str]) -> str:
            return given.get(name) if given.get(name) in known else ""

        return cls(
            text=given.get("q", "").replace("\0", "").strip()[:100],
            state=one_of("state", State.values),
            kind=one_of("kind", Kind.values),
            team=number("team"),
            phase=number("phase"),
            only=one_of("only", ["disqualified", "uncounted", "chosen", "late"]),
            after=number("after"),
            before=number("before"),
        )

    @property
    def is_filtered(self) -> bool:
        return bool(self.text or self.state or self.kind or self.team or self.phase or self.only)


@dataclass(frozen=True, slots=True)
class Page:
    """A stretch of the list.

    Attributes:
        previous: Where the page before it ends; None on the first page.
        next: Where the page after it begins; None on the last page.
    """

    submissions: list[Submission]
    previous: int | None
    next: int | None


def submissions_for_hosts(phases: Sequence[Phase], wanted: Wanted) -> QuerySet[Submission]:
    """All submissions to some phases that match, the newest first."""
    found = Submission.objects.filter(phase__in=[phase.pk for phase in phases])
    if wanted.state:
        found = found.filter(state=wanted.state)
    if wanted.kind:
        found = found.filter(kind=wanted.kind)
    if wanted.team is not None:
        found = found.filter(team=wanted.team)
    if wanted.only == "disqualified":
        found = found.filter(
            Q(disqualified_at__isnull=False) | Q(team__disqualified_at__isnull=False)
        )
    if wanted.only == "uncounted":
        found = found.filter(counted=False)
    if wanted.only == "chosen":
        found = found.filter(is_chosen=True)
    if wanted.only == "late":
        found = found.filter(is_late=True)
    for word in wanted.text.split()[:8]:
        found = found.filter(_matches(word))
    return found.select_related("team", "submitted_by", "phase").order_by("-created_at", "-id")


def _matches(word: str) -> Q:
    number = word.removeprefix("#")
    if number.isascii() and number.isdecimal() and len(number) < 10:
        return Q(number=int(number)) | Q(team__name__icontains=word)
    return (
        Q(team__name__icontains=word)
        | Q(submitted_by__username__icontains=word)
        | Q(file_name__icontains=word)
        | Q(note__icontains=word)
        | Q(sha256__startswith=word.lower())
    )


def page_of(found: QuerySet[Submission], wanted: Wanted) -> Page:
    """One page by keyset: it costs the same at the end of a long list as at its beginning."""
    if wanted.before is not None and (place := _place(wanted.before)):
        created_at, pk = place
        newer = found.filter(Q(created_at__gt=created_at) | Q(created_at=created_at, pk__gt=pk))
        rows = list(newer.order_by("created_at", "id")[: PAGE_SIZE + 1])
        shown = rows[:PAGE_SIZE][::-1]
        return Page(
            shown,
            previous=shown[0].pk if len(rows) > PAGE_SIZE else None,
            next=shown[-1].pk if shown else None,
        )
    place = _place(wanted.after) if wanted.after is not None else None
    if place:
        created_at, pk = place
        found = found.filter(Q(created_at__lt=created_at) | Q(created_at=created_at, pk__lt=pk))
    rows = list(found[: PAGE_SIZE + 1])
    shown = rows[:PAGE_SIZE]
    return Page(
        shown,
        previous=shown[0].pk if place and shown else None,
        next=shown[-1].pk if len(rows) > PAGE_SIZE else None,
    )


def _place(pk: int) -> tuple[Any, int] | None:
    found = Submission.objects.filter(pk=pk).values_list("created_at", "pk").first()
    return found and (found[0], found[1])
