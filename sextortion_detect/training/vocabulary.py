"""Which features a model has: those that stand in enough texts, found by their keys and named once they are chosen.

The walk is that of `classify`: features are read a few thousand texts at a time and counted by key. No text is kept; a
name is read from the first text that has the feature.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from joblib import Parallel, delayed
from scipy.sparse import csr_matrix, vstack

from sextortion_detect.errors import InputError
from sextortion_detect.model.concept_features import concept_keys, concept_names
from sextortion_detect.model.feature_keys import BLOCKS, LAUGHTER, strings
from sextortion_detect.model.features import read_features
from sextortion_detect.model.vectorizer import Vectorizer, count_features
from sextortion_detect.text.arrays import Integers, Keys
from sextortion_detect.text.keys import KeyTable

_AT_ONCE: Final = 4_000  # texts

NOT_LEARNT: Final = ("<handle>", "<url>", LAUGHTER)
"""The background collection is of tweets, in which handles and links say "reply", and would excuse any threat; so would
laughter, which costs a writer nothing."""


@dataclass(frozen=True, slots=True)
class Frequencies:
    """In how many texts each feature stands, by its key in ascending order, and the first of these texts."""

    keys: Keys
    counts: Integers
    first: Integers

    def __add__(self, other: "Frequencies") -> "Frequencies":
        keys = np.concatenate((self.keys, other.keys))
        order = keys.argsort(kind="stable")  # of one key, `self` comes first
        keys = keys[order]
        begins = np.concatenate(([True], keys[1:] != keys[:-1])).nonzero()[0]
        counts = np.add.reduceat(np.concatenate((self.counts, other.counts))[order], begins)
        return Frequencies(keys[begins], counts, np.concatenate((self.first, other.first))[order][begins])

    def of(self, keys: Keys) -> Integers:
        """In how many texts some features stand."""
        if not len(self.keys):
            return np.zeros(len(keys), dtype=np.int64)
        places = np.minimum(self.keys.searchsorted(keys), len(self.keys) - 1)
        return np.where(self.keys[places] == keys, self.counts[places], 0)


def document_frequencies(texts: Sequence[str], n_jobs: int = 1) -> Frequencies:
    """In how many of some texts each feature stands."""
    parts = Parallel(n_jobs=n_jobs)(delayed(_frequencies)(some, begin) for begin, some in _parts(texts))
    while len(parts) > 1:  # two by two, so that no array is copied often
        pairs = [parts[place : place + 2] for place in range(0, len(parts), 2)]
        parts = [pair[0] + pair[1] if len(pair) == 2 else pair[0] for pair in pairs]
    nothing = np.zeros(0, dtype=np.int64)
    return parts[0] if parts else Frequencies(nothing.astype(np.uint64), nothing, nothing)


def _frequencies(texts: Sequence[str], begin: int) -> Frequencies:
    features = read_features(texts)
    keys, number = np.unique(features.all_keys(), return_inverse=True)
    rows = count_features(features, number, len(keys))
    first = np.zeros(len(keys), dtype=np.int64)
    first[rows.columns[::-1]] = rows.of_entries()[::-1]  # the last that is written is the first text
    return Frequencies(keys, np.bincount(rows.columns, minlength=len(keys)), first + begin)


KINDS: Final[dict[str, Callable[[str, str], bool]]] = {
    "words": lambda block, _: block == "word",
    "characters": lambda block, _: block == "character",
    "concepts": lambda block, name: block == "concept" and not name.startswith("<"),
    "placeholders": lambda _, name: "<" in name,
    "pairs of concepts": lambda block, name: block == "concept" and ">" in name.rstrip(">"),
    "pairs of words": lambda block, name: block == "word" and " " in name,
    "n-grams of 3": lambda block, name: block == "character" and len(name) == 3,
    "n-grams of 5": lambda block, name: block == "character" and len(name) == 5,
}
"""Kinds of features that a fit can leave out, told by block and name."""


def choose_vectorizer(
    written: Sequence[str], ordinary: Sequence[str], least_written: int, least_ordinary: int,
    without: Sequence[str] = (), n_jobs: int = 1,
) -> Vectorizer:  # fmt: skip
    """The columns of all features that stand in so many texts of the corpus, or in so many ordinary ones.

    Kinds named in `without` (of `KINDS`) are left out. `idf` is smoothed as scikit-learn's, over both. Raises
    `InputError` for a kind that there is not.
    """
    if unknown := sorted({*without} - {*KINDS}):
        raise InputError(f"There is no kind of features {unknown[0]!r} to leave out; name some of {', '.join(KINDS)}.")
    in_written, in_ordinary = document_frequencies(written, n_jobs), document_frequencies(ordinary, n_jobs)
    both = in_written + Frequencies(in_ordinary.keys, in_ordinary.counts, in_ordinary.first + len(written))
    chosen = (in_written.of(both.keys) >= least_written) | (in_ordinary.of(both.keys) >= least_ordinary)
    keys, counts, first = both.keys[chosen], both.counts[chosen], both.first[chosen]
    places = np.unique(first)
    shown = [written[place] if place < len(written) else ordinary[place - len(written)] for place in places.tolist()]
    table = KeyTable(keys)
    found: dict[tuple[str, str], int] = {}
    for named in Parallel(n_jobs=n_jobs)(delayed(_names)(some, table) for _, some in _parts(shown)):
        found |= named
    columns = {
        block: sorted(
            (name, place)
            for (of, name), place in found.items()
            if of == block and _is_learnt(name) and not any(KINDS[kind](of, name) for kind in without)
        )
        for block in BLOCKS
    }
    order = np.array([place for block in BLOCKS for _, place in columns[block]], dtype=np.int64)
    texts = len(written) + len(ordinary)
    idf = np.log((texts + 1) / (counts[order] + 1)) + 1
    return Vectorizer.of_names(
        {block: [name for name, _ in some] for block, some in columns.items()}, idf.astype(np.float32)
    )


def _is_learnt(name: str) -> bool:
    return not any(mark in name for mark in NOT_LEARNT)


def _names(texts: Sequence[str], table: KeyTable) -> dict[tuple[str, str], int]:
    """The block and the name of each chosen feature of some texts, with its number in the table."""
    features = read_features(texts)
    spellings = features.spellings
    words = strings(spellings.codes, spellings.names, spellings.name_lengths)
    names = strings(spellings.codes, features.word_begins, features.word_lengths)
    blocks = ["word" if place < len(words) or name[0] == "~" else "character" for place, name in enumerate(names)]
    of_words = table.find(features.word_keys[: len(names)]).tolist()
    of_concepts = table.find(concept_keys()).tolist()
    found = dict(zip(zip(blocks, names, strict=True), of_words, strict=True))
    found |= zip((("concept", name) for name in concept_names()), of_concepts, strict=True)
    numbers, chosen = np.unique(table.find(features.keys), return_index=True)
    borne = {*of_concepts}
    for number, first in zip(numbers.tolist(), features.first[chosen].tolist(), strict=True):
        if number not in borne:  # as concepts are, which a pair of words may bear too
            found["word", " ".join(words[place] for place in features.places[first : first + 2])] = number
    return {name: number for name, number in found.items() if number >= 0}


def matrix(vectorizer: Vectorizer, texts: Sequence[str], n_jobs: int = 1) -> csr_matrix:
    """The TF-IDF rows of texts, as scikit-learn takes them: (texts x columns) in 64-bit floats."""
    parts = Parallel(n_jobs=n_jobs)(delayed(vectorizer.transform)(some) for _, some in _parts(texts))
    rows = [part.to_matrix(len(vectorizer)) for part in parts]
    return vstack(rows, format="csr", dtype=np.float64) if rows else csr_matrix((0, len(vectorizer)))


def _parts(texts: Sequence[str]) -> Iterator[tuple[int, Sequence[str]]]:
    return ((begin, texts[begin : begin + _AT_ONCE]) for begin in range(0, len(texts), _AT_ONCE))
