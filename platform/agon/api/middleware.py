"""Programs are answered in JSON, even where no endpoint was reached."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from agon.api.documents import error_document

GetResponse = Callable[[HttpRequest], HttpResponse]
PREFIX = "/api/"


class JSONFaultsMiddleware:
    """Turns the pages of faults below /api/ into what programs read."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_page = response.headers.get("Content-Type", "").startswith("text/html")
        if not request.path.startswith(PREFIX) or not is_page or response.status_code < 400:
            return response
        code, message = {
            404: ("not_found", _("There is nothing here, or not for you.")),
            405: ("bad_method", _("This address does not take %s.") % request.method),
            413: ("too_large", _("The file is larger than this site takes at all.")),
        }.get(
            response.status_code,
            ("bad_request", _("The request could not be understood; look at /api/docs/.")),
        )
        answer = JsonResponse({"error": error_document(code, message)}, status=response.status_code)
        answer["Cache-Control"] = "private, no-store"
        if "Allow" in response.headers:
            answer["Allow"] = response["Allow"]
        return answer
