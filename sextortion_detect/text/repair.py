"""Words that were disguised or mistyped, made whole again where a listed word comes out.

Only words that no list knows are touched: doubled letters are written once, letters that run over several words are
parted, dots are given back to letters written without them, and one swapped or missing letter is mended. What stays
unknown stays as it is. A word costs its logarithmic rank, an unknown one a few nats a letter (as in a unigram language
model), so that rare words are not cut up.

>>> [found.text for found in repair("صوورتتك")], [found.text for found in repair("عنديصورك")]
(['صورتك'], ['عندي', 'صورك'])
"""

import math
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import combinations, pairwise
from typing import Final, NamedTuple

from sextortion_detect.text import lexicon
from sextortion_detect.text.dots import dotted
from sextortion_detect.text.tokens import Token, is_word

_LONGEST: Final = 64  # letters; longer words are floods
_FEWEST_LETTERS_PARTED: Final = 6
_LONGEST_PART: Final = 14  # letters
_COST_OF_LETTER: Final = 3.0  # nats: an Arabic letter within a word nobody knows
_COST_OF_PART: Final = 2.0
_COST_OF_MENDING: Final = 1.0  # nats more than writing a letter twice
_COMMONEST: Final = 3_000  # listed words: only these are read into the shortest of unknown words
_SHORT: Final = 2  # letters
_COMMON_SHORT: Final = 6.0  # nats: only a common short word may be a part
_MOST_PAIRS: Final = 6  # doubled letters of one word that are tried one by one
_LETTERS: Final = "ابتثجحخدذرزسشصضطظعغفقكلمنهويء"


class Part(NamedTuple):
    """A word that came out, and for each of its letters the half-open range of letters of the word that went in."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]


def replaced(token: Token, replace: Callable[[str], tuple[Part, ...]]) -> list[Token]:
    """The words that `repair`, `dot` or `part` makes of a token, in the places that their letters came from."""
    if not is_word(token.text):
        return [token]
    return [
        Token(
            found.text,
            token.base,
            tuple(token.starts[start] for start in found.starts),
            tuple(token.ends[end - 1] for end in found.ends),
        )
        for found in replace(token.text)
    ]


def repair(word: str) -> tuple[Part, ...]:
    """The listed words in a folded word of letters, or the word as it is."""
    return _repair(word) if len(word) <= _LONGEST else _whole(word)  # floods are not remembered


@lru_cache(maxsize=1 << 15)
def _repair(word: str) -> tuple[Part, ...]:
    if lexicon.is_listed(word):
        return _whole(word)
    plain = _without_doubles(word)
    if lexicon.is_known(word):
        return plain or _whole(word)
    mended = _mended(word)
    if plain and mended:
        return min(mended, plain, key=lambda way: lexicon.cost(way[0].text) + (way is mended) * _COST_OF_MENDING)
    return plain or mended or part(word) or _whole(word)


def is_whole(word: str) -> bool:
    """Whether `repair` leaves a folded word of letters as it is."""
    parts = repair(word)
    return len(parts) == 1 and parts[0].text == word


def dot(word: str) -> tuple[Part, ...]:
    """The likeliest word that a folded word from a text without dots stands for."""
    return (_whole(word)[0]._replace(text=dotted(word)),)


def _whole(word: str) -> tuple[Part, ...]:
    return (Part(word, tuple(range(len(word))), tuple(range(1, len(word) + 1))),)


def _without_doubles(word: str) -> tuple[Part, ...]:
    """The word with as few of its doubled letters written once as make it a known one."""
    pairs = [place for place in range(1, len(word)) if word[place] == word[place - 1]]
    if not pairs:
        return ()
    sizes = range(1, len(pairs) + 1) if len(pairs) <= _MOST_PAIRS else (len(pairs),)
    for size in sizes:
        for dropped in combinations(pairs, size):
            kept = [place for place in range(len(word)) if place not in dropped]
            text = "".join(word[place] for place in kept)
            if lexicon.is_listed(text) or (lexicon.is_settled(text) and not lexicon.is_known(word)):
                ends = (*kept[1:], len(word))
                return (Part(text, tuple(kept), ends),)
    return ()


def _mended(word: str) -> tuple[Part, ...]:
    """The commonest listed word that differs by two neighbors swapped or one letter left out."""
    if len(word) < lexicon.FEWEST_LETTERS_MENDED or word.isascii():
        return ()
    ranked = [(found, text) for text in _neighbors(word) if (found := lexicon.rank(text)) is not None]
    if not ranked:
        return ()
    found, text = min(ranked)
    if len(word) == lexicon.FEWEST_LETTERS_MENDED and found > _COMMONEST:
        return ()
    return (Part(text, (0,) * len(text), (len(word),) * len(text)),)


def _neighbors(word: str) -> Iterator[str]:
    for place in range(len(word) - 1):
        if word[place] != word[place + 1]:
            yield word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    half = len(word) // 2  # the letter was left out behind the first half, or before the second
    beginnings, endings = lexicon.halves()
    for text in (*beginnings.get((word[:half], len(word)), ()), *endings.get((word[half:], len(word)), ())):
        place = next((place for place, letter in enumerate(word) if letter != text[place]), len(word))
        if place and text[place] in _LETTERS and text[place + 1 :] == word[place:]:
            yield text


def part(word: str, with_unknown: bool = False) -> tuple[Part, ...]:
    """The cheapest row of known words that makes up a word, if it is cheaper than a word that nobody knows.

    `with_unknown` lets some of the parts be unknown: where borders of words were surely lost.
    """
    if not _FEWEST_LETTERS_PARTED <= len(word) <= _LONGEST:
        return ()
    return _part(word, with_unknown)


@lru_cache(maxsize=1 << 14)
def _part(word: str, with_unknown: bool) -> tuple[Part, ...]:
    best: list[tuple[float, int]] = [(0.0, 0)]  # for each prefix: its cost, and where its last part begins
    for end in range(1, len(word) + 1):
        ways = [
            (best[start][0] + cost, start)
            for start in range(max(0, end - _LONGEST_PART), end - 1)
            if (cost := _cost(word[start:end], with_unknown)) < math.inf
        ]
        best.append(min(ways, default=(math.inf, 0)))
    if best[-1][0] >= _COST_OF_LETTER * len(word):
        return ()
    borders = [len(word)]
    while borders[-1]:
        borders.append(best[borders[-1]][1])
    borders.reverse()
    return tuple(
        Part(word[start:end], tuple(range(start, end)), tuple(range(start + 1, end + 1)))
        for start, end in pairwise(borders)
    )


def _cost(word: str, with_unknown: bool) -> float:
    found = lexicon.cost(word)
    if lexicon.is_settled(word) and (len(word) > _SHORT or found < _COMMON_SHORT):
        return found + _COST_OF_PART
    return len(word) * _COST_OF_LETTER if with_unknown and len(word) > _SHORT else math.inf
