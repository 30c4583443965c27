"""Pages of the catalogue and of a competition."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.files.base import File
from django.core.paginator import Paginator
from django.db.models.fields.files import FieldFile
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotModified,
    JsonResponse,
)
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag, url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import (
    require_GET,
    require_http_methods,
    require_POST,
    require_safe,
)

from agon.accounts.http import user_of
from agon.accounts.models import User
from agon.common.markdown import render as render_markdown
from agon.competitions import metadata, queries, rules, services
from agon.competitions import metrics as metric_pages
from agon.competitions.access_forms import QuestionsForm
from agon.competitions.access_queries import newest_request
from agon.competitions.errors import CompetitionRefused, PreparationRefused
from agon.competitions.forms import AcceptRulesForm, CatalogueForm, MetricSearchForm
from agon.competitions.models import Page, Picture, Preparation

PAGE_SIZE = 24
RANKED_SHOWN = 6
DAY = 24 * 3600


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
    context = {
        "form": form,
        "page_obj": page,
        "tags": tags,
        "filtered": any(wanted.values()),
        "may_host": rules.can_host(request.user),
    }
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
        for name in (Page.Name.OVERVIEW, Page.Name.EVALUATION, Page.Name.PRIZES, Page.Name.FAQ)
        if (text := queries.page_text(competition, name))
    ]
    return render(
        request,
        "competitions/overview.html",
        {
            **context,
            "sections": sections,
            "pictures": queries.pictures_of(competition, Picture.Place.OVERVIEW),
            "metrics": phase.all_metrics,
            "data_size": sum(file.size for file in competition.data_files.all()),
        },
    )


@require_safe
def data(request: HttpRequest, slug: str) -> HttpResponse:
    context = queries.frame(request, slug, "data")
    competition = context["competition"]
    files = list(competition.data_files.all())
    return render(
        request,
        "competitions/data.html",
        {
            **context,
            "page_html": render_markdown(queries.page_text(competition, Page.Name.DATA)),
            "files": files,
            "linked_data": metadata.dataset(competition, files) if files else None,
            "pictures": queries.pictures_of(competition, Picture.Place.DATA),
            "can_download": rules.can_download_data(request.user, competition),
        },
    )


@require_safe
def croissant(request: HttpRequest, slug: str) -> HttpResponse:
    """What the data page says of the files, for programs; as public as that page."""
    phase = rules.get_phase_for(request.user, slug)
    files = list(phase.competition.data_files.all())
    if not files:
        raise Http404
    document = metadata.croissant(phase.competition, files, id_column=phase.layout_spec.id_column)
    response = JsonResponse(document, content_type="application/ld+json")
    response["Cache-Control"] = "private, no-cache"
    return response


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
    phase = rules.get_phase_for(request.user, slug, number=queries.phase_number(request))
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
    return _shown(competition.cover, seconds=DAY)


@require_safe
def picture(request: HttpRequest, slug: str, pk: int) -> HttpResponseBase:
    competition = rules.get_competition_for(request.user, slug)
    return _shown(get_object_or_404(competition.pictures, pk=pk).file, seconds=365 * DAY)


def _shown(file: FieldFile, *, seconds: int) -> FileResponse:
    """A host's picture, which the browser keeps; its address changes with it."""
    response = FileResponse(file.open("rb"))
    response["Cache-Control"] = f"private, max-age={seconds}"
    response["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return response


@require_GET
def preparation(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The notice on each page of a competition whose data is not there; 304 while it is the same."""
    context = queries.frame(request, slug, "")
    if context["preparation"] is None:
        raise Http404
    context["notice"] = context["notice"] or "over"
    return _live(request, "competitions/_preparation.html", context, [context["preparation"]])


@require_GET
@login_required
def preparations(request: HttpRequest) -> HttpResponseBase:
    """The part of the operations page about competitions; polled like the notice above."""
    if not request.user.is_staff:
        raise PermissionDenied
    found = queries.preparations()
    return _live(request, "competitions/_preparations.html", {"preparations": found}, found)


def _live(
    request: HttpRequest,
    template: str,
    context: dict[str, Any],
    shown: Sequence[Preparation],
) -> HttpResponseBase:
    parts = [one.version for one in shown]
    content = "-".join(
        [*parts, str(request.user.pk), str(context.get("can_manage")), get_language()]
    )
    etag = quote_etag(hashlib.sha256(content.encode()).hexdigest()[:32])
    unchanged = get_conditional_response(request, etag=etag)
    if isinstance(unchanged, HttpResponseNotModified):
        return unchanged
    response = render(request, template, context)
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    return response


@require_POST
@login_required
def prepare(request: HttpRequest, slug: str) -> HttpResponse:
    """Start a failed preparation again."""
    competition = rules.get_competition_for(request.user, slug)
    if not rules.can_manage(request.user, competition):
        raise PermissionDenied
    try:
        services.request_preparation(competition=competition)
    except PreparationRefused as refusal:
        messages.info(request, str(refusal))
    else:
        messages.success(request, _("It is being prepared again. This page shows how far it is."))
    target = request.POST.get("next", "")
    here = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return redirect(target if here else competition.get_absolute_url())


@require_safe
def rules_page(request: HttpRequest, slug: str) -> HttpResponse:
    return rules_with(request, slug)


@require_http_methods(["POST"])
@login_required
def join(request: HttpRequest, slug: str) -> HttpResponse:
    form = AcceptRulesForm(request.POST)
    if not form.is_valid():
        return rules_with(request, slug, form=form)
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


def rules_with(
    request: HttpRequest,
    slug: str,
    *,
    form: AcceptRulesForm | None = None,
    questions: QuestionsForm | None = None,
) -> HttpResponse:
    """The page of the rules, with what somebody sent who cannot go on like that."""
    context: dict[str, Any] = queries.frame(request, slug, "rules")
    competition = context["competition"]
    user = request.user
    context |= {
        "page_html": render_markdown(queries.page_text(competition, Page.Name.RULES)),
        "acceptance": queries.acceptance_of(user, competition),
        "form": form or AcceptRulesForm(initial={"version": competition.rules_version}),
        "can_join": rules.can_join(user, competition),
        "is_banned": rules.is_banned(user, competition),
    }
    if rules.can_ask_to_join(user, competition):
        context["questions"] = questions or QuestionsForm(competition)
        context["join_request"] = newest_request(user.pk, competition)
    status = 422 if form or questions else 200
    return render(request, "competitions/rules.html", context, status=status)


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
