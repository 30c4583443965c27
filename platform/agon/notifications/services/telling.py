"""Telling people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from agon.notifications.models import Kind, MailState, Notification

BATCH = 1_000


def notify(
    *,
    kind: Kind,
    recipients: Iterable[int],
    competition_id: int | None = None,
    values: Mapping[str, Any] | None = None,
    path: str = "",
    key: str = "",
    letter: bool = True,
) -> None:
    """Tell people something; part of the transaction that does what they are told of.

    Args:
        kind: What it is about.
        recipients: Users by their number; each is told once.
        competition_id: The competition that it is about.
        values: What the sentence is filled with, as plain JSON: see `agon.notifications.wordings`.
            `what` says which of several things happened; `problems` become `reasons` in the
            reader's language, and times in ISO 8601 are shown in the reader's zone.
        path: The page that it leads to, such as `submission.get_absolute_url()`.
        key: Where given, nobody is told twice of this kind with this key.
        letter: False where a letter of its own tells the same; then it is in the inbox alone.
    """
    Notification.objects.bulk_create(
        (
            Notification(
                recipient_id=recipient,
                kind=kind,
                competition_id=competition_id,
                values=dict(values or {}),
                path=path,
                key=key,
                mail_state=MailState.NEW if letter else MailState.UNWANTED,
            )
            for recipient in dict.fromkeys(recipients)
        ),
        batch_size=BATCH,
        ignore_conflicts=bool(key),
    )
