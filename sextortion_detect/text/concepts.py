"""One notion, many words: what a pattern learnt in one dialect needs to hold in another.

`concepts.tsv` lists words and short phrases of every variety beside the notion they stand for. A word is looked up as
it is, and without its clitics and endings (the longest light stem that is listed).

>>> concepts_of("تصاور"), concepts_of("وبالفلوس"), concepts_of("شجره")
(('pictures',), ('money',), ())
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from sextortion_detect.text.keys import (
    Columns,
    Integers,
    Keys,
    KeyTable,
    RunningKeys,
    codes_of,
    keys_of,
    ranges,
    without_repeats,
)
from sextortion_detect.text.lexicon import Clitics
from sextortion_detect.text.words import read_words

# Of all varieties, in folded letters. Conjunction, preposition or future mark, article; then endings.
_CLITICS: Final = Clitics(
    (
        "", "و", "ف", "ب", "ل", "ك", "ال", "وال", "بال", "فال", "كال", "لل", "ولل", "وب", "ول", "فب", "عال", "هال",
        "ها", "ه", "ح", "هي", "حي", "هت", "حت", "هن", "حن", "ي", "ت", "ن", "ا", "بي", "بت", "بن", "با", "وي", "وت",
        "ون", "وا", "كي", "كت", "كن", "غن", "غا", "غي", "دي", "دا", "سا", "سي", "ست", "راح", "لي", "لت", "عم", "م",
        "ما", "مي", "مت",
    ),
    (
        "", "ك", "كم", "كن", "كي", "ج", "چ", "ش", "ي", "ني", "ه", "ها", "هم", "هن", "نا", "ات", "اتك", "اتي", "اتكم",
        "اتها", "ين", "وا", "و", "ا", "ت", "تي", "تك", "تها", "تكم", "تنا", "لي", "لك", "له", "لها", "لهم", "لنا",
        "لكم", "هالي", "يها", "وها", "وه", "يني", "وني", "يك", "وك", "كش", "اك", "اج", "يلي", "هالك", "تلك", "تلي",
        "لج", "لش", "يه", "ان", "تين", "يات",
    ),
)  # fmt: skip
_SHORTEST_STEM: Final = 3  # letters; two-letter words are listed with their endings
_LONGEST_WORD: Final = 40  # letters, clitics included; what is longer is no word
_FIRST: Final = np.zeros(1, dtype=np.int64)

LONGEST_PHRASE: Final = 4
"""Words of the longest listed phrase."""


class Found(NamedTuple):
    """Concepts that were found: the place of the word that bears one, and its number among `NAMES` of `table`."""

    words: Integers
    concepts: Integers


class ConceptTable:
    """The notions, and which words and phrases stand for which; built once and never changed."""

    def __init__(self) -> None:
        entries = [*read_concepts()]
        self.names: tuple[str, ...] = tuple(dict.fromkeys(concept for concept, _ in entries))
        number = {name: place for place, name in enumerate(self.names)}
        read = read_words([entry for _, entry in entries], mended=False)
        strings = read.strings()
        sizes = np.bincount(read.texts, minlength=len(entries))
        begins = np.cumsum(sizes) - sizes
        words: dict[str, list[int]] = {}
        phrases: dict[str, list[int]] = {}
        for (concept, _), begin, size in zip(entries, begins.tolist(), sizes.tolist(), strict=True):
            listed = phrases if size > 1 else words
            concepts = listed.setdefault(" ".join(strings[begin : begin + size]), [])
            if number[concept] not in concepts:
                concepts.append(number[concept])
        self._words, self._phrases = _Listed(words), _Listed(phrases)
        self._beginnings = _Listed({" ".join(phrase.split(" ")[:2]): [] for phrase in phrases})

    def of_words(self, running: RunningKeys, begins: Integers, lengths: Integers) -> Found:
        """The concepts of the words at these ranges, by words."""
        short = (lengths <= _LONGEST_WORD).nonzero()[0]
        begins, lengths = begins[short], lengths[short]
        stems = _CLITICS.stems(running, begins, lengths, 1)
        found = self._words.find(running.of(stems.begins, stems.lengths))
        whole = stems.lengths == lengths[stems.words]
        as_listed = ((found >= 0) & whole).nonzero()[0]
        fits = ((found >= 0) & ~whole & (stems.lengths >= _SHORTEST_STEM)).nonzero()[0]
        if len(fits):
            of = stems.words[fits]
            first = np.concatenate((_FIRST, (of[1:] != of[:-1]).nonzero()[0] + 1))
            longest = np.maximum.reduceat(stems.lengths[fits] * len(fits) - np.arange(len(fits)), first)
            fits = fits[-longest % len(fits)]
        bearing = np.concatenate((as_listed, fits))
        places, concepts = self._words.concepts(found[bearing])
        both = short[stems.words[bearing]][places] * len(self.names) + concepts
        return Found(*np.divmod(without_repeats(np.sort(both)), len(self.names)))

    def of_phrases(self, pairs: Keys, following: list[Keys]) -> Found:
        """The concepts of the phrases that begin at some words; the longest at each counts.

        `pairs` has the key of each word and its neighbor, with a space between; `following` the keys of three words and
        of four, for those words of which `begins_phrase` is true.
        """
        found = self._phrases.find(pairs)
        for longer in following:
            of_longer = self._phrases.find(longer)
            found = np.where(of_longer >= 0, of_longer, found)
        begins = (found >= 0).nonzero()[0]
        places, concepts = self._phrases.concepts(found[begins])
        return Found(begins[places], concepts)

    def begins_phrase(self, pairs: Keys) -> Integers:
        """Which of these keys of two words begin a listed phrase."""
        return (self._beginnings.find(pairs) >= 0).nonzero()[0]


class _Listed:
    """Strings by their keys, each with some concepts."""

    def __init__(self, listed: dict[str, list[int]]) -> None:
        self.find = KeyTable(keys_of([*listed])).find
        self._sizes = np.fromiter(map(len, listed.values()), dtype=np.int64, count=len(listed))
        self._begins = np.cumsum(self._sizes) - self._sizes
        self._concepts = np.array([concept for some in listed.values() for concept in some], dtype=np.int64)

    def concepts(self, numbers: Columns) -> tuple[Integers, Integers]:
        """The concepts of some strings: the place among `numbers` of each, and the concept."""
        sizes = self._sizes[numbers]
        return np.arange(len(numbers)).repeat(sizes), self._concepts[ranges(self._begins[numbers], sizes)]


@cache
def table() -> ConceptTable:
    """The shipped table."""
    return ConceptTable()


def read_concepts() -> Iterator[tuple[str, str]]:
    """The (notion, word or phrase) pairs of the shipped table, in its order."""
    shipped = Path(__file__).with_name("concepts.tsv").read_text(encoding="utf-8")
    for line in shipped.splitlines()[1:]:
        concept, _variety, entry, *_note = line.split("\t")
        yield concept, entry


def concepts_of(word: str) -> tuple[str, ...]:
    """The notions that one folded word stands for."""
    codes, lengths = codes_of([word])
    found = table().of_words(RunningKeys(codes), np.zeros(1, dtype=np.int64), lengths)
    return tuple(table().names[concept] for concept in found.concepts.tolist())
