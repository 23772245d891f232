"""Which features a model has, and which words `text/lexicon.txt` lists: those that stand in enough texts.

The walk is that of `classify`: features are read a few thousand texts at a time, counted by their keys, and named once
they are chosen. No text is kept; a name is read from the first text that has the feature. Words of the lexicon are
those of the table of concepts, those of the train rows when they come twice, and those of ordinary traffic when they
stand in five texts or more: statistics, never text.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, combinations
from pathlib import Path
from typing import Final, TypeVar

import numpy as np
from joblib import Parallel, delayed
from scipy.sparse import csr_matrix, vstack

from sextortion_detect.errors import InputError
from sextortion_detect.model.concept_features import concept_keys, concept_names
from sextortion_detect.model.feature_keys import BLOCKS, LAUGHTER, strings
from sextortion_detect.model.features import is_laughter, read_features
from sextortion_detect.model.participant import WINDOW
from sextortion_detect.model.sparse import Rows
from sextortion_detect.model.stretches import whole_texts
from sextortion_detect.model.vectorizer import Vectorizer, count_features
from sextortion_detect.text.arrays import Integers, Keys, numbered
from sextortion_detect.text.chars import IS_DIGIT
from sextortion_detect.text.concepts import read_concepts
from sextortion_detect.text.keys import KeyTable
from sextortion_detect.text.words import read_words
from sextortion_detect.training.corpus import Row, load_messages
from sextortion_detect.training.recipe import Recipe
from sextortion_detect.training.traffic import read_traffic

_AT_ONCE: Final = 4_000  # texts
_Text = TypeVar("_Text")

NOT_LEARNT: Final = ("<handle>", "<url>", LAUGHTER)
"""The background collection is of tweets, in which handles and links say "reply", and would excuse any threat; so would
laughter, which costs a writer nothing."""


def _document_frequencies(texts: Sequence[str], written: int) -> tuple[Keys, Integers, Integers]:
    """The key of each feature, ascending, in how many texts it stands, and the first of these.

    Counts have a column for texts of the corpus, which come first and are so many, and one for ordinary ones.
    """
    parts = Parallel()(delayed(_frequencies)(some, begin, written) for begin, some in parts_of(texts))
    keys, counts, first = map(np.concatenate, zip(*parts, strict=True))
    order = keys.argsort(kind="stable")  # of one key, the first part comes first
    keys, begins = np.unique(keys[order], return_index=True)
    return keys, np.add.reduceat(counts[order], begins), first[order][begins]


def _frequencies(texts: Sequence[str], begin: int, written: int) -> tuple[Keys, Integers, Integers]:
    features = read_features(texts)
    keys, number = numbered(features.all_keys())
    spans = whole_texts(features.words.texts, len(texts))
    rows = count_features(features, number, len(keys), spans.begins, spans.ends)
    texts_of = rows.of_entries() + begin
    first, columns = np.zeros(len(keys), dtype=np.int64), rows.columns.take(rows.places)
    first[columns[::-1]] = texts_of[::-1]  # the last that is written is the first text
    counts = np.bincount(2 * columns.astype(np.int64) + (texts_of >= written), minlength=2 * len(keys))
    return keys, counts.reshape(-1, 2), first


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


def choose_vectorizer(written: Sequence[str], ordinary: Sequence[str], recipe: Recipe) -> Vectorizer:
    """The columns of all features that stand in so many texts of the corpus, or in so many ordinary ones.

    Kinds named in `Recipe.without` (of `KINDS`) are left out. `idf` is smoothed as scikit-learn's, over both. Raises
    `InputError` for a kind that there is not.
    """
    if unknown := sorted({*recipe.without} - {*KINDS}):
        raise InputError(f"There is no kind of features {unknown[0]!r} to leave out; name some of {', '.join(KINDS)}.")
    texts = [*written, *ordinary]
    keys, counts, first = _document_frequencies(texts, len(written))
    chosen = (counts >= (recipe.written_frequency, recipe.background_frequency)).any(axis=1)
    shown, table = [texts[place] for place in np.unique(first[chosen]).tolist()], KeyTable(keys[chosen])
    found = dict(chain.from_iterable(Parallel()(delayed(_names)(some, table) for _, some in parts_of(shown))))
    columns = sorted(
        (BLOCKS.index(block), name, place)
        for (block, name), place in found.items()
        if not any(mark in name for mark in NOT_LEARNT) and not any(KINDS[kind](block, name) for kind in recipe.without)
    )
    names = {block: [name for of, name, _ in columns if of == number] for number, block in enumerate(BLOCKS)}
    found_in = counts[chosen].sum(axis=1)[[place for *_, place in columns]]
    idf = np.log((len(texts) + 1) / (found_in + 1)) + 1
    return Vectorizer.of_names(names, idf.astype(np.float32))


def _names(texts: Sequence[str], table: KeyTable) -> list[tuple[tuple[str, str], int]]:
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
    return [(name, number) for name, number in found.items() if number >= 0]


def matrix(vectorizer: Vectorizer, texts: Sequence[str]) -> csr_matrix:
    """The TF-IDF rows of texts, as scikit-learn takes them: (texts x columns) in 64-bit floats."""
    parts = Parallel()(delayed(vectorizer.transform)(some) for _, some in parts_of(texts))
    return csr_matrix(vstack([part.to_matrix(len(vectorizer)) for part in parts], format="csr", dtype=np.float64))


def window_matrix(vectorizer: Vectorizer, windows: Sequence[Sequence[str]]) -> csr_matrix:
    """The same of windows, each of a few texts in a row (`Vectorizer.transform_stretches`): (windows x columns)."""
    parts = Parallel()(delayed(_window_rows)(vectorizer, some) for _, some in parts_of(windows, _AT_ONCE // WINDOW))
    return csr_matrix(vstack([part.to_matrix(len(vectorizer)) for part in parts], format="csr", dtype=np.float64))


def _window_rows(vectorizer: Vectorizer, windows: Sequence[Sequence[str]]) -> Rows:
    sizes = np.array([*map(len, windows)], dtype=np.int64)
    ranges = np.column_stack((sizes.cumsum() - sizes, sizes.cumsum()))
    rows, _ = vectorizer.transform_stretches([text for window in windows for text in window], ranges)
    return rows.part(0, len(windows))


def parts_of(texts: Sequence[_Text], size: int = _AT_ONCE) -> Iterator[tuple[int, Sequence[_Text]]]:
    """Some texts at a time, with the place of the first of them; of no texts, none of them once."""
    return ((begin, texts[begin : begin + size]) for begin in range(0, len(texts) or 1, size))


_TRAIN_FREQUENCY: Final = 2
_BACKGROUND_FREQUENCY: Final = 5
_TRAIN_WEIGHT: Final = 10
"""A train row counts as so many texts of ordinary traffic, which is that many times as large."""
_TYPO_RATIO: Final = 4
"""A word with doubled letters is a spelling of the plain one when that is so many times as common."""


def list_words(corpus: Path, background: Iterable[Path]) -> list[str]:
    """The words of the lexicon, of a corpus and files of background; raises `CorpusError` and `InputError`."""
    return count_words(load_messages(corpus), [text.text for path in background for text in read_traffic(path).texts])


def count_words(rows: Iterable[Row], background: Iterable[str]) -> list[str]:
    """The words of the lexicon, commonest first; words as common as each other in the order of the alphabet."""
    written = _texts_with([row.text for row in rows if row.split == "train"])
    ordinary = _texts_with([*background])
    listed = {*_texts_with([entry for _, entry in read_concepts()])}
    counts = {
        word: _TRAIN_WEIGHT * written[word] + ordinary[word]
        for word in {*written, *ordinary, *listed}
        if written[word] >= _TRAIN_FREQUENCY or ordinary[word] >= _BACKGROUND_FREQUENCY or word in listed
    }
    words = [word for word in counts if not _is_stretched(word, counts)]
    return sorted(words, key=lambda word: (-counts[word], word))


def _texts_with(texts: Sequence[str]) -> Counter[str]:
    """In how many texts each word stands, as it is typed; marks, numbers and laughter are none."""
    counts = Counter[str]()
    for _, some in parts_of(texts):
        words = read_words(some, with_placeholders=True, mended=False)
        is_word = ((words.scripts & ~IS_DIGIT) != 0) & (words.lengths > 1)
        spelled = words.strings()
        found = {*zip(words.texts[is_word].tolist(), (spelled[place] for place in is_word.nonzero()[0]), strict=True)}
        counts.update(word for _, word in found if not is_laughter(word))
    return counts


def _is_stretched(word: str, counts: Mapping[str, int]) -> bool:
    pairs = [place for place in range(1, len(word)) if word[place] == word[place - 1]]
    dropped = chain.from_iterable(combinations(pairs, size) for size in range(1, 5))
    plain = ("".join(letter for place, letter in enumerate(word) if place not in some) for some in dropped)
    return any(counts.get(one, 0) > _TYPO_RATIO * counts[word] for one in plain)
