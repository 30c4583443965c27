"""Asking another team to become one, and answering."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from agon.accounts.http import user_of
from agon.competitions.models import Competition
from agon.competitions.queries import frame
from agon.competitions.rules import get_competition_for
from agon.submissions.services import merging
from agon.teams import queries, rules
from agon.teams.errors import TeamRefused
from agon.teams.models import MergeRequest, Team


@require_POST
@login_required
def ask(request: HttpRequest, slug: str) -> HttpResponse:
    competition = get_competition_for(request.user, slug)
    user = user_of(request)
    mine = queries.team_of(user.pk, competition)
    if mine is None:
        raise Http404
    name = " ".join(request.POST.get("team", "").split())
    other = Team.objects.filter(
        competition=competition, name__iexact=name, merged_into=None, is_host_baseline=False
    ).first()
    if other is None:
        messages.error(
            request,
            _("No team is called “%(name)s”. Its name stands on the leaderboard.") % {"name": name},
        )
        return redirect("teams:mine", slug)
    try:
        merging.ask(actor=user, asking=mine, asked=other)
    except TeamRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Asked. The captain of %(team)s answers.") % {"team": other})
    return redirect("teams:mine", slug)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def answer(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """What merging means, before it is accepted: it cannot be taken back."""
    context = frame(request, slug, "team")
    competition: Competition = context["competition"]
    found = get_object_or_404(
        MergeRequest.objects.select_related("asking", "asked"), pk=pk, competition=competition
    )
    user = user_of(request)
    mine = queries.team_of(user.pk, competition)
    if mine is None or mine.pk not in {found.asking_id, found.asked_id}:
        raise Http404
    if request.method == "POST":
        try:
            told = _act(request, found)
        except TeamRefused as refusal:
            messages.error(request, str(refusal))
        else:
            if told:
                messages.success(request, told)
        return redirect("teams:mine", slug)
    if found.state != MergeRequest.State.OPEN:
        return redirect("teams:mine", slug)
    hindrance = ""
    try:
        merging.check_may_merge(found.asking, found.asked, at=timezone.now())
    except TeamRefused as refusal:
        hindrance = str(refusal)
    context |= {
        "merge": found,
        "hindrance": hindrance,
        "may_accept": mine.pk == found.asked_id and rules.is_captain(user, found.asked),
        "members": queries.members_of(found.asking),
    }
    return render(request, "submissions/merge.html", context)


def _act(request: HttpRequest, found: MergeRequest) -> str:
    user = user_of(request)
    action = request.POST.get("action")
    if action == "accept":
        merging.accept(actor=user, request=found)
        return _("You are one team now.")
    if action == "decline":
        merging.decline(actor=user, request=found)
        return _("Declined.")
    if action == "withdraw":
        merging.withdraw(actor=user, request=found)
        return _("The question is taken back.")
    return ""
