"""Run-length masks, mean IoU and Dice against pixels, scikit-learn and pycocotools."""

import numpy as np
import pytest
import sklearn.metrics
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools import mask as coco_masks

from scoring.metrics.dice import dice
from scoring.metrics.functions import load
from scoring.metrics.masks import mask_faults, parse_masks
from scoring.metrics.mean_iou import METRIC, mean_iou
from scoring.metrics.shapes import UnfitTexts
from tests.scoring.metrics.cases import reordered
from tests.scoring.metrics.cases_vision import (
    BUILDERS,
    HEIGHT,
    LABELS,
    SIDES,
    WIDTH,
    drawn_masks,
    encoded,
)

seeds = st.integers(0, 2**32 - 1)
rows_drawn = st.integers(1, 12)


def texts_of(masks):
    return [encoded(mask) for mask in masks]


@settings(max_examples=100, deadline=None)
@given(rows=rows_drawn, seed=seeds)
def test_masks_are_read_as_kaggle_and_coco_count_pixels(rows, seed):
    masks, _ = drawn_masks(np.random.default_rng(seed), rows)
    runs = parse_masks(texts_of(masks), **SIDES)
    for row, mask in enumerate(masks):
        drawn = np.zeros(HEIGHT * WIDTH, dtype=bool)
        for place in range(runs.starts[row], runs.starts[row + 1]):
            first = runs.firsts[place] - 1
            drawn[first : first + runs.lengths[place]] = True
        assert (drawn.reshape(HEIGHT, WIDTH, order="F") == mask).all()
        coco = coco_masks.encode(np.asfortranarray(mask.astype(np.uint8)))
        assert runs.areas[row] == coco_masks.area(coco)


@settings(max_examples=100, deadline=None)
@given(rows=rows_drawn, seed=seeds)
def test_dice_is_the_f1_of_pixels(rows, seed):
    truth, answers = drawn_masks(np.random.default_rng(seed), rows)
    expected = [
        sklearn.metrics.f1_score(one.ravel(), two.ravel(), zero_division=1.0)
        for one, two in zip(truth, answers, strict=True)
    ]
    value = dice(texts_of(truth), texts_of(answers), **SIDES)
    assert value == pytest.approx(np.mean(expected), rel=1e-12)
    value = dice(texts_of(truth), texts_of(answers), **SIDES, average="pixels")
    assert value == pytest.approx(
        sklearn.metrics.f1_score(truth.ravel(), answers.ravel()), rel=1e-12
    )


@settings(max_examples=100, deadline=None)
@given(rows=rows_drawn, seed=seeds)
def test_mean_iou_is_the_mean_of_jaccard_scores_over_pixels(rows, seed):
    random = np.random.default_rng(seed)
    truth, answers = drawn_masks(random, rows)
    names = random.choice(LABELS, rows)
    expected = []
    for name in set(names.tolist()):
        one, two = truth[names == name].ravel(), answers[names == name].ravel()
        if one.any() or two.any():
            expected.append(sklearn.metrics.jaccard_score(one, two))
    value = mean_iou(texts_of(truth), texts_of(answers), classes=names.tolist(), **SIDES)
    assert value == pytest.approx(np.mean(expected), rel=1e-12)
    value = mean_iou(texts_of(truth), texts_of(answers), **SIDES)
    assert value == pytest.approx(
        sklearn.metrics.jaccard_score(truth.ravel(), answers.ravel()), rel=1e-12
    )


@settings(max_examples=50, deadline=None)
@given(rows=rows_drawn, seed=seeds)
def test_an_overlap_is_that_of_pycocotools(rows, seed):
    truth, answers = drawn_masks(np.random.default_rng(seed), rows)
    for one, two in zip(truth, answers, strict=True):
        if not one.any() and not two.any():
            continue
        coco = [coco_masks.encode(np.asfortranarray(side.astype(np.uint8))) for side in (one, two)]
        expected = coco_masks.iou([coco[1]], [coco[0]], [0])[0, 0]
        value = mean_iou(texts_of([one]), texts_of([two]), **SIDES)
        assert value == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("text", ["", "  ", "1 35", "35 1", "1 1 2 1", " 3\t2\n10  1 "])
