"""Refusals of this app; each says what to do."""


class CaseRefused(Exception):
    """A question can't be asked, answered or closed as wanted; the message is for who wanted it."""
