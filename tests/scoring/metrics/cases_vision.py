"""Random cases for the metrics of vision."""

import functools

import numpy as np

from tests.scoring.metrics.cases import Builder, Case

HEIGHT, WIDTH = 5, 7
SIDES = {"height": HEIGHT, "width": WIDTH}
LABELS = ["cat", "dog", "猫"]


def encoded(mask):
    """A mask of booleans, shape (height, width), as run-length text."""
    pixels = np.concatenate([[False], mask.T.ravel(), [False]])
    changes = np.flatnonzero(pixels[1:] != pixels[:-1]) + 1
    return " ".join(f"{start} {end - start}" for start, end in changes.reshape(-1, 2))


def drawn_masks(random, rows):
    """True and predicted masks, some of them empty, shape (rows, height, width)."""
    truth = random.random((rows, HEIGHT, WIDTH)) < random.choice([0.0, 0.3, 0.7], (rows, 1, 1))
    truth[0, 0, 0] = True
    return truth, truth ^ (random.random(truth.shape) < 0.2)


def masks(random, rows, **parameters):
    truth, answers = ([encoded(mask) for mask in side] for side in drawn_masks(random, rows))
    return Case((truth,), answers, list(truth), {**SIDES, **parameters})


def masks_of_classes(random, rows):
    case = masks(random, rows)
    names = random.choice(LABELS, rows).tolist()
    return Case((*case.truth, names), case.prediction, case.perfect, case.parameters)


def written(*values):
    return " ".join(value if isinstance(value, str) else repr(float(value)) for value in values)


def boxes(random, rows, iou="0.50:0.95"):
    """The score of each detection is its own, so that the order of images does not matter."""
    truth, answers, perfect = [], [], []
    scores = iter(random.permutation(rows * 16) / (rows * 16))
    for _ in range(rows):
        true = [
            (random.choice(LABELS), *random.uniform(1, 40, 4)) for _ in range(random.integers(1, 5))
        ]
        near = [(label, *numbers + random.normal(0, 2, 4).clip(-0.9)) for label, *numbers in true]
        far = [(random.choice([*LABELS, "fox"]), *random.uniform(1, 40, 4)) for _ in range(3)]
        found = [one for one in near + far if random.random() < 0.7]
        truth.append(" ".join(written(*box) for box in true))
        perfect.append(" ".join(written(label, next(scores), *box) for label, *box in true))
        answers.append(" ".join(written(label, next(scores), *box) for label, *box in found))
    return Case((truth,), answers, perfect, {"iou": iou})


BUILDERS: dict[str, Builder] = {
    "coco_map": boxes,
    "dice": functools.partial(masks, average="masks"),
    "mean_iou": masks_of_classes,
}
