"""Which rows are public is drawn once, alike in each class."""

import csv
from collections import Counter

from agon.creation.splitting import add_usage


def split(tmp_path, rows, *, percent=30, seed=7):
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("id,label\n" + "".join(f"{key},{label}\n" for key, label in rows))
    counts = add_usage(
        source, target, id_column="id", label_column="label", public_percent=percent, seed=seed
    )
    with target.open(newline="") as stream:
        return counts, list(csv.DictReader(stream)), target.read_bytes()


def test_each_class_has_its_share(tmp_path):
    rows = [(n, "rare" if n % 10 == 0 else "common") for n in range(1000)]
    counts, written, _bytes = split(tmp_path, rows)
    assert counts == {"public": 300, "private": 700}
    public = Counter(row["label"] for row in written if row["Usage"] == "Public")
    assert public == {"common": 270, "rare": 30}
    assert [row["id"] for row in written] == [str(n) for n in range(1000)], "in their order"


def test_the_same_draft_draws_the_same_rows_and_another_one_others(tmp_path):
    rows = [(n, n % 3) for n in range(300)]
    assert split(tmp_path, rows)[2] == split(tmp_path, rows)[2]
    assert split(tmp_path, rows)[2] != split(tmp_path, rows, seed=8)[2]


def test_a_tiny_file_has_at_least_one_public_row(tmp_path):
    counts, _rows, _bytes = split(tmp_path, [(1, "a"), (2, "b")], percent=1)
    assert counts == {"public": 1, "private": 1}
