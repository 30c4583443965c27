"""Pages of the catalogue and of a competition."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.base import File
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from agon.accounts.http import user_of
from agon.accounts.models import User
from agon.common.markdown import render as render_markdown
from agon.competitions import metrics as metric_pages
from agon.competitions import queries, rules, services
from agon.competitions.errors import CompetitionRefused
from agon.competitions.forms import AcceptRulesForm, CatalogueForm, MetricSearchForm
from agon.competitions.models import Page

PAGE_SIZE = 24
RANKED_SHOWN = 6


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    user = request.user
    mine = queries.competitions_of(user)[:6] if isinstance(user, User) else []
    return render(
        request,
        "competitions/home.html",
        {"competitions": queries.catalogue(sort="popular")[:6], "my_entries": mine},
    )


@require_safe
def catalogue(request: HttpRequest) -> HttpResponse:
    tags = queries.all_tags()
    form = CatalogueForm(request.GET, tags=tags)
    wanted = form.cleaned_data if form.is_valid() else {}
    found = queries.catalogue(
        text=wanted.get("q", ""),
        tag=wanted.get("tag", ""),
        status=wanted.get("status", ""),
        sort=wanted.get("sort", ""),
    )
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"form": form, "page_obj": page, "tags": tags, "filtered": any(wanted.values())}
    partial = request.headers.get("HX-Target") == "results"
    return render(
        request, "competitions/_results.html" if partial else "competitions/list.html", context
    )


@require_safe
def overview(request: HttpRequest, slug: str) -> HttpResponse:
    context = queries.frame(request, slug, "overview")
    competition = context["competition"]
    phase = context["phase"]
    sections = [
        {"name": name.value, "title": name.label, "html": render_markdown(text)}
        for name in (Page.Name.OVERVIEW, Page.Name.EVALUATION)
        if (text := queries.page_text(competition, name))
    ]
    return render(
        request,
        "competitions/overview.html",
        {
            **context,
            "sections": sections,
            "metrics": phase.all_metrics,
            "data_size": sum(file.size for file in competition.data_files.all()),
        },
    )


@require_safe
def data(request: HttpRequest, slug: str) -> HttpResponse:
    context = queries.frame(request, slug, "data")
    competition = context["competition"]
    return render(
        request,
        "competitions/data.html",
        {
            **context,
            "page_html": render_markdown(queries.page_text(competition, Page.Name.DATA)),
            "files": competition.data_files.all(),
            "can_download": rules.can_download_data(request.user, competition),
        },
    )


@require_GET
def download(request: HttpRequest, slug: str, file_id: int) -> HttpResponseBase:
    competition = rules.get_competition_for(request.user, slug)
    data_file = get_object_or_404(competition.data_files, pk=file_id)
    if not rules.can_download_data(request.user, competition):
        return _ask_for_rules(request, slug)
    return attachment(data_file.file.open("rb"), data_file.name)


@require_GET
def sample(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The sample submission: the same door as the data."""
    phase = rules.get_phase_for(request.user, slug)
    competition = phase.competition
    if not phase.sample:
        raise Http404
    if not rules.can_download_data(request.user, competition):
        return _ask_for_rules(request, slug)
    return attachment(phase.sample.open("rb"), phase.sample_name)


def _ask_for_rules(request: HttpRequest, slug: str) -> HttpResponse:
    if not request.user.is_authenticated:
        return redirect(
            f"{reverse('account_login')}?next={reverse('competitions:rules', args=[slug])}"
        )
    messages.info(request, _("Accept the rules first; then you can download the data."))
    return redirect("competitions:rules", slug)


def attachment(stream: File[bytes], name: str) -> FileResponse:
    """A file to keep, never to show: what a host or participant uploaded is not a page of ours."""
    response = FileResponse(stream, as_attachment=True, filename=name)
    response["Cache-Control"] = "private, no-store"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@require_safe
def cover(request: HttpRequest, slug: str) -> HttpResponseBase:
    competition = rules.get_competition_for(request.user, slug)
    if not competition.cover:
        raise Http404
    response = FileResponse(competition.cover.open("rb"))
    response["Cache-Control"] = "private, max-age=86400"
    response["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return response


@require_safe
def rules_page(request: HttpRequest, slug: str) -> HttpResponse:
    return _rules(request, slug, form=None)


@require_http_methods(["POST"])
@login_required
def join(request: HttpRequest, slug: str) -> HttpResponse:
    form = AcceptRulesForm(request.POST)
    if not form.is_valid():
        return _rules(request, slug, form=form)
    competition = rules.get_competition_for(request.user, slug)
    try:
        services.accept_rules(
            user=user_of(request), competition=competition, version=form.cleaned_data["version"]
        )
    except CompetitionRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("competitions:rules", slug)
    messages.success(request, _("You are in. Download the data and make your first submission."))
    return redirect("competitions:data", slug)


def _rules(request: HttpRequest, slug: str, *, form: AcceptRulesForm | None) -> HttpResponse:
    context: dict[str, Any] = queries.frame(request, slug, "rules")
    competition = context["competition"]
    context["page_html"] = render_markdown(queries.page_text(competition, Page.Name.RULES))
    context["acceptance"] = queries.acceptance_of(request.user, competition)
    context["form"] = form or AcceptRulesForm(initial={"version": competition.rules_version})
    return render(request, "competitions/rules.html", context, status=422 if form else 200)


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """The catalogue of the built-in metrics."""
    form = MetricSearchForm(request.GET)
    text = form.cleaned_data["q"] if form.is_valid() else ""
    found = metric_pages.families(text)
    count = sum(len(family.metrics) for family in found)
    partial = request.headers.get("HX-Target") == "results"
    return render(
        request,
        "competitions/_metrics.html" if partial else "competitions/metrics.html",
        {"form": form, "families": found, "count": count},
    )


@require_safe
def metric(request: HttpRequest, name: str) -> HttpResponse:
    page = metric_pages.page_of(name)
    if page is None:
        raise Http404
    return render(
        request,
        "competitions/metric.html",
        {
            "page": page,
            "declaration": render_markdown(f"```yaml\n{page.declaration}```"),
            "competitions": queries.ranked_by(name)[:RANKED_SHOWN],
        },
    )
