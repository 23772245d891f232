"""A raw word made plain: characters folded, look-alikes unmasked, broken pieces joined; remembered."""

from functools import lru_cache
from itertools import combinations, groupby
from typing import Final, NamedTuple

from sextortion_detect.text import chars
from sextortion_detect.text.homographs import is_latin_look_alike, unmask
from sextortion_detect.text.join import join_broken
from sextortion_detect.text.lexicon import cost
from sextortion_detect.text.tokens import REPEATS_KEPT, Spelled, cut_repeats


class Folded(NamedTuple):
    """The words of a chunk with their characters' ranges, counted from its beginning; how many are one character."""

    words: tuple[Spelled, ...]
    singles: int


@lru_cache(maxsize=1 << 16)
def fold_chunk(chunk: str) -> Folded:
    """The words of a piece of text without white space."""
    words = tuple(map(_unmasked, _fold_characters(chunk)))
    if len(words) > 1:
        words = tuple(map(_unmasked, join_broken(words)))  # what is Latin in a part may be a look-alike in the whole
    return Folded(words, sum(len(word) == 1 for word, _, _ in words))


def _unmasked(word: Spelled) -> Spelled:
    text, starts, ends = word
    plain = unmask(text)
    return word if plain == text else _unstretched([*plain], [*starts], [*ends])


def _fold_characters(chunk: str) -> tuple[Spelled, ...]:
    words: list[tuple[list[str], list[int], list[int]]] = []
    letters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for position, character in enumerate(chunk):
        folded = chars.fold_character(character)
        if not folded:  # a dropped mark belongs to the letter before it
            if letters:
                ends[-1] = position + 1
            continue
        for part in folded:
            if part == chars.SEPARATOR:
                if letters and not _is_inside_word(chunk, position, letters[-1]):
                    letters, starts, ends = [], [], []
                continue
            alone = not part.isalnum()
            if alone or not letters or _begins_number(letters[-1], part) or _begins_number(part, letters[-1]):
                letters, starts, ends = [], [], []
                words.append((letters, starts, ends))
            letters.append(part)
            starts.append(position)
            ends.append(position + 1)
            if alone:
                letters, starts, ends = [], [], []
    return tuple(_unstretched(*word) for word in words)


def _unstretched(letters: list[str], starts: list[int], ends: list[int]) -> Spelled:
    """A word without stretched letters: once or twice each, as the commonest word has them; once where none is known.

    Numbers stay, and what is one character only (laughter, signs) keeps two of it.
    """
    spelled = cut_repeats(letters, starts, ends)
    text, kept_starts, kept_ends = spelled
    if len(text) == len(letters) or len(set(text)) == 1:
        return spelled
    runs = [len(list(run)) for _, run in groupby(letters)]
    place = 0
    doubled: list[int] = []  # where the second of two letters stands that were more
    for letter, length in zip((letter for letter, _ in groupby(text)), runs, strict=True):
        place += length if letter.isdigit() else min(length, REPEATS_KEPT)
        if length > REPEATS_KEPT and not letter.isdigit():
            doubled.append(place - 1)
    twice: tuple[int, ...] = ()
    if len(text) <= _LONGEST:
        tried = doubled[:_MOST_STRETCHED]
        ways = [some for count in range(len(tried) + 1) for some in combinations(tried, count)]
        twice = min(ways, key=lambda some: cost(_without(text, set(doubled).difference(some))))
    dropped = set(doubled).difference(twice)
    kept = [place for place in range(len(text)) if place not in dropped]
    return (
        "".join(text[place] for place in kept),
        tuple(kept_starts[place] for place in kept),
        tuple(kept_ends[place + 1] if place + 1 in dropped else kept_ends[place] for place in kept),
    )


_MOST_STRETCHED: Final = 3  # letters of one word of which all ways are tried
_LONGEST: Final = 40  # letters; what is longer is no word


def _without(text: str, dropped: set[int]) -> str:
    return "".join(letter for place, letter in enumerate(text) if place not in dropped)


def _begins_number(letter: str, digit: str) -> bool:
    """Arabic letters and digits are two words where they touch; in Latin letters, digits are letters of arabizi."""
    return digit.isdigit() and letter.isalpha() and not letter.isascii() and not is_latin_look_alike(letter)


def _is_inside_word(chunk: str, position: int, before: str) -> bool:
    """Whether the mark at this position joins what stands around it: 5,000 or 3'ali."""
    mark = chunk[position]
    following = chars.fold_character(chunk[position + 1]) if position + 1 < len(chunk) else ""
    if mark in chars.NUMBER_MARKS:
        return before.isdigit() and following.isdigit()
    return mark in chars.JOINING_MARKS and before.isascii() and following.isascii() and following.isalnum()


def fold_words(text: str) -> list[str]:
    """The folded words of a text as they stand, with nothing joined or mended: what the lexicon is counted from."""
    return [word for chunk in text.split() for word, _, _ in _fold_characters(chunk)]
