"""Hosting a competition, step by step; each step is kept, whatever it still lacks."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files import File
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agon.accounts.http import user_of
from agon.accounts.models import User
from agon.competitions import metrics as metric_pages
from agon.competitions.models import Competition
from agon.creation import findings as looks
from agon.creation.errors import PublicationRefused, UploadRefused
from agon.creation.forms import OWN, STEPS, StepForm, about_solution
from agon.creation.models import Draft, DraftFile, Run
from agon.creation.rules import check_may_host, get_draft_for
from agon.creation.services import drafts, runs, uploads

ORDER = (*STEPS, "check")
REFRESH_SECONDS = 2
DEFAULTED = ("data", "metric", "limits", "access")
ROLES_OF_STEP = {
    "data": (DraftFile.Role.SOLUTION, DraftFile.Role.SAMPLE, DraftFile.Role.DATA),
    "metric": (DraftFile.Role.METRIC,),
}


def _host(request: HttpRequest) -> User:
    user = user_of(request)
    check_may_host(user)
    return user


@require_safe
@login_required
def mine(request: HttpRequest) -> HttpResponse:
    """My drafts, and what I run already."""
    user = _host(request)
    hosted = Competition.objects.filter(host=user) | Competition.objects.filter(cohosts=user)
    context = {
        "drafts": Draft.objects.filter(owner=user, published_at__isnull=True),
        "competitions": hosted.distinct().order_by("-created_at", "-pk"),
    }
    return render(request, "creation/mine.html", context)


@require_POST
@login_required
def begin(request: HttpRequest) -> HttpResponse:
    try:
        draft = drafts.begin(owner=_host(request))
    except PublicationRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("creation:mine")
    return redirect("creation:step", draft.pk, "basics")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    draft = get_draft_for(_host(request), pk)
    if request.method == "POST":
        drafts.delete(draft=draft)
        messages.success(request, _("The draft is deleted."))
        return redirect("creation:mine")
    return render(request, "creation/delete.html", {"draft": draft})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def step(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """One step of the wizard. Going on keeps it even where something is wrong with it."""
    draft = get_draft_for(_host(request), pk)
    if draft.competition is not None:
        return redirect("hosting:overview", draft.competition.slug)
    if name == "check":
        return _check_page(request, draft)
    kind = STEPS.get(name)
    if kind is None:
        raise Http404
    form = kind(request.POST, draft=draft) if request.method == "POST" else kind(draft=draft)
    if request.method == "POST":
        valid = form.is_valid()
        draft = drafts.save_step(draft=draft, step=name, answers=form.answers)
        going_back = request.POST.get("go") == "back"
        if valid or going_back:
            return redirect("creation:step", draft.pk, _beside(name, -1 if going_back else 1))
    return _page(request, draft, name, form)


def _beside(name: str, way: int) -> str:
    return ORDER[min(max(ORDER.index(name) + way, 0), len(ORDER) - 1)]


def _page(request: HttpRequest, draft: Draft, name: str, form: StepForm) -> HttpResponse:
    files = uploads.files_of(draft)
    about = about_solution(draft)
    context: dict[str, Any] = {
        "draft": draft,
        "form": form,
        "step": name,
        "steps": steps_of(draft),
        "is_first": name == ORDER[0],
        "about": about,
        "problems": looks.problems_of(about),
        "roles": [
            (role, [file for file in files if file.role == role])
            for role in ROLES_OF_STEP.get(name, ())
        ],
    }
    if name == "metric":
        shown = form["name"].value()
        context["metric_page"] = metric_pages.page_of(str(shown)) if shown != OWN else None
    status = 422 if form.is_bound and form.errors else 200
    return render(request, f"creation/{name}.html", context, status=status)


def steps_of(draft: Draft) -> list[dict[str, Any]]:
    """The way through, and what has been filled in."""
    return [
        {"name": name, "title": looks.TITLES[name], "is_done": bool(draft.step(name))}
        for name in ORDER
    ]


@require_safe
@login_required
def metric_example(request: HttpRequest, pk: int) -> HttpResponse:
    """What a metric is, with an example; the part of the page that changes with the choice."""
    get_draft_for(_host(request), pk)
    page = metric_pages.page_of(request.GET.get("name", ""))
    return render(request, "creation/_metric.html", {"metric_page": page})


@require_POST
@login_required
def upload(request: HttpRequest, pk: int, role: str) -> HttpResponse:
    """A file as a plain form sends it."""
    draft = get_draft_for(_host(request), pk)
    if role not in DraftFile.Role.values or draft.published_at is not None:
        raise Http404
    sent = request.FILES.get("file")
    back = redirect("creation:step", draft.pk, "metric" if role == "metric" else "data")
    if sent is None:
        messages.error(request, _("Choose a file to upload."))
        return back
    description = request.POST.get("description", "")[:400]
    try:
        uploads.add_file(
            draft=draft, role=role, upload=File(sent, name=sent.name), description=description
        )
    except UploadRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("“%(name)s” is there.") % {"name": sent.name})
    return back


@require_POST
@login_required
def remove(request: HttpRequest, pk: int, file_pk: int) -> HttpResponse:
    draft = get_draft_for(_host(request), pk)
    file = get_object_or_404(DraftFile, pk=file_pk, draft=draft)
    uploads.remove(file=file)
    messages.success(request, _("“%(name)s” is removed.") % {"name": file.name})
    return redirect("creation:step", draft.pk, "metric" if file.role == "metric" else "data")


def _check_page(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Everything that is missing or wrong at once; and the buttons that check and publish."""
    if request.method == "POST":
        draft = _with_defaults(draft)
        try:
            if request.POST.get("action") == "publish":
                runs.ask_for_publication(draft=draft)
            elif not list(looks.missing_of(draft)):
                runs.ask_for_check(draft=draft)
        except PublicationRefused as refusal:
            messages.error(request, str(refusal))
        return redirect("creation:step", draft.pk, "check")
    context = _run_context(draft) | {
        "step": "check",
        "steps": steps_of(draft),
        "missing": list(looks.missing_of(draft)),
        "refresh_seconds": REFRESH_SECONDS,
    }
    return render(request, "creation/check.html", context)


