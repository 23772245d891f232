"""Strings as 64-bit integers, so that words, n-grams and pairs are looked up thousands at a time.

The key of a string is a polynomial in its code points modulo 2**64 (Karp and Rabin 1987). From running sums over a
text the key of any range of it costs one subtraction and one product, since an odd base has an inverse. Two strings
may share a key, by a chance of 2**-64 or because somebody made them so: `distinct` compares characters.

>>> codes, lengths = codes_of(["صورك", "معي", "صورك معي"])
>>> whole, = RunningKeys(codes).of(np.array([7]), lengths[2:])
>>> first, space, second = keys_of(["صورك", " ", "معي"])
>>> bool(joined(joined(first, space, 4), second, 5) == whole)
True
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from sextortion_detect.text.arrays import Codes, Integers, Keys, Numbers, begins_run, numbered, ranges

_BASE: Final = 0x9E3779B97F4A7C15  # any odd number that looks like noise
_SPREAD: Final = np.uint64(0xD6E8FEB86659FD93)
_MOST_IN_SLOT: Final = 48  # of a million keys that look like noise none shares its slot with ten
_READY: Final = 1 << 17  # powers that are computed once


def _powers(base: int, count: int) -> Keys:
    powers = np.full(count, base % 2**64, dtype=np.uint64)
    powers[:1] = 1
    return np.multiply.accumulate(powers)


_POWERS: Final = _powers(_BASE, _READY)
_INVERSES: Final = _powers(pow(_BASE, -1, 2**64), _READY)


def joined(first: Keys, second: Keys, length: Integers | int) -> Keys:
    """The keys of strings written one behind the other; `length` is that of the first, below 131,072."""
    return np.asarray(first + second * np.asarray(_POWERS[length]))


class RunningKeys:
    """The keys of ranges of an array of code points."""

    def __init__(self, codes: Codes) -> None:
        size = len(codes) + 1
        powers = _POWERS if size <= _READY else _powers(_BASE, size)
        self._inverses = _INVERSES if size <= _READY else _powers(pow(_BASE, -1, 2**64), size)
        self._sums = np.zeros(size, dtype=np.uint64)
        ((codes + np.uint64(1)) * powers[: size - 1]).cumsum(out=self._sums[1:])

    def of(self, begins: Integers, lengths: Integers | int) -> Keys:
        """The key of each range; 0 for an empty one."""
        keys = self._sums[begins + lengths]
        keys -= self._sums[begins]
        keys *= self._inverses[begins]
        return np.asarray(keys)


def codes_of(strings: Sequence[str]) -> tuple[Codes, Integers]:
    """The code points of strings, one behind the other, lone surrogates included; and how many each string has."""
    codes = np.frombuffer("".join(strings).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    return codes, np.fromiter(map(len, strings), dtype=np.int64, count=len(strings))


def keys_of(strings: Sequence[str]) -> Keys:
    """The key of each string."""
    codes, lengths = codes_of(strings)
    return RunningKeys(codes).of(lengths.cumsum() - lengths, lengths)


def distinct(keys: Keys, codes: Codes, begins: Integers, lengths: Integers) -> tuple[Integers, Integers]:
    """Which strings are the first of their kind, and for each string its place among those.

    Strings of one key whose characters differ share no place: each of those that differ from the first has its own.
    """
    kinds, place = numbered(keys)
    first = np.empty(len(kinds), dtype=np.int64)
    first[place[::-1]] = np.arange(len(keys) - 1, -1, -1)  # what is written last stays
    again = (first[place] != np.arange(len(keys))).nonzero()[0]
    if len(again):
        same, sizes = first[place[again]], lengths[again]
        differs = sizes != lengths[same]
        sizes[differs] = 0
        unlike = codes[ranges(begins[again], sizes)] != codes[ranges(begins[same], sizes)]
        differs |= np.bincount(np.arange(len(again)).repeat(sizes), unlike, len(again)) > 0
        others = again[differs]
        place[others] = len(first) + np.arange(len(others))
        first = np.concatenate((first, others))
    return first, place


class KeyTable:
    """The place of each of some keys among them: slots with chains of keys, built once and never changed.

    Raises `ValueError` where two keys are equal, and where so many were made for one slot that it would be slow.
    """

    def __init__(self, keys: Keys) -> None:
        bits = max(int(2 * len(keys)).bit_length(), 12)
        self._shift = np.uint64(64 - bits)
        self._spread = np.append(keys * _SPREAD, _LAST)  # -1 finds the last, which ends all chains
        order = self._spread[:-1].argsort()
        in_order = self._spread[order]
        if not begins_run(in_order).all():
            raise ValueError("two names of a table have the same key")
        slots = (in_order >> self._shift).view(np.int64)
        is_first = begins_run(slots)
        if len(keys) and np.diff(is_first.nonzero()[0], append=len(keys)).max() > _MOST_IN_SLOT:
            raise ValueError("the keys of a table were made to collide")
        self._first = np.full(1 << bits, -1, dtype=np.int32)
        self._first[slots[is_first]] = order[is_first]
        self._next = np.full(len(keys) + 1, -1, dtype=np.int32)
        self._next[order[:-1]] = np.where(is_first[1:], -1, order[1:])

    def find(self, keys: Keys) -> Numbers:
        """The place of each key, -1 for those that are not there."""
        sought = keys * _SPREAD
        found = self._first.take((sought >> self._shift).view(np.int64))
        there = self._spread[found]
        asked = (there < sought).nonzero()[0]
        while len(asked):  # smaller ones stand before it in the chain of its slot
            found[asked] = self._next[found[asked]]
            there[asked] = self._spread[found[asked]]
            asked = asked[there[asked] < sought[asked]]
        found[there != sought] = -1
        return found


_LAST: Final = np.uint64(2**64 - 1)
