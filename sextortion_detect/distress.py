"""Phrases in which somebody speaks of harming oneself or of not being able to go on: a matter apart from any label.

A column of the model says in which texts to look for them, and where it is sure by itself there need be none
(`Thresholds.distress`). Each row of `distress.tsv` is a phrase: letters of which a text with it has one at least, a
regular expression over folded words, the words that make something else of it when they come next ("I die of
laughter"), and what it says in English. The speaker is "I": reports of what became of another person are none.
"""

import re
from collections import defaultdict
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
    return [_has_phrase(f" {text}") for text in folded]


def _has_phrase(text: str) -> bool:
    """Whether a folded text, a space before each word, has one: only those are looked for of whose words it has one."""
    found = (phrases for word, phrases in _phrases().items() if word in text)
    return any(phrase.search(text) for phrases in found for phrase in phrases)


@cache
def _phrases() -> dict[str, list[re.Pattern[str]]]:
    """The phrases by the words of which each needs one."""
    table = resources.files("sextortion_detect").joinpath("distress.tsv").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in table.splitlines()[1:]]
    parts = {name: words for name, words, *_ in rows if name.startswith("<")}
    by_word = defaultdict[str, list[re.Pattern[str]]](list)
    for needs, phrase, unless_next, _ in rows:
        if needs not in parts:
            compiled = re.compile(_phrase(_PART.sub(lambda part: parts[part[0]], phrase), unless_next))
            for word in needs.split("|"):
                by_word[word].append(compiled)
    return dict(by_word)


_PART: Final = re.compile("<[a-z]+>")


def _phrase(phrase: str, unless_next: str) -> str:
    """One row as an expression: its words whole, and none of the others behind it."""
    behind = f"(?! (?:{'|'.join(unless_next.split())})(?!\\S))" if unless_next else ""
    return f" (?:{phrase})(?!\\S){behind}"
