"""Which features one message has, and how often: the columns of numbered words, looked up in dictionaries.

What `Vectorizer.rest` and the counting of n-grams find for thousands of texts at once, with less ado for one.
"""

from collections.abc import Iterable
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sextortion_detect.model.concepts import ConceptColumns
from sextortion_detect.model.keys import KeyTable
from sextortion_detect.model.recent import Recent
from sextortion_detect.model.words import FLOOD, Words

MOST_WORDS: Final = 1 << 14
MOST_PAIRS: Final = 1 << 16
"""Of each, twice as many may be remembered at a time."""

Counted = dict[int, int]
"""How often each column comes up."""


class _Word(NamedTuple):
    column: int  # -1 where it has none
    concepts: tuple[int, ...]
    ngrams: NDArray[np.int32]


class Tally:
    """Counts the features of one text at a time, and remembers those of its words and of pairs of them.

    Not for several threads at once; `Serving` locks it.
    """

    def __init__(self, words: Words, word_table: KeyTable, concepts: ConceptColumns) -> None:
        self._words, self._word_table, self._concepts = words, word_table, concepts
        self._version = words.version
        self._known: Recent[int, _Word] = Recent(MOST_WORDS)
        self._pairs: Recent[tuple[int, int], int] = Recent(MOST_PAIRS)

    def count(self, numbers: list[int]) -> tuple[Counted, list[int]]:
        """The features that a text has more than once, in order; and its words, pairs and concepts, each time."""
        if self._version != self._words.version:
            self._version = self._words.version
            self._known.clear()
            self._pairs.clear()
        words = self._described(numbers)
        bearers = [(place, word.concepts) for place, word in enumerate(words) if word.concepts]
        columns = [word.column for word in words if word.column >= 0]
        columns.extend(column for column in self._paired(numbers) if column >= 0)
        if bearers:
            columns.extend(self._concepts.find_in_one(self._words, bearers))
        again = [column for before, column in pairwise(sorted(columns)) if before == column]
        return _counted(sorted((*again, *_repeated([word.ngrams for word in words])))), columns

    def _described(self, numbers: list[int]) -> list[_Word]:
        found = self._known.find(numbers)
        if None in found:
            for place, number in enumerate(numbers):
                if found[place] is None:
                    found[place] = self._describe(number)
        return found  # type: ignore[return-value]  # none is missing any more

    def _describe(self, number: int) -> _Word:
        words = self._words
        concepts, ngrams = words.concepts.row(number), words.ngrams.row(number)
        described = _Word(words.columns.item(number), tuple(concepts.tolist()), ngrams.copy())
        if len(words.texts[number]) <= FLOOD:  # the numbers of floods are soon those of other words
            self._known.put(number, described)
        return described

    def _paired(self, numbers: list[int]) -> list[int]:
        """The column of each two neighbors, -1 for unknown ones."""
        neighbors = list(pairwise(numbers))
        found = self._pairs.find(neighbors)
        if None in found:
            missing = [place for place, column in enumerate(found) if column is None]
            first, second = np.array([neighbors[place] for place in missing], dtype=np.int64).T
            columns = self._word_table.columns(self._words.pairs(first, second)).tolist()
            for place, column in zip(missing, columns, strict=True):
                found[place] = column
                if all(len(self._words.texts[number]) <= FLOOD for number in neighbors[place]):
                    self._pairs.put(neighbors[place], column)
        return found  # type: ignore[return-value]  # none is missing any more


def _repeated(ngrams: list[NDArray[np.int32]]) -> list[int]:
    """The columns that come up more than once, each once less than that, in order."""
    if not ngrams:
        return []
    columns = np.concatenate(ngrams)
    columns.sort()
    after = columns[1:]
    repeated: list[int] = after[after == columns[:-1]].tolist()
    return repeated


def _counted(columns: Iterable[int]) -> Counted:
    """How often columns come up that are given once less than that."""
    counted: Counted = {}
    for column in columns:
        counted[column] = counted.get(column, 1) + 1
    return counted
