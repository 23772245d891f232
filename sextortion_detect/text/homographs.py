"""Letters of other alphabets that pass for Arabic or Latin ones, as offenders write them to dodge filters.

Pairs for Latin letters are those of Unicode's confusables (UTS 39) that look the same in common fonts; those for
Arabic letters are what people type, since UTS 39 lists few.

>>> unmask("f\N{CYRILLIC SMALL LETTER O}t\N{CYRILLIC SMALL LETTER O}"), unmask("صgرك"), unmask("صوره")
('foto', 'صورك', 'صوره')
"""

from typing import Final

from sextortion_detect.text.chars import ALEF, HEH, WAW
from sextortion_detect.text.lexicon import is_known

_LATIN: Final = str.maketrans(
    dict(zip("абвеіјкмнорстухԁһԛԝѕү", "abbeijkmhopctyxdhqwsy", strict=True))
    | dict(zip("αβεικνοτυχωρ", "abeikvotuxwp", strict=True))
)
_ARABIC: Final = str.maketrans({"l": ALEF, "i": ALEF, "ι": ALEF, "і": ALEF, "g": WAW, "o": HEH, "о": HEH, "ο": HEH})


def unmask(word: str) -> str:
    """A folded word with look-alikes replaced; as long as before, letter by letter.

    Latin look-alikes are replaced where a Latin word comes out, Arabic ones where an Arabic word does that is known, or
    of which half is in Arabic letters anyway.
    """
    if word.isascii():
        return word
    latin = word.translate(_LATIN)
    if latin != word and latin.isascii():
        return latin
    arabic = word.translate(_ARABIC)
    if arabic != word and not any(map(_is_european, arabic)) and (is_known(arabic) or _is_mostly_arabic(word)):
        return arabic
    return word


def is_latin_look_alike(letter: str) -> bool:
    """Whether a folded letter of another alphabet passes for a Latin one: digits beside it may be arabizi."""
    return ord(letter) in _LATIN


def _is_mostly_arabic(word: str) -> bool:
    return 2 * sum(map(_is_european, word)) <= len(word)


def _is_european(letter: str) -> bool:
    """Whether it is a Latin, Greek or Cyrillic letter, or a digit."""
    return letter < _FIRST_OF_OTHERS


_FIRST_OF_OTHERS: Final = "\N{ARABIC LETTER HAMZA}"
