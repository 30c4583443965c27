"""Why a competition is not taken in, or not given out."""

from __future__ import annotations

from collections.abc import Sequence


class BundleRefused(Exception):
    """What is wrong, in sentences for whoever brought the file; nothing was changed."""

    def __init__(self, *sentences: str) -> None:
        super().__init__(" ".join(sentences))
        self.sentences: Sequence[str] = sentences


class Superseded(Exception):
    """The run was taken for dead, and counts no more."""
