"""One attempt from job to result, without Celery."""

from __future__ import annotations

import logging
import os
import secrets
from functools import partial
from pathlib import Path
from typing import Any

from scoring.confinement import refuse_polars_threads, run_confined
from scoring.contract import (
    Abilities,
    FileReference,
    MetricSpec,
    Outcome,
    Owner,
    ReportedProblem,
    Score,
    ScoringJob,
    ScoringResult,
    Split,
    Stage,
    SubmissionKind,
)
from scoring.errors import BrokenCompetition, InvalidSubmission, Problem
from scoring.faults import PlatformFault
from scoring.fetching import Fetcher
from scoring.hostmetrics import host_scores
from scoring.liveness import Heartbeats, OnStage, Stopwatch
from scoring.models import Machine, predict
from scoring.pipeline import score_files, write_aligned
from scoring.sandbox import Sandbox
from scoring.sandboxed import SandboxRun
from scoring.scoringprograms import program_scores
from scoring.signatures import Made, signature
from scoring.solutions import (
    PreparedSolution,
    cache_name,
    load_solution,
    prepare_solution,
    store_solution,
    write_solution,
)

logger = logging.getLogger(__name__)

SOLUTIONS_IN_MEMORY = 4
MAX_REPORTED = 20
HOST_SOLUTION = "solution.csv"
HOST_SUBMISSION = "submission.csv"


