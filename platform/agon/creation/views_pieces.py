"""Files that come in pieces: announced, sent piece by piece, gone on with after a break.

The script of the data step speaks this; so can any program. `POST` announces a file and answers with
its address and how much of it is there; `PATCH` sends the next piece with `Upload-Offset`, and where
wanted its hash in `Upload-Checksum: sha256 <hexadecimal>`; `HEAD` asks how much is there.
"""

from __future__ import annotations

import json

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from agon.accounts.http import user_of
from agon.creation.errors import OutOfStep, UploadRefused
from agon.creation.models import Draft, DraftFile
from agon.creation.rules import check_may_host, get_draft_for
from agon.creation.services import uploads


def _draft_of(request: HttpRequest, pk: int) -> Draft:
    user = user_of(request)
    check_may_host(user)
    draft = get_draft_for(user, pk)
    if draft.published_at is not None:
        raise Http404
    return draft


def _refused(sentence: str, status: int = 422) -> JsonResponse:
    return JsonResponse({"sentence": sentence}, status=status)


@require_POST
@login_required
def announce(request: HttpRequest, pk: int) -> HttpResponse:
    draft = _draft_of(request, pk)
    try:
        asked = json.loads(request.body)
        role, name, size = str(asked["role"]), str(asked["name"]), int(asked["size"])
        sha256 = str(asked.get("sha256", ""))
    except (ValueError, KeyError, TypeError, AttributeError):
        return _refused(_("Say the role, name and size of the file as JSON."), 400)
    if role not in DraftFile.Role.values:
        return _refused(_("There is no such kind of file."))
    try:
        file = uploads.begin(draft=draft, role=role, name=name, size=size, sha256=sha256)
    except UploadRefused as refusal:
        return _refused(str(refusal))
    address = reverse("creation:piece", args=[draft.pk, file.pk])
    response = JsonResponse({"address": address, "received": file.received}, status=201)
    response["Location"] = address
    return response


@require_http_methods(["HEAD", "PATCH"])
@login_required
def piece(request: HttpRequest, pk: int, file_pk: int) -> HttpResponse:
    draft = _draft_of(request, pk)
    file = get_object_or_404(DraftFile, pk=file_pk, draft=draft)
    if request.method == "PATCH":
        offset = request.headers.get("Upload-Offset", "")
        checksum = request.headers.get("Upload-Checksum", "").removeprefix("sha256 ").strip()
        if not offset.isdecimal():
            return _refused(_("Say where the piece begins in Upload-Offset."), 400)
        try:
            file = uploads.receive(
                file=file, offset=int(offset), content=request.read(), sha256=checksum
            )
        except OutOfStep:
            file.refresh_from_db()
            return _with_offset(_refused(_("The file goes on at another place."), 409), file)
        except UploadRefused as refusal:
            return _refused(str(refusal))
    return _with_offset(HttpResponse(status=204), file)


def _with_offset(response: HttpResponse, file: DraftFile) -> HttpResponse:
    response["Upload-Offset"] = str(file.received)
    response["Upload-Length"] = str(file.size)
    response["Cache-Control"] = "no-store"
    return response