def _with_defaults(draft: Draft) -> Draft:
    """Steps that were not looked at are as their forms suggest."""
    for name in DEFAULTED:
        if draft.step(name):
            continue
        form = looks.again(STEPS[name], draft)
        if form.is_valid():
            draft = drafts.save_step(draft=draft, step=name, answers=form.answers)
    return draft


def _run_context(draft: Draft) -> dict[str, Any]:
    run = runs.last_run(draft)
    is_current = run is not None and run.fingerprint == draft.fingerprint
    return {
        "draft": draft,
        "run": run,
        "is_current": is_current,
        "findings": looks.findings_of(run) if run and run.state == Run.State.FAILED else [],
        "may_publish": is_current
        and run is not None
        and run.kind == Run.Kind.CHECK
        and run.state == Run.State.PASSED,
    }


@require_safe
@login_required
def run_status(request: HttpRequest, pk: int) -> HttpResponse:
    """The part of the page that changes while a run is under way."""
    draft = get_draft_for(_host(request), pk)
    context = _run_context(draft) | {"refresh_seconds": REFRESH_SECONDS}
    response = render(request, "creation/_run.html", context)
    response["Cache-Control"] = "private, no-store"
    if draft.competition is not None:
        response["HX-Redirect"] = reverse("creation:done", args=[draft.pk])
    return response


@require_safe
@login_required
def done(request: HttpRequest, pk: int) -> HttpResponse:
    """It is published: what a host does next."""
    draft = get_draft_for(_host(request), pk)
    if draft.competition is None:
        raise Http404
    return render(request, "creation/done.html", {"draft": draft, "competition": draft.competition})
