"""Which of many integers come up more than once, without sorting them all."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.int64]

AT_ONCE: Final = 1 << 15
"""So many integers are looked through fastest."""

_BITS: Final = 17  # of a slot: four slots for each integer, which the processor's cache has room for
_SHIFT: Final = np.uint64(64 - _BITS)
_MIX: Final = np.uint64(0x9E3779B97F4A7C15)


def more_than_once(keys: Keys) -> Keys:
    """The integers that come up more than once, each once less than that, in any order.

    Each writes its place into a slot; who does not find it there has met itself, or one of few others.

    >>> sorted(more_than_once(np.array([7, 3, 7, 5, 7, 3])).tolist())
    [3, 7, 7]
    """
    if len(keys) > AT_ONCE:
        return _sorted_out(keys)
    slots = ((keys.astype(np.uint64) * _MIX) >> _SHIFT).astype(np.int64)
    places = np.arange(len(keys), dtype=np.int32)
    last = np.empty(1 << _BITS, dtype=np.int32)
    last[slots] = places
    found = last.take(slots)
    lost = np.flatnonzero(found != places)
    mine = keys[lost]
    same = mine == keys[found[lost]]
    return np.concatenate((mine[same], _sorted_out(mine[~same])))


def _sorted_out(keys: Keys) -> Keys:
    ordered = np.sort(keys)
    return np.asarray(ordered[1:][ordered[1:] == ordered[:-1]])
