"""Scores without rows: what a batch, or one message, needs to be judged.

With sublinear counts a feature that a text has once adds idf x weight, so the n-grams of a text add up word by word;
only those that it has more than once are put right. That the sums equal `vectorize` then `linear` is held to 1e-9.
One message, unless it is long, takes a way without sparse matrices, and in the same order of sums: it gets the same
scores to the last bit.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sextortion_detect.model import features
from sextortion_detect.model.alone import Alone
from sextortion_detect.model.grown import Numbers
from sextortion_detect.model.repeats import AT_ONCE, more_than_once
from sextortion_detect.model.sums import WordSums
from sextortion_detect.model.tally import Counted
from sextortion_detect.model.vectorize import Vectorizer

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

_NGRAMS: Final = list(features.BLOCKS).index("character")
_LONG_ALONE: Final = 2_000  # characters of one text for which the ado of a batch pays
_NONE: Final = np.empty(0, dtype=np.int64)
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
        repeated.append(more_than_once(rest_docs * len(self._weights) + rest))
        return self._scores(sums, self._counted(np.concatenate(repeated)), rest_docs, rest)

    def score_one(self, text: str) -> tuple[Array, Flags]:
        """The same of one text (1 x columns), to the last bit."""
        if len(text) > _LONG_ALONE:
            return self.score([text])
        with self._lock:
            reading = self._vectorizer.reading
            reading.sweep()
            numbers = self._alone.read(text)
            rows = self._sums.of(reading.words).take(np.array(numbers, dtype=np.int64), axis=0)
            repeated, rest = self._vectorizer.tally.count(numbers)
            self._forget_floods()
        return self._scores_of_one(np.add.reduce(rows, axis=0), repeated, rest)

    @cached_property
    def _alone(self) -> Alone:
        return Alone(self._vectorizer.reading.words)

    @cached_property
    def _parts(self) -> NDArray[np.int8]:
        """The block of each column."""
        return np.repeat(np.arange(len(self._vectorizer.sizes), dtype=np.int8), list(self._vectorizer.sizes.values()))

    def _scores(self, sums: Array, repeated: _Repeated, rest_docs: Numbers, rest: Numbers) -> tuple[Array, Flags]:
        """The scores of texts, from the sums over their words' n-grams, all other features, and what is repeated."""
        from scipy.sparse import csr_matrix

        size, blocks = len(sums), len(self._vectorizer.sizes)
        rows, columns = np.concatenate((repeated.rows, rest_docs)), np.concatenate((repeated.columns, rest))
        factors, squares = self._weighed(columns, repeated.times)
        parts = blocks * rows + self._parts[columns]
        lengths = _summed(parts, squares, blocks * size)
        lengths[_NGRAMS::blocks] += sums[:, -1]
        known = lengths > 0.0
        lengths = np.sqrt(np.where(known, lengths, 1.0))
        order = np.argsort(rows, kind="stable")
        ends = _ends(rows, size)
        entries = ((factors / lengths[parts])[order], columns[order], ends)
        added = csr_matrix(entries, shape=(size, len(self._weights))) @ self._wide_weights
        scores = sums[:, :-1] / lengths[_NGRAMS::blocks, None] + added + self._bias
        return np.asarray(scores), np.logical_or.reduce(known.reshape(size, blocks), axis=1)

    def _scores_of_one(self, sums: Array, repeated: Counted, rest: Sequence[int]) -> tuple[Array, Flags]:
        """The same of one text, in the same order of sums."""
        columns = np.array([*repeated, *rest], dtype=np.int64)
        factors, squares = self._weighed(columns, np.array([*repeated.values()], dtype=np.float64))
        parts = self._parts.take(columns)
        lengths = _summed(parts, squares, len(self._vectorizer.sizes))
        lengths[_NGRAMS] += sums[-1]
        known = lengths > 0.0
        lengths = np.sqrt(np.where(known, lengths, 1.0))
        factors /= lengths.take(parts)
        added = np.add.reduce(self._weights.take(columns, axis=0) * factors[:, None], axis=0)
        scores = sums[:-1] / lengths[_NGRAMS] + added + self._bias
        return scores[None, :], np.logical_or.reduce(known, keepdims=True)

    def _weighed(self, columns: Numbers, times: NDArray[np.number]) -> tuple[Array, Array]:
        """What features add to the scores by their weight, and to the squared length of their block.

        Each time counts in full; the first columns are repeated features, which add how much less so many times are.
        """
        values = self._vectorizer.idf.take(columns)
        squares = values * values
        repeated = len(times)
        sublinear = 1.0 + np.log(times)
        squares[:repeated] *= sublinear * sublinear - times
        values[:repeated] *= sublinear - times
        return values, squares

    @cached_property
    def _wide_weights(self) -> Array:
        """The weights in 64 bits: for batches and long texts, where short ones are not worth the memory."""
        return self._weights.astype(np.float64)

    def _counted(self, keys: Numbers) -> _Repeated:
        """Which features rows have more than once, from keys `row * features + column`, one for each time but one."""
        keys = np.sort(keys)
        begins = np.flatnonzero(np.concatenate((_TRUE, keys[1:] != keys[:-1]))[: len(keys)])
        times = np.concatenate((begins[1:], [len(keys)]))[: len(begins)] - begins + 1
        rows, columns = np.divmod(keys[begins], len(self._weights))
        return _Repeated(rows, columns, times)

    def _ngram_sums(self, numbers: Numbers, docs: Numbers, size: int) -> tuple[Array, list[Numbers]]:
        from scipy.sparse import csr_matrix

        words = self._vectorizer.reading.words
        ends = _ends(docs, size)
        texts = csr_matrix((np.ones(len(numbers)), numbers.astype(np.int32), ends), shape=(size, len(words)))
        return np.asarray(texts @ self._sums.of(words)), self._repeated(numbers, docs, ends)

    def _repeated(self, numbers: Numbers, docs: Numbers, ends: NDArray[np.int32]) -> list[Numbers]:
        """The n-grams that texts have more than once, as keys; some texts at a time, which stay in the cache."""
        ngrams = self._vectorizer.reading.words.ngrams
        before = np.concatenate(([0], np.cumsum(ngrams.lengths(numbers)))).take(ends)  # n-grams before each text
        size = len(self._weights)
        most = max((1 << 32) // size, 1)  # texts whose keys, counted from the first of them, have 32 bits
        again = [_NONE]
        first = 0
        while first < len(ends) - 1:
            after = max(int(np.searchsorted(before, before[first] + AT_ONCE, side="right")) - 1, first + 1)
            after = min(after, first + most)
            some = slice(ends[first], ends[after])
            columns, lengths = ngrams.gather(numbers[some])
            begins = ((docs[some] - first) * size).astype(np.uint32)
            found = more_than_once(columns.view(np.uint32) + np.repeat(begins, lengths))
            again.append(found.astype(np.int64) + first * size)
            first = after
        return again

    def _forget_floods(self) -> None:
        words = self._vectorizer.reading.words
        if words.forget_floods():
            self._sums.forget(len(words))


def _ends(rows: Numbers, size: int) -> NDArray[np.int32]:
    """Where the entries of each row begin once they are in order, and where the last end."""
    return np.concatenate(([0], np.cumsum(np.bincount(rows, minlength=size)))).astype(np.int32)


def _summed(places: NDArray[np.integer], values: Array, size: int) -> Array:
    return np.bincount(places, values, minlength=size).astype(np.float64, copy=False)  # of nothing it counts integers
