"""Laughter as people type it: it says how a message wants to sound, and is added to threats as easily as to jokes.

>>> is_laughter("هه"), is_laughter("hahaha"), is_laughter("😂"), is_laughter("هو")
(True, True, True, False)
"""

from typing import Final

_MOST_SYLLABLES: Final = 12
_SYLLABLES: Final = ("ها", "هاه", "ha", "hah", "he", "hi", "ja", "خه", "هخ")
_ENDINGS: Final = ("", "ه", "h", "ا", "a")

WORDS: Final = frozenset(
    {"هه", "خخ", "hh", "jj", "xx", "lol", "lool", "mdr", "lmao", "xd", "لول", "لوول", "ههخخ", "خخهه"}
    | {syllable * times + end for syllable in _SYLLABLES for times in range(2, _MOST_SYLLABLES) for end in _ENDINGS}
)
"""Folded words that are nothing but laughter; letters repeated three times or more are folded before."""

EMOJI: Final = frozenset("😂🤣😹😆😅😄😁😀😃😸")


def is_laughter(word: str) -> bool:
    """Whether a folded word is nothing but laughter."""
    return word in WORDS or word in EMOJI
