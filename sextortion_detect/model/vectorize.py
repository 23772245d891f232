"""From words to TF-IDF rows.

Words repeat, so the character n-grams of a spelling are looked up once and remembered. The result equals
scikit-learn's `TfidfVectorizer(sublinear_tf=True)` over each block, which a test holds to 1e-9.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from sextortion_detect.model import features
from sextortion_detect.model.features import Word

_MOST_REMEMBERED: Final = 1 << 16
"""Spellings; past this the memory is emptied and begun anew, so that a flood of random words cannot fill it."""

_LONGEST_REMEMBERED: Final = 64  # characters; longer words are floods too


class Vectorizer:
    """The feature columns of a model, and the way from words to their values.

    `vocabularies` maps each block of `features.BLOCKS` to its feature names in column order; `idf` has one weight a
    column, the blocks one after the other.
    """

    def __init__(self, vocabularies: Mapping[str, Sequence[str]], idf: NDArray[np.float64]) -> None:
        self.vocabularies = vocabularies
        self.idf = idf
        self._columns: dict[str, dict[str, int]] = {}
        first = 0
        for block, names in vocabularies.items():
            self._columns[block] = {name: column for column, name in enumerate(names, start=first)}
            first += len(names)
        self._block_of = np.repeat(np.arange(len(vocabularies)), [len(names) for names in vocabularies.values()])
        self._remembered: dict[str, list[int]] = {}

    def transform(self, texts: Iterable[Sequence[Word]]) -> csr_matrix:
        """The rows of texts that were read into words: (texts x columns), float64, each block of length 1 or 0."""
        found = [self._columns_of(words) for words in texts]
        ends = np.cumsum([0, *map(len, found)])
        indices = np.fromiter(chain.from_iterable(found), dtype=np.int64, count=int(ends[-1]))
        rows = csr_matrix((np.ones(len(indices)), indices, ends), shape=(len(found), len(self.idf)))
        rows.sum_duplicates()
        rows.data = self._weigh(rows)
        return rows

    def occurrences(self, words: Sequence[Word]) -> list[tuple[int, tuple[int, ...]]]:
        """Each occurrence of a known feature in a text: its column, and the indices of the words it comes from."""
        return [
            (columns[name], sources)
            for block, columns in self._columns.items()
            for name, sources in features.BLOCKS[block](words)
            if name in columns
        ]

    def _columns_of(self, words: Sequence[Word]) -> list[int]:
        found: list[int] = []
        for block, columns in self._columns.items():
            if block == "character":
                found.extend(
                    column for word in words for spelling in word.spellings for column in self._ngrams(spelling)
                )
            else:
                found.extend(columns[name] for name, _ in features.BLOCKS[block](words) if name in columns)
        return found

    def _ngrams(self, spelling: str) -> list[int]:
        known = self._remembered.get(spelling)
        if known is None:
            if len(self._remembered) >= _MOST_REMEMBERED:
                self._remembered.clear()
            columns = self._columns["character"]
            known = [columns[ngram] for ngram in features.character_ngrams(spelling) if ngram in columns]
            if len(spelling) <= _LONGEST_REMEMBERED:
                self._remembered[spelling] = known
        return known

    def _weigh(self, counts: csr_matrix) -> NDArray[np.float64]:
        """Sublinear TF-IDF, each block of a row of Euclidean length 1: (1 + ln count) x idf, as scikit-learn has it."""
        values = (1.0 + np.log(counts.data)) * self.idf[counts.indices]
        blocks = len(self.vocabularies)
        parts = np.repeat(np.arange(counts.shape[0]) * blocks, np.diff(counts.indptr)) + self._block_of[counts.indices]
        lengths = np.sqrt(np.bincount(parts, weights=values * values, minlength=counts.shape[0] * blocks))
        return np.asarray(values / lengths[parts])
