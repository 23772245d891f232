"""Folded words that remember where they came from: what the steps of the normalizer hand on."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from sextortion_detect.text import laughter

Spelled = tuple[str, tuple[int, ...], tuple[int, ...]]
"""A folded word with the half-open ranges of its characters."""

REPEATS_KEPT: Final = 2
"""Of one character in a row: "noooo" is not "no", but no writer tells four from five."""


class Token(NamedTuple):
    """A folded word and, for each of its characters, the half-open range of the original it came from.

    Positions are `base + starts[i]` to `base + ends[i]`, so that one remembered word serves at any place.
    """

    text: str
    base: int
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    @property
    def start(self) -> int:
        """Where the word begins in the original."""
        return self.base + self.starts[0]

    @property
    def end(self) -> int:
        """Where the word ends in the original (exclusive)."""
        return self.base + self.ends[-1]


def is_word(word: str) -> bool:
    """Whether a folded token is a word of letters (arabizi has digits among them), not a mark, number or laughter."""
    return word.isalnum() and not word.isdigit() and word not in laughter.WORDS


def is_one_script(*words: str) -> bool:
    """Whether words are all in Latin letters and digits, or none is."""
    return len({word.isascii() for word in words}) == 1


def merge(tokens: Sequence[Token]) -> Token:
    """Several words as one, in the places where they stood."""
    letters = [letter for token in tokens for letter in token.text]
    starts = [token.base + start for token in tokens for start in token.starts]
    ends = [token.base + end for token in tokens for end in token.ends]
    text, kept_starts, kept_ends = cut_repeats(letters, starts, ends)
    return Token(text, 0, kept_starts, kept_ends)


def cut_repeats(letters: list[str], starts: list[int], ends: list[int]) -> Spelled:
    """A word with no character more than twice in a row, digits aside."""
    kept_letters: list[str] = []
    kept_starts: list[int] = []
    kept_ends: list[int] = []
    for letter, start, end in zip(letters, starts, ends, strict=True):
        if kept_letters[-REPEATS_KEPT:] == [letter] * REPEATS_KEPT and not letter.isdigit():
            kept_ends[-1] = end
            continue
        kept_letters.append(letter)
        kept_starts.append(start)
        kept_ends.append(end)
    return "".join(kept_letters), tuple(kept_starts), tuple(kept_ends)
