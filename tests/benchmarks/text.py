"""BLEU and chrF beside plain sacreBLEU on the same sentences: `make bench-text`.

Every round runs all contestants one after the other, so that what else the machine does hits all of
them; the goals are about the medians of CPU time. Ours is what one submission costs: the references
were prepared before, as a worker keeps them; what that costs is printed too. sacreBLEU is given
texts on both sides and does its own steps, statistics and then the score, so that the statistics of
each sentence can be compared in the same run.

The references are the lines of a text file (`make bench-text TEXTS=train.fr.gz`; Multi30k's French
is what the goals were set on), repeated as often as needed, or else sentences of made-up words. The
answers are the references with some words left out, moved, doubled or misspelt.
"""

from __future__ import annotations

import argparse
import gzip
import os
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import numpy as np
from sacrebleu.metrics import BLEU, CHRF

from scoring.metrics.functions import load
from tests.benchmarks.goals import Goals

ROWS = 30_000
_SYLLABLES = ["ba", "den", "lo", "mis", "qu'é", "ru", "sa", "ton", "vi", "zé", "ch", "au", "er"]
_ENDS = [".", ".", ".", "!", " ?", ", 1,984.", " &quot;"]


@dataclass(frozen=True)
class Contest:
    """One metric, and how sacreBLEU computes it."""

    title: str
    name: str
    parameters: Mapping[str, Any]
    reference: type[BLEU] | type[CHRF]
    goal: tuple[str, float] | None = None


CONTESTS = (
    Contest(
        "BLEU",
        "bleu",
        {"tokenize": "13a", "lowercase": False},
        BLEU,
        ("bleu_times_sacrebleu", 2.0),
    ),
    Contest(
        "chrF",
        "chrf",
        {"char_order": 6, "word_order": 0, "beta": 2},
        CHRF,
        ("chrf_times_sacrebleu", 10.0),
    ),
    Contest("chrF++", "chrf", {"char_order": 6, "word_order": 2, "beta": 2}, CHRF),
)


def made_up(random: np.random.Generator, rows: int) -> list[str]:
    """Sentences of words that occur about as unevenly as real ones."""
    vocabulary = [
        "".join(random.choice(_SYLLABLES, size)) for size in random.integers(1, 5, 10_000)
    ]
    sentences = []
    for size in random.integers(5, 20, rows):
        places = np.minimum(random.zipf(1.3, size), len(vocabulary)) - 1
        words = " ".join(vocabulary[place] for place in places)
        sentences.append(words.capitalize() + random.choice(_ENDS))
    return sentences


def references_of(path: Path | None, random: np.random.Generator, rows: int) -> list[str]:
    if path is None:
        return made_up(random, rows)
    content = path.read_bytes()
    if path.suffix == ".gz":
        content = gzip.decompress(content)
    lines = [line for line in content.decode().split("\n") if line]
    return list(islice(cycle(lines), rows))


def changed(random: np.random.Generator, text: str) -> str:
    """An answer such as a fair translation gives."""
    words = text.split()
    for kind in random.integers(0, 4, 1 + len(words) // 5).tolist():
        place = int(random.integers(len(words)))
        if kind == 0 and len(words) > 1:
            del words[place]
        elif kind == 1:
            words[place] = words[place][::-1]
        elif kind == 2:
            words.insert(place, words[int(random.integers(len(words)))])
        else:
            words.insert(int(random.integers(len(words))), words.pop(place))
    return " ".join(words)


def timed(work: Callable[[], Any]) -> tuple[float, float, Any]:
    """CPU and wall time of one call, and what it gave."""
    began, clock = time.process_time(), time.perf_counter()
    result = work()
    return time.process_time() - began, time.perf_counter() - clock, result


def plain(contest: Contest, answers: list[str], references: list[str]) -> tuple[Any, float]:
    """sacreBLEU's own steps, with nothing kept from the round before."""
    metric = contest.reference(**contest.parameters)
    found = metric._extract_corpus_statistics(answers, [references])
    return found, metric._aggregate_and_compute(found).score


def ours(contest: Contest, answers: list[str], prepared: Any) -> tuple[Any, float]:
    metric: Any = load(contest.name)
    rows = metric.rows(prepared, answers, **contest.parameters)
    total = np.asarray(float(len(answers)))
    return rows, float(metric.finish(rows.sum(axis=0), total, **contest.parameters))


def run(
    contest: Contest, answers: list[str], references: list[str], rounds: int
) -> tuple[float, int]:
    """Print the medians; how many times as fast, and how many sentences differ."""
    metric: Any = load(contest.name)

    def prepare() -> Any:
        return metric.prepare((references,), **contest.parameters)

    # Once on a few sentences first, so that nothing is compiled while the clock runs.
    few = metric.prepare((references[:10],), **contest.parameters)
    ours(contest, answers[:10], few)
    prepared = prepare()
    samples: dict[str, list[tuple[float, float]]] = {"sacreBLEU": [], "ours": [], "prepare": []}
    differ = 0
    for _ in range(rounds):
        *taken, (expected, score) = timed(lambda: plain(contest, answers, references))
        samples["sacreBLEU"].append((taken[0], taken[1]))
        *taken, (found, value) = timed(lambda: ours(contest, answers, prepared))
        samples["ours"].append((taken[0], taken[1]))
        *taken, _ = timed(prepare)
        samples["prepare"].append((taken[0], taken[1]))
        differ = max(differ, int(np.any(np.asarray(expected) != found, axis=1).sum()))
        if score != value:
            raise SystemExit(f"{contest.title}: sacreBLEU's score is {score!r}, ours {value!r}")
    cpu, wall = (
        {name: statistics.median(one[place] for one in taken) for name, taken in samples.items()}
        for place in (0, 1)
    )
    ratio = cpu["sacreBLEU"] / cpu["ours"]
    with_references = cpu["sacreBLEU"] / (cpu["ours"] + cpu["prepare"])
    print(
        f"{contest.title:7} {value:8.4f} | sacreBLEU cpu {cpu['sacreBLEU']:7.3f} s wall "
        f"{wall['sacreBLEU']:7.3f} s | ours cpu {cpu['ours']:6.3f} s wall {wall['ours']:6.3f} s | "
        f"{ratio:5.1f} times as fast, {with_references:.1f} with the references' "
        f"{cpu['prepare']:.3f} s | {differ} sentences differ",
        flush=True,
    )
    return ratio, differ


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench-text", description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--texts", type=Path, help="a text file, plain or .gz, one sentence a line")
    options = parser.parse_args()
    random = np.random.default_rng(0)
    references = references_of(options.texts, random, options.rows)
    answers = [changed(random, text) for text in references]
    source = "made-up words" if options.texts is None else options.texts.name
    print(
        f"{os.cpu_count()} cores; {options.rows:,} sentences of {source}; medians of "
        f"{options.rounds} rounds",
        flush=True,
    )
    goals = Goals()
    differ = 0
    for contest in CONTESTS:
        ratio, different = run(contest, answers, references, options.rounds)
        differ += different
        if contest.goal is not None:
            goals.at_least(*contest.goal, ratio)
    goals.exactly("statistics_differ", 0, differ)
    goals.report()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
