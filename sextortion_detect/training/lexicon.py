"""Making `text/lexicon.txt`: which words people write, and how often.

Counts are of messages that have the word. Words of the table of concepts are in it, those of the train rows when they
come twice, words of ordinary traffic when they stand in `BACKGROUND_FREQUENCY` texts or more: statistics, never text.
"""

from collections import Counter
from collections.abc import Iterable
from itertools import combinations
from typing import Final

from sextortion_detect.text.concepts import read_concepts
from sextortion_detect.text.fold import fold_words
from sextortion_detect.text.placeholders import find_placeholders
from sextortion_detect.text.tokens import is_word
from sextortion_detect.training.corpus import Row

TRAIN_FREQUENCY: Final = 2
BACKGROUND_FREQUENCY: Final = 5
_TRAIN_WEIGHT: Final = 10
"""A train row counts as so many texts of ordinary traffic, which is that many times as large."""
_TYPO_RATIO: Final = 4
"""A word with doubled letters is a spelling of the plain one when that is so many times as common."""


def count_words(rows: Iterable[Row], background: Iterable[str]) -> list[str]:
    """The words of the lexicon, commonest first; words as common as each other in the order of the alphabet."""
    written, ordinary = Counter[str](), Counter[str]()
    for row in rows:
        if row.split == "train":
            written.update(_words(row.text))
    for text in background:
        ordinary.update(_words(text))
    listed = {word for _, entry in read_concepts() for word in _words(entry)}
    counts = Counter(
        {
            word: _TRAIN_WEIGHT * written[word] + ordinary[word]
            for word in {*written, *ordinary, *listed}
            if written[word] >= TRAIN_FREQUENCY or ordinary[word] >= BACKGROUND_FREQUENCY or word in listed
        }
    )
    words = [word for word in counts if not _is_stretched(word, counts)]
    return sorted(words, key=lambda word: (-counts[word], word))


def _words(text: str) -> set[str]:
    for found in reversed(find_placeholders(text)):
        text = f"{text[: found.start]} {text[found.end :]}"
    return {word for word in fold_words(text) if len(word) > 1 and is_word(word)}


def _is_stretched(word: str, counts: Counter[str]) -> bool:
    pairs = [place for place in range(1, len(word)) if word[place] == word[place - 1]]
    for size in range(1, min(len(pairs), 4) + 1):
        for dropped in combinations(pairs, size):
            plain = "".join(letter for place, letter in enumerate(word) if place not in dropped)
            if counts[plain] > _TYPO_RATIO * counts[word]:
                return True
    return False
