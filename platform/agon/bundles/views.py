"""Pages for competitions that go out, come in or are copied."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agon.accounts.http import user_of
from agon.bundles import queries, rules
from agon.bundles.errors import BundleRefused
from agon.bundles.forms import CloneForm, ExportForm, ImportForm
from agon.bundles.models import Transfer
from agon.bundles.parts import Part
from agon.bundles.services import transfers
from agon.common.ranges import ranged
from agon.competitions.queries import console
from agon.competitions.rules import can_host
from scoring.definition import competition_schema

REFRESH_SECONDS = 2


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def export(request: HttpRequest, slug: str) -> HttpResponse:
    """Choose what goes along; an archive is made in the background."""
    context = console(request, slug, "bundle")
    posted = request.method == "POST"
    form = ExportForm(request.POST if posted else None, initial={"parts": list(Part.values)})
    if posted and form.is_valid():
        try:
            transfer = transfers.ask_for_export(
                actor=user_of(request),
                competition=context["competition"],
                parts=form.cleaned_data["parts"],
            )
            return redirect(transfer)
        except BundleRefused as refusal:
            form.add_error(None, str(refusal))
    return _export_page(request, context, form=form)


@require_POST
@login_required
def clone(request: HttpRequest, slug: str) -> HttpResponse:
    context = console(request, slug, "bundle")
    form = CloneForm(request.POST)
    if form.is_valid():
        try:
            return redirect(
                transfers.ask_for_clone(
                    actor=user_of(request), competition=context["competition"], **form.cleaned_data
                )
            )
        except BundleRefused as refusal:
            form.add_error(None, str(refusal))
    return _export_page(request, context, clone_form=form)


def _export_page(
    request: HttpRequest,
    context: dict[str, Any],
    *,
    form: ExportForm | None = None,
    clone_form: CloneForm | None = None,
) -> HttpResponse:
    title = _("%(title)s (copy)") % {"title": context["competition"].title}
    context |= {
        "form": form or ExportForm(initial={"parts": list(Part.values)}),
        "clone_form": clone_form or CloneForm(initial={"title": title[:120]}),
        "can_clone": can_host(user_of(request)),
        "transfers": queries.transfers_of(context["competition"]),
    }
    bound = (form and form.errors) or (clone_form and clone_form.errors)
    return render(request, "bundles/export.html", context, status=422 if bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def bring_in(request: HttpRequest) -> HttpResponse:
    """Upload a competition."""
    user = user_of(request)
    if not can_host(user):
        raise PermissionDenied(_("Only the staff of this site bring competitions in."))
    posted = request.method == "POST"
    form = ImportForm(request.POST, request.FILES) if posted else ImportForm()
    if posted and form.is_valid():
        try:
            return redirect(
                transfers.ask_for_import(
                    actor=user,
                    upload=form.cleaned_data["file"],
                    slug=form.cleaned_data["slug"],
                    update=form.cleaned_data["update"],
                )
            )
        except BundleRefused as refusal:
            form.add_error(None, str(refusal))
    context = {"form": form, "transfers": queries.imports_of(user)}
    status = 422 if posted else 200
    return render(request, "bundles/import.html", context, status=status)


@require_safe
@login_required
def transfer(request: HttpRequest, pk: int) -> HttpResponse:
    """How far it is, and what became of it."""
    found = rules.get_transfer_for(user_of(request), pk)
    context = {"transfer": found, "refresh_seconds": REFRESH_SECONDS}
    partial = request.headers.get("HX-Request") == "true"
    template = "bundles/_transfer.html" if partial else "bundles/transfer.html"
    response = render(request, template, context)
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
@login_required
def download(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The archive that an export made, for as long as it is kept."""
    return archive_of(request, rules.get_transfer_for(user_of(request), pk))


def archive_of(request: HttpRequest, found: Transfer) -> HttpResponseBase:
    """A transfer's file. It never changes, so its number stands for its content."""
    if found.kind != Transfer.Kind.EXPORT or not found.file:
        raise Http404
    return ranged(
        request,
        found.file.open("rb"),
        name=found.file_name,
        size=found.size,
        sha256=f"transfer-{found.pk}-{found.size}",
    )


@require_safe
def schema(_request: HttpRequest) -> HttpResponse:
    """The JSON Schema of competition.yaml, for editors."""
    response = JsonResponse(competition_schema(), json_dumps_params={"indent": 2})
    response["Content-Type"] = "application/schema+json"
    response["Access-Control-Allow-Origin"] = "*"
    response["Cache-Control"] = "public, max-age=3600"
    return response
