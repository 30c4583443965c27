"""Letters that this app sends; a letter that cannot be sent is logged and harms nothing."""

from __future__ import annotations

import logging
import smtplib

from django.conf import settings
from django.core.mail import send_mail
from django.utils.translation import gettext as _

from agon.submissions import rules
from agon.submissions.models import Submission
from scoring.contract import ReportedProblem
from scoring.errors import Problem

logger = logging.getLogger(__name__)


def tell_hosts(submission_id: int) -> None:
    """A competition is broken: its hosts learn why, with what to change."""
    submission = Submission.objects.select_related("phase__competition").get(pk=submission_id)
    competition = submission.phase.competition
    reasons = []
    for content in submission.problems:
        reported = ReportedProblem.model_validate(content)
        reasons.append("- " + Problem(reported.code, reported.params, reported.count).sentence())
    addresses = [host.email for host in rules.hosts(competition) if host.email]
    if not addresses:
        return
    try:
        send_mail(
            _("%(competition)s cannot be scored") % {"competition": competition},
            _(
                "A submission to %(competition)s failed because of the competition itself, so its "
                "sender was not charged for it:\n\n%(reasons)s\n\nThe submission: %(url)s"
            )
            % {
                "competition": competition,
                "reasons": "\n".join(reasons),
                "url": settings.SITE_URL + submission.get_absolute_url(),
            },
            None,
            addresses,
        )
    except (OSError, smtplib.SMTPException):
        logger.exception("The hosts of %s could not be told.", competition.slug)
