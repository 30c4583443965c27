"""Why a notebook is not taken, and what its sender can do about it."""


class NotebookRefused(Exception):
    """Not accepted, and nothing kept. The message is for the sender.

    Attributes:
        code: What callers tell apart: signed_out, not_joined, too_large, not_a_notebook,
            too_complex, wrong_submission, too_many.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
