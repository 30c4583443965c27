"""What the interface answers, as JSON; its description at /api/openapi.json is made from here."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ninja import Schema
from pydantic import Field


class Problem(Schema):
    sentence: str
    count: int = Field(description="How many rows have it.")
    examples: list[str] = Field(description="Some of them, with their lines.")


class Fault(Schema):
    code: str = Field(description="One word for programs, such as daily_limit.")
    message: str = Field(description="What is wrong and what to do, for a person.")
    link: str | None = Field(description="The page that helps.")
    problems: list[Problem] = Field(description="What is wrong with a file.")


class Refusal(Schema):
    error: Fault


class Me(Schema):
    username: str
    name: str
    url: str


class Competition(Schema):
    slug: str
    title: str
    subtitle: str
    tags: list[str]
    visibility: str
    status: str = Field(description="upcoming, open or ended.")
    starts_at: datetime | None
    ends_at: datetime | None
    participants: int
    url: str


class Competitions(Schema):
    competitions: list[Competition]
    count: int
    next: str | None


class Metric(Schema):
    name: str
    title: str
    higher_is_better: bool
    ranks: bool


class PhaseInBrief(Schema):
    number: int
    name: str
    status: str
    opens_at: datetime | None
    closes_at: datetime | None


class CompetitionDetail(Competition):
    is_prepared: bool = Field(description="Whether its data is there and submissions are taken.")
    joined: bool = Field(description="Whether you accepted the newest rules.")
    rules_url: str
    phase: int = Field(description="Which phase this is about, from 1.")
    phases: list[PhaseInBrief]
    kinds: list[str] = Field(description="predictions, model, code, files.")
    id_column: str
    columns: dict[str, str] = Field(description="The needed columns and their types.")
    metrics: list[Metric]
    limits: dict[str, int | None]
    model: dict[str, Any] | None = Field(description="What models must be like.")


class DataFile(Schema):
    name: str
    description: str
    size: int
    sha256: str
    url: str


class DataFiles(Schema):
    files: list[DataFile]


class Score(Schema):
    metric: str
    ranks: bool
    split: str
    value: float
    low: float | None
    high: float | None
    rows: int
    signature: str


class SentFile(Schema):
    name: str
    size: int
    sha256: str


class Submission(Schema):
    id: int
    competition: str
    url: str
    number: int
    kind: str
    format: str | None
    note: str
    file: SentFile
    state: str
    is_finished: bool
    counted: bool
    submitted_at: str
    finished_at: str | None
    stage: str | None
    progress: float | None
    queue_position: int | None
    fault: str | None = Field(description="Whose it is: participant, host or platform.")
    problems: list[Problem]
    scores: list[Score]


class Submissions(Schema):
    submissions: list[Submission]
    count: int
    next: str | None


class Row(Schema):
    rank: int | None = Field(description="None for a host's baseline.")
    team: str
    score: float
    low: float | None
    high: float | None
    submissions: int
    reached_at: datetime
    is_mine: bool
    is_baseline: bool


class Leaderboard(Schema):
    split: str
    teams: int
    rows: list[Row]
    next: str | None
