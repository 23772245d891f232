"""The words that people write, by how common they are: what tells a disguised word from a plain one.

`lexicon.txt` holds folded words, one a line, commonest first; `sextortion_detect.training.lexicon` makes it from word
counts of the train rows and of ordinary traffic, and from the words of `concepts.tsv`.

>>> is_known("صورتك"), is_known("وبصورتك"), is_known("صوورتتك")
(True, True, False)
"""

import math
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from operator import eq
from pathlib import Path
from typing import Final

# Written as part of the word in Arabic; the rest must be a listed word of three letters or more.
_PROCLITICS: Final = (
    "", "و", "ف", "ب", "ل", "ك", "ال", "وال", "بال", "فال", "لل", "ولل", "وب", "ول", "ه", "هال", "عال", "ع",
)  # fmt: skip
_ENCLITICS: Final = ("", "ك", "ه", "ها", "هم", "كم", "نا", "ني", "ي", "ش")
ARTICLES: Final = frozenset({"ال", "وال", "بال", "فال", "عال", "هال"})
"""Listed, since a space behind them is a common slip, and no words by themselves."""

_PROCLITIC_SET: Final = frozenset(_PROCLITICS)
_ENCLITIC_SET: Final = frozenset(_ENCLITICS)
_PROCLITIC_LENGTHS: Final = sorted({len(proclitic) for proclitic in _PROCLITICS})
_ENCLITIC_LENGTHS: Final = sorted({len(enclitic) for enclitic in _ENCLITICS} - {0})
_FEWEST_LETTERS: Final = 3
_LONGEST: Final = 40  # letters; what is longer is no word
_COST_OF_CLITIC: Final = 3.0  # nats


@cache
def _ranks() -> dict[str, int]:
    table = Path(__file__).with_name("lexicon.txt").read_text(encoding="utf-8")
    return {word: rank for rank, word in enumerate(table.split())}


def listed() -> list[str]:
    """All listed words, the commonest first."""
    return list(_ranks())


def rank(word: str) -> int | None:
    """The place of a folded word among the listed ones, 0 the commonest; None when it is not listed."""
    return _ranks().get(word)


def is_listed(word: str) -> bool:
    """Whether a folded word is listed as it stands."""
    return word in _ranks()


def is_known(word: str) -> bool:
    """Whether a folded word is listed, as it stands or without what Arabic writes as part of it."""
    return cost(word) < math.inf


def is_settled(word: str) -> bool:
    """Whether a word is known and not perhaps a stretched or mistyped one, as only unlisted words can be."""
    return word in _ranks() or (is_known(word) and not any(map(eq, word, word[1:])) and not mistyped(word))


def is_settled_whole(word: str) -> bool:
    """The same of two words put together: not remembered, since nearly all of them are words of one place."""
    if word in _ranks():
        return True
    return not any(map(eq, word, word[1:])) and _cost.__wrapped__(word) < math.inf and not mistyped(word)


def cost(word: str) -> float:
    """The nats that a word costs: of its logarithmic rank, more with each clitic, infinite for an unknown word."""
    return _cost(word) if len(word) <= _LONGEST else math.inf  # floods are not remembered


@lru_cache(maxsize=1 << 15)
def _cost(word: str) -> float:
    ranks = _ranks()
    found = ranks.get(word)
    if found is not None:
        return math.log(found + 2)
    if len(word) > _LONGEST:
        return math.inf
    begins = [end for end in _PROCLITIC_LENGTHS if word[:end] in _PROCLITIC_SET]
    ends = [len(word), *(len(word) - end for end in _ENCLITIC_LENGTHS if word[-end:] in _ENCLITIC_SET)]
    best = math.inf
    for begin in begins:
        for end in ends:
            found = ranks.get(word[begin:end]) if end - begin >= _FEWEST_LETTERS else None
            if found is not None:
                best = min(best, math.log(found + 2) + (bool(begin) + (end < len(word))) * _COST_OF_CLITIC)
    return best


def light_stem(word: str) -> str:
    """The commonest listed word inside a folded word, without what Arabic writes as part of it; or the word itself."""
    ranked = [(found, stem) for stem, found, _ in _stems(word)]
    return min(ranked)[1] if ranked else word


