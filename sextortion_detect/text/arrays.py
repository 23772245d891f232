"""What arrays of texts are made of, and the operations on runs of places that NumPy does not have."""

from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.uint32]
"""Code points."""

Keys = NDArray[np.uint64]
"""Strings as integers (see `keys`)."""

Kinds = NDArray[np.uint8]
"""What characters or words are: kinds of `chars`, or bits of them."""

Integers = NDArray[np.integer]
"""Places, numbers and lengths."""

Numbers = NDArray[np.int32]
"""Integers in 32 bits, as the routines of `model.sparse` take them."""

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]

_Value = TypeVar("_Value", bound=np.generic)

NONE: Final[Integers] = np.zeros(0, dtype=np.int64)
FIRST: Final[Integers] = np.zeros(1, dtype=np.int64)
"""No place, and the first one."""


def ranges(begins: Integers, lengths: Integers) -> Integers:
    """The places in half-open ranges, one range behind the other.

    >>> ranges(np.array([5, 1]), np.array([2, 3])).tolist()
    [5, 6, 1, 2, 3]
    """
    ends = lengths.cumsum()
    total = int(ends[-1]) if len(ends) else 0
    return np.asarray(np.arange(total) + (begins - ends + lengths).repeat(lengths))


def begins_run(numbers: NDArray[np.generic]) -> Flags:
    """Whether each value is another than the one before it.

    >>> begins_run(np.array([1, 1, 4])).tolist()
    [True, False, True]
    """
    return np.concatenate((_TRUE[: len(numbers)], numbers[1:] != numbers[:-1]))


def numbered(values: NDArray[_Value]) -> tuple[NDArray[_Value], Numbers]:
    """The distinct values, ascending, and the place of each value among these, as `np.unique` has them.

    That takes three times as long for the values of one short message, all of it in checks.

    >>> [some.tolist() for some in numbered(np.array([7, 5, 7]))]
    [[5, 7], [1, 0, 1]]
    """
    order = values.argsort()
    begins = begins_run(values.take(order))
    places = np.empty(len(values), dtype=np.int32)
    places[order] = begins.cumsum() - 1
    return values.take(order[begins]), places


_TRUE: Final[Flags] = np.ones(1, dtype=np.bool_)
