"""What a piece of text between white space is read as, remembered by number, and how it bears on its neighbors.

Nearly every text is the sum of its pieces. `Chunk.flags` and the words at its edges tell where neighbors might change
each other, so that `reading` can leave those texts to the reader that looks at the whole.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sextortion_detect.model import features
from sextortion_detect.model.grown import Grown, Numbers, Ragged
from sextortion_detect.model.keys import Keys
from sextortion_detect.model.slots import SlotTable, secret_keys, secret_keys_of
from sextortion_detect.model.words import Words
from sextortion_detect.text import chars
from sextortion_detect.text.fold import fold_chunk
from sextortion_detect.text.join import is_broken
from sextortion_detect.text.lexicon import is_settled
from sextortion_detect.text.placeholders import (
    CODE_COMES_FROM_BEFORE,
    CODE_GOES_ON,
    COMES_FROM_BEFORE,
    GOES_ON,
    as_searched,
    find_placeholders,
)
from sextortion_detect.text.repair import repair
from sextortion_detect.text.tokens import REPEATS_KEPT, cut_repeats, is_word

STARTS_TATWEEL, STARTS_SUM, STARTS_CODE, ENDS_TATWEEL, ENDS_SUM, ENDS_CODE = (1 << bit for bit in range(6))
ODD, LONE_AND, REPAIRED, TAKES_AND = (1 << bit for bit in range(6, 10))
"""Bits of a chunk: not to be read by itself; what it begins and ends with; the word "and" alone; and so on."""

ENDS_OVER_STARTS: Final = 3
"""The bits of an end lie so far above those of the beginning that it may go on in."""

LONGEST: Final = 64  # characters; longer chunks are links or floods and seldom come twice
FLOOD: Final = 0
"""The number of all longer chunks."""

AND_BEFORE: Final = " "
"""In front of a chunk: the same with an "and" before it that stood alone."""

BROKEN: Final = "\n"
"""Between two chunks: both as one, where the last word of the first and the first of the second are one word."""

RUN_OVER: Final = " "
"""Between chunks: all as one, where a sum, a time or the like begins in one and ends in the next."""

MOST_RUN_OVER: Final = 3
"""Spaces in a row that something runs over: an amount in figures and words; account numbers have more."""

MOST_LETTERS: Final = 2
"""Single letters that stand by themselves; three may make a word."""

_TATWEEL: Final = "\N{ARABIC TATWEEL}"
_DOTLESS: Final = frozenset(chars.DOTLESS)


class Chunk(NamedTuple):
    """A piece read by itself: its words, the folded words at its edges, its flags, and its single letters."""

    words: tuple[str, ...]
    first: str
    last: str
    flags: int
    letters: int


class Chunks:
    """A numbered memory of chunks; `flags`, `letters`, `firsts`, `lasts` have one entry a chunk, `words` one row."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self.names = [""]
        self._table = SlotTable()
        self._table.add(np.zeros(1, dtype=np.uint64))
        self.flags, self.letters = Grown(np.uint16), Grown(np.uint8)
        self.firsts, self.lasts = Grown(np.int32), Grown(np.int32)
        self.words = Ragged()
        self.uses = Grown(np.int32)
        self._append([Chunk((), "", "", ODD, 0)])

    def __len__(self) -> int:
        return len(self.names)

    def find(self, codes: NDArray[np.uint32], starts: Numbers, lengths: Numbers, text: str) -> Numbers:
        """The number of each piece of a text, given also as code points; new pieces are read and remembered."""
        numbers = np.zeros(len(starts), dtype=np.int64)  # FLOOD
        short = np.flatnonzero(lengths <= LONGEST)
        starts, lengths = starts[short], lengths[short]
        keys = secret_keys(codes, starts, lengths)
        found = self._table.find(keys)
        missing = np.flatnonzero(found < 0)
        if len(missing):
            places, ends = starts[missing], starts[missing] + lengths[missing]
            self._learn(keys[missing], [text[s:e] for s, e in zip(places.tolist(), ends.tolist(), strict=True)])
            found[missing] = self._table.find(keys[missing])
        numbers[short] = found
        return numbers

    def find_made(self, names: Sequence[str]) -> Numbers:
        """The number of each chunk that is made of others, by its name."""
        keys = secret_keys_of(names)
        found = self._table.find(keys)
        if np.any(found < 0):
            self._learn(
                keys[found < 0], [name for name, number in zip(names, found.tolist(), strict=True) if number < 0]
            )
            found = self._table.find(keys)
        return found

    def _learn(self, keys: Keys, names: Sequence[str]) -> None:
        new, places = np.unique(keys, return_index=True)
        self._append([read_chunk(names[place]) for place in places.tolist()])
        self._table.add(new)
        self.names.extend(names[place] for place in places.tolist())

    def keep(self, kept: Numbers) -> None:
        """Forget all chunks but these, and all words but theirs; both get new numbers."""
        self.names = [self.names[number] for number in kept.tolist()]
        self._table.keep(kept)
        self.words.keep(kept)
        for values in (self.flags, self.letters, self.firsts, self.lasts, self.uses):
            values.keep(kept)
        word_numbers = [self.words.values, self.firsts.values, self.lasts.values]
        used = np.unique(np.concatenate(word_numbers))
        used = used[used >= 0]
        self._words.keep(used)
        for numbers in word_numbers:
            numbers[...] = np.where(numbers < 0, -1, np.searchsorted(used, numbers))
        self.uses.values[...] //= 2

    def _append(self, chunks: Iterable[Chunk]) -> None:
        read = list(chunks)
        known = self._words.numbers
        named = {word for chunk in read for word in (*chunk.words, chunk.first, chunk.last) if word}
        self._words.learn([word for word in named if word not in known])
        self.words.extend([known[word] for chunk in read for word in chunk.words], [len(chunk.words) for chunk in read])
        self.firsts.extend([known.get(chunk.first, -1) for chunk in read])
        self.lasts.extend([known.get(chunk.last, -1) for chunk in read])
        self.flags.extend([chunk.flags for chunk in read])
        self.letters.extend([chunk.letters for chunk in read])
        self.uses.extend([0] * len(read))


