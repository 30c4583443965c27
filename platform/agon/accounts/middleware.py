"""Shows every time in the reader's own zone, and remembers the language that they read in."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from agon.accounts import services
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


class LanguageMiddleware:
    """What somebody reads pages in becomes the language of their letters.

    A program says nothing of a language, and pages that nobody signed in for know no person.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        # Only where the page has fetched the person anyway: this must not cost a query.
        person = getattr(request, "_cached_user", None)
        if isinstance(person, User) and self._says_one(request):
            language = getattr(request, "LANGUAGE_CODE", "")
            if language != person.language and language in dict(settings.LANGUAGES):
                services.remember_language(user=person, language=language)
        return response

    @staticmethod
    def _says_one(request: HttpRequest) -> bool:
        return (
            settings.LANGUAGE_COOKIE_NAME in request.COOKIES or "Accept-Language" in request.headers
        )
