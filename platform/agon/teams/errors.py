"""Refusals of this app; each says what to do."""


class NameTaken(Exception):
    """Another team of the competition has the name; the message is for who wanted it."""
