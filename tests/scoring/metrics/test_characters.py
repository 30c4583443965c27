"""Texts as characters and words against Python's own split."""

import sys
from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.metrics.characters import characters, joined_lines, words
from scoring.metrics.ngrams import ngram_matches, ngram_totals

letters = st.text(alphabet=" \t\n\r\x0b\x1c\x85ab.,é猫\u3000\xa0\u2028\U0001f600", max_size=20)
texts = st.lists(letters | st.text(max_size=10), max_size=8)


def test_white_space_is_what_python_calls_so_in_all_of_unicode():
    points = [chr(point) for point in range(sys.maxunicode + 1) if not 0xD800 <= point < 0xE000]
    is_kept = characters(points).sizes.astype(bool)
    assert [text for text, kept in zip(points, is_kept, strict=True) if not kept] == [
        text for text in points if text.isspace()
    ]


@settings(deadline=None)
@given(texts)
def test_characters_are_those_between_white_space(rows):
    found = characters(rows)
    assert found.sizes.tolist() == [len("".join(text.split())) for text in rows]
    assert "".join(map(chr, found.keys.tolist())) == "".join("".join(rows).split())


@settings(deadline=None)
@given(texts)
def test_words_have_the_same_key_if_and_only_if_they_are_the_same(rows):
    found = words(joined_lines(rows), len(rows))
    expected = [text.split() for text in rows]
    assert found.sizes.tolist() == [len(row) for row in expected]
    flat = [word for row in expected for word in row]
    keys = found.keys.tolist()
    assert len(set(flat)) == len(set(keys)) == len(set(zip(flat, keys, strict=True)))


def grams(text, order):
    items = text.split()
    return Counter(tuple(items[place : place + order]) for place in range(len(items) - order + 1))


@settings(max_examples=200, deadline=None)
@given(
    st.integers(0, 6).flatmap(
        lambda rows: st.tuples(
            *[
                st.lists(
                    st.lists(st.sampled_from("abc"), max_size=9).map(" ".join),
                    min_size=rows,
                    max_size=rows,
                )
            ]
            * 3
        )
    ),
    st.integers(1, 5),
)
def test_matches_are_clipped_counts(columns, orders):
    answers, *references = (words(joined_lines(column), len(column)) for column in columns)
    found = ngram_matches(answers, references, orders=orders)
    for row, (answer, *others) in enumerate(zip(*columns, strict=True)):
        for order in range(1, orders + 1):
            own = grams(answer, order)
            most = grams(others[0], order) | grams(others[1], order)
            assert found[row, order - 1] == (own & most).total()
            assert ngram_totals(answers.sizes, orders=orders)[row, order - 1] == own.total()


def test_a_million_different_words_have_as_many_keys():
    assert np.unique(words(" ".join(map(str, range(1_000_000))), 1).keys).size == 1_000_000
