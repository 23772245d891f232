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
from numpy.typing import NDArray

Codes = NDArray[np.uint32]
Keys = NDArray[np.uint64]
Integers = NDArray[np.int64]
Columns = NDArray[np.integer]

_BASE: Final = 0x9E3779B97F4A7C15  # any odd number that looks like noise
_SPREAD: Final = np.uint64(0xD6E8FEB86659FD93)
_MOST_STEPS: Final = (
    1_000  # from the slot of a key to a free one; of a million keys that look like noise none is 48 away
)
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
        values = codes.astype(np.uint64)
        values += np.uint64(1)
        values *= powers[: size - 1]
        values.cumsum(out=self._sums[1:])

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
    """The key of each string; in little memory, however many there are."""
    keys = [np.zeros(0, dtype=np.uint64)]
    for first in range(0, len(strings), _AT_ONCE):
        codes, lengths = codes_of(strings[first : first + _AT_ONCE])
        keys.append(RunningKeys(codes).of(np.cumsum(lengths) - lengths, lengths))
    return np.concatenate(keys)


_AT_ONCE: Final = 8_000  # strings


def ranges(begins: Integers, lengths: Integers) -> Integers:
    """The places in half-open ranges, one range behind the other.

    >>> ranges(np.array([5, 1]), np.array([2, 3])).tolist()
    [5, 6, 1, 2, 3]
    """
    ends = lengths.cumsum()
    total = int(ends[-1]) if len(ends) else 0
    return np.asarray(np.arange(total) + (begins - ends + lengths).repeat(lengths))


def begins_run(numbers: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Whether each number is another than the one before it.

    >>> begins_run(np.array([1, 1, 4])).tolist()
    [True, False, True]
    """
    begins = np.ones(len(numbers), dtype=np.bool_)
    np.not_equal(numbers[1:], numbers[:-1], out=begins[1:])
    return begins


def distinct(keys: Keys, codes: Codes, begins: Integers, lengths: Integers) -> tuple[Integers, Integers]:
    """Which strings are the first of their kind, and for each string its place among those.

    Strings of one key whose characters differ share no place: each of those that differ from the first has its own.
    """
    order = keys.argsort(kind="stable")
    is_first = begins_run(keys[order])
    first = order[is_first]
    place = np.empty(len(keys), dtype=np.int64)
    place[order] = is_first.cumsum() - 1
    same = first[place]
    differs = lengths != lengths[same]
    alike = (~differs & (same != np.arange(len(keys)))).nonzero()[0]
    if len(alike):
        sizes = lengths[alike]
        unlike = codes[ranges(begins[alike], sizes)] != codes[ranges(begins[same[alike]], sizes)]
        if unlike.any():
            differs[alike[np.unique(np.repeat(np.arange(len(alike)), sizes)[unlike])]] = True
    if differs.any():
        others = differs.nonzero()[0]
        place[others] = len(first) + np.arange(len(others))
        first = np.concatenate((first, others))
    return first, place


class KeyTable:
    """The place of each of some keys among them: an open-addressing table that is built once and never changes.

    Raises `ValueError` where two keys are equal, and where so many were made for one slot that it would be slow.
    """

    def __init__(self, keys: Keys) -> None:
        bits = max(int(4 * len(keys)).bit_length(), 12)
        self._shift = np.uint64(64 - bits)
        self._last = (1 << bits) - 1
        self._places = np.full(1 << bits, -1, dtype=np.int32)
        self._keys = np.append(keys, np.uint64(0))  # -1 finds the last, which is no key
        waiting, slots = np.arange(len(keys)), self._slots(keys)
        for _ in range(_MOST_STEPS):
            free = waiting[self._places[slots[waiting]] < 0]
            self._places[slots[free]] = free  # of several keys for one slot the last one stays
            waiting = waiting[self._places[slots[waiting]] != waiting]
            if (keys[self._places[slots[waiting]]] == keys[waiting]).any():
                raise ValueError("two names of a table have the same key")
            slots[waiting] = (slots[waiting] + 1) & self._last
        if len(waiting):
            raise ValueError("the keys of a table were made to collide")

    @property
    def keys(self) -> Keys:
        """The keys in their order."""
        return self._keys[:-1]

    def find(self, keys: Keys) -> Columns:
        """The place of each key, -1 for those that are not there; of the shape of `keys`."""
        sought = keys.ravel()
        slots = self._slots(sought)
        found = self._places.take(slots)
        other = self._keys.take(found, mode="wrap") != sought
        asked = (other & (found >= 0)).nonzero()[0]
        if len(asked):  # another key stands there: the next slots, up to one that is free
            slots, sought = slots[asked], sought[asked]
            while len(asked):
                slots = (slots + 1) & self._last
                places = self._places[slots]
                found[asked] = places
                other = (self._keys[places] != sought) & (places >= 0)
                slots, sought, asked = slots[other], sought[other], asked[other]
        return found.reshape(keys.shape)

    def _slots(self, keys: Keys) -> Integers:
        return np.asarray((keys * _SPREAD) >> self._shift).view(np.int64)
