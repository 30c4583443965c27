"""Metrics of numbers and forecasts."""

from __future__ import annotations

from collections.abc import Mapping

from scoring.errors import gettext_noop
from scoring.metrics.description import (
    Answer,
    Example,
    Family,
    MetricDescription,
    ParameterDescription,
    ParameterType,
    Value,
)

_NO_PARAMETERS: Mapping[str, Value] = {}
_QUANTILES = "id,q25,q50,q75\n1,6,8,12\n2,18,20,24\n"


def _prices(
    truth: tuple[float, float],
    answers: tuple[float, float],
    value: float,
    parameters: Mapping[str, Value] = _NO_PARAMETERS,
) -> Example:
    """An example of two rows."""
    return Example(
        solution=f"id,price\n1,{truth[0]:g}\n2,{truth[1]:g}\n",
        submission=f"id,price\n1,{answers[0]:g}\n2,{answers[1]:g}\n",
        value=value,
        target=("price",),
        prediction=("price",),
        parameters=parameters,
    )


def _forecasts(value: float, parameters: Mapping[str, Value]) -> Example:
    """An example of three quantiles."""
    return Example(
        solution="id,sold\n1,10\n2,20\n",
        submission=_QUANTILES,
        value=value,
        target=("sold",),
        prediction=("q25", "q50", "q75"),
        parameters=parameters,
    )


