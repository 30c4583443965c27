"""Bringing competitions in and out by program."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from ninja import Field, File, Form, Router, Schema, Status
from ninja.files import UploadedFile

from agon.accounts.http import user_of
from agon.api import schemas
from agon.api.documents import site_url
from agon.api.interface import fault
from agon.bundles import rules
from agon.bundles.errors import BundleRefused
from agon.bundles.forms import ADDRESS
from agon.bundles.models import Transfer
from agon.bundles.parts import Part
from agon.bundles.services import transfers
from agon.bundles.views import archive_of
from agon.competitions import rules as competition_rules
from agon.competitions.rules import can_host
from scoring.fieldtypes import SLUG_PATTERN

REFUSALS = {(401, 403, 404, 413, 422, 429, 503): schemas.Refusal}
PARTS = ", ".join(part.value for part in Part)

router = Router(tags=["Competitions in and out"])


class TransferDocument(Schema):
    id: int
    kind: str = Field(description="import, export or clone.")
    state: str = Field(description="waiting, running, done or failed.")
    done: int
    total: int | None
    reasons: list[str] = Field(description="Why nothing was made, all of it.")
    notes: list[str] = Field(description="What was left out, and what else is worth knowing.")
    requested_at: datetime
    finished_at: datetime | None
    competition: str | None = Field(description="The address of the competition that was made.")
    download: str | None = Field(description="Where an export is, for seven days.")
    url: str


def document(transfer: Transfer) -> dict[str, Any]:
    has_file = transfer.kind == Transfer.Kind.EXPORT and bool(transfer.file)
    return {
        "id": transfer.pk,
        "kind": transfer.kind,
        "state": transfer.state,
        "done": transfer.done,
        "total": transfer.total,
        "reasons": transfer.reasons,
        "notes": transfer.notes,
        "requested_at": transfer.requested_at,
        "finished_at": transfer.finished_at,
        "competition": transfer.made.slug if transfer.made else None,
        "download": site_url(reverse("v1:transfer-file", args=[transfer.pk])) if has_file else None,
        "url": site_url(reverse("v1:transfer", args=[transfer.pk])),
    }


def accepted(transfer: Transfer, response: HttpResponse) -> Status[Any]:
    response["Location"] = reverse("v1:transfer", args=[transfer.pk])
    return Status(202, document(transfer))


@router.post("/imports/", response={202: TransferDocument, **REFUSALS}, url_name="imports")
def bring_in(
    request: HttpRequest,
    response: HttpResponse,
    file: Annotated[UploadedFile, File(description="A zip file with a competition.yaml.")],
    slug: Annotated[str, Form(max_length=60, description="Another address than it says.")] = "",
    update: Annotated[bool, Form(description="Bring one of yours up to date.")] = False,
) -> Status[Any] | HttpResponse:
    """Bring a competition in. It is checked in the background: ask its `url` how far it is."""
    user = user_of(request)
    if not can_host(user):
        message = _("Only the staff of this site bring competitions in.")
        return fault(request, "not_host", message, status=403)
    if slug and re.fullmatch(SLUG_PATTERN, slug) is None:
        return fault(request, "bad_form", f"slug: {ADDRESS.message}", status=422)
    try:
        transfer = transfers.ask_for_import(actor=user, upload=file, slug=slug, update=update)
    except BundleRefused as refusal:
        return fault(request, "pending_limit", str(refusal), status=429)
    return accepted(transfer, response)


@router.post(
    "/competitions/{slug}/exports/",
    response={202: TransferDocument, **REFUSALS},
    url_name="exports",
)
def export(
    request: HttpRequest,
    slug: str,
    response: HttpResponse,
    parts: Annotated[list[str] | None, Form(description=f"All by default: {PARTS}.")] = None,
) -> Status[Any] | HttpResponse:
    """For hosts: have an archive made of a competition."""
    user = user_of(request)
    competition = competition_rules.get_competition_for(user, slug)
    if not competition_rules.can_manage(user, competition):
        message = _("Only the hosts of this competition export and clone it.")
        return fault(request, "not_host", message, status=403)
    wanted = parts if parts is not None else list(Part.values)
    if not set(wanted) <= set(Part.values):
        return fault(request, "bad_form", f"parts: {PARTS}", status=422)
    try:
        transfer = transfers.ask_for_export(actor=user, competition=competition, parts=wanted)
    except BundleRefused as refusal:
        return fault(request, "pending_limit", str(refusal), status=429)
    return accepted(transfer, response)


@router.get(
    "/transfers/{int:pk}/", response={200: TransferDocument, **REFUSALS}, url_name="transfer"
)
def transfer(request: HttpRequest, pk: int) -> dict[str, Any]:
    """How far an import, an export or a clone is."""
    return document(rules.get_transfer_for(user_of(request), pk))


@router.get("/transfers/{int:pk}/file/", url_name="transfer-file")
def transfer_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The archive, whole or the range that the header Range asks for."""
    return archive_of(request, rules.get_transfer_for(user_of(request), pk))
