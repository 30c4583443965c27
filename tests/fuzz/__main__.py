"""`make fuzz`: files as strangers send them through door and reader, for ten minutes."""

from __future__ import annotations

import argparse
import importlib.util
import sys

from tests.fuzz.campaign import campaign, goals
from tests.stack import goals_line

GOAL_MINUTES = 10


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0 * GOAL_MINUTES)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    guided = importlib.util.find_spec("atheris") is not None
    outcome = campaign(seconds=chosen.seconds, seed=chosen.seed, guided=guided)
    if not guided:
        print("Atheris is not installed here; Hypothesis alone made the files.")
    for kind, text in outcome.found:
        print(f"--- {kind}\n{text}")
    sent = ", ".join(f"{count:,} by {name}" for name, count in outcome.sent.items())
    print(f"files sent in {outcome.seconds / 60:.1f} minutes: {sent}")
    entries = goals(outcome, minutes=GOAL_MINUTES)
    print(goals_line(entries))
    return 0 if not outcome.found else 1


if __name__ == "__main__":
    sys.exit(main())
