"""What hosts do with webhooks; each line of it stands in the log, secrets never do."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from agon.accounts.models import User
from agon.competitions import rules
from agon.competitions.errors import WebhookRefused
from agon.competitions.models import Competition, Verb
from agon.competitions.services.actions import record_action
from agon.notifications.models import Delivery, Webhook
from agon.notifications.posting import new_secret
from agon.notifications.services import delivering

MOST = 10


@transaction.atomic
def add_webhook(
    *, competition: Competition, actor: User, url: str, events: Sequence[str]
) -> Webhook:
    """Tell an address of events from now on.

    Raises:
        WebhookRefused: There is one with this address, or there are too many.
    """
    _check_may(actor, competition)
    Competition.objects.select_for_update().get(pk=competition.pk)
    if Webhook.objects.filter(competition=competition).count() >= MOST:
        raise WebhookRefused(
            _("A competition has at most %(count)d webhooks; delete one first.") % {"count": MOST}
        )
    hook = Webhook(
        competition=competition,
        url=url,
        secret=new_secret(),
        events=list(events),
        created_by=actor,
    )
    try:
        with transaction.atomic():
            hook.save()
    except IntegrityError as error:
        raise WebhookRefused(
            _("There is a webhook with this address already; change its events instead.")
        ) from error
    _record(hook, actor, after={"address": url, "events": list(events)})
    return hook


@transaction.atomic
def change_webhook(
    *, webhook: Webhook, actor: User, events: Sequence[str], is_active: bool
) -> None:
    """Tell it of other events, or switch it on or off; what waits while it is off goes out later."""
    _check_may(actor, webhook.competition)
    before = {"events": webhook.events, "is_active": webhook.is_active}
    after = {"events": list(events), "is_active": is_active}
    if before == after:
        return
    webhook.events, webhook.is_active = list(events), is_active
    webhook.save(update_fields=["events", "is_active"])
    _record(webhook, actor, before=before, after=after)


@transaction.atomic
def renew_secret(*, webhook: Webhook, actor: User) -> Webhook:
    """Sign with a new secret from now on; the old one is good for nothing any more."""
    _check_may(actor, webhook.competition)
    webhook.secret = new_secret()
    webhook.save(update_fields=["secret"])
    _record(webhook, actor, after={"secret": "renewed"})
    return webhook


@transaction.atomic
def delete_webhook(*, webhook: Webhook, actor: User) -> None:
    _check_may(actor, webhook.competition)
    _record(webhook, actor, before={"address": webhook.url, "events": webhook.events})
    webhook.delete()


def try_webhook(*, webhook: Webhook, actor: User) -> Delivery:
    """Send a message that says only that it works."""
    _check_may(actor, webhook.competition)
    if not webhook.is_active:
        raise WebhookRefused(_("The webhook is switched off; switch it on first."))
    return delivering.send_test(webhook=webhook)


def deliver_again(*, delivery: Delivery, actor: User) -> None:
    """Send a message again, the same to the byte."""
    _check_may(actor, delivery.webhook.competition)
    if not delivery.webhook.is_active:
        raise WebhookRefused(_("The webhook is switched off; switch it on first."))
    if not delivering.send_again(delivery=delivery):
        raise WebhookRefused(_("The message is being sent just now."))


def _check_may(actor: User, competition: Competition) -> None:
    if not rules.can_manage(actor, competition):
        raise PermissionDenied(_("Only the hosts of this competition change its webhooks."))


def _record(
    webhook: Webhook,
    actor: User,
    *,
    before: dict[str, object] | None = None,
    after: dict[str, object] | None = None,
) -> None:
    record_action(
        competition=webhook.competition,
        actor=actor,
        verb=Verb.WEBHOOK_CHANGED,
        subject=webhook.url,
        before=before,
        after=after,
    )
