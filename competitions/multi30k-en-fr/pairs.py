"""The sentence pairs of Multi30k, and a translation word for word, as an example of a submission."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from downloading import File, Place, fetch, unpacked
from numpy.typing import NDArray
from progress import each

HOMES = ("https://raw.githubusercontent.com/multi30k/dataset/master/data/task1/raw",)
# SHA-256 of the unpacked files.
FILES = {
    "train.en": "460a15fbd157e34a7a9957ee388c1ca247fe47af3ef25fb50442af6c274e0fc6",
    "train.fr": "5925a3c18f1587b6b54b87743106e6e8ab93618edb6f65d19eac0621f853a10d",
    "val.en": "1f2a23d992769b5b3d209b0a10dd0b77c08cceb1f20dfb97ed0aafa49d107227",
    "val.fr": "5304e444d842e962b2dda4d816b70b22a1765b15401642b7ca37a67477e708dc",
    "test_2016_flickr.en": "399a4382932c1aadd3ceb9bef1008d388a64c76d4ae4e9d4728c6f4301cac182",
    "test_2016_flickr.fr": "cb3160d69b002bb638e66cc7612fcd56cb0af82eadc9c142dedc438afb885ef6",
}
LARGEST = 16 * 1024**2  # bytes unpacked; the largest has two million
SEED = 2016  # the year of the data set
PUBLIC_ROWS = 300
ITERATIONS = 4
LEARNT_FROM = 4000  # pairs, which take a few seconds
WORDS = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True)
class Pairs:
    """Rows with id, English and French; which of the test rows are public."""

    train: pl.DataFrame
    validation: pl.DataFrame
    test: pl.DataFrame
    public: NDArray[np.int64]


def read_pairs(downloads: Path, places: list[Place]) -> Pairs:
    """The three parts with ids that run through them; the test pairs are shuffled first."""
    train, validation, test = (
        _pairs(part, downloads, places) for part in ("train", "val", "test_2016_flickr")
    )
    random = np.random.default_rng(SEED)
    test = test[random.permutation(test.height)]
    public = np.sort(random.choice(test.height, PUBLIC_ROWS, replace=False))
    first_test = train.height + validation.height + 1
    return Pairs(
        train.with_row_index("id", 1),
        validation.with_row_index("id", train.height + 1),
        test.with_row_index("id", first_test),
        public,
    )


def _pairs(part: str, downloads: Path, places: list[Place]) -> pl.DataFrame:
    texts = {}
    for column, language in (("english", "en"), ("french", "fr")):
        name = f"{part}.{language}"
        file = File(f"{name}.gz", unpacked(FILES[name], largest=LARGEST), largest=LARGEST)
        content = fetch(file, places=places, folder=downloads).decode()
        texts[column] = [line.strip() for line in content.rstrip("\n").split("\n")]
    return pl.DataFrame(texts)


class Dictionary:
    """For each English word the French one that it is most often translated by (IBM Model 1)."""

    def __init__(self, pairs: pl.DataFrame) -> None:
        some = pairs.head(LEARNT_FROM)
        english = [words_of(text) for text in some["english"]]
        french = [words_of(text) for text in some["french"]]
        self._best = _most_likely(english, french)

    def translate(self, text: str) -> str:
        """A sentence word for word; words that were never seen stay as they are."""
        found = [self._best.get(word, word) for word in words_of(text)]
        joined = re.sub(r"\s+([.,;:!?])", r"\1", " ".join(found))
        return re.sub(r"(\w') (?=\w)", r"\1", joined)[:1].upper() + joined[1:]


def words_of(text: str) -> list[str]:
    """Words and punctuation marks, in small letters; a French article keeps its apostrophe."""
    return WORDS.findall(text.lower())


def _most_likely(english: list[list[str]], french: list[list[str]]) -> dict[str, str]:
    """The best French word for each English one, by a few rounds of expectation maximisation."""
    chance: dict[tuple[str, str], float] = {}
    for _ in each(range(ITERATIONS), "Learning a dictionary", total=ITERATIONS):
        together: Counter[tuple[str, str]] = Counter()
        alone: Counter[str] = Counter()
        for given, wanted in zip(english, french, strict=True):
            for target in wanted:
                shares = [chance.get((source, target), 1.0) for source in given]
                total = sum(shares)
                for source, share in zip(given, shares, strict=True):
                    together[source, target] += share / total
                    alone[source] += share / total
        chance = {pair: count / alone[pair[0]] for pair, count in together.items()}
    best: dict[str, str] = {}
    for source, target in sorted(chance, key=lambda pair: (-chance[pair], pair)):
        best.setdefault(source, target)
    return best
