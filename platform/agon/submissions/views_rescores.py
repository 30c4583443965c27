"""The hosts' pages about scoring anew: all rescores, one of them as it runs, and what is decided."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotModified
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import (
    require_GET,
    require_http_methods,
    require_POST,
    require_safe,
)

from agon.accounts.http import user_of
from agon.competitions.models import Phase
from agon.competitions.queries import console as console_frame
from agon.submissions.errors import RescoreRefused
from agon.submissions.host_forms import RescoreForm
from agon.submissions.models import PROGRAM, Rescore, RescoreItem, Submission
from agon.submissions.previews import movements
from agon.submissions.queries import shown
from agon.submissions.rescoring import open_rescore_of, outdated, progress_of
from agon.submissions.services import publication, rescores
from agon.submissions.workers import workers_alive
from scoring.contract import Capability, ReportedProblem, Split

PAGE_SIZE = 30
SHOWN_FAILURES = 20
MOST_PICKED = 1000


def _frame(request: HttpRequest, slug: str, *, manages: bool = False) -> dict[str, Any]:
    context = console_frame(request, slug, "rescore")
    if manages and not context["can_manage"]:
        raise PermissionDenied(_("Judges see everything here and change nothing."))
    return context


def _phases(context: dict[str, Any]) -> list[Phase]:
    return list(context["phases"])


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def all_of_them(request: HttpRequest, slug: str) -> HttpResponse:
    """Every rescore of the competition, and the form that begins the next one."""
    context = _frame(request, slug, manages=request.method == "POST")
    phases = _phases(context)
    form = RescoreForm(request.POST or None, request.FILES or None, phases=phases)
    if request.method == "POST" and form.is_valid():
        try:
            rescore = rescores.start(
                actor=user_of(request),
                phase=form.cleaned_data["phase"],
                reason=form.cleaned_data["reason"],
                changes=form.changes,
            )
        except RescoreRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect(rescore.get_absolute_url())
    found = Rescore.objects.filter(phase__in=phases).select_related("phase", "started_by")
    context |= {
        "form": form,
        "page_obj": Paginator(found, PAGE_SIZE).get_page(request.GET.get("page")),
        "several_phases": len(phases) > 1,
        "open_rescore": next(filter(None, map(open_rescore_of, phases)), None),
        "solution": context["phase"].solutions.first(),
        "outdated": sum(map(outdated, phases)),
    }
    failed = request.method == "POST"
    return render(request, "submissions/rescores.html", context, status=422 if failed else 200)


@require_POST
@login_required
def start_some(request: HttpRequest, slug: str) -> HttpResponse:
    """Score picked submissions anew by the solution and metrics of now."""
    context = _frame(request, slug, manages=True)
    picked = [int(pk) for pk in request.POST.getlist("pick") if pk.isdecimal() and len(pk) < 19]
    chosen = Submission.objects.filter(
        phase__competition=context["competition"], pk__in=picked[:MOST_PICKED]
    ).select_related("phase")
    phases = {submission.phase for submission in chosen}
    back = redirect("submissions:console", context["competition"].slug)
    if not chosen:
        messages.error(request, _("Pick the submissions to score anew."))
        return back
    if len(phases) > 1:
        messages.error(request, _("Pick submissions of one phase at a time."))
        return back
    try:
        rescore = rescores.start(
            actor=user_of(request),
            phase=phases.pop(),
            reason=_("Picked submissions are scored anew."),
            submissions=[submission.pk for submission in chosen],
        )
    except RescoreRefused as refusal:
        messages.error(request, str(refusal))
        return back
    return redirect(rescore.get_absolute_url())


def _rescore_of(context: dict[str, Any], pk: int) -> Rescore:
    return get_object_or_404(
        Rescore.objects.select_related("phase__competition", "started_by", "solution"),
        pk=pk,
        phase__competition=context["competition"],
    )


@require_safe
@login_required
def one(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    context = _frame(request, slug)
    rescore = _rescore_of(context, pk)
    context |= _status(rescore) | _outcome(request, rescore)
    return render(request, "submissions/rescore.html", context)


@require_GET
@login_required
def status(request: HttpRequest, slug: str, pk: int) -> HttpResponseBase:
    """The part of the page that changes while it runs; polled, and 304 for as long as it has not."""
    context = _frame(request, slug)
    rescore = _rescore_of(context, pk)
    context |= _status(rescore)
    etag = quote_etag(
        f"{rescore.state}-{context['progress'].version}-{context['workers']}-{get_language()}"
    )
    unchanged = get_conditional_response(request, etag=etag)
    if isinstance(unchanged, HttpResponseNotModified):
        return unchanged
    response = render(request, "submissions/_rescore_status.html", context)
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    if rescore.state not in {Rescore.State.RUNNING, Rescore.State.STOPPED}:
        response["HX-Refresh"] = "true"  # what it has found is on the whole page
    return response


def _status(rescore: Rescore) -> dict[str, Any]:
    return {
        "rescore": rescore,
        "progress": progress_of(rescore),
        "workers": sum(workers_alive(capability.value) for capability in Capability),
        "problems": [shown(ReportedProblem.model_validate(found)) for found in rescore.problems],
        "metric": rescore.phase_afterwards.primary_metric,
        "brings_solution": rescore.files.filter(metric="").exists(),
        "brings_program": rescore.files.filter(metric=PROGRAM).exists(),
    }


def _outcome(request: HttpRequest, rescore: Rescore) -> dict[str, Any]:
    """Who would move, or what has changed; and what could not be scored."""
    failures = rescore.items.filter(
        state__in=[RescoreItem.State.FAILED, RescoreItem.State.REJECTED]
    ).select_related("submission__team")
    outcome: dict[str, Any] = {
        "failures": [
            (item, [shown(ReportedProblem.model_validate(found)) for found in item.problems])
            for item in failures[:SHOWN_FAILURES]
        ],
        "decimals": rescore.phase.decimals,
    }
    if rescore.state == Rescore.State.READY:
        split = Split.PRIVATE if request.GET.get("split") == "private" else Split.PUBLIC
        moves = movements(rescore, split)
        changed = [move for move in moves if move.changes]
        outcome |= {
            "split": split.value,
            "teams": len(moves),
            "changed": len(changed),
            "moved": sum(move.direction != "same" for move in changed),
            "page_obj": Paginator(changed, PAGE_SIZE).get_page(request.GET.get("page")),
        }
    elif rescore.state == Rescore.State.PUBLISHED:
        items = rescore.items.select_related("submission__team").order_by("pk")
        outcome["page_obj"] = Paginator(items, PAGE_SIZE).get_page(request.GET.get("page"))
    return outcome


@require_POST
@login_required
def decide(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Stop it, let it go on, try failures again, publish it or throw it away."""
    context = _frame(request, slug, manages=True)
    rescore = _rescore_of(context, pk)
    try:
        told = _act(request, rescore, request.POST.get("decision", ""))
    except RescoreRefused as refusal:
        messages.error(request, str(refusal))
    else:
        if told:
            messages.success(request, told)
    return redirect(rescore.get_absolute_url())


def _act(request: HttpRequest, rescore: Rescore, decision: str) -> str:
    user = user_of(request)
    if decision == "stop":
        rescores.stop(actor=user, rescore=rescore)
        return _("Stopped. What a worker has already is still taken in.")
    if decision == "go-on":
        rescores.go_on(actor=user, rescore=rescore)
        return _("It goes on.")
    if decision == "retry":
        rescores.retry_failed(actor=user, rescore=rescore)
        return _("The failed ones are tried again.")
    if decision == "publish":
        accepts = request.POST.get("accept_failures") == "on"
        publication.publish(actor=user, rescore=rescore, accept_failures=accepts)
        return _("The new scores count now.")
    if decision == "discard":
        rescores.discard(actor=user, rescore=rescore)
        return _("Thrown away. Everything stands as it was.")
    return ""
