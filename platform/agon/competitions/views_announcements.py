"""What hosts announced, for everybody who sees the competition."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from agon.accounts.models import User
from agon.common.markdown import render as render_markdown
from agon.competitions import queries, rules
from agon.competitions.services import announcing

PAGE = 20
MOST_REMEMBERED = 50


@require_safe
def announcements(request: HttpRequest, slug: str) -> HttpResponse:
    context = queries.frame(request, slug, "announcements")
    found = context["competition"].announcements.readable()
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    shown = [(one, render_markdown(one.text)) for one in page]
    return render(
        request, "competitions/announcements.html", context | {"page_obj": page, "shown": shown}
    )


@require_POST
def dismiss(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Close a banner: for good with an account, for this visit without one."""
    competition = rules.get_competition_for(request.user, slug)
    found = get_object_or_404(competition.announcements.readable(), pk=pk)
    if isinstance(request.user, User):
        announcing.dismiss(user=request.user, announcement=found)
    else:
        known = request.session.get(queries.DISMISSED, [])
        request.session[queries.DISMISSED] = [*known, found.pk][-MOST_REMEMBERED:]
    target = request.POST.get("next", "")
    here = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return redirect(target if here else competition.get_absolute_url())
