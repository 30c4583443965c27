"""The console's section of pages: editing with a preview, and the history of each."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agon.accounts.http import user_of
from agon.common.markdown import render as render_markdown
from agon.competitions.differences import differences
from agon.competitions.errors import ChangeRefused
from agon.competitions.models import Page, PageVersion
from agon.competitions.page_forms import PageForm
from agon.competitions.queries import console, page_text
from agon.competitions.services import pages as services

PAGE = 30


@require_safe
@login_required
def pages(request: HttpRequest, slug: str) -> HttpResponse:
    context = console(request, slug, "pages")
    competition = context["competition"]
    texts = dict(competition.pages.values_list("name", "text"))
    newest = {
        version.name: version
        for version in competition.page_versions.defer("text").order_by("number")
    }
    context["pages"] = [
        {
            "name": name.value,
            "title": name.label,
            "words": len(texts.get(name.value, "").split()),
            "newest": newest.get(name.value),
        }
        for name in Page.Name
    ]
    return render(request, "competitions/pages.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def edit(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    context, page = _page(request, slug, name)
    competition = context["competition"]
    if not context["can_manage"]:
        raise PermissionDenied(_("Judges see everything here and change nothing."))
    form = PageForm(
        request.POST or None,
        name=page,
        initial={
            "text": page_text(competition, page),
            "base": services.newest_number(competition, page),
        },
    )
    if request.method == "POST" and form.is_valid():
        try:
            saved = services.write_page(
                actor=user_of(request), competition=competition, name=page, **form.cleaned_data
            )
        except ChangeRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            _say(request, saved)
            return redirect("competitions:pages", slug)
    text = form["text"].value() or ""
    context |= {"form": form, "preview": render_markdown(text[: services.LONGEST])}
    return render(
        request, "competitions/page_edit.html", context, status=422 if form.errors else 200
    )


def _say(request: HttpRequest, saved: PageVersion | None) -> None:
    if saved is None:
        messages.info(request, _("The text is the same as before; nothing was saved."))
    else:
        messages.success(request, _("The page is saved, and everybody sees it."))


@require_POST
@login_required
def preview(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """What a text will look like; nothing is kept."""
    context, _page_name = _page(request, slug, name)
    if not context["can_manage"]:
        raise PermissionDenied
    text = request.POST.get("text", "")[: services.LONGEST]
    response = render(
        request, "competitions/_page_preview.html", {"preview": render_markdown(text)}
    )
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
@login_required
def history(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    context, page = _page(request, slug, name)
    found = context["competition"].page_versions.filter(name=page).defer("text")
    context["page_obj"] = Paginator(found, PAGE).get_page(request.GET.get("page"))
    return render(request, "competitions/page_history.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def version(request: HttpRequest, slug: str, name: str, number: int) -> HttpResponse:
    """A version beside the one before it; sent, it becomes the page's text again."""
    context, page = _page(request, slug, name)
    competition = context["competition"]
    versions = competition.page_versions.filter(name=page)
    found = get_object_or_404(versions, number=number)
    newest = services.newest_number(competition, page)
    if request.method == "POST":
        try:
            saved = services.restore_page(
                actor=user_of(request), competition=competition, version=found, base=newest
            )
        except ChangeRefused as refusal:
            messages.error(request, str(refusal))
        else:
            _say(request, saved)
        return redirect("competitions:page-history", slug, page.value)
    before = versions.filter(number__lt=number).first()
    context |= {
        "version": found,
        "before": before,
        "is_newest": number == newest,
        "lines": differences(before.text if before else "", found.text),
        "preview": render_markdown(found.text),
    }
    return render(request, "competitions/page_version.html", context)


def _page(request: HttpRequest, slug: str, name: str) -> tuple[dict[str, Any], Page.Name]:
    context = console(request, slug, "pages")
    if name not in Page.Name.values:
        raise Http404
    page = Page.Name(name)
    return {**context, "page_name": page.value, "page_title": page.label}, page
