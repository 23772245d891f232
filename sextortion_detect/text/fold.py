"""A raw word made plain: characters folded, look-alikes unmasked, broken pieces joined; remembered."""

from functools import lru_cache
from typing import NamedTuple

from sextortion_detect.text import chars
from sextortion_detect.text.homographs import unmask
from sextortion_detect.text.join import join_broken
from sextortion_detect.text.tokens import Spelled, cut_repeats


class Folded(NamedTuple):
    """The words of a chunk with their characters' ranges, counted from its beginning; how many are one character."""

    words: tuple[Spelled, ...]
    singles: int


@lru_cache(maxsize=1 << 16)
def fold_chunk(chunk: str) -> Folded:
    """The words of a piece of text without white space."""
    words = tuple((unmask(text), starts, ends) for text, starts, ends in _fold_characters(chunk))
    if len(words) > 1:
        words = tuple(join_broken(words))
    return Folded(words, sum(len(word) == 1 for word, _, _ in words))


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
    return tuple(cut_repeats(*word) for word in words)


def _begins_number(letter: str, digit: str) -> bool:
    """Arabic letters and digits are two words where they touch; in Latin letters, digits are letters of arabizi."""
    return digit.isdigit() and letter.isalpha() and not letter.isascii()


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
