"""Making `text/latin.tsv`: the Arabic word that a Latin spelling stands for.

It is the commonest listed one whose consonants and vowels the spelling may write. Latin letters tell some consonants
not apart, and write vowels that Arabic leaves out. So words are looked up by consonants, those merged that share a
sign, and weighed by what lies between them.

>>> reading("flousek"), reading("9abl"), reading("strangers")
('فلوسك', 'قبل', None)
"""

import math
import re
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from functools import cache, lru_cache
from itertools import product
from typing import Final, NamedTuple

from sextortion_detect.text import lexicon
from sextortion_detect.text.chars import IS_ARABIC, IS_LATIN
from sextortion_detect.text.words import read_words

_LONGEST: Final = 24  # letters
_MOST_KEYS: Final = 12
_MOST_WORDS: Final = 32  # of one key, the commonest
_COST_OF_RANK: Final = 0.17  # of a listed word's logarithmic rank
_COST_OF_OTHER: Final = 0.3  # of a consonant that the sign is more seldom written for
_COST_OF_WRONG: Final = 2.2  # of a consonant that the sign is never written for, though another with its key may be
_COST_OF_CLITIC: Final = 1.4  # for what is read before a listed word, or behind it
_COST_OF_QAF: Final = 0.4  # for 2 where it stands for qaf, as in Cairo and Beirut
_MOST_COST: Final = 1.1  # for each consonant
_MOST_COST_OF_ALL: Final = 1.6  # and once more
_GOOD_COST: Final = 0.77  # for each consonant and once more: what needs no clitics

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

# Nats of a vowel sign for a weak letter, or for none; and of a weak letter that no sign is written for. At the edges of
# a word vowels are letters in Arabic, inside it mostly none.
_Costs = dict[str, dict[str, float]]
_FIRST: Final[_Costs] = {
    "a": {"ا": 0.0, "": 2.0}, "e": {"ا": 0.2, "ي": 0.3, "": 1.0}, "i": {"ا": 0.45, "ي": 0.05, "": 1.0},
    "o": {"و": 0.05, "ا": 1.0, "": 2.0}, "u": {"ا": 0.3, "و": 0.3, "": 2.0},
    "y": {"ي": 0.0, "": 1.5}, "w": {"و": 0.0, "": 2.0}, "h": {"ه": 0.0, "": 2.0}, "2": {"ا": 0.0, "ء": 0.5, "": 1.5},
}  # fmt: skip
_INNER: Final[_Costs] = {
    "a": {"ا": 0.25, "": 0.4, "ه": 1.2, "ي": 0.9, "ء": 0.8}, "e": {"": 0.55, "ي": 0.35, "ه": 1.2, "ا": 0.8},
    "i": {"ي": 0.2, "": 0.5, "ا": 1.0}, "o": {"و": 0.1, "": 1.0, "ه": 1.5}, "u": {"و": 0.1, "": 0.8},
    "y": {"ي": 0.0, "": 1.5}, "w": {"و": 0.0, "": 2.0}, "h": {"ه": 0.0, "": 1.2},
    "2": {"ء": 0.0, "ا": 0.45, "ي": 0.3, "و": 0.5, "": 0.8},
}  # fmt: skip
_LAST: Final[_Costs] = {
    "a": {"ا": 0.0, "ه": 0.2, "ي": 0.5, "": 1.5, "ء": 1.0}, "e": {"ه": 0.4, "ي": 0.4, "ا": 1.0, "": 0.8},
    "i": {"ي": 0.0, "": 1.0}, "o": {"و": 0.1, "ه": 0.65, "": 1.5}, "u": {"و": 0.1, "ه": 0.75, "": 1.2},
    "y": {"ي": 0.0, "": 1.5}, "w": {"و": 0.0, "": 2.0}, "h": {"ه": 0.0, "": 1.1}, "2": {"ء": 0.0, "ا": 0.5, "": 0.8},
}  # fmt: skip
_UNWRITTEN: Final = {"ا": 1.0, "و": 1.4, "ي": 1.2, "ه": 0.8, "ء": 0.3}

