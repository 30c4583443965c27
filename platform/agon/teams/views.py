"""A participant's team: who is in it, who is asked in, and what it is called."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agon.accounts.http import user_of
from agon.accounts.models import User
from agon.competitions.models import Competition
from agon.competitions.queries import frame
from agon.competitions.rules import get_competition_for, is_participant
from agon.teams import queries, rules, services
from agon.teams.errors import TeamRefused
from agon.teams.forms import InviteForm, NameForm
from agon.teams.models import Team, TeamInvitation, TeamLink


def _mine_or_404(request: HttpRequest, competition: Competition) -> Team:
    found = queries.team_of(user_of(request).pk, competition)
    if found is None:
        raise Http404
    found.competition = competition
    return found


def _back(competition: Competition) -> HttpResponse:
    return redirect("teams:mine", competition.slug)


@require_safe
@login_required
def mine(request: HttpRequest, slug: str) -> HttpResponse:
    return _page(request, slug)


def _page(
    request: HttpRequest,
    slug: str,
    *,
    name_form: NameForm | None = None,
    invite_form: InviteForm | None = None,
) -> HttpResponse:
    context = frame(request, slug, "team")
    competition: Competition = context["competition"]
    user = user_of(request)
    team = queries.team_of(user.pk, competition)
    now = timezone.now()
    context |= {
        "team": team,
        "takes_part": is_participant(user, competition),
        "invitations": queries.invitations_to(user, competition),
        "are_fixed": rules.are_fixed(competition, at=now),
        "closes_at": rules.teams_close_at(competition),
        "name_form": name_form or NameForm(initial={"name": team.name if team else ""}),
        "invite_form": invite_form or InviteForm(),
    }
    if team is not None:
        team.competition = competition
        context |= _about(request, team)
    failed = name_form is not None or invite_form is not None
    return render(request, "teams/mine.html", context, status=422 if failed else 200)


def _about(request: HttpRequest, team: Team) -> dict[str, Any]:
    """What the members see of their team."""
    members = list(queries.members_of(team))
    link = TeamLink.objects.filter(team=team).first()
    address = reverse("teams:join", args=[team.competition.slug, link.token]) if link else ""
    return {
        "members": members,
        "captain_id": rules.captain_id(team),
        "is_captain": rules.is_captain(request.user, team),
        "is_full": len(members) >= team.competition.team_size,
        "has_submitted": rules.has_submitted(team),
        "asked": TeamInvitation.objects.filter(
            team=team, state=TeamInvitation.State.OPEN
        ).select_related("user"),
        "link": link,
        "link_address": request.build_absolute_uri(address) if link else "",
        "merges": queries.open_merges(team),
    }


@require_POST
@login_required
def rename(request: HttpRequest, slug: str) -> HttpResponse:
    """Call the team something else; who has none yet makes one."""
    competition = get_competition_for(request.user, slug)
    user = user_of(request)
    form = NameForm(request.POST)
    if not form.is_valid():
        return _page(request, slug, name_form=form)
    team = queries.team_of(user.pk, competition)
    try:
        if team is None:
            services.create_team(user=user, competition=competition, name=form.cleaned_data["name"])
        else:
            services.rename(actor=user, team=team, name=form.cleaned_data["name"])
    except TeamRefused as refusal:
        form.add_error("name", str(refusal))
        return _page(request, slug, name_form=form)
    messages.success(request, _("Your team has its name."))
    return _back(competition)


@require_POST
@login_required
def invite(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask somebody in. Whether an e-mail address has an account is nobody's business."""
    competition = get_competition_for(request.user, slug)
    team = _mine_or_404(request, competition)
    form = InviteForm(request.POST)
    if not form.is_valid():
        return _page(request, slug, invite_form=form)
    try:
        said = _ask_in(user_of(request), team, form.cleaned_data["who"])
    except TeamRefused as refusal:
        form.add_error("who", str(refusal))
        return _page(request, slug, invite_form=form)
    messages.success(request, said)
    return _back(competition)


def _ask_in(actor: User, team: Team, who: str) -> str:
    """Invite by address or by name, and say so."""
    if "@" in who:
        services.invite_address(actor=actor, team=team, address=who)
        return _("If somebody with this address takes part, the invitation is in their inbox.")
    rules.check_captain(actor, team)
    found = queries.participant_called(who, team.competition)
    if found is None:
        raise TeamRefused(
            _(
                "Nobody of this name takes part here. Ask them to join the competition first, or give them the team's link."
            )
        )
    services.invite(actor=actor, team=team, user=found)
    return _("Invited. %(person)s finds it in the inbox.") % {"person": found}


