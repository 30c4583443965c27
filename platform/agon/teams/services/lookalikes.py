"""Names that read as another one, though they are written with other characters."""

from __future__ import annotations

import re
import unicodedata

INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0e\U000e0100-\U000e01ef]"
)
"""What takes part in a name without being seen, and yet counts as printable."""

CYRILLIC = str.maketrans(
    "\u0430\u0432\u0435\u043a\u043c\u043d\u043e\u0440\u0441\u0442\u0443\u0445\u0455\u0456\u0458\u0501\u051b\u051d",
    "abekmhopctyxsijdqw",
)
GREEK = str.maketrans(
    "\u03b1\u03b2\u03b5\u03b9\u03ba\u03bd\u03bf\u03c1\u03c4\u03c5\u03c7\u03b6\u03b7\u03bc",
    "abeikvoptuxznm",
)
STROKES = str.maketrans({"I": "l", "1": "l", "|": "l", "0": "o", "\u0406": "l", "\u0399": "l"})
"""One stroke or one ring in most typefaces; capitals are told from small letters here."""

EMOJI_STYLE = "\ufe0f"


def has_invisible(name: str) -> bool:
    return INVISIBLE.search(name) is not None


def look_alike(one: str, other: str) -> bool:
    """Whether a reader would take one name for the other."""
    return bool(_readings(one) & _readings(other))


def _readings(name: str) -> set[str]:
    """The name in one way of writing it: as its letters are, and as its strokes are drawn."""
    normal = unicodedata.normalize("NFKC", name).replace(EMOJI_STYLE, "")
    return {_letters(normal), _letters(normal.translate(STROKES))}


def _letters(name: str) -> str:
    return name.casefold().translate(CYRILLIC).translate(GREEK)