def read_chunk(named: str) -> Chunk:
    """What a piece of text is read as, or pieces that were made one (`AND_BEFORE`, `BROKEN`, `RUN_OVER`)."""
    pieces = named.split(BROKEN)
    if any(not _DOTLESS.isdisjoint(piece) or _is_parted(piece) for piece in pieces):
        return Chunk((), "", "", ODD, 0)
    runs = _runs(pieces[0])
    for piece in pieces[1:]:
        more = _runs(piece)
        runs[-1:] = [[*runs[-1][:-1], _merged(runs[-1][-1], more[0][0]), *more[0][1:]], *more[1:]]
    folded = [word for run in runs for word in run]
    beginning = pieces[0].removeprefix(AND_BEFORE).split(RUN_OVER)[0]
    flags = _edge_flags(beginning, pieces[-1].rsplit(RUN_OVER, 1)[-1], runs)
    if not folded:
        return Chunk((), "", "", flags, 0)
    repaired = [[part for word in run for part in _repaired(word)] for run in runs]
    words = tuple(features.describe(word)[0] for run in repaired for word in run)
    letters = sum(map(_is_letter, folded))
    if letters > MOST_LETTERS or _has_loose_and(runs) or _is_joined(runs) or _is_joined(repaired):
        flags |= ODD
    if runs != repaired:
        flags |= REPAIRED
    return Chunk(words, features.describe(folded[0])[0], features.describe(folded[-1])[0], flags, letters)


def _is_parted(piece: str) -> bool:
    """Whether chunks were put together and nothing runs over a space between them after all."""
    spaces = [place for place, character in enumerate(piece) if character == RUN_OVER and place >= len(AND_BEFORE)]
    inside = [range(found.start + 1, found.end) for found in find_placeholders(piece)] if spaces else []
    return not all(any(space in span for span in inside) for space in spaces)


def _has_loose_and(runs: Sequence[Sequence[str]]) -> bool:
    """Whether there is an "and" among other words that may be one with the word behind it."""
    if runs == [[chars.WAW]]:
        return False
    inside = any(word == chars.WAW and _takes_and(following) for run in runs for word, following in pairwise(run))
    return inside or runs[-1][-1:] == [chars.WAW]


def _runs(named: str) -> list[list[str]]:
    """The folded words of a piece, parted by its placeholders, each of which is a run by itself."""
    runs: list[list[str]] = []
    piece = named.removeprefix(AND_BEFORE)
    position = 0
    for found in find_placeholders(piece):
        runs.extend((_folded(piece[position : found.start]), [found.name]))
        position = found.end
    runs.append(_folded(piece[position:]))
    if named.startswith(AND_BEFORE):
        runs[0][0] = _merged(chars.WAW, runs[0][0])
    return runs


def _folded(piece: str) -> list[str]:
    """The folded words of a piece, no mark more than twice in a row."""
    folded: list[str] = []
    for word, _, _ in fold_chunk(piece).words:
        if word.isalnum() or folded[-REPEATS_KEPT:] != [word] * REPEATS_KEPT:
            folded.append(word)
    return folded


def _repaired(word: str) -> list[str]:
    return [word] if not is_word(word) or is_settled(word) else [part.text for part in repair(word)]


def _is_joined(runs: Sequence[Sequence[str]]) -> bool:
    return any(is_broken(word, following) for run in runs for word, following in pairwise(run))


def _merged(word: str, following: str) -> str:
    letters = [*word, *following]
    return cut_repeats(letters, [0] * len(letters), [0] * len(letters))[0]


def _edge_flags(beginning: str, end: str, runs: Sequence[Sequence[str]]) -> int:
    first = runs[0][0] if runs[0] else ""
    first_seen, last_seen = as_searched(beginning), as_searched(end)
    return (
        STARTS_TATWEEL * beginning.startswith(_TATWEEL)
        | ENDS_TATWEEL * end.endswith(_TATWEEL)
        | STARTS_SUM * bool(COMES_FROM_BEFORE.match(first_seen))
        | ENDS_SUM * bool(GOES_ON.search(last_seen))
        | STARTS_CODE * bool(CODE_COMES_FROM_BEFORE.match(first_seen))
        | ENDS_CODE * bool(CODE_GOES_ON.search(last_seen))
        | LONE_AND * (runs == [[chars.WAW]])
        | TAKES_AND * _takes_and(first)
    )


def _takes_and(word: str) -> bool:
    return len(word) > 1 and word.isalpha() and not word.isascii()


def _is_letter(word: str) -> bool:
    return len(word) == 1 and (word.isalpha() or word in chars.ARABIZI_DIGITS)
