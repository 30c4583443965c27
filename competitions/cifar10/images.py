"""Read CIFAR-10: the original's binary archive, or an archive of JPEGs that a mirror may hold.

Two contents are known. The pixels of the JPEGs differ a little from the original's; the labels
are the same. Which of them was read, `CIFAR10.origin` says.
"""

from __future__ import annotations

import hashlib
import io
import tarfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
from downloading import File
from numpy.typing import NDArray
from PIL import Image
from progress import each

NAMES = (
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
)
SIDE = 32
RECORD = 1 + 3 * SIDE * SIDE  # the label, then the red, green and blue planes, row by row
BATCH = 10_000 * RECORD
TEST = "test_batch.bin"
# SHA-256 of the files in cifar-10-binary.tar.gz.
ORIGINAL = {
    "data_batch_1.bin": "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5",
    "data_batch_2.bin": "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed",
    "data_batch_3.bin": "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67",
    "data_batch_4.bin": "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48",
    "data_batch_5.bin": "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add",
    TEST: "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b",
}
# SHA-256 of the JPEGs' SHA-256s, by name.
JPEGS = "4d52050de9bd7204019c14b6b0fbd3cd0aa47b1106dc01e868a13af37c908269"
# The same for the records that are made of the JPEGs: of their sorted SHA-256s.
RECORDS = "f01a14f5b41195a96c10cdf93f3bfba479764550742e4eeef25776db2dec2311"
LARGEST = 256 * 1024**2

Bytes = NDArray[np.uint8]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Images:
    """Images, shape (n, 32, 32, 3), with the number of each one's class, shape (n,)."""

    pixels: Bytes
    labels: Integers


@dataclass(frozen=True)
class CIFAR10:
    """Both parts, and which of the known contents they are."""

    train: Images
    test: Images
    origin: str


def from_binary(path: Path) -> CIFAR10 | None:
    """CIFAR-10 from the layout of the original; None where it is another content."""
    contents: dict[str, bytes] = {}
    with tarfile.open(path) as archive:
        for member in archive:
            name = PurePosixPath(member.name).name
            stream = archive.extractfile(member) if name in ORIGINAL else None
            if stream is not None and member.size == BATCH:
                contents[name] = stream.read()
    if set(contents) != set(ORIGINAL):
        return None
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    records = {
        name: np.frombuffer(content, np.uint8).reshape(-1, RECORD)
        for name, content in contents.items()
    }
    if hashes == ORIGINAL:
        origin = "the original"
    elif _fingerprint(records.values()) == RECORDS:
        origin = "a mirror's images, which were JPEGs"
    else:
        return None
    train = np.concatenate([records[name] for name in sorted(set(ORIGINAL) - {TEST})])
    return CIFAR10(_images(train), _images(records[TEST]), origin)


def from_jpegs(path: Path) -> CIFAR10 | None:
    """CIFAR-10 from files such as train/cat/0001.jpg; None where it is another content."""
    contents: dict[str, bytes] = {}
    with tarfile.open(path) as archive:
        for member in archive:
            stream = archive.extractfile(member) if member.name.endswith(".jpg") else None
            if stream is not None:
                contents[member.name.removeprefix("./")] = stream.read()
    known = hashlib.sha256()
    for name in sorted(contents):
        known.update(hashlib.sha256(contents[name]).digest())
    if known.hexdigest() != JPEGS:
        return None
    rows: dict[str, list[bytes]] = {"train": [], "test": []}
    labels: dict[str, list[int]] = {"train": [], "test": []}
    for name in each(sorted(contents), "Decoding images", total=len(contents)):
        part, class_name, _ = name.split("/")
        with Image.open(io.BytesIO(contents[name])) as image:
            rows[part].append(image.convert("RGB").tobytes())
        labels[part].append(NAMES.index(class_name))
    train, test = (
        Images(
            np.frombuffer(b"".join(rows[part]), np.uint8).reshape(-1, SIDE, SIDE, 3),
            np.array(labels[part], dtype=np.int64),
        )
        for part in ("train", "test")
    )
    return CIFAR10(train, test, "a mirror's images, which are JPEGs")


FILES = (
    File("cifar-10-binary.tar.gz", from_binary, largest=LARGEST),
    File("cifar10-images.tar.xz", from_jpegs, is_at_home=False, largest=LARGEST),
)


def _images(records: Bytes) -> Images:
    planes = records[:, 1:].reshape(-1, 3, SIDE, SIDE)
    return Images(planes.transpose(0, 2, 3, 1).copy(), records[:, 0].astype(np.int64))


def _fingerprint(batches: Iterable[Bytes]) -> str:
    """A hash of the records, whatever their order."""
    hashes = [hashlib.sha256(record).digest() for batch in batches for record in batch]
    return hashlib.sha256(b"".join(sorted(hashes))).hexdigest()
