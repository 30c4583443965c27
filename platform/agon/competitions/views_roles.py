"""The console's section of roles: who runs the competition."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from agon.accounts.http import user_of
from agon.accounts.models import User
from agon.competitions.errors import RoleRefused
from agon.competitions.queries import console
from agon.competitions.role_forms import RoleForm, TransferForm
from agon.competitions.services import roles as services
from agon.competitions.services.roles import Role

ways = require_http_methods(["GET", "HEAD", "POST"])


@ways
@login_required
def roles(request: HttpRequest, slug: str) -> HttpResponse:
    context = console(request, slug, "roles")
    competition, actor = context["competition"], user_of(request)
    may = [role for role in Role if services.may_give(actor, competition, role)]
    form = RoleForm(request.POST or None, roles=may)
    if request.method == "POST":
        if not may:
            raise PermissionDenied(_("Judges see everything here and change nothing."))
        if form.is_valid() and (response := _given(request, context, form)):
            return response
        if form.has_error("though_joined"):
            form = _asking(request, form, may)
    context |= {
        "form": form if may else None,
        "cohosts": competition.cohosts.order_by("username"),
        "judges": competition.judges.order_by("username"),
        "owns": services.owns(actor, competition),
    }
    return render(request, "competitions/roles.html", context, status=422 if form.errors else 200)


def _given(request: HttpRequest, context: dict[str, Any], form: RoleForm) -> HttpResponse | None:
    person = form.cleaned_data["person"]
    try:
        services.give_role(
            actor=user_of(request),
            competition=context["competition"],
            user=person,
            role=form.cleaned_data["role"],
            though_joined=form.cleaned_data["though_joined"],
        )
    except RoleRefused as refusal:
        form.add_error("though_joined" if refusal.needs_confirmation else "person", str(refusal))
        return None
    messages.success(request, _("%(person)s has the role now.") % {"person": person})
    return redirect("competitions:roles", context["competition"].slug)


def _asking(request: HttpRequest, refused: RoleForm, may: list[Role]) -> RoleForm:
    """The same form with the box that says it is meant."""
    form = RoleForm(request.POST, roles=may, asks=True)
    form.is_valid()
    form.add_error("though_joined", refused.errors["though_joined"])
    return form


@ways
@login_required
def take_role(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    context = console(request, slug, "roles")
    competition, actor = context["competition"], user_of(request)
    person = get_object_or_404(User, pk=pk)
    role = services.role_of(person, competition)
    if person.pk != actor.pk:
        services.check_may_give(actor, competition, role or Role.JUDGE)
    if request.method == "POST":
        try:
            services.take_role(actor=actor, competition=competition, user=person)
        except RoleRefused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("%(person)s has no role any more.") % {"person": person})
            if person.pk == actor.pk:
                return redirect("competitions:list")
        return redirect("competitions:roles", slug)
    context |= {"person": person, "role": role, "is_self": person.pk == actor.pk}
    return render(request, "competitions/role_take.html", context)


@ways
@login_required
def transfer(request: HttpRequest, slug: str) -> HttpResponse:
    context = console(request, slug, "roles")
    competition, actor = context["competition"], user_of(request)
    services.check_owns(actor, competition)
    form = TransferForm(request.POST or None, competition=competition)
    if request.method == "POST" and form.is_valid():
        person = form.cleaned_data["person"]
        try:
            services.transfer_ownership(actor=actor, competition=competition, user=person)
        except RoleRefused as refusal:
            form.add_error("person", str(refusal))
        else:
            messages.success(
                request, _("The competition belongs to %(person)s now.") % {"person": person}
            )
            return redirect("competitions:roles", slug)
    context |= {"form": form, "has_cohosts": competition.cohosts.exists()}
    return render(
        request, "competitions/transfer.html", context, status=422 if form.errors else 200
    )
