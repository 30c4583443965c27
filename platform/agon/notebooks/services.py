"""Every write to notebooks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

from django.core.files.base import File
from django.core.files.storage import storages
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from agon.accounts.models import User
from agon.common.files import Digest, digest
from agon.competitions.models import Competition
from agon.notebooks import rules
from agon.notebooks.errors import NotebookRefused
from agon.notebooks.models import Licence, Notebook, NotebookVersion
from agon.notebooks.reading import MAX_BYTES, read, too_large
from agon.submissions.models import Submission

VERSIONS_A_DAY = 30
RESERVED = {"publish"}
ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class About:
    """What its author says of a notebook."""

    title: str
    licence: Licence = Licence.APACHE
    model: str = ""
    submission: Submission | None = None


def publish(
    *, user: User, competition: Competition, upload: File[bytes], about: About, name: str = ""
) -> Notebook:
    """A new notebook with its first version, or `NotebookRefused` with nothing kept."""
    rules.check_may_publish(user, competition)
    _check_submission(user, competition, about.submission)
    _check_left(user, competition)
    contents = check_file(upload)
    for attempt in range(ATTEMPTS):
        notebook = Notebook(
            competition=competition,
            author=user,
            title=about.title,
            slug=_free_slug(competition, name or about.title),
            model=about.model,
            licence=about.licence.value,
            submission=about.submission,
        )
        try:
            with _stored(upload, contents) as stored, transaction.atomic():
                notebook.save()
                _add_version(notebook, stored, contents)
        except IntegrityError:  # somebody took the address a moment ago
            if attempt == ATTEMPTS - 1:
                raise
            continue
        return notebook
    raise AssertionError("unreachable")  # pragma: no cover


def revise(
    *, user: User, notebook: Notebook, about: About, upload: File[bytes] | None = None
) -> Notebook:
    """Say something else of a notebook, and add a version if there is a file that is new."""
    _check_submission(user, notebook.competition, about.submission, also=notebook.submission_id)
    contents = check_file(upload) if upload is not None else None
    with transaction.atomic():
        notebook = Notebook.objects.select_for_update().get(pk=notebook.pk)
        Notebook.objects.filter(pk=notebook.pk).update(
            title=about.title,
            licence=about.licence.value,
            model=about.model,
            submission=about.submission,
        )
        latest = notebook.versions.first()
        if upload is None or contents is None or (latest and latest.sha256 == contents.sha256):
            return Notebook.objects.get(pk=notebook.pk)
        _check_left(user, notebook.competition)
        with _stored(upload, contents) as stored:
            _add_version(notebook, stored, contents)
        return Notebook.objects.get(pk=notebook.pk)


def publish_baseline(
    *,
    user: User,
    competition: Competition,
    upload: File[bytes],
    about: About,
    origin: str,
    official: bool = True,
    seconds: int | None = None,
) -> Notebook:
    """A host's baseline, made or brought up to date; doing it twice changes nothing more."""
    notebook = Notebook.objects.filter(competition=competition, origin=origin).first()
    with transaction.atomic():
        if notebook is None:
            notebook = publish(
                user=user, competition=competition, upload=upload, about=about, name=origin
            )
        else:
            about = replace(about, submission=about.submission or notebook.submission)
            notebook = revise(user=user, notebook=notebook, about=about, upload=upload)
        kept = notebook.seconds if seconds is None else seconds
        Notebook.objects.filter(pk=notebook.pk).update(
            origin=origin, is_official=official, seconds=kept
        )
    return Notebook.objects.get(pk=notebook.pk)


def delete(*, notebook: Notebook) -> None:
    """Take a notebook away with all its versions and their files."""
    with transaction.atomic():
        names = [version.file.name or "" for version in notebook.versions.all()]
        notebook.delete()
        transaction.on_commit(lambda: _remove(names), robust=True)


def pin(*, notebook: Notebook, pinned: bool) -> None:
    """Show a notebook before the others, or no longer."""
    Notebook.objects.filter(pk=notebook.pk).update(is_official=pinned)


def hide(*, notebook: Notebook, reason: str) -> None:
    """Show a notebook to its author and the hosts alone; the author is told why."""
    Notebook.objects.filter(pk=notebook.pk).update(
        hidden_at=timezone.now(), hidden_reason=reason, is_official=False
    )


def show(*, notebook: Notebook) -> None:
    """Show a hidden notebook to everybody again."""
    Notebook.objects.filter(pk=notebook.pk).update(hidden_at=None, hidden_reason="")


def check_file(upload: File[bytes]) -> Digest:
    """Refuse what is no notebook, or one that no page could show."""
    if upload.size > MAX_BYTES:
        raise NotebookRefused("too_large", too_large(upload.size))
    upload.seek(0)
    read(upload.read())
    return digest(upload)


def _check_submission(
    user: User, competition: Competition, submission: Submission | None, also: int | None = None
) -> None:
    """A notebook names a submission of its author's team, or keeps the one that it names."""
    if submission is None or submission.pk == also:
        return
    if not rules.submissions_to_link(user, competition).filter(pk=submission.pk).exists():
        raise NotebookRefused(
            "wrong_submission",
            _("Choose a submission of your own team that has a score or waits for one."),
        )


def _check_left(user: User, competition: Competition) -> None:
    since = timezone.now() - timedelta(days=1)
    versions = NotebookVersion.objects.filter(
        notebook__author=user, notebook__competition=competition, created_at__gte=since
    )
    if not rules.is_host(user, competition) and versions.count() >= VERSIONS_A_DAY:
        raise NotebookRefused(
            "too_many",
            _("You have uploaded %(count)s versions within a day, the most here. Go on tomorrow.")
            % {"count": VERSIONS_A_DAY},
        )


def _free_slug(competition: Competition, title: str) -> str:
    wanted = slugify(title)[:70].strip("-") or "notebook"
    taken = RESERVED | set(
        Notebook.objects.filter(competition=competition, slug__startswith=wanted).values_list(
            "slug", flat=True
        )
    )
    slug, number = wanted, 1
    while slug in taken:
        number += 1
        slug = f"{wanted}-{number}"
    return slug


@contextmanager
def _stored(upload: File[bytes], contents: Digest) -> Iterator[str]:
    """The file in the storage; gone again where what follows fails."""
    folder = timezone.now().strftime("notebooks/%Y/%m/%d")
    stored = storages["default"].save(f"{folder}/{contents.sha256}.ipynb", upload)
    try:
        yield stored
    except BaseException:
        _remove([stored])
        raise


def _remove(names: list[str]) -> None:
    for name in names:
        storages["default"].delete(name)


def _add_version(notebook: Notebook, stored: str, contents: Digest) -> NotebookVersion:
    latest = notebook.versions.first()
    version = NotebookVersion.objects.create(
        notebook=notebook,
        number=latest.number + 1 if latest else 1,
        file=stored,
        sha256=contents.sha256,
        size=contents.size,
    )
    Notebook.objects.filter(pk=notebook.pk).update(updated_at=version.created_at)
    return version
