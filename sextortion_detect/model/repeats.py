"""Which of many integers come up more than once, without sorting them all."""

from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

_Key = TypeVar("_Key", np.int64, np.uint32)

AT_ONCE: Final = 1 << 15
"""So many integers are looked through fastest: their slots stay in the processor's cache."""

_MOST: Final = 1 << 20
_MIX: Final = np.uint64(0x9E3779B97F4A7C15)
_MIX_OF_SHORT: Final = np.uint32(0x9E3779B1)


def more_than_once(keys: NDArray[_Key]) -> NDArray[_Key]:
    """The integers that come up more than once, each once less than that, in any order.

    Each writes its place into a slot; who does not find it there has met itself, or one of few others.

    >>> sorted(more_than_once(np.array([7, 3, 7, 5, 7, 3])).tolist())
    [3, 7, 7]
    """
    if len(keys) > _MOST:
        return _sorted_out(keys)
    bits = len(keys).bit_length() + 2  # at least four slots for each
    slots = _slots(keys, bits)
    places = np.arange(len(keys), dtype=np.int32)
    last = np.empty(1 << bits, dtype=np.int32)
    last[slots] = places
    found = last.take(slots)
    lost = np.flatnonzero(found != places)
    mine = keys[lost]
    same = mine == keys[found[lost]]
    return np.concatenate((mine[same], _sorted_out(mine[~same])))


def _slots(keys: NDArray[_Key], bits: int) -> NDArray[np.intp]:
    if keys.dtype == np.uint32:
        return ((keys * _MIX_OF_SHORT) >> np.uint32(32 - bits)).astype(np.intp)
    return ((keys.astype(np.uint64) * _MIX) >> np.uint64(64 - bits)).astype(np.intp)


def _sorted_out(keys: NDArray[_Key]) -> NDArray[_Key]:
    ordered = np.sort(keys)
    return np.asarray(ordered[1:][ordered[1:] == ordered[:-1]])
