"""The interface itself: who is let in, and what every fault looks like."""

from __future__ import annotations

import logging
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, ValidationError
from ninja.security import HttpBearer

from agon.accounts.models import User
from agon.api import services
from agon.api.documents import error_document, refusal_document
from agon.submissions.errors import SubmissionRefused

logger = logging.getLogger(__name__)

STATUS = {
    "not_joined": 403,
    "not_open": 403,
    "not_host": 403,
    "closed": 403,
    "not_ready": 503,
    "pending_limit": 429,
    "daily_limit": 429,
    "total_limit": 429,
    "too_large": 413,
}
"""Of refusals; the others are about what was sent, which is 422."""

DESCRIPTION = (
    "Take part by program. Make a token under Settings, Tokens, and send it with each request: "
    "`Authorization: Bearer agon_…`. Every fault is answered with `error`: a code for programs, a "
    "message that says what to do, and where there is one the page that helps."
)


class ByToken(HttpBearer):
    """Lets in who brings a token; a browser's session counts for nothing here, so needs no guard."""

    def authenticate(self, request: HttpRequest, token: str) -> User | None:
        user = services.user_by_token(text=token.strip())
        if user is not None:
            request.user = user
        return user


class Interface(NinjaAPI):
    """Answers are for one person and one moment."""

    def create_response(self, request: HttpRequest, data: Any, **options: Any) -> HttpResponse:
        response = super().create_response(request, data, **options)
        response["Cache-Control"] = "private, no-store"
        patch_vary_headers(response, ["Authorization"])
        return response


api = Interface(
    title="Agon",
    version="1",
    description=DESCRIPTION,
    auth=ByToken(),
    docs_url=None,
    urls_namespace="v1",
)


def fault(
    request: HttpRequest, code: str, message: str, *, status: int, link: str = ""
) -> HttpResponse:
    return api.create_response(
        request, {"error": error_document(code, message, link=link)}, status=status
    )


@api.exception_handler(AuthenticationError)
def no_token(request: HttpRequest, _error: AuthenticationError) -> HttpResponse:
    message = _("Send a token of yours: Authorization: Bearer agon_…")
    response = fault(request, "no_token", message, status=401, link=reverse("api:tokens"))
    response["WWW-Authenticate"] = 'Bearer realm="agon"'
    return response


@api.exception_handler(Http404)
def not_found(request: HttpRequest, _error: Http404) -> HttpResponse:
    return fault(request, "not_found", _("There is nothing here, or not for you."), status=404)


@api.exception_handler(SubmissionRefused)
def refused(request: HttpRequest, refusal: SubmissionRefused) -> HttpResponse:
    return api.create_response(
        request, {"error": refusal_document(refusal)}, status=STATUS.get(refusal.code, 422)
    )


@api.exception_handler(ValidationError)
def bad_form(request: HttpRequest, error: ValidationError) -> HttpResponse:
    first = error.errors[0]
    field = str(first["loc"][-1])
    return fault(request, "bad_form", f"{field}: {first['msg']}", status=422)


@api.exception_handler(Exception)
def broken(request: HttpRequest, error: Exception) -> HttpResponse:
    logger.error("The interface failed at %s", request.path, exc_info=error)
    message = _("Something broke on our side, and it has been noted. Try again in a while.")
    return fault(request, "platform_error", message, status=500)
