"""Who may read, publish, change and hide a notebook. Who may see a competition may read its notebooks."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from agon.accounts.models import User
from agon.competitions import rules as competition_rules
from agon.competitions.models import Competition
from agon.notebooks.errors import NotebookRefused
from agon.notebooks.models import Notebook, NotebookVersion
from agon.submissions.models import UNFINISHED, State, Submission


def check_may_publish(user: competition_rules.Reader, competition: Competition) -> None:
    """Raise `NotebookRefused` unless this person may publish here: those who take part, and hosts."""
    if not isinstance(user, User):
        raise NotebookRefused("signed_out", _("Sign in to publish a notebook."))
    if competition_rules.can_manage(user, competition):
        return
    if not competition_rules.has_accepted_rules(user, competition):
        raise NotebookRefused(
            "not_joined", _("Accept the rules to take part; then you can publish a notebook.")
        )


def may_publish(user: competition_rules.Reader, competition: Competition) -> bool:
    try:
        check_may_publish(user, competition)
    except NotebookRefused:
        return False
    return True


def is_host(user: User, competition: Competition) -> bool:
    return competition_rules.can_manage(user, competition)


def can_change(user: competition_rules.Reader, notebook: Notebook) -> bool:
    """Its author, as long as they may see the competition; a baseline's also the other hosts."""
    if not isinstance(user, User):
        return False
    is_host = competition_rules.can_manage(user, notebook.competition)
    return notebook.author_id == user.pk or (bool(notebook.origin) and is_host)


def can_see(user: competition_rules.Reader, notebook: Notebook) -> bool:
    """A hidden one is there for its author and the hosts alone."""
    if not notebook.is_hidden:
        return True
    is_author = isinstance(user, User) and notebook.author_id == user.pk
    return is_author or competition_rules.can_oversee(user, notebook.competition)


def get_notebook_for(
    user: competition_rules.Reader, competition: Competition, slug: str
) -> Notebook:
    """A notebook of a competition that the user may see already; else 404."""
    notebook = get_object_or_404(
        Notebook.objects.select_related("author", "submission__phase", "submission__team"),
        competition=competition,
        slug=slug,
    )
    notebook.competition = competition
    if not can_see(user, notebook):
        raise Http404
    return notebook


def get_version_of(notebook: Notebook, number: int | None) -> NotebookVersion:
    """A version by its number, or the latest; else 404."""
    versions = notebook.versions.all()
    version = versions.filter(number=number).first() if number is not None else versions.first()
    if version is None:
        raise Http404
    version.notebook = notebook
    return version


def submissions_to_link(user: User, competition: Competition) -> QuerySet[Submission]:
    """Those of the person's own team that have or may get a score; for hosts also their baselines'."""
    hopeful = Submission.objects.filter(
        phase__competition=competition, state__in=[*UNFINISHED, State.SCORED]
    )
    mine = hopeful.filter(team__memberships__user=user)
    if competition_rules.can_manage(user, competition):
        mine = mine | hopeful.filter(team__is_host_baseline=True)
    return mine.select_related("team", "phase").order_by("-created_at").distinct()
