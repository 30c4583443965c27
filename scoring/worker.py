"""One attempt from job to result, without Celery."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from scoring.confinement import refuse_polars_threads, run_confined
from scoring.contract import (
    Outcome,
    Owner,
    ReportedProblem,
    Score,
    ScoringJob,
    ScoringResult,
    Stage,
)
from scoring.errors import BrokenCompetition, InvalidSubmission, Problem
from scoring.faults import PlatformFault
from scoring.fetching import Fetcher
from scoring.pipeline import score_files
from scoring.solutions import (
    PreparedSolution,
    cache_name,
    load_solution,
    prepare_solution,
    store_solution,
)

logger = logging.getLogger(__name__)

SOLUTIONS_IN_MEMORY = 4
MAX_REPORTED = 20


class ScoringWorker:
    """Scores jobs one after another; keeps the solutions that it met lately in memory."""

    def __init__(self, cache: Path, *, name: str) -> None:
        self.name = name[:200]
        self.fetcher = Fetcher(cache)
        self._solutions: dict[str, PreparedSolution] = {}

    def run(self, job: ScoringJob, on_stage: Callable[[Stage], None]) -> ScoringResult:
        """Score a job. Never raises: whatever happens becomes a result with an owner."""
        seconds: dict[str, float] = {}
        try:
            scores = self._score(job, on_stage, seconds)
        except InvalidSubmission as error:
            return self._ended(job, Outcome.REJECTED, Owner.PARTICIPANT, error.problems, seconds)
        except BrokenCompetition as error:
            return self._ended(job, Outcome.FAILED, Owner.HOST, error.problems, seconds)
        except PlatformFault as error:
            logger.exception("submission %s could not be scored", job.submission)
            return self._ended(job, Outcome.FAILED, Owner.PLATFORM, (error.problem,), seconds)
        except Exception as error:  # noqa: BLE001 - the last line of defence: every attempt gets a result
            what = f"submission {job.submission}, attempt {job.attempt}"
            problem = platform_problem(what, error)
            return self._ended(job, Outcome.FAILED, Owner.PLATFORM, (problem,), seconds)
        return ScoringResult(
            token=job.token,
            outcome=Outcome.SCORED,
            scores=scores,
            seconds=seconds,
            worker=self.name,
        )

    def _score(
        self, job: ScoringJob, on_stage: Callable[[Stage], None], seconds: dict[str, float]
    ) -> tuple[Score, ...]:
        started = time.monotonic()
        on_stage(Stage.FETCHING)
        self.fetcher.on_wait = partial(on_stage, Stage.FETCHING)
        solution_file = self.fetcher.cached(job.solution_file, expires_at=job.expires_at)
        with self.fetcher.temporary(job.submission_file, expires_at=job.expires_at) as submission:
            seconds["fetching"] = time.monotonic() - started
            on_stage(Stage.SCORING)
            solution = self._solution_in_memory(job)
            refuse_polars_threads()
            answer = run_confined(
                partial(_score_confined, job, submission, solution_file, solution),
                limits=job.limits,
                folder=submission.parent,
                on_wait=partial(on_stage, Stage.SCORING),
            )
        seconds["scoring"] = time.monotonic() - started - seconds["fetching"]
        return tuple(Score.model_validate(score) for score in answer["scores"])

    def _solution_in_memory(self, job: ScoringJob) -> PreparedSolution | None:
        """The prepared solution if some child has prepared it already; a child inherits it."""
        path = prepared_path(job, self.fetcher.folder)
        solution = self._solutions.pop(path.name, None) or load_solution(
            path, sha256=job.solution_file.sha256, metrics=len(job.metrics)
        )
        if solution is not None:
            self._solutions[path.name] = solution
            while len(self._solutions) > SOLUTIONS_IN_MEMORY:
                del self._solutions[next(iter(self._solutions))]
        return solution

    def _ended(
        self,
        job: ScoringJob,
        outcome: Outcome,
        owner: Owner,
        problems: tuple[Problem, ...],
        seconds: dict[str, float],
    ) -> ScoringResult:
        return ScoringResult(
            token=job.token,
            outcome=outcome,
            owner=owner,
            problems=tuple(map(reported, problems[:MAX_REPORTED])),
            seconds=seconds,
            worker=self.name,
        )


def platform_problem(what: str, error: Exception) -> Problem:
    """Log an exception; the problem that refers to the log tells no more."""
    reference = secrets.token_hex(4)
    logger.error("%s failed (reference %s)", what, reference, exc_info=error)
    return Problem("platform_error", {"reference": reference})


def reported(problem: Problem) -> ReportedProblem:
    """A problem as it crosses the queue."""
    return ReportedProblem(
        code=problem.code,
        params=dict(problem.params),
        count=problem.count,
        examples=tuple(problem.examples),
    )


def prepared_path(job: ScoringJob, folder: Path) -> Path:
    """Where the job's prepared solution lies, or will lie."""
    return folder / cache_name(job.solution_file.sha256, job.layout, job.metrics)


def _score_confined(
    job: ScoringJob, submission: Path, solution_file: Path, solution: PreparedSolution | None
) -> dict[str, Any]:
    """What the confined child does."""
    if solution is None:
        solution = _prepare(job, solution_file)
    scores = score_files(
        submission,
        job.submission_file.name,
        solution,
        layout=job.layout,
        metrics=job.metrics,
        limits=job.limits,
        submission_sha256=job.submission_file.sha256,
    )
    return {"scores": [score.to_json() for score in scores]}


def _prepare(job: ScoringJob, solution_file: Path) -> PreparedSolution:
    solution = prepare_solution(
        solution_file,
        name=job.solution_file.name,
        sha256=job.solution_file.sha256,
        layout=job.layout,
        metrics=job.metrics,
    )
    store_solution(solution, prepared_path(job, solution_file.parent))
    return solution
