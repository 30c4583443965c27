"""The sentences of Pang and Lee, their split, and their words as numbers."""

from __future__ import annotations

import hashlib
import tarfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from downloading import File, Place, fetch
from numpy.typing import NDArray
from sklearn.model_selection import train_test_split

ARCHIVE = "rt-polaritydata.tar.gz"
HOMES = ("https://www.cs.cornell.edu/people/pabo/movie-review-data",)
# SHA-256 of the sentences in UTF-8. At home they are in Windows-1252 and in a folder
# rt-polaritydata/; mirrors may hold them in UTF-8 and without the folder.
SENTENCES = {
    "rt-polarity.neg": "2d11cfbc790f1cd96d78339f41ce53ced1efa83cd22d37d6788fa3fe3d17e2fd",
    "rt-polarity.pos": "4134882974a28d0c7b5151256f0e33a6169984ee7372c279e673f1114f475d58",
}
LARGEST = 4 * 1024**2  # bytes of one of the two, or of the archive
SEED = 2005  # the year of the paper
TEST_ROWS = 2132  # a fifth
PRACTICE_ROWS = 1066
PUBLIC_SHARE = 0.3
PADDING, UNKNOWN = "<pad>", "<unk>"
LEAST_OFTEN = 2
LENGTH = 64  # the longest sentence has 59 words

Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Split:
    """Rows with id, text and label; which of the test rows are public."""

    train: pl.DataFrame
    test: pl.DataFrame
    public: Integers


def read_archive(downloads: Path, places: list[Place]) -> dict[str, str]:
    """The text of both files, whatever the archive's folder and encoding."""
    return fetch(File(ARCHIVE, _texts, largest=LARGEST), places=places, folder=downloads)


def _texts(path: Path) -> dict[str, str] | None:
    """The two known texts in an archive; None where one is another."""
    texts = {}
    with tarfile.open(path) as archive:
        for member in archive:
            name = Path(member.name).name
            if name not in SENTENCES or not member.isfile() or member.size > LARGEST:
                continue
            stream = archive.extractfile(member)
            if stream is not None:
                texts[name] = _decoded(stream.read())
    digests = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in texts.items()}
    return texts if digests == SENTENCES else None


def _decoded(content: bytes) -> str:
    """Text from UTF-8, else from Windows-1252; these sentences in the latter are never valid UTF-8."""
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content.decode("cp1252")


def split_rows(texts: dict[str, str]) -> Split:
    """A stratified fifth as the test rows; all rows are shuffled before they get their ids.

    The practice rows are the last of the training rows, stratified as well.
    """
    sentences = [
        (sentence.strip(), label)
        for label, name in enumerate(SENTENCES)
        for sentence in texts[name].rstrip("\n").split("\n")
    ]
    rows = pl.DataFrame(sentences, schema=["text", "label"], orient="row")
    labels = rows["label"].to_numpy()
    train, test = train_test_split(
        np.arange(rows.height), test_size=TEST_ROWS, stratify=labels, random_state=SEED
    )
    fit, practice = train_test_split(
        train, test_size=PRACTICE_ROWS, stratify=labels[train], random_state=SEED
    )
    public, _ = train_test_split(
        np.arange(TEST_ROWS), train_size=PUBLIC_SHARE, stratify=labels[test], random_state=SEED
    )
    order = np.concatenate([fit, practice, test])
    numbered = rows[order].insert_column(0, pl.Series("id", np.arange(1, rows.height + 1)))
    return Split(numbered.head(len(train)), numbered.tail(TEST_ROWS), public)


def vocabulary_of(texts: pl.Series) -> list[str]:
    """Padding, unknown, and every word that occurs twice or more, the most frequent first."""
    counts = Counter(word for text in texts for word in text.split())
    words = sorted(counts, key=lambda word: (-counts[word], word))
    return [PADDING, UNKNOWN, *(word for word in words if counts[word] >= LEAST_OFTEN)]


def tokens_of(texts: pl.Series, vocabulary: list[str]) -> Integers:
    """Each text's words as numbers, filled up with padding."""
    numbers = {word: number for number, word in enumerate(vocabulary)}
    unknown = numbers[UNKNOWN]
    tokens = np.zeros((len(texts), LENGTH), dtype=np.int64)
    for row, text in zip(tokens, texts, strict=True):
        found = [numbers.get(word, unknown) for word in text.split()]
        assert len(found) <= LENGTH, f"no sentence is longer than {LENGTH} words"
        row[: len(found)] = found
    return tokens
