"""Pages that belong to no app: errors, health, theme, and files for scoring workers."""

from __future__ import annotations

from django.conf import settings
from django.core.files.storage import storages
from django.db import DatabaseError, connection
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    JsonResponse,
)
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import requires_csrf_token
from django.views.decorators.http import require_GET, require_POST, require_safe

from agon.common.files import ExpiredAddress, name_from

THEMES = ("auto", "light", "dark")
THEME_COOKIE = "theme"
YEAR = 365 * 24 * 3600


@require_safe
@never_cache
def healthz(_request: HttpRequest) -> JsonResponse:
    """200 when this process can serve: it runs and reaches its database."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"status": "no database"}, status=503)
    return JsonResponse({"status": "ok"})


@require_GET
def worker_file(_request: HttpRequest, signed: str) -> HttpResponseBase:
    """A stored file for whoever holds its signed, short-lived address: a scoring worker."""
    try:
        name = name_from(signed)
    except ExpiredAddress:
        return HttpResponse(
            "This address is not valid any more.\n", status=403, content_type="text/plain"
        )
    try:
        stream = storages["default"].open(name, "rb")
    except FileNotFoundError as error:
        raise Http404 from error
    response = FileResponse(stream, content_type="application/octet-stream")
    response["Cache-Control"] = "private, no-store"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@require_POST
def set_theme(request: HttpRequest) -> HttpResponseRedirect:
    """Remember light, dark or what the system says, then go back to where one was."""
    target = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        target = "/"
    response = HttpResponseRedirect(target)
    theme = request.POST.get("theme", "auto")
    if theme in THEMES:
        response.set_cookie(
            THEME_COOKIE, theme, max_age=YEAR, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
        )
    return response


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "400.html", status=400)


@requires_csrf_token
def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "403.html", status=403)


@requires_csrf_token
def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "404.html", status=404)


@requires_csrf_token
def server_error(request: HttpRequest) -> HttpResponse:
    """Rendered without a request, so that whatever broke cannot break this page too."""
    return render(None, "500.html", status=500)


@requires_csrf_token
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was too old, or came from elsewhere; nothing was done."""
    return render(request, "403_csrf.html", status=403)


def too_large(request: HttpRequest) -> HttpResponse:
    return render(request, "413.html", {"limit_bytes": settings.MAX_UPLOAD_BYTES}, status=413)
