"""`make chaos`: the full run, with its counts and goals printed."""

from __future__ import annotations

import argparse
import sys

from tests.chaos.run import Outcome, run
from tests.stack import goals_line


def report(outcome: Outcome) -> None:
    kills = ", ".join(f"{name} {count}" for name, count in sorted(outcome.kills.items()))
    meddled = ", ".join(f"{name} {count}" for name, count in sorted(outcome.meddled.items()))
    states = ", ".join(f"{name} {count}" for name, count in sorted(outcome.states.items()))
    attempts = ", ".join(f"{count} with {n}" for n, count in sorted(outcome.attempts.items()))
    print(f"killed (SIGKILL): {sum(outcome.kills.values())} ({kills})")
    print(f"messages meddled with: {sum(outcome.meddled.values())} ({meddled})")
    print(f"accepted: {outcome.accepted}; requests whose answer was cut off: {outcome.unknown}")
    print(f"refused: {dict(outcome.refused)}")
    print(f"ends: {states}; attempts: {attempts}")
    print(
        f"stuck {outcome.stuck}, lost {outcome.lost}, counted twice {outcome.counted_twice}, "
        f"quota wrong {outcome.quota_wrong}, scores wrong {outcome.scores_wrong}"
    )
    print(f"the board equals its rebuild: {outcome.board_equal} {outcome.board_difference}")
    print(
        f"time to an end: median {outcome.median_seconds:.1f} s, longest {outcome.longest_seconds:.1f} s"
    )


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--teams", type=int, default=50)
    parser.add_argument("--each", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    outcome = run(teams=chosen.teams, each=chosen.each, seed=chosen.seed)
    report(outcome)
    goals = outcome.goals()
    wanted = chosen.teams * chosen.each
    goals["submissions_in_flight"] = {
        "goal": f">= {wanted * 9 // 10}",
        "measured": sum(outcome.states.values()),
        "met": sum(outcome.states.values()) >= wanted * 9 // 10,
    }
    print(goals_line(goals), flush=True)
    return 0 if all(goal["met"] for goal in goals.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
