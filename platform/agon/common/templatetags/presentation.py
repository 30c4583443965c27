"""How times, scores, formulas and icons look."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from django import template
from django.contrib.humanize.templatetags.humanize import naturaltime
from django.templatetags.static import static
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timeuntil
from django.utils.translation import pgettext

from agon.common.markdown import render_formula
from agon.common.scores import score_text

register = template.Library()

NOTHING = "–"


def _in_utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _machine_readable(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def _in_zone_of_reader(moment: datetime) -> str:
    pattern = pgettext("how a date and time are written", "j M Y, H:i")
    return formats.date_format(timezone.localtime(moment), pattern)


@register.simple_tag
def moment(value: datetime | None, *, utc: bool = False) -> str:
    """A time in the reader's zone; UTC in the title, or beside it with `utc=True`."""
    if value is None:
        return NOTHING
    shown = format_html(
        '<time datetime="{}" title="{}" data-local>{}</time>',
        _machine_readable(value),
        _in_utc(value),
        _in_zone_of_reader(value),
    )
    if not utc:
        return shown
    return format_html('{} <span class="utc">{}</span>', shown, _in_utc(value))


@register.simple_tag
def ago(value: datetime | None) -> str:
    """How long ago, or how soon; the exact time in the title."""
    if value is None:
        return NOTHING
    return format_html(
        '<time datetime="{}" title="{} · {}">{}</time>',
        _machine_readable(value),
        _in_zone_of_reader(value),
        _in_utc(value),
        naturaltime(value),
    )


@register.filter
def until(value: datetime) -> str:
    """The time left in words, in its largest unit or two."""
    return timeuntil(value, depth=2)


@register.filter
def score(value: float | None, decimals: int = 5) -> str:
    """A score as it stands on every page; a dash where there is none."""
    return NOTHING if value is None else score_text(value, decimals)


@register.filter
def formula(source: str) -> SafeString:
    """A LaTeX formula as MathML."""
    return render_formula(source, block=True)


@register.simple_tag
def linked_data_block(document: dict[str, Any]) -> SafeString:
    """Linked data for search engines. A browser runs no block of this type, and the policy lets it be.

    The escapes, which are those of Django's `json_script`, keep any text from ending the block.
    """
    text = json.dumps(document, ensure_ascii=False).translate(
        {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}
    )
    return format_html('<script type="application/ld+json">{}</script>', SafeString(text))


@register.simple_tag
def icon(name: str, label: str = "") -> str:
    """A drawing from the icon file; silent to screen readers unless it has a label."""
    return format_html(
        '<svg class="icon" width="20" height="20" {}><use href="{}#{}"></use></svg>',
        format_html('role="img" aria-label="{}"', label)
        if label
        else format_html('aria-hidden="true"{}', ""),
        static("common/icons.svg"),
        name,
    )