# What Arabic writes before a word and behind it, as Latin letters spell it.
_AND: Final = {"": "", "o": "و", "w": "و", "u": "و", "wa": "و", "we": "و", "wi": "و", "ou": "و", "f": "ف", "fa": "ف"}
_BEFORE: Final = {
    "": "", "b": "ب", "be": "ب", "bi": "ب", "ba": "ب", "l": "ل", "le": "ل", "li": "ل", "la": "ل", "h": "ه", "ha": "ه",
    "al": "ال", "el": "ال", "il": "ال", "ale": "ال", "ali": "ال", "ala": "ال", "bal": "بال", "bel": "بال", "bil": "بال",
    "lel": "لل", "lil": "لل", "lal": "لل", "3al": "عال", "3a": "ع", "fel": "فال", "fil": "فال", "fal": "فال",
    "hal": "هال",
}  # fmt: skip
_BEHIND: Final = {
    "k": "ك", "ak": "ك", "ek": "ك", "ik": "ك", "h": "ه", "o": "ه", "u": "ه", "oh": "ه", "ah": "ه", "ha": "ها",
    "na": "نا",
    "hom": "هم", "hum": "هم", "kom": "كم", "kum": "كم", "ni": "ني", "i": "ي", "y": "ي", "sh": "ش", "ch": "ش",
}  # fmt: skip
_FEWEST_CONSONANTS: Final = 2  # between what Arabic writes as part of a word


LEAST_TEXTS: Final = 3
"""How often a Latin word must be written to be read."""

_LETTERS: Final = {"w": "و", "o": "و", "u": "و", "l": "ل", "b": "ب", "d": "د"}
"""Words of one letter, which no list has."""


def count_latin_words(texts: Sequence[str]) -> Counter[str]:
    """How often each Latin word stands in some texts, as it is typed; numbers are none."""
    counts = Counter[str]()
    for begin in range(0, len(texts), _AT_ONCE):
        words = read_words(texts[begin : begin + _AT_ONCE], with_placeholders=True, mended=False)
        is_latin = ((words.scripts & (IS_ARABIC | IS_LATIN)) == IS_LATIN).tolist()
        counts.update(word for word, latin in zip(words.strings(), is_latin, strict=True) if latin)
    return counts


_AT_ONCE: Final = 4_000  # texts


def readings(counts: Counter[str]) -> Iterable[tuple[str, str]]:
    """Each Latin word that is written often enough, with the Arabic word that it spells, if it spells one."""
    for word in sorted(word for word, count in counts.items() if count >= LEAST_TEXTS):
        if found := _LETTERS.get(word) or reading(word):
            yield word, found


def reading(word: str) -> str | None:
    """The Arabic word that a folded Latin word most likely spells, listed but for what is written as part of it."""
    if len(word) > _LONGEST:
        return None
    consonants = len(_strong(_signs(word)))
    cost, text = _listed(word)
    if cost > _GOOD_COST * (consonants + 1):
        cost, text = min([(cost, text), *_with_clitics(word)])
    return text if text and cost < _MOST_COST * consonants + _MOST_COST_OF_ALL else None


def _with_clitics(word: str) -> Iterator[tuple[float, str]]:
    for before, start in _prefixes().items():
        if not word.startswith(before):
            continue
        for end in (0, 1, 2, 3):
            behind = word[len(word) - end :]
            rest = _BEHIND.get(behind, "")
            stem = word[len(before) : len(word) - end]
            if bool(rest) != bool(end) or not (start or rest) or len(_strong(_signs(stem))) < _FEWEST_CONSONANTS:
                continue
            cost, text = _listed(stem)
            whole = f"{start}{text}{rest}"
            if lexicon.known(whole)[0] and not (rest and text.endswith("ه")) and not whole.startswith("لال"):
                yield cost + _COST_OF_CLITIC * (bool(start) + bool(rest)), whole  # as Arabic is spelled


@cache
def _prefixes() -> dict[str, str]:
    return {f"{first}{second}": f"{_AND[first]}{_BEFORE[second]}" for first in _AND for second in _BEFORE}


@lru_cache(maxsize=1 << 15)
def _listed(word: str) -> tuple[float, str]:
    """The listed word that a Latin one spells at the least cost."""
    found = _cheapest(word)
    if "2" in word:
        cost, text = _cheapest(word.replace("2", "q"))
        found = min(found, (cost + _COST_OF_QAF, text))
    return found


