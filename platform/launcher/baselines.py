"""Runs the notebooks of `baselines/` against a live site, and measures whether they reach their goals.

    python -m launcher.baselines --profile quick --only mnist/cnn
    python -m launcher.baselines --against http://127.0.0.1:8000 --token agon_…
    python -m launcher.baselines --table

Each notebook fetches its data from the site, trains, and submits; its score must stand on the board
as a marked baseline. Executed copies are kept in var/baselines/. The last line is one JSON object
with every goal; the exit code is 1 where one was missed.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol, get_args

from launcher.baseline_results import NotAnswered, Result, SiteReader
from launcher.baselines_site import OwnSite, RunningSite
from launcher.console import FAILED, Console
from launcher.environment import ROOT, State
from launcher.errors import CannotStart
from launcher.expectations import (
    README,
    BadExpectations,
    Baseline,
    Profile,
    choose,
    find_baselines,
    readme_with,
    table,
)
from launcher.notebooks import run_notebook

KEPT = ROOT / "var" / "baselines"


class Site(Protocol):
    """Where notebooks fetch their data and submit; the methods say why something can't be done."""

    address: str
    token: str

    def load(self, slug: str) -> str | None: ...

    def look_after(self) -> None: ...

    def publish(self, baseline: Baseline, executed: Path, result: Result) -> str | None: ...


def main() -> int:
    options = _parser().parse_args()
    console = Console()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    try:
        baselines = find_baselines()
        if options.table:
            text = README.read_text(encoding="utf-8")
            README.write_text(readme_with(text, table(baselines)), encoding="utf-8")
            console.line(table(baselines))
            return 0
        chosen = choose(baselines, [word for word in options.only.split(",") if word])
        results = _run_somewhere(console, chosen, options)
    except (BadExpectations, CannotStart) as error:
        console.line(f"\n{error}")
        return 1
    except KeyboardInterrupt:
        console.line("\nStopped.")
        return 130
    print(json.dumps({"goals": {result.key: result.document() for result in results}}), flush=True)
    return 0 if all(result.is_met for result in results) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m launcher.baselines",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--profile", choices=get_args(Profile), default="quick")
    parser.add_argument(
        "--only", default="", help="notebooks, separated by commas: mnist/cnn,digits,*/lstm"
    )
    parser.add_argument(
        "--patience", type=float, default=1, help="times the seconds that expected.yaml allows"
    )
    parser.add_argument("--against", metavar="URL", help="a site that runs already")
    parser.add_argument(
        "--token",
        default=os.environ.get("AGON_TOKEN"),
        help="of a host of its competitions (default: AGON_TOKEN)",
    )
    parser.add_argument("--keep", type=Path, default=KEPT, help="where executed copies go")
    parser.add_argument(
        "--table", action="store_true", help="only renew the table of baselines/README.md"
    )
    return parser


def _run_somewhere(
    console: Console, chosen: Sequence[Baseline], options: argparse.Namespace
) -> list[Result]:
    if options.against:
        if not options.token:
            raise CannotStart("Give the token of a host with --token agon_… or AGON_TOKEN.")
        return _run_all(console, chosen, RunningSite(options.against, options.token), options)
    keep: Path = options.keep.resolve()
    with OwnSite(State(keep / "site"), console) as site:
        return _run_all(console, chosen, site, options)


def _run_all(
    console: Console, chosen: Sequence[Baseline], site: Site, options: argparse.Namespace
) -> list[Result]:
    """Every notebook, one after the other; one that fails does not keep the next from running."""
    results: list[Result] = []
    unready = {slug: site.load(slug) for slug in dict.fromkeys(each.slug for each in chosen)}
    for baseline in chosen:
        goal = baseline.expectation.under(options.profile)
        result = Result(baseline.key, goal)
        results.append(result)
        with console.step(baseline.key) as details:
            reason = unready[baseline.slug]
            if reason is not None:
                result.faults.append(reason)
            else:
                _run(baseline, result, site, options)
            details.extend(result.details(baseline.expectation.metric))
            if not result.is_met:
                details.append(FAILED)
        for fault in result.faults:
            console.note(f"  {fault}")
    return results


def _run(baseline: Baseline, result: Result, site: Site, options: argparse.Namespace) -> None:
    """Run one notebook, and find what it submitted."""
    reader = SiteReader(site.address, site.token)
    try:
        run = run_notebook(
            baseline.path,
            agon=_variables(baseline, site, options.profile),
            seconds=result.goal.seconds * options.patience,
            keep=options.keep / baseline.slug,
            meanwhile=site.look_after,
        )
        result.seconds = run.seconds
        if run.fault:
            result.faults.append(run.fault)
            return
        made = reader.submissions(baseline.slug, run.executed)
        result.take(made, baseline.expectation.metric)
        if result.submission is None:
            return
        result.check_board(reader.leaderboard(baseline.slug), baseline.expectation.title)
        fault = site.publish(baseline, run.executed, result)
    except NotAnswered as error:
        fault = str(error)
    if fault:
        result.faults.append(fault)


def _variables(baseline: Baseline, site: Site, profile: Profile) -> Mapping[str, str]:
    return {
        "AGON_URL": site.address,
        "AGON_TOKEN": site.token,
        "AGON_PROFILE": profile,
        "AGON_BASELINE": baseline.expectation.title,
    }


if __name__ == "__main__":
    sys.exit(main())
