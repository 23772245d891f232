"""Which pairs of words are one word that a space broke: what their kinds say, and what is remembered of each pair."""

from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sextortion_detect.model.grown import Numbers
from sextortion_detect.model.keys import Keys, KeyTable, keys_of, pair_keys
from sextortion_detect.model.words import ARTICLE, BEARING, KNOWN, LATIN, LETTERS, WORD, Words
from sextortion_detect.text.join import FEWEST_LETTERS_PARTED, is_broken
from sextortion_detect.text.lexicon import listed

Flags = NDArray[np.bool_]

_ROWS: Final = 19  # the power of two of rows of two pairs each
_SHIFT: Final = np.uint64(64 - _ROWS)
_MIX: Final = np.uint64(0x9FB21C651E98DF25)
_SPREAD: Final = np.uint64(0xD6E8FEB86659FD93)
_ANSWER: Final = np.uint64(1)
"""The lowest bit of a remembered pair says whether it is one word; the others are those of its key."""


IF_LISTED, PERHAPS = 1, 2
"""What the kinds of two words say: they may be one if that is a listed word, or whatever it is; 0 if never."""


def by_kinds(left: NDArray[np.uint8], right: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Whether pairs of words may be one, from their `Words.kinds`; see `join.is_broken`."""
    return _BY_KINDS.take((left & _BEARING_BITS).astype(np.intp) * BEARING + (right & _BEARING_BITS))


def _by_kinds() -> NDArray[np.uint8]:
    left, right = np.arange(BEARING)[:, None], np.arange(BEARING)[None, :]
    both = left & right
    letters = (left >> LETTERS) + (right >> LETTERS) + 2
    possible = ((both & WORD) != 0) & (((left ^ right) & LATIN) == 0) & (letters >= FEWEST_LETTERS_PARTED)
    perhaps = ((left & ARTICLE) != 0) | ((both & KNOWN) == 0)
    return np.where(possible, np.where(perhaps, PERHAPS, IF_LISTED), 0).astype(np.uint8).ravel()


_BY_KINDS: Final = _by_kinds()
_BEARING_BITS: Final = np.uint8(BEARING - 1)


class PairMemory:
    """Answers by pair of words; a new pair takes the place of the older of two in its row."""

    def __init__(self) -> None:
        self._newer, self._older = np.zeros((2, 1 << _ROWS), dtype=np.uint64)

    def find(self, left: Keys, right: Keys) -> tuple[Flags, Flags]:
        """Which pairs are known, and which of them are one word, from the keys of both words."""
        keys = _pair_keys(left, right)
        rows = keys >> _SHIFT
        newer, older = self._newer[rows], self._older[rows]
        is_newer, is_older = (newer | _ANSWER) == keys, (older | _ANSWER) == keys
        broken = (is_newer & ((newer & _ANSWER) != 0)) | (is_older & ((older & _ANSWER) != 0))
        return is_newer | is_older, broken

    def put(self, left: Keys, right: Keys, broken: Flags) -> None:
        """Remember pairs that are not known."""
        for key, one_word in zip(_pair_keys(left, right).tolist(), broken.tolist(), strict=True):
            row = key >> int(_SHIFT)
            self._older[row] = self._newer[row]
            self._newer[row] = key if one_word else key - 1


def _pair_keys(left: Keys, right: Keys) -> Keys:
    return (left * _MIX + right) * _SPREAD | _ANSWER  # words whose keys differ in the lowest bit must be told apart


class BrokenPairs:
    """Finds among many pairs of numbered words those that are far likelier to be one word (see `join.is_broken`)."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._memory = PairMemory()

    @cached_property
    def _listed(self) -> KeyTable:
        return KeyTable(keys_of(listed()))

    def find(self, left: NDArray[np.int32], right: NDArray[np.int32]) -> Numbers:
        """The places of such pairs."""
        words = self._words
        how = by_kinds(words.kinds[left], words.kinds[right])
        places = np.flatnonzero(how)
        first, second = left[places], right[places]
        keys_left, keys_right = words.keys[first], words.keys[second]
        whole = pair_keys(keys_left, keys_right, words.powers[second])
        likely = np.flatnonzero((how[places] == PERHAPS) | (self._listed.columns(whole) >= 0))
        places, keys_left, keys_right = places[likely], keys_left[likely], keys_right[likely]
        known, broken = self._memory.find(keys_left, keys_right)
        if len(new := np.flatnonzero(~known)):
            both_words = zip(left[places[new]].tolist(), right[places[new]].tolist(), strict=True)
            broken[new] = [is_broken(words.texts[first], words.texts[second]) for first, second in both_words]
            self._memory.put(keys_left[new], keys_right[new], broken[new])
        return places[broken]
