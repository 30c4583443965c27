"""How a score is written, the same on every page."""

from __future__ import annotations

import math

MOST_DIGITS = 12


def score_text(value: float, decimals: int) -> str:
    """A score rounded to the competition's decimals, so that a column of them lines up.

    One that is too small or too large for a fixed number of decimals is written with an exponent,
    so that it neither looks like zero nor fills the page.
    """
    value += 0.0  # minus zero is zero
    if value and not 0.5 * 10**-decimals <= abs(value) < 1e12:
        return f"{value:.{max(decimals, 1)}e}"
    return f"{value:.{decimals}f}"


def interval_texts(low: float | None, high: float | None, decimals: int) -> tuple[str, str] | None:
    """The ends of an interval, rounded to two digits of its width; None where there is none.

    More digits than that would only be noise; fewer could hide that an interval is narrow.
    """
    if low is None or high is None:
        return None
    is_huge = max(abs(low), abs(high)) >= 1e12
    digits = decimals if is_huge or high <= low else 1 - math.floor(math.log10(high - low))
    if is_huge or digits > MOST_DIGITS:
        return f"{low:.{max(decimals, 1)}e}", f"{high:.{max(decimals, 1)}e}"
    digits = max(digits, 0)
    # Minus zero is zero, also where rounding made it.
    return f"{round(low, digits) + 0.0:.{digits}f}", f"{round(high, digits) + 0.0:.{digits}f}"
