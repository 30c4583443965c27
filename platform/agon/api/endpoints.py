"""The addresses below /api/, for people's own programs. Shells: what they do is done elsewhere."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import File, Form, Query, Status
from ninja.files import UploadedFile

from agon.accounts.http import user_of
from agon.api import schemas
from agon.api.documents import (
    competition_document,
    file_document,
    finals_document,
    listed_document,
    me_document,
    phase_document,
    row_document,
    site_url,
    submission_document,
)
from agon.api.interface import api, fault
from agon.api.transfers import router as transfers
from agon.common.ranges import ranged
from agon.competitions import rules as competition_rules
from agon.competitions.models import Competition, Visibility
from agon.competitions.models import Status as CompetitionStatus
from agon.competitions.rules import get_phase_for
from agon.competitions.ways import joined_by
from agon.leaderboards import queries as boards
from agon.leaderboards.cursors import BadCursor, Cursor
from agon.leaderboards.rules import visible_splits
from agon.submissions import rules as submission_rules
from agon.submissions.queries import submissions_of
from agon.submissions.services import choosing, intake
from agon.teams.queries import team_of
from scoring.contract import Split, SubmissionKind

__all__ = ["api"]

api.add_router("", transfers)

PAGE = 50
ABOUT_PHASE = "Which phase, from 1; by default the last that has opened."
AskedPhase = Annotated[int | None, Query(description=ABOUT_PHASE, ge=1)]
PageNumber = Annotated[int, Query(ge=1, le=10**6)]
REFUSALS = {
    (401, 403, 404, 413, 422, 429, 503): schemas.Refusal,
}


def next_of(address: str, page: Page[Any], **query: str) -> str | None:
    """The address of the following page."""
    if not page.has_next():
        return None
    chosen = {name: value for name, value in query.items() if value}
    return site_url(f"{address}?{urlencode({**chosen, 'page': page.next_page_number()})}")


@api.get("/me/", response={200: schemas.Me, **REFUSALS}, url_name="me", tags=["You"])
def me(request: HttpRequest) -> dict[str, Any]:
    """Whose token this is."""
    return me_document(user_of(request))


@api.get(
    "/competitions/",
    response={200: schemas.Competitions, **REFUSALS},
    url_name="competitions",
    tags=["Competitions"],
)
def competitions(
    request: HttpRequest, status: CompetitionStatus | None = None, page: PageNumber = 1
) -> dict[str, Any]:
    """Those that everybody sees, and those that you take part in or host."""
    user = user_of(request)
    mine = Q(pk__in=joined_by(user.pk).values("pk")) | Q(host=user) | Q(cohosts=user)
    found = Competition.objects.filter(Q(visibility=Visibility.PUBLIC) | mine).distinct()
    if status is not None:
        found = found.with_status(status.value, at=timezone.now())
    one = Paginator(found.order_by("-created_at", "-id"), PAGE).get_page(page)
    return {
        "competitions": [competition_document(competition) for competition in one],
        "count": one.paginator.count,
        "next": next_of(reverse("v1:competitions"), one, status=status.value if status else ""),
    }


@api.get(
    "/competitions/{slug}/",
    response={200: schemas.CompetitionDetail, **REFUSALS},
    url_name="competition",
    tags=["Competitions"],
)
def competition(request: HttpRequest, slug: str, phase: AskedPhase = None) -> dict[str, Any]:
    """Dates, columns, metrics, limits, and what models must be like."""
    phases = competition_rules.get_phases_for(request.user, slug)
    chosen = competition_rules.chosen_phase(phases, phase)
    return phase_document(chosen, phases=phases, user=request.user)


@api.get(
    "/competitions/{slug}/files/",
    response={200: schemas.DataFiles, **REFUSALS},
    url_name="files",
    tags=["Data"],
)
def files(request: HttpRequest, slug: str) -> dict[str, Any]:
    """The data files with their hashes."""
    found = competition_rules.get_competition_for(request.user, slug)
    return {"files": [file_document(found, file) for file in found.data_files.all()]}


@api.api_operation(
    ["GET", "HEAD"], "/competitions/{slug}/files/{path:name}", url_name="file", tags=["Data"]
)
def file(request: HttpRequest, slug: str, name: str) -> HttpResponseBase:
    """One data file, whole or the range that the header Range asks for."""
    found = competition_rules.get_competition_for(request.user, slug)
    data_file = get_object_or_404(found.data_files, name=name)
    if not competition_rules.can_download_data(request.user, found):
        rules_page = reverse("competitions:rules", args=[slug])
        message = _("Accept the rules first; then you can download the data.")
        return fault(request, "not_joined", message, status=403, link=rules_page)
    return ranged(
        request,
        data_file.file.open("rb"),
        name=data_file.name,
        size=data_file.size,
        sha256=data_file.sha256,
    )


@api.post(
    "/competitions/{slug}/submissions/",
    response={201: schemas.Submission, **REFUSALS},
    url_name="submissions",
    tags=["Submissions"],
)
def submit(
    request: HttpRequest,
    slug: str,
    response: HttpResponse,
    file: Annotated[UploadedFile, File(description="Predictions, a model, or a program.")],
    note: Annotated[str, Form(max_length=200)] = "",
    kind: Annotated[str, Form(description="predictions, model, code or files.")] = "",
    phase: Annotated[int | None, Form(description=ABOUT_PHASE)] = None,
    baseline: Annotated[str, Form(description="For hosts: the name of a baseline.")] = "",
) -> Status[Any] | HttpResponse:
    """Send a file. Where more than one kind is taken, say which by `kind`."""
    chosen = get_phase_for(request.user, slug, number=phase)
    kinds = [one.value for one in chosen.submission_kinds]
    if (kind or len(kinds) > 1) and kind not in {one.value for one in SubmissionKind}:
        message = _("Say what you send by the field kind: %(kinds)s.") % {"kinds": ", ".join(kinds)}
        return fault(request, "bad_form", message, status=422)
    submission = intake.submit(
        user=user_of(request),
        phase=chosen,
        upload=file,
        note=note,
        kind=SubmissionKind(kind or kinds[0]),
        baseline=baseline,
    )
    response["Location"] = reverse("v1:submission", args=[slug, submission.pk])
    return Status(201, submission_document(submission, user=request.user))


@api.get(
    "/competitions/{slug}/submissions/",
    response={200: schemas.Submissions, **REFUSALS},
    url_name="submissions",
    tags=["Submissions"],
)
def submissions(
    request: HttpRequest, slug: str, page: PageNumber = 1, phase: AskedPhase = None
) -> dict[str, Any]:
    """Your team's, the newest first."""
    user = user_of(request)
    chosen = get_phase_for(user, slug, number=phase)
    found = submissions_of(team_of(user.pk, chosen.competition), chosen)
    one = Paginator(found.prefetch_related("scores").order_by("-number"), PAGE).get_page(page)
    visible = submission_rules.can_see_private_scores(user, chosen)
    return {
        "submissions": [listed_document(each, private_visible=visible) for each in one],
        "count": one.paginator.count,
        "next": next_of(
            reverse("v1:submissions", args=[slug]), one, phase=str(phase) if phase else ""
        ),
    }


