"""Coming in: the page behind an invitation, and asking to be let in."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from agon.accounts.http import user_of
from agon.accounts.models import User
from agon.common.markdown import render as render_markdown
from agon.competitions import access_queries, rules, views
from agon.competitions.access_forms import QuestionsForm
from agon.competitions.errors import AccessRefused, CompetitionRefused, InvitationGone
from agon.competitions.forms import AcceptRulesForm
from agon.competitions.models import Invitation, InvitationLink, Page
from agon.competitions.queries import page_text
from agon.competitions.services import admitting

Form = AcceptRulesForm | QuestionsForm


@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """What an invitation leads to: opening it changes nothing, for mail programs open it too."""
    found = access_queries.behind(token)
    if found is None:
        return _gone(request)
    competition = found.competition
    user = request.user
    if isinstance(user, User) and rules.is_participant(user, competition):
        return redirect(competition)
    if found.state not in {"on", "waiting"} or rules.is_banned(user, competition):
        return _gone(request)
    form = _form(request, found)
    if request.method == "POST" and isinstance(user, User) and form.is_valid():
        try:
            return _enter(request, found, form)
        except InvitationGone:
            return _gone(request)
        except (AccessRefused, CompetitionRefused) as refusal:
            messages.error(request, str(refusal))
            return redirect("invitation", token)
    return _page(request, found, form)


def _form(request: HttpRequest, found: InvitationLink | Invitation) -> Form:
    given = request.POST if request.method == "POST" and request.user.is_authenticated else None
    if isinstance(found, InvitationLink) and found.needs_approval:
        return QuestionsForm(found.competition, given)
    return AcceptRulesForm(given, initial={"version": found.competition.rules_version})


def _enter(request: HttpRequest, found: InvitationLink | Invitation, form: Form) -> HttpResponse:
    user = user_of(request)
    competition = found.competition
    if isinstance(form, QuestionsForm):
        admitting.ask_to_join(
            user=user, competition=competition, answers=form.answers, link=_as_link(found)
        )
        messages.success(request, _("The hosts have your request. You are told when they answer."))
        return redirect("invitation", _as_link(found).token)
    version = form.cleaned_data["version"]
    if isinstance(found, InvitationLink):
        admitting.accept_link(user=user, link=found, version=version)
    else:
        admitting.accept_invitation(user=user, invitation=found, version=version)
    messages.success(request, _("You are in. Download the data and make your first submission."))
    return redirect("competitions:data", competition.slug)


def _as_link(found: InvitationLink | Invitation) -> InvitationLink:
    assert isinstance(found, InvitationLink)  # noqa: S101  # invitations ask no questions
    return found


def _page(request: HttpRequest, found: InvitationLink | Invitation, form: Form) -> HttpResponse:
    competition = found.competition
    personal = isinstance(found, Invitation)
    if isinstance(found, Invitation) and not request.user.is_authenticated:
        # Whoever has the letter has the address: an account made with it needs no second proof.
        get_adapter(request).stash_verified_email(request, found.email)
    asks = isinstance(form, QuestionsForm)
    context: dict[str, Any] = {
        "competition": competition,
        "inviter": (found.invited_by if isinstance(found, Invitation) else None)
        or competition.host,
        "personal": personal,
        "entry_is_over": not rules.can_manage(request.user, competition)
        and competition.entry_is_over,
        "form": form,
        "asks": asks,
        "join_request": access_queries.newest_request(request.user.pk, competition)
        if asks
        else None,
        "rules_html": "" if asks else render_markdown(page_text(competition, Page.Name.RULES)),
    }
    return _unstored(
        render(
            request,
            "competitions/invitation.html",
            context,
            status=422 if form.errors else 200,
        )
    )


def _gone(request: HttpRequest) -> HttpResponse:
    """The same whether it never was, is used, expired or revoked, or is not for this person."""
    return _unstored(render(request, "competitions/invitation_gone.html", status=404))


@require_POST
@login_required
def ask_to_join(request: HttpRequest, slug: str) -> HttpResponse:
    competition = rules.get_competition_for(request.user, slug)
    form = QuestionsForm(competition, request.POST)
    if not form.is_valid():
        return views.rules_with(request, slug, questions=form)
    try:
        admitting.ask_to_join(user=user_of(request), competition=competition, answers=form.answers)
    except AccessRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The hosts have your request. You are told when they answer."))
    return redirect("competitions:rules", slug)


def _unstored(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex"
    return response
