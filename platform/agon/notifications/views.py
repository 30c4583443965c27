"""The inbox, what comes by e-mail, and the way out of it."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agon.accounts.http import user_of
from agon.accounts.models import User
from agon.notifications import queries
from agon.notifications.addresses import read_unsubscribe_address
from agon.notifications.forms import ChoicesForm, FilterForm
from agon.notifications.models import Notification
from agon.notifications.services import reading
from agon.notifications.wordings import say

PAGE = 25


@require_safe
@login_required
def inbox(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    form = FilterForm(request.GET)
    form.is_valid()
    found = queries.inbox(
        user,
        kind=form.cleaned_data.get("kind", ""),
        unread=form.cleaned_data.get("show") == "unread",
    )
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page_obj": page,
        "items": [(one, say(one)) for one in page],
        "unread": queries.unread_count(user),
        "filtered": bool(form.cleaned_data.get("kind") or form.cleaned_data.get("show")),
    }
    response = render(request, "notifications/inbox.html", context)
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
@login_required
def unread(request: HttpRequest) -> HttpResponse:
    """The mark in the head of every page."""
    context = {"unread": queries.unread_count(user_of(request))}
    response = render(request, "notifications/_unread.html", context)
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
@login_required
def follow(request: HttpRequest, pk: int) -> HttpResponseRedirect:
    """Where a notification leads to; who goes there has read it."""
    notification = _own(request, pk)
    if request.method == "GET":
        reading.mark_read(notification=notification)
    return HttpResponseRedirect(notification.path) if notification.path else _back(request)


@require_POST
@login_required
def mark(request: HttpRequest, pk: int) -> HttpResponseRedirect:
    notification = _own(request, pk)
    if "unread" in request.POST:
        reading.mark_unread(notification=notification)
    else:
        reading.mark_read(notification=notification)
    return _back(request)


@require_POST
@login_required
def mark_all(request: HttpRequest) -> HttpResponseRedirect:
    count = reading.mark_all_read(user=user_of(request))
    if count:
        messages.success(
            request,
            ngettext(
                "%(count)d notification is marked as read.",
                "%(count)d notifications are marked as read.",
                count,
            )
            % {"count": count},
        )
    return redirect("notifications:inbox")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def choices(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    form = ChoicesForm(request.POST or None, timings=queries.preferences_of(user))
    if request.method == "POST" and form.is_valid():
        reading.choose_timings(user=user, timings=form.timings())
        messages.success(request, _("Your choices are saved."))
        return redirect("notifications:choices")
    context = {"form": form}
    return render(
        request, "notifications/choices.html", context, status=422 if form.errors else 200
    )


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, signed: str) -> HttpResponse:
    """The link in each letter. The signature is the permission: mail programs send this form too."""
    read = read_unsubscribe_address(signed)
    if read is None:
        raise Http404
    user_id, kinds = read
    person = get_object_or_404(User, pk=user_id)
    if request.method == "POST":
        reading.unsubscribe(user=person, kinds=kinds)
    context = {
        "person": person,
        "kinds": [kind.label for kind in kinds],
        "done": request.method == "POST",
    }
    response = render(request, "notifications/unsubscribe.html", context)
    response["Referrer-Policy"] = "no-referrer"
    return response


def _own(request: HttpRequest, pk: int) -> Notification:
    return get_object_or_404(Notification, pk=pk, recipient=user_of(request))


def _back(request: HttpRequest) -> HttpResponseRedirect:
    """To the inbox as the reader had it: its filter and its page."""
    target = redirect("notifications:inbox").url
    query = request.POST.get("query", "")
    return HttpResponseRedirect(f"{target}?{query}" if query else target)
