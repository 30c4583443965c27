"""What made a score, in one line (after sacreBLEU): two scores compare if these agree.

Standard library only: the site shortens signatures too.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from scoring.consistency import takes_largest
from scoring.contract import MetricSpec, Split
from scoring.version import ENGINE_VERSION

METHOD = "poisson-percentile"


@dataclass(frozen=True, slots=True)
class Made:
    """What a score is made from, save its split.

    Attributes:
        spec: The metric with its columns and parameters.
        solution: The hash of the solution's bytes.
        submission: The hash of the submission's bytes.
        seed: What the bootstrap's weights are made from.
        replicates: How many of them.
        source: The signature of the library that the metric leans on, such as sacreBLEU's.
    """

    spec: MetricSpec
    solution: str
    submission: str
    seed: int
    replicates: int
    source: str = ""


def signature(made: Made, split: Split, rows: int, *, has_interval: bool) -> str:
    """The whole line.

    Args:
        made: What the score is made from.
        split: The rows that it is about.
        rows: How many there are.
        has_interval: Whether there are replicates.
    """
    parameters = json.dumps(made.spec.parameters, sort_keys=True, separators=(",", ":"))
    parts = [
        made.spec.name,
        parameters,
        split.value,
        f"rows:{rows}",
        f"solution:{made.solution[:16]}",
        f"submission:{made.submission[:16]}",
    ]
    if takes_largest(made.spec):
        parts.append(f"largest-of:{len(made.spec.prediction)}")
    if made.spec.weights:
        parts.append(f"weights:{made.spec.weights}")
    if made.source:
        parts.append(made.source)
    if has_interval:
        parts += [f"interval:{METHOD}-{made.replicates}", f"seed:{made.seed}"]
    return "|".join([*parts, f"agon:{ENGINE_VERSION}"])
