"""The hosts' page about the end of a phase: what is open, the ranking, publishing it, grades."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from agon.accounts.http import user_of
from agon.competitions.queries import console as console_frame
from agon.leaderboards.models import FinalStanding
from agon.submissions import closing as queries
from agon.submissions.closing_forms import PublishForm, VerifyForm
from agon.submissions.errors import RulingRefused
from agon.submissions.services import closing as services
from agon.teams.models import Team

PAGE_SIZE = 100


def _frame(request: HttpRequest, slug: str, *, manages: bool) -> dict[str, Any]:
    context = console_frame(request, slug, "results")
    if manages and not context["can_manage"]:
        raise PermissionDenied(_("Judges see everything here and change nothing."))
    return context


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def closing(request: HttpRequest, slug: str) -> HttpResponse:
    """The ranking as it would be published, and the button that does it."""
    context = _frame(request, slug, manages=request.method == "POST")
    phase = context["phase"]
    form = PublishForm(request.POST if request.method == "POST" else None, phase=phase)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.publish_results(
                actor=user_of(request),
                phase=phase,
                reason=form.cleaned_data.get("reason", ""),
                leaves_out_pending=form.cleaned_data["leaves_out_pending"],
            )
        except RulingRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(
                request, _("The results are published: %(count)d teams.") % {"count": len(made)}
            )
            return redirect(f"{request.path}{context['phase_query']}")
    places = queries.places_of(phase)
    page = Paginator(places, PAGE_SIZE).get_page(request.GET.get("page"))
    teams = Team.objects.in_bulk([place.team_id for place in page.object_list])
    kept = {one.team_id: one for one in FinalStanding.objects.filter(phase=phase)}
    context |= {
        "form": form,
        "state": queries.state_of(phase, places),
        "page_obj": page,
        "rows": [
            (place, teams[place.team_id], kept.get(place.team_id)) for place in page.object_list
        ],
    }
    failed = request.method == "POST"
    return render(request, "submissions/closing.html", context, status=422 if failed else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def verify(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Say that a team's work was looked at, or take that back."""
    context = _frame(request, slug, manages=True)
    standing = get_object_or_404(
        FinalStanding.objects.select_related("team", "phase__competition"),
        pk=pk,
        phase__competition=context["competition"],
    )
    number = [phase.pk for phase in context["phases"]].index(standing.phase_id) + 1
    query = f"?phase={number}" if len(context["phases"]) > 1 else ""
    back = f"{reverse('submissions:closing', args=[slug])}{query}"
    form = VerifyForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        how = form.cleaned_data["how"]
        try:
            if standing.verified_at is None:
                services.verify(actor=user_of(request), standing=standing, how=how)
                messages.success(request, _("%(team)s is verified.") % {"team": standing.team})
            else:
                services.take_verification_back(
                    actor=user_of(request), standing=standing, reason=how
                )
                messages.success(request, _("The verification is taken back."))
        except RulingRefused as refusal:
            messages.error(request, str(refusal))
        return redirect(back)
    failed = request.method == "POST"
    context |= {"form": form, "standing": standing, "back": back}
    return render(request, "submissions/verify.html", context, status=422 if failed else 200)


@require_GET
@login_required
def grades(request: HttpRequest, slug: str) -> HttpResponse:
    """One line a person, for a gradebook."""
    context = _frame(request, slug, manages=False)
    content = queries.grades_as_csv(context["phase"])
    response = HttpResponse(content, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{slug}-grades.csv"'
    response["Cache-Control"] = "private, no-store"
    return response
