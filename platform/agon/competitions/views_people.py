"""The console's section about people: who takes part, and the ways in."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agon.accounts.http import user_of
from agon.accounts.models import User
from agon.competitions import access_queries, qr, roster
from agon.competitions.access_forms import (
    AccessForm,
    InvitationFilterForm,
    InviteForm,
    LinkForm,
    PeopleFilterForm,
    ReasonForm,
)
from agon.competitions.errors import AccessRefused
from agon.competitions.models import (
    Exclusion,
    Invitation,
    InvitationLink,
    Joining,
    JoinRequest,
    Visibility,
)
from agon.competitions.queries import console
from agon.competitions.services import admitting, inviting, showing_out

PAGE = 50
SHOWN_OF_A_ROSTER = 20


@require_safe
@login_required
def people(request: HttpRequest, slug: str) -> HttpResponse:
    context = _section(request, slug, "people")
    form = PeopleFilterForm(request.GET)
    wanted = _wanted(form)
    found = access_queries.people_of(context["competition"], **wanted)
    context |= {"filters": form, "is_filtered": any(wanted.values()), **_page(request, found)}
    return _unstored(render(request, "competitions/people.html", context))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def access(request: HttpRequest, slug: str) -> HttpResponse:
    context = _section(request, slug, "access")
    competition = context["competition"]
    now = inviting.access_of(competition)
    form = AccessForm(
        request.POST if request.method == "POST" else None,
        initial={
            "visibility": now.visibility,
            "joining": now.joining,
            "questions": "\n".join(now.questions),
            "domains": "\n".join(now.domains),
        },
    )
    if request.method == "POST":
        _check_manages(context)
        if form.is_valid():
            wanted = inviting.Access(
                visibility=Visibility(form.cleaned_data["visibility"]),
                joining=Joining(form.cleaned_data["joining"]),
                questions=form.cleaned_data["questions"],
                domains=form.cleaned_data["domains"],
            )
            inviting.change_access(actor=user_of(request), competition=competition, access=wanted)
            messages.success(request, _("Saved. It holds from now on."))
            return redirect("competitions:access", slug)
    context["form"] = form
    return render(request, "competitions/access.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def links(request: HttpRequest, slug: str) -> HttpResponse:
    context = _section(request, slug, "links")
    competition = context["competition"]
    form = LinkForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        _check_manages(context)
        if form.is_valid():
            try:
                link = inviting.make_link(
                    actor=user_of(request), competition=competition, **form.cleaned_data
                )
            except AccessRefused as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, _("The link works. Copy it, or show its QR code."))
                return redirect("competitions:link", slug, link.pk)
    context |= {"form": form, "links": access_queries.links_of(competition)}
    return _unstored(
        render(request, "competitions/links.html", context, status=422 if form.errors else 200)
    )


@require_safe
@login_required
def link(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    context, found = _link(request, slug, pk)
    context["link_address"] = _address(found)
    return _unstored(render(request, "competitions/link.html", context))


@require_safe
@login_required
def link_qr(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    _context, found = _link(request, slug, pk)
    return _unstored(HttpResponse(qr.svg(_address(found)), content_type="image/svg+xml"))


@require_POST
@login_required
def revoke_link(request: HttpRequest, slug: str, pk: int) -> HttpResponseRedirect:
    context, found = _link(request, slug, pk)
    _check_manages(context)
    inviting.revoke_link(actor=user_of(request), link=found)
    messages.success(request, _("The link lets nobody in any more. Who came by it stays."))
    return redirect("competitions:links", slug)


@require_safe
@login_required
def invitations(request: HttpRequest, slug: str) -> HttpResponse:
    context = _section(request, slug, "invitations")
    filters = InvitationFilterForm(request.GET)
    wanted = _wanted(filters)
    found = access_queries.invitations_of(context["competition"], **wanted)
    context |= {"filters": filters, "is_filtered": any(wanted.values()), "form": InviteForm()}
    return _unstored(
        render(request, "competitions/invitations.html", {**context, **_page(request, found)})
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def invite(request: HttpRequest, slug: str) -> HttpResponse:
    """Shows what was read first; the second time, with the same people, invites them."""
    context = _section(request, slug, "invitations")
    _check_manages(context)
    form = InviteForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
    if request.method != "POST" or not form.is_valid():
        context["form"] = form
        return render(
            request, "competitions/invite.html", context, status=422 if form.errors else 200
        )
    read = form.cleaned_data["read"]
    if "confirmed" not in request.POST:
        context |= {
            "read": read[:SHOWN_OF_A_ROSTER],
            "count": len(read),
            "more": max(len(read) - SHOWN_OF_A_ROSTER, 0),
            "text": roster.write(read),
        }
        return render(request, "competitions/invite_check.html", context)
    made = inviting.invite(actor=user_of(request), competition=context["competition"], people=read)
    messages.success(request, _told(len(made), len(read)))
    return redirect("competitions:invitations", slug)


def _told(made: int, asked: int) -> str:
    said = ngettext(
        "%(count)d person is invited; the letter is on its way.",
        "%(count)d people are invited; the letters are on their way.",
        made,
    ) % {"count": made}
    known = asked - made
    if not known:
        return said
    return f"{said} " + ngettext(
        "%(count)d was invited before, and gets no second letter.",
        "%(count)d were invited before, and get no second letter.",
        known,
    ) % {"count": known}


@require_POST
@login_required
def invite_again(request: HttpRequest, slug: str, pk: int) -> HttpResponseRedirect:
    context, found = _invitation(request, slug, pk)
    _check_manages(context)
    try:
        inviting.send_again(actor=user_of(request), invitation=found)
    except AccessRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("A new letter is on its way to %(email)s.") % {"email": found})
    return redirect("competitions:invitations", slug)


@require_POST
@login_required
def revoke_invitation(request: HttpRequest, slug: str, pk: int) -> HttpResponseRedirect:
    context, found = _invitation(request, slug, pk)
    _check_manages(context)
    try:
        inviting.revoke_invitation(actor=user_of(request), invitation=found)
    except AccessRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The invitation of %(email)s is revoked.") % {"email": found})
    return redirect("competitions:invitations", slug)


@require_safe
@login_required
def requests(request: HttpRequest, slug: str) -> HttpResponse:
    context = _section(request, slug, "requests")
    state = "decided" if request.GET.get("state") == "decided" else "waiting"
    found = access_queries.requests_of(context["competition"], state=state)
    context |= {"state": state, "form": ReasonForm(), **_page(request, found)}
    return _unstored(render(request, "competitions/requests.html", context))


@require_POST
@login_required
def decide_request(request: HttpRequest, slug: str, pk: int) -> HttpResponseRedirect:
    context = _section(request, slug, "requests")
    _check_manages(context)
    found = get_object_or_404(
        JoinRequest.objects.select_related("user", "link"),
        pk=pk,
        competition=context["competition"],
    )
    found.competition = context["competition"]
    accept = request.POST.get("decision") == "accept"
    form = ReasonForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("The reason has at most 1,000 characters."))
        return redirect("competitions:requests", slug)
    try:
        admitting.decide_request(
            actor=user_of(request),
            request=found,
            accept=accept,
            reason=form.cleaned_data["reason"],
        )
    except AccessRefused as refusal:
        messages.error(request, str(refusal))
    else:
        said = (
            _("%(person)s may join now.") if accept else _("%(person)s was told that it is a no.")
        )
        messages.success(request, said % {"person": found.user})
    return redirect("competitions:requests", slug)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def person(request: HttpRequest, slug: str, user_id: int) -> HttpResponse:
    """Removes, bans, or lets back in; with a reason."""
    context = _section(request, slug, "people")
    _check_manages(context)
    competition = context["competition"]
    found = access_queries.people_of(competition).filter(pk=user_id).first()
    if found is None:
        raise Http404
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        action, reason = request.POST.get("action", ""), form.cleaned_data["reason"]
        try:
            messages.success(request, _act(request, context, found, action, reason))
        except AccessRefused as refusal:
            messages.error(request, str(refusal))
        return redirect("competitions:people", slug)
    context |= {"person": found, "form": form}
    return _unstored(
        render(request, "competitions/person.html", context, status=422 if form.errors else 200)
    )


def _act(
    request: HttpRequest, context: dict[str, Any], found: User, action: str, reason: str
) -> str:
    about = {
        "actor": user_of(request),
        "competition": context["competition"],
        "user": found,
        "reason": reason,
    }
    if action == "let_back":
        showing_out.let_back(**about)
        return _("%(person)s is in again.") % {"person": found}
    if action not in Exclusion.Kind.values:
        raise AccessRefused(_("Choose what to do."))
    showing_out.exclude(kind=Exclusion.Kind(action), **about)
    if action == Exclusion.Kind.BANNED:
        return _("%(person)s is banned.") % {"person": found}
    return _("%(person)s is removed.") % {"person": found}


def _section(request: HttpRequest, slug: str, part: str) -> dict[str, Any]:
    context = console(request, slug, "people")
    return {**context, "part": part, "counts": access_queries.counts(context["competition"])}


def _check_manages(context: dict[str, Any]) -> None:
    if not context["can_manage"]:
        raise PermissionDenied(_("Judges see everything here and change nothing."))


def _wanted(form: PeopleFilterForm | InvitationFilterForm) -> dict[str, str]:
    """What is looked for; what makes no sense is left out."""
    form.is_valid()
    given = form.cleaned_data
    return {
        "text": given.get("q", "").replace("\0", ""),
        "state": given.get("state", ""),
    }


def _page(request: HttpRequest, found: QuerySet[Any]) -> dict[str, Any]:
    return {"page_obj": Paginator(found, PAGE).get_page(request.GET.get("page"))}


def _link(request: HttpRequest, slug: str, pk: int) -> tuple[dict[str, Any], InvitationLink]:
    context = _section(request, slug, "links")
    found = get_object_or_404(
        InvitationLink.objects.select_related("created_by"),
        pk=pk,
        competition=context["competition"],
    )
    found.competition = context["competition"]
    return {**context, "link": found}, found


def _invitation(request: HttpRequest, slug: str, pk: int) -> tuple[dict[str, Any], Invitation]:
    context = _section(request, slug, "invitations")
    found = get_object_or_404(Invitation, pk=pk, competition=context["competition"])
    found.competition = context["competition"]
    return context, found


def _address(link: InvitationLink) -> str:
    return settings.SITE_URL + reverse("invitation", args=[link.token])


def _unstored(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "private, no-store"
    return response
