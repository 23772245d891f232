"""Sparse rows and their products, on the compiled routines beneath `scipy.sparse`.

Its matrices check what they are given and choose number types at each step: of one short message that is 0.2 of 0.9 ms
(measured on messages seen once), and of a batch nothing. The routines are not of SciPy's public interface; a test
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

    Places are those among `columns`, the ones that some row has, ascending: what depends on a column is looked up once
    for all rows, and then lies close together.
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

        columns = self.columns.take(self.places)
        return csr_matrix((self.values, columns, self.ends), shape=(self.height, width)).sorted_indices()


def placed(columns: Numbers, width: int) -> tuple[Numbers, Numbers]:
    """Which of so many columns there are, ascending, and the place of each among these."""
    if len(columns) < width >> 7:  # few: what takes the time is to clear an array that has a place for every column
        return numbered(columns)
    is_known = np.zeros(width, dtype=np.bool_)
    is_known[columns] = True
    known, place = is_known.nonzero()[0].astype(np.int32), np.empty(width, dtype=np.int32)
    place[known] = np.arange(len(known))
    return known, place.take(columns)


def by_items(items: Numbers, columns: Numbers, count: int) -> tuple[Numbers, Numbers]:
    """The columns of items, those of one of so many items behind those of the other; and where each begins and ends.

    >>> columns, ends = by_items(*(np.array(some, dtype=np.int32) for some in ([1, 0, 1], [7, 5, 3])), 2)
    >>> columns.tolist(), ends.tolist()
    ([5, 7, 3], [0, 1, 3])
    """
    ends, found = np.empty(count + 1, np.int32), np.empty_like(columns)
    values = np.zeros((2, len(columns)), np.bool_)  # of no use, but the routine moves some
    _sparsetools.coo_tocsr(count, 0, len(columns), items, columns, values[0], ends, found, values[1])
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
    _sparsetools.csr_matmat(
        size, len(known), row_ends, entries, ones[: len(entries)], item_ends, places, ones[: len(places)], ends, found,
        values,
    )  # fmt: skip
    return Rows(ends, found[: ends[-1]], values[: ends[-1]], known)


def product(rows: Rows, weights: NDArray[np.floating]) -> Floats:
    """The rows times a dense array, in 32-bit floats: (rows x columns of it), summed in the order of their entries."""
    result = np.zeros((rows.height, weights.shape[1]), dtype=np.float32)
    used = weights.take(rows.columns, axis=0).astype(np.float32, copy=False)
    _sparsetools.csr_matvecs(rows.height, len(used), used.shape[1], *rows[:3], used.ravel(), result.ravel())
    return result
