"""Each team's best submission goes over into the next phase when that opens: once, and for nothing."""

from datetime import timedelta

import factories
import pytest
import scored
from django.utils import timezone

from agon.submissions.models import State, Submission
from agon.submissions.services.carrying import carry_due
from agon.submissions.services.sweep import sweep

pytestmark = pytest.mark.django_db


@pytest.fixture
def final(cast):
    """A second phase that has just opened."""
    return factories.make_phase(
        cast.competition,
        name="final",
        order=1,
        carries_best=True,
        opens_at=timezone.now() - timedelta(minutes=1),
    )


def submit(cast, team, value, **fields):
    content = f"{team.name} {value}".encode()
    return scored.make_scored(
        team, cast.phase, scored.score(value=value), content=content, **fields
    )


def test_the_best_of_each_team_goes_over_with_a_file_of_its_own_and_without_quota(cast, final):
    submit(cast, cast.team, 0.5)
    best = submit(cast, cast.team, 0.9, note="the good one")
    other = submit(cast, cast.rivals, 0.7)
    assert carry_due() == 2
    carried = {one.carried_from: one for one in Submission.objects.filter(phase=final)}
    assert set(carried) == {best, other}
    copy = carried[best]
    assert (copy.team, copy.note, copy.state, copy.counted) == (
        cast.team,
        "the good one",
        State.QUEUED,
        False,
    )
    assert copy.file.name != best.file.name
    with copy.file.open() as one, best.file.open() as other_one:
        assert one.read() == other_one.read()
    assert copy.attempts.count() == 1


def test_it_happens_once(cast, final):
    submit(cast, cast.team, 0.9)
    assert sweep().carried == 1
    assert sweep().carried == 0
    submit(cast, cast.rivals, 0.8)
    assert carry_due() == 0
    final.carried_at = None
    final.save()
    assert carry_due() == 1, "only what has not gone over yet"


def test_it_waits_for_what_was_accepted_before_the_close(cast, final):
    submit(cast, cast.team, 0.5)
    late = factories.make_submission(cast.team, cast.phase)
    assert carry_due() == 0
    Submission.objects.filter(pk=late.pk).update(state=State.CANCELED, finished_at=timezone.now())
    assert carry_due() == 1


@pytest.mark.parametrize(
    "changes", [{"carries_best": False}, {"opens_at": timezone.now() + timedelta(days=1)}]
)
def test_a_phase_that_is_not_to_start_so_or_not_yet_open_starts_empty(cast, final, changes):
    submit(cast, cast.team, 0.9)
    for name, value in changes.items():
        setattr(final, name, value)
    final.save()
    assert carry_due() == 0


def test_a_baseline_of_the_host_goes_over_too(cast, final):
    baseline = factories.make_team(cast.competition, name="CNN", is_host_baseline=True)
    submit(cast, baseline, 0.8)
    assert carry_due() == 1


def test_another_kind_than_the_phase_takes_stays(cast, final):
    submit(cast, cast.team, 0.9)
    final.kinds = ["files"]
    final.save()
    assert carry_due() == 0
