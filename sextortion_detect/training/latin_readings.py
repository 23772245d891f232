"""Making `text/latin.tsv`: the Arabic word that a Latin spelling stands for.

It is the commonest listed one whose consonants and vowels the spelling may write. Latin letters tell some consonants
not apart, and write vowels that Arabic leaves out. So words are looked up by consonants, those merged that share a
sign, and weighed by what lies between them.

>>> reading("flousek"), reading("9abl"), reading("strangers")
('فلوسك', 'قبل', None)
"""

import math
import re
import tomllib
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from functools import cache, lru_cache
from itertools import product
from pathlib import Path
from typing import Any, Final, NamedTuple

from sextortion_detect.text import lexicon
from sextortion_detect.text.chars import IS_ARABIC, IS_LATIN
from sextortion_detect.text.words import read_words
from sextortion_detect.training.corpus import chat_rows, load_chats, load_messages
from sextortion_detect.training.traffic import read_traffic

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

_TABLES: Final[dict[str, dict[str, Any]]] = tomllib.loads(
    Path(__file__).with_name("latin_signs.toml").read_text(encoding="utf-8")
)
_SIGNS: Final[dict[str, str]] = _TABLES["signs"]
_WEAK_SIGNS: Final = frozenset("aeiouywh2")
_SIGN: Final = re.compile("|".join(map(re.escape, sorted(_SIGNS, key=len, reverse=True))) + "|[aeiouywh2]")
_WEAK: Final = frozenset("اويهء")
_MERGED: Final = {ord(letter): merged for merged, letters in _TABLES["merged"].items() for letter in letters}
_PREFIXES: Final[dict[str, str]] = {
    first + second: _TABLES["and"][first] + _TABLES["before"][second]
    for first in _TABLES["and"]
    for second in _TABLES["before"]
}
_FEWEST_CONSONANTS: Final = 2  # between what Arabic writes as part of a word

LEAST_TEXTS: Final = 3
"""How often a Latin word must be written to be read."""


def list_readings(corpus: Path, background: Iterable[Path]) -> Iterable[tuple[str, str]]:
    """Latin words of the train rows, the train conversations and the background, each with the word that it spells."""
    texts = [row.text for row in load_messages(corpus) if row.split == "train"]
    texts += [row.text for row in chat_rows(load_chats(corpus))]
    counts = count_latin_words([text.text for path in background for text in read_traffic(path).texts])
    for word, count in count_latin_words(texts).items():
        counts[word] += LEAST_TEXTS * count  # every word of the corpus is read, and of the background common ones
    return readings(counts)


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
        if found := _TABLES["letters"].get(word) or reading(word):
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
    for before, start in _PREFIXES.items():
        if not word.startswith(before):
            continue
        for end in (0, 1, 2, 3):
            behind = word[len(word) - end :]
            rest = _TABLES["behind"].get(behind, "")
            stem = word[len(before) : len(word) - end]
            if bool(rest) != bool(end) or not (start or rest) or len(_strong(_signs(stem))) < _FEWEST_CONSONANTS:
                continue
            cost, text = _listed(stem)
            whole = f"{start}{text}{rest}"
            if lexicon.known(whole)[0] and not (rest and text.endswith("ه")) and not whole.startswith("لال"):
                yield cost + _COST_OF_CLITIC * (bool(start) + bool(rest)), whole  # as Arabic is spelled


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
        _key("".join(letters))
        for letters, _ in zip(product(*(_SIGNS[sign] for sign in strong)), range(_MOST_KEYS), strict=False)
    )
    return min(
        ((_cost(strong, vowels, _entry(word)), word) for key in keys for word in _words().get(key, ())),
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
        return float(sum(_TABLES["unwritten"][letter] for letter in weak))
    costs = _TABLES["first" if is_first else "last" if is_last and len(signs) == 1 else "inner"][signs[0]]
    ways: list[float] = [costs[""] + _cost_of_gap(signs[1:], weak, False, is_last)]
    if weak:
        ways.append(_TABLES["unwritten"][weak[0]] + _cost_of_gap(signs, weak[1:], False, is_last))
        if weak[0] in costs:
            ways.append(costs[weak[0]] + _cost_of_gap(signs[1:], weak[1:], False, is_last))
    return min(ways)


@cache
def _ranks() -> dict[str, int]:
    return {word: rank for rank, word in enumerate(lexicon.words())}


@cache
def _words() -> dict[str, list[str]]:
    """The listed Arabic words by their merged consonants, the commonest first, and so many of each at most."""
    words: dict[str, list[str]] = {}
    for word in _ranks():
        if not word.isascii() and len(of_key := words.setdefault(_key(word), [])) < _MOST_WORDS:
            of_key.append(word)
    return words


def _key(letters: str) -> str:
    """The consonants of a word, merged as Latin spelling merges them, each written once where it comes twice."""
    return _single("".join(letter for letter in letters if letter not in _WEAK).translate(_MERGED))


@lru_cache(maxsize=1 << 14)
def _entry(word: str) -> _Entry:
    letters = _single("".join(letter for letter in word if letter not in _WEAK))
    return _Entry(word, [*letters], _gaps(word, _WEAK), _COST_OF_RANK * math.log(_ranks().get(word, 0) + 2))


def _single(key: str) -> str:
    return "".join([letter for place, letter in enumerate(key) if not place or letter != key[place - 1]])
