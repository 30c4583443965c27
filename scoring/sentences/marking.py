"""Marks texts for translation."""

from __future__ import annotations


def gettext_noop(message: str) -> str:
    """Mark a text for translation; the site translates it when it is shown."""
    return message
