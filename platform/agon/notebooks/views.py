"""The Code tab of a competition: its notebooks, one of them, and publishing."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from agon.accounts.http import user_of
from agon.competitions.queries import frame
from agon.competitions.views import attachment
from agon.notebooks import queries, rules, services
from agon.notebooks.errors import NotebookRefused
from agon.notebooks.forms import HideForm, NotebookForm
from agon.notebooks.models import Notebook

PAGE_SIZE = 20
YEAR = 365 * 24 * 3600


@require_safe
def catalogue(request: HttpRequest, slug: str) -> HttpResponse:
    context = frame(request, slug, "code")
    phase = context["phase"]
    sort = request.GET.get("sort", "")
    sort = sort if sort in queries.SORTS else queries.SORTS[0]
    found = queries.listed(request.user, phase, sort=sort)
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    context |= {
        "page_obj": page,
        "rows": [(one, queries.score_of(one, request.user, phase)) for one in page],
        "sort": sort,
        "split": queries.shown_split(request.user, phase),
        "may_publish": rules.may_publish(request.user, context["competition"]),
    }
    return render(request, "notebooks/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def publish(request: HttpRequest, slug: str) -> HttpResponse:
    context = frame(request, slug, "code")
    competition, user = context["competition"], user_of(request)
    try:
        rules.check_may_publish(user, competition)
    except NotebookRefused as refusal:
        messages.info(request, refusal.message)
        return redirect("competitions:rules", slug)
    form = NotebookForm(
        request.POST or None, request.FILES or None, user=user, competition=competition
    )
    if request.method == "POST" and form.is_valid():
        try:
            notebook = services.publish(
                user=user,
                competition=competition,
                upload=form.cleaned_data["file"],
                about=form.about,
            )
        except NotebookRefused as refusal:
            form.add_error(_field_of(refusal), refusal.message)
        else:
            messages.success(request, _("The notebook is published."))
            return redirect(notebook)
    status = 422 if form.is_bound else 200
    return render(request, "notebooks/publish.html", context | {"form": form}, status=status)


def _field_of(refusal: NotebookRefused) -> str | None:
    if refusal.code == "wrong_submission":
        return "submission"
    return None if refusal.code in {"too_many", "signed_out", "not_joined"} else "file"


@require_safe
def detail(request: HttpRequest, slug: str, name: str, number: int | None = None) -> HttpResponse:
    context, notebook = _found(request, slug, name)
    version = rules.get_version_of(notebook, number)
    context |= {
        "version": version,
        "versions": notebook.versions.all(),
        "rendered": queries.rendered(version),
        "score": queries.score_of(notebook, request.user, context["phase"]),
        "split": queries.shown_split(request.user, context["phase"]),
        "can_change": rules.can_change(request.user, notebook),
        "site_url": f"{request.scheme}://{request.get_host()}",
    }
    return render(request, "notebooks/detail.html", context)


def _found(request: HttpRequest, slug: str, name: str) -> tuple[dict[str, Any], Notebook]:
    context = frame(request, slug, "code")
    notebook = rules.get_notebook_for(request.user, context["competition"], name)
    return context | {"notebook": notebook}, notebook


@require_GET
def download(request: HttpRequest, slug: str, name: str, number: int) -> HttpResponseBase:
    _context, notebook = _found(request, slug, name)
    version = rules.get_version_of(notebook, number)
    return attachment(version.file.open("rb"), f"{notebook.slug}.ipynb")


@require_GET
def picture(
    request: HttpRequest, slug: str, name: str, number: int, index: int
) -> HttpResponseBase:
    """A picture of a notebook, for `<img>` alone: opened by itself it is a file to keep.

    What is in it came from anybody, so it is never a page of this site, whatever a browser makes of it.
    """
    _context, notebook = _found(request, slug, name)
    pictures = queries.rendered(rules.get_version_of(notebook, number)).pictures
    if index >= len(pictures):
        raise Http404
    shown = pictures[index]
    response = HttpResponse(shown.content, content_type=shown.media_type)
    ending = shown.media_type.partition("/")[2].partition("+")[0]
    response["Content-Disposition"] = f'attachment; filename="{notebook.slug}-{index}.{ending}"'
    response["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = f"private, max-age={YEAR}, immutable"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def edit(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    context, notebook = _changeable(request, slug, name)
    user = user_of(request)
    form = NotebookForm(
        request.POST or None,
        request.FILES or None,
        user=user,
        competition=notebook.competition,
        notebook=notebook,
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.revise(
                user=user, notebook=notebook, about=form.about, upload=form.cleaned_data["file"]
            )
        except NotebookRefused as refusal:
            form.add_error(_field_of(refusal), refusal.message)
        else:
            messages.success(request, _("The changes are kept."))
            return redirect(notebook)
    status = 422 if form.is_bound else 200
    return render(request, "notebooks/publish.html", context | {"form": form}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def delete(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    context, notebook = _changeable(request, slug, name)
    if request.method != "POST":
        context["versions"] = notebook.versions.count()
        return render(request, "notebooks/delete.html", context)
    services.delete(notebook=notebook)
    messages.success(request, _("The notebook is deleted."))
    return redirect(reverse("notebooks:list", args=[slug]))


def _changeable(request: HttpRequest, slug: str, name: str) -> tuple[dict[str, Any], Notebook]:
    context, notebook = _found(request, slug, name)
    if not rules.can_change(request.user, notebook):
        raise PermissionDenied
    return context, notebook


@require_http_methods(["POST"])
@login_required
def pin(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    context, notebook = _found(request, slug, name)
    if not context["can_manage"]:
        raise PermissionDenied
    services.pin(notebook=notebook, pinned=request.POST.get("pinned") == "yes")
    return redirect(notebook)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def hide(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """Hosts hide a notebook with a reason, and show it again."""
    context, notebook = _found(request, slug, name)
    if not context["can_manage"]:
        raise PermissionDenied
    if request.method == "POST" and notebook.is_hidden:
        services.show(notebook=notebook)
        return redirect(notebook)
    form = HideForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.hide(notebook=notebook, reason=form.cleaned_data["reason"])
        messages.success(request, _("The notebook is hidden; its author sees why."))
        return redirect(notebook)
    status = 422 if form.is_bound else 200
    return render(request, "notebooks/hide.html", context | {"form": form}, status=status)
