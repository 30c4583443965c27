"""Metrics of ranking: the answer is a list of items, best first."""

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

MAX_PLACES = 10_000

_K = ParameterDescription(
    ParameterType.INTEGER,
    gettext_noop("How many places of a ranking count; those after them are passed over."),
    default=10,
    minimum=1,
    maximum=MAX_PLACES,
)


def _rankings(parameters: Mapping[str, Value], value: float) -> Example:
    """An example of two rows."""
    return Example(
        solution="id,items\n1,a b\n2,c\n",
        submission="id,items\n1,a x b\n2,x y c\n",
        value=value,
        target=("items",),
        prediction=("items",),
        parameters=parameters,
    )


RANKING: dict[str, MetricDescription] = {
    "hit_rate_at_k": MetricDescription(
        title=gettext_noop("Hit rate@k"),
        family=Family.RANKING,
        higher_is_better=True,
        lower=0.0,
        upper=1.0,
        best=1.0,
        answer=Answer.SEQUENCE,
        formula=r"\frac{1}{n} \sum_{i=1}^{n} \mathbf{1}[R_i \cap \mathrm{top}_k(i) \ne \emptyset]",
        description=gettext_noop(
            "The share of rows with at least one relevant item among the first k places. Rows "
            "without relevant items are left out."
        ),
        example=_rankings({"k": 2}, 0.5),
        parameters={"k": _K},
        takes_weights=True,
    ),
    "map_at_k": MetricDescription(
        title=gettext_noop("MAP@k"),
        family=Family.RANKING,
        higher_is_better=True,
        lower=0.0,
        upper=1.0,
        best=1.0,
        answer=Answer.SEQUENCE,
        formula=r"\frac{1}{n} \sum_{i=1}^{n} \frac{1}{\min(m_i, k)} \sum_{j=1}^{k} \mathrm{rel}_{i,j} \, P_i(j)",
        description=gettext_noop(
            "The mean over rows of the average precision of the first k places; an early place is "
            "worth more. An item that is repeated counts once, at its first place. Rows without "
            "relevant items are left out."
        ),
        example=_rankings({"k": 3}, 0.5833333333333334),
        parameters={"k": _K},
        takes_weights=True,
    ),
    "mrr": MetricDescription(
        title=gettext_noop("Mean reciprocal rank"),
        family=Family.RANKING,
        higher_is_better=True,
        lower=0.0,
        upper=1.0,
        best=1.0,
        answer=Answer.SEQUENCE,
        formula=r"\frac{1}{n} \sum_{i=1}^{n} \frac{1}{\mathrm{place}_i}",
        description=gettext_noop(
            "The mean over rows of 1 / place of the first relevant item: 1 for the first place, "
            "1/2 for the second, 0 where no relevant item is listed. Rows without relevant items "
            "are left out."
        ),
        example=_rankings({}, 0.6666666666666666),
        parameters={
            "k": ParameterDescription(
                ParameterType.INTEGER,
                gettext_noop("How many places of a ranking count; all of them by default."),
                minimum=1,
                maximum=MAX_PLACES,
            ),
        },
        takes_weights=True,
    ),
    "ndcg_at_k": MetricDescription(
        title=gettext_noop("NDCG@k"),
        family=Family.RANKING,
        higher_is_better=True,
        lower=0.0,
        upper=1.0,
        best=1.0,
        answer=Answer.SEQUENCE,
        formula=(
            r"\frac{1}{n} \sum_{i=1}^{n} \frac{\mathrm{DCG}_i}{\mathrm{IDCG}_i}, \quad "
            r"\mathrm{DCG}_i = \sum_{j=1}^{k} \frac{2^{g_{i,j}} - 1}{\log_2(j + 1)}"
        ),
        description=gettext_noop(
            "The mean over rows of the gain of the first k places, divided by that of the best "
            "ranking; an early place and an item of a high grade are worth more. An item that is "
            "repeated counts once, at its first place. Rows without relevant items are left out."
        ),
        example=Example(
            solution="id,items\n1,a:3 b:1\n2,c\n",
            submission="id,items\n1,b a x\n2,c y z\n",
            value=0.8549048706984328,
            target=("items",),
            prediction=("items",),
            parameters={"k": 3},
        ),
        parameters={
            "k": _K,
            "gain": ParameterDescription(
                ParameterType.CHOICE,
                gettext_noop(
                    "What an item of grade g is worth: 2^g - 1 (exponential) or g (linear). The "
                    "solution names items as item:grade, or as item, which is grade 1."
                ),
                default="exponential",
                choices=("exponential", "linear"),
            ),
        },
        takes_weights=True,
    ),
    "recall_at_k": MetricDescription(
        title=gettext_noop("Recall@k"),
        family=Family.RANKING,
        higher_is_better=True,
        lower=0.0,
        upper=1.0,
        best=1.0,
        answer=Answer.SEQUENCE,
        formula=r"\frac{1}{n} \sum_{i=1}^{n} \frac{|R_i \cap \mathrm{top}_k(i)|}{|R_i|}",
        description=gettext_noop(
            "The mean over rows of the share of relevant items that stand in the first k places; a "
            "row with more than k relevant items can't reach 1. Rows without relevant items are "
            "left out."
        ),
        example=_rankings({"k": 2}, 0.25),
        parameters={"k": _K},
        takes_weights=True,
    ),
}
