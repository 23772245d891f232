"""The concepts of phrases, added to the words that begin them: for the words of many texts at once."""

from typing import Final

import numpy as np

from sextortion_detect.model import features
from sextortion_detect.model.grown import Numbers
from sextortion_detect.model.keys import KeyTable, keys_of
from sextortion_detect.model.recent import Recent
from sextortion_detect.model.words import BEGINS_PHRASE, FLOOD, Words, with_concepts
from sextortion_detect.text.concepts import phrase_beginnings, phrases_in

MOST_PHRASES: Final = 1 << 15
_LONGEST_PHRASE: Final = 4  # words


class Phrases:
    """Finds phrases among numbered words, and remembers what was found by the words near the beginning of one."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._beginnings = KeyTable(keys_of([f"{first} {second}" for first, second in phrase_beginnings()]))
        # Words near the beginning of a phrase, and the number of the first of them with the concepts of that phrase.
        self._first_words: Recent[tuple[int, ...], int] = Recent(MOST_PHRASES)
        self._version = words.version

    def mark(self, numbers: Numbers, docs: Numbers) -> Numbers:
        """The same words, those that begin a phrase with its concepts; `docs` has the text of each."""
        words = self._words
        begins = np.flatnonzero(((words.kinds[numbers[:-1]] & BEGINS_PHRASE) != 0) & (docs[1:] == docs[:-1]))
        begins = begins[self._beginnings.columns(words.pairs(numbers[begins], numbers[begins + 1])) >= 0]
        if not len(begins):
            return numbers
        if self._version != words.version:
            self._version = words.version
            self._first_words.clear()
        places = begins[:, None] + np.arange(_LONGEST_PHRASE)
        inside = np.minimum(places, len(docs) - 1)
        near = np.where((places == inside) & (docs[inside] == docs[begins, None]), numbers[inside], -1)
        keys = list(map(tuple, near.tolist()))
        found = self._first_words.find(keys)
        if None in found:
            for place, key in enumerate(keys):
                if found[place] is None:
                    found[place] = self._first_word(key)
        numbers[begins] = np.array(found, dtype=np.int64)
        return numbers

    def _first_word(self, near: tuple[int, ...]) -> int:
        """The number of the first of some words, with the concepts of the phrase that begins with it, if one does."""
        texts = [self._words.texts[number] for number in near if number >= 0]
        found = phrases_in([features.name_of(text) for text in texts])
        number = near[0]
        if found and found[0][0] == 0:
            named = with_concepts(texts[0], (*features.describe(texts[0])[2], *found[0][1]))
            (number,) = self._words.numbered([named])
        if max(map(len, texts)) <= FLOOD:  # the numbers of floods are soon those of other words
            self._first_words.put(near, number)
        return number
