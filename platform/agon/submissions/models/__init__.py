"""Submissions, the attempts at scoring them, their scores, and scoring them anew."""

from agon.submissions.models.attempts import Attempt, Worker
from agon.submissions.models.grants import QuotaGrant
from agon.submissions.models.rescores import (
    IN_FLIGHT,
    OPEN_STATES,
    PROGRAM,
    UNFINISHED_ITEMS,
    Rescore,
    RescoreFile,
    RescoreItem,
)
from agon.submissions.models.scores import Replicates, Score
from agon.submissions.models.submission import (
    UNFINISHED,
    Format,
    Kind,
    State,
    Submission,
    SubmissionQuerySet,
)

__all__ = [
    "IN_FLIGHT",
    "OPEN_STATES",
    "PROGRAM",
    "UNFINISHED",
    "UNFINISHED_ITEMS",
    "Attempt",
    "Format",
    "Kind",
    "QuotaGrant",
    "Replicates",
    "Rescore",
    "RescoreFile",
    "RescoreItem",
    "Score",
    "State",
    "Submission",
    "SubmissionQuerySet",
    "Worker",
]
