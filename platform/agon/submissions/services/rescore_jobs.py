"""The jobs of a rescore: sending them behind everything else, and what workers report of them.

As with attempts the database is the truth and the broker a doorbell. Few jobs of a rescore are in
the broker at a time, with the last priority, so a fresh submission waits for none of them that no
worker has yet. Each result sends the next ones, and the sweeper does so too.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from agon.submissions import queue
from agon.submissions.models import IN_FLIGHT, OPEN_STATES, Rescore, RescoreItem, State
from agon.submissions.rescoring import left_out, unfinished_items
from agon.submissions.services.keeping import keep_scores
from agon.submissions.workers import may_be_sent, workers_alive
from scoring.contract import (
    Capability,
    Heartbeat,
    Outcome,
    Owner,
    ReportedProblem,
    ScoringResult,
    Split,
)

logger = logging.getLogger(__name__)

PER_WORKER = 8
"""How many jobs of a rescore are sent ahead for each worker that lives."""

BATCH = 500
LONGEST_BACKOFF = 6
GOING_ON = (Rescore.State.RUNNING, Rescore.State.READY)


def pump(rescore_id: int) -> int:
    """Send as many jobs as there is room for; at the end of them all it is ready to publish."""
    with transaction.atomic():
        rescore = _free(rescore_id)
        if rescore is None or rescore.state not in GOING_ON:
            return 0
        chosen = _choose(rescore)
        if not chosen and not unfinished_items(rescore).exists():
            if adopt(rescore):
                chosen = _choose(rescore)
            elif rescore.state == Rescore.State.RUNNING:
                Rescore.objects.filter(pk=rescore.pk).update(
                    state=Rescore.State.READY, ready_at=timezone.now()
                )
        for item_id in chosen:
            _ring_afterwards(item_id)
    return len(chosen)


def _free(rescore_id: int) -> Rescore | None:
    """The rescore, its row locked; None where somebody else sends its jobs just now."""
    skip = connection.features.has_select_for_update_skip_locked
    free = Rescore.objects.select_for_update(skip_locked=skip, no_key=skip)
    return free.filter(pk=rescore_id).first()


def _ring_afterwards(item_id: int) -> None:
    # Robust: a bell that is not heard is rung again by the sweeper.
    transaction.on_commit(lambda: _ring(item_id), robust=True)


def _ring(item_id: int) -> bool:
    try:
        return queue.ring_item(item_id)
    except DatabaseError:
        raise
    except Exception:  # one that cannot be sent must not keep the bell from the others
        logger.exception("Item %s of a rescore cannot be sent.", item_id)
        return False


def _choose(rescore: Rescore) -> list[int]:
    room = _room(rescore)
    if room <= 0:
        return []
    waiting = rescore.items.filter(state=RescoreItem.State.WAITING).filter(_sendable(rescore))
    chosen = list(waiting.order_by("pk").values_list("pk", flat=True)[:room])
    now = timezone.now()
    for item_id in chosen:
        RescoreItem.objects.filter(pk=item_id, state=RescoreItem.State.WAITING).update(
            state=RescoreItem.State.SENT,
            token=secrets.token_urlsafe(32),
            queued_at=now,
            sent_at=None,
            rings=0,
            lease_expires_at=None,
        )
    return chosen


def _room(rescore: Rescore) -> int:
    """The first one goes alone: where a new solution or metric does not work, it tells."""
    in_flight = rescore.items.filter(state__in=IN_FLIGHT).count()
    if rescore.changes and not rescore.items.filter(finished_at__isnull=False).exists():
        return 1 - in_flight
    workers = sum(workers_alive(capability.value) for capability in Capability)
    return PER_WORKER * max(workers, 1) - in_flight


def _sendable(rescore: Rescore) -> Q:
    """What some worker can run at the moment: what none can must not stand before the others."""
    phase = rescore.phase_afterwards
    if not (phase.runs_code or phase.own_metrics):
        return Q()
    found = Q(pk__in=[])
    shapes = rescore.items.filter(state=RescoreItem.State.WAITING).order_by()
    for kind, format_ in shapes.values_list("submission__kind", "submission__format").distinct():
        example = shapes.filter(submission__kind=kind, submission__format=format_)
        item = example.select_related("submission").first()
        if item is None:
            continue
        item.submission.phase = phase
        if may_be_sent(item.submission):
            found |= Q(submission__kind=kind, submission__format=format_)
    return found


def adopt(rescore: Rescore) -> int:
    """Take submissions in that ended since the rescore of a whole phase began."""
    if not (rescore.whole and rescore.changes):
        return 0
    return add_items(rescore, left_out(rescore).values_list("pk", flat=True))


def add_items(rescore: Rescore, submission_ids: Iterable[int]) -> int:
    made = RescoreItem.objects.bulk_create(
        (RescoreItem(rescore=rescore, submission_id=pk) for pk in submission_ids),
        batch_size=BATCH,
        ignore_conflicts=True,
    )
    return len(made)


def locked(rescore_id: int) -> Rescore:
    """The rescore, its row locked, as it is now.

    Without its relations, which a query that waited for the lock would give as they were; and not
    against scores of its that are stored, whose transaction may hold what this one wants next.
    """
    return Rescore.objects.select_for_update(no_key=True).get(pk=rescore_id)


def hold(rescore: Rescore) -> None:
    """Keep results that come now waiting until the transaction ends; what they find then has ended."""
    list(unfinished_items(rescore).select_for_update().order_by("pk").values_list("pk"))


def record_heartbeat(*, heartbeat: Heartbeat) -> bool:
    now = timezone.now()
    return bool(
        RescoreItem.objects.filter(token=heartbeat.token, state__in=IN_FLIGHT).update(
            state=RescoreItem.State.RUNNING,
            worker=heartbeat.worker,
            lease_expires_at=now + timedelta(seconds=settings.LEASE_SECONDS),
        )
        if heartbeat.token
        else False
    )


def record_result(*, result: ScoringResult) -> bool:
    """End an item with its result, once; False for a token that is no item's, or no longer."""
    if not result.token:
        return False
    with transaction.atomic():
        item = (
            RescoreItem.objects.select_for_update(
                of=("self",) if connection.features.has_select_for_update_of else ()
            )
            .select_related("submission")
            .filter(token=result.token, state__in=IN_FLIGHT)
            .first()
        )
        # The rescore is read only now: whoever ends one holds its items while they do.
        if item is None or not item.rescore.is_open:
            return False
        _take(item, result)
        # Robust: the result counts, whatever goes wrong with the next job.
        transaction.on_commit(lambda: pump(item.rescore_id), robust=True)
    return True


