"""From features to TF-IDF rows: (texts x words) @ (words x features), each block of a row of length 1.

The result equals scikit-learn's `TfidfVectorizer(sublinear_tf=True)` over each block, which a test holds to 1e-6.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sextortion_detect.model.features import BLOCKS, Features, keys_of_lines, read_features
from sextortion_detect.model.sparse import Rows, counts
from sextortion_detect.text.keys import Columns, Integers, KeyTable, ranges

Array = NDArray[np.float64]


class Occurrences(NamedTuple):
    """The known features of some texts, each as often as it occurs: its column, and the two words it comes from.

    A feature of one word has that word twice. In the order of the words that they come from first.
    """

    columns: Integers
    first: Integers
    second: Integers


class Vectorizer:
    """The feature columns of a model, and the way from texts to their values.

    `names` are those of all columns, one a line, the blocks one after the other in the order of `BLOCKS`; `sizes` says
    how many each block has, and `idf` weighs each column. Nothing changes once it is made. Raises `ValueError` where a
    block names a feature twice, or there are more or fewer names than the blocks have.
    """

    def __init__(self, names: str, sizes: Mapping[str, int], idf: NDArray[np.floating]) -> None:
        self.sizes = {block: sizes[block] for block in BLOCKS}
        self.idf = np.asarray(idf, dtype=np.float32)
        keys = keys_of_lines(names, self.sizes)
        if len(keys) != len(self.idf):
            raise ValueError("the vocabulary is of another length than its weights")
        self._columns = KeyTable(keys)
        self._block_ends = np.cumsum([*self.sizes.values()])[:-1].tolist()
        self._names = np.frombuffer(names.encode(), dtype=np.uint8)  # an array, which other processes share

    def __len__(self) -> int:
        return len(self.idf)

    @property
    def names(self) -> str:
        """The names of all columns, one a line."""
        return self._names.tobytes().decode()

    @property
    def vocabularies(self) -> dict[str, list[str]]:
        """The feature names of each block in column order."""
        names = iter(self.names.split("\n"))
        return {block: [next(names) for _ in range(size)] for block, size in self.sizes.items()}

    def transform(self, texts: Sequence[str]) -> Rows:
        """The rows of texts (texts x columns) in 32-bit floats, each block of Euclidean length 1 or 0."""
        return self.rows(read_features(texts))

    def rows(self, features: Features) -> Rows:
        """The rows of texts whose features were read."""
        columns = self._columns.find(np.concatenate((features.word_keys, features.keys)))
        of_words = len(features.word_keys)
        rows = count_features(features, columns[:of_words], columns[of_words:], len(self))
        return rows._replace(values=self._weigh(rows.of_entries(), rows.columns, rows.values))

    def occurrences(self, features: Features) -> Occurrences:
        """Each known feature of the texts as often as it occurs; those of single words first, in their order."""
        of_words, of_more = self._columns.find(features.word_keys), self._columns.find(features.keys)
        columns, sizes, more = _known(features, of_words, of_more)
        begins, of_place = (sizes.cumsum() - sizes)[features.places], sizes[features.places]
        word = np.arange(len(features.places)).repeat(of_place)
        return Occurrences(
            np.concatenate((columns[ranges(begins, of_place)], of_more[more])),
            np.concatenate((word, features.first[more])),
            np.concatenate((word, features.second[more])),
        )

    def values(self, columns: Integers, counts: Integers) -> NDArray[np.float32]:
        """The values of one row, which has these columns so often."""
        return self._weigh(np.zeros(len(columns), dtype=np.int64), columns, counts.astype(np.float32))

    def _weigh(self, rows: Integers, columns: Columns, counts: NDArray[np.float32]) -> NDArray[np.float32]:
        """Sublinear TF-IDF, each block of a row of Euclidean length 1: (1 + ln count) x idf, as scikit-learn has it."""
        values = np.log(counts)
        values += 1.0
        values *= self.idf[columns]
        parts = rows * len(BLOCKS)
        for end in self._block_ends:
            parts += columns >= end
        lengths = np.sqrt(np.bincount(parts, weights=values * values))
        values /= lengths.take(parts)
        return values


def count_features(features: Features, of_words: Columns, of_more: Columns, width: int) -> Rows:
    """How often texts have the features that have columns: `of_words` for `word_keys`, `of_more` for `keys`, or -1."""
    columns, sizes, more = _known(features, of_words, of_more)
    words = len(sizes)
    # What two words have together is written as one word more, which has that feature alone.
    item_ends = np.concatenate((_NONE, sizes.cumsum(), len(columns) + np.arange(1, len(more) + 1))).astype(np.int32)
    texts, count = features.words.texts, features.words.count
    of_text = np.concatenate((texts, texts[features.first[more]]))
    order = (of_text.astype(np.uint16) if count < _RADIX else of_text).argsort(kind="stable")
    entries = np.concatenate((features.places, words + np.arange(len(more))))[order].astype(np.int32)
    row_ends = np.concatenate((_NONE, np.bincount(of_text, minlength=count).cumsum())).astype(np.int32)
    return counts(row_ends, entries, item_ends, np.concatenate((columns, of_more[more])), width)


def _known(features: Features, of_words: Columns, of_more: Columns) -> tuple[Columns, Integers, Integers]:
    """The known columns of distinct words, by words; how many each has; and which features of two words are known."""
    known, more = (of_words >= 0).nonzero()[0], (of_more >= 0).nonzero()[0]
    of_word = features.of_word[known]
    in_order = of_word.argsort(kind="stable")
    return of_words[known[in_order]], np.bincount(of_word, minlength=len(features.spellings.names)), more


_NONE: Final = np.zeros(1, dtype=np.int64)
_RADIX: Final = 1 << 16  # numbers below it are sorted in linear time
