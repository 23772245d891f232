"""From raw text to folded words that remember where they came from.

The steps: characters are folded by the table in `chars`; punctuation parts words; letters repeated three times or more
are cut to two; single letters written apart (to dodge filters) are joined again, and so are words broken with tatweel
and an "and" that stands alone. The work is done a raw word at a time and remembered, since words repeat.

>>> normalize("صــورك  عنــدي!!!").text
'صورك عندي ! !'
>>> normalize("ف.ض.ي.ح.ة").text
'فضيحه'
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, NamedTuple

from sextortion_detect.text import chars

_CHUNK: Final = re.compile(r"\S+")
_LONGEST_REMEMBERED: Final = 64  # characters; longer chunks are links or floods and seldom come twice
_REPEATS_KEPT: Final = 2  # "noooo" is not "no", but no writer tells four from five
_FEWEST_LETTERS_JOINED: Final = 3  # two single letters in a row are ordinary (an initial, a lone conjunction)


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


@dataclass(frozen=True, slots=True)
class NormalText:
    """A text beside its normalized form.

    `text` is the words joined by single spaces; `starts[i]` and `ends[i]` give the half-open range of `original`
    that character `i` of `text` came from. Both are monotone; a separating space covers what lay between two words.
    """

    original: str = field(repr=False)
    text: str = field(repr=False)
    starts: tuple[int, ...] = field(repr=False)
    ends: tuple[int, ...] = field(repr=False)


def normalize(text: str) -> NormalText:
    """Fold a text and keep the way back to the original, in one pass.

    Takes any `str`, lone surrogates included; the work grows linearly with its length. Normalizing a normalized text
    changes nothing.

    >>> normal = normalize("أرسل المـال")
    >>> normal.text, normal.original[normal.starts[5] : normal.ends[-1]]
    ('ارسل المال', 'المـال')
    """
    parts: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for token in tokenize(text):
        if parts:
            parts.append(chars.SEPARATOR)
            starts.append(min(ends[-1], token.start))  # two words of one ligature have the same place
            ends.append(max(ends[-1], token.start))
        parts.append(token.text)
        starts.extend(token.base + start for start in token.starts)
        ends.extend(token.base + end for end in token.ends)
    return NormalText(text, "".join(parts), tuple(starts), tuple(ends))


def tokenize(text: str) -> list[Token]:
    """The folded words of a text, in order, each with its place in the original.

    >>> [(token.text, token.start, token.end) for token in tokenize("5,000 دولار")]
    [('5000', 0, 5), ('دولار', 6, 11)]
    """
    tokens: list[Token] = []
    after_tatweel = False
    singles = 0
    for match in _CHUNK.finditer(text):
        chunk = match.group()
        folded = _fold_chunk(chunk) if len(chunk) <= _LONGEST_REMEMBERED else _fold_chunk.__wrapped__(chunk)
        if not folded:
            continue
        base = match.start()
        first = len(tokens)
        tokens.extend([Token(word, base, starts, ends) for word, starts, ends in folded])
        if (
            after_tatweel
            and chunk[0] == _TATWEEL
            and all(token.text.isalpha() for token in tokens[first - 1 : first + 1])
        ):
            tokens[first - 1 : first + 1] = [_merge(tokens[first - 1 : first + 1])]
        after_tatweel = chunk[-1] == _TATWEEL
        singles += sum(len(word) == 1 for word, _, _ in folded)
    if singles >= _FEWEST_LETTERS_JOINED:
        tokens = list(_drop_repeated_marks(_join_single_letters(tokens)))
    return list(_join_conjunctions(tokens)) if singles else tokens


_TATWEEL: Final = "\N{ARABIC TATWEEL}"


@lru_cache(maxsize=1 << 16)
def _fold_chunk(chunk: str) -> tuple[tuple[str, tuple[int, ...], tuple[int, ...]], ...]:
    """The words of a piece of text without white space: their characters and ranges, counted from its beginning."""
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
    return tuple(_cut_repeats(*word) for word in words)


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


def _cut_repeats(
    letters: list[str], starts: list[int], ends: list[int]
) -> tuple[str, tuple[int, ...], tuple[int, ...]]:
    kept_letters: list[str] = []
    kept_starts: list[int] = []
    kept_ends: list[int] = []
    for letter, start, end in zip(letters, starts, ends, strict=True):
        if kept_letters[-_REPEATS_KEPT:] == [letter] * _REPEATS_KEPT and not letter.isdigit():
            kept_ends[-1] = end
            continue
        kept_letters.append(letter)
        kept_starts.append(start)
        kept_ends.append(end)
    return "".join(kept_letters), tuple(kept_starts), tuple(kept_ends)


def _merge(tokens: list[Token]) -> Token:
    letters = [letter for token in tokens for letter in token.text]
    starts = [token.base + start for token in tokens for start in token.starts]
    ends = [token.base + end for token in tokens for end in token.ends]
    text, kept_starts, kept_ends = _cut_repeats(letters, starts, ends)
    return Token(text, 0, kept_starts, kept_ends)


def _join_single_letters(tokens: list[Token]) -> Iterator[Token]:
    run: list[Token] = []
    for token in tokens:
        if len(token.text) == 1 and token.text.isalpha():
            run.append(token)
            continue
        yield from _joined(run)
        run = []
        yield token
    yield from _joined(run)


def _joined(run: list[Token]) -> list[Token]:
    return [_merge(run)] if len(run) >= _FEWEST_LETTERS_JOINED else run


def _join_conjunctions(tokens: list[Token]) -> Iterator[Token]:
    """Arabic writes "and" as part of the next word; chat often leaves a space between."""
    waiting: list[Token] = []
    for token in tokens:
        if token.text == chars.WAW:
            waiting.append(token)
        elif waiting and len(token.text) > 1 and token.text.isalpha() and not token.text.isascii():
            yield _merge([*waiting, token])
            waiting = []
        else:
            yield from waiting
            waiting = []
            yield token
    yield from waiting


def _drop_repeated_marks(tokens: Iterator[Token]) -> Iterator[Token]:
    before: list[str] = []
    for token in tokens:
        if not token.text.isalnum() and before == [token.text] * _REPEATS_KEPT:
            continue
        before = [*before[-1:], token.text]
        yield token
