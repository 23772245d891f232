"""From words to TF-IDF rows.

What depends on a word alone is remembered by its number, so that a batch is (texts x words) @ (words x n-grams), and
pairs are looked up by integer keys. The result equals scikit-learn's `TfidfVectorizer(sublinear_tf=True)` over each
block, which a test holds to 1e-9.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sextortion_detect.model import features
from sextortion_detect.model.concepts import ConceptColumns
from sextortion_detect.model.features import Word
from sextortion_detect.model.forks import fork_safe_lock
from sextortion_detect.model.grown import Numbers
from sextortion_detect.model.keys import Keys, KeyTable, codes_of, keys_of, range_keys
from sextortion_detect.model.reading import Reading
from sextortion_detect.model.tally import Tally
from sextortion_detect.model.words import Words

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Columns = NDArray[np.int64]


class Vectorizer:
    """The feature columns of a model, and the way from words to their values.

    `vocabularies` maps each block of `features.BLOCKS` to its feature names in column order; `idf` has one weight a
    column, the blocks one after the other. `transform` and `Serving` are safe for many threads; for the
    rest, hold its `lock`.

    Raises `ValueError` where a block names a feature twice.
    """

    def __init__(self, vocabularies: Mapping[str, Sequence[str]], idf: NDArray[np.float64]) -> None:
        names = [name for block in features.BLOCKS for name in vocabularies[block]]
        self._name("\n".join(names), {block: len(vocabularies[block]) for block in features.BLOCKS})
        self.idf = idf

    @classmethod
    def of_text(cls, names: str, sizes: Mapping[str, int], idf: NDArray[np.float64] | None = None) -> "Vectorizer":
        """A vectorizer from the names of all blocks, one a line, and how many each block has; `idf` may follow."""
        vectorizer = cls.__new__(cls)
        vectorizer._name(names, {block: sizes[block] for block in features.BLOCKS})
        vectorizer.idf = np.ones(len(vectorizer)) if idf is None else idf
        return vectorizer

    def _name(self, names: str, sizes: Mapping[str, int]) -> None:
        self.names, self.sizes = names, sizes
        self.lock = fork_safe_lock()  # of what `reading` remembers
        self.block_ends = np.cumsum(list(sizes.values()))
        keys = _line_keys(names)
        if len(keys) != len(self):
            raise ValueError("the vocabulary is of another length than its blocks")
        begins = self.block_ends - list(sizes.values())
        self._word_table, self._ngram_table, concept_table = (
            KeyTable(keys[first:after], int(first)) for first, after in zip(begins, self.block_ends, strict=True)
        )
        self._concepts = ConceptColumns(concept_table)

    def __len__(self) -> int:
        return int(self.block_ends[-1])

    @cached_property
    def vocabularies(self) -> dict[str, list[str]]:
        """The feature names of each block in column order."""
        names = iter(self.names.split("\n"))
        return {block: [next(names) for _ in range(size)] for block, size in self.sizes.items()}

    @cached_property
    def reading(self) -> Reading:
        """The reader of many texts, with what it remembers of their words."""
        return Reading(Words(self._word_table, self._ngram_table))

    @cached_property
    def tally(self) -> Tally:
        """What counts the features of single texts, with what it remembers of their words."""
        return Tally(self.reading.words, self._word_table, self._concepts)

    def transform(self, texts: Iterable[Sequence[Word]]) -> "csr_matrix":
        """The rows of texts that were read into words: (texts x columns), float64, each block of length 1 or 0."""
        read = list(texts)
        with self.lock:
            return self._transform(read)

    def _transform(self, read: Sequence[Sequence[Word]]) -> "csr_matrix":
        from scipy.sparse import csr_matrix

        numbers = self.reading.numbers_of(read)
        docs = np.repeat(np.arange(len(read)), np.fromiter(map(len, read), dtype=np.int64, count=len(read)))
        ngrams, lengths = self.reading.words.ngrams.gather(numbers)
        rest_docs, rest = self.rest(numbers, docs)
        columns = np.concatenate((rest, ngrams)).astype(np.int64)
        places = np.concatenate((rest_docs, np.repeat(docs, lengths)))
        rows: csr_matrix = csr_matrix((np.ones(len(columns)), (places, columns)), shape=(len(read), len(self.idf)))
        rows.sum_duplicates()
        rows.data = self.weigh(np.repeat(np.arange(len(read)), np.diff(rows.indptr)), rows.indices, rows.data)
        return rows

    def rest(self, numbers: Numbers, docs: Numbers) -> tuple[Numbers, Columns]:
        """The known features of numbered words but for n-grams, each as often as it occurs: texts, and columns."""
        words = self.reading.words
        singles = words.columns[numbers].astype(np.int64)
        same = np.flatnonzero(docs[1:] == docs[:-1])
        pairs = self._word_table.columns(words.pairs(numbers[same], numbers[same + 1])).astype(np.int64)
        concept_places, concepts = self._concepts.find(words, numbers, docs)
        columns = np.concatenate((singles, pairs, concepts))
        known = np.flatnonzero(columns >= 0)
        return np.concatenate((docs, docs[same], docs[concept_places]))[known], columns[known]

    def occurrences(self, words: Sequence[Word]) -> list[tuple[int, tuple[int, ...]]]:
        """Each occurrence of a known feature in a text: its column, and the indices of the words it comes from."""
        found: list[tuple[int, tuple[int, ...]]] = []
        tables = (self._word_table, self._ngram_table, self._concepts.table)
        for extract, table in zip(features.BLOCKS.values(), tables, strict=True):
            named = list(extract(words))
            columns = table.columns(keys_of([name for name, _ in named])).tolist()
            found.extend((column, sources) for column, (_, sources) in zip(columns, named, strict=True) if column >= 0)
        return found

    def weigh(self, rows: Numbers, columns: NDArray[np.integer], counts: NDArray[np.number]) -> NDArray[np.float64]:
        """Sublinear TF-IDF, each block of a row of Euclidean length 1: (1 + ln count) x idf, as scikit-learn has it."""
        values = (1.0 + np.log(counts)) * self.idf[columns]
        parts = rows * len(self.sizes) + np.searchsorted(self.block_ends, columns, side="right")
        lengths = np.sqrt(np.bincount(parts, weights=values * values))
        return np.asarray(values / lengths[parts])


def _line_keys(names: str) -> Keys:
    codes = codes_of(names)
    breaks = np.flatnonzero(codes == ord("\n"))
    starts = np.concatenate(([0], breaks + 1))
    return range_keys(codes, starts, np.concatenate((breaks, [len(codes)])) - starts)
