"""A hash table that finds thousands of strings at once, by secret 64-bit keys of theirs.

Keys are multilinear in the code points, with random multipliers of this process: no writer can prepare two pieces of
text that are taken for each other, and by chance one in 2**40 lookups or fewer would meet a wrong one.
"""

import os
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sextortion_detect.model.grown import Grown, Numbers
from sextortion_detect.model.keys import Keys, codes_of

LONGEST: Final = 1 << 8  # characters of a string that is looked up
_MULTIPLIERS: Final = np.frombuffer(os.urandom(8 * LONGEST), dtype=np.uint64)
_FEWEST_BITS: Final = 20


def secret_keys(codes: NDArray[np.uint32], starts: Numbers, lengths: Numbers) -> Keys:
    """The keys of parts of a text, none empty or longer than `LONGEST`; the parts lie in order and do not overlap."""
    if not len(lengths):
        return np.empty(0, dtype=np.uint64)
    ends = np.cumsum(lengths)
    begins = ends - lengths
    ranks = np.arange(ends[-1], dtype=np.int32)
    ranks -= np.repeat(begins.astype(np.int32), lengths)  # of each character within its part
    places = ranks + np.repeat(starts.astype(np.int32), lengths)
    return np.add.reduceat((codes.take(places).astype(np.uint64) + np.uint64(1)) * _MULTIPLIERS.take(ranks), begins)


def secret_keys_of(strings: Sequence[str]) -> Keys:
    """The key of each string."""
    lengths = np.fromiter(map(len, strings), dtype=np.int64, count=len(strings))
    return secret_keys(codes_of("".join(strings)), np.cumsum(lengths) - lengths, lengths)


class SlotTable:
    """Numbers keys in the order in which they are added; at least half of its slots stay free."""

    def __init__(self) -> None:
        self._keys = Grown(np.uint64)
        self._bits = _FEWEST_BITS
        self._slots = np.full(1 << self._bits, -1, dtype=np.int32)

    def find(self, keys: Keys) -> Numbers:
        """The number of each key, -1 for those that were not added."""
        slots = self._first_slots(keys)
        found = self._slots[slots].astype(np.int64)
        known = self._keys.values
        open_ = np.flatnonzero(found >= 0)
        open_ = open_[known[found[open_]] != keys[open_]]
        while len(open_):  # the slot is another's: on to the next
            slots[open_] = (slots[open_] + 1) % len(self._slots)
            found[open_] = self._slots[slots[open_]]
            open_ = open_[found[open_] >= 0]
            open_ = open_[known[found[open_]] != keys[open_]]
        return found

    def add(self, keys: Keys) -> None:
        """Number keys that are not there yet, each once."""
        number = len(self._keys.values)
        self._keys.extend(keys)
        if 2 * len(self._keys.values) > len(self._slots):  # full slots would be searched without end
            self._bits = int(2 * len(self._keys.values)).bit_length()
            self._slots = np.full(1 << self._bits, -1, dtype=np.int32)
            number, keys = 0, self._keys.values
        for slot in self._first_slots(keys).tolist():
            place = slot
            while self._slots[place] >= 0:
                place = (place + 1) % len(self._slots)
            self._slots[place] = number
            number += 1

    def keep(self, kept: Numbers) -> None:
        """Forget all keys but these, which get the numbers 0, 1, … in this order."""
        keys = self._keys.values[kept]
        self.__init__()  # type: ignore[misc]
        self.add(keys)

    def _first_slots(self, keys: Keys) -> Numbers:
        """Where the search for each key begins."""
        return (keys >> np.uint64(64 - self._bits)).astype(np.int64)
