"""A draft becomes a competition, by the same way as a folder of the site."""

from __future__ import annotations

from pathlib import Path

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agon.competitions.errors import CompetitionRefused
from agon.competitions.models import Competition, Joining, Verb, Visibility
from agon.competitions.services import load_competition, record_action
from agon.competitions.services.inviting import Access, change_access
from agon.creation.errors import PublicationRefused
from agon.creation.models import Draft
from agon.creation.services.drafts import is_free
from scoring.definition import load_definition
from scoring.errors import BrokenCompetition


def publish(*, draft: Draft, folder: Path, fingerprint: str) -> Competition:
    """Make the competition of the folder that `write_folder` wrote of the draft.

    Args:
        draft: The draft.
        folder: What was written of it.
        fingerprint: Of what was checked, and asked to be published.

    Raises:
        PublicationRefused: The draft was changed or the address taken meanwhile, or something in
            the folder is wrong.
    """
    try:
        definition = load_definition(folder)
        with transaction.atomic():
            held = Draft.objects.select_for_update().select_related(None).get(pk=draft.pk)
            if held.published_at is not None:
                raise PublicationRefused(_("This draft is published already."))
            if held.fingerprint != fingerprint:
                raise PublicationRefused(_("The draft has changed since the check. Run it again."))
            if not is_free(definition.slug):
                raise PublicationRefused(
                    _("The address “%(slug)s” is not available. Choose another one.")
                    % {"slug": definition.slug}
                )
            competition = load_competition(definition=definition, host=held.owner)
            _open(competition, held)
            held.competition, held.published_at = competition, timezone.now()
            held.save(update_fields=["competition", "published_at", "updated_at"])
    except BrokenCompetition as error:
        raise PublicationRefused(*(problem.sentence() for problem in error.problems)) from error
    except (CompetitionRefused, ValidationError, IntegrityError) as error:
        raise PublicationRefused(str(error)) from error
    return competition


def _open(competition: Competition, draft: Draft) -> None:
    wanted = draft.step("access")
    access = Access(
        visibility=Visibility(wanted.get("visibility", Visibility.PRIVATE)),
        joining=Joining(wanted.get("joining", Joining.INVITED)),
    )
    change_access(actor=draft.owner, competition=competition, access=access)
    record_action(
        competition=competition,
        actor=draft.owner,
        verb=Verb.CREATED,
        subject=competition.slug,
    )
