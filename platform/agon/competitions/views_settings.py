"""The console's sections of dates and settings."""

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
from agon.competitions.errors import ChangeRefused, DatesRefused
from agon.competitions.models import Competition
from agon.competitions.queries import console
from agon.competitions.services import dates as date_services
from agon.competitions.services import settings as services
from agon.competitions.settings_forms import DatesForm, LimitsForm, SettingsForm, zone_name

ways = require_http_methods(["GET", "HEAD", "POST"])


@ways
@login_required
def phases(request: HttpRequest, slug: str) -> HttpResponse:
    context = console(request, slug, "phases")
    competition, found = context["competition"], context["phases"]
    form = DatesForm(request.POST or None, competition=competition, phases=found)
    effects: list[str] = []
    if request.method == "POST":
        _check_manages(context)
        if form.is_valid():
            try:
                moves = date_services.move_dates(
                    actor=user_of(request),
                    competition=competition,
                    dates=form.dates,
                    reason=form.cleaned_data["reason"],
                    confirmed=form.cleaned_data["confirmed"],
                )
            except DatesRefused as refusal:
                if refusal.needs_confirmation:
                    effects = refusal.reasons
                    form = DatesForm(request.POST, competition=competition, phases=found, asks=True)
                    form.is_valid()
                else:
                    for reason in refusal.reasons:
                        form.add_error(None, reason)
            else:
                _say(request, moved=bool(moves))
                return redirect("competitions:phases", slug)
    refused = bool(effects or form.errors)
    context |= {"form": form, "effects": effects, "zone": zone_name()}
    return render(request, "competitions/phases.html", context, status=422 if refused else 200)


def _say(request: HttpRequest, *, moved: bool) -> None:
    if moved:
        messages.success(request, _("The dates are moved, and everybody who takes part is told."))
    else:
        messages.info(request, _("The dates are the same as before."))


@ways
@login_required
def phase(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The limits of one phase."""
    context = console(request, slug, "phases")
    _check_manages(context)
    found = get_object_or_404(context["competition"].phases, pk=pk)
    form = LimitsForm(request.POST or None, phase=found)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_limits(actor=user_of(request), phase=found, values=form.values)
        except ChangeRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The limits are saved and hold from now on."))
            return redirect("competitions:phases", slug)
    context |= {"form": form, "edited": found}
    return render(request, "competitions/limits.html", context, status=422 if form.errors else 200)


@ways
@login_required
def general(request: HttpRequest, slug: str) -> HttpResponse:
    """Title, subtitle, topics, cover and licence."""
    context = console(request, slug, "settings")
    _check_manages(context)
    competition = context["competition"]
    form = SettingsForm(
        request.POST or None, request.FILES or None, initial=_settings_of(competition)
    )
    if request.method == "POST" and form.is_valid():
        services.change_settings(
            actor=user_of(request),
            competition=competition,
            values=form.cleaned_data,
            cover=form.cleaned_data["cover"],
            removes_cover=form.cleaned_data["removes_cover"],
        )
        messages.success(request, _("The settings are saved."))
        return redirect("competitions:settings", slug)
    context["form"] = form
    return render(
        request, "competitions/settings.html", context, status=422 if form.errors else 200
    )


def _settings_of(competition: Competition) -> dict[str, Any]:
    found = {name: getattr(competition, name) for name in services.ABOUT}
    return found | {"tags": ", ".join(competition.tags)}


def _check_manages(context: dict[str, Any]) -> None:
    if not context["can_manage"]:
        raise PermissionDenied(_("Judges see everything here and change nothing."))
