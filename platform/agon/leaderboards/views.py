"""The leaderboard's page, its live part and its export."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django.http import (
    Http404,
    HttpRequest,
    HttpResponseBase,
    HttpResponseNotModified,
    StreamingHttpResponse,
)
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import quote_etag
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from agon.common.spreadsheets import safe_cell
from agon.competitions.queries import frame
from agon.leaderboards import queries, rules
from agon.leaderboards.cursors import BadCursor, Cursor
from agon.leaderboards.models import Board
from agon.leaderboards.queries import Place
from scoring.contract import Split

REFRESH_SECONDS = 5
STALE_SECONDS = 60
"""A team's new name or a new member does not change the board's version; it shows after this time."""


@require_safe
def board(request: HttpRequest, slug: str) -> HttpResponseBase:
    return _board(request, slug, "leaderboards/board.html")


@require_safe
def rows(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The part of the page that changes; polled, and 304 for as long as it has not."""
    return _board(request, slug, "leaderboards/_rows.html")


def _board(request: HttpRequest, slug: str, template: str) -> HttpResponseBase:
    context = frame(request, slug, "leaderboard")
    splits = rules.visible_splits(request.user, context["phase"])
    split = _wanted_split(request, splits)
    kept = queries.board_of(context["phase"], split)
    etag = _etag(request, kept, split, context)
    partial = template.endswith("_rows.html")
    if partial:
        unchanged = get_conditional_response(request, etag=etag)
        if isinstance(unchanged, HttpResponseNotModified):
            return unchanged
    context |= _page_context(request, slug, kept, split)
    context["splits"] = splits
    context["can_see_private"] = Split.PRIVATE in splits
    response = render(request, template, context)
    if partial:
        response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    patch_vary_headers(response, ["Cookie"])
    return response


def _wanted_split(request: HttpRequest, splits: list[Split]) -> Split:
    """The split of the address; one that the reader may not see shows the public board instead."""
    wanted = request.GET.get("split", "")
    return next((split for split in splits if split.value == wanted), Split.PUBLIC)


def _etag(request: HttpRequest, kept: Board | None, split: Split, context: dict[str, Any]) -> str:
    parts = (
        split.value,
        kept.pk if kept else 0,
        kept.version if kept else 0,
        request.user.pk,
        context["phase"].status,
        context["competition"].updated_at.timestamp(),
        get_language(),
        timezone.get_current_timezone_name(),
        request.GET.urlencode(),
        int(timezone.now().timestamp()) // STALE_SECONDS,
    )
    content = "-".join(str(part) for part in parts)
    return quote_etag(hashlib.sha256(content.encode()).hexdigest()[:32])


def _place(request: HttpRequest) -> Place:
    """The page that the address asks for; nonsense is the first page."""
    asked = request.GET
    try:
        if "after" in asked:
            return Place(after=Cursor.decode(asked["after"]))
        if "before" in asked:
            return Place(before=Cursor.decode(asked["before"]))
        if "rank" in asked:
            return Place(rank=min(max(int(asked["rank"]), 1), 10**9))
    except (BadCursor, ValueError):
        return Place()
    return Place(last="last" in asked)


def _page_context(
    request: HttpRequest, slug: str, kept: Board | None, split: Split
) -> dict[str, Any]:
    address = reverse("leaderboards:board", args=[slug])
    live = reverse("leaderboards:rows", args=[slug])
    asked = request.GET.get("phase", "")

    def url(**query: str) -> str:
        chosen = {"split": split.value} if split is not Split.PUBLIC else {}
        chosen |= {"phase": asked} if asked else {}
        return f"{address}?{urlencode({**chosen, **query})}" if chosen or query else address

    page = queries.page(kept, place=_place(request), user_id=request.user.pk) if kept else None
    export = reverse("leaderboards:export", args=[slug])
    return {
        "split": split,
        "chart": page.chart if page else None,
        "rows": page.rows if page else [],
        "my_row": page.my_row if page else None,
        "ties": page.ties if page else [],
        "has_intervals": page is not None and page.has_intervals,
        "teams": page.teams if page else 0,
        "updated_at": kept.updated_at if kept else None,
        "first_url": url() if page and page.previous else "",
        "previous_url": url(before=page.previous.encode()) if page and page.previous else "",
        "next_url": url(after=page.next.encode()) if page and page.next else "",
        "last_url": url(last="1") if page and page.next else "",
        "rows_url": f"{live}?{request.GET.urlencode()}" if request.GET else live,
        "export_url": f"{export}?{urlencode({'split': split.value, **({'phase': asked} if asked else {})})}",
        "asked_phase": asked,
        "refresh_seconds": REFRESH_SECONDS,
    }


class _Echo:
    """What csv.writer writes to: gives each line back at once."""

    def write(self, line: str) -> str:
        return line


@require_safe
def export(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The whole board as CSV, streamed."""
    context = frame(request, slug, "leaderboard")
    splits = rules.visible_splits(request.user, context["phase"])
    kept = queries.board_of(context["phase"], _wanted_split(request, splits))
    if request.GET.get("split") == Split.PRIVATE.value and Split.PRIVATE not in splits:
        raise Http404
    response = StreamingHttpResponse(_lines(kept), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{slug}-leaderboard.csv"'
    response["Cache-Control"] = "private, no-cache"
    return response


def _lines(kept: Board | None) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield writer.writerow(
        ["rank", "team", "score", "low", "high", "submissions", "reached_at", "baseline"]
    )
    if kept is None:
        return
    for row in queries.all_rows(kept):
        yield writer.writerow(
            [
                row.rank or "",
                safe_cell(row.team),
                row.score,
                *(row.interval or ("", "")),
                row.submission_count,
                row.reached_at.isoformat(),
                "yes" if row.is_host_baseline else "",
            ]
        )
