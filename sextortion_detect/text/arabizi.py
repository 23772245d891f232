"""Arabic in Latin letters and digits: one guess at the Arabic letters, and a key that does without vowels.

A Latin word keeps its own n-grams; `transliterate` puts an Arabic guess beside it, and `skeleton` gives the same key
for a word and its Latin spelling, so that a list of Arabic words finds both.

>>> transliterate("sowarek"), transliterate("7awel"), transliterate("video")
('صورك', 'حول', 'فيديو')
>>> skeleton("flous") == skeleton("فلوس")
True
"""

import re
from typing import Final

_ALEF = "\N{ARABIC LETTER ALEF}"

# Longest first. Emphatic letters have no sign of their own in Latin; the commoner plain letter is taken, except that
# s before o or u is mostly sad (sowar, soura). 9 is qaf in the east and sad in the Maghreb: qaf is taken.
_SOUNDS: Final[dict[str, str]] = {
    "tch": "تش", "sch": "ش", "3'": "غ", "7'": "خ", "6'": "ظ", "9'": "ض",
    "kh": "خ", "gh": "غ", "sh": "ش", "ch": "ش", "th": "ث", "dh": "ذ", "ph": "ف", "so": "صو", "su": "صو",
    "sou": "صو", "sow": "صو", "wh": "و",
    "ou": "و", "oo": "و", "ee": "ي", "ii": "ي", "aa": "ا", "ea": "ي", "ei": "ي", "ai": "ي", "ay": "ي", "eo": "يو",
    "io": "يو", "2": "ا", "3": "ع", "4": "غ", "5": "خ", "6": "ط", "7": "ح", "8": "غ", "9": "ق",
    "b": "ب", "c": "ك", "d": "د", "f": "ف", "g": "ج", "h": "ه", "j": "ج", "k": "ك", "l": "ل", "m": "م", "n": "ن",
    "p": "ب", "q": "ق", "r": "ر", "s": "س", "t": "ت", "v": "ف", "w": "و", "x": "كس", "y": "ي", "z": "ز",
    "u": "و", "o": "و", "i": "ي",
}  # fmt: skip
_SHORT_VOWELS: Final = frozenset("aeiou")
_SOUND: Final = re.compile("|".join(sorted(map(re.escape, _SOUNDS), key=len, reverse=True)) + "|[ae]")

# Letters that Latin spelling cannot tell apart share one sign in the skeleton; long vowels are left out.
_SKELETON: Final = str.maketrans(
    {"ص": "س", "ث": "س", "ط": "ت", "ض": "د", "ذ": "د", "ظ": "د", "ق": "ك", "گ": "ج", "چ": "ش", "غ": "ع"}
    | dict.fromkeys("اويىءه")
)


def is_latin(word: str) -> bool:
    """Whether a folded word is in Latin letters (digits among them allowed): the script of arabizi."""
    return word.isascii() and any(letter.isalpha() for letter in word)


def transliterate(word: str) -> str:
    """One likely Arabic spelling of a folded Latin word, in folded Arabic letters; French and English words too.

    Short vowels inside a word are left out, as Arabic does; at either end they are written.
    """
    letters: list[str] = []
    for match in _SOUND.finditer(word):
        sound = match.group()
        at_edge = match.start() == 0 or match.end() == len(word)
        if sound in ("a", "e"):
            letters.append(_ALEF if (at_edge and sound == "a") or match.start() == 0 else "ه" if at_edge else "")
        elif sound in _SHORT_VOWELS and match.start() == 0:
            letters.append(_ALEF)
        elif sound == "i" and not at_edge and len(word) > _LONG_WORD:
            continue  # mostly a kasra inside longer words
        else:
            letters.append(_SOUNDS[sound])
    return "".join(letters)


_LONG_WORD: Final = 5


def skeleton(word: str) -> str:
    """The consonants of a word, Arabic or Latin, with those merged that Latin spelling cannot tell apart."""
    return (transliterate(word) if is_latin(word) else word).translate(_SKELETON)
