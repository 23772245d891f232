"""Which pairs of words are one word that a space broke, remembered by pair in a table of fixed size."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from sextortion_detect.model.keys import Keys

Flags = NDArray[np.bool_]

_ROWS: Final = 19  # the power of two of rows of two pairs each
_SHIFT: Final = np.uint64(64 - _ROWS)
_MIX: Final = np.uint64(0x9FB21C651E98DF25)
_SPREAD: Final = np.uint64(0xD6E8FEB86659FD93)
_ANSWER: Final = np.uint64(1)
"""The lowest bit of a remembered pair says whether it is one word; the others are those of its key."""


class PairMemory:
    """Answers by pair of words; a new pair takes the place of the older of two in its row."""

    def __init__(self) -> None:
        self._newer, self._older = np.zeros((2, 1 << _ROWS), dtype=np.uint64)

    def find(self, left: Keys, right: Keys) -> tuple[Flags, Flags]:
        """Which pairs are known, and which of them are one word, from the keys of both words."""
        keys = _pair_keys(left, right)
        rows = keys >> _SHIFT
        newer, older = self._newer[rows], self._older[rows]
        is_newer, is_older = (newer | _ANSWER) == keys, (older | _ANSWER) == keys
        broken = (is_newer & ((newer & _ANSWER) != 0)) | (is_older & ((older & _ANSWER) != 0))
        return is_newer | is_older, broken

    def put(self, left: Keys, right: Keys, broken: Flags) -> None:
        """Remember pairs that are not known."""
        for key, one_word in zip(_pair_keys(left, right).tolist(), broken.tolist(), strict=True):
            row = key >> int(_SHIFT)
            self._older[row] = self._newer[row]
            self._newer[row] = key if one_word else key - 1


def _pair_keys(left: Keys, right: Keys) -> Keys:
    return (left * _MIX + right) * _SPREAD | _ANSWER  # words whose keys differ in the lowest bit must be told apart
