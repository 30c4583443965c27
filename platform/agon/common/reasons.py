"""Why something could not be scored, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext

from scoring.errors import SENTENCES


def reason_text(code: str, params: Mapping[str, str | int], count: int) -> str:
    """The sentence of a `scoring.errors.Problem`."""
    template = SENTENCES.get(code) or SENTENCES["platform_error"]
    try:
        return gettext(template).format(**{"count": count, **params})
    except (KeyError, IndexError, ValueError):  # a worker of another version fills it differently
        return gettext(template)
