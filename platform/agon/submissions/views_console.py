"""The hosts' pages about submissions: the list, all files at once, and decisions with their reasons."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    QueryDict,
    StreamingHttpResponse,
)
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from agon.accounts.http import user_of
from agon.competitions.models import Phase
from agon.competitions.queries import console as console_frame
from agon.submissions import archives, listing
from agon.submissions.errors import RulingRefused
from agon.submissions.host_forms import FilterForm, GrantForm, OptionalReasonForm, ReasonForm
from agon.submissions.models import Submission
from agon.submissions.queries import quota
from agon.submissions.rescoring import open_rescore_of
from agon.submissions.services import rulings
from agon.teams.models import Team


@require_safe
@login_required
def console(request: HttpRequest, slug: str) -> HttpResponse:
    context = console_frame(request, slug, "submissions")
    wanted = listing.Wanted.of(request.GET)
    found = listing.submissions_for_hosts(_wanted_phases(context, wanted), wanted)
    phases = context["phases"]
    team = Team.objects.filter(competition=context["competition"], pk=wanted.team or 0).first()
    context |= {
        "wanted": wanted,
        "filters": FilterForm(request.GET, phases=phases),
        "several_phases": len(phases) > 1,
        "page": listing.page_of(found, wanted),
        "team": team,
        "open_rescore": next(filter(None, map(open_rescore_of, phases)), None),
        "query": _without_place(request),
    }
    if team is not None:
        context["quota"] = quota(team, context["phase"])
        context["grants"] = team.grants.select_related("granted_by")
    template = "submissions/_console_rows.html" if _is_part(request) else "submissions/console.html"
    return render(request, template, context)


def _is_part(request: HttpRequest) -> bool:
    return request.headers.get("HX-Target") == "rows"


def _wanted_phases(context: dict[str, Any], wanted: listing.Wanted) -> list[Phase]:
    return list(context["phases"]) if wanted.phase is None else [context["phase"]]


def _without_place(request: HttpRequest) -> str:
    """The filters of this page, for links that keep them."""
    kept = request.GET.copy()
    for name in ("after", "before"):
        kept.pop(name, None)
    return kept.urlencode()


@require_GET
@login_required
def archive(request: HttpRequest, slug: str) -> HttpResponseBase:
    """All files that match the filters as one zip file."""
    context = console_frame(request, slug, "submissions")
    wanted = listing.Wanted.of(request.GET)
    found = listing.submissions_for_hosts(_wanted_phases(context, wanted), wanted)
    response = StreamingHttpResponse(archives.stream(found), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{slug}-submissions.zip"'
    response["Cache-Control"] = "private, no-store"
    return response


def _managing(request: HttpRequest, slug: str) -> dict[str, Any]:
    context = console_frame(request, slug, "submissions")
    if not context["can_manage"]:
        raise PermissionDenied(_("Judges see everything here and change nothing."))
    return context


def _sent(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def _submission_of(context: dict[str, Any], pk: int) -> Submission:
    return get_object_or_404(
        Submission.objects.select_related("team", "phase__competition"),
        pk=pk,
        phase__competition=context["competition"],
    )


def _decide(
    request: HttpRequest,
    context: dict[str, Any],
    *,
    form: forms.Form,
    act: Callable[[dict[str, Any]], object],
    done: str,
    back: str,
) -> HttpResponse:
    """A page that asks for the reason, and then does it."""
    if request.method == "POST" and form.is_valid():
        try:
            act(form.cleaned_data)
        except RulingRefused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, done)
        return redirect(back)
    failed = request.method == "POST"
    context |= {"form": form, "back": back}
    return render(request, "submissions/ruling.html", context, status=422 if failed else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def disqualify(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Disqualifies a submission, or restores one that is."""
    context = _managing(request, slug)
    submission = _submission_of(context, pk)
    user = user_of(request)
    restores = submission.disqualified_at is not None
    form = (OptionalReasonForm if restores else ReasonForm)(_sent(request))
    act = rulings.restore if restores else rulings.disqualify
    context |= {"submission": submission, "ruling": "restore" if restores else "disqualify"}
    return _decide(
        request,
        context,
        form=form,
        act=lambda data: act(actor=user, submission=submission, reason=data["reason"]),
        done=_("The submission counts again.")
        if restores
        else _("The submission is disqualified."),
        back=submission.get_absolute_url(),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def give_back(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    context = _managing(request, slug)
    submission = _submission_of(context, pk)
    user = user_of(request)
    context |= {"submission": submission, "ruling": "give_back"}
    return _decide(
        request,
        context,
        form=ReasonForm(_sent(request)),
        act=lambda data: rulings.give_back(
            actor=user, submission=submission, reason=data["reason"]
        ),
        done=_("The submission uses up no quota any more."),
        back=submission.get_absolute_url(),
    )


def _team_of(context: dict[str, Any], pk: int) -> Team:
    return get_object_or_404(
        Team.objects.select_related("competition"), pk=pk, competition=context["competition"]
    )


def _list_of(context: dict[str, Any], team: Team) -> str:
    return f"{reverse('submissions:console', args=[context['competition'].slug])}?team={team.pk}"


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def disqualify_team(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Disqualifies a team, or restores one that is."""
    context = _managing(request, slug)
    team = _team_of(context, pk)
    user = user_of(request)
    restores = team.disqualified_at is not None
    form = (OptionalReasonForm if restores else ReasonForm)(_sent(request))
    act = rulings.restore_team if restores else rulings.disqualify_team
    context |= {"team": team, "ruling": "restore_team" if restores else "disqualify_team"}
    return _decide(
        request,
        context,
        form=form,
        act=lambda data: act(actor=user, team=team, reason=data["reason"]),
        done=_("The team counts again.") if restores else _("The team is disqualified."),
        back=_list_of(context, team),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def grant(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Gives a team further submissions."""
    context = _managing(request, slug)
    team = _team_of(context, pk)
    user = user_of(request)
    context |= {"team": team, "ruling": "grant"}
    return _decide(
        request,
        context,
        form=GrantForm(_sent(request)),
        act=lambda data: rulings.grant(
            actor=user,
            team=team,
            phase=context["phase"],
            count=data["count"],
            reason=data["reason"],
        ),
        done=_("The team has more submissions now."),
        back=_list_of(context, team),
    )