class ScoringWorker:
    """Scores jobs one after another; keeps the solutions that it met lately in memory.

    Attributes:
        name: What it is called in results.
        abilities: What it can do; models, programs and hosts' metrics need a sandbox.
    """

    def __init__(self, cache: Path, *, name: str, abilities: Abilities | None = None) -> None:
        self.name = name[:200]
        self.abilities = abilities or Abilities()
        self.fetcher = Fetcher(cache)
        self._solutions: dict[str, PreparedSolution] = {}
        self._runner: SandboxRun | None = None

    def run(self, job: ScoringJob, on_stage: OnStage) -> ScoringResult:
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
        self, job: ScoringJob, on_stage: OnStage, seconds: dict[str, float]
    ) -> tuple[Score, ...]:
        clock = Stopwatch(seconds)
        on_stage(Stage.FETCHING)
        self.fetcher.on_wait = partial(on_stage, Stage.FETCHING)
        solution_file = self.fetcher.cached(job.solution_file, expires_at=job.expires_at)
        with self.fetcher.temporary(job.submission_file, expires_at=job.expires_at) as submission:
            clock.lap("fetching")
            name = job.submission_file.name
            if job.scoring_program is not None:
                judged = self._program_scores(
                    job, job.scoring_program, submission, solution_file, on_stage
                )
                clock.lap("scoring")
                return judged
            if job.kind is not SubmissionKind.PREDICTIONS:
                submission = self._predictions(job, submission, on_stage)  # noqa: PLW2901
                name = submission.name
                clock.lap("predicting")
            on_stage(Stage.SCORING)
            solution = self._solution_in_memory(job)
            refuse_polars_threads()
            answer = run_confined(
                partial(_score_confined, job, submission, name, solution_file, solution),
                limits=job.limits,
                folder=submission.parent,
                writable=[self.fetcher.folder],
                on_wait=partial(on_stage, Stage.SCORING),
            )
            scores = [Score.model_validate(score) for score in answer["scores"]]
            if job.metric_files:
                scores += self._host_scores(job, submission.parent, answer["rows"], on_stage)
        clock.lap("scoring")
        order = [spec.name for spec in job.metrics]
        return tuple(sorted(scores, key=lambda score: order.index(score.metric)))

    def _program_scores(
        self,
        job: ScoringJob,
        scoring_program: FileReference,
        submission: Path,
        reference: Path,
        on_stage: OnStage,
    ) -> tuple[Score, ...]:
        """What the host's scoring program says; it knows no splits, so both say the same."""
        run = self._sandboxed()
        program = self.fetcher.cached(scoring_program, expires_at=job.expires_at)
        with Heartbeats(on_stage) as beats:
            beats.stage(Stage.SCORING)
            values = program_scores(
                run,
                program=program,
                command=job.command,
                reference=reference,
                submission=submission,
                keys=[spec.target[0] for spec in job.metrics],
                limits=job.limits,
                threads=self._machine().threads,
            )
        source = f"program:{scoring_program.sha256[:16]}"
        solution, sent = job.solution_file.sha256, job.submission_file.sha256
        return tuple(
            Score(
                metric=spec.name,
                split=split,
                value=values[spec.target[0]],
                rows=0,
                signature=signature(
                    Made(spec, solution, sent, job.seed, 0, source), split, 0, has_interval=False
                ),
            )
            for spec in job.metrics
            for split in Split
        )

    def _predictions(self, job: ScoringJob, submission: Path, on_stage: OnStage) -> Path:
        """Run a model or program in the sandbox; what comes out is a file like any other."""
        if job.inputs_file is None:
            raise BrokenCompetition(Problem("inputs_absent"))
        run = self._sandboxed()
        inputs = self.fetcher.cached(job.inputs_file, expires_at=job.expires_at)
        with Heartbeats(on_stage) as beats:
            return predict(
                job,
                run,
                submission=submission,
                inputs=inputs,
                folder=submission.parent,
                machine=self._machine(),
                on_stage=beats.stage,
                on_progress=beats.progress,
            )

    def _host_scores(
        self, job: ScoringJob, folder: Path, rows: dict[str, list[int]], on_stage: OnStage
    ) -> list[Score]:
        """The host's own metrics, on tables that the confined child wrote."""
        run = self._sandboxed()
        scores = []
        for spec in job.metrics:
            if spec.name not in job.metric_files:
                continue
            reference = job.metric_files[spec.name]
            metric = self.fetcher.cached(reference, expires_at=job.expires_at)
            with Heartbeats(on_stage) as beats:
                beats.stage(Stage.SCORING)
                values = host_scores(
                    run,
                    metric=metric,
                    solution=folder / HOST_SOLUTION,
                    submission=folder / HOST_SUBMISSION,
                    id_column=job.layout.id_column,
                    splits={Split(split): numbers for split, numbers in rows.items()},
                    limits=job.limits,
                )
            source = f"metric:{reference.sha256[:16]}"
            submission, solution = job.submission_file.sha256, job.solution_file.sha256
            made = Made(spec, solution, submission, job.seed, 0, source)
            for split, value in values.items():
                size = len(rows[split.value])
                whole = signature(made, split, size, has_interval=False)
                scores.append(
                    Score(metric=spec.name, split=split, value=value, rows=size, signature=whole)
                )
        return scores

    def _machine(self) -> Machine:
        threads = 1 if self.abilities.device else (os.cpu_count() or 1)
        return Machine(threads=threads, device="cuda" if self.abilities.device else "cpu")

    def _sandboxed(self) -> SandboxRun:
        """The sandbox, made when it is first needed.

        Raises:
            PlatformFault: this worker has none, and nothing runs without.
        """
        if self.abilities.sandbox == "none":
            raise PlatformFault(Problem("worker_without_sandbox"))
        if self._runner is None:
            machine = self._machine()
            self._runner = SandboxRun(
                Sandbox(workspace=self.fetcher.folder / "sandboxes"),
                threads=machine.threads,
                uses_gpu=machine.device == "cuda",
            )
        return self._runner

    def _solution_in_memory(self, job: ScoringJob) -> PreparedSolution | None:
        """The prepared solution if some child has prepared it already; a child inherits it."""
        path = prepared_path(job, self.fetcher.folder)
        solution = self._solutions.pop(path.name, None) or load_solution(
            path, sha256=job.solution_file.sha256, metrics=len(built_in(job))
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
    return folder / cache_name(job.solution_file.sha256, job.layout, built_in(job), seed=job.seed)


def built_in(job: ScoringJob) -> tuple[MetricSpec, ...]:
    """The job's metrics that are not the host's own."""
    return tuple(spec for spec in job.metrics if spec.name not in job.metric_files)


def _score_confined(
    job: ScoringJob,
    submission: Path,
    name: str,
    solution_file: Path,
    solution: PreparedSolution | None,
) -> dict[str, Any]:
    """What the confined child does."""
    if solution is None:
        solution = _prepare(job, solution_file)
    scores = score_files(
        submission,
        name,
        solution,
        layout=job.layout,
        metrics=built_in(job),
        limits=job.limits,
        submission_sha256=job.submission_file.sha256,
    )
    rows: dict[str, list[int]] = {}
    if job.metric_files:
        rows = {split.value: numbers.tolist() for split, numbers in solution.splits.items()}
        write_solution(
            solution_file,
            name=job.solution_file.name,
            usage_column=job.layout.usage_column,
            target=submission.parent / HOST_SOLUTION,
        )
        write_aligned(
            submission,
            name,
            solution.ids,
            layout=job.layout,
            limits=job.limits,
            target=submission.parent / HOST_SUBMISSION,
        )
    return {"scores": [score.to_json() for score in scores], "rows": rows}


def _prepare(job: ScoringJob, solution_file: Path) -> PreparedSolution:
    solution = prepare_solution(
        solution_file,
        name=job.solution_file.name,
        sha256=job.solution_file.sha256,
        layout=job.layout,
        metrics=built_in(job),
        seed=job.seed,
    )
    store_solution(solution, prepared_path(job, solution_file.parent))
    return solution
