"""The engine on the command line, for hosts and participants.

    python -m scoring check  competitions/digits             validate a folder, run its examples
    python -m scoring score  competitions/digits my.csv      check a file, score practice rows
    python -m scoring metrics                                list the metrics
    python -m scoring schema                                 JSON Schema of competition.yaml

Exit code: 0 all is well, 1 the file or folder has faults, 2 wrong arguments.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from scoring.contract import Score
from scoring.definition import (
    CompetitionDefinition,
    PhaseDefinition,
    competition_schema,
    load_definition,
)
from scoring.errors import ScoringError
from scoring.examples import check_examples, prepare, score_upload
from scoring.metrics.descriptions import METRICS
from scoring.practice import score_practice


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code."""
    options = _parser().parse_args(arguments)
    try:
        code: int = options.run(options)
        sys.stdout.flush()
    except ScoringError as error:
        for problem in error.problems:
            print(f"✗ {problem.sentence()}", file=sys.stderr)
            for example in problem.examples:
                print(f"    {example}", file=sys.stderr)
            if problem.count > len(problem.examples) > 0:
                print(f"    … and {problem.count - len(problem.examples)} more", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # The reader, such as `head`, has seen enough; keep the interpreter's exit quiet too.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        print(f"✗ {error.filename}: {error.strerror}", file=sys.stderr)
        return 1
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m scoring", description="Agon's scoring engine.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    check = commands.add_parser("check", help="validate a competition's folder, run its examples")
    check.add_argument("folder", type=Path)
    check.set_defaults(run=_check)
    score = commands.add_parser("score", help="check a submission and score practice rows")
    score.add_argument("folder", type=Path)
    score.add_argument("file", type=Path)
    score.add_argument("--phase", help="the phase's name; the first one by default")
    score.add_argument("--solution", type=Path, help="score against this file (for hosts)")
    score.set_defaults(run=_score)
    commands.add_parser("metrics", help="list the metrics").set_defaults(run=_metrics)
    commands.add_parser("schema", help="print the JSON Schema of competition.yaml").set_defaults(
        run=_schema
    )
    return parser


def _check(options: argparse.Namespace) -> int:
    definition = load_definition(options.folder)
    print(f"✓ {options.folder / 'competition.yaml'} is well-formed")
    has_faults = False
    for checked in check_examples(definition):
        mark = "✗" if checked.difference else "✓"
        has_faults |= bool(checked.difference)
        print(f"{mark} {checked.name}: {checked.outcome}")
        if checked.difference:
            print(f"    {checked.difference}")
    return 1 if has_faults else 0


def _score(options: argparse.Namespace) -> int:
    definition = load_definition(options.folder, files_must_exist=False)
    phase = _phase(definition, options.phase)
    if phase is None:
        names = ", ".join(phase.name for phase in definition.phases)
        print(f"✗ There is no phase “{options.phase}”. There is: {names}.", file=sys.stderr)
        return 1
    if options.solution:
        solution = prepare(phase, options.solution)
        _print_scores(score_upload(options.file, phase, solution))
        return 0
    scores = score_practice(options.file, definition, phase)
    print(f"✓ {options.file.name}: the columns, ids and values are right")
    if scores is None:
        print(
            "It is ready to upload. The answers to these rows are hidden, so it gets no score here."
        )
    else:
        print("Scores on the practice rows:")
        _print_scores(scores, with_split=False)
    return 0


def _phase(definition: CompetitionDefinition, name: str | None) -> PhaseDefinition | None:
    return next((phase for phase in definition.phases if name in {None, phase.name}), None)


def _print_scores(scores: Sequence[Score], *, with_split: bool = True) -> None:
    for score in scores:
        split = f"{score.split:<8} " if with_split else ""
        print(f"  {split}{score.metric:<12} {score.value:.6f}  ({score.rows} rows)")


def _metrics(_: argparse.Namespace) -> int:
    for name, metric in METRICS.items():
        direction = "higher is better" if metric.higher_is_better else "lower is better"
        print(f"{name:<10} {metric.title} ({direction})\n           {metric.description}")
        for option, description in metric.parameters.items():
            print(f"           {option}: {description.description}")
    return 0


def _schema(_: argparse.Namespace) -> int:
    print(json.dumps(competition_schema(), indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
