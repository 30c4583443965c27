"""Refusals of this app; each says what to do."""


class TooManyTokens(Exception):
    """The person has as many tokens as anybody may have; the message is for them."""
