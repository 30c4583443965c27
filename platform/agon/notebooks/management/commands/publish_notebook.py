"""Publishes a baseline's notebook, or brings it up to date."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile
from django.core.management.base import BaseCommand, CommandError
from django.utils.text import slugify

from agon.accounts.models import User
from agon.competitions.models import Competition
from agon.notebooks import rules
from agon.notebooks.errors import NotebookRefused
from agon.notebooks.models import Licence
from agon.notebooks.services import About, publish_baseline
from agon.submissions.models import Submission


class Command(BaseCommand):
    help = "Publishes a host's notebook in a competition; the same file again makes no new version."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("competition", help="the competition's address, such as mnist")
        parser.add_argument("file", type=Path, help="the notebook, with its outputs")
        parser.add_argument("--title", required=True)
        parser.add_argument("--model", default="", help="the model in a few words")
        parser.add_argument("--licence", choices=Licence.values, default=Licence.APACHE.value)
        parser.add_argument(
            "--official", action="store_true", help="pin it before the others' notebooks"
        )
        parser.add_argument("--submission", type=int, help="the number of the submission it made")
        parser.add_argument("--seconds", type=float, help="how long it took")
        parser.add_argument(
            "--author", default="", help="a user; the competition's host if left out"
        )
        parser.add_argument(
            "--name", default="", help="what it is known by; the file's name if left out"
        )

    def handle(self, *_args: object, **options: Any) -> None:
        competition = Competition.objects.filter(slug=options["competition"]).first()
        if competition is None:
            raise CommandError(f"There is no competition “{options['competition']}”.")
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(f"There is no file {path}.")
        seconds = options["seconds"]
        try:
            notebook = publish_baseline(
                user=_author(competition, options["author"]),
                competition=competition,
                upload=ContentFile(path.read_bytes(), name=path.name),
                about=About(
                    title=options["title"],
                    licence=Licence(options["licence"]),
                    model=options["model"],
                    submission=_submission(competition, options["submission"]),
                ),
                origin=slugify(options["name"] or path.stem) or "notebook",
                official=options["official"],
                seconds=None if seconds is None else max(round(seconds), 0),
            )
        except NotebookRefused as refusal:
            raise CommandError(refusal.message) from refusal
        version = notebook.versions.first()
        number = version.number if version else 0
        self.stdout.write(f"{notebook.get_absolute_url()} version {number}")


def _author(competition: Competition, username: str) -> User:
    if not username:
        return competition.host
    author = User.objects.filter(username=username).first()
    if author is None:
        raise CommandError(f"There is no user “{username}”.")
    if not rules.is_host(author, competition):
        raise CommandError(f"{username} does not host {competition.slug}.")
    return author


def _submission(competition: Competition, number: int | None) -> Submission | None:
    if number is None:
        return None
    submission = Submission.objects.filter(pk=number, phase__competition=competition).first()
    if submission is None:
        raise CommandError(f"{competition.slug} has no submission {number}.")
    return submission
