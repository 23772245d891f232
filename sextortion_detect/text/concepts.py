"""One notion, many words: what a pattern learnt in one dialect needs to hold in another.

`concepts.tsv` lists words and short phrases of every variety beside the notion they stand for. A word is looked up as
it is, then without its clitics and endings (a light stem), then, for Latin letters, by its consonants.

>>> concepts_of("تصاور"), concepts_of("وبالفلوس"), concepts_of("flousek")
(('pictures',), ('money',), ('money',))
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

from sextortion_detect.text.arabizi import is_latin, skeleton
from sextortion_detect.text.normalize import plain_words, tokenize

# Clitics of all varieties, in folded letters. Conjunction, preposition or future mark, article; then endings.
_PREFIXES: Final = (
    "", "و", "ف", "ب", "ل", "ك", "ال", "وال", "بال", "فال", "كال", "لل", "ولل", "وب", "ول", "فب", "عال", "هال", "ها",
    "ه", "ح", "هي", "حي", "هت", "حت", "هن", "حن", "ي", "ت", "ن", "ا", "بي", "بت", "بن", "با", "وي", "وت", "ون", "وا",
    "كي", "كت", "كن", "غن", "غا", "غي", "دي", "دا", "سا", "سي", "ست", "راح", "لي", "لت", "عم", "م", "ما", "مي", "مت",
)  # fmt: skip
_SUFFIXES: Final = (
    "", "ك", "كم", "كن", "كي", "ج", "چ", "ش", "ي", "ني", "ه", "ها", "هم", "هن", "نا", "ات", "اتك", "اتي", "اتكم",
    "اتها", "ين", "وا", "و", "ا", "ت", "تي", "تك", "تها", "تكم", "تنا", "لي", "لك", "له", "لها", "لهم", "لنا", "لكم",
    "هالي", "يها", "وها", "وه", "يني", "وني", "يك", "وك", "كش", "اك", "اج", "يلي", "هالك", "تلك", "تلي", "لج", "لش",
    "يه", "ان", "تين", "يات",
)  # fmt: skip
_PREFIX_SET: Final = frozenset(_PREFIXES)
_SUFFIX_SET: Final = frozenset(_SUFFIXES)
_PREFIX_LENGTHS: Final = sorted({len(prefix) for prefix in _PREFIXES})
_SUFFIX_LENGTHS: Final = sorted({len(suffix) for suffix in _SUFFIXES})
_SHORTEST_STEM: Final = 3  # letters; two-letter words are listed with their endings
_SHORTEST_SKELETON: Final = 3  # consonants; fewer are shared by too many words
_LONGEST_WORD: Final = 40  # letters, clitics included; what is longer is no word
_LONGEST_PHRASE: Final = 4  # words


@dataclass(frozen=True, slots=True)
class _Table:
    words: dict[str, tuple[str, ...]]
    skeletons: dict[str, tuple[str, ...]]
    phrases: dict[tuple[str, ...], tuple[str, ...]]
    phrase_starts: frozenset[str]


@cache
def _table() -> _Table:
    words: dict[str, tuple[str, ...]] = {}
    skeletons: dict[str, tuple[str, ...]] = {}
    phrases: dict[tuple[str, ...], tuple[str, ...]] = {}
    for concept, entry in read_concepts():
        parts = plain_words(entry) or tuple(token.text for token in tokenize(entry))
        if len(parts) > 1:
            phrases[parts] = _with(phrases.get(parts, ()), concept)
            continue
        words[parts[0]] = _with(words.get(parts[0], ()), concept)
        key = skeleton(parts[0])
        if len(key) >= _SHORTEST_SKELETON:
            skeletons[key] = _with(skeletons.get(key, ()), concept)
    return _Table(words, skeletons, phrases, frozenset(parts[0] for parts in phrases))


def read_concepts() -> Iterator[tuple[str, str]]:
    """The (notion, word or phrase) pairs of the shipped table, in its order."""
    table = Path(__file__).with_name("concepts.tsv").read_text(encoding="utf-8")
    for line in table.splitlines()[1:]:
        concept, _variety, entry, *_note = line.split("\t")
        yield concept, entry


def _with(known: tuple[str, ...], concept: str) -> tuple[str, ...]:
    return known if concept in known else (*known, concept)


def concepts_of(word: str) -> tuple[str, ...]:
    """The notions that one folded word stands for: those of the word as it is listed and those of its stem.

    >>> concepts_of("شجره")
    ()
    """
    return _concepts_of(word) if len(word) <= _LONGEST_WORD else ()  # floods are not remembered


@lru_cache(maxsize=1 << 16)
def _concepts_of(word: str) -> tuple[str, ...]:
    table = _table()
    listed = table.words.get(word, ())
    of_stem = next((table.words[stem] for stem in _stems(word) if stem in table.words), ())
    if listed or of_stem:
        return tuple(dict.fromkeys((*listed, *of_stem)))
    if is_latin(word):
        key = skeleton(word)
        for stem in (key, *(key.removesuffix(ending) for ending in ("ك", "ت", "ن", "تك"))):
            if len(stem) >= _SHORTEST_SKELETON and stem in table.skeletons:
                return table.skeletons[stem]
    return ()


def phrases_in(words: list[str]) -> list[tuple[int, tuple[str, ...]]]:
    """The listed phrases among folded words, the longest at each place: (index of the first word, notions)."""
    table = _table()
    found: list[tuple[int, tuple[str, ...]]] = []
    for first, word in enumerate(words):
        if word not in table.phrase_starts:
            continue
        for length in range(min(_LONGEST_PHRASE, len(words) - first), 1, -1):
            concepts = table.phrases.get(tuple(words[first : first + length]))
            if concepts:
                found.append((first, concepts))
                break
    return found


def phrase_beginnings() -> set[tuple[str, str]]:
    """The first two words of each listed phrase."""
    return {(first, second) for first, second, *_ in _table().phrases}


def _stems(word: str) -> Iterator[str]:
    """What remains of a word without some clitics and endings, longest first."""
    begins = [end for end in _PREFIX_LENGTHS if word[:end] in _PREFIX_SET]
    ends = [rest for end in _SUFFIX_LENGTHS if word[(rest := max(len(word) - end, 0)) :] in _SUFFIX_SET]
    remains = {word[begin:end] for begin in begins for end in ends if _SHORTEST_STEM <= end - begin < len(word)}
    yield from sorted(remains, key=lambda stem: (-len(stem), stem))
