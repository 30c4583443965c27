"""Random cases for the metrics of rankings."""

import functools

from tests.scoring.metrics.cases import Builder, Case

ITEMS = [f"item{number}" for number in range(12)]
PLACES = 6


def some_items(random, fewest, most):
    return random.permutation(ITEMS)[: random.integers(fewest, most + 1)].tolist()


def rankings(random, rows, **parameters):
    """At most as many relevant items as places, so that recall can be perfect."""
    truth = [" ".join(some_items(random, 1, PLACES)) for _ in range(rows)]
    answers = [" ".join(some_items(random, 0, len(ITEMS))) for _ in range(rows)]
    return Case((truth,), answers, list(truth), {"k": PLACES, **parameters})


def graded_rankings(random, rows):
    truth, perfect = [], []
    for _ in range(rows):
        items = some_items(random, 1, PLACES)
        grades = sorted(random.integers(1, 5, len(items)).tolist(), reverse=True)
        graded = [f"{item}:{grade}" for item, grade in zip(items, grades, strict=True)]
        truth.append(" ".join(random.permutation(graded)))
        perfect.append(" ".join(items))
    answers = rankings(random, rows).prediction
    return Case((truth,), answers, perfect, {"k": PLACES, "gain": "exponential"})


BUILDERS: dict[str, Builder] = {
    "hit_rate_at_k": rankings,
    "map_at_k": rankings,
    "mrr": functools.partial(rankings, k=None),
    "ndcg_at_k": graded_rankings,
    "recall_at_k": rankings,
}
