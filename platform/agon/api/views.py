"""JSON in and out for people's own programs, and the page of their tokens."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from agon.accounts.http import user_of
from agon.accounts.models import User
from agon.api import services
from agon.api.documents import refusal_document, submission_document
from agon.api.errors import TooManyTokens
from agon.api.forms import SubmissionUpload, TokenForm
from agon.api.models import Token
from agon.competitions.rules import get_phase_for
from agon.submissions.errors import SubmissionRefused
from agon.submissions.rules import get_submission_for
from agon.submissions.services import intake
from scoring.contract import SubmissionKind

STATUS = {
    "not_joined": 403,
    "not_open": 403,
    "closed": 403,
    "not_ready": 503,
    "pending_limit": 429,
    "daily_limit": 429,
    "total_limit": 429,
    "too_large": 413,
}
"""Of refusals; the others are about what was sent, which is 422."""

Endpoint = Callable[..., JsonResponse]


def answer(content: dict[str, object], *, status: int = 200) -> JsonResponse:
    response = JsonResponse(content, status=status)
    response["Cache-Control"] = "private, no-store"
    return response


def error(code: str, message: str, *, status: int) -> JsonResponse:
    return answer({"error": {"code": code, "message": message, "problems": []}}, status=status)


def by_token(endpoint: Endpoint) -> Callable[..., HttpResponse]:
    """Let in who brings a token; a browser's session counts for nothing here, so needs no guard."""

    @csrf_exempt
    @wraps(endpoint)
    def view(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        scheme, _space, text = request.headers.get("Authorization", "").partition(" ")
        user = services.user_by_token(text=text.strip()) if scheme.lower() == "bearer" else None
        if user is None:
            message = _("Send a token of yours: Authorization: Bearer agon_…")
            response = error("no_token", message, status=401)
            response["WWW-Authenticate"] = 'Bearer realm="agon"'
        else:
            response = _guarded(endpoint, user, request, *args, **kwargs)
        patch_vary_headers(response, ["Authorization"])
        return response

    return view


def _guarded(
    endpoint: Endpoint, user: User, request: HttpRequest, *args: object, **kwargs: object
) -> JsonResponse:
    try:
        return endpoint(request, user, *args, **kwargs)
    except Http404:
        return error("not_found", _("There is nothing here, or not for you."), status=404)
    except SubmissionRefused as refusal:
        return answer({"error": refusal_document(refusal)}, status=STATUS.get(refusal.code, 422))


@require_http_methods(["POST"])
@by_token
def submissions(request: HttpRequest, user: User, slug: str) -> JsonResponse:
    """Send a file: `file`, and where they are needed `kind` and `note`."""
    phase = get_phase_for(user, slug)
    form = SubmissionUpload(request.POST, request.FILES)
    if not form.is_valid():
        field, faults = next(iter(form.errors.items()))
        return error("bad_form", f"{field}: {faults[0]}", status=422)
    kind = form.cleaned_data["kind"]
    if not kind and len(phase.submission_kinds) > 1:
        known = ", ".join(phase.submission_kinds)
        message = _("Say what you send by the field kind: %(kinds)s.") % {"kinds": known}
        return error("bad_form", message, status=422)
    submission = intake.submit(
        user=user,
        phase=phase,
        upload=form.cleaned_data["file"],
        note=form.cleaned_data["note"],
        kind=SubmissionKind(kind or phase.submission_kinds[0]),
    )
    response = answer(submission_document(submission, user=user), status=201)
    response["Location"] = reverse("api:submission", args=[slug, submission.pk])
    return response


@require_http_methods(["GET", "HEAD"])
@by_token
def submission(_request: HttpRequest, user: User, slug: str, pk: int) -> JsonResponse:
    """Where a submission is, and once it has them its scores."""
    return answer(submission_document(get_submission_for(user, slug, pk), user=user))


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
