"""The console's first page, and the log of a competition."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from agon.common.spreadsheets import safe_cell
from agon.competitions.models import HostAction
from agon.competitions.queries import console
from agon.hosting import queries
from agon.hosting.activity import activity_of
from agon.hosting.forms import LogForm
from agon.leaderboards.aside import aside_of
from agon.leaderboards.queries import board_of
from scoring.contract import Split

PAGE = 30
REFRESH_SECONDS = 10
LATELY = 5


@require_safe
@login_required
def overview(request: HttpRequest, slug: str) -> HttpResponse:
    context = console(request, slug, "overview")
    board = board_of(context["phase"], Split.PUBLIC)
    context |= _machinery(context) | {
        "activity": activity_of(context["competition"]),
        "chart": aside_of(board).chart if board else None,
        "actions": context["competition"].host_actions.all()[:LATELY],
        "refresh_seconds": REFRESH_SECONDS,
    }
    return render(request, "hosting/overview.html", context)


@require_safe
@login_required
def figures(request: HttpRequest, slug: str) -> HttpResponse:
    """The numbers and the state of the queue alone, for the page that watches them."""
    context = console(request, slug, "overview")
    response = render(request, "hosting/_figures.html", context | _machinery(context))
    response["Cache-Control"] = "private, no-store"
    return response


def _machinery(context: dict[str, Any]) -> dict[str, Any]:
    return {
        "figures": queries.figures_of(context["competition"]),
        "machinery": queries.machinery_of(context["phase"]),
    }


@require_safe
@login_required
def log(request: HttpRequest, slug: str) -> HttpResponse:
    context = console(request, slug, "log")
    form, wanted = _wanted(request, context)
    page = Paginator(queries.log_of(context["competition"], wanted), PAGE).get_page(
        request.GET.get("page")
    )
    kept = request.GET.copy()
    kept.pop("page", None)
    context |= {
        "form": form,
        "page_obj": page,
        "lines": [(action, queries.changes_of(action)) for action in page],
        "filtered": any(wanted.values()),
        "query": kept.urlencode(),
    }
    partial = request.headers.get("HX-Target") == "results"
    return render(request, "hosting/_log.html" if partial else "hosting/log.html", context)


@require_safe
@login_required
def export_log(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The lines that match the filters, all of them and the oldest first, as CSV."""
    context = console(request, slug, "log")
    _form, wanted = _wanted(request, context)
    found = queries.log_of(context["competition"], wanted).order_by("at", "id")
    response = StreamingHttpResponse(_lines(found), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{slug}-log.csv"'
    response["Cache-Control"] = "private, no-store"
    return response


def _lines(found: QuerySet[HostAction]) -> Iterator[str]:
    header = ["at", "who", "user", "what", "to_what", "reason", "before", "after"]
    yield _line(header)
    for action in found.iterator(chunk_size=500):
        yield _line(_row(action))


def _line(cells: list[str]) -> str:
    written = io.StringIO()
    csv.writer(written).writerow(cells)
    return written.getvalue()


def _row(action: HostAction) -> list[str]:
    cells = [
        action.at.isoformat(),
        action.actor_name,
        action.actor.username if action.actor else "",
        action.verb,
        action.subject,
        action.reason,
        json.dumps(action.before, ensure_ascii=False),
        json.dumps(action.after, ensure_ascii=False),
    ]
    return [safe_cell(cell) for cell in cells]


def _wanted(request: HttpRequest, context: dict[str, Any]) -> tuple[LogForm, dict[str, Any]]:
    form = LogForm(request.GET, verbs=queries.verbs_done(context["competition"]))
    form.is_valid()  # what is not a date filters nothing
    return form, form.cleaned_data
