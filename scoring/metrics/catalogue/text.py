"""Metrics of text and speech: the answer is a text, or a row of tags."""

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


def _texts(value: float) -> Example:
    """An example of two rows."""
    return Example(
        solution="id,text\n1,the cat sat on the mat\n2,it is warm\n",
        submission="id,text\n1,the cat sat on a mat\n2,it is warm\n",
        value=value,
        target=("text",),
        prediction=("text",),
    )


def _answers(value: float) -> Example:
    """An example of two questions, one of them with two references."""
    return Example(
        solution="id,answer,other\n1,Paris,in Paris\n2,in 1984,1984\n",
        submission="id,answer\n1,Paris.\n2,since 1984\n",
        value=value,
        target=("answer", "other"),
        prediction=("answer",),
    )


def _switch(description: str) -> ParameterDescription:
    return ParameterDescription(ParameterType.BOOLEAN, description, default=False)


TEXT: dict[str, MetricDescription] = {
    "bleu": MetricDescription(
        title=gettext_noop("BLEU"),
        family=Family.TEXT,
        higher_is_better=True,
        lower=0.0,
        upper=100.0,
        best=100.0,
        answer=Answer.TEXT,
        formula=r"100 \cdot \min\left(1, e^{1 - r / c}\right) \left(\prod_{n=1}^{4} \frac{m_n}{t_n}\right)^{1/4}",
        description=gettext_noop(
            "How many runs of one to four words of the translations are in the references, with a "
            "penalty for translations that are too short; computed as by sacreBLEU."
        ),
        example=_texts(59.6949179201965),
        parameters={
            "tokenize": ParameterDescription(
                ParameterType.CHOICE,
                gettext_noop("How texts are cut into words, by sacreBLEU's names."),
                default="13a",
                choices=("13a", "intl", "char", "zh", "none"),
            ),
            "lowercase": _switch(gettext_noop("Whether capitals are taken for small letters.")),
        },
        takes_weights=True,
        targets=(1, None),
    ),
    "character_error_rate": MetricDescription(
        title=gettext_noop("Character error rate"),
        family=Family.TEXT,
        higher_is_better=False,
        lower=0.0,
        upper=None,
        best=0.0,
        answer=Answer.TEXT,
        formula=r"\frac{S + D + I}{N}",
        description=gettext_noop(
            "The characters that must be replaced, left out or put in to get the references, over "
            "the number of characters of all references; spaces between words count."
        ),
        example=_texts(0.09375),
        takes_weights=True,
    ),
    "chrf": MetricDescription(
        title=gettext_noop("chrF"),
        family=Family.TEXT,
        higher_is_better=True,
        lower=0.0,
        upper=100.0,
        best=100.0,
        answer=Answer.TEXT,
        formula=r"100 \, \frac{(1 + \beta^2) P R}{\beta^2 P + R}",
        description=gettext_noop(
            "How many runs of characters the translations share with the references, as an F-score "
            "of precision and recall; computed as by sacreBLEU."
        ),
        example=_texts(74.83328453986165),
        parameters={
            "char_order": ParameterDescription(
                ParameterType.INTEGER,
                gettext_noop("The longest run of characters."),
                default=6,
                minimum=1,
                maximum=20,
            ),
            "word_order": ParameterDescription(
                ParameterType.INTEGER,
                gettext_noop("The longest run of words; 0 for none, 2 for chrF++."),
                default=0,
                minimum=0,
                maximum=10,
            ),
            "beta": ParameterDescription(
                ParameterType.INTEGER,
                gettext_noop("How many times as much recall weighs as precision."),
                default=2,
                minimum=1,
                maximum=10,
            ),
        },
        takes_weights=True,
        targets=(1, None),
    ),
    "entity_f1": MetricDescription(
        title=gettext_noop("Entity F1"),
        family=Family.TEXT,
        higher_is_better=True,
        lower=0.0,
        upper=1.0,
        best=1.0,
        answer=Answer.SEQUENCE,
        formula=r"\frac{2 \, |\hat{E} \cap E|}{|\hat{E}| + |E|}",
        description=gettext_noop(
            "How many named entities are found with the right first word, last word and type. A "
            "row is a sentence: one tag for each word, such as B-PER I-PER O, with spaces between "
            "them."
        ),
        example=Example(
            solution="id,tags\n1,B-PER I-PER O\n2,O B-LOC\n",
            submission="id,tags\n1,B-PER I-PER O\n2,O B-ORG\n",
            value=0.5,
            target=("tags",),
            prediction=("tags",),
        ),
        parameters={
            "average": ParameterDescription(
                ParameterType.CHOICE,
                gettext_noop(
                    "micro: over all entities; macro: the mean over types; weighted: that mean, "
                    "each type weighted by its true entities."
                ),
                default="micro",
                choices=("micro", "macro", "weighted"),
            ),
        },
        takes_weights=True,
    ),
    "exact_match": MetricDescription(
        title=gettext_noop("Exact match"),
        family=Family.TEXT,
        higher_is_better=True,
        lower=0.0,
        upper=1.0,
        best=1.0,
        answer=Answer.TEXT,
        formula=r"\frac{1}{n} \sum_{i=1}^{n} \max_j \mathbf{1}[\hat{y}_i = y_{i,j}]",
        description=gettext_noop(
            "The share of answers that equal one of their references. Capitals, punctuation and "
            "the articles a, an and the are passed over, as in SQuAD."
        ),
        example=_answers(0.5),
        takes_weights=True,
        targets=(1, None),
    ),
    "rouge_l": MetricDescription(
        title=gettext_noop("ROUGE-L"),
        family=Family.TEXT,
        higher_is_better=True,
        lower=0.0,
        upper=1.0,
        best=1.0,
        answer=Answer.TEXT,
        formula=r"\frac{1}{n} \sum_{i=1}^{n} \max_j \frac{2 P_{i,j} R_{i,j}}{P_{i,j} + R_{i,j}}",
        description=gettext_noop(
            "The mean over rows of the F-measure of the longest sequence of words that answer and "
            "reference share. Words are runs of the letters a to z and of digits, without regard "
            "to capitals."
        ),
        example=_texts(0.9166666666666667),
        takes_weights=True,
        targets=(1, None),
    ),
    "ter": MetricDescription(
        title=gettext_noop("TER"),
        family=Family.TEXT,
        higher_is_better=False,
        lower=0.0,
        upper=None,
        best=0.0,
        answer=Answer.TEXT,
        formula=r"100 \, \frac{\sum_i \min_j e_{i,j}}{\sum_i \bar{r}_i}",
        description=gettext_noop(
            "The edits that turn the translations into their references, for each 100 words of "
            "these; moving a run of words is one edit. Computed as by sacreBLEU."
        ),
        example=_texts(11.11111111111111),
        parameters={
            "normalized": _switch(gettext_noop("Whether punctuation is cut off words first.")),
            "no_punct": _switch(gettext_noop("Whether punctuation is removed.")),
            "asian_support": _switch(
                gettext_noop("Whether these two also know Chinese and Japanese.")
            ),
            "case_sensitive": _switch(gettext_noop("Whether capitals matter.")),
        },
        takes_weights=True,
        targets=(1, None),
    ),
    "token_f1": MetricDescription(
        title=gettext_noop("Token F1"),
        family=Family.TEXT,
        higher_is_better=True,
        lower=0.0,
        upper=1.0,
        best=1.0,
        answer=Answer.TEXT,
        formula=r"\frac{1}{n} \sum_{i=1}^{n} \max_j \frac{2 \, |\hat{Y}_i \cap Y_{i,j}|}{|\hat{Y}_i| + |Y_{i,j}|}",
        description=gettext_noop(
            "The mean over rows of the F1 of the words that answer and reference share, for the "
            "reference that fits best. Capitals, punctuation and the articles a, an and the are "
            "passed over, as in SQuAD."
        ),
        example=_answers(0.8333333333333333),
        takes_weights=True,
        targets=(1, None),
    ),
    "word_error_rate": MetricDescription(
        title=gettext_noop("Word error rate"),
        family=Family.TEXT,
        higher_is_better=False,
        lower=0.0,
        upper=None,
        best=0.0,
        answer=Answer.TEXT,
        formula=r"\frac{S + D + I}{N}",
        description=gettext_noop(
            "The words that must be replaced, left out or put in to get the references, over the "
            "number of words of all references. Capitals and punctuation count."
        ),
        example=_texts(0.1111111111111111),
        takes_weights=True,
    ),
}
