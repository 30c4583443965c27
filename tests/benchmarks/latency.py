"""From the click on submit to the score on the page, with a warm worker: `make bench-latency`.

Does what the page does: posts the file, opens the submission's page, and polls its status at the
pace that the page asks for until the score stands there.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
import time
from pathlib import Path

from tests.chaos.run import predictions
from tests.stack import Browser, Stack, goals_line

SUBMISSIONS = 200
ROWS = 10_000
WARM_UP = 5


def until_score(browser: Browser, slug: str, content: bytes) -> float:
    began = time.perf_counter()
    response = browser.submit(slug, content)
    if response.status_code != 201:
        raise RuntimeError(f"not accepted: {response.status_code}")
    page = browser.client.get(response.headers["Location"])
    etag = ""
    while True:
        wait = re.search(r'hx-trigger="[^"]*every ([\d.]+)s', page.text)
        if wait is None:
            break
        time.sleep(float(wait[1]))
        answer = browser.client.get(
            response.headers["Location"] + "status/",
            headers={"If-None-Match": etag, "HX-Request": "true"},
        )
        if answer.status_code == 200:
            page, etag = answer, answer.headers["ETag"]
        if time.perf_counter() - began > 60:
            raise RuntimeError("no score within a minute")
    if "badge-scored" not in page.text:
        raise RuntimeError("the submission ended without a score")
    return time.perf_counter() - began


def measure(stack: Stack, submissions: int) -> list[float]:
    site = json.loads(stack.run("-m", "tests.populate", str(ROWS), "1", str(submissions + WARM_UP)))
    (session,) = site["sessions"].values()
    browser = Browser(stack.web_url, session, site["csrf"])
    times = []
    for number in range(submissions + WARM_UP):
        seconds = until_score(browser, site["slug"], predictions(ROWS, number))
        if number >= WARM_UP:
            times.append(seconds)
    browser.client.close()
    return times


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.latency", description=__doc__)
    parser.add_argument("--submissions", type=int, default=SUBMISSIONS)
    submissions = parser.parse_args().submissions
    with (
        tempfile.TemporaryDirectory(prefix="agon-latency-") as folder,
        Stack(Path(folder), postgres=False) as stack,
    ):
        times = measure(stack, submissions)
    times.sort()
    p50, p95 = times[len(times) // 2], times[int(len(times) * 0.95)]
    print(f"{submissions} submissions of {ROWS:,} rows, one after the other, SQLite, warm worker")
    print(
        f"submit to score on the page: p50 {p50:.3f} s, p95 {p95:.3f} s, longest {times[-1]:.3f} s"
    )
    goals = {
        "submit_to_score_p50_seconds": {"goal": "< 1", "measured": round(p50, 3), "met": p50 < 1},
        "submit_to_score_p95_seconds": {"goal": "< 2", "measured": round(p95, 3), "met": p95 < 2},
    }
    print(goals_line(goals), flush=True)
    return 0 if all(goal["met"] for goal in goals.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
