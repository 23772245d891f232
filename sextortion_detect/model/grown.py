"""Arrays that grow at their end, and rows of unequal length in one array: what the memories are made of."""

from collections.abc import Sequence
from typing import Any, Final, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]

_FIRST_ROOM: Final = 1 << 10


Scalar = TypeVar("Scalar", bound=np.generic)


class Grown(Generic[Scalar]):
    """A one-dimensional array that more values are put behind, in constant time each."""

    def __init__(self, dtype: type[Scalar]) -> None:
        self._room: NDArray[Scalar] = np.zeros(_FIRST_ROOM, dtype=dtype)
        self._size = 0

    def extend(self, values: NDArray[Any] | Sequence[Any]) -> None:
        """Put values behind those that are there."""
        added = np.asarray(values, dtype=self._room.dtype)
        size = self._size + len(added)
        if size > len(self._room):
            room = np.zeros(max(size, 2 * len(self._room)), dtype=self._room.dtype)
            room[: self._size] = self._room[: self._size]
            self._room = room
        self._room[self._size : size] = added
        self._size = size

    def keep(self, places: NDArray[Any]) -> None:
        """Keep the values at these places alone, in this order."""
        kept = self._room[places]
        self._room = np.zeros(max(_FIRST_ROOM, len(kept)), dtype=self._room.dtype)
        self._room[: len(kept)] = kept
        self._size = len(kept)

    def cut(self, size: int) -> None:
        """Drop all but the first `size` values."""
        self._size = size
        if len(self._room) > 4 * max(size, _FIRST_ROOM):  # what a flood took is given back
            self._room = self._room[: 2 * max(size, _FIRST_ROOM)].copy()

    @property
    def values(self) -> NDArray[Scalar]:
        """All values, as a view that the next `extend` outdates."""
        return self._room[: self._size]


class Ragged:
    """Rows of unequal length: row i is `values[ends[i] : ends[i + 1]]`."""

    def __init__(self) -> None:
        self._values = Grown(np.int32)
        self._ends = Grown(np.int64)
        self._ends.extend([0])

    def extend(self, values: NDArray[Any] | Sequence[int], lengths: NDArray[Any] | Sequence[int]) -> None:
        """Put rows of these lengths behind those that are there; `values` holds them one after the other."""
        self._ends.extend(self.ends[-1] + np.cumsum(lengths, dtype=np.int64))
        self._values.extend(values)

    def keep(self, rows: NDArray[Any]) -> None:
        """Keep these rows alone, in this order."""
        starts, lengths = self.ends[rows], self.lengths(rows)
        self._values.keep(spread(starts, lengths))
        self._ends = Grown(np.int64)
        self._ends.extend(np.concatenate(([0], np.cumsum(lengths))))

    def cut(self, rows: int) -> None:
        """Drop all but the first `rows` rows."""
        self._values.cut(int(self.ends[rows]))
        self._ends.cut(rows + 1)

    def lengths(self, rows: NDArray[Any]) -> Numbers:
        """How long these rows are."""
        return np.asarray(self.ends.take(rows + 1) - self.ends.take(rows))

    def gather(self, rows: NDArray[Any]) -> tuple[NDArray[np.int32], Numbers]:
        """The values of these rows one after the other, and the length of each row."""
        starts = self.ends.take(rows)
        lengths = self.ends.take(rows + 1) - starts
        return self.values.take(spread(starts, lengths)), lengths

    def row(self, number: int) -> NDArray[np.int32]:
        """The values of one row, as a view."""
        ends = self.ends
        return self.values[ends[number] : ends[number + 1]]

    @property
    def values(self) -> NDArray[np.int32]:
        """The values of all rows, one row after the other."""
        return self._values.values

    @property
    def ends(self) -> Numbers:
        """Where each row begins, and where the last one ends."""
        return self._ends.values


def spread(starts: Numbers, lengths: Numbers) -> Numbers:
    """All numbers of the ranges that begin at `starts` and have these lengths, one range after the other.

    >>> spread(np.array([5, 9]), np.array([2, 3])).tolist()
    [5, 6, 9, 10, 11]
    """
    places = np.repeat(starts - np.cumsum(lengths) + lengths, lengths)
    places += np.arange(len(places))
    return places
