"""Refusals of this app; each says what to do."""

from collections.abc import Sequence


class UploadRefused(Exception):
    """A file, or a piece of one, that can't be taken; the message is for who sent it."""


class OutOfStep(Exception):
    """A piece that does not begin where the last one ended."""


class PublicationRefused(Exception):
    """A draft that can't be published yet; one sentence for each reason."""

    def __init__(self, *sentences: str) -> None:
        super().__init__(" ".join(sentences))
        self.sentences: Sequence[str] = sentences
