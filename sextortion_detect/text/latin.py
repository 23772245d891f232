"""Arabic in Latin letters and digits: the Arabic word that a Latin one spells.

It is spelled out letter by letter, which is a reading only where a listed word comes out; what the word sounds like is
a feature in any case (see `features`).

>>> read(["flousek", "7bibi", "xyz"])
(['فلوسك', 'حبيبي', 'كسيز'], [True, True, False])
"""

import re
from collections.abc import Sequence
from typing import Final

from sextortion_detect.text import lexicon
from sextortion_detect.text.keys import keys_of

# Longest first. Emphatic letters have no sign of their own in Latin; the commoner plain letter is taken, except that
# s before o or u is mostly sad (sowar, soura). 9 is qaf in the east and sad in the Maghreb: qaf is taken.
_SOUNDS: Final[dict[str, str]] = {
    "tch": "تش", "sch": "ش", "kh": "خ", "gh": "غ", "sh": "ش", "ch": "ش", "th": "ث", "dh": "ذ", "ph": "ف", "so": "صو",
    "su": "صو", "sou": "صو", "sow": "صو", "wh": "و",
    "ou": "و", "oo": "و", "ee": "ي", "ii": "ي", "aa": "ا", "ea": "ي", "ei": "ي", "ai": "ي", "ay": "ي", "eo": "يو",
    "io": "يو", "2": "ا", "3": "ع", "4": "غ", "5": "خ", "6": "ط", "7": "ح", "8": "غ", "9": "ق",
    "b": "ب", "c": "ك", "d": "د", "f": "ف", "g": "ج", "h": "ه", "j": "ج", "k": "ك", "l": "ل", "m": "م", "n": "ن",
    "p": "ب", "q": "ق", "r": "ر", "s": "س", "t": "ت", "v": "ف", "w": "و", "x": "كس", "y": "ي", "z": "ز",
    "u": "و", "o": "و", "i": "ي",
}  # fmt: skip
_INSIDE: Final = _SOUNDS | {"a": "", "e": ""}
_INSIDE_LONG: Final = _INSIDE | {"i": ""}  # a kasra, mostly, which Arabic leaves out
_FIRST: Final = dict.fromkeys("aeiou", "ا")
_LAST: Final = {"a": "ا", "e": "ه", "i": "ي"}
_SOUND: Final = re.compile("|".join(sorted(_INSIDE, key=len, reverse=True)))
_LONG_WORD: Final = 6  # letters


def read(words: Sequence[str]) -> tuple[list[str], list[bool]]:
    """The Arabic spelling of each folded Latin word, and whether it is a word that somebody writes."""
    spellings = [transliterate(word) for word in words]
    return spellings, (lexicon.ranks(keys_of(spellings)) >= 0).tolist()


def transliterate(word: str) -> str:
    """One likely Arabic spelling of a folded Latin word, in folded Arabic letters; French and English words too.

    Short vowels inside a word are left out, as Arabic does; at either end they are written.
    """
    sounds = _SOUND.findall(word)
    inside = _INSIDE if len(word) < _LONG_WORD else _INSIDE_LONG
    letters = [inside[sound] for sound in sounds]
    if letters:
        letters[-1] = _LAST.get(sounds[-1], letters[-1])
        letters[0] = _FIRST.get(sounds[0], letters[0])
    return "".join(letters)
