"""Which features some texts have, as keys, and from which of their words each comes.

Three blocks, each a TF-IDF space of its own: words (single words, what they sound like, and pairs), characters (n-grams
inside words, each word padded with one space at each side as scikit-learn's `char_wb` does) and concepts (notions and
placeholders, with pairs of them that stand near each other). A Latin word counts as the Arabic word that it spells, and
its n-grams are those of both spellings. What depends on a word alone is worked out once for all its places in a batch.

>>> features = read_features(["كاميرا سرا"])
>>> sorted(strings(features.spellings.codes, features.word_begins, features.word_lengths)[:4])
['~سر', '~كمر', 'سرا', 'كاميرا']
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from sextortion_detect.model.concept_features import borne_by_words, concept_keys, near_pairs
from sextortion_detect.model.feature_keys import LAUGHTER, NUMBER, SALTS, SIGNS, strings
from sextortion_detect.text import chars, concepts, latin
from sextortion_detect.text.arrays import Codes, Flags, Integers, Keys, ranges
from sextortion_detect.text.chars import IN_LETTERS, IS_DIGIT, IS_LATIN
from sextortion_detect.text.keys import KeyTable, RunningKeys, codes_of, distinct, joined, keys_of
from sextortion_detect.text.spans import Words
from sextortion_detect.text.words import read_words

NGRAMS: Final = (3, 5)
"""Shortest and longest character n-gram."""


def _laughter() -> list[str]:
    """Laughter as people type it; letters repeated three times or more are cut before."""
    syllables, endings = ("ها", "هاه", "ha", "hah", "he", "hi", "ja", "خه", "هخ"), ("", "ه", "h", "ا", "a")
    repeated = {syllable * times + end for syllable in syllables for times in range(2, 12) for end in endings}
    words = {"هه", "خخ", "hh", "jj", "xx", "lol", "lool", "mdr", "lmao", "xd", "لول", "لوول", "ههخخ", "خخهه"}
    return sorted(repeated | words | {*"😂🤣😹😆😅😄😁😀😃😸"})


_LAUGHTER: Final = KeyTable(keys_of(_laughter()))


def is_laughter(word: str) -> bool:
    """Whether a folded word is nothing but laughter.

    >>> is_laughter("هه"), is_laughter("hahaha"), is_laughter("😂"), is_laughter("هو")
    (True, True, True, False)
    """
    return bool(_LAUGHTER.find(keys_of([word]))[0] >= 0)


class Spellings(NamedTuple):
    """The distinct words of a batch as they stand and, of Latin ones, also as the Arabic word that each spells.

    Spelling i is of word `of[i]` and has the characters `codes[begins[i] : ends[i]]`, a space before it and one behind
    it; its n-grams count where it is `spelled` in letters. `names` and `name_lengths` give the range of what each word
    is called among the features.
    """

    codes: Codes
    names: Integers
    name_lengths: Integers
    begins: Integers
    ends: Integers
    of: Integers
    spelled: Flags


class Features(NamedTuple):
    """The features of some texts.

    Word i of `words` is the distinct word `places[i]`; distinct word `of_word[j]` has the feature `word_keys[j]`, which
    is the range `word_begins[j]` of `word_lengths[j]` characters in `spellings.codes`, but for the last ones, which are
    concepts. Beyond those, words `first[k]` and `second[k]` have together the feature `keys[k]`.
    """

    words: Words
    spellings: Spellings
    places: Integers
    of_word: Integers
    word_keys: Keys
    word_begins: Integers
    word_lengths: Integers
    first: Integers
    second: Integers
    keys: Keys

    def all_keys(self) -> Keys:
        """Those of single words first."""
        return np.concatenate((self.word_keys, self.keys))


def read_features(texts: Sequence[str], *, in_a_row: bool = False) -> Features:
    """The features of texts, many or one; the work grows linearly with their length.

    Each is read by itself. Where they stand `in_a_row`, two words of two texts that are neighbors may have features
    together as well, which count where a range of words holds both. Words, placeholders and concepts of two words still
    stand inside one text: they are borne by their first word, whose range may end before the second.
    """
    words = read_words(texts, with_placeholders=True)
    keys = RunningKeys(words.codes).of(words.begins, words.lengths)
    some, places = distinct(keys, words.codes, words.begins, words.lengths)
    spellings, *sounds = _sounds(_spell(words, some, keys[some]))
    ngrams = _ngrams(spellings)
    begins = np.concatenate((spellings.names, sounds[1], ngrams[1]))
    lengths = np.concatenate((spellings.name_lengths, sounds[2], ngrams[2]))
    running = RunningKeys(spellings.codes)
    keys = running.of(begins, lengths)
    names = keys[: len(some)]
    of_rows = np.zeros_like(words.texts) if in_a_row else words.texts
    first, pairs = _pairs(of_rows, names[places], spellings.name_lengths[places])
    borne = borne_by_words(spellings.codes, running, spellings.names, spellings.name_lengths)
    of_pairs = concepts.table().of_pairs(first, pairs)
    of_one_text = words.texts[of_pairs.words] == words.texts[of_pairs.words + 1]
    near, far, both = near_pairs(of_rows, places, borne, concepts.Found(*(some[of_one_text] for some in of_pairs)))
    block = SALTS[:2].repeat((len(keys) - len(ngrams[0]), len(ngrams[0])))
    of_word = np.concatenate((np.arange(len(some)), sounds[0], ngrams[0], borne.words))
    word_keys = np.concatenate((keys ^ block, concept_keys()[borne.concepts]))
    firsts = np.concatenate((first, of_pairs.words, near))
    seconds = np.concatenate((first + 1, of_pairs.words + 1, far))
    more = np.concatenate((pairs ^ SALTS[0], concept_keys()[np.concatenate((of_pairs.concepts, both))]))
    return Features(words, spellings, places, of_word, word_keys, begins, lengths, firsts, seconds, more)


def _spell(words: Words, some: Integers, keys: Keys) -> Spellings:
    """What distinct words are called and spelled; numbers and laughter bear the name of their kind."""
    scripts, begins, lengths = words.scripts[some], words.begins[some], words.lengths[some]
    is_number, laughs = scripts == IS_DIGIT, _LAUGHTER.find(keys) >= 0
    begins[laughs], begins[is_number] = len(words.codes) + 1, len(words.codes)
    is_kind = is_number | laughs
    lengths[is_kind] = 1
    spelled = ~is_kind & ((scripts & (IN_LETTERS | IS_DIGIT)) != 0)
    codes, of = np.concatenate((words.codes, _KINDS)), np.arange(len(some))
    names = of
    is_latin = (spelled & ((scripts & IN_LETTERS) == IS_LATIN)).nonzero()[0]
    if len(is_latin):
        read, known = latin.read(strings(codes, begins[is_latin], lengths[is_latin]))
        letters, sizes = codes_of(read)
        begins = np.concatenate((begins, len(codes) + sizes.cumsum() - sizes))
        lengths, codes, of = (np.concatenate(both) for both in ((lengths, sizes), (codes, letters), (of, is_latin)))
        spelled = np.concatenate((spelled, sizes > 0))
        listed = np.array(known).nonzero()[0]
        names = of[: len(some)].copy()
        names[is_latin[listed]] = len(some) + listed
    sizes = lengths + 2
    ends = sizes.cumsum()
    padded = codes.take(ranges(begins - 1, sizes), mode="clip")
    begins = ends - sizes
    padded[begins] = padded[ends - 1] = ord(" ")
    return Spellings(padded, begins[names] + 1, lengths[names], begins, ends, of, spelled)


_KINDS: Final = np.array([ord(SIGNS[name]) for name in (NUMBER, LAUGHTER)], dtype=np.uint32)


def _sounds(spellings: Spellings) -> tuple[Spellings, Integers, Integers, Integers]:
    """What spellings sound like, behind a sign: the word of each, and its range of the characters, which grow by it."""
    sounds = chars.translated(spellings.codes, _SOUNDS)
    sounds[spellings.begins] = _SOUND_SIGN
    is_kept = sounds != 0
    until = np.concatenate(([0], is_kept.cumsum()))
    begins = until[spellings.begins]
    lengths = until[spellings.ends] - begins
    some = (spellings.spelled & (lengths > _FEWEST_SOUNDS)).nonzero()[0]
    codes = np.concatenate((spellings.codes, sounds[is_kept]))
    return spellings._replace(codes=codes), spellings.of[some], begins[some] + len(spellings.codes), lengths[some]


# Consonants that Latin letters and loose spelling do not tell apart count as one; weak letters, which they leave out or
# add, count for nothing. So a word, its spelling in Latin letters and one with a weak letter amiss have this in common.
_SOUNDS: Final = chars.translation(dict(zip("صثضذظطاويه", "سسدددت\0\0\0\0", strict=True)))
_SOUNDS[: ord("\N{ARABIC LETTER HAMZA}") + 1] = 0
_SOUND_SIGN: Final = ord("~")
_FEWEST_SOUNDS: Final = 2


def _ngrams(spellings: Spellings) -> tuple[Integers, Integers, Integers]:
    """The n-grams of all spellings: the word of each, and its range; each length after the other."""
    sizes = spellings.ends - spellings.begins
    rest = (spellings.ends * spellings.spelled).repeat(sizes)  # characters to the end of the spelling
    rest -= np.arange(len(rest))
    at = [(rest >= size).nonzero()[0] for size in range(NGRAMS[0], NGRAMS[1] + 1)]
    found = np.concatenate(at)
    lengths = np.arange(NGRAMS[0], NGRAMS[1] + 1).repeat([len(some) for some in at])
    return spellings.of.repeat(sizes)[found], found, lengths


def _pairs(texts: Integers, names: Keys, lengths: Integers) -> tuple[Integers, Keys]:
    """Which words have a neighbor behind them in their text or row, and the keys of the two with a space between."""
    first = ((texts[1:] == texts[:-1]) & (lengths[:-1] < _LONGEST_NAME)).nonzero()[0]
    return first, joined(names[first], joined(_SPACE_KEY, names[first + 1], 1), lengths[first])


_SPACE_KEY: Final = keys_of([" "])[0]
_LONGEST_NAME: Final = 1_000  # characters; what is longer is a flood, and makes no pair
