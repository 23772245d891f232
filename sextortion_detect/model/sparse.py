"""Sparse rows and their products, on the compiled routines beneath `scipy.sparse`.

Its matrices check what they are given and choose number types at each step: that takes 0.2 ms of one short message,
beside half a millisecond for all else, and nothing of a batch. The routines are not of SciPy's public interface; a test
compares them with the public one, and is run on the oldest and the newest release.
"""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import _sparsetools

from sextortion_detect.text.arrays import Numbers, numbered

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Floats = NDArray[np.float32]


class Rows(NamedTuple):
    """Rows that are mostly zero: row i has `values[ends[i] : ends[i + 1]]` in the columns of these `places`, unordered.

    Places are those among `columns`, ascending, at least the ones that some row has: what depends on a column is looked
    up once for all rows, and then lies close together.
    """

    ends: Numbers
    places: Numbers
    values: Floats
    columns: Numbers

    @property
    def height(self) -> int:
        """How many rows there are."""
        return len(self.ends) - 1

    def part(self, begin: int, end: int) -> "Rows":
        """The rows of this half-open range."""
        ends = self.ends[begin : end + 1]
        some = slice(ends[0], ends[-1])
        return Rows(ends - ends[0], self.places[some], self.values[some], self.columns)

    def of_entries(self) -> NDArray[np.int64]:
        """The row of each entry."""
        return np.arange(self.height).repeat(self.ends[1:] - self.ends[:-1])

    def to_matrix(self, width: int) -> "csr_matrix":
        """The same as a matrix of SciPy, its columns in order."""
        from scipy.sparse import csr_matrix

        entries = self.values, self.columns.take(self.places), self.ends
        return csr_matrix(entries, shape=(self.height, width)).sorted_indices()


def placed(columns: Numbers, width: int) -> tuple[Numbers, Numbers]:
    """The distinct ones of these columns, ascending, all below `width`; and the place of each column among them."""
    if len(columns) < width >> 7:  # few: what takes the time is to clear an array that has a place for every column
        return numbered(columns)
    known, place = np.bincount(columns).nonzero()[0].astype(np.int32), np.empty(width, dtype=np.int32)
    place[known] = np.arange(len(known))
    return known, place.take(columns)


def by_items(items: Numbers, columns: Numbers, count: int) -> tuple[Numbers, Numbers]:
    """The columns sorted by their items, those of one item in the order given, and where those of each item end.

    Item i of so many has `found[ends[i] : ends[i + 1]]`.

    >>> columns, ends = by_items(*(np.array(some, dtype=np.int32) for some in ([1, 0, 1], [7, 5, 3])), 2)
    >>> columns.tolist(), ends.tolist()
    ([5, 7, 3], [0, 1, 3])
    """
    ends, found = np.empty(count + 1, np.int32), np.empty_like(columns)
    _sparsetools.coo_tocsr(count, 0, len(columns), items, columns, columns, ends, found, found)
    return found, ends


def counts(row_ends: Numbers, entries: Numbers, item_ends: Numbers, columns: Numbers, width: int) -> Rows:
    """How often rows have a column: row i has items `entries[row_ends[i] : row_ends[i + 1]]`, and these have columns.

    >>> found = counts(*(np.array(some, dtype=np.int32) for some in ([0, 3], [0, 1, 0], [0, 1, 3], [7, 7, 5])), 9)
    >>> sorted(zip(found.columns[found.places].tolist(), found.values.tolist()))
    [(5, 1.0), (7, 3.0)]
    """
    known, places = placed(columns, width)
    size = len(row_ends) - 1
    most = int((item_ends[1:] - item_ends[:-1]).take(entries).sum())  # each column once
    ends, found, values = np.empty(size + 1, np.int32), np.empty(most, np.int32), np.empty(most, np.float32)
    ones = np.ones(max(len(entries), len(places)), np.float32)
    _sparsetools.csr_matmat(size, len(known), row_ends, entries, ones, item_ends, places, ones, ends, found, values)
    return Rows(ends, found[: ends[-1]], values[: ends[-1]], known)


def product(rows: Rows, weights: NDArray[np.floating]) -> Floats:
    """The rows times a dense array in 32-bit floats: (rows x columns of it), summed in the order of a row's entries."""
    result = np.zeros((rows.height, weights.shape[1]), dtype=np.float32)
    used = weights.take(rows.columns, axis=0).astype(np.float32, copy=False)
    _sparsetools.csr_matvecs(rows.height, len(used), used.shape[1], *rows[:3], used.ravel(), result.ravel())
    return result
