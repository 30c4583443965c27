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
    entry_deadline: datetime | None = Field(description="From when on nobody new may join.")
    merge_deadline: datetime | None = Field(description="From when on teams stay as they are.")
    team_size: int = Field(description="How many people are in a team at most.")
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
    final_submissions: int = Field(description="How many final submissions a team chooses.")
    takes_late: bool = Field(description="Whether what comes after the close is scored.")
    shows_results: bool = Field(description="Whether the private board is there for everybody.")


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
    is_chosen: bool = Field(description="Chosen as a final one.")
    is_late: bool = Field(description="Came after the close: scored, and on no board.")
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


class Finals(Schema):
    most: int = Field(description="How many a team chooses at most.")
    chosen: list[int] = Field(description="The submissions that your team has chosen.")
    counting: list[int] = Field(
        description="Those that decide as things are: free places go to the best public ones."
    )
    is_locked: bool = Field(description="Whether it is too late to choose.")


class Choice(Schema):
    submissions: list[int] = Field(description="The final ones, in place of those chosen before.")


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
