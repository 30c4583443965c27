"""Shows every time in the reader's own zone."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo, available_timezones

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from agon.accounts.models import User

COOKIE = "time_zone"
KNOWN = available_timezones()


def zone_of(request: HttpRequest) -> str:
    """The profile's zone; for those who have set none, what the browser said of itself."""
    if isinstance(request.user, User) and request.user.time_zone != "UTC":
        return request.user.time_zone
    return request.COOKIES.get(COOKIE, "")


class TimeZoneMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # A visitor without any cookie has no zone, and reading the user would cost a query.
        if not request.COOKIES:
            return self.get_response(request)
        name = zone_of(request)
        if name not in KNOWN:
            return self.get_response(request)
        with timezone.override(ZoneInfo(name)):
            return self.get_response(request)
