"""Rows of items against Python's own split."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.metrics.items import find_items, parse_items, without_repeats

letters = st.text(alphabet=" \t\n\r\x0b\x0cab1:é猫\u3000\xa0", max_size=30)
texts = st.lists(letters, max_size=12)
few_items = st.lists(st.lists(st.sampled_from("abcdef"), max_size=8).map(" ".join), max_size=8)


def split(text):
    return text.encode().split()


@settings(deadline=None)
@given(texts, st.none() | st.integers(1, 4))
def test_rows_are_cut_where_bytes_are_split(rows, most):
    items = parse_items(rows, most=most)
    assert items.sizes.tolist() == [len(split(text)[:most]) for text in rows]
    assert items.rows.tolist() == [row for row, size in enumerate(items.sizes) for _ in range(size)]
    assert items.places.tolist() == [place for size in items.sizes for place in range(size)]


@settings(deadline=None)
@given(texts)
def test_items_have_the_same_key_if_and_only_if_they_are_the_same(rows):
    items = parse_items(rows)
    tokens = [token for text in rows for token in split(text)]
    keys = items.keys.tolist()
    assert len(set(keys)) == len(set(tokens)) == len(set(zip(tokens, keys, strict=True)))


def key(token):
    """FNV-1a and splitmix64's finish, in Python's own numbers."""
    word, cut = 0xCBF29CE484222325, 2**64
    for byte in token.encode():
        word = ((word ^ byte) * 0x100000001B3) % cut
    word = ((word ^ (word >> 30)) * 0xBF58476D1CE4E5B9) % cut
    word = ((word ^ (word >> 27)) * 0x94D049BB133111EB) % cut
    return word ^ (word >> 31)


def test_keys_are_those_of_the_published_hashes_so_that_a_kept_solution_stays_good():
    assert parse_items(["cat 7", "猫"]).keys.tolist() == [key("cat"), key("7"), key("猫")]
    assert key("cat") == 12377401618073479058


def test_a_hundred_thousand_items_have_a_hundred_thousand_keys():
    names = [f"img_{number:09d}.png" for number in range(50_000)] + [*map(str, range(50_000))]
    assert np.unique(parse_items(names).keys).size == 100_000


def test_a_lone_surrogate_is_an_item_like_any_other():
    assert parse_items(["\ud800 a"]).sizes.tolist() == [2]


@settings(deadline=None)
@given(few_items)
def test_repeats_go_and_the_first_place_stays(rows):
    assert without_repeats(parse_items(rows)).keys.tolist() == (
        parse_items([" ".join(dict.fromkeys(text.split())) for text in rows]).keys.tolist()
    )


@settings(deadline=None)
@given(st.data())
def test_each_item_is_found_once_and_only_in_its_own_row(data):
    rows = data.draw(few_items)
    others = data.draw(
        st.lists(
            st.lists(st.sampled_from("abcdef"), unique=True).map(" ".join),
            min_size=len(rows),
            max_size=len(rows),
        )
    )
    expected = []
    start = 0
    for text, other in zip(rows, others, strict=True):
        tokens, among = text.split(), other.split()
        expected += [
            start + among.index(token) if token in among and token not in tokens[:place] else -1
            for place, token in enumerate(tokens)
        ]
        start += len(among)
    assert find_items(parse_items(rows), parse_items(others)).tolist() == expected


@pytest.mark.parametrize("rows", [[], [""], ["", ""], [" \t "]])
def test_nothing_is_no_item(rows):
    items = parse_items(rows)
    assert items.keys.size == 0
    assert items.sizes.tolist() == [0] * len(rows)