def _take(item: RescoreItem, result: ScoringResult) -> None:
    primary = item.rescore.ranking.name
    ranked = {score.split: score.value for score in result.scores if score.metric == primary}
    if result.outcome is Outcome.SCORED and ranked:
        keep_scores(submission=item.submission, scores=result.scores, rescore=item.rescore)
        public = ranked.get(Split.PUBLIC)
        _finish(
            item,
            RescoreItem.State.SCORED,
            public_score=public,
            private_score=ranked.get(Split.PRIVATE),
            public_key=None if public is None else item.rescore.phase_afterwards.sort_key(public),
        )
    elif result.outcome is Outcome.REJECTED:
        _refuse(item, RescoreItem.State.REJECTED, Owner.PARTICIPANT, result)
    elif result.outcome is Outcome.FAILED and result.owner is Owner.HOST:
        _refuse(item, RescoreItem.State.FAILED, Owner.HOST, result)
    else:
        problem = result.problems[0] if result.problems else ReportedProblem(code="platform_error")
        try_again(item, problem)


def _finish(item: RescoreItem, state: RescoreItem.State, **fields: object) -> None:
    RescoreItem.objects.filter(pk=item.pk, state__in=IN_FLIGHT).update(
        state=state, finished_at=timezone.now(), tries=F("tries") + 1, **fields
    )


def _refuse(
    item: RescoreItem, state: RescoreItem.State, owner: Owner, result: ScoringResult
) -> None:
    """Where the first one that had a score loses it by what the host brought, the others would too."""
    rescore = item.rescore
    problems = [problem.to_json() for problem in result.problems]
    is_first = not rescore.items.filter(finished_at__isnull=False).exists()
    _finish(item, state, owner=owner.value, problems=problems)
    tells = owner is Owner.HOST or item.submission.state == State.SCORED
    if is_first and tells and rescore.changes:
        Rescore.objects.filter(pk=rescore.pk, state=Rescore.State.RUNNING).update(
            state=Rescore.State.STOPPED, problems=problems
        )


def try_again(item: RescoreItem, problem: ReportedProblem) -> None:
    """After the platform's fault: once more, or after the last try a failure that can be retried."""
    if item.tries + 1 < settings.MAX_ATTEMPTS:
        RescoreItem.objects.filter(pk=item.pk, state__in=IN_FLIGHT).update(
            state=RescoreItem.State.WAITING,
            tries=F("tries") + 1,
            token="",
            lease_expires_at=None,
        )
        return
    _finish(
        item,
        RescoreItem.State.FAILED,
        owner=Owner.PLATFORM.value,
        problems=[problem.to_json()],
    )


def sweep_rescores() -> int:
    """Move on every rescore: workers that died, messages that were lost, and what is next."""
    now = timezone.now()
    moved = _expire(now)
    for rescore in Rescore.objects.filter(state__in=GOING_ON).select_related("phase__competition"):
        _send_back_overdue(rescore, now)
        adopt(rescore)
        moved += pump(rescore.pk)
    moved += sum(_ring(item_id) for item_id in _unheard(now))
    return moved


def _expire(now: datetime) -> int:
    expired = RescoreItem.objects.filter(
        state=RescoreItem.State.RUNNING,
        lease_expires_at__lt=now,
        rescore__state__in=OPEN_STATES,
    )
    done = 0
    for item_id in list(expired.values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            item = expired.select_for_update().filter(pk=item_id).first()
            if item is not None:
                try_again(item, ReportedProblem(code="worker_lost"))
                done += 1
    return done


def _send_back_overdue(rescore: Rescore, now: datetime) -> None:
    """A job is forgotten by its worker after its time; having waited so long is nobody's fault."""
    limit = now - timedelta(seconds=settings.QUEUE_DEADLINE_SECONDS)
    rescore.items.filter(state=RescoreItem.State.SENT, queued_at__lt=limit).update(
        state=RescoreItem.State.WAITING, token=""
    )


def _unheard(now: datetime) -> list[int]:
    """Items whose message is probably lost: never sent, or gone from the broker without a sign."""
    patience = timedelta(seconds=settings.UNSENT_SECONDS)
    sent = RescoreItem.objects.filter(
        state=RescoreItem.State.SENT, queued_at__lt=now - patience, rescore__state__in=GOING_ON
    )
    if not sent.exists():
        return []
    empty = {
        capability
        for capability in Capability
        if (waiting := queue.waiting(capability.value)) is not None and waiting.later == 0
    }
    lost = []
    for item in sent.select_related("submission__phase").order_by("pk")[:BATCH]:
        wait = patience * 2 ** min(max(item.rings - 1, 0), LONGEST_BACKOFF)
        heard = item.sent_at is not None and item.sent_at >= now - wait
        if item.sent_at is None or (not heard and item.submission.capability in empty):
            lost.append(item.pk)
    return lost
