"""Random cases for the metrics of text and speech."""

import functools

from tests.scoring.metrics.cases import Builder, Case

WORDS = [
    "the",
    "cat",
    "Cats",
    "sat",
    "on",
    "mat.",
    "a",
    "1,984",
    "naïve",
    "猫",
    "dog's",
    "co-op",
    "(x)",
]
TYPES = ["PER", "LOC", "ORG"]
TRANSLATED = {"tokenize": "13a", "lowercase": False}
LETTERS = {"char_order": 6, "word_order": 2, "beta": 2}
EDITED = dict.fromkeys(("normalized", "no_punct", "asian_support", "case_sensitive"), False)


def sentence(random, fewest=4, most=12):
    return " ".join(random.choice(WORDS, random.integers(fewest, most + 1)))


def changed(random, text):
    """The text with some words missing, moved or replaced; never empty."""
    words = text.split()
    for _ in range(random.integers(0, 4)):
        place = random.integers(len(words))
        match random.integers(3):
            case 0 if len(words) > 1:
                del words[place]
            case 1:
                words[place] = random.choice(WORDS)
            case _:
                words.insert(random.integers(len(words)), words.pop(place))
    return " ".join(words)


def texts(random, rows, references=1, **parameters):
    truth = tuple([sentence(random) for _ in range(rows)] for _ in range(references))
    answers = [changed(random, text) for text in truth[0]]
    return Case(truth, answers, list(truth[0]), parameters)


def tags(random, size):
    kinds = ["O", *(f"{letter}-{kind}" for letter in "BI" for kind in TYPES)]
    return random.choice(kinds, size).tolist()


def tagged(random, rows, average="micro"):
    truth, answers = [], []
    for _ in range(rows):
        own = ["B-PER", *tags(random, random.integers(0, 7))]
        other = tags(random, len(own))
        mixed = [one if random.random() < 0.6 else two for one, two in zip(own, other, strict=True)]
        truth.append(" ".join(own))
        answers.append(" ".join(mixed))
    return Case((truth,), answers, list(truth), {"average": average})


BUILDERS: dict[str, Builder] = {
    "bleu": functools.partial(texts, **TRANSLATED),
    "character_error_rate": texts,
    "chrf": functools.partial(texts, **LETTERS),
    "entity_f1": tagged,
    "exact_match": functools.partial(texts, references=2),
    "rouge_l": functools.partial(texts, references=2),
    "ter": functools.partial(texts, **EDITED),
    "token_f1": functools.partial(texts, references=2),
    "word_error_rate": texts,
}
