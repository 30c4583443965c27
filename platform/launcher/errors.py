"""What stops a start."""


class CannotStart(Exception):
    """A sentence that says what is wrong and what to do; shown without a traceback."""
