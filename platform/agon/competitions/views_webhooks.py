"""The console's section of webhooks: judges see it, hosts change it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agon.accounts.http import user_of
from agon.competitions.errors import WebhookRefused
from agon.competitions.queries import console
from agon.competitions.services import webhooks as services
from agon.competitions.webhook_forms import EventsForm, WebhookForm
from agon.notifications import queries
from agon.notifications.models import Delivery, DeliveryState, Webhook

PAGE = 20


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def webhooks(request: HttpRequest, slug: str) -> HttpResponse:
    context = console(request, slug, "webhooks")
    competition = context["competition"]
    form = WebhookForm(request.POST or None)
    made: Webhook | None = None
    if request.method == "POST":
        _check_manages(context)
        if form.is_valid():
            try:
                made = services.add_webhook(
                    competition=competition, actor=user_of(request), **form.cleaned_data
                )
            except WebhookRefused as refusal:
                form.add_error("url", str(refusal))
            else:
                form = WebhookForm()
    hooks = queries.webhooks_of(competition.pk)
    context |= {"form": form, "made": made, "hooks": hooks}
    return _unstored(
        render(request, "competitions/webhooks.html", context, status=422 if form.errors else 200)
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def webhook(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    context, hook = _webhook(request, slug, pk)
    form = EventsForm(
        request.POST or None, initial={"events": hook.events, "is_active": hook.is_active}
    )
    if request.method == "POST":
        _check_manages(context)
        if form.is_valid():
            services.change_webhook(webhook=hook, actor=user_of(request), **form.cleaned_data)
            messages.success(request, _("The webhook is saved."))
            return redirect("competitions:webhook", slug, pk)
    context |= {"form": form, **_log(request, hook)}
    return _unstored(
        render(request, "competitions/webhook.html", context, status=422 if form.errors else 200)
    )


@require_safe
@login_required
def deliveries(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The log alone, for the page that watches it."""
    context, hook = _webhook(request, slug, pk)
    context |= _log(request, hook)
    return _unstored(render(request, "competitions/_deliveries.html", context))


@require_POST
@login_required
def test_webhook(request: HttpRequest, slug: str, pk: int) -> HttpResponseRedirect:
    context, hook = _webhook(request, slug, pk)
    _check_manages(context)
    try:
        services.try_webhook(webhook=hook, actor=user_of(request))
    except WebhookRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("A test is on its way; its answer appears below."))
    return redirect("competitions:webhook", slug, pk)


@require_POST
@login_required
def renew_secret(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    context, hook = _webhook(request, slug, pk)
    _check_manages(context)
    made = services.renew_secret(webhook=hook, actor=user_of(request))
    form = EventsForm(initial={"events": hook.events, "is_active": hook.is_active})
    context |= {"form": form, "made": made, **_log(request, hook)}
    return _unstored(render(request, "competitions/webhook.html", context))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def delete_webhook(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    context, hook = _webhook(request, slug, pk)
    _check_manages(context)
    if request.method == "POST":
        services.delete_webhook(webhook=hook, actor=user_of(request))
        messages.success(request, _("The webhook is deleted."))
        return redirect("competitions:webhooks", slug)
    return render(request, "competitions/webhook_delete.html", context)


@require_POST
@login_required
def deliver_again(
    request: HttpRequest, slug: str, pk: int, delivery_id: int
) -> HttpResponseRedirect:
    context, hook = _webhook(request, slug, pk)
    _check_manages(context)
    delivery = get_object_or_404(
        Delivery.objects.select_related("webhook"), pk=delivery_id, webhook=hook
    )
    try:
        services.deliver_again(delivery=delivery, actor=user_of(request))
    except WebhookRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The message goes out again."))
    return redirect("competitions:webhook", slug, pk)


def _webhook(request: HttpRequest, slug: str, pk: int) -> tuple[dict[str, Any], Webhook]:
    context = console(request, slug, "webhooks")
    hook = get_object_or_404(queries.webhooks_of(context["competition"].pk), pk=pk)
    hook.competition = context["competition"]
    return {**context, "hook": hook}, hook


def _check_manages(context: dict[str, Any]) -> None:
    if not context["can_manage"]:
        raise PermissionDenied(_("Only the hosts of this competition change its webhooks."))


def _log(request: HttpRequest, hook: Webhook) -> dict[str, Any]:
    page = Paginator(queries.deliveries_of(hook), PAGE).get_page(request.GET.get("page"))
    moving = {DeliveryState.WAITING, DeliveryState.SENDING}
    return {
        "page_obj": page,
        "moving": any(one.state in moving for one in page) and hook.is_active,
    }


def _unstored(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "private, no-store"
    return response
