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
    dict(zip("абвеіјкмнорстухԁһԛԝ", "abbeijkmhopctyxdhqw", strict=True))
    | dict(zip("αβεικνοτυχω", "abeikvotuxw", strict=True))
)
_ARABIC: Final = str.maketrans({"l": ALEF, "i": ALEF, "ι": ALEF, "і": ALEF, "g": WAW, "o": HEH, "о": HEH, "ο": HEH})
_FEWEST_LETTERS: Final = 3


def unmask(word: str) -> str:
    """A folded word with look-alikes replaced; as long as before, letter by letter.

    Latin look-alikes are replaced where a Latin word comes out, Arabic ones where a known Arabic word does.
    """
    if word.isascii():
        return word
    latin = word.translate(_LATIN)
    if latin != word and latin.isascii():
        return latin
    if len(word) >= _FEWEST_LETTERS:
        arabic = word.translate(_ARABIC)
        if arabic != word and is_known(arabic):
            return arabic
    return word
