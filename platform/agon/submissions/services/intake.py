"""Taking a submission in, and taking it back."""

from __future__ import annotations

from datetime import datetime
from typing import BinaryIO, cast

from django.core.files.base import File
from django.core.files.storage import storages
from django.db import transaction
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext as _

from agon.accounts.models import User
from agon.common.files import Digest, digest
from agon.competitions.models import Phase
from agon.submissions import rules
from agon.submissions.errors import CannotCancel, SubmissionRefused
from agon.submissions.models import State, Submission
from agon.submissions.services.attempts import end_attempt, start_attempt
from agon.teams.errors import NameTaken
from agon.teams.models import Membership, Team
from agon.teams.services import ensure_baseline, ensure_team
from scoring.contract import ModelFormat, SubmissionKind
from scoring.errors import InvalidSubmission
from scoring.inspection import inspect_upload
from scoring.modelinspection import inspect_files, inspect_model, inspect_program


def submit(
    *,
    user: User,
    phase: Phase,
    upload: File[bytes],
    note: str = "",
    kind: SubmissionKind = SubmissionKind.PREDICTIONS,
    baseline: str = "",
) -> Submission:
    """Accept a file for scoring, or raise `SubmissionRefused` with nothing spent.

    What can be refused at the door is refused before the file is stored. The decision itself is
    made under the lock of the team's row, by the server's clock at that moment: of two requests
    for the last submission one gets in.

    Args:
        user: Who submits.
        phase: What they submit to.
        upload: The file.
        note: The sender's own words about it.
        kind: What the file is.
        baseline: The name of a baseline of the host's; it stands on the board for itself, unranked
            and without a quota. Only for those who run the competition.
    """
    _check_may(user, phase, baseline, at=timezone.now())
    format_ = check_file(phase=phase, upload=upload, kind=kind)
    team = _team(user, phase, baseline)
    _check_left(team, phase, at=timezone.now())

    contents = digest(upload)
    stored = store(upload, contents)
    try:
        with transaction.atomic():
            _hold(team, user)
            now = timezone.now()
            _check_may(user, phase, baseline, at=now)
            _check_left(team, phase, at=now)
            return _create(
                user=user,
                team=team,
                phase=phase,
                upload=upload,
                stored=stored,
                contents=contents,
                kind=kind,
                format_=format_,
                note=note,
                at=now,
                is_late=not baseline and rules.is_late(phase, at=now),
            )
    except Exception:
        # An exception that comes after the commit, or a commit whose answer was lost, must not cost
        # an accepted submission its file.
        if not Submission.objects.filter(file=stored).exists():
            storages["default"].delete(stored)
        raise


def _hold(team: Team, user: User) -> None:
    """Lock the team's row. It may have changed since it was looked up: people come and go."""
    held = Team.objects.select_for_update().filter(pk=team.pk).first()
    if held is None or not (
        held.is_host_baseline or Membership.objects.filter(team=held, user=user).exists()
    ):
        raise SubmissionRefused(
            "team_changed", _("Your team changed a moment ago. Upload the file again.")
        )


def _check_may(user: User, phase: Phase, baseline: str, *, at: datetime) -> None:
    if baseline:
        rules.check_may_submit_baseline(user, phase)
    else:
        rules.check_may_submit(user, phase, at=at)


def _check_left(team: Team, phase: Phase, *, at: datetime) -> None:
    """The quota of those who take part."""
    if not team.is_host_baseline:
        rules.check_quota(team, phase, at=at)


def _team(user: User, phase: Phase, baseline: str) -> Team:
    if not baseline:
        return ensure_team(user=user, competition=phase.competition)
    name = " ".join(baseline.split())
    limit = Team._meta.get_field("name").max_length or 0
    if not name or not name.isprintable() or len(name) > limit:
        raise SubmissionRefused(
            "bad_baseline",
            _("Name the baseline with 1 to %(limit)s printable characters.") % {"limit": limit},
        )
    try:
        return ensure_baseline(competition=phase.competition, name=name)
    except NameTaken as taken:
        raise SubmissionRefused("bad_baseline", str(taken)) from taken


