"""Drafts in tests: a title and a small solution, and whatever else a test says."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models.fields.files import FieldFile

from agon.accounts.models import User
from agon.creation.models import Draft, Run
from agon.creation.runner import carry
from agon.creation.services import drafts, runs, uploads

SOLUTION = b"id,label\n" + b"".join(
    b"%d,%s\n" % (n, b"cat" if n % 2 else b"dog") for n in range(40)
)


def bring(draft: Draft, role: str, content: bytes, name: str) -> None:
    uploads.add_file(draft=draft, role=role, upload=SimpleUploadedFile(name, content))


def make_draft(owner: User, *, solution: bytes = SOLUTION, **answers: Any) -> Draft:
    draft = drafts.begin(owner=owner)
    bring(draft, "solution", solution, "answers.csv")
    filled: dict[str, Any] = {
        "basics": {"title": "Cats and dogs", "slug": "cats-and-dogs"},
        "data": {
            "id_column": "id",
            "id_type": "integer",
            "target": "label",
            "target_type": "text",
            "usage_column": "",
            "public_percent": 30,
            "classes": {"cat": 20, "dog": 20},
        },
        "metric": {"name": "accuracy"},
        "limits": {"per_day": 5, "team_size": 4, "results": "published"},
        "access": {"visibility": "private", "joining": "invited"},
        **answers,
    }
    for step, given in filled.items():
        draft = drafts.save_step(draft=draft, step=step, answers=given)
    return draft


def run(draft: Draft, *, publish: bool = False) -> Run:
    """Asked for, and done at once by this process in place of the worker."""
    ask = runs.ask_for_publication if publish else runs.ask_for_check
    ask(draft=draft)
    claimed = runs.claim()
    assert claimed is not None
    carry(claimed)
    claimed.refresh_from_db()
    return claimed


def content_of(file: FieldFile) -> bytes:
    with file.open("rb") as stream:
        return bytes(stream.read())
