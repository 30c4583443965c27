"""How a score is written, the same on every page."""


def score_text(value: float, decimals: int) -> str:
    """A score rounded to the competition's decimals, so that a column of them lines up.

    One that is too small or too large for a fixed number of decimals is written with an exponent,
    so that it neither looks like zero nor fills the page.
    """
    value += 0.0  # minus zero is zero
    if value and not 0.5 * 10**-decimals <= abs(value) < 1e12:
        return f"{value:.{max(decimals, 1)}e}"
    return f"{value:.{decimals}f}"
