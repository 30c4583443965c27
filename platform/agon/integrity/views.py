"""The integrity desk of the hosts' console, and the page where a team answers."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from agon.accounts.http import user_of
from agon.competitions.queries import console, frame
from agon.integrity import queries, rules, services
from agon.integrity.errors import CaseRefused
from agon.integrity.forms import AnswerForm, DecisionForm, QuestionForm
from agon.integrity.models import Ground


@require_safe
@login_required
def desk(request: HttpRequest, slug: str) -> HttpResponse:
    context = console(request, slug, "integrity")
    context |= {
        "desk": queries.desk_of(context["phase"]),
        "cases": queries.open_cases(context["competition"]),
    }
    return render(request, "integrity/desk.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def ask(request: HttpRequest, slug: str) -> HttpResponse:
    context = console(request, slug, "integrity")
    if not context["can_manage"]:
        raise PermissionDenied(_("Judges see the desk; only hosts ask."))
    competition = context["competition"]
    teams = [pk for pk in request.GET.get("teams", "").split(",") if pk.isdecimal()]
    initial = {
        "teams": teams[:50],
        "ground": request.GET.get("ground", Ground.OTHER.value),
        "evidence": request.GET.get("evidence", "")[:2000],
    }
    form = QuestionForm(request.POST or None, initial=initial, competition=competition)
    if request.method == "POST" and form.is_valid():
        try:
            case = services.open_case(
                host=user_of(request),
                competition=competition,
                teams=form.cleaned_data["teams"],
                ground=Ground(form.cleaned_data["ground"]),
                question=form.cleaned_data["question"],
                evidence=form.cleaned_data["evidence"],
            )
        except CaseRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The teams have been asked."))
            return redirect(case)
    status = 422 if form.is_bound else 200
    return render(request, "integrity/ask.html", context | {"form": form}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def case(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """A question with its answers; closing it is the hosts'."""
    context = console(request, slug, "integrity")
    found = rules.get_case_of(context["competition"], pk)
    form = DecisionForm(request.POST or None)
    if request.method == "POST":
        if not context["can_manage"]:
            raise PermissionDenied(_("Judges see the desk; only hosts decide."))
        if form.is_valid():
            try:
                services.close_case(
                    host=user_of(request), case=found, decision=form.cleaned_data["decision"]
                )
            except CaseRefused as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, _("The question is closed, and the teams were told."))
                return redirect("integrity:desk", slug)
    context |= {"case": found, "form": form}
    return render(request, "integrity/case.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def answer(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    context = frame(request, slug, "")
    user = user_of(request)
    party = rules.get_party_for(user, context["competition"], pk)
    form = AnswerForm(request.POST or None, initial={"answer": party.answer})
    if request.method == "POST" and form.is_valid():
        try:
            services.answer(user=user, party=party, text=form.cleaned_data["answer"])
        except CaseRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Your answer is with the hosts."))
            return redirect("integrity:answer", slug, pk)
    context |= {"party": party, "case": party.case, "form": form}
    return render(request, "integrity/answer.html", context, status=422 if form.is_bound else 200)
