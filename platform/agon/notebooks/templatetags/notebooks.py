"""How times and missing outputs of notebooks are worded."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from agon.common.templatetags.presentation import NOTHING

register = template.Library()

NOTES = {
    "interactive": gettext_noop(
        "An interactive output is not shown here. Open the notebook in Jupyter to see it."
    ),
    "picture": gettext_noop(
        "A picture is not shown: it is too large, damaged, or of another kind."
    ),
    "long": gettext_noop("This output is too long for the page. Download the notebook to see it."),
    "cut": gettext_noop("The rest is too long for the page. Download the notebook to see it."),
    "other": gettext_noop("An output of this kind is not shown here."),
    "empty": gettext_noop("An empty output."),
}


@register.simple_tag
def note(name: str) -> str:
    """What stands in place of an output that is left out."""
    return _(NOTES[name])


@register.simple_tag
def duration(seconds: int | None) -> str:
    """About how long something took."""
    if seconds is None:
        return NOTHING
    if seconds < 120:
        return ngettext("%(count)d second", "%(count)d seconds", seconds) % {"count": seconds}
    minutes = round(seconds / 60)
    if minutes < 120:
        return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}
    hours = round(minutes / 60)
    return ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours}
