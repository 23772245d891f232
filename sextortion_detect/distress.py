"""Phrases in which somebody speaks of harming oneself or of not being able to go on: a matter apart from any label.

A column of the model says in which texts to look for them, and where it is sure by itself there need be none
(`Thresholds.distress`). Each row of `distress.tsv` is a phrase: a regular expression over folded words, the words that
make something else of it when they come next ("I die of laughter"), and what it says in English. The speaker is "I":
reports of what became of another person are none.
"""

import re
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Final

from sextortion_detect.text.words import normalized

_LONGEST: Final = 100_000


def with_phrase(texts: Sequence[str]) -> list[bool]:
    """Which texts have a phrase of harming oneself, or of not being able to go on.

    Of each the first 100,000 characters are read: nobody types more.

    >>> with_phrase(["عايز أموت", "أموت فيك", "بموت من الضحك"])
    [True, False, False]
    """
    folded = normalized([text[:_LONGEST].lower() for text in texts])
    return [_phrases().search(f" {text}") is not None for text in folded]


@cache
def _phrases() -> re.Pattern[str]:
    table = resources.files("sextortion_detect").joinpath("distress.tsv").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in table.splitlines()[1:]]
    parts = {name: words for name, words, *_ in rows if name.startswith("<")}
    phrases = "|".join(_phrase(phrase, unless_next) for name, phrase, unless_next, _ in rows if name not in parts)
    return re.compile(f"(?<!\\S)(?:{_PART.sub(lambda part: parts[part[0]], phrases)})")


_PART: Final = re.compile("<[a-z]+>")


def _phrase(phrase: str, unless_next: str) -> str:
    """One row as an expression: its words whole, and none of the others behind it."""
    behind = f"(?! (?:{'|'.join(unless_next.split())})(?!\\S))" if unless_next else ""
    return f"(?:{phrase})(?!\\S){behind}"
