"""COCO mAP against pycocotools and faster-coco-eval."""

import contextlib
import io

import faster_coco_eval
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from scoring.bootstrap import weights_of
from scoring.metrics.boxes import detection_faults, parse_boxes, true_box_faults
from scoring.metrics.coco_map import METRIC, coco_map, thresholds_of
from tests.scoring.metrics.cases import reordered
from tests.scoring.metrics.cases_vision import boxes

LIBRARIES = {
    "pycocotools": (COCO, COCOeval),
    "faster-coco-eval": (faster_coco_eval.COCO, faster_coco_eval.COCOeval_faster),
}
IOUS = ["0.50:0.95", "0.50", "0.75", "0.95"]
seeds = st.integers(0, 2**32 - 1)


def as_coco(truth, answers):
    """The annotations and results of COCO's JSON files."""
    true, found = (parse_boxes(side, has_scores=side is answers) for side in (truth, answers))
    names = sorted(set(true.labels))
    annotations = [
        {
            "id": number,
            "image_id": int(row),
            "category_id": names.index(label),
            "bbox": box.tolist(),
            "area": float(box[2] * box[3]),
            "iscrowd": 0,
        }
        for number, (row, label, box) in enumerate(
            zip(true.rows, true.labels, true.numbers, strict=True), 1
        )
    ]
    results = [
        {
            "image_id": int(row),
            "category_id": names.index(label),
            "score": float(box[0]),
            "bbox": box[1:].tolist(),
        }
        for row, label, box in zip(found.rows, found.labels, found.numbers, strict=True)
        if label in names
    ]
    dataset = {
        "info": {},
        "images": [{"id": row, "height": 99, "width": 99} for row in range(len(truth))],
        "categories": [{"id": number, "name": name} for number, name in enumerate(names)],
        "annotations": annotations,
    }
    return dataset, results


def library_map(library, truth, answers, iou):
    dataset, results = as_coco(truth, answers)
    if not dataset["annotations"]:
        return float("nan")
    if not results:
        return 0.0
    data, evaluation = LIBRARIES[library]
    with contextlib.redirect_stdout(io.StringIO()):
        if library == "pycocotools":
            reference = data()
            reference.dataset = dataset
            reference.createIndex()
        else:
            reference = data(dataset)
        run = evaluation(reference, reference.loadRes(results), "bbox")
        run.params.iouThrs = thresholds_of(iou)
        run.evaluate()
        run.accumulate()
    precision = np.asarray(run.eval["precision"])[:, :, :, 0, -1]
    return float(precision[precision > -1].mean())


@pytest.mark.parametrize("library", sorted(LIBRARIES))
@pytest.mark.parametrize("iou", IOUS)
@settings(max_examples=40, deadline=None)
@given(rows=st.integers(1, 8), seed=seeds)
def test_it_equals_the_libraries(library, iou, rows, seed):
    case = boxes(np.random.default_rng(seed), rows)
    expected = library_map(library, *case.truth, case.prediction, iou)
    assert coco_map(*case.truth, case.prediction, iou=iou) == pytest.approx(
        expected, rel=1e-12, abs=1e-15
    )


few = st.integers(0, 3)
small = st.tuples(st.sampled_from(["a", "b"]), few, few, few, few)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.tuples(st.lists(small, max_size=4), st.lists(st.tuples(small, few), max_size=6)),
        min_size=1,
        max_size=4,
    )
)
def test_it_equals_pycocotools_with_ties_of_scores_and_of_overlaps(images):
    truth = [" ".join(" ".join(map(str, box)) for box in true) for true, _ in images]
    answers = [
        " ".join(f"{label} {score} {x} {y} {w} {h}" for (label, x, y, w, h), score in found)
        for _, found in images
    ]
    expected = library_map("pycocotools", truth, answers, "0.50:0.95")
    assert coco_map(truth, answers) == pytest.approx(expected, rel=1e-12, abs=1e-15, nan_ok=True)


def test_only_the_hundred_best_detections_of_a_label_and_image_count():
    random = np.random.default_rng(0)
    truth = ["a 0 0 10 10 b 0 0 5 5", "a 0 0 10 10"]
    scores = iter(random.permutation(500) / 500)
    answers = [
        " ".join(
            f"{random.choice(['a', 'b'], p=[0.8, 0.2])} {next(scores)} 0 0 {size} 10"
            for size in random.integers(5, 11, 250)
        )
        for _ in truth
    ]
    expected = library_map("pycocotools", truth, answers, "0.50:0.95")
    assert 0 < coco_map(truth, answers) == pytest.approx(expected, rel=1e-12)


