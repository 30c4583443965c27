"""Exact match, token F1, ROUGE-L, WER and CER against the libraries and SQuAD's published code."""

import re
import string
from collections import Counter

import jiwer
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rouge_score.rouge_scorer import RougeScorer

from scoring.metrics.character_error_rate import character_error_rate
from scoring.metrics.exact_match import exact_match
from scoring.metrics.functions import load
from scoring.metrics.rouge_l import rouge_l
from scoring.metrics.token_f1 import token_f1
from scoring.metrics.word_error_rate import word_error_rate

ALPHABET = "aAnthe  .,-!'é猫Σİ\u00a0\u2028\t\n1_$"
wild = st.one_of(
    st.text(alphabet=ALPHABET, max_size=30),
    st.lists(st.sampled_from(["The", "an", "a", "cat", "cat.", "dog", "the-cat"]), max_size=8).map(
        " ".join
    ),
)


def normalised(text):
    """As SQuAD's evaluation has it."""
    text = "".join(letter for letter in text.lower() if letter not in set(string.punctuation))
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", text).split())


def squad_f1(reference, answer):
    """As SQuAD 2.0's evaluation has it."""
    truth, found = normalised(reference).split(), normalised(answer).split()
    shared = sum((Counter(truth) & Counter(found)).values())
    if not truth or not found:
        return float(truth == found)
    if shared == 0:
        return 0.0
    precision, recall = shared / len(found), shared / len(truth)
    return 2 * precision * recall / (precision + recall)


def rows_of_three():
    return st.lists(st.tuples(wild, wild, wild), min_size=1, max_size=6)


@settings(max_examples=200, deadline=None)
@given(rows_of_three())
def test_answers_are_compared_as_in_squad(rows):
    answers, *truth = map(list, zip(*rows, strict=True))
    expected = [
        max(float(normalised(one) == normalised(answer)) for one in references)
        for answer, *references in rows
    ]
    assert exact_match(truth, answers) == pytest.approx(np.mean(expected), rel=1e-12)
    expected = [max(squad_f1(one, answer) for one in references) for answer, *references in rows]
    assert token_f1(truth, answers) == pytest.approx(np.mean(expected), rel=1e-12)


@settings(max_examples=200, deadline=None)
@given(rows_of_three())
def test_rouge_l_is_rouge_score(rows):
    answers, *truth = map(list, zip(*rows, strict=True))
    scorer = RougeScorer(["rougeL"], use_stemmer=False)
    expected = [
        scorer.score_multi(references, answer)["rougeL"].fmeasure for answer, *references in rows
    ]
    assert rouge_l(truth, answers) == pytest.approx(np.mean(expected), rel=1e-12)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(wild, wild), min_size=1, max_size=6))
def test_error_rates_are_jiwers(rows):
    truth, answers = map(list, zip(*rows, strict=True))
    if any(jiwer.wer_default(truth)):
        assert word_error_rate(truth, answers) == jiwer.wer(truth, answers)
    else:
        assert np.isnan(word_error_rate(truth, answers))
    if any(text.strip() for text in truth):
        assert character_error_rate(truth, answers) == jiwer.cer(truth, answers)
    else:
        assert np.isnan(character_error_rate(truth, answers))


def test_a_silent_answer_leaves_out_every_word():
    assert word_error_rate(["one two", "three"], ["", "three"]) == pytest.approx(2 / 3)
    assert character_error_rate(["ab"], ["  "]) == 1.0


def test_more_words_than_the_reference_has_can_all_be_wrong():
    assert word_error_rate(["one"], ["two three four"]) == 3.0


def test_an_answer_without_words_fits_a_reference_without_words():
    assert exact_match([["the"]], ["a!"]) == token_f1([["the"]], ["a!"]) == 1.0
    assert token_f1([["the"]], ["cat"]) == 0.0


@pytest.mark.parametrize(
    "name", ["exact_match", "token_f1", "rouge_l", "word_error_rate", "character_error_rate"]
)
def test_no_rows_and_other_numbers_of_rows_are_refused(name):
    for truth, answers in (([], []), (["a"], []), (["a"], ["a", "b"])):
        with pytest.raises(ValueError, match="expected"):
            load(name).value((truth,), answers)
