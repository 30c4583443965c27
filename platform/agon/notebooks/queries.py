"""What the pages show of notebooks."""

from __future__ import annotations

from functools import lru_cache

from django.core.files.storage import storages
from django.db.models import F, Q, QuerySet
from django.urls import reverse

from agon.competitions.models import Phase
from agon.competitions.rules import Reader, can_oversee
from agon.notebooks.models import Notebook, NotebookVersion
from agon.notebooks.reading import read
from agon.notebooks.rendering import Rendered, render
from agon.submissions.rules import can_see_private_scores
from scoring.contract import Split

SORTS = ("score", "new")


def listed(user: Reader, phase: Phase, *, sort: str = "") -> QuerySet[Notebook]:
    """The competition's notebooks that the user may see, those that the hosts pinned first."""
    found = Notebook.objects.filter(competition=phase.competition)
    if not can_oversee(user, phase.competition):
        found = found.filter(Q(hidden_at__isnull=True) | Q(author=user.pk or 0))
    found = found.select_related("author", "submission__phase")
    if sort == "new":
        return found.order_by("-is_official", "-updated_at", "-id")
    ranking = F("submission__public_key").asc(nulls_last=True)
    if shown_split(user, phase) is Split.PRIVATE:
        score = F("submission__private_score")
        descending = phase.primary_metric.higher_is_better
        ranking = score.desc(nulls_last=True) if descending else score.asc(nulls_last=True)
    return found.order_by("-is_official", ranking, "-updated_at", "-id")


def shown_split(user: Reader, phase: Phase) -> Split:
    """The split that decides, among those whose scores the user may see."""
    return Split.PRIVATE if can_see_private_scores(user, phase) else Split.PUBLIC


def score_of(notebook: Notebook, user: Reader, phase: Phase) -> float | None:
    """The score of the submission that it made, on `shown_split`."""
    submission = notebook.submission
    if submission is None:
        return None
    if shown_split(user, phase) is Split.PRIVATE:
        return submission.private_score
    return submission.public_score


def rendered(version: NotebookVersion) -> Rendered:
    """The version as parts of a page; the latest few are kept in memory, for their pictures too."""
    notebook = version.notebook
    first = reverse(
        "notebooks:picture", args=[notebook.competition.slug, notebook.slug, version.number, 0]
    )
    return _rendered(version.file.name or "", version.sha256, first.removesuffix("0/"))


@lru_cache(maxsize=6)
def _rendered(name: str, _sha256: str, base: str) -> Rendered:
    with storages["default"].open(name, "rb") as stream:
        return render(read(stream.read()), base=base)
