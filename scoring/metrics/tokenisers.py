"""sacreBLEU's tokenisers, and its default one, 13a, for all rows at once.

13a is a few replacements that look at one character to each side. Rows that are joined by line feeds
between spaces never see each other, so each replacement is made once for the whole corpus. A space
need not be set apart from its neighbours by spaces, which saves most of the replacements.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from sacrebleu.tokenizers.tokenizer_char import TokenizerChar
from sacrebleu.tokenizers.tokenizer_intl import TokenizerV14International
from sacrebleu.tokenizers.tokenizer_zh import TokenizerZh

from scoring.metrics.characters import joined_lines

_RULES = (
    (re.compile(r"([{-~\[-`!-&(-+:-@/])"), r" \1 "),
    (re.compile(r"([^0-9])([.,])"), r"\1 \2 "),
    (re.compile(r"([.,])([^0-9])"), r" \1 \2"),
    (re.compile(r"([0-9])(-)"), r"\1 \2 "),
)
_ENTITIES = (("&quot;", '"'), ("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">"))
_SINGLE: dict[str, Callable[[], Callable[[str], str]]] = {
    "intl": TokenizerV14International,
    "char": TokenizerChar,
    "zh": TokenizerZh,
}


def tokenised_lines(texts: Sequence[str], *, tokenize: str, lowercase: bool) -> str:
    """One line a text, white space between its tokens.

    Args:
        texts: The rows.
        tokenize: sacreBLEU's name of the tokeniser: 13a, intl, char, zh or none.
        lowercase: Whether to lower letters first.
    """
    rows = [text.rstrip() for text in texts]
    if lowercase:
        rows = [text.lower() for text in rows]
    if tokenize == "13a":
        return _tokenised_13a(rows)
    if tokenize == "none":
        return joined_lines(rows)
    tokeniser = _SINGLE[tokenize]()
    return joined_lines([tokeniser(row) for row in rows])


def _tokenised_13a(rows: Sequence[str]) -> str:
    joined = "\n".join(rows)
    if joined.count("\n") > len(rows) - 1:
        joined = "\n".join(_on_one_line(row) for row in rows)
    joined = joined.replace("<skipped>", "")
    if "&" in joined:
        for entity, character in _ENTITIES:
            joined = joined.replace(entity, character)
    joined = " " + joined.replace("\n", " \n ") + " "
    for pattern, replacement in _RULES:
        joined = pattern.sub(replacement, joined)
    return joined


def _on_one_line(text: str) -> str:
    return text.replace("<skipped>", "").replace("-\n", "").replace("\n", " ")
