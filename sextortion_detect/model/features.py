"""Which features a text has, and from which of its words each comes.

Three blocks, each a TF-IDF space of its own: words (single words and pairs), characters (n-grams inside words) and
concepts (notions and placeholders, with pairs of them that stand near each other).

>>> [name for name, _ in concept_features(read_words("كاميرا سرا"))]
['camera', 'camera>secret', 'secret']
"""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Final, NamedTuple

from sextortion_detect.text.arabizi import is_latin, transliterate
from sextortion_detect.text.concepts import concepts_of, phrases_in
from sextortion_detect.text.latin import reading
from sextortion_detect.text.laughter import is_laughter
from sextortion_detect.text.lexicon import is_listed
from sextortion_detect.text.normalize import tokenize
from sextortion_detect.text.placeholders import find_placeholders

CHARACTER_NGRAMS: Final = (2, 5)
"""Shortest and longest character n-gram; a word is padded with one space at each side, as scikit-learn does."""

CONCEPT_REACH: Final = 4
"""How many words apart two concepts may stand and still make a pair."""

NUMBER: Final = "<number>"

LAUGHTER: Final = "<laughter>"
"""Stands for laughter, of words or of emoji; no model learns from it, since it is added to threats as well."""


class Word(NamedTuple):
    """One word as the features see it, with its half-open range of the original text.

    `text` is the folded word or a placeholder; `spellings` are the forms whose characters count (an Arabic guess beside
    a Latin word; none for placeholders and marks).
    """

    text: str
    spellings: tuple[str, ...]
    concepts: tuple[str, ...]
    start: int
    end: int


Feature = tuple[str, tuple[int, ...]]
"""A feature's name and the indices of the words that it comes from."""


def read_words(text: str) -> list[Word]:
    """The words of a raw text: folded, with placeholders for links, sums and the like, and with their concepts."""
    words: list[Word] = []
    position = 0
    for found in find_placeholders(text):
        words.extend(_words_between(text, position, found.start))
        words.append(Word(found.name, (), (found.name,), found.start, found.end))
        position = found.end
    words.extend(_words_between(text, position, len(text)))
    for first, concepts in phrases_in([name_of(word.text) for word in words]):
        words[first] = words[first]._replace(concepts=tuple(dict.fromkeys((*words[first].concepts, *concepts))))
    return words


def _words_between(text: str, start: int, end: int) -> Iterator[Word]:
    for token in tokenize(text[start:end]):
        yield Word(*describe(token.text), start + token.start, start + token.end)


_LONGEST_REMEMBERED: Final = 64  # characters; longer words are floods and seldom come twice


def describe(word: str) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """What a folded word or a placeholder is to the features wherever it stands: its text, spellings and concepts."""
    return _remembered(word) if len(word) <= _LONGEST_REMEMBERED else _remembered.__wrapped__(word)


@lru_cache(maxsize=1 << 15)
def _remembered(word: str) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    if word == LAUGHTER or is_laughter(word):
        return LAUGHTER, (), ()
    if word.isdigit():
        return NUMBER, (), (NUMBER,)
    if not word[0].isalnum():
        return word, (), (word,) if len(word) > 1 else ()  # placeholders are longer than marks
    if is_latin(word):
        guess = reading(word)
        concepts = concepts_of(guess) if guess and not is_listed(word) else concepts_of(word)
        return word, tuple(dict.fromkeys((word, guess or transliterate(word) or word))), concepts
    return word, (word,), concepts_of(word)


def name_of(word: str) -> str:
    """What a folded word or a placeholder is called among the features: a Latin word by its Arabic reading.

    So the many ways in which Latin letters spell an Arabic word are one feature, and that of the Arabic word.
    """
    return (is_latin(word) and word.isalnum() and reading(word)) or word


def word_features(words: Sequence[Word]) -> Iterator[Feature]:
    """Single words and pairs of neighbors."""
    names = [name_of(word.text) for word in words]
    for index, name in enumerate(names):
        yield name, (index,)
    for index, (name, following) in enumerate(pairwise(names)):
        yield f"{name} {following}", (index, index + 1)


def character_features(words: Sequence[Word]) -> Iterator[Feature]:
    """Character n-grams that never cross a word."""
    for index, word in enumerate(words):
        for spelling in word.spellings:
            for ngram in character_ngrams(spelling):
                yield ngram, (index,)


def concept_features(words: Sequence[Word]) -> Iterator[Feature]:
    """Concepts and placeholders, and pairs of them in their order within `CONCEPT_REACH` words."""
    bearers = [(index, word.concepts) for index, word in enumerate(words) if word.concepts]
    for position, (index, concepts) in enumerate(bearers):
        for concept in concepts:
            yield concept, (index,)
        for later, others in bearers[position + 1 : position + 1 + CONCEPT_REACH]:
            if later - index > CONCEPT_REACH:
                break
            for concept in concepts:
                for other in others:
                    yield f"{concept}>{other}", (index, later)


def character_ngrams(word: str) -> list[str]:
    """The character n-grams of one word, as scikit-learn's `char_wb` analyzer makes them.

    >>> character_ngrams("لا")
    [' ل', 'لا', 'ا ', ' لا', 'لا ', ' لا ']
    """
    padded = f" {word} "
    shortest, longest = CHARACTER_NGRAMS
    ngrams: list[str] = []
    for length in range(shortest, longest + 1):
        if length >= len(padded):
            ngrams.append(padded)
            break
        ngrams.extend(padded[start : start + length] for start in range(len(padded) - length + 1))
    return ngrams


BLOCKS: Final[dict[str, Callable[[Sequence[Word]], Iterator[Feature]]]] = {
    "word": word_features,
    "character": character_features,
    "concept": concept_features,
}
"""The feature spaces, in the order of their columns."""
