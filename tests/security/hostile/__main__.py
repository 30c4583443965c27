"""`make attack`: every hostile program and model in real sandboxes, in each way to start one."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from tests.benchmarks.goals import Goals
from tests.security.hostile.catalogue import ATTACKS, BY_NAME, WITHOUT_GROUPS
from tests.security.hostile.runs import hostile_models, modes, run
from tests.security.hostile.trial import Outcome


@dataclass
class Run:
    """What became of all attacks in one way of starting sandboxes."""

    outcomes: list[Outcome] = field(default_factory=list)
    was_cut_short: bool = False


def show(title: str, outcomes: Iterable[Outcome]) -> Run:
    """Print a line for each as it comes."""
    done = Run()
    print(f"\n{title}\n{'attack':<52} {'held':<5} {'bare':<6} {'ended as':<26} seconds")
    try:
        for outcome in outcomes:
            done.outcomes.append(outcome)
            bare = {None: "-", True: "works", False: "FAILS"}[outcome.control]
            held = "yes" if outcome.is_held else "NO"
            print(
                f"{outcome.name:<52} {held:<5} {bare:<6} {outcome.verdict:<26} "
                f"{outcome.seconds:7.2f}",
                flush=True,
            )
            for name, what in _complaints(outcome):
                print(f"    {name}: {what}")
    except RuntimeError as error:
        done.was_cut_short = True
        print(f"    {error}")
    return done


def _complaints(outcome: Outcome) -> Iterator[tuple[str, object]]:
    for name, text in outcome.worked.items():
        yield "worked", f"{name}: {text[:200]}"
    if outcome.leaks:
        yield "leaked", outcome.leaks
    if outcome.survivors:
        yield "left", outcome.survivors
    if outcome.wrong_end:
        yield "printed", outcome.log[-600:]
    if outcome.missing:
        yield "did not work without a sandbox", outcome.missing


def everything(names: Sequence[str], *, with_models: bool) -> Goals:
    """All attacks, in all ways."""
    held: list[Run] = []
    unfiltered: list[Run] = []
    needing = [name for name in names if BY_NAME[name].works_unfiltered]
    some = [name for name in names if name in WITHOUT_GROUPS]
    with contextlib.ExitStack() as stack:
        files, markers = None, None
        if with_models:
            files, markers = stack.enter_context(hostile_models())
        for mode in modes():
            outcomes = run(mode, names, files=files, markers=markers)
            held.append(show(f"Started as {mode}", outcomes))
            outcomes = run(mode, some, with_groups=False, with_controls=False)
            held.append(show(f"Started as {mode}, without control groups", outcomes))
            outcomes = run(mode, needing, with_filter=False, with_controls=False)
            title = f"Started as {mode} WITHOUT THE FILTER, which these have to break"
            unfiltered.append(show(title, outcomes))
    return measured(held, unfiltered, attacks=len(names))


def measured(held: Sequence[Run], unfiltered: Sequence[Run], *, attacks: int) -> Goals:
    """What the goals say of all that happened."""
    outcomes = [outcome for run in held for outcome in run.outcomes]
    controls = [outcome.control for outcome in outcomes if outcome.control is not None]
    bites = [
        set(BY_NAME[outcome.name].works_unfiltered) <= set(outcome.worked)
        for run in unfiltered
        for outcome in run.outcomes
    ]
    goals = Goals()
    goals.exactly("escapes", 0, sum(bool(outcome.worked) for outcome in outcomes))
    goals.exactly("leaks", 0, sum(bool(outcome.leaks) for outcome in outcomes))
    goals.exactly("survivors", 0, sum(bool(outcome.survivors) for outcome in outcomes))
    goals.exactly("wrong_verdicts", 0, sum(outcome.wrong_end for outcome in outcomes))
    goals.exactly("controls_that_work", len(controls), sum(controls))
    goals.exactly("ablation_bites", 1, int(bool(bites) and all(bites)))
    goals.exactly("cut_short", 0, sum(run.was_cut_short for run in [*held, *unfiltered]))
    goals.at_least("attacks", attacks, len(outcomes))
    return goals


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.security.hostile", description=__doc__)
    parser.add_argument("--only", default="", help="a part of the attacks' names")
    parser.add_argument("--without-models", action="store_true")
    chosen = parser.parse_args()
    names = [attack.name for attack in ATTACKS if chosen.only in attack.name]
    goals = everything(names, with_models=not chosen.without_models and not chosen.only)
    print()
    goals.report()
    return 0 if goals.are_met else 1


if __name__ == "__main__":
    sys.exit(main())
