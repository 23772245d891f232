"""Dots given back to words that were written without them.

Which letter a dotless one stands for is told by its form in part: most writers use noon without its dot for noon alone,
and so on. So a letter that is read as another one than its form says costs some nats, as a rare word does, and the
cheapest reading is taken (a noisy channel, as in spelling correction). It costs more in a text that writes noon or yeh
without dots inside words too, where others write the form of beh.

>>> dotted("عيدي"), dotted("صور"), dotted("سحص")
('عندي', 'صور', 'شخص')
"""

import math
import re
from functools import cache, lru_cache
from itertools import product
from typing import Final

from sextortion_detect.text import lexicon

_COST_OF_FORM: Final = 2.5  # nats: of a letter whose form is another one's
_COST_OF_KEPT_FORM: Final = 7.0  # nats: the same where forms are kept
_INSIDE: Final = re.compile("[\N{ARABIC LETTER NOON GHUNNA}\N{ARABIC LETTER ALEF MAKSURA}](?=[ء-ي])")
_MOST_READINGS: Final = 40  # of one outline, the commonest
_SHORTEST: Final = 3  # letters between what Arabic writes as part of a word
_LONGEST: Final = 40  # letters; what is longer is no word
_UNLIKE: Final = 12.0  # nats of three letters in a row that no listed word has

# The letters that folded ones without dots may stand for by their form; noon, yeh, feh and qaf have forms of their own.
_FORMS: Final = {
    "ب": "بتث", "ح": "حخج", "د": "دذ", "ر": "رز", "س": "سش", "ص": "صض", "ط": "طظ", "ع": "عغ",
}  # fmt: skip
_DOTTED: Final = frozenset("تثخجذزشضظغ")


def keeps_forms(text: str) -> bool:
    """Whether a raw text without dots writes noon or yeh in forms of their own inside words."""
    return _INSIDE.search(text) is not None


def dotted(word: str, keeps_forms: bool = False) -> str:
    """The likeliest word with the outline of a folded word from a text without dots; words with dots are left."""
    return word if len(word) > _LONGEST or not _DOTTED.isdisjoint(word) else _dotted(word, keeps_forms)


@lru_cache(maxsize=1 << 14)
def _dotted(word: str, keeps_forms: bool) -> str:
    cost_of_form = _COST_OF_KEPT_FORM if keeps_forms else _COST_OF_FORM
    found = [(cost, text) for text, cost in _readings(word, cost_of_form)]
    return min(found)[1] if found else _spelled(word)


def _readings(word: str, cost_of_form: float) -> list[tuple[str, float]]:
    """Known words with this outline, and what each costs."""
    outline = lexicon.outline(word)
    words = lexicon.outlines()
    before, behind = lexicon.clitic_outlines()
    found: list[tuple[str, float]] = []
    for begin in range(min(len(word), 4) + 1):
        for end in range(max(len(word) - 2, begin + 1), len(word) + 1):
            stems = words.get(outline[begin:end], ())
            whole = end - begin == len(word)
            if not stems or (not whole and end - begin < _SHORTEST):
                continue
            for start, stem, rest in product(
                before.get(outline[:begin], ()), stems[:_MOST_READINGS], behind.get(outline[end:], ())
            ):
                text = f"{start}{stem}{rest}"
                found.append((text, lexicon.cost(text) + cost_of_form * _misread(word, text)))
    return [one for one in found if one[1] < math.inf]


def _misread(word: str, text: str) -> int:
    return sum(letter not in _FORMS.get(form, form) for form, letter in zip(word, text, strict=True))


def _spelled(word: str) -> str:
    """The likeliest letters of a word that nobody knows, by the three letters in a row that listed words have."""
    seen = _triples()
    best = {"  ": (0.0, "")}  # by the last two letters: what the letters so far cost
    for form in [*word, " "]:
        reached: dict[str, tuple[float, str]] = {}
        for last, (cost, text) in best.items():
            for letter in _FORMS.get(form, form):
                way = (cost + seen.get(last + letter, _UNLIKE), text + letter)
                context = last[1] + letter
                if context not in reached or way < reached[context]:
                    reached[context] = way
        best = reached
    return min(best.values())[1].strip()


@cache
def _triples() -> dict[str, float]:
    """The nats that a letter costs behind two others, among the listed words."""
    counts: dict[str, float] = {}
    pairs: dict[str, float] = {}
    for word in lexicon.listed():
        if not word.isascii():
            padded = f"  {word} "
            for place in range(len(padded) - 2):
                counts[padded[place : place + 3]] = counts.get(padded[place : place + 3], 0.0) + 1.0
                pairs[padded[place : place + 2]] = pairs.get(padded[place : place + 2], 0.0) + 1.0
    return {triple: math.log(pairs[triple[:2]] / count) for triple, count in counts.items()}
