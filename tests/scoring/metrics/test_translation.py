"""BLEU, chrF and TER against sacreBLEU: the statistics of each row, and the score's last digit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sacrebleu.metrics import BLEU, CHRF, TER

from scoring.metrics.bleu import bleu
from scoring.metrics.characters import words
from scoring.metrics.chrf import chrf
from scoring.metrics.functions import load, source_signature
from scoring.metrics.ter import ter
from scoring.metrics.tokenisers import tokenised_lines
from tests.scoring.metrics.cases_text import BUILDERS, EDITED, texts

TOKENISERS = ["13a", "intl", "char", "zh", "none"]
ALPHABET = "aB1 .,-!&'<>;é猫、ǅΣ\u00a0\u3000\u2028\x1c\t\n\r\x0b\U0001f600/quotamplgsied"
wild = st.one_of(
    st.text(alphabet=ALPHABET, max_size=40),
    st.text(max_size=20),
    st.lists(
        st.sampled_from(
            ["&quot;", "&amp;lt;", "<skipped>", "-\n", "1,5", ".", "a.b", "3-4", "", "."]
        ),
        max_size=8,
    ).map(" ".join),
    st.lists(st.sampled_from(["a", "b", "c."]), max_size=12).map(" ".join),
)


def columns(references):
    """Texts of at least one row: answers, and one column for each reference."""
    return st.integers(1, 5).flatmap(
        lambda rows: st.tuples(*[st.lists(wild, min_size=rows, max_size=rows)] * (references + 1))
    )


def statistics(reference, answers, truth):
    return np.array(reference._extract_corpus_statistics(answers, truth), dtype=float)


def rows_of(name, answers, truth, **parameters):
    metric = load(name)
    given = truth if metric.prepare is None else metric.prepare(truth, **parameters)
    return metric.rows(given, answers, **parameters)


@pytest.mark.parametrize("tokenize", TOKENISERS)
@pytest.mark.parametrize("references", [1, 2, 3])
@settings(max_examples=60, deadline=None)
@given(data=st.data(), lowercase=st.booleans())
def test_bleu_is_sacrebleu(tokenize, references, data, lowercase):
    answers, *truth = data.draw(columns(references))
    parameters = {"tokenize": tokenize, "lowercase": lowercase}
    reference = BLEU(**parameters)
    expected = statistics(reference, answers, truth)
    assert rows_of("bleu", answers, tuple(truth), **parameters).tolist() == expected.tolist()
    assert bleu(truth, answers, **parameters) == reference.corpus_score(answers, truth).score


@pytest.mark.parametrize("references", [1, 3])
@settings(max_examples=100, deadline=None)
@given(
    data=st.data(), letters=st.integers(1, 8), of_words=st.integers(0, 3), beta=st.integers(1, 4)
)
def test_chrf_is_sacrebleu(references, data, letters, of_words, beta):
    answers, *truth = data.draw(columns(references))
    parameters = {"char_order": letters, "word_order": of_words, "beta": beta}
    reference = CHRF(**parameters)
    expected = statistics(reference, answers, truth)
    assert rows_of("chrf", answers, tuple(truth), **parameters).tolist() == expected.tolist()
    assert chrf(truth, answers, **parameters) == reference.corpus_score(answers, truth).score


@pytest.mark.parametrize("references", [1, 2, 3])
@settings(max_examples=60, deadline=None)
@given(data=st.data(), switches=st.tuples(*[st.booleans()] * 4))
def test_ter_is_sacrebleu(references, data, switches):
    answers, *truth = data.draw(columns(references))
    parameters = dict(zip(EDITED, switches, strict=True))
    reference = TER(**parameters)
    expected = statistics(reference, answers, truth) * references
    rows = rows_of("ter", answers, tuple(truth), **parameters)
    assert rows == pytest.approx(expected, rel=1e-12)
    score = reference.corpus_score(answers, truth).score
    # A third has no last digit; sacreBLEU sums thirds.
    assert ter(truth, answers, **parameters) == (
        score if references < 3 else pytest.approx(score, rel=1e-12)
    )


@pytest.mark.parametrize("name", ["bleu", "chrf", "ter"])
@pytest.mark.parametrize("references", [1, 2])
def test_ordinary_texts_score_as_with_sacrebleu(name, references):
    case = texts(np.random.default_rng(3), 200, references, **BUILDERS[name].keywords)
    reference = {"bleu": BLEU, "chrf": CHRF, "ter": TER}[name](**case.parameters)
    expected = reference.corpus_score(case.prediction, case.truth).score
    assert 0 < load(name).value(case.truth, case.prediction, **case.parameters) == expected


@settings(max_examples=300, deadline=None)
@given(st.lists(wild, max_size=5))
def test_13a_cuts_all_rows_at_once_as_sacrebleu_cuts_each(rows):
    reference = BLEU()
    expected = [reference._preprocess_segment(row).split() for row in rows]
    lines = tokenised_lines(rows, tokenize="13a", lowercase=False)
    assert [line.split() for line in lines.split("\n")][: len(rows)] == expected
    assert words(lines, len(rows)).sizes.tolist() == [len(row) for row in expected]


@pytest.mark.parametrize("text", ["", " ", "\n", ".", "\u2028"])
def test_texts_without_words_are_worth_nothing(text):
    assert bleu([["a b c d e"]], [text]) == 0.0
    assert chrf([["abc def"]], [text]) in (0.0, CHRF().corpus_score([text], [["abc def"]]).score)
    assert bleu([[text]], ["a b c d e"]) == 0.0


def test_a_text_of_a_hundred_thousand_words_is_compared_too():
    random = np.random.default_rng(0)
    answer, truth = (" ".join(random.choice(list("abcdefgh"), 100_000)) for _ in range(2))
    assert (
        bleu([[truth, "a b"]], [answer, "b a"])
        == BLEU().corpus_score([answer, "b a"], [[truth, "a b"]]).score
    )


@pytest.mark.parametrize("name", ["bleu", "chrf", "ter"])
def test_no_rows_and_other_numbers_of_rows_are_refused(name):
    parameters = BUILDERS[name].keywords
    for truth, answers in (([], []), (["a"], []), (["a"], ["a", "b"])):
        with pytest.raises(ValueError, match="expected"):
            load(name).value((truth,), answers, **parameters)


@pytest.mark.parametrize("name", ["bleu", "chrf", "ter"])
def test_the_signature_is_sacrebleus(name):
    case = texts(np.random.default_rng(0), 5, 2, **BUILDERS[name].keywords)
    reference = {"bleu": BLEU, "chrf": CHRF, "ter": TER}[name](**case.parameters)
    reference.corpus_score(case.prediction, case.truth)
    expected = str(reference.get_signature())
    assert source_signature(name, case.parameters, references=2) == expected
    assert "nrefs:2" in expected


@pytest.mark.parametrize("name", ["bleu", "chrf", "ter"])
def test_a_prepared_truth_survives_the_cache(name, tmp_path):
    case = texts(np.random.default_rng(0), 20, 2, **BUILDERS[name].keywords)
    metric = load(name)
    if metric.prepare is None:
        return
    np.savez(tmp_path / "made.npz", **metric.prepare(case.truth, **case.parameters))
    with np.load(tmp_path / "made.npz", allow_pickle=False) as arrays:
        rows = metric.rows(dict(arrays), case.prediction, **case.parameters)
    assert rows.tolist() == rows_of(name, case.prediction, case.truth, **case.parameters).tolist()
