"""Objects for tests: plain, valid and without surprises."""

from __future__ import annotations

import hashlib
import itertools
from datetime import datetime
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone

from agon.accounts.models import User
from agon.competitions.models import (
    Competition,
    InputsFile,
    Page,
    Phase,
    Picture,
    Preparation,
    RulesAcceptance,
    Solution,
    Visibility,
)
from agon.submissions.models import State, Submission, Worker
from agon.teams.models import Membership, Team
from scoring.contract import (
    Abilities,
    Architecture,
    ColumnType,
    Layout,
    MetricSpec,
    ModelFormat,
    ModelInterface,
    TensorSpec,
)

_numbers = itertools.count(1)

SOLUTION = b"id,label,Usage\n" + b"".join(
    f"{i},{i % 10},{'Public' if i <= 3 else 'Private'}\n".encode() for i in range(1, 11)
)
MODEL_INTERFACE = ModelInterface(
    formats=(ModelFormat.ONNX, ModelFormat.SAFETENSORS),
    inputs=(TensorSpec(name="image", shape=(1, 28, None)),),
    output=TensorSpec(name="scores", shape=(10,)),
    architecture=Architecture(name="cnn", config={"width": 8}),
)
ONNX = b"\x08\x0e\x3a\x02\x12\x00"
"""The shortest file that looks like an ONNX model at the door."""
PERFECT = b"id,label\n" + b"".join(f"{i},{i % 10}\n".encode() for i in range(1, 11))


def make_user(username: str = "", **fields: Any) -> User:
    username = username or f"user{next(_numbers)}"
    user = User(username=username, email=f"{username}@example.org", **fields)
    user.set_password("correct horse battery")
    user.save()
    return user


def make_competition(host: User | None = None, **fields: Any) -> Competition:
    number = next(_numbers)
    defaults: dict[str, Any] = {
        "slug": f"competition-{number}",
        "title": f"Competition {number}",
        "visibility": Visibility.PUBLIC,
        "host": host or make_user(),
    }
    competition = Competition.objects.create(**{**defaults, **fields})
    for name in Page.Name:
        Page.objects.create(competition=competition, name=name, text=f"# {name.label}\n\nText.")
    return competition


def make_picture(competition: Competition, page: str = "data", content: bytes = b"png") -> Picture:
    number = next(_numbers)
    picture = Picture(
        competition=competition,
        name=f"picture-{number}.png",
        page=page,
        alt=f"What picture {number} shows",
        caption=f"Caption {number}",
        sha256=hashlib.sha256(content).hexdigest(),
    )
    picture.file.save(picture.name, ContentFile(content))
    return picture


def make_preparation(competition: Competition, **fields: Any) -> Preparation:
    return Preparation.objects.create(
        competition=competition, **{"folder": competition.slug, **fields}
    )


def make_phase(
    competition: Competition | None = None,
    *,
    solution: bytes | None = SOLUTION,
    metric: str = "accuracy",
    **fields: Any,
) -> Phase:
    layout = Layout(id_column="id", columns={"label": ColumnType.INTEGER})
    defaults: dict[str, Any] = {
        "layout": layout.to_json(),
        "metrics": [MetricSpec(name=metric, target="label", prediction=("label",)).to_json()],
        "kinds": ["predictions"],
        "per_day": 5,
        "pending": 3,
    }
    phase = Phase.objects.create(
        competition=competition or make_competition(), **{**defaults, **fields}
    )
    if solution is not None:
        make_solution(phase, solution)
    return phase


def make_solution(phase: Phase, content: bytes = SOLUTION) -> Solution:
    solution = Solution(
        phase=phase,
        version=phase.solutions.count() + 1,
        name="solution.csv",
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
    )
    solution.file.save("solution.csv", ContentFile(content))
    return solution


def take_models(phase: Phase, *kinds: str, **fields: Any) -> Phase:
    """Let a phase take models and programs, besides predictions."""
    phase.kinds = list(kinds or ("predictions", "model", "code"))
    phase.model = MODEL_INTERFACE.to_json()
    for name, value in fields.items():
        setattr(phase, name, value)
    phase.save()
    make_inputs(phase)
    return phase


def make_inputs(phase: Phase, content: bytes = b"arrays") -> InputsFile:
    inputs = InputsFile(
        phase=phase,
        version=phase.inputs_files.count() + 1,
        name="test_inputs.npz",
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
    )
    inputs.file.save("test_inputs.npz", ContentFile(content))
    return inputs


def make_worker(name: str = "", *, capability: str = "cpu", **abilities: Any) -> Worker:
    """A worker that has just reported; it can run everything unless told otherwise."""
    able = {
        "sandbox": "full",
        "runtimes": (*(format_.value for format_ in ModelFormat), "python"),
    }
    return Worker.objects.create(
        name=name or f"scoring.{capability}@host{next(_numbers)}",
        capability=capability,
        abilities=Abilities.model_validate({**able, **abilities}).to_json(),
    )


def make_participant(competition: Competition, username: str = "", **fields: Any) -> User:
    """Somebody who has accepted the rules."""
    user = make_user(username, **fields)
    RulesAcceptance.objects.create(
        competition=competition, user=user, version=competition.rules_version
    )
    return user


def make_team(competition: Competition, *members: User, name: str = "", **fields: Any) -> Team:
    team = Team.objects.create(
        competition=competition, name=name or f"Team {next(_numbers)}", **fields
    )
    for member in members:
        Membership.objects.create(team=team, competition=competition, user=member)
    return team


def make_submission(
    team: Team,
    phase: Phase,
    *,
    state: State = State.QUEUED,
    public: float | None = None,
    private: float | None = None,
    created_at: datetime | None = None,
    content: bytes = PERFECT,
    **fields: Any,
) -> Submission:
    """A submission as it stands in the database, without its attempts."""
    last = Submission.objects.filter(team=team, phase=phase).order_by("-number").first()
    member = team.memberships.first()
    submission = Submission(
        phase=phase,
        team=team,
        submitted_by=member.user if member else None,
        number=last.number + 1 if last else 1,
        file_name="predictions.csv",
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        state=state,
        created_at=created_at or timezone.now(),
        public_score=public,
        private_score=private,
        public_key=None if public is None else phase.sort_key(public),
        finished_at=None if state in {State.QUEUED, State.RUNNING} else timezone.now(),
        **fields,
    )
    submission.file.save("predictions.csv", ContentFile(content), save=False)
    submission.save()
    return submission
