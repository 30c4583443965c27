"""Notes which browser a submission came from, so that hosts see where two teams used one."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from agon.accounts.models import User
from agon.competitions.models import Competition
from agon.integrity.services import record_sighting

COOKIE = "browser"
YEAR = 365 * 24 * 3600
SUBMITTING = "submissions:create"
ACCEPTED = re.compile(r"/submissions/\d+/$")
"""Where an accepted submission leads to."""


class BrowserMiddleware:
    """Gives a browser that submits a random mark, and notes the mark with an accepted submission."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        match = request.resolver_match
        is_accepted = (
            match is not None
            and match.view_name == SUBMITTING
            and ACCEPTED.search(response.headers.get("Location", "")) is not None
        )
        if match is None or not is_accepted or not isinstance(request.user, User):
            return response
        mark = request.get_signed_cookie(COOKIE, default="", salt=COOKIE) or secrets.token_urlsafe(
            18
        )
        competition = Competition.objects.filter(slug=match.kwargs["slug"]).first()
        if competition is not None:
            record_sighting(user=request.user, competition=competition, browser=mark)
        response.set_signed_cookie(
            COOKIE, mark, salt=COOKIE, max_age=YEAR, secure=settings.SESSION_COOKIE_SECURE,
            httponly=True, samesite="Lax",
        )  # fmt: skip
        return response