@require_POST
@login_required
def link(request: HttpRequest, slug: str) -> HttpResponse:
    competition = get_competition_for(request.user, slug)
    team = _mine_or_404(request, competition)
    user = user_of(request)
    try:
        if request.POST.get("action") == "off":
            services.switch_link_off(actor=user, team=team)
            messages.success(request, _("The link leads nowhere from now on."))
        else:
            services.renew_link(actor=user, team=team)
            messages.success(
                request, _("Here is the link. Whoever takes part and has it can join.")
            )
    except TeamRefused as refusal:
        messages.error(request, str(refusal))
    return _back(competition)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def leave(request: HttpRequest, slug: str) -> HttpResponse:
    context = frame(request, slug, "team")
    team = _mine_or_404(request, context["competition"])
    if request.method == "POST":
        try:
            services.leave(user=user_of(request), team=team)
        except TeamRefused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("You have left the team."))
        return _back(context["competition"])
    context |= {"team": team, "question": "leave"}
    return render(request, "teams/confirm.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def member(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Make a member the captain, or take them out."""
    context = frame(request, slug, "team")
    team = _mine_or_404(request, context["competition"])
    membership = get_object_or_404(queries.members_of(team), user_id=pk)
    if request.method == "POST":
        actor, person = user_of(request), membership.user
        try:
            if request.POST.get("action") == "captain":
                services.hand_over(actor=actor, team=team, user=person)
                messages.success(request, _("%(person)s leads the team now.") % {"person": person})
            elif request.POST.get("action") == "remove":
                services.remove_member(actor=actor, team=team, user=person)
                messages.success(request, _("%(person)s is out.") % {"person": person})
        except TeamRefused as refusal:
            messages.error(request, str(refusal))
        return _back(context["competition"])
    if not rules.is_captain(request.user, team):
        raise Http404
    context |= {
        "team": team,
        "member": membership,
        "question": "member",
        "has_submitted": rules.has_submitted(team),
        "are_fixed": rules.are_fixed(context["competition"], at=timezone.now()),
    }
    return render(request, "teams/confirm.html", context)


@require_POST
@login_required
def answer(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Accept or decline what one is invited to, or take back what one's team has asked."""
    competition = get_competition_for(request.user, slug)
    user = user_of(request)
    invitation = get_object_or_404(
        TeamInvitation.objects.select_related("team"), pk=pk, team__competition=competition
    )
    action = request.POST.get("action")
    addressed = TeamInvitation.objects.filter(queries.addressed_to(user), pk=pk)
    mine_to_answer = addressed.exists()
    mine_to_withdraw = rules.is_captain(user, invitation.team)
    if not (mine_to_answer or mine_to_withdraw):
        raise Http404
    try:
        if action == "accept" and mine_to_answer:
            services.join(user=user, invitation=invitation)
            messages.success(request, _("Welcome to the team."))
        elif action == "decline" and mine_to_answer:
            services.decline(user=user, invitation=invitation)
            messages.success(request, _("Declined."))
        elif action == "withdraw" and mine_to_withdraw:
            services.withdraw(actor=user, invitation=invitation)
            messages.success(request, _("The invitation is taken back."))
    except TeamRefused as refusal:
        messages.error(request, str(refusal))
    return _back(competition)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def join(request: HttpRequest, slug: str, token: str) -> HttpResponse:
    """What a team's link leads to: opening it changes nothing."""
    context = frame(request, slug, "team")
    competition: Competition = context["competition"]
    found = queries.behind(token, competition)
    if found is None:
        return render(request, "teams/link_gone.html", context, status=404)
    if request.method == "POST":
        try:
            services.join_by_link(user=user_of(request), link=found.link)
        except TeamRefused as refusal:
            messages.error(request, str(refusal))
            return redirect("teams:join", slug, token)
        messages.success(request, _("Welcome to the team."))
        return _back(competition)
    own = queries.team_of(user_of(request).pk, competition)
    if own == found.team:
        return _back(competition)
    members = list(queries.members_of(found.team))
    context |= {
        "team": found.team,
        "members": members,
        "own_team": own,
        "own_has_submitted": own is not None and rules.has_submitted(own),
        "is_full": len(members) >= competition.team_size,
        "are_fixed": rules.are_fixed(competition, at=timezone.now()),
        "takes_part": is_participant(request.user, competition),
    }
    response = render(request, "teams/join.html", context)
    response["Cache-Control"] = "private, no-store"
    response["Referrer-Policy"] = "same-origin"
    return response


@require_safe
def team(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """A team as everybody sees it who sees the competition; one that has merged leads on."""
    context = frame(request, slug, "leaderboard")
    found = get_object_or_404(Team, pk=pk, competition=context["competition"])
    if found.merged_into_id is not None:
        return redirect("teams:team", slug, found.merged_into_id)
    context |= {
        "team": found,
        "members": queries.members_of(found),
        "captain_id": rules.captain_id(found),
    }
    return render(request, "teams/team.html", context)
