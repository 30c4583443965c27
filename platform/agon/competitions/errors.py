"""Refusals of this app; each says what to do."""


class CompetitionRefused(Exception):
    """A competition cannot be made or changed as asked; the message is for the host."""


class PreparationRefused(Exception):
    """The preparation cannot be started now; the message is for the host."""
