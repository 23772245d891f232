"""Scores without rows: what a batch, or one message, needs to be judged.

With sublinear counts a feature that a text has once adds idf x weight, so the n-grams of a text add up word by word;
only those that it has more than once are put right. That the sums equal `vectorize` then `linear` is held to 1e-9.
One message takes a way without sparse matrices, and in the same order of sums: it gets the same scores to the last bit.
"""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sextortion_detect.model import features
from sextortion_detect.model.grown import Numbers
from sextortion_detect.model.sums import WordSums
from sextortion_detect.model.vectorize import Vectorizer

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]


_Add = Callable[[Numbers, Numbers, Array, int], Array]
_TRUE: Final = np.ones(1, dtype=np.bool_)


class _Repeated(NamedTuple):
    """Features that rows have, in order of rows, then columns, and how often."""

    rows: Numbers
    columns: Numbers
    times: NDArray[np.int64]


class Serving:
    """The scores of raw texts; `weights` and `bias` are those of all heads side by side. Safe for many threads."""

    def __init__(self, vectorizer: Vectorizer, weights: NDArray[np.floating], bias: Array) -> None:
        self._vectorizer, self._weights, self._bias = vectorizer, weights, bias
        self._sums = WordSums(vectorizer.idf, weights)
        self._matrix: csr_matrix | None = None  # words x features: the n-grams of each word
        self._matrix_version = 0
        self._lock = vectorizer.lock

    def score(self, texts: Sequence[str]) -> tuple[Array, Flags]:
        """The scores of all heads (texts x columns), and which texts have a known feature."""
        size = len(texts)
        with self._lock:
            numbers, docs = self._vectorizer.reading.read(texts)
            order = np.argsort(docs, kind="stable")
            numbers, docs = numbers[order], docs[order]
            sums, repeated = self._ngram_sums(numbers, docs, size)
            rest_docs, rest = self._vectorizer.rest(numbers, docs)
            self._forget_floods()
        return self._scores(sums, repeated, self._counted(rest_docs * len(self._weights) + rest), self._added)

    def score_one(self, text: str) -> tuple[Array, Flags]:
        """The same of one text (1 x columns), to the last bit."""
        words = features.read_words(text)
        with self._lock:
            numbers = self._vectorizer.reading.numbers_of([words])
            memory = self._vectorizer.reading.words
            sums = np.add.reduce(self._sums.of(memory)[numbers], axis=0)[None, :]
            repeated = self._repeated_in_one(memory.ngrams.gather(numbers)[0])
            rest = self._vectorizer.rest_of_one(numbers)
            self._forget_floods()
        return self._scores(sums, repeated, self._counted(rest), self._added_in_one)

    def _scores(self, sums: Array, repeated: _Repeated, rest: _Repeated, added: _Add) -> tuple[Array, Flags]:
        """The scores of texts, from the sums over their words' n-grams, the repeated of these, and other features."""
        size = len(sums)
        idf = self._vectorizer.idf
        rows, columns, times = repeated
        sublinear = 1.0 + np.log(times)
        changed = (sublinear * sublinear - times) * idf[columns] * idf[columns]
        lengths = sums[:, -1] + np.bincount(rows, changed, minlength=size)
        known = lengths > 0.0
        scores = sums[:, :-1] + added(rows, columns, sublinear - times, size)
        scores /= np.sqrt(np.where(known, lengths, 1.0))[:, None]
        rows, columns, times = rest
        sublinear = 1.0 + np.log(times)
        parts = 2 * rows + (columns >= self._vectorizer.block_ends[1])  # words, or concepts
        lengths = np.sqrt(np.bincount(parts, (sublinear * idf[columns]) ** 2, minlength=2 * size))
        scores += added(rows, columns, sublinear / lengths[parts], size)
        known[rows] = True
        return scores + self._bias, known

    def _added(self, rows: Numbers, columns: Numbers, factors: Array, size: int) -> Array:
        """The idf x weights of each row's columns, times their factors, added up."""
        from scipy.sparse import csr_matrix

        ends = np.searchsorted(rows, np.arange(size + 1))
        return np.asarray(csr_matrix((factors, columns, ends), shape=(size, len(self._weights))) @ self._weighted)

    def _added_in_one(self, _rows: Numbers, columns: Numbers, factors: Array, _size: int) -> Array:
        weighted = self._vectorizer.idf[columns][:, None] * self._weights[columns]
        return np.asarray(np.add.reduce(factors[:, None] * weighted, axis=0))[None, :]

    @cached_property
    def _weighted(self) -> Array:
        """Idf x weights, of all features: for batches alone, where looking up single ones would take longer."""
        return np.asarray(self._vectorizer.idf[:, None] * self._weights)

    def _counted(self, keys: NDArray[np.int64]) -> _Repeated:
        """Which features come up in which rows, from keys `row * features + column`, one for each time."""
        keys = np.sort(keys)
        begins = np.flatnonzero(np.concatenate((_TRUE, keys[1:] != keys[:-1]))[: len(keys)])
        times = np.concatenate((begins[1:], [len(keys)]))[: len(begins)] - begins
        rows, columns = np.divmod(keys[begins], len(self._weights))
        return _Repeated(rows, columns, times)

    def _repeated_in_one(self, ngrams: NDArray[np.int32]) -> _Repeated:
        counted = self._counted(ngrams.astype(np.int64))
        more = np.flatnonzero(counted.times > 1)
        return _Repeated(*(values[more] for values in counted))

    def _ngram_sums(self, numbers: Numbers, docs: Numbers, size: int) -> tuple[Array, _Repeated]:
        from scipy.sparse import csr_matrix

        words = self._vectorizer.reading.words
        ends = np.searchsorted(docs, np.arange(size + 1)).astype(np.int32)
        texts = csr_matrix((np.ones(len(numbers)), numbers.astype(np.int32), ends), shape=(size, len(words)))
        counts = texts @ self._ngram_matrix()
        more = np.flatnonzero(counts.data > 1.0)
        rows = np.searchsorted(counts.indptr, more, side="right") - 1
        columns = counts.indices[more].astype(np.int64)
        order = np.argsort(rows * len(self._weights) + columns)
        times = counts.data[more][order].astype(np.int64)
        return np.asarray(texts @ self._sums.of(words)), _Repeated(rows[order], columns[order], times)

    def _ngram_matrix(self) -> "csr_matrix":
        """How often each remembered word has each n-gram: (words x features)."""
        from scipy.sparse import csr_matrix

        words = self._vectorizer.reading.words
        if self._matrix is None or self._matrix.shape[0] != len(words) or self._matrix_version != words.version:
            self._matrix_version = words.version
            columns = words.ngrams.values
            entries = (np.ones(len(columns)), columns, words.ngrams.ends.astype(np.int32))
            self._matrix = csr_matrix(entries, shape=(len(words), len(self._weights)))
        return self._matrix

    def _forget_floods(self) -> None:
        words = self._vectorizer.reading.words
        if words.forget_floods():
            self._sums.forget(len(words))
            self._matrix = None
