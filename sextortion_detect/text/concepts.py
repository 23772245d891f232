"""One notion, many words: what a pattern learnt in one dialect needs to hold in another.

`concepts.tsv` lists words and pairs of words of every variety beside the notion they stand for. A word is looked up as
it is, and without its clitics and endings (the longest light stem that is listed; words of two letters are listed with
their endings).

>>> concepts_of("تصاور"), concepts_of("وبالفلوس"), concepts_of("شجره")
(('pictures',), ('money',), ())
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from sextortion_detect.text.arrays import Integers, Keys, begins_run, ranges
from sextortion_detect.text.keys import KeyTable, RunningKeys, codes_of, keys_of
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


class Found(NamedTuple):
    """Concepts that were found: the place of the word that bears one, and its number among the `names` of `table()`."""

    words: Integers
    concepts: Integers


class ConceptTable:
    """The notions, and which words and which pairs of words stand for which; built once and never changed."""

    def __init__(self) -> None:
        concepts, entries = zip(*read_concepts(), strict=True)
        self.names: tuple[str, ...] = tuple(dict.fromkeys(concepts))
        number = {name: place for place, name in enumerate(self.names)}
        folded = [" ".join(words) for words in read_words(entries, mended=False).by_text()]
        place = {entry: place for place, entry in enumerate(dict.fromkeys(folded))}
        pairs = dict.fromkeys((place[entry], number[name]) for entry, name in zip(folded, concepts, strict=True))
        places, numbers = np.array([*pairs]).T
        self._find = KeyTable(keys_of([*place])).find
        self._sizes = np.bincount(places)
        self._begins = np.cumsum(self._sizes) - self._sizes
        self._concepts = numbers[places.argsort(kind="stable")]

    def of_words(self, running: RunningKeys, begins: Integers, lengths: Integers) -> Found:
        """The concepts of the words at these ranges, by words: as they are, and by their longest rest."""
        rests = _CLITICS.rests(running, begins, lengths, self._find)
        chosen = begins_run(2 * rests.words + (rests.clitics > 0))
        return self._of_listed(rests.words[chosen], rests.found[chosen])

    def of_pairs(self, places: Integers, pairs: Keys) -> Found:
        """The concepts of pairs of words that stand at these places; `pairs` are keys of two words with a space."""
        found = self._find(pairs)
        listed = (found >= 0).nonzero()[0]
        return self._of_listed(places[listed], found[listed])

    def _of_listed(self, places: Integers, numbers: Integers) -> Found:
        sizes = self._sizes[numbers]
        return Found(places.repeat(sizes), self._concepts[ranges(self._begins[numbers], sizes)])


@cache
def table() -> ConceptTable:
    """The shipped table."""
    return ConceptTable()


def read_concepts() -> Iterator[tuple[str, str]]:
    """The (notion, word or pair of words) entries of the shipped table, in its order."""
    shipped = Path(__file__).with_name("concepts.tsv").read_text(encoding="utf-8")
    for line in shipped.splitlines()[1:]:
        concept, _variety, entry, *_note = line.split("\t")
        yield concept, entry


def concepts_of(word: str) -> tuple[str, ...]:
    """The notions that one folded word stands for."""
    codes, lengths = codes_of([word])
    found = table().of_words(RunningKeys(codes), np.zeros(1, dtype=np.int64), lengths)
    return tuple(table().names[concept] for concept in found.concepts.tolist())
