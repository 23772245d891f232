"""Sparse rows and their products, on the compiled routines beneath `scipy.sparse`.

Its matrices check what they are given and choose number types at each step: of one short message that is 0.2 of 0.9 ms
(measured on messages seen once), and of a batch nothing. The routines are not of SciPy's public interface; a test
compares them with the public one, and is run on the oldest and the newest release.
"""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import _sparsetools

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Numbers = NDArray[np.int32]
Floats = NDArray[np.float32]


class Rows(NamedTuple):
    """Rows that are mostly zero: row i has `values[ends[i] : ends[i + 1]]` in these `columns`, in no order."""

    ends: Numbers
    columns: Numbers
    values: Floats

    @property
    def height(self) -> int:
        """How many rows there are."""
        return len(self.ends) - 1

    def part(self, begin: int, end: int) -> "Rows":
        """The rows of this half-open range."""
        ends = self.ends[begin : end + 1]
        return Rows(ends - ends[0], self.columns[ends[0] : ends[-1]], self.values[ends[0] : ends[-1]])

    def of_entries(self) -> NDArray[np.int64]:
        """The row of each entry."""
        return np.arange(self.height).repeat(self.ends[1:] - self.ends[:-1])

    def to_matrix(self, width: int) -> "csr_matrix":
        """The same as a matrix of SciPy, its columns in order."""
        from scipy.sparse import csr_matrix

        return csr_matrix((self.values, self.columns, self.ends), shape=(self.height, width)).sorted_indices()


def counts(row_ends: Numbers, entries: Numbers, item_ends: Numbers, columns: Numbers, width: int) -> Rows:
    """How often rows have a column: row i has items `entries[row_ends[i] : row_ends[i + 1]]`, and these have columns.

    >>> found = counts(*(np.array(some, dtype=np.int32) for some in ([0, 3], [0, 1, 0], [0, 1, 3], [7, 7, 5])), 9)
    >>> sorted(zip(found.columns.tolist(), found.values.tolist()))
    [(5, 1.0), (7, 3.0)]
    """
    if len(columns) < width >> 7:  # few: what takes the time is to clear arrays that have a place for every column
        known, numbers = np.unique(columns, return_inverse=True)
        rows = counts(row_ends, entries, item_ends, numbers.astype(np.int32), len(known))
        return rows._replace(columns=known[rows.columns])
    size = len(row_ends) - 1
    most = int((item_ends[1:] - item_ends[:-1]).take(entries).sum())  # each column once
    ends, found, values = np.empty(size + 1, np.int32), np.empty(most, np.int32), np.empty(most, np.float32)
    ones = np.ones(max(len(entries), len(columns)), np.float32)
    _sparsetools.csr_matmat(
        size, width, row_ends, entries, ones[: len(entries)], item_ends, columns, ones[: len(columns)], ends, found,
        values,
    )  # fmt: skip
    return Rows(ends, found[: ends[-1]], values[: ends[-1]])


def product(rows: Rows, weights: Floats) -> Floats:
    """The rows times a dense array: (rows x columns of it), summed in the order of each row's entries."""
    result = np.zeros((rows.height, weights.shape[1]), dtype=np.float32)
    _sparsetools.csr_matvecs(rows.height, len(weights), weights.shape[1], *rows, weights.ravel(), result.ravel())
    return result
