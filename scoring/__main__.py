"""The engine on the command line, for hosts and participants.

    python -m scoring check      competitions/digits          validate a folder, run its examples
    python -m scoring score      competitions/digits my.csv   check a file, score practice rows
    python -m scoring run-model  competitions/digits my.onnx  run a model or program in a sandbox
    python -m scoring metrics [NAME]                          list the metrics, or explain one
    python -m scoring convert    bundle/ competitions/mine    from CodaLab, Codabench, Hugging Face, Kaggle
    python -m scoring trial      competitions/mine            every fault, and two files scored, as JSON
    python -m scoring self-test                               whether this machine has a sandbox
    python -m scoring schema                                  JSON Schema of competition.yaml

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
from scoring.errors import BrokenCompetition, Problem, ScoringError
from scoring.examples import check_examples, prepare, score_upload
from scoring.foreign.conversion import convert
from scoring.foreign.notes import Weight
from scoring.isolation.selftest import self_test
from scoring.local import run_model
from scoring.metrics.descriptions import FAMILY_TITLES, METRICS
from scoring.practice import score_practice
from scoring.trials import try_folder


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
    score.add_argument("--seed", type=int, default=0, help="the phase's seed, for the intervals")
    score.add_argument("--signature", action="store_true", help="print what made each score")
    score.set_defaults(run=_score)
    model = commands.add_parser("run-model", help="run a model or program as the workers do")
    model.add_argument("folder", type=Path)
    model.add_argument("file", type=Path)
    model.add_argument("--phase", help="the phase's name; the first one by default")
    model.add_argument("--inputs", type=Path, help="other test inputs than the phase's")
    model.add_argument("--output", type=Path, default=Path("predictions.csv"))
    model.set_defaults(run=_run_model)
    conversion = commands.add_parser("convert", help="turn another platform's bundle into a folder")
    conversion.add_argument("bundle", type=Path, help="the bundle, unpacked")
    conversion.add_argument("folder", type=Path, help="a new folder for what comes out")
    conversion.add_argument(
        "--metric", default="", help="the metric that ranks, from the catalogue"
    )
    conversion.set_defaults(run=_convert)
    metrics = commands.add_parser("metrics", help="list the metrics, or explain one")
    metrics.add_argument("name", nargs="?")
    metrics.set_defaults(run=_metrics)
    trial = commands.add_parser(
        "trial", help="every fault of a folder, and two files scored for real"
    )
    trial.add_argument("folder", type=Path)
    trial.set_defaults(run=_trial)
    commands.add_parser("self-test", help="whether this machine has a sandbox").set_defaults(
        run=_self_test
    )
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


def _trial(options: argparse.Namespace) -> int:
    report = try_folder(options.folder)
    print(json.dumps(report, ensure_ascii=False, indent=2))
    return 0 if report["ok"] else 1


def _score(options: argparse.Namespace) -> int:
    definition = load_definition(options.folder, files_must_exist=False)
    phase = _phase(definition, options.phase)
    if options.solution:
        solution = prepare(phase, options.solution, seed=options.seed)
        scores = score_upload(options.file, phase, solution, solution_file=options.solution)
        _print_scores(scores, with_signature=options.signature)
        return 0
    practised = score_practice(options.file, definition, phase)
    print(f"✓ {options.file.name}: the columns, ids and values are right")
    if practised is None:
        print(
            "It is ready to upload. The answers to these rows are hidden, so it gets no score here."
        )
    else:
        print("Scores on the practice rows:")
        _print_scores(practised, with_split=False, with_signature=options.signature)
    return 0


def _run_model(options: argparse.Namespace) -> int:
    definition = load_definition(options.folder, files_must_exist=False)
    phase = _phase(definition, options.phase)
    run_model(
        options.file,
        phase,
        output=options.output,
        inputs=options.inputs,
        on_stage=lambda stage: print(f"{stage.value} …"),
    )
    print(f"✓ its predictions are in {options.output}")
    return 0


def _convert(options: argparse.Namespace) -> int:
    if options.folder.exists() and any(options.folder.iterdir()):
        reason = "it is not empty; name a new folder."
        raise BrokenCompetition(
            Problem("file_unreadable", {"file": str(options.folder), "reason": reason})
        )
    converted = convert(options.bundle, options.folder, metric=options.metric)
    marks = {Weight.CARRIED: "·", Weight.LEFT: "-", Weight.BLOCKING: "!"}
    print(f"✓ {options.folder / 'competition.yaml'}, from {converted.format.value}")
    for note in converted.notes:
        print(f"{marks[note.weight]} {note.sentence()}")
    return 0


def _self_test(_: argparse.Namespace) -> int:
    report = self_test()
    for check in report.checks:
        print(
            f"{'✓' if check.is_kept else '✗'} {check.name}"
            + f"  {check.seen}" * (not check.is_kept)
        )
    mode = f" ({report.mode} mode)" if report.mode else ""
    print(f"The sandbox is {report.tier}{mode}" + (f": {report.reason}" if report.reason else "."))
    if report.tier == "none":
        print("Models, programs and hosts' own metrics are not run on this machine.")
    return 1 if report.tier == "none" else 0


def _phase(definition: CompetitionDefinition, name: str | None) -> PhaseDefinition:
    for phase in definition.phases:
        if name in {None, phase.name}:
            return phase
    names = ", ".join(phase.name for phase in definition.phases)
    raise BrokenCompetition(Problem("phase_unknown", {"name": str(name), "known": names}))


def _print_scores(
    scores: Sequence[Score], *, with_split: bool = True, with_signature: bool = False
) -> None:
    for score in scores:
        split = f"{score.split:<8} " if with_split else ""
        interval = ""
        if score.low is not None and score.high is not None:
            interval = f"  95 % interval {score.low:.6f} to {score.high:.6f}"
        print(f"  {split}{score.metric:<12} {score.value:.6f}{interval}  ({score.rows} rows)")
        if with_signature:
            print(f"    {score.signature}")


def _metrics(options: argparse.Namespace) -> int:
    if options.name is not None and options.name not in METRICS:
        known = ", ".join(sorted(METRICS))
        raise BrokenCompetition(Problem("unknown_metric", {"metric": options.name, "known": known}))
    family = None
    for name, metric in METRICS.items():
        if options.name not in {None, name}:
            continue
        if metric.family is not family:
            family = metric.family
            print(f"{FAMILY_TITLES[family]}\n")
        direction = "higher is better" if metric.higher_is_better else "lower is better"
        print(f"{name}: {metric.title} ({direction})\n    {metric.description}")
        low, high = (("…" if end is None else f"{end:g}") for end in (metric.lower, metric.upper))
        print(f"    Range {low} to {high}, best {metric.best:g}. Formula: {metric.formula}")
        for option, description in metric.parameters.items():
            default = "" if description.default is None else f" (default {description.default})"
            print(f"    {option}: {description.description}{default}")
        if options.name:
            print(
                f"\nSolution:\n{metric.example.solution}\nSubmission:\n{metric.example.submission}"
            )
            print(f"Score: {metric.example.value:g}")
        print()
    return 0


def _schema(_: argparse.Namespace) -> int:
    print(json.dumps(competition_schema(), indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
