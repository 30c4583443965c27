"""Refusals of this app; each says what to do."""


class CompetitionRefused(Exception):
    """A competition cannot be made or changed as asked; the message is for the host."""


class PreparationRefused(Exception):
    """The preparation cannot be started now; the message is for the host."""


class WebhookRefused(Exception):
    """A webhook cannot be made or used like this; the message says why, for the host."""


class AccessRefused(Exception):
    """Somebody cannot come in, be invited or be shown out like this; the message says why."""


class InvitationGone(Exception):
    """An address lets nobody in any more, or never did."""


class RoleRefused(Exception):
    """A role cannot be given or taken like this; the message says why, for the host.

    Attributes:
        needs_confirmation: It can, if the host says that it is meant.
    """

    def __init__(self, message: str, *, needs_confirmation: bool = False) -> None:
        super().__init__(message)
        self.needs_confirmation = needs_confirmation


class ChangeRefused(Exception):
    """A page, a date or a setting cannot be changed like this; the message says why, for the host."""


class DatesRefused(Exception):
    """Dates cannot be moved like this.

    Attributes:
        reasons: Why not, or what would happen at once, in sentences for the host.
        needs_confirmation: They can, if the host says that it is meant.
    """

    def __init__(self, reasons: list[str], *, needs_confirmation: bool = False) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons
        self.needs_confirmation = needs_confirmation
