"""The process that starts sandboxes and attacks them; says what became of each, a line for each.

python -m tests.security.hostile.inside root|userns module.function …
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from scoring.isolation.bubblewrap import Mode
from scoring.sandbox import Sandbox
from tests.security.hostile.arena import arena
from tests.security.hostile.catalogue import BY_NAME
from tests.security.hostile.models import load, send
from tests.security.hostile.trial import Outcome, attempt, can_control, control


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("mode", choices=[mode.value for mode in Mode])
    parser.add_argument("names", nargs="*")
    for option in ("filter", "groups", "controls"):
        parser.add_argument(f"--without-{option}", action="store_true")
    parser.add_argument("--files", type=Path)
    parser.add_argument("--markers", type=Path)
    chosen = parser.parse_args()
    with arena() as place:

        def make() -> Sandbox:
            return Sandbox(
                workspace=place.workspace,
                mode=Mode(chosen.mode),
                with_filter=not chosen.without_filter,
                with_groups=not chosen.without_groups,
            )

        for attack in map(BY_NAME.__getitem__, chosen.names):
            outcome = attempt(attack, place, make)
            if can_control(attack) and not chosen.without_controls:
                outcome.missing = control(attack, place)
                outcome.control = not outcome.missing
            _say(outcome)
        if chosen.files is not None:
            for outcome in send(load(chosen.files), chosen.markers, make):
                _say(outcome)


def _say(outcome: Outcome) -> None:
    print(json.dumps(asdict(outcome)), flush=True)


if __name__ == "__main__":
    main()
