"""From features to TF-IDF rows: (texts x words) @ (words x features), each block of a row of length 1.

The result equals scikit-learn's `TfidfVectorizer(sublinear_tf=True)` over each block, which a test holds to 1e-6.
"""

import gzip
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sextortion_detect.model.feature_keys import BLOCKS, keys_of_names
from sextortion_detect.model.features import Features, read_features
from sextortion_detect.model.sparse import Rows, by_items, counts, placed
from sextortion_detect.model.stretches import stretches_of, whole_texts
from sextortion_detect.text.arrays import FIRST, Flags, Floats, Integers, Keys, Numbers, numbered, ranges
from sextortion_detect.text.keys import KeyTable

_Seen = Callable[[Features], None]


class Vectorizer:
    """The feature columns of a model, and the way from texts to their values.

    Column i is of the feature with `keys[i]`, and weighs `idf[i]`; `sizes` says how many columns each block of `BLOCKS`
    has, one block behind the other, and `names` has the names of all, one a line, packed by gzip: nothing but a reader
    asks for them. Nothing changes once it is made. Raises `ValueError` where two keys are equal, or where there are
    more or fewer of them than weights or columns.
    """

    def __init__(self, keys: Keys, idf: NDArray[np.floating], sizes: Mapping[str, int], names: bytes) -> None:
        self.sizes = {block: sizes[block] for block in BLOCKS}
        self.idf = np.asarray(idf, dtype=np.float32)
        self.packed_names = names
        if not len(keys) == len(self.idf) == sum(self.sizes.values()):
            raise ValueError("the vocabulary is of another length than its weights")
        self.keys = keys
        self._find = KeyTable(keys).find
        self._block = np.arange(len(BLOCKS), dtype=np.uint8).repeat([*self.sizes.values()])

    @classmethod
    def of_names(cls, vocabularies: Mapping[str, Sequence[str]], idf: NDArray[np.floating]) -> "Vectorizer":
        """A vectorizer whose columns are these names of each block, in this order."""
        keys = np.concatenate([keys_of_names(block, vocabularies[block]) for block in BLOCKS])
        names = "\n".join(name for block in BLOCKS for name in vocabularies[block])
        sizes = {block: len(vocabularies[block]) for block in BLOCKS}
        return cls(keys, idf, sizes, gzip.compress(names.encode(), compresslevel=9, mtime=0))  # the same every day

    def __len__(self) -> int:
        return len(self.idf)

    @property
    def vocabularies(self) -> dict[str, list[str]]:
        """The feature names of each block in column order."""
        with gzip.open(io.BytesIO(self.packed_names)) as file:
            names = iter(file.read(_MOST_NAMES).decode().split("\n"))
        return {block: list(islice(names, size)) for block, size in self.sizes.items()}

    def transform(self, texts: Sequence[str]) -> Rows:
        """The rows of texts (texts x columns) in 32-bit floats, each block of Euclidean length 1 or 0."""
        return self.transform_stretches(texts)[0].part(0, len(texts))

    def transform_stretches(
        self, texts: Sequence[str], windows: Integers | None = None, seen: _Seen = lambda _: None
    ) -> tuple[Rows, Integers]:
        """The rows of texts and, behind them, those of their stretches; and the text that each stretch is from.

        Where there are `windows` (windows x 2), half-open ranges of texts, each of these is a text in their place that
        has their words. All is read at once then, so texts should be short and not too many. `seen` is called with what
        is read of each piece of `in_pieces`.
        """
        rows, of_stretches = self._counted(texts, windows, seen)
        return self._weighed(rows), of_stretches

    def _counted(self, texts: Sequence[str], windows: Integers | None, seen: _Seen) -> tuple[Rows, Integers]:
        """How often each has each column; no more of a long text is read at once than a piece of it."""
        wholes, rests = [], []
        for of_text, pieces in in_pieces(texts) if windows is None else [(np.arange(len(windows)), [*texts])]:
            features = read_features(pieces, in_a_row=windows is not None)
            seen(features)
            spans = whole_texts(features.words.texts, len(pieces), windows)
            stretches = stretches_of(spans)
            begins, ends = (np.concatenate(both) for both in zip(spans[:2], stretches[:2], strict=True))
            rows = count_features(features, self._find(features.all_keys()), len(self), begins, ends)
            of_stretches = of_text[stretches.texts]
            if pieces == [*texts]:
                return rows, of_stretches
            whole, rest = rows.part(0, len(of_text)), rows.part(len(of_text), rows.height)
            wholes.append((of_text, of_text[whole.of_entries()], whole.columns.take(whole.places), whole.values))
            rests.append((of_stretches, np.diff(rest.ends), rest.columns.take(rest.places), rest.values))
        of_piece, of_row, columns, times = (np.concatenate(some) for some in zip(*wholes, strict=True))
        cut = (np.bincount(of_piece, minlength=len(texts)) > 1)[of_row]  # of a text in several pieces
        keys, places = numbered(of_row[cut] * len(self) + columns[cut])
        of_row = np.concatenate((of_row[~cut], keys // len(self)))
        columns = np.concatenate((columns[~cut], keys % len(self)))
        times = np.concatenate((times[~cut], np.bincount(places, times[cut])))
        order = of_row.argsort(kind="stable")  # entries stay in their order: sums are those of the text by itself
        of_each, sizes, more, often = zip(*rests, strict=True)
        ends = np.concatenate((FIRST, np.bincount(of_row, minlength=len(texts)), *sizes)).cumsum()
        columns = np.concatenate((columns[order].astype(np.int32), *more))
        times = np.concatenate((times[order], *often), dtype=np.float32)
        known, of_known = placed(columns, len(self))
        return Rows(ends.astype(np.int32), of_known, times, known), np.concatenate(of_each)

    def _weighed(self, counted: Rows) -> Rows:
        """Sublinear TF-IDF, each block of a row of Euclidean length 1: (1 + ln count) x idf, as scikit-learn has it."""
        values, idf = np.empty_like(counted.values), self.idf.take(counted.columns)
        block = self._block.take(counted.columns)
        for begin in range(0, counted.height, _ROWS_AT_ONCE):
            some = counted.part(begin, begin + _ROWS_AT_ONCE)
            of_rows = np.log(some.values, out=values[counted.ends[begin] :][: len(some.places)])
            of_rows += 1.0
            of_rows *= idf.take(some.places)
            parts = some.of_entries() * len(BLOCKS) + block.take(some.places)
            lengths = np.sqrt(np.bincount(parts, weights=of_rows * of_rows))
            of_rows /= lengths.take(parts)
        return counted._replace(values=values)

    def occurrences(self, features: Features) -> "Occurrences":
        """Where the columns of some texts occur."""
        of_word, columns, more, of_more = _known(features, self._find(features.all_keys()))
        found = columns, of_word, features.places, of_more, features.first[more], features.second[more]
        return Occurrences(*(some.astype(np.int32) for some in found))  # of a long text all pieces are held at once


class Occurrences(NamedTuple):
    """Where columns occur: word i is the distinct word `places[i]`, and distinct word `of_word[j]` has `columns[j]`.

    Beyond those, words `first[k]` and `second[k]` have together the column `more[k]`.
    """

    columns: Integers
    of_word: Integers
    places: Integers
    more: Integers
    first: Integers
    second: Integers

    def times(self, begin: int, end: int, width: int) -> Integers:
        """How often each of so many columns occurs in a half-open range of words; of two words both must be in it."""
        of_words = np.bincount(self.places[begin:end], minlength=int(self.of_word.max(initial=0)) + 1)
        alone = np.bincount(self.columns, of_words[self.of_word], width)
        return np.asarray(alone.astype(np.int64) + np.bincount(self.more[self._inside(begin, end)], minlength=width))

    def borne(self, shares: Floats, begin: int, end: int) -> Floats:
        """What each word of a range bears of the share that each occurrence of a column has: half of what two have."""
        inside, size = self._inside(begin, end), len(self.places)
        of_words = np.bincount(self.of_word, shares[self.columns], int(self.places.max(initial=0)) + 1)[self.places]
        halves = 0.5 * shares[self.more[inside]]
        pairs = sum(np.bincount(of_one[inside], halves, size) for of_one in (self.first, self.second))
        return np.asarray((of_words + pairs)[begin:end])

    def _inside(self, begin: int, end: int) -> Flags:
        return np.asarray((self.first >= begin) & (self.second < end))


def in_pieces(texts: Sequence[str], first: int = 0) -> Iterator[tuple[Integers, list[str]]]:
    """Texts as groups of pieces that are read at once, each with the place of its text; short ones are one piece.

    A text of more than 131,072 characters is cut at the last space before, if there is one; no word is lost, and no
    piece reaches over a cut. Places are counted from `first` on.
    """
    if sum(map(len, texts)) <= 2 * _MOST_AT_ONCE and max(map(len, texts), default=0) <= _MOST_AT_ONCE:
        yield np.arange(first, first + len(texts)), [*texts]
    elif len(texts) > 1:
        middle = len(texts) // 2
        yield from in_pieces(texts[:middle], first)
        yield from in_pieces(texts[middle:], first + middle)
    else:
        (text,), begin = texts, 0
        while begin < len(text):
            cut = begin + _MOST_AT_ONCE
            end = cut if cut >= len(text) else text.rfind(" ", begin, cut) + 1 or cut
            yield np.array([first]), [text[begin:end]]
            begin = end


_ROWS_AT_ONCE: Final = 1 << 15  # weighed: a text of ten megabytes has 300,000 stretches
_MOST_AT_ONCE: Final = 1 << 17  # characters: in more, arrays leave the processor's cache and time a character doubles


def count_features(features: Features, found: Numbers, width: int, begins: Integers, ends: Integers) -> Rows:
    """How often ranges of words have the features that have columns.

    `found` has the column of each of `all_keys`, or -1. Of two words what they have together counts where both are of
    the range.
    """
    of_word, columns, more, of_more = _known(features, found)
    # What two words have together is written as one word more, which has that feature alone.
    count = len(features.spellings.names)
    items = np.concatenate((of_word, count + np.arange(len(more)))).astype(np.int32)
    columns, item_ends = by_items(items, np.concatenate((columns, of_more)), count + len(more))
    order = features.first[more].argsort(kind="stable")
    first = features.first[more[order]]
    words, pairs = len(features.places), first.searchsorted(np.concatenate((begins, ends))).reshape(2, -1)
    places = ranges(
        np.column_stack((begins, words + pairs[0])).ravel(),
        np.column_stack((ends - begins, pairs[1] - pairs[0])).ravel(),
    )
    of_range = np.arange(len(begins)).repeat(ends - begins + pairs[1] - pairs[0])
    inside = np.concatenate((np.zeros(words, dtype=np.int64), features.second[more[order]]))[places] < ends[of_range]
    entries = np.concatenate((features.places, count + order))[places[inside]].astype(np.int32)
    row_ends = np.concatenate((FIRST, np.bincount(of_range[inside], minlength=len(begins)).cumsum())).astype(np.int32)
    return counts(row_ends, entries, item_ends, columns, width)


def _known(features: Features, found: Numbers) -> tuple[Integers, Numbers, Integers, Numbers]:
    """Word and column of each known feature of one distinct word; place and column of each known one of two words."""
    of_words, of_more = found[: len(features.of_word)], found[len(features.of_word) :]
    known, more = (of_words >= 0).nonzero()[0], (of_more >= 0).nonzero()[0]
    return features.of_word.take(known), of_words.take(known), more, of_more.take(more)


_MOST_NAMES: Final = 1 << 26  # bytes: a model has under 10 MB, and a few packed ones may unfold to any number