def _stems(word: str) -> Iterator[tuple[str, int, int]]:
    """Each listed rest of a word without some clitics, with its rank and how many were taken off."""
    ranks = _ranks()
    for proclitic in _PROCLITICS:
        if word.startswith(proclitic):
            for enclitic in _ENCLITICS:
                if word.endswith(enclitic) and len(word) - len(proclitic) - len(enclitic) >= _FEWEST_LETTERS:
                    stem = word[len(proclitic) : len(word) - len(enclitic)]
                    if stem in ranks:
                        yield stem, ranks[stem], bool(proclitic) + bool(enclitic)


@cache
def _by_length() -> dict[int, list[str]]:
    """The listed words without Latin letters by how long they are."""
    words: dict[int, list[str]] = {}
    for word in _ranks():
        if not word.isascii():
            words.setdefault(len(word), []).append(word)
    return words


@cache
def _halves(length: int) -> tuple[dict[str, str], dict[str, str]]:
    """The listed words of one letter more, by the first half of what lacks a letter, and by the second.

    Several have spaces between them: lists would keep the garbage collector busy. Shorter words than
    `FEWEST_LETTERS_MENDED` have none.
    """
    beginnings: dict[str, str] = {}
    endings: dict[str, str] = {}
    for word in _by_length().get(length + 1, ()) if length >= FEWEST_LETTERS_MENDED else ():
        first, second = word[: length // 2], word[length // 2 + 1 :]
        beginnings[first] = f"{beginnings[first]} {word}" if first in beginnings else word
        endings[second] = f"{endings[second]} {word}" if second in endings else word
    return beginnings, endings


FEWEST_LETTERS_MENDED: Final = 3
"""Of a word that may lack one: shorter words have too many neighbors."""


def neighbors(word: str) -> Iterator[str]:
    """What a word may be that has two neighbors swapped, or lacks a letter: the latter all listed."""
    for place in range(len(word) - 1):
        if word[place] != word[place + 1]:
            yield word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    half = len(word) // 2  # the letter was left out behind the first half, or before the second
    beginnings, endings = _halves(len(word))
    begin_so = beginnings.get(word[:half], "").split()
    end_so = [text for text in endings.get(word[half:], "").split() if text[0] == word[0]]
    for text in (*(text for text in begin_so if text[-1] == word[-1] or text.startswith(word)), *end_so):
        place = next((place for place, letter in enumerate(word) if letter != text[place]), len(word))
        if text[place] in _LETTERS and text[place + 1 :] == word[place:]:
            yield text


_LETTERS: Final = "ابتثجحخدذرزسشصضطظعغفقكلمنهويء"


@lru_cache(maxsize=1 << 15)
def mistyped(word: str) -> str | None:
    """The listed word that a known but unlisted one most likely is: far commoner, and all but the same."""
    if not _FEWEST_LETTERS < len(word) <= _LONGEST or word in _ranks():
        return None
    found = min(((found, text) for text in neighbors(word) if (found := rank(text)) is not None), default=None)
    return found[1] if found and math.log(found[0] + 2) + _FAR_COMMONER < cost(word) else None


_FAR_COMMONER: Final = 6.0  # nats: of 2,000 plain words one is read as another


@cache
def outlines() -> dict[str, list[str]]:
    """The listed words of each outline (the letters without their dots), the commonest first."""
    words: dict[str, list[str]] = {}
    for word in _ranks():
        if not word.isascii():
            words.setdefault(outline(word), []).append(word)
    return words


_OUTLINE: Final = str.maketrans(
    {"ت": "ب", "ث": "ب", "ن": "ب", "ي": "ب", "ق": "ف", "خ": "ح", "ج": "ح", "ذ": "د", "ز": "ر", "ش": "س", "ض": "ص",
     "ظ": "ط", "غ": "ع"}
)  # fmt: skip


def outline(word: str) -> str:
    """A folded word with all letters that differ by dots alone made one."""
    return word.translate(_OUTLINE)


def clitic_outlines() -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """What Arabic writes before a word, and behind it, by outline."""
    return _by_outline(_PROCLITICS), _by_outline(_ENCLITICS)


def _by_outline(clitics: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for clitic in clitics:
        found.setdefault(outline(clitic), []).append(clitic)
    return found