def check_file(
    *, phase: Phase, upload: File[bytes], kind: SubmissionKind = SubmissionKind.PREDICTIONS
) -> ModelFormat | None:
    """Refuse at the door what can never be scored; gives the format of a model."""
    if kind not in phase.submission_kinds:
        raise SubmissionRefused("wrong_kind", _("This kind of submission is not taken here."))
    limit = phase.limits_of(kind).file_bytes
    if upload.size > limit:
        raise SubmissionRefused("too_large", too_large(kind, upload.size, limit))
    try:
        upload.seek(0)
        return _inspect(phase, upload, kind)
    except InvalidSubmission as fault:
        raise SubmissionRefused(
            "bad_file",
            _("This file cannot be scored. It has not been counted; mend it and upload it again."),
            problems=tuple(fault.problems),
        ) from fault


def too_large(kind: SubmissionKind, size: int, limit: int) -> str:
    if kind is SubmissionKind.PREDICTIONS:
        text = _(
            "The file has %(size)s; the limit is %(limit)s. Compress it as .zip or .gz, or leave out columns that are not needed."
        )
    elif kind is SubmissionKind.FILES:
        text = _("The file has %(size)s; the limit is %(limit)s. Send a smaller one.")
    else:
        text = _(
            "The file has %(size)s; the limit for models and programs is %(limit)s. Send a smaller one."
        )
    return text % {"size": filesizeformat(size), "limit": filesizeformat(limit)}


def _inspect(phase: Phase, upload: File[bytes], kind: SubmissionKind) -> ModelFormat | None:
    stream, name, limits = cast("BinaryIO", upload), upload.name or "", phase.limits_of(kind)
    if kind is SubmissionKind.PREDICTIONS:
        inspect_upload(stream, name=name, layout=phase.layout_spec, limits=limits)
    elif kind is SubmissionKind.CODE:
        inspect_program(stream, name=name, limits=limits)
    elif kind is SubmissionKind.FILES:
        inspect_files(stream, name=name, limits=limits)
    else:
        interface = phase.model_interface
        if interface is None:
            raise SubmissionRefused("wrong_kind", _("This kind of submission is not taken here."))
        return inspect_model(stream, name=name, interface=interface, limits=limits)
    return None


def store(upload: File[bytes], contents: Digest) -> str:
    """Keep the file under a name that nobody can guess and that carries its hash.

    Each upload is a file of its own: a copy that was torn by a crash can so never stand in for a
    later, whole one.
    """
    folder = timezone.now().strftime("submissions/%Y/%m/%d")
    return storages["default"].save(f"{folder}/{contents.sha256}", upload)


def _create(
    *,
    user: User,
    team: Team,
    phase: Phase,
    upload: File[bytes],
    stored: str,
    contents: Digest,
    kind: SubmissionKind,
    format_: ModelFormat | None,
    note: str,
    at: datetime,
    is_late: bool,
) -> Submission:
    last = Submission.objects.filter(team=team, phase=phase).order_by("-number").first()
    submission = Submission.objects.create(
        phase=phase,
        team=team,
        submitted_by=user,
        number=last.number + 1 if last else 1,
        kind=kind.value,
        format=format_.value if format_ else "",
        note=note,
        file=stored,
        file_name=(upload.name or "submission")[-200:],
        sha256=contents.sha256,
        size=contents.size,
        created_at=at,
        is_late=is_late,
    )
    start_attempt(submission=submission)
    return submission


def cancel(*, submission: Submission) -> None:
    """Take a submission back before a worker has it; the quota comes back with it."""
    with transaction.atomic():
        canceled = Submission.objects.filter(pk=submission.pk, state=State.QUEUED).update(
            state=State.CANCELED, finished_at=timezone.now(), counted=False
        )
        if not canceled:
            raise CannotCancel(
                _("It is too late to cancel: a worker has the submission already, or it has ended.")
            )
        for attempt in submission.attempts.filter(ended_at__isnull=True):
            end_attempt(attempt=attempt, outcome=State.CANCELED)
        # Without its file the job that still lies in the broker ends at once: canceling must not be
        # a way to have things scored, or stored, for nothing.
        stored = submission.file.name or ""
        transaction.on_commit(lambda: storages["default"].delete(stored), robust=True)
