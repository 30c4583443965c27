"""The pages around the interface: people's tokens, its description, and the client."""

from __future__ import annotations

import hashlib

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from agon.accounts.http import user_of
from agon.api import services
from agon.api.errors import TooManyTokens
from agon.api.forms import TokenForm
from agon.api.interface import DESCRIPTION, api
from agon.api.models import Token
from agon.api.reference import operations

CLIENT = settings.ROOT / "scoring" / "client.py"
"""One file for people to keep, which runs without anything else."""


@require_safe
def client(request: HttpRequest) -> HttpResponseBase:
    """The command-line client; no token is needed to get it."""
    content = CLIENT.read_bytes()
    etag = quote_etag(hashlib.sha256(content).hexdigest())
    response = HttpResponse(content, content_type="text/x-python; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="agon_client.py"'
    response["ETag"] = etag
    response["Cache-Control"] = "public, max-age=300"
    return get_conditional_response(request, etag=etag, response=response) or response


@require_safe
def reference(request: HttpRequest) -> HttpResponse:
    """The interface's description, to read."""
    context = {"operations": operations(api.get_openapi_schema()), "description": DESCRIPTION}
    return render(request, "api/reference.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def tokens(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    form = TokenForm(request.POST or None)
    made: services.NewToken | None = None
    if request.method == "POST" and form.is_valid():
        try:
            made = services.create_token(user=user, name=form.cleaned_data["name"])
        except TooManyTokens as refusal:
            form.add_error(None, str(refusal))
        else:
            form = TokenForm()
    context = {"form": form, "made": made, "tokens": Token.objects.filter(user=user)}
    response = render(request, "api/tokens.html", context, status=422 if form.errors else 200)
    response["Cache-Control"] = "private, no-store"
    return response


@require_http_methods(["POST"])
@login_required
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    if not services.revoke_token(user=user_of(request), pk=pk):
        raise Http404
    messages.success(request, _("The token is revoked; what used it is locked out from now on."))
    return redirect("api:tokens")
