"""Making `text/lexicon.txt`: which words people write, and how often.

Counts are of messages that have the word. Words of the table of concepts are in it, those of the train rows when they
come twice, words of ordinary traffic when they stand in `BACKGROUND_FREQUENCY` texts or more: statistics, never text.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import combinations
from pathlib import Path
from typing import Final

from sextortion_detect.model.features import is_laughter
from sextortion_detect.text.chars import IS_DIGIT
from sextortion_detect.text.concepts import read_concepts
from sextortion_detect.text.words import read_words
from sextortion_detect.training.corpus import Row, load_messages
from sextortion_detect.training.traffic import read_traffic

TRAIN_FREQUENCY: Final = 2
BACKGROUND_FREQUENCY: Final = 5
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
    counts = Counter(
        {
            word: _TRAIN_WEIGHT * written[word] + ordinary[word]
            for word in {*written, *ordinary, *listed}
            if written[word] >= TRAIN_FREQUENCY or ordinary[word] >= BACKGROUND_FREQUENCY or word in listed
        }
    )
    words = [word for word in counts if not _is_stretched(word, counts)]
    return sorted(words, key=lambda word: (-counts[word], word))


def _texts_with(texts: Sequence[str]) -> Counter[str]:
    """In how many texts each word stands, as it is typed; marks, numbers and laughter are none."""
    counts = Counter[str]()
    for begin in range(0, len(texts), _AT_ONCE):
        words = read_words(texts[begin : begin + _AT_ONCE], with_placeholders=True, mended=False)
        is_word = ((words.scripts & ~IS_DIGIT) != 0) & (words.lengths > 1)
        spelled = words.strings()
        counts.update(
            word
            for _, word in {
                (text, spelled[place])
                for place, text in zip(is_word.nonzero()[0].tolist(), words.texts[is_word].tolist(), strict=True)
            }
            if not is_laughter(word)
        )
    return counts


_AT_ONCE: Final = 4_000  # texts


def _is_stretched(word: str, counts: Counter[str]) -> bool:
    pairs = [place for place in range(1, len(word)) if word[place] == word[place - 1]]
    for size in range(1, min(len(pairs), 4) + 1):
        for dropped in combinations(pairs, size):
            plain = "".join(letter for place, letter in enumerate(word) if place not in dropped)
            if counts[plain] > _TYPO_RATIO * counts[word]:
                return True
    return False
