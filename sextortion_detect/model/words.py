"""What is known of a word wherever it stands, remembered by number: its columns, concepts, and how it joins."""

from collections.abc import Sequence
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sextortion_detect.model import features
from sextortion_detect.model.grown import Grown, Numbers, Ragged
from sextortion_detect.model.keys import Keys, KeyTable, codes_of, keys_behind, keys_of, pair_keys, powers_of
from sextortion_detect.text.concepts import phrase_beginnings
from sextortion_detect.text.lexicon import ARTICLES, is_known
from sextortion_detect.text.tokens import is_word

WORD, LATIN, KNOWN, ARTICLE = 1, 2, 4, 8
LETTERS: Final = 4  # how far up stand two bits for the letters of a word less one, 3 for all longer ones
BEARING: Final = 64
"""Below it are the bits of `Words.kinds` that say whether a word and the next may be one."""
MARK, BEGINS_PHRASE = 64, 128
"""The other bits of it: a mark, of which two in a row are kept; and the first word of some phrase."""

Described = str | tuple[str, tuple[str, ...]]
"""A word as the memory knows it: its text alone, or with its concepts where a phrase gave it other ones."""

FLOOD: Final = 64
"""Characters; longer words seldom come twice and are forgotten after their batch."""


class Words:
    """A numbered memory of words.

    `texts`, `keys`, `powers`, `kinds`, `sizes` (characters) and `columns` (of the single word, or -1) have one entry a
    word; `ngrams` and `concepts` a row a word, with columns of character n-grams and numbers of concepts.
    """

    def __init__(self, singles: KeyTable, ngrams: KeyTable) -> None:
        self._singles, self._ngrams = singles, ngrams
        self.numbers: dict[Described, int] = {}
        self.concept_numbers: dict[str, int] = {}
        self.texts: list[str] = []
        self._keys, self._powers = Grown(np.uint64), Grown(np.uint64)
        self._name_keys, self._name_powers = Grown(np.uint64), Grown(np.uint64)  # see `features.name_of`
        self._kinds, self._sizes, self._columns = Grown(np.uint8), Grown(np.int64), Grown(np.int32)
        self._columns_of_words = (
            self._keys, self._powers, self._name_keys, self._name_powers, self._kinds, self._sizes, self._columns,
        )  # fmt: skip
        self.ngrams, self.concepts = Ragged(), Ragged()
        self.version = 0  # counts the times that words were given other numbers

    def __len__(self) -> int:
        return len(self.texts)

    def numbered(self, named: Sequence[Described]) -> list[int]:
        """The number of each word; those that are not known yet are learnt."""
        missing = [word for word in dict.fromkeys(named) if word not in self.numbers]
        if missing:
            self.learn(missing)
        return list(map(self.numbers.__getitem__, named))

    def learn(self, named: Sequence[Described]) -> None:
        """Take in words that are not known yet, each once; floods last, so that `forget_floods` finds them there."""
        new = sorted(named, key=lambda word: len(_text(word)) > FLOOD)
        texts = [_text(word) for word in new]
        spellings: list[str] = []
        owners: list[int] = []
        concepts: list[tuple[str, ...]] = []
        for place, (word, text) in enumerate(zip(new, texts, strict=True)):
            _, spelled, of_word = features.describe(text)
            spellings.extend(spelled)
            owners.extend([place] * len(spelled))
            concepts.append(of_word if isinstance(word, str) else word[1])
        names = list(map(features.name_of, texts))
        name_keys = keys_of(names)
        self._keys.extend(keys_of(texts))
        self._powers.extend(powers_of(list(map(len, texts))))
        self._name_keys.extend(name_keys)
        self._name_powers.extend(powers_of(list(map(len, names))))
        self._kinds.extend([_kind(text, name) for text, name in zip(texts, names, strict=True)])
        self._sizes.extend(list(map(len, texts)))
        self._columns.extend(self._singles.columns(name_keys))
        self.ngrams.extend(*self._ngram_rows(spellings, np.array(owners, dtype=np.int64), len(new)))
        numbers = self.concept_numbers
        self.concepts.extend(
            [numbers.setdefault(name, len(numbers)) for of_word in concepts for name in of_word],
            list(map(len, concepts)),
        )
        self.numbers.update(zip(new, range(len(self.texts), len(self.texts) + len(new)), strict=True))
        self.texts.extend(texts)

    def forget_floods(self) -> bool:
        """Drop the words at the end that are too long to come again, and say whether there were any."""
        last = len(self)
        while last and self.sizes[last - 1] > FLOOD:
            last -= 1
        if last == len(self):
            return False
        for _ in range(len(self) - last):  # in the order of their numbers
            self.numbers.popitem()
        del self.texts[last:]
        for values in self._columns_of_words:
            values.cut(last)
        self.ngrams.cut(last)
        self.concepts.cut(last)
        return True

    def keep(self, kept: Numbers) -> None:
        """Forget all words but these, which get the numbers 0, 1, … in this order."""
        named = list(self.numbers)  # in the order of their numbers
        self.numbers = {named[number]: place for place, number in enumerate(kept.tolist())}
        self.texts = [self.texts[number] for number in kept.tolist()]
        for values in self._columns_of_words:
            values.keep(kept)
        self.ngrams.keep(kept)
        self.concepts.keep(kept)
        self.version += 1

    def pairs(self, first: Numbers, second: Numbers) -> Keys:
        """The keys of two words' names with a space between them, pair by pair."""
        spaced = keys_behind(self._name_keys.values[first], np.uint32(ord(" ")))
        return pair_keys(spaced, self._name_keys.values[second], self._name_powers.values[second])

    @property
    def keys(self) -> Keys:
        """The key of each word."""
        return self._keys.values

    @property
    def powers(self) -> Keys:
        """What the key of the word before is multiplied by."""
        return self._powers.values

    @property
    def kinds(self) -> NDArray[np.uint8]:
        """Bits that say how each word bears on its neighbors."""
        return self._kinds.values

    @property
    def sizes(self) -> Numbers:
        """How many characters each word has."""
        return self._sizes.values

    @property
    def columns(self) -> NDArray[np.int32]:
        """The column of each word by itself, -1 where it has none."""
        return self._columns.values

    def _ngram_rows(
        self, spellings: list[str], owners: Numbers, words: int
    ) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """The columns of the n-grams of all spellings, word by word, and how many each word has."""
        lengths = np.fromiter(map(len, spellings), dtype=np.int64, count=len(spellings)) + 2
        codes = codes_of("".join([f" {spelling} " for spelling in spellings]))
        ends = np.repeat(np.cumsum(lengths), lengths)
        owner = np.repeat(owners, lengths)
        starts = np.arange(len(codes))
        keys = np.zeros(len(codes), dtype=np.uint64)
        shortest, longest = features.CHARACTER_NGRAMS
        found: list[NDArray[np.int32]] = []
        found_owners: list[NDArray[np.int64]] = []
        for length in range(1, longest + 1):
            inside = starts + length <= ends[starts]
            starts = starts[inside]
            keys = keys_behind(keys[inside], codes[starts + length - 1])
            if length >= shortest:
                columns = self._ngrams.columns(keys)
                there = np.flatnonzero(columns >= 0)
                found.append(columns[there])
                found_owners.append(owner[starts[there]])
        of_word = np.concatenate(found_owners)
        order = np.argsort(of_word, kind="stable")
        return np.concatenate(found)[order], np.bincount(of_word, minlength=words)


def described(word: features.Word) -> Described:
    """How the memory knows a word that `features.read_words` has read."""
    return with_concepts(word.text, word.concepts)


def with_concepts(text: str, concepts: Sequence[str]) -> Described:
    """How it knows a word that has these concepts where it stands."""
    unique = tuple(dict.fromkeys(concepts))
    return text if unique == features.describe(text)[2] else (text, unique)


def is_mark(text: str) -> bool:
    """Whether a word is a sign or laughter, of which no more than two in a row are kept."""
    return text == features.LAUGHTER or (len(text) == 1 and not text.isalnum())


def _text(word: Described) -> str:
    return word if isinstance(word, str) else word[0]


def _kind(text: str, name: str) -> int:
    begins = BEGINS_PHRASE * (name in _phrase_firsts())
    if not is_word(text):
        return begins | MARK * is_mark(text)
    known = WORD | LATIN * text.isascii() | KNOWN * is_known(text) | ARTICLE * (text in ARTICLES)
    return begins | known | (min(len(text), 4) - 1) << LETTERS


@cache
def _phrase_firsts() -> frozenset[str]:
    return frozenset(first for first, _ in phrase_beginnings())
