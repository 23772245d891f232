"""Strings as 64-bit integers, so that vocabularies are searched thousands of words at a time.

The key of a string is a polynomial in its code points modulo 2**64. The key of two strings written one after the other
follows from theirs, so pairs of words are looked up without ever being spelled. Within one vocabulary keys are checked
to be distinct; that another string meets one of n keys by chance has a probability of n / 2**64.

>>> int(pair_keys(keys_of(["صورك"]), keys_of(["معي"]), powers_of([len("معي")]))[0]) == int(keys_of(["صوركمعي"])[0])
True
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.uint64]
Columns = NDArray[np.int32]

_BASE: Final = np.uint64(0x9E3779B97F4A7C15)
_MASK: Final = (1 << 64) - 1
_SPREAD: Final = np.uint64(0xD6E8FEB86659FD93)
_LARGE: Final = 1 << 17  # keys; tables of more have fewer slots for each, which costs less than their memory


def keys_of(strings: Sequence[str]) -> Keys:
    """The key of each string."""
    lengths = np.fromiter(map(len, strings), dtype=np.int64, count=len(strings))
    return range_keys(codes_of("".join(strings)), np.cumsum(lengths) - lengths, lengths)


def powers_of(lengths: Sequence[int]) -> Keys:
    """What a key is multiplied by when a string of that length is written behind its own."""
    return np.array([pow(int(_BASE), length, 1 << 64) for length in lengths], dtype=np.uint64)


def pair_keys(first: Keys, second: Keys, power: Keys) -> Keys:
    """The keys of strings written one behind the other; `power` is that of the second."""
    return first * power + second


def codes_of(text: str) -> NDArray[np.uint32]:
    """The code points of a text, lone surrogates included."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def range_keys(codes: NDArray[np.uint32], starts: NDArray[np.int64], lengths: NDArray[np.int64]) -> Keys:
    """The keys of parts of a text, which its code points stand for; 0 for an empty part."""
    order = np.argsort(-lengths, kind="stable")
    places, sorted_lengths = starts[order], -lengths[order]
    keys = np.zeros(len(order), dtype=np.uint64)
    for step in range(int(-sorted_lengths[0]) if len(order) else 0):
        longer = int(np.searchsorted(sorted_lengths, -step))  # those that have a character at this step
        keys[:longer] = keys[:longer] * _BASE + (codes[places[:longer] + step].astype(np.uint64) + np.uint64(1))
    unordered = np.empty_like(keys)
    unordered[order] = keys
    return unordered


def keys_behind(keys: Keys, codes: NDArray[np.uint32] | np.uint32) -> Keys:
    """The keys of strings with one more character, given by its code point."""
    return np.asarray(keys * _BASE + (codes.astype(np.uint64) + np.uint64(1)))


class KeyTable:
    """Which column a key has: the keys of a vocabulary, one column after the other from `first` on.

    Raises `ValueError` where two of its keys are equal.
    """

    def __init__(self, keys: Keys, first: int = 0) -> None:
        order = np.argsort(keys)
        self._keys = keys[order]
        self._columns = (order + first).astype(np.int32)
        if np.any(self._keys[1:] == self._keys[:-1]):
            raise ValueError("a vocabulary names a feature twice")
        self._keys = np.append(self._keys, np.uint64(_MASK))  # so that every search ends at some key
        self._columns = np.append(self._columns, np.int32(-1))
        bits = int(np.ceil(np.log2(len(keys) + 1))) + (3 if len(keys) < _LARGE else 2)
        self._shift = np.uint64(64 - max(16, bits))
        self._perhaps = np.zeros(1 << (64 - int(self._shift)), dtype=np.bool_)
        self._perhaps[self._place(keys)] = True

    def perhaps(self, keys: Keys) -> NDArray[np.bool_]:
        """False for keys that are surely not there, and for most of those that are not."""
        return np.asarray(self._perhaps[self._place(keys)])

    def columns(self, keys: Keys) -> Columns:
        """The column of each key, -1 for those that are not there."""
        found = np.full(len(keys), -1, dtype=np.int32)
        likely = np.flatnonzero(self.perhaps(keys))
        if len(likely):
            sought = keys[likely]
            places = np.searchsorted(self._keys, sought)
            found[likely] = np.where(self._keys[places] == sought, self._columns[places], -1)
        return found

    def _place(self, keys: Keys) -> NDArray[np.uint64]:
        return (keys * _SPREAD) >> self._shift
