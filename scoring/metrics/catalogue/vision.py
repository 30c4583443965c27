"""Metrics of vision: the answer is a mask, or a row of boxes."""

from __future__ import annotations

from scoring.errors import gettext_noop
from scoring.metrics.description import (
    Answer,
    Example,
    Family,
    MetricDescription,
    ParameterDescription,
    ParameterType,
)

MAX_SIDE = 100_000

_MASKS = Example(
    solution="id,mask\n1,1 4\n2,\n",
    submission="id,mask\n1,3 4\n2,\n",
    value=0.0,
    target=("mask",),
    prediction=("mask",),
    parameters={"height": 4, "width": 4},
)
_SIDES = {
    "height": ParameterDescription(
        ParameterType.INTEGER,
        gettext_noop("The images' height in pixels."),
        minimum=1,
        maximum=MAX_SIDE,
        required=True,
    ),
    "width": ParameterDescription(
        ParameterType.INTEGER,
        gettext_noop("The images' width in pixels."),
        minimum=1,
        maximum=MAX_SIDE,
        required=True,
    ),
}

VISION: dict[str, MetricDescription] = {
    "coco_map": MetricDescription(
        title=gettext_noop("COCO mAP"),
        family=Family.VISION,
        higher_is_better=True,
        lower=0.0,
        upper=1.0,
        best=1.0,
        answer=Answer.SEQUENCE,
        formula=r"\frac{1}{|C| \, |T|} \sum_{c \in C} \sum_{t \in T} \mathrm{AP}_{c,t}",
        description=gettext_noop(
            "The mean over labels and overlap thresholds of the average precision of the detected "
            "boxes. A row is an image and lists its detections, each as label, score, x, y, width "
            "and height; it is empty where nothing is detected. Avoid equal scores: they keep the "
            "solution's order of images."
        ),
        example=Example(
            solution="id,boxes\n1,cat 0 0 10 10 dog 20 0 10 10\n2,cat 5 5 10 10\n",
            submission="id,boxes\n1,cat 0.9 0 0 10 8 dog 0.8 40 0 10 10\n2,cat 0.7 5 5 10 10\n",
            value=0.5,
            target=("boxes",),
            prediction=("boxes",),
            parameters={"iou": "0.50"},
        ),
        parameters={
            "iou": ParameterDescription(
                ParameterType.CHOICE,
                gettext_noop(
                    "How far a detection and a true box must overlap: intersection over union. "
                    "0.50:0.95 is the mean over ten thresholds."
                ),
                default="0.50:0.95",
                choices=(
                    "0.50:0.95",
                    "0.50",
                    "0.55",
                    "0.60",
                    "0.65",
                    "0.70",
                    "0.75",
                    "0.80",
                    "0.85",
                    "0.90",
                    "0.95",
                ),
            ),
        },
        takes_weights=True,
    ),
    "dice": MetricDescription(
        title=gettext_noop("Dice coefficient"),
        family=Family.VISION,
        higher_is_better=True,
        lower=0.0,
        upper=1.0,
        best=1.0,
        answer=Answer.SEQUENCE,
        formula=r"\frac{1}{n} \sum_{i=1}^{n} \frac{2 \, |\hat{M}_i \cap M_i|}{|\hat{M}_i| + |M_i|}",
        description=gettext_noop(
            "Twice the pixels that two masks share over the pixels of both; two empty masks agree "
            "fully. A mask is a list of “start length” with spaces between them: pixels are "
            "numbered from 1, down the first column, then down the second. An empty value is an "
            "empty mask."
        ),
        example=Example(
            solution=_MASKS.solution,
            submission=_MASKS.submission,
            value=0.75,
            target=_MASKS.target,
            prediction=_MASKS.prediction,
            parameters=_MASKS.parameters,
        ),
        parameters={
            **_SIDES,
            "average": ParameterDescription(
                ParameterType.CHOICE,
                gettext_noop("masks: the mean over masks; pixels: over the pixels of all masks."),
                default="masks",
                choices=("masks", "pixels"),
            ),
        },
        takes_weights=True,
    ),
    "mean_iou": MetricDescription(
        title=gettext_noop("Mean IoU"),
        family=Family.VISION,
        higher_is_better=True,
        lower=0.0,
        upper=1.0,
        best=1.0,
        answer=Answer.SEQUENCE,
        formula=r"\frac{1}{C} \sum_{c=1}^{C} \frac{\sum_{i \in c} |\hat{M}_i \cap M_i|}{\sum_{i \in c} |\hat{M}_i \cup M_i|}",
        description=gettext_noop(
            "The mean over classes of intersection over union, counted over the pixels of all "
            "images; a class without a pixel is left out. A mask is a list of “start length” with "
            "spaces between them: pixels are numbered from 1, down the first column, then down the "
            "second. An empty value is an empty mask."
        ),
        example=Example(
            solution="id,mask,class\n1,1 4,cat\n2,9 2,dog\n",
            submission="id,mask\n1,3 4\n2,9 2\n",
            value=0.6666666666666666,
            target=("mask", "class"),
            prediction=("mask",),
            parameters={"height": 4, "width": 4},
        ),
        parameters=_SIDES,
        takes_weights=True,
        targets=(1, 2),
    ),
}
