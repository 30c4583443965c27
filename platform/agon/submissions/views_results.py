"""The published results of a competition, and the certificates of those who took part."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_safe

from agon.accounts.http import user_of
from agon.accounts.models import User
from agon.competitions.models import Phase, Visibility
from agon.competitions.queries import frame
from agon.leaderboards.certificates import Certificate, read_token, token_of
from agon.leaderboards.models import FinalStanding, Medal
from agon.leaderboards.shakeup import shake_up
from agon.submissions.closing import results_of
from agon.teams.models import Membership
from agon.teams.queries import team_of

PAGE_SIZE = 100


@require_safe
def results(request: HttpRequest, slug: str) -> HttpResponse:
    """Where everybody ended, once the hosts have published it."""
    context = frame(request, slug, "leaderboard")
    phase: Phase = context["phase"]
    standings = results_of(phase)
    mine = team_of(request.user.pk, context["competition"])
    page = Paginator(standings, PAGE_SIZE).get_page(request.GET.get("page"))
    members: dict[int, list[User]] = {}
    for one in (
        Membership.objects.filter(team__in=[standing.team_id for standing in page.object_list])
        .select_related("user")
        .order_by("joined_at", "pk")
    ):
        members.setdefault(one.team_id, []).append(one.user)
    context |= {
        "page_obj": page,
        "rows": [(standing, members.get(standing.team_id, [])) for standing in page.object_list],
        "teams": len(standings),
        "mine": next((one for one in standings if mine and one.team_id == mine.pk), None),
        "shake_up": shake_up(standings, my_team=mine.pk if mine else None),
        "published_at": phase.results_published_at,
        "medals": list(Medal),
    }
    return render(request, "submissions/results.html", context)


@require_GET
@login_required
def certificate(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """A member's own, as PDF."""
    context = frame(request, slug, "leaderboard")
    user = user_of(request)
    standing = get_object_or_404(
        FinalStanding.objects.select_related("team", "phase"),
        pk=pk,
        phase__competition=context["competition"],
        team__memberships__user=user,
    )
    if not context["competition"].gives_certificates or standing.team.disqualified_at:
        raise Http404
    address = reverse("submissions:genuine", args=[token_of(standing.pk, user.pk)])
    made = _certificate(standing, user, address=request.build_absolute_uri(address))
    response = HttpResponse(made.as_pdf(), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{slug}-certificate.pdf"'
    response["Cache-Control"] = "private, no-store"
    return response


def _certificate(standing: FinalStanding, user: User, *, address: str) -> Certificate:
    competition, phase = standing.phase.competition, standing.phase
    person = user.display_name or user.username
    if phase.results_published_at is None:
        raise Http404
    return Certificate(
        competition=competition.title,
        person=person,
        team="" if standing.team.name == person else standing.team.name,
        rank=standing.rank,
        teams=FinalStanding.objects.filter(phase=phase).count(),
        medal=_("%(medal)s medal") % {"medal": Medal(standing.medal).label}
        if standing.medal
        else "",
        published_at=phase.results_published_at,
        host=str(competition.host),
        address=address,
    )


@require_safe
def genuine(request: HttpRequest, token: str) -> HttpResponse:
    """Whoever has a certificate sees here whether this site made it, and what it says.

    Of a private competition it says the same, to those who hold the certificate's own address.
    """
    known = read_token(token)
    standing = None
    if known is not None:
        standing = (
            FinalStanding.objects.filter(pk=known[0], team__memberships__user=known[1])
            .select_related("team", "phase__competition__host")
            .first()
        )
    context: dict[str, Any] = {"certificate": None}
    if standing is not None and known is not None and standing.team.disqualified_at is None:
        person = get_object_or_404(User, pk=known[1])
        shown = _certificate(standing, person, address=request.build_absolute_uri())
        context = {
            "certificate": shown,
            "competition": standing.phase.competition,
            "is_listed": standing.phase.competition.visibility != Visibility.PRIVATE,
        }
    response = render(request, "submissions/genuine.html", context, status=200 if standing else 404)
    response["X-Robots-Tag"] = "noindex"
    return response
