"""Refusals of this app; each says what to do."""


class NameTaken(Exception):
    """Another team of the competition has the name; the message is for who wanted it."""


class TeamRefused(Exception):
    """What was asked cannot be done with a team; the message is for who asked."""
