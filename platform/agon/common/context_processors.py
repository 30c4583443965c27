"""What every page needs to draw itself."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.conf.locale import LANG_INFO
from django.http import HttpRequest

from agon.common.views import THEME_COOKIE, THEMES


def interface(request: HttpRequest) -> dict[str, Any]:
    """The theme that the reader chose, and each language by its own name."""
    theme = request.COOKIES.get(THEME_COOKIE, "auto")
    return {
        "theme": theme if theme in THEMES else "auto",
        "languages": [(code, LANG_INFO[code]["name_local"]) for code, _name in settings.LANGUAGES],
        "section": request.resolver_match.namespace if request.resolver_match else "",
    }
