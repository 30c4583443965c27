"""The console's section of announcements."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from agon.accounts.http import user_of
from agon.competitions.audience import participants_of
from agon.competitions.errors import ChangeRefused
from agon.competitions.queries import console
from agon.competitions.services import announcing
from agon.hosting.announcement_forms import AnnouncementForm

PAGE = 20

ways = require_http_methods(["GET", "HEAD", "POST"])


@ways
@login_required
def announcements(request: HttpRequest, slug: str) -> HttpResponse:
    context = console(request, slug, "announcements")
    competition = context["competition"]
    form = AnnouncementForm(request.POST or None)
    if request.method == "POST":
        if not context["can_manage"]:
            raise PermissionDenied(_("Judges see everything here and change nothing."))
        if form.is_valid():
            made = announcing.announce(
                actor=user_of(request),
                competition=competition,
                title=form.cleaned_data["title"],
                text=form.cleaned_data["text"],
                has_banner=form.has_banner,
                shown_until=form.shown_until,
            )
            told = ngettext(
                "It is announced, and %(count)d person is told.",
                "It is announced, and %(count)d people are told.",
                made.told,
            )
            messages.success(request, told % {"count": made.told})
            return redirect("hosting:announcements", slug)
    found = competition.announcements.all()
    context |= {
        "form": form,
        "page_obj": Paginator(found, PAGE).get_page(request.GET.get("page")),
        "participants": len(participants_of(competition)),
    }
    return render(
        request, "hosting/announcements.html", context, status=422 if form.errors else 200
    )


@ways
@login_required
def withdraw(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    context = console(request, slug, "announcements")
    if not context["can_manage"]:
        raise PermissionDenied(_("Judges see everything here and change nothing."))
    found = get_object_or_404(context["competition"].announcements, pk=pk)
    if request.method == "POST":
        try:
            announcing.withdraw(actor=user_of(request), announcement=found)
        except ChangeRefused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("The announcement is taken back."))
        return redirect("hosting:announcements", slug)
    return render(request, "hosting/announcement_withdraw.html", context | {"announcement": found})