def test_masks_are_read(text):
    assert mask_faults([text], **SIDES) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1", "without a length"),
        ("1 2 5", "without a length"),
        ("0 3", "below 1"),
        ("3 0", "below 1"),
        ("1 4 4 2", "overlap"),
        ("9 1 1 1", "not in order"),
        ("35 2", "beyond"),
        ("36 1", "beyond"),
        ("1 99999999999999999999999999", "beyond"),
        ("99999999999999999999999999 1", "beyond"),
        ("1.0 2", "whole numbers"),
        ("-1 2", "whole numbers"),
        ("a b", "whole numbers"),
        ("1 \u0663", "whole numbers"),
        ("nan", "whole numbers"),
    ],
)
def test_what_is_no_mask_is_named(text, words):
    (fault,) = mask_faults(["1 2", text, "3 1"], **SIDES)
    assert fault.row == 1
    assert words in fault.reason


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text(alphabet="0123456789 \n-.x", max_size=12), max_size=6))
def test_faults_of_one_row_leave_the_others_alone(texts):
    together = {fault.row: fault.reason for fault in mask_faults(texts, **SIDES)}
    alone = {
        row: fault.reason
        for row, text in enumerate(texts)
        for fault in mask_faults([text], **SIDES)
    }
    assert together == alone


def test_two_empty_masks_agree():
    assert dice(["", "1 2"], ["", "3 2"], **SIDES) == 0.5
    assert dice([""], ["1 1"], **SIDES) == 0.0


def test_classes_without_a_pixel_are_left_out():
    assert mean_iou(["1 2", ""], ["1 2", ""], classes=["cat", "dog"], **SIDES) == 1.0
    assert np.isnan(mean_iou(["", ""], ["", ""], **SIDES))
    assert np.isnan(dice([""], [""], **SIDES, average="pixels"))


def test_a_truth_that_is_no_mask_is_refused_with_its_column():
    with pytest.raises(UnfitTexts) as refused:
        METRIC.prepare((["1 2", "x"], ["cat", "dog"]), **SIDES)
    assert (refused.value.column, refused.value.faults[0].row) == (0, 1)


def test_a_thousand_classes_are_enough():
    names = [str(number) for number in range(1_001)]
    with pytest.raises(UnfitTexts) as refused:
        METRIC.prepare((["1 2"] * 1_001, names), **SIDES)
    assert refused.value.column == 1


def test_images_may_be_large():
    sides = {"height": 100_000, "width": 100_000}
    assert dice(["9999999999 2"], ["10000000000 1"], **sides) == pytest.approx(2 / 3)


@pytest.mark.parametrize("name", ["dice", "mean_iou"])
@settings(max_examples=30, deadline=None)
@given(rows=st.integers(2, 12), seed=seeds)
def test_whole_weights_are_repeated_rows(name, rows, seed):
    random = np.random.default_rng(seed)
    case = BUILDERS[name](random, rows)
    weights = np.arange(rows) % 4 + 1
    order = np.repeat(np.arange(rows), weights)
    expected = load(name).value(
        reordered(case.truth, order), reordered(case.prediction, order), **case.parameters
    )
    value = load(name).value(
        case.truth, case.prediction, weights=weights.astype(float), **case.parameters
    )
    assert value == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("name", ["dice", "mean_iou"])
def test_sums_are_finished_together_as_one_by_one(name):
    random = np.random.default_rng(7)
    case, metric = BUILDERS[name](random, 20), load(name)
    prepared = metric.prepare(case.truth, **case.parameters)
    rows = metric.rows(prepared, case.prediction, **case.parameters)
    weights = random.integers(0, 3, (4, 20)).astype(float)
    together = metric.finish(weights @ rows, weights.sum(axis=-1), **case.parameters)
    for value, one in zip(together, weights, strict=True):
        alone = metric.value(case.truth, case.prediction, weights=one, **case.parameters)
        assert value == pytest.approx(alone, rel=1e-12)


@pytest.mark.parametrize("name", ["dice", "mean_iou"])
def test_no_rows_and_other_numbers_of_rows_are_refused(name):
    parameters = {**SIDES, **({"average": "masks"} if name == "dice" else {})}
    for truth, answers in (([], []), (["1 1"], []), (["1 1"], ["1 1", "1 1"])):
        with pytest.raises(ValueError, match="expected"):
            load(name).value((truth,), answers, **parameters)