@api.get(
    "/competitions/{slug}/submissions/{int:number}/",
    response={200: schemas.Submission, **REFUSALS},
    url_name="submission",
    tags=["Submissions"],
)
def submission(request: HttpRequest, slug: str, number: int) -> dict[str, Any]:
    """Where a submission is, and once it has them its scores."""
    found = submission_rules.get_submission_for(request.user, slug, number)
    return submission_document(found, user=request.user)


@api.get(
    "/competitions/{slug}/finals/",
    response={200: schemas.Finals, **REFUSALS},
    url_name="finals",
    tags=["Submissions"],
)
def finals(request: HttpRequest, slug: str, phase: AskedPhase = None) -> dict[str, Any]:
    """Which submissions decide your team's place on the private board."""
    user = user_of(request)
    chosen = get_phase_for(user, slug, number=phase)
    return finals_document(team_of(user.pk, chosen.competition), chosen)


@api.post(
    "/competitions/{slug}/finals/",
    response={200: schemas.Finals, **REFUSALS},
    url_name="finals",
    tags=["Submissions"],
)
def choose(
    request: HttpRequest, slug: str, choice: schemas.Choice, phase: AskedPhase = None
) -> dict[str, Any]:
    """Choose your team's final submissions, until the close; an empty list leaves it to their scores."""
    user = user_of(request)
    chosen = get_phase_for(user, slug, number=phase)
    choosing.choose(user=user, phase=chosen, submission_ids=choice.submissions)
    return finals_document(team_of(user.pk, chosen.competition), chosen)


@api.get(
    "/competitions/{slug}/leaderboard/",
    response={200: schemas.Leaderboard, **REFUSALS},
    url_name="leaderboard",
    tags=["Leaderboard"],
)
def leaderboard(
    request: HttpRequest,
    slug: str,
    split: Split = Split.PUBLIC,
    after: str = "",
    phase: AskedPhase = None,
) -> dict[str, Any]:
    """A page of the board; the private one is for everybody once the competition has ended."""
    chosen = get_phase_for(request.user, slug, number=phase)
    if split not in visible_splits(request.user, chosen):
        raise Http404
    board = boards.board_of(chosen, split)
    if board is None:
        return {"split": split.value, "teams": 0, "rows": [], "next": None}
    try:
        place = boards.Place(after=Cursor.decode(after) if after else None)
    except BadCursor as error:
        raise Http404 from error
    page = boards.page(board, place=place, user_id=request.user.pk)
    address = reverse("v1:leaderboard", args=[slug])
    query = {"split": split.value, "after": page.next.encode() if page.next else ""}
    query |= {"phase": str(phase)} if phase else {}
    return {
        "split": split.value,
        "teams": page.teams,
        "rows": [row_document(row) for row in page.rows],
        "next": site_url(f"{address}?{urlencode(query)}") if page.next else None,
    }
