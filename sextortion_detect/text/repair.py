"""Words that were disguised or mistyped, made whole again where a listed word comes out.

Only words that no list knows are touched: doubled letters are written once, letters that run over several words are
parted, dots are given back to letters written without them, and one swapped or missing letter is mended. What stays
unknown stays as it is. A word costs its logarithmic rank, an unknown one a few nats a letter (as in a unigram language
model), so that rare words are not cut up.

>>> [found.text for found in repair("صوورتتك")], [found.text for found in repair("عنديصورك")]
(['صورتك'], ['عندي', 'صورك'])
"""

import math
from collections.abc import Callable
from functools import lru_cache
from itertools import combinations, pairwise
from typing import Final, NamedTuple

from sextortion_detect.text import lexicon
from sextortion_detect.text.dots import dotted
from sextortion_detect.text.latin import reading
from sextortion_detect.text.tokens import Token, is_word

_LONGEST: Final = 64  # letters; longer words are floods
_FEWEST_LETTERS_PARTED: Final = 5
_LONGEST_PART: Final = 14  # letters
_COST_OF_LETTER: Final = 3.0  # nats: an Arabic letter within a word nobody knows
_COST_OF_PART: Final = 2.0
_COST_OF_UNLISTED: Final = 12.0  # nats at least: of a part that is known without its clitics only
_COST_OF_UNKNOWN: Final = 4.0  # nats more than its letters: of a part that nobody knows
_FEWEST_LETTERS_AROUND: Final = 10  # of a word with such a part
_SHORTEST_UNKNOWN: Final = 4  # letters of such a part
_COST_OF_DOUBLE: Final = 4.0  # nats: of writing a letter twice
_COST_OF_MENDING: Final = 5.0  # nats: of swapping two letters, or leaving one out
_COST_OF_COMMON: Final = 8.0  # nats: only words as common are read into the shortest of unknown words
_SHORT: Final = 2  # letters
_COMMON_SHORT: Final = 6.0  # nats: only a common short word may be a part
_MOST_PAIRS: Final = 6  # doubled letters of one word that are tried one by one


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
        nearest = lexicon.mistyped(word)
        return plain or (_spread(nearest, word) if nearest else _whole(word))
    spelled = (lexicon.cost(plain[0].text) + _COST_OF_DOUBLE, plain) if plain else _part(word, False)
    ways = [spelled, *_mended(word)]
    cost, parts = min(ways)
    return tuple(again for found in parts for again in _repaired(found)) if cost < math.inf else _whole(word)


def _repaired(found: Part) -> tuple[Part, ...]:
    """A part that came out, or what is known in it: what comes out must stay as it is."""
    if lexicon.is_settled(found.text):
        return (found,)
    return tuple(
        Part(
            inner.text,
            tuple(found.starts[place] for place in inner.starts),
            tuple(found.ends[end - 1] for end in inner.ends),
        )
        for inner in repair(found.text)
    )


def is_whole(word: str) -> bool:
    """Whether `repair` leaves a folded word of letters as it is."""
    parts = repair(word)
    return len(parts) == 1 and parts[0].text == word


def dot(word: str, keeps_forms: bool = False) -> tuple[Part, ...]:
    """The likeliest word that a folded word from a text without dots stands for; see `dots` for the forms."""
    return (_whole(word)[0]._replace(text=dotted(word, keeps_forms)),)


def _whole(word: str) -> tuple[Part, ...]:
    return (Part(word, tuple(range(len(word))), tuple(range(1, len(word) + 1))),)


def _spread(text: str, word: str) -> tuple[Part, ...]:
    """Another spelling of a word: no letter has a place of its own."""
    return (Part(text, (0,) * len(text), (len(word),) * len(text)),)


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


def _mended(word: str) -> list[tuple[float, tuple[Part, ...]]]:
    """The commonest listed word that differs by two neighbors swapped or one letter left out."""
    if len(word) < lexicon.FEWEST_LETTERS_MENDED or word.isascii():
        return []
    ranked = [(lexicon.cost(text), text) for text in lexicon.neighbors(word) if lexicon.is_listed(text)]
    if len(word) == lexicon.FEWEST_LETTERS_MENDED:
        ranked = [(cost, text) for cost, text in ranked if cost < _COST_OF_COMMON]
    cost, text = min(ranked, default=(math.inf, ""))
    return [(cost + _COST_OF_MENDING, _spread(text, word))] if text else []


def part(word: str, with_unknown: bool = False) -> tuple[Part, ...]:
    """The cheapest row of known words that makes up a word, if it is cheaper than a word that nobody knows.

    Parts of a long word may be unknown at a price; `with_unknown` lets any be, where borders were surely lost.
    """
    return _part(word, with_unknown)[1]


def _part(word: str, with_unknown: bool) -> tuple[float, tuple[Part, ...]]:
    if not _FEWEST_LETTERS_PARTED <= len(word) <= _LONGEST or (word.isascii() and reading(word)):
        return math.inf, ()  # what Latin letters spell has its article and its prepositions in one word
    return _remembered_part(word, with_unknown)


@lru_cache(maxsize=1 << 14)
def _remembered_part(word: str, with_unknown: bool) -> tuple[float, tuple[Part, ...]]:
    """The parts of a word, and what they cost."""
    best: list[tuple[float, int]] = [(0.0, 0)]  # for each prefix: its cost, and where its last part begins
    for end in range(1, len(word) + 1):
        ways = [
            (best[start][0] + cost, start)
            for start in range(max(0, end - _LONGEST_PART), end - 1)
            if best[start][0] < math.inf and (cost := _cost(word[start:end], len(word), with_unknown)) < math.inf
        ]
        best.append(min(ways, default=(math.inf, 0)))
    if best[-1][0] >= _COST_OF_LETTER * len(word):
        return math.inf, ()
    borders = [len(word)]
    while borders[-1]:
        borders.append(best[borders[-1]][1])
    borders.reverse()
    return best[-1][0], tuple(
        Part(word[start:end], tuple(range(start, end)), tuple(range(start + 1, end + 1)))
        for start, end in pairwise(borders)
    )


def _cost(word: str, length: int, with_unknown: bool) -> float:
    """What a part of a word of so many letters costs."""
    if word in lexicon.ARTICLES:  # cutting it off would make any rest cheap
        return math.inf
    found = lexicon.cost(word)
    if lexicon.is_settled(word) and (len(word) > _SHORT or found < _COMMON_SHORT):
        return (found if lexicon.is_listed(word) else max(found, _COST_OF_UNLISTED)) + _COST_OF_PART
    if not word.isascii() and any(map(str.isascii, word)):  # nobody's word; reading it again would tell otherwise
        return math.inf
    if with_unknown and len(word) > _SHORT:
        return len(word) * _COST_OF_LETTER
    if length >= _FEWEST_LETTERS_AROUND and len(word) >= _SHORTEST_UNKNOWN:
        return len(word) * _COST_OF_LETTER + _COST_OF_UNKNOWN
    return math.inf