def _cheapest(word: str) -> tuple[float, str]:
    signs = _signs(word)
    if sum(map(len, signs)) != len(word):
        return math.inf, ""
    strong = _strong(signs)
    vowels = _gaps(signs, _WEAK_SIGNS)
    keys = dict.fromkeys(
        _single("".join(letters).translate(_MERGED))
        for letters, _ in zip(product(*(_SIGNS[sign] for sign in strong)), range(_MOST_KEYS), strict=False)
    )
    return min(
        ((_cost(strong, vowels, _entry(word)), word) for key in keys for word in _spelled(key)),
        default=(math.inf, ""),
    )


def _signs(word: str) -> list[str]:
    return _SIGN.findall(word)


def _strong(signs: Sequence[str]) -> list[str]:
    strong = [sign for sign in signs if sign not in _WEAK_SIGNS]
    return [sign for place, sign in enumerate(strong) if not place or sign != strong[place - 1]]


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


class _Entry(NamedTuple):
    """A listed Arabic word taken apart: its consonants, what lies around them, and what its rank costs."""

    text: str
    letters: list[str]
    gaps: list[str]
    cost: float


def _cost(strong: list[str], vowels: list[str], entry: _Entry) -> float:
    if len(entry.letters) != len(strong) or len(entry.gaps) != len(vowels):
        return math.inf
    cost = entry.cost
    for sign, letter in zip(strong, entry.letters, strict=True):
        if _SIGNS[sign][0] != letter:
            cost += _COST_OF_OTHER if letter in _SIGNS[sign] else _COST_OF_WRONG
    last = len(vowels) - 1
    for place, (signs, weak) in enumerate(zip(vowels, entry.gaps, strict=True)):
        if signs or weak:
            cost += _cost_of_gap(signs, weak, not place, place == last)
    return cost


@lru_cache(maxsize=1 << 14)
def _cost_of_gap(signs: str, weak: str, is_first: bool, is_last: bool) -> float:
    """The cheapest way in which vowel signs stand for weak letters, in order."""
    if not signs:
        return sum(_UNWRITTEN[letter] for letter in weak)
    costs = (_FIRST if is_first else _LAST if is_last and len(signs) == 1 else _INNER)[signs[0]]
    ways = [costs[""] + _cost_of_gap(signs[1:], weak, False, is_last)]
    if weak:
        ways.append(_UNWRITTEN[weak[0]] + _cost_of_gap(signs, weak[1:], False, is_last))
        if weak[0] in costs:
            ways.append(costs[weak[0]] + _cost_of_gap(signs[1:], weak[1:], False, is_last))
    return min(ways)


@cache
def _ranks() -> dict[str, int]:
    return {word: rank for rank, word in enumerate(lexicon.words())}


@cache
def _words() -> dict[str, str]:
    """The listed Arabic words by their merged consonants, with spaces between them, the commonest first.

    No lists: the garbage collector would go through all of them, again and again.
    """
    listed = [word for word in lexicon.words() if not word.isascii()]
    words: dict[str, str] = {}
    for word, key in zip(listed, _keys(listed), strict=True):
        words[key] = f"{words[key]} {word}" if key in words else word
    return words


def _keys(words: Sequence[str]) -> list[str]:
    """The merged consonants of words, all in one text: word by word would be half the time of a first verdict."""
    text = "\n".join(words)
    for letter, merged in _MERGED.items():  # none becomes what another is merged from
        text = text.replace(chr(letter), merged or "")
    return re.sub(r"([^\n])\1+", r"\1", text).split("\n")


def _spelled(key: str) -> list[str]:
    return _words().get(key, "").split(" ", _MOST_WORDS)[:_MOST_WORDS]


@lru_cache(maxsize=1 << 14)
def _entry(word: str) -> _Entry:
    letters = _single("".join(letter for letter in word if letter not in _WEAK))
    return _Entry(word, [*letters], _gaps(word, _WEAK), _COST_OF_RANK * math.log(_ranks().get(word, 0) + 2))


def _single(key: str) -> str:
    return "".join([letter for place, letter in enumerate(key) if not place or letter != key[place - 1]])
