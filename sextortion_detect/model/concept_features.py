"""Concepts as features: those that words bear, and pairs of those that stand near each other.

>>> table = dict(zip(concept_names(), concept_keys().tolist()))
>>> {"camera", "secret", "camera>secret"} <= {*table}
True
"""

from functools import cache
from typing import Final

import numpy as np

from sextortion_detect.model.feature_keys import LAUGHTER, SIGNS, keys_of_names
from sextortion_detect.text.arrays import Codes, Integers, Keys, begins_run, ranges
from sextortion_detect.text.concepts import Found, table
from sextortion_detect.text.keys import RunningKeys

REACH: Final = 4
"""How many words apart two concepts may stand and still make a pair."""

_FIRST_SIGN: Final = ord(min(SIGNS.values()))


def borne_by_words(codes: Codes, running: RunningKeys, begins: Integers, lengths: Integers) -> Found:
    """The concepts that words at some ranges bear, placeholders and numbers by the name of their kind."""
    found = _each_once(*table().of_words(running, begins, lengths))
    sign = codes[begins].astype(np.int64) - _FIRST_SIGN
    signs = ((sign >= 0) & (sign < len(SIGNS) - 1)).nonzero()[0]
    numbers = np.concatenate((found.concepts, len(table().names) + sign[signs]))
    return Found(np.concatenate((found.words, signs)), numbers)


def _each_once(words: Integers, numbers: Integers) -> Found:
    """Concepts by words and then by their numbers, none of them twice."""
    found = np.sort(words * len(_names()) + numbers)
    return Found(*np.divmod(found[begins_run(found)], len(_names())))


def near_pairs(texts: Integers, places: Integers, borne: Found, of_pairs: Found) -> tuple[Integers, Integers, Integers]:
    """Pairs of concepts of two words of one text within `REACH` words: the words, and the number of the pair.

    Word i stands in text (or row of texts) `texts[i]` and is the distinct word `places[i]`, of which `borne` gives the
    concepts; those of two words are borne by the first, `of_pairs.words`.
    """
    counts = np.bincount(borne.words, minlength=len(places))
    count = counts[places]
    by_word = borne.concepts[borne.words.argsort(kind="stable")]
    numbers = by_word[ranges((counts.cumsum() - counts)[places], count)]
    words = np.concatenate((np.arange(len(places)).repeat(count), of_pairs.words))
    bearing, numbers = _each_once(words, np.concatenate((numbers, of_pairs.concepts)))
    at = bearing + REACH * texts[bearing]  # words of two texts stand farther apart
    behind = at.searchsorted(at, side="right")
    count = at.searchsorted(at + REACH, side="right") - behind
    near, far = np.arange(len(at)).repeat(count), ranges(behind, count)
    return bearing[near], bearing[far], (numbers[far] + 1) * len(_names()) + numbers[near]


@cache
def _names() -> tuple[str, ...]:
    return (*table().names, *(name for name in SIGNS if name != LAUGHTER))


@cache
def concept_names() -> tuple[str, ...]:
    """The names of all concepts by their numbers, those of the table first, and behind them those of all pairs."""
    return (*_names(), *(f"{first}>{second}" for second in _names() for first in _names()))


@cache
def concept_keys() -> Keys:
    """The keys of the same."""
    return keys_of_names("concept", concept_names())
