"""The Arabic word that a Latin spelling stands for: the commonest listed one whose consonants and vowels it may write.

Latin spelling tells some consonants not apart, and writes vowels that Arabic leaves out. So words are looked up by
consonants, those merged that share a sign, and weighed by what lies between them.

>>> reading("flousek"), reading("9ablo"), reading("strangers")
('فلوسك', 'قبل', None)
"""

import math
import re
from collections.abc import Container, Sequence
from functools import cache, lru_cache
from itertools import product
from typing import Final

from sextortion_detect.text import lexicon

_LONGEST: Final = 24  # letters
_MOST_KEYS: Final = 12
_MOST_WORDS: Final = 24  # of one key, the commonest
_COST_OF_RANK: Final = 0.25  # of a listed word's logarithmic rank
_COST_OF_OTHER: Final = 0.8  # of a consonant that the sign is more seldom written for
_MOST_COST: Final = 1.1  # for each consonant, and once more

# What each sign may stand for, the likeliest first; signs of vowels and of weak letters are weighed, not looked up.
_SIGNS: Final[dict[str, str]] = {
    "3'": "غ", "7'": "خ", "6'": "ظ", "9'": "ض", "kh": "خ", "gh": "غ", "sh": "ش", "ch": "شچ", "sch": "ش", "tch": "چ",
    "th": "ثذ", "dh": "ذضظ", "ph": "ف", "3": "ع", "4": "غ", "5": "خ", "6": "ط", "7": "ح", "8": "غق", "9": "قص",
    "b": "ب", "c": "كس", "d": "دضذ", "f": "ف", "g": "گجق", "j": "ج", "k": "كق", "l": "ل", "m": "م", "n": "ن",
    "p": "ب", "q": "ق", "r": "ر", "s": "سص", "t": "تط", "v": "ف", "x": "خ", "z": "زظذ",
}  # fmt: skip
_WEAK_SIGNS: Final = frozenset("aeiouywh2")
_SIGN: Final = re.compile("|".join(map(re.escape, sorted(_SIGNS, key=len, reverse=True))) + "|[aeiouywh2]")
_WEAK: Final = frozenset("اويهء")
_MERGED: Final = str.maketrans(
    {"ص": "س", "ط": "ت", "ض": "د", "ذ": "د", "ظ": "د", "ث": "د", "ز": "د", "گ": "ج", "چ": "ش"} | dict.fromkeys(_WEAK)
)

# Nats of a vowel sign for a weak letter, or for none; and of a weak letter that no sign is written for.
_VOWELS: Final[dict[str, dict[str, float]]] = {
    "a": {"ا": 0.0, "": 0.4, "ه": 0.6, "ي": 0.9, "ء": 0.8}, "e": {"": 0.3, "ي": 0.6, "ه": 0.7, "ا": 0.8},
    "i": {"ي": 0.2, "": 0.5, "ا": 1.0}, "o": {"و": 0.1, "": 1.0, "ه": 1.2}, "u": {"و": 0.1, "": 0.8},
    "y": {"ي": 0.0, "": 1.5}, "w": {"و": 0.0, "": 2.0}, "h": {"ه": 0.0, "": 1.2}, "2": {"ء": 0.0, "ا": 0.2, "": 0.8},
}  # fmt: skip
_UNWRITTEN: Final = {"ا": 1.0, "و": 1.4, "ي": 1.2, "ه": 0.8, "ء": 0.3}


@lru_cache(maxsize=1 << 15)
def _reading(word: str) -> str | None:
    signs = _SIGN.findall(word)
    if sum(map(len, signs)) != len(word):
        return None
    strong = [sign for sign in signs if sign not in _WEAK_SIGNS]
    strong = [sign for place, sign in enumerate(strong) if not place or sign != strong[place - 1]]
    if not strong:
        return None
    vowels = _gaps(signs, _WEAK_SIGNS)
    best, chosen = _MOST_COST * (len(strong) + 1), ""
    keys = dict.fromkeys(
        "".join(letters).translate(_MERGED)
        for letters, _ in zip(product(*(_SIGNS[sign] for sign in strong)), range(_MOST_KEYS), strict=False)
    )
    for key in keys:
        for text in _words().get(_single(key), ())[:_MOST_WORDS]:
            cost = _cost(strong, vowels, text)
            if cost < best:
                best, chosen = cost, text
    return chosen or None


def reading(word: str) -> str | None:
    """The listed Arabic word that a folded Latin word most likely spells, or None."""
    return _reading(word) if len(word) <= _LONGEST else None


def _cost(strong: list[str], vowels: list[str], text: str) -> float:
    letters = [letter for letter in text if letter not in _WEAK]
    letters = [letter for place, letter in enumerate(letters) if not place or letter != letters[place - 1]]
    gaps = _gaps(text, _WEAK)
    if len(letters) != len(strong) or len(gaps) != len(vowels):
        return math.inf
    cost = _COST_OF_RANK * math.log((lexicon.rank(text) or 0) + 2)
    cost += sum(_COST_OF_OTHER * (_SIGNS[sign][0] != letter) for sign, letter in zip(strong, letters, strict=True))
    cost += sum(_cost_of_gap(signs, weak) for signs, weak in zip(vowels, gaps, strict=True))
    return cost


def _gaps(signs: Sequence[str], weak: Container[str]) -> list[str]:
    """What lies before, between and behind the consonants; nothing between two of the same."""
    gaps = [""]
    before = ""
    for sign in signs:
        if sign in weak:
            gaps[-1] += sign
        elif sign == before:
            continue
        else:
            gaps.append("")
            before = sign
    return gaps


@lru_cache(maxsize=1 << 14)
def _cost_of_gap(signs: str, weak: str) -> float:
    """The cheapest way in which vowel signs stand for weak letters, in order."""
    if not signs:
        return sum(_UNWRITTEN[letter] for letter in weak)
    costs = _VOWELS[signs[0]]
    ways = [costs[""] + _cost_of_gap(signs[1:], weak)]
    if weak:
        ways.append(_UNWRITTEN[weak[0]] + _cost_of_gap(signs, weak[1:]))
        if weak[0] in costs:
            ways.append(costs[weak[0]] + _cost_of_gap(signs[1:], weak[1:]))
    return min(ways)


@cache
def _words() -> dict[str, list[str]]:
    """The listed Arabic words by their merged consonants, the commonest first."""
    words: dict[str, list[str]] = {}
    for word in lexicon.listed():
        if not word.isascii():
            words.setdefault(_single(word.translate(_MERGED)), []).append(word)
    return words


def _single(key: str) -> str:
    return "".join([letter for place, letter in enumerate(key) if not place or letter != key[place - 1]])