@settings(max_examples=40, deadline=None)
@given(rows=st.integers(2, 8), seed=seeds)
def test_whole_weights_are_repeated_images(rows, seed):
    random = np.random.default_rng(seed)
    case = boxes(random, rows)
    weights = np.arange(rows) % 3
    order = np.repeat(np.arange(rows), weights)
    expected = coco_map(*reordered(case.truth, order), reordered(case.prediction, order))
    value = coco_map(*case.truth, case.prediction, weights=weights.astype(float))
    assert value == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("iou", IOUS)
def test_replicates_are_the_scores_under_their_weights(iou):
    case = boxes(np.random.default_rng(1), 30)
    rows, count = np.arange(0, 30, 2), 100
    prepared = METRIC.prepare(case.truth, iou=iou)
    replicates = METRIC.replicates(prepared, case.prediction, rows, 5, count, iou=iou)
    weights = np.zeros((count, 30))
    weights[:, rows] = weights_of(rows, seed=5, count=count)
    expected = [coco_map(*case.truth, case.prediction, iou=iou, weights=one) for one in weights]
    assert replicates == pytest.approx(np.array(expected), rel=1e-12)


@pytest.mark.parametrize("limit", ["MAX_WORK", "MAX_WEIGHTS"])
def test_too_many_detections_or_images_have_no_interval(monkeypatch, limit):
    case = boxes(np.random.default_rng(1), 3)
    prepared = METRIC.prepare(case.truth, iou="0.50")
    monkeypatch.setattr(f"scoring.metrics.coco_map.{limit}", 10)
    assert METRIC.replicates(prepared, case.prediction, np.arange(3), 5, 100, iou="0.50") is None


def test_no_true_box_at_all_is_no_score():
    assert np.isnan(coco_map(["", ""], ["", "cat 0.5 1 1 1 1"]))


def test_no_detection_at_all_is_worth_nothing():
    assert coco_map(["cat 1 1 1 1"], [""]) == 0.0


def test_labels_that_the_truth_lacks_change_nothing():
    assert coco_map(["cat 1 1 9 9"], ["fox 0.9 1 1 9 9 cat 0.5 1 1 9 9"]) == 1.0


@pytest.mark.parametrize("text", ["", " ", "cat 1 0 0 5 5", "1 -2e3 -1 .5 0 5.\n\tb 0 0 0 0 0"])
def test_detections_are_read(text):
    assert detection_faults([text]) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("cat", "label score x y width height"),
        ("cat 0.5 1 1 1", "label score x y width height"),
        ("cat 0.5 1 1 1 1 dog", "label score x y width height"),
        ("cat 0.5 1 1 1 x", "label score x y width height"),
        ("cat nan 1 1 1 1", "label score x y width height"),
        ("cat 0.5 1 1 1 1_0", "label score x y width height"),
        ("cat 0,5 1 1 1 1", "label score x y width height"),
        ("cat 0.5 1 1 -1 1", "negative"),
        ("cat 0.5 1 1 1 -1", "negative"),
        ("cat 0.5 1e999 1 1 1", "too large"),
    ],
)
def test_what_are_no_detections_is_named(text, words):
    (fault,) = detection_faults(["", text, "cat 1 0 0 5 5"])
    assert fault.row == 1
    assert words in fault.reason


def test_true_boxes_have_no_score():
    assert true_box_faults(["cat 0 0 5 5", ""]) == []
    (fault,) = true_box_faults(["cat 0.9 0 0 5 5"])
    assert "label x y width height" in fault.reason


@pytest.mark.timeout(20)
@pytest.mark.parametrize("piece", ["1", "1 ", "a 1", "a 1 1 1 1 1 ", " ", "1e", "a 1 1 1 1 1. 1"])
def test_no_text_takes_long_to_refuse(piece):
    text = piece * (1_000_000 // len(piece)) + " x"
    assert len(detection_faults([text])) == 1


def test_no_images_and_other_numbers_of_images_are_refused():
    for truth, answers in (([], []), (["a 1 1 1 1"], []), (["a 1 1 1 1"], ["", ""])):
        with pytest.raises(ValueError, match="expected"):
            coco_map(truth, answers)


def test_a_text_of_another_form_is_refused():
    with pytest.raises(ValueError, match="no row of boxes"):
        coco_map(["cat 1 1 1 1"], ["cat"])
