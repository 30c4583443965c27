"""Submitting, watching a submission, taking it back, and the page of those who run the site."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotModified,
)
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from agon.accounts.http import user_of
from agon.competitions.queries import frame, preparations
from agon.competitions.views import attachment
from agon.submissions import expectations, finals, pairs, queries, rescoring, rules, workers
from agon.submissions.errors import CannotCancel, SubmissionRefused
from agon.submissions.forms import SubmissionForm
from agon.submissions.models import UNFINISHED, State, Submission
from agon.submissions.services import intake
from agon.teams.queries import team_of
from scoring.contract import SubmissionKind

PAGE_SIZE = 30


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest, slug: str) -> HttpResponse:
    context = frame(request, slug, "submit")
    phase = context["phase"]
    form = SubmissionForm(request.POST or None, request.FILES or None, phase=phase)
    refusal: SubmissionRefused | None = None
    try:
        if request.method == "POST" and form.is_valid():
            submission = intake.submit(
                user=user_or_refuse(request, context),
                phase=phase,
                upload=form.cleaned_data["file"],
                note=form.cleaned_data["note"],
                kind=form.chosen_kind,
            )
            return redirect_to(request, submission.get_absolute_url())
        check_may_submit_now(request, context)
    except SubmissionRefused as refused:
        refusal = refused
    context |= {
        "form": form,
        "refusal": refusal.context() if refusal else None,
        "problems": [queries.shown(problem) for problem in refusal.problems] if refusal else [],
        "blocked": refusal is not None and not refusal.problems and refusal.code != "too_large",
        "quota": queries.quota(team_of(request.user.pk, context["competition"]), phase),
        "layout": phase.layout_spec,
        "kinds": expectations.expected_of(phase),
        "expected_model": expectations.expected_model(phase),
        "readiness": workers.readiness_of(phase),
        "is_late": rules.is_late(phase, at=timezone.now()),
    }
    if SubmissionKind.CODE in phase.submission_kinds:
        context["example_program"] = expectations.example_program(phase)
    failed = request.method == "POST"
    return render(request, "submissions/create.html", context, status=422 if failed else 200)


def user_or_refuse(request: HttpRequest, context: dict[str, Any]) -> Any:
    """The signed-in user; anybody else is told to sign in."""
    rules.check_may_submit(request.user, context["phase"], at=timezone.now())
    return user_of(request)


def check_may_submit_now(request: HttpRequest, context: dict[str, Any]) -> None:
    """What the page says before anything is uploaded."""
    now = timezone.now()
    rules.check_may_submit(request.user, context["phase"], at=now)
    team = team_of(request.user.pk, context["competition"])
    if team is not None:
        rules.check_quota(team, context["phase"], at=now)


def redirect_to(request: HttpRequest, url: str) -> HttpResponse:
    """A redirect that the upload script can read without following it."""
    if request.headers.get("X-Requested-With") == "XMLHttpRequest":
        response = HttpResponse(status=201)
        response["Location"] = url
        return response
    return redirect(url)


@require_safe
@login_required
def mine(request: HttpRequest, slug: str) -> HttpResponse:
    context = frame(request, slug, "submissions")
    phase = context["phase"]
    team = team_of(request.user.pk, context["competition"])
    submissions = queries.submissions_of(team, phase)
    page = Paginator(submissions, PAGE_SIZE).get_page(request.GET.get("page"))
    context |= {
        "team": team,
        "page_obj": page,
        "can_compare": sum(submission.state == State.SCORED for submission in page) > 1,
        "private_visible": rules.can_see_private_scores(request.user, phase),
        "quota": queries.quota(team, phase),
    }
    if team is not None and page.object_list:
        found = finals.finals_of(team, phase)
        context |= {
            "finals": found,
            "final_ids": {submission.pk for submission in found},
            "finals_locked": finals.are_locked(phase, at=timezone.now()),
        }
    return render(request, "submissions/list.html", context)


@require_safe
@login_required
def detail(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    submission = rules.get_submission_for(request.user, slug, pk)
    context = frame(request, slug, "submissions") | status_context(request, submission)
    context |= _choice_context(request, context, submission)
    context["rivals"] = queries.to_compare_with(submission, user=request.user)
    context["history"] = rescoring.history_of(submission)
    return render(request, "submissions/detail.html", context)


def _choice_context(
    request: HttpRequest, context: dict[str, Any], submission: Submission
) -> dict[str, Any]:
    """Whether this reader may choose it as a final one, and where."""
    phase = submission.phase
    phases = [one.pk for one in context["phases"]]
    return {
        "can_choose": submission.state in {State.SCORED, *UNFINISHED}
        and submission.disqualified_at is None
        and not finals.are_locked(phase, at=timezone.now())
        and rules.is_team_mate(request.user, submission.team),
        "own_phase_query": f"?phase={phases.index(phase.pk) + 1}" if len(phases) > 1 else "",
    }


@require_GET
@login_required
def pick(request: HttpRequest, slug: str) -> HttpResponse:
    """Leads from a plain form with two submissions to the page that compares them."""
    context = frame(request, slug, "submissions")
    picked = [int(pk) for pk in request.GET.getlist("pick") if pk.isdecimal() and len(pk) < 19]
    if len(picked) != 2:
        messages.error(request, _("Pick exactly two submissions to compare."))
        return redirect("submissions:list", context["competition"].slug)
    return redirect(
        "submissions:compare", context["competition"].slug, *sorted(picked, reverse=True)
    )


@require_safe
@login_required
def compare(request: HttpRequest, slug: str, pk: int, other: int) -> HttpResponse:
    first = rules.get_submission_for(request.user, slug, pk)
    second = rules.get_submission_for(request.user, slug, other)
    context = frame(request, slug, "submissions")
    private_visible = rules.can_see_private_scores(request.user, first.phase)
    context |= {
        "comparison": pairs.compare(first, second, private_visible=private_visible),
        "private_visible": private_visible,
    }
    return render(request, "submissions/compare.html", context)


@require_GET
@login_required
def status(request: HttpRequest, slug: str, pk: int) -> HttpResponseBase:
    """The part of the page that changes; polled, and 304 for as long as it has not."""
    submission = rules.get_submission_for(request.user, slug, pk)
    context = status_context(request, submission)
    etag = quote_etag(
        f"{context['status'].version}-{get_language()}-{timezone.get_current_timezone_name()}"
    )
    unchanged = get_conditional_response(request, etag=etag)
    if isinstance(unchanged, HttpResponseNotModified):
        return unchanged
    response = render(request, "submissions/_status.html", context)
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    return response


def status_context(request: HttpRequest, submission: Submission) -> dict[str, Any]:
    return {
        "competition": submission.phase.competition,
        "phase": submission.phase,
        "submission": submission,
        "status": queries.status_of(submission, user=request.user),
        "can_cancel": rules.can_cancel(request.user, submission),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def cancel(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    submission = rules.get_submission_for(request.user, slug, pk)
    if not rules.can_cancel(request.user, submission):
        raise Http404
    if request.method != "POST":
        context = frame(request, slug, "submissions")
        return render(request, "submissions/cancel.html", context | {"submission": submission})
    try:
        intake.cancel(submission=submission)
    except CannotCancel as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The submission is canceled and does not count."))
    return redirect(submission.get_absolute_url())


@require_GET
@login_required
def download(request: HttpRequest, slug: str, pk: int) -> HttpResponseBase:
    submission = rules.get_submission_for(request.user, slug, pk)
    if submission.state == State.CANCELED:
        raise Http404  # its file went with it
    return attachment(submission.file.open("rb"), submission.file_name)


@require_safe
@login_required
def operations(request: HttpRequest) -> HttpResponse:
    if not rules.can_see_operations(request.user):
        raise PermissionDenied
    context = {"operations": queries.operations(), "preparations": preparations()}
    return render(request, "submissions/operations.html", context)
