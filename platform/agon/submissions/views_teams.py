"""The hosts' pages about teams: the list, one of them, and decisions with their reasons."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from agon.accounts.http import user_of
from agon.competitions.queries import console as console_frame
from agon.leaderboards.models import Entry
from agon.submissions.host_forms import ReasonForm
from agon.submissions.models import QuotaGrant, Submission
from agon.submissions.queries import quota
from agon.submissions.services import merging
from agon.submissions.team_forms import MergeForm, RenameForm, TeamFilterForm
from agon.teams import queries, services
from agon.teams.errors import TeamRefused
from agon.teams.models import Membership, Team
from scoring.contract import Split

PAGE_SIZE = 50


@require_safe
@login_required
def teams(request: HttpRequest, slug: str) -> HttpResponse:
    context = console_frame(request, slug, "teams")
    form = TeamFilterForm(request.GET)
    wanted = form.cleaned_data if form.is_valid() else {}
    found = Team.objects.filter(
        competition=context["competition"], merged_into=None, is_host_baseline=False
    )
    if words := wanted.get("q"):
        found = found.filter(
            Q(name__icontains=words)
            | Q(memberships__user__username__icontains=words)
            | Q(memberships__user__display_name__icontains=words)
        ).distinct()
    if wanted.get("only") == "disqualified":
        found = found.filter(disqualified_at__isnull=False)
    page = Paginator(found.order_by("name", "pk"), PAGE_SIZE).get_page(request.GET.get("page"))
    page.object_list = _with_figures(list(page.object_list), context["phase"].pk)
    context |= {
        "filters": form,
        "page_obj": page,
        "is_filtered": bool(wanted.get("q") or wanted.get("only")),
        "decimals": context["phase"].decimals,
    }
    return render(request, "submissions/teams.html", context)


def _with_figures(page: list[Team], phase_id: int) -> list[Team]:
    """The teams of one page with their members, number of submissions and best public score."""
    ids = [team.pk for team in page]
    made = Team.objects.filter(pk__in=ids).prefetch_related(
        Prefetch(
            "memberships",
            Membership.objects.select_related("user").order_by("joined_at", "pk"),
        ),
        Prefetch(
            "entries",
            Entry.objects.filter(board__phase=phase_id, board__split=Split.PUBLIC.value),
            to_attr="standing",
        ),
        Prefetch(
            "submissions",
            Submission.objects.filter(phase=phase_id).only("pk", "team_id"),
            to_attr="sent",
        ),
    )
    by_id = {team.pk: team for team in made}
    return [by_id[pk] for pk in ids if pk in by_id]


def _team_of(context: dict[str, Any], pk: int) -> Team:
    return get_object_or_404(
        Team.objects.select_related("competition", "merged_into"),
        pk=pk,
        competition=context["competition"],
        is_host_baseline=False,
    )


@require_safe
@login_required
def team(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    context = console_frame(request, slug, "teams")
    found = _team_of(context, pk)
    context |= {
        "team": found,
        "members": queries.members_of(found),
        "quota": quota(found, context["phase"]),
        "grants": QuotaGrant.objects.filter(team=found).select_related("granted_by"),
        "sent": Submission.objects.filter(team=found).count(),
        "entries": Entry.objects.filter(team=found).select_related("board__phase"),
        "merges": queries.open_merges(found),
    }
    return render(request, "submissions/team.html", context)


def _managing(request: HttpRequest, slug: str) -> dict[str, Any]:
    context = console_frame(request, slug, "teams")
    if not context["can_manage"]:
        raise PermissionDenied(_("Judges see everything here and change nothing."))
    return context


def _decide(
    request: HttpRequest,
    context: dict[str, Any],
    *,
    form: forms.Form,
    act: Callable[[dict[str, Any]], Team],
    done: str,
) -> HttpResponse:
    """A page that asks for the reason, and then does it."""
    if request.method == "POST" and form.is_valid():
        try:
            after = act(form.cleaned_data)
        except TeamRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, done)
            return redirect("submissions:team", context["competition"].slug, after.pk)
    failed = request.method == "POST"
    context["form"] = form
    return render(request, "submissions/team_decision.html", context, status=422 if failed else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def rename(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    context = _managing(request, slug)
    found = _team_of(context, pk)
    sent = request.POST if request.method == "POST" else None
    context |= {"team": found, "decision": "rename"}
    return _decide(
        request,
        context,
        form=RenameForm(sent, initial={"name": found.name}),
        act=lambda data: services.rename_by_host(
            actor=user_of(request), team=found, name=data["name"], reason=data["reason"]
        ),
        done=_("The team has another name."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def take_out(request: HttpRequest, slug: str, pk: int, user_id: int) -> HttpResponse:
    context = _managing(request, slug)
    found = _team_of(context, pk)
    membership = get_object_or_404(queries.members_of(found), user_id=user_id)

    def act(data: dict[str, Any]) -> Team:
        services.take_out_by_host(
            actor=user_of(request), team=found, user=membership.user, reason=data["reason"]
        )
        return found

    context |= {"team": found, "member": membership, "decision": "take_out"}
    sent = request.POST if request.method == "POST" else None
    return _decide(
        request,
        context,
        form=ReasonForm(sent),
        act=act,
        done=_("%(person)s is out.") % {"person": membership.user},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def merge(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Let a team go over to another one, which goes on."""
    context = _managing(request, slug)
    found = _team_of(context, pk)
    sent = request.POST if request.method == "POST" else None
    context |= {"team": found, "decision": "merge"}
    return _decide(
        request,
        context,
        form=MergeForm(sent, team=found),
        act=lambda data: merging.merge_by_host(
            actor=user_of(request),
            going=found,
            staying=data["into"],
            reason=data["reason"],
        ),
        done=_("They are one team now."),
    )