REGRESSION: dict[str, MetricDescription] = {
    "mae": MetricDescription(
        title=gettext_noop("Mean absolute error"),
        family=Family.REGRESSION,
        higher_is_better=False,
        lower=0.0,
        upper=None,
        best=0.0,
        answer=Answer.NUMBER,
        formula=r"\frac{1}{n} \sum_{i=1}^{n} |\hat{y}_i - y_i|",
        description=gettext_noop(
            "The mean distance between prediction and truth, in the truth's unit."
        ),
        example=_prices((10, 20), (13, 19), 2.0),
        takes_weights=True,
    ),
    "mape": MetricDescription(
        title=gettext_noop("Mean absolute percentage error"),
        family=Family.REGRESSION,
        higher_is_better=False,
        lower=0.0,
        upper=None,
        best=0.0,
        answer=Answer.NUMBER,
        formula=r"\frac{1}{n} \sum_{i=1}^{n} \frac{|\hat{y}_i - y_i|}{\max(|y_i|, \varepsilon)}",
        description=gettext_noop(
            "The mean distance between prediction and truth as a share of the truth: 0.1 is "
            "10 percent. A true 0 counts as a tiny number, so missing it costs enormously much."
        ),
        example=_prices((10, 20), (13, 19), 0.175),
        takes_weights=True,
    ),
    "mase": MetricDescription(
        title=gettext_noop("Mean absolute scaled error"),
        family=Family.REGRESSION,
        higher_is_better=False,
        lower=0.0,
        upper=None,
        best=0.0,
        answer=Answer.NUMBER,
        formula=r"\frac{1}{s} \cdot \frac{1}{n} \sum_{i=1}^{n} |\hat{y}_i - y_i|",
        description=gettext_noop(
            "The mean absolute error as a multiple of that of the naive forecast on the training "
            "data; below 1 is better than repeating the last value."
        ),
        example=_prices((10, 20), (13, 19), 0.5, {"scale": 4.0}),
        parameters={
            "scale": ParameterDescription(
                ParameterType.NUMBER,
                gettext_noop(
                    "The mean absolute error of the naive forecast on the training data: of each "
                    "value by the one before it, or by the one a season before it."
                ),
                minimum=1e-300,
                maximum=1e300,
                required=True,
            ),
        },
        takes_weights=True,
    ),
    "median_absolute_error": MetricDescription(
        title=gettext_noop("Median absolute error"),
        family=Family.REGRESSION,
        higher_is_better=False,
        lower=0.0,
        upper=None,
        best=0.0,
        answer=Answer.NUMBER,
        formula=r"\mathrm{median}_i \, |\hat{y}_i - y_i|",
        description=gettext_noop(
            "The distance between prediction and truth that half of the rows stay below, in the "
            "truth's unit; a few wild rows don't matter."
        ),
        example=_prices((10, 20), (13, 19), 2.0),
        takes_weights=True,
    ),
    "mse": MetricDescription(
        title=gettext_noop("Mean squared error"),
        family=Family.REGRESSION,
        higher_is_better=False,
        lower=0.0,
        upper=None,
        best=0.0,
        answer=Answer.NUMBER,
        formula=r"\frac{1}{n} \sum_{i=1}^{n} (\hat{y}_i - y_i)^2",
        description=gettext_noop(
            "The mean squared distance between prediction and truth; large errors weigh more than "
            "small ones."
        ),
        example=_prices((10, 20), (13, 19), 5.0),
        takes_weights=True,
    ),
    "pearson": MetricDescription(
        title=gettext_noop("Pearson correlation"),
        family=Family.REGRESSION,
        higher_is_better=True,
        lower=-1.0,
        upper=1.0,
        best=1.0,
        answer=Answer.NUMBER,
        formula=(
            r"\frac{\sum_i (y_i - \bar{y}) (\hat{y}_i - \bar{\hat{y}})}"
            r"{\sqrt{\sum_i (y_i - \bar{y})^2 \sum_i (\hat{y}_i - \bar{\hat{y}})^2}}"
        ),
        description=gettext_noop(
            "How well a straight line maps the predictions to the truth: 1 is a rising line, 0 no "
            "line at all, -1 a falling one. The predictions must not all be equal."
        ),
        example=Example(
            solution="id,price\n1,1\n2,2\n3,3\n",
            submission="id,price\n1,10\n2,30\n3,20\n",
            value=0.5,
            target=("price",),
            prediction=("price",),
        ),
        takes_weights=True,
    ),
    "pinball_loss": MetricDescription(
        title=gettext_noop("Pinball loss"),
        family=Family.REGRESSION,
        higher_is_better=False,
        lower=0.0,
        upper=None,
        best=0.0,
        answer=Answer.NUMBERS,
        formula=(
            r"\frac{1}{n} \sum_{i=1}^{n} \frac{1}{K} \sum_{k=1}^{K} "
            r"\max\left(\tau_k (y_i - q_{i,k}), (\tau_k - 1) (y_i - q_{i,k})\right)"
        ),
        description=gettext_noop(
            "The mean cost of forecasts of quantiles: for the quantile 0.9, a forecast that is too "
            "low costs nine times as much as one that is too high."
        ),
        example=_forecasts(0.6666666666666666, {"quantiles": [0.25, 0.5, 0.75]}),
        parameters={
            "quantiles": ParameterDescription(
                ParameterType.LEVELS,
                gettext_noop(
                    "The quantile of each prediction column, ascending, such as 0.1, 0.5 and 0.9."
                ),
                required=True,
            ),
        },
        takes_weights=True,
        columns=(1, None),
    ),
    "r2": MetricDescription(
        title=gettext_noop("R²"),
        family=Family.REGRESSION,
        higher_is_better=True,
        lower=None,
        upper=1.0,
        best=1.0,
        answer=Answer.NUMBER,
        formula=r"1 - \frac{\sum_i (\hat{y}_i - y_i)^2}{\sum_i (y_i - \bar{y})^2}",
        description=gettext_noop(
            "The share of the truth's variance that the predictions explain: 1 is perfect, 0 is as "
            "good as the mean of the truth in every row, and below 0 is worse than that. It has no "
            "value where the truth is the same in every row."
        ),
        example=_prices((10, 20), (13, 19), 0.8),
        takes_weights=True,
    ),
    "rmse": MetricDescription(
        title=gettext_noop("Root mean squared error"),
        family=Family.REGRESSION,
        higher_is_better=False,
        lower=0.0,
        upper=None,
        best=0.0,
        answer=Answer.NUMBER,
        formula=r"\sqrt{\frac{1}{n} \sum_{i=1}^{n} (\hat{y}_i - y_i)^2}",
        description=gettext_noop(
            "The square root of the mean squared distance between prediction and truth; large "
            "errors weigh more than small ones."
        ),
        example=_prices((0, 0), (3, 4), 3.5355339059327378),
        takes_weights=True,
    ),
    "rmsle": MetricDescription(
        title=gettext_noop("Root mean squared logarithmic error"),
        family=Family.REGRESSION,
        higher_is_better=False,
        lower=0.0,
        upper=None,
        best=0.0,
        answer=Answer.NUMBER,
        formula=r"\sqrt{\frac{1}{n} \sum_{i=1}^{n} (\ln(1 + \hat{y}_i) - \ln(1 + y_i))^2}",
        description=gettext_noop(
            "The root mean squared error of the logarithms of 1 + value, so that being wrong by a "
            "factor costs the same for small and large values. Every prediction must be above -1."
        ),
        example=_prices((9, 20), (0, 20), 1.628173533515147),
        takes_weights=True,
    ),
    "smape": MetricDescription(
        title=gettext_noop("Symmetric mean absolute percentage error"),
        family=Family.REGRESSION,
        higher_is_better=False,
        lower=0.0,
        upper=2.0,
        best=0.0,
        answer=Answer.NUMBER,
        formula=r"\frac{1}{n} \sum_{i=1}^{n} \frac{2 |\hat{y}_i - y_i|}{|y_i| + |\hat{y}_i|}",
        description=gettext_noop(
            "The mean distance between prediction and truth as a share of the mean size of the "
            "two: 0.1 is 10 percent, and 2 is the most. A row in which both are 0 costs nothing."
        ),
        example=_prices((10, 0), (30, 0), 0.5),
        takes_weights=True,
    ),
    "spearman": MetricDescription(
        title=gettext_noop("Spearman correlation"),
        family=Family.REGRESSION,
        higher_is_better=True,
        lower=-1.0,
        upper=1.0,
        best=1.0,
        answer=Answer.NUMBER,
        formula=(
            r"\frac{\sum_i (r_i - \bar{r}) (s_i - \bar{s})}"
            r"{\sqrt{\sum_i (r_i - \bar{r})^2 \sum_i (s_i - \bar{s})^2}}"
        ),
        description=gettext_noop(
            "How well the predictions put the rows into the true order: 1 is the same order, 0 no "
            "relation, -1 the reverse. Only the ranks count; equal values share a rank. The "
            "predictions must not all be equal."
        ),
        example=Example(
            solution="id,price\n1,1\n2,2\n3,3\n",
            submission="id,price\n1,1\n2,100\n3,20\n",
            value=0.5,
            target=("price",),
            prediction=("price",),
        ),
        takes_weights=True,
    ),
    "wape": MetricDescription(
        title=gettext_noop("Weighted absolute percentage error"),
        family=Family.REGRESSION,
        higher_is_better=False,
        lower=0.0,
        upper=None,
        best=0.0,
        answer=Answer.NUMBER,
        formula=r"\frac{\sum_i |\hat{y}_i - y_i|}{\sum_i |y_i|}",
        description=gettext_noop(
            "The sum of the distances between prediction and truth as a share of the sum of the "
            "truth: 0.1 is 10 percent. It has no value where every truth is 0."
        ),
        example=_prices((10, 30), (13, 29), 0.1),
        takes_weights=True,
    ),
    "weighted_interval_score": MetricDescription(
        title=gettext_noop("Weighted interval score"),
        family=Family.REGRESSION,
        higher_is_better=False,
        lower=0.0,
        upper=None,
        best=0.0,
        answer=Answer.NUMBERS,
        formula=(
            r"\frac{1}{n} \sum_{i=1}^{n} \frac{1}{K + 1/2} \left( \frac{1}{2} |y_i - m_i| + \sum_{k=1}^{K} \left("
            r"\frac{\alpha_k}{2} (u_{i,k} - l_{i,k}) + (l_{i,k} - y_i)_+ + (y_i - u_{i,k})_+ \right) \right)"
        ),
        description=gettext_noop(
            "The mean cost of forecasts given as a median and central intervals: the intervals' "
            "widths, and how far the truth lies outside of them. It equals twice the mean pinball "
            "loss of the quantiles."
        ),
        example=_forecasts(1.3333333333333333, {"quantiles": [0.25, 0.5, 0.75]}),
        parameters={
            "quantiles": ParameterDescription(
                ParameterType.CENTRAL_LEVELS,
                gettext_noop(
                    "The quantile of each prediction column, ascending, symmetric about 0.5 and "
                    "with it, such as 0.05, 0.25, 0.5, 0.75 and 0.95."
                ),
                required=True,
            ),
        },
        takes_weights=True,
        columns=(1, None),
    ),
}
