"""What the n-grams of each remembered word add to the scores, summed once a word."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from sextortion_detect.model.grown import Numbers, spread
from sextortion_detect.model.words import Words

Array = NDArray[np.float64]

_LONGEST_PIECE: Final = 1 << 10  # n-grams summed at once: a flood of one word must not be spelled out
_MOST_AT_ONCE: Final = 1 << 14


class WordSums:
    """A row a word: the sum over its n-grams of idf x weights, and of idf squared as the last column.

    A row depends on its word alone, to the last bit.
    """

    def __init__(self, idf: Array, weights: NDArray[np.floating]) -> None:
        self._idf, self._weights = idf, weights
        self._room = np.zeros((1 << 10, weights.shape[1] + 1))
        self._done = 0
        self._version = 0

    def of(self, words: Words) -> Array:
        """The rows of all words that are remembered."""
        if self._version != words.version or self._done > len(words):
            self._version, self._done = words.version, 0
            self._room = self._room[: 1 << 10].copy()  # what a flood took is given back
        if self._done < len(words):
            self._add(words, np.arange(self._done, len(words)))
        return self._room[: self._done]

    def forget(self, kept: int) -> None:
        """Drop the rows of words from this number on."""
        self._done = min(self._done, kept)

    def _add(self, words: Words, new: Numbers) -> None:
        size = len(words)
        if size > len(self._room):
            room = np.zeros((max(size, 2 * len(self._room)), self._room.shape[1]))
            room[: self._done] = self._room[: self._done]
            self._room = room
        self._room[self._done : size] = 0.0
        pieces = -(-words.ngrams.lengths(new) // _LONGEST_PIECE)
        owners = np.repeat(new, pieces)
        starts = words.ngrams.ends[owners] + _LONGEST_PIECE * spread(np.zeros(len(new), dtype=np.int64), pieces)
        lengths = np.minimum(words.ngrams.ends[owners + 1] - starts, _LONGEST_PIECE)
        group = np.cumsum(lengths) // _MOST_AT_ONCE
        for number in range(int(group[-1]) + 1 if len(group) else 0):
            some = np.flatnonzero(group == number)
            if len(some):
                columns = words.ngrams.values[spread(starts[some], lengths[some])]
                idf = self._idf[columns]
                values = np.column_stack((idf[:, None] * self._weights[columns], idf * idf))
                summed = np.add.reduceat(values, np.cumsum(lengths[some]) - lengths[some], axis=0)
                np.add.at(self._room, owners[some], summed)
        self._done = size
