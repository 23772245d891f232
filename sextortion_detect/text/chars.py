"""What each character becomes before anything else looks at it.

The tables follow camel-tools (`arclean`, `dediac`, the alef, alef-maksura and teh-marbuta normalizers); a test
compares them over every Arabic code point. Where we differ, the reason stands beside the line. Letters are written by
their Unicode name, since look-alikes cannot be told apart on a screen.
"""

import unicodedata
from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np

from sextortion_detect.text.arrays import Codes, Flags, Kinds

_WRITTEN_FOR: Final[dict[str, str]] = {
    # The three folds of camel-tools: writers mix these forms freely, in every variety. Beyond them, hamza on a carrier:
    # chat drops it, and a decomposed one loses its mark below anyway. Then other code points for the same letter, from
    # Persian, Urdu and Kurdish keyboards, and a way around filters; letters for foreign sounds that no dialect tells
    # apart in writing (peh, veh); and letters of other languages by the Arabic letter that they look like.
    "ALEF": "ALEF WITH HAMZA ABOVE, ALEF WITH HAMZA BELOW, ALEF WITH MADDA ABOVE, ALEF WASLA, HIGH HAMZA ALEF",
    "YEH": "ALEF MAKSURA, YEH WITH HAMZA ABOVE, FARSI YEH, YEH BARREE, E, KASHMIRI YEH",
    "HEH": "TEH MARBUTA, HEH DOACHASHMEE, HEH GOAL, HEH GOAL WITH HAMZA ABOVE, HEH WITH YEH ABOVE, "
    "TEH MARBUTA GOAL, AE",
    "WAW": "WAW WITH HAMZA ABOVE, OE, KIRGHIZ OE, U, YU, KIRGHIZ YU, VE",
    "KAF": "KEHEH, SWASH KAF",
    "BEH": "PEH, BEEH, BEHEH, DOTLESS BEH",  # letters without dots that stay unknown (see `dots`) take those seen most
    "FEH": "VEH, PEHEH, DOTLESS FEH, FEH WITH DOT MOVED BELOW",  # the last is of the old Maghrebi dotting
    "QAF": "QAF WITH THREE DOTS ABOVE, QAF WITH DOT ABOVE, DOTLESS QAF",  # Tunisian g is written with either letter
    "GAF": "NG, NGOEH, GUEH",  # Moroccan g; Iraq and the Gulf write the same sound as gaf, which stays apart from kaf
    "TEH": "TTEH, TTEHEH, TEHEH",
    "DAL": "DDAL, DDAHAL",
    "THAL": "DAHAL, DUL",
    "REH": "RREH",
    "NOON": "RNOON, NOON GHUNNA",
    "TCHEH": "TCHEHEH",
    "ZAIN": "JEH",
    "JEEM": "NYEH, DYEH",
    # Three dots above make another letter of these two; elsewhere added dots are only decoration (see below).
    "GHAIN": "AIN WITH THREE DOTS ABOVE",
    "KHAH": "HAH WITH THREE DOTS ABOVE",
    # Not folded, on purpose: gaf and tcheh (Iraqi and Gulf writers tell them from kaf and jeem) and the lone hamza.
}
LETTER_FOLDS: Final[dict[str, str]] = {
    unicodedata.lookup(f"ARABIC LETTER {name}"): unicodedata.lookup(f"ARABIC LETTER {letter}")
    for letter, names in _WRITTEN_FOR.items()
    for name in names.split(", ")
    # One sign for a whole phrase, opened as camel-tools does; Unicode itself gives no decomposition for it.
} | {"\N{ARABIC LIGATURE BISMILLAH AR-RAHMAN AR-RAHEEM}": "بسم الله الرحمن الرحيم"}

_ARABIC_BLOCKS: Final = (range(0x0620, 0x0700), range(0x0750, 0x0780), range(0x0870, 0x0890), range(0x08A0, 0x08CA))


def _fold_decorated() -> dict[str, str]:
    """Letters of other languages that are an Arabic letter with something added ("NOON WITH RING"): that letter.

    Offenders write them to dodge filters. Those that Unicode decomposes, and those listed above, are not touched.
    """
    named = {unicodedata.name(chr(code), ""): chr(code) for block in _ARABIC_BLOCKS for code in block}
    bases = {letter: named.get(name.partition(" WITH ")[0]) for name, letter in named.items() if " WITH " in name}
    return {
        letter: LETTER_FOLDS.get(base, base)
        for letter, base in bases.items()
        if base and letter not in LETTER_FOLDS and unicodedata.category(letter) == "Lo"
    }


# camel-tools keeps tatweel: it is written to dodge filters, and never carries meaning.
LEFT_OUT: Final = "\N{ARABIC TATWEEL}\N{COMBINING GRAPHEME JOINER}\N{HANGUL FILLER}\N{KHMER VOWEL INHERENT AQ}"
"""Letters by Unicode's word that are dropped."""

DOTLESS: Final = "".join(
    unicodedata.lookup(f"ARABIC LETTER {name}") for name in ("DOTLESS BEH", "DOTLESS FEH", "DOTLESS QAF", "NOON GHUNNA")
)
"""Letters that only a text without dots has."""

JOINING_MARKS: Final = "'`\N{RIGHT SINGLE QUOTATION MARK}\N{LEFT SINGLE QUOTATION MARK}"
"""Apostrophes: dropped between Latin letters and digits (arabizi 3', French j'ai), a separator elsewhere."""

NUMBER_MARKS: Final = ",.\N{ARABIC DECIMAL SEPARATOR}\N{ARABIC THOUSANDS SEPARATOR}\N{ARABIC COMMA}"
"""Marks that are dropped between two digits: 5,000 and 5.000 are the same sum in different countries."""

KEPT_SIGNS: Final = dict(zip("?\N{ARABIC QUESTION MARK}!\N{INVERTED EXCLAMATION MARK}$€£", "??!!$€£", strict=True))
"""Marks that say something and currencies that stand for a word; all other punctuation only separates words."""

SEPARATOR = " "


def fold_character(character: str) -> str:
    r"""What one character becomes: nothing, a space (it separates words), or one or more folded characters.

    >>> fold_character("\N{ARABIC LETTER ALEF WITH HAMZA ABOVE}") == "\N{ARABIC LETTER ALEF}"
    True
    >>> fold_character("\N{ARABIC TATWEEL}"), fold_character("\N{ARABIC-INDIC DIGIT FIVE}"), fold_character(";")
    ('', '5', ' ')
    """
    if not unicodedata.decomposition(character):
        return _fold_decomposed(character)
    # Compatibility first (presentation forms, ligatures, full width), then canonical, so that accents fall away as
    # marks. Arabic letters with a hamza are composed in the table above, hence the second look-up.
    composed = unicodedata.normalize("NFKC", character)
    parts = (part if part in LETTER_FOLDS else unicodedata.normalize("NFKD", part) for part in composed)
    return "".join(_fold_decomposed(part) for part in "".join(parts))


def _fold_decomposed(character: str) -> str:
    if character in _TABLE:
        folded = _TABLE[character]
        return "" if folded and folded in LEFT_OUT else folded  # of tatweel with something added, tatweel is left
    category = unicodedata.category(character)
    if character.isspace() or category[0] in "PZ" or category in ("Sm", "Sc", "Sk"):
        return SEPARATOR
    if category == "Cn" and character in _SIGNS_TO_COME:
        return character
    if category[0] == "C" or category in ("Mn", "Me"):
        return ""
    digit = unicodedata.digit(character, None)  # of those in circles too, which Unicode does not decompose
    return character.casefold() if digit is None else str(digit)


LETTER_FOLDS.update(_fold_decorated())

_TABLE: Final = LETTER_FOLDS | dict.fromkeys(LEFT_OUT, "") | KEPT_SIGNS


_SIGNS_TO_COME: Final = frozenset(map(chr, range(0x1F300, 0x1FB00)))
"""Emoji, of which each Python knows a few more: a text is read alike by all."""

# Letters of other alphabets that pass for Latin ones, of Unicode's confusables (UTS 39) those that look the same in
# common fonts; and those that people type for Arabic ones, of which UTS 39 lists few.
_PASS_FOR_LATIN: Final = dict(zip("абвеіјкмнорстухԁһԛԝѕү", "abbeijkmhopctyxdhqwsy", strict=True)) | dict(
    zip("αβεικνοτυχωρ", "abeikvotuxwp", strict=True)
)
_PASS_FOR_ARABIC: Final = dict(zip("liιіgoоο", "ااااوههه", strict=True))


# What a folded character is to the words around it. Plain numbers, since they stand in arrays.
SPACE, POINT, MARK, PLACEHOLDER, ARABIC, LOOK_ALIKE, LATIN, DIGIT = range(8)
"""White space; what parts words without one; a word by itself (? ! $ and all that is no letter); what stands for a
placeholder; a letter of Arabic or of any other alphabet; one that passes for a Latin letter; a Latin one; a digit."""

NUMBER_MARK, APOSTROPHE, DROPPED, SEVERAL, RARE = range(8, 13)
"""Kinds that are settled while a text is read: marks that may join what is around them, what leaves no trace, what
becomes more than one character, and what is not in the table."""

KINDS: Final = 13
"""How many kinds there are."""

IS_ARABIC, IS_LATIN, IS_DIGIT, PASSES, IS_PLACEHOLDER = (np.uint8(1 << bit) for bit in range(5))
"""Bits for what a word is made of; a letter that passes for a Latin one is of another alphabet like Arabic ones."""

IN_LETTERS: Final = IS_ARABIC | IS_LATIN

BITS: Final = np.zeros(KINDS, dtype=np.uint8)
BITS[[ARABIC, LOOK_ALIKE, LATIN, DIGIT]] = (IS_ARABIC, PASSES, IS_LATIN, IS_DIGIT)


def kind_of(character: str) -> int:
    """The kind of a character that is folded already, and no space.

    >>> kind_of("ص") == ARABIC, kind_of("5") == DIGIT, kind_of("😂") == MARK
    (True, True, True)
    """
    if character.isdigit():
        return DIGIT
    if not character.isalnum():
        return MARK
    if character.isascii():
        return LATIN
    return LOOK_ALIKE if character in _PASS_FOR_LATIN else ARABIC


class Fold(NamedTuple):
    """What a character becomes, and the kind of that; `several` where it is more than one character, or none."""

    code: int
    kind: int
    several: str = ""


def fold_with_kind(character: str) -> Fold:
    """What a raw character becomes, and what that is to its neighbors."""
    folded = fold_character(character)
    if not folded:
        return Fold(0, DROPPED)
    if len(folded) > 1:
        return Fold(ord(character), SEVERAL, folded)
    if folded != SEPARATOR:
        return Fold(ord(folded), kind_of(folded))
    return Fold(ord(SEPARATOR), _MAY_JOIN.get(character, SPACE if character.isspace() else POINT))


_MAY_JOIN: Final = dict.fromkeys(NUMBER_MARKS, NUMBER_MARK) | dict.fromkeys(JOINING_MARKS, APOSTROPHE)


# Where nearly all characters of chats stand: Latin to Arabic, its supplements, punctuation and signs, presentation
# forms, emoji. Others are looked at one by one where they occur; a table of all would cost a start its time.
_COMMON: Final = (
    range(0x0900), range(0x2000, 0x2100), range(0x2190, 0x2200), range(0x2600, 0x27C0), range(0x2B00, 0x2C00),
    range(0xFB50, 0xFE10), range(0xFE20, 0xFF70), range(0x1F300, 0x1FB00),
)  # fmt: skip
TABLE_SIZE: Final = 0x1FB01
"""Characters from the last one on are rare."""


def _common_folds() -> tuple[Codes, Kinds]:
    codes = np.zeros(TABLE_SIZE, dtype=np.uint32)
    kinds = np.full(TABLE_SIZE, RARE, dtype=np.uint8)
    for common in _COMMON:
        folds = [fold_with_kind(chr(code)) for code in common]
        codes[common.start : common.stop] = [fold.code for fold in folds]
        kinds[common.start : common.stop] = [fold.kind for fold in folds]
    return codes, kinds


def translation(letters: Mapping[str, str]) -> Codes:
    """By code point, which letter stands for another; itself for all others up to the last of them."""
    table = np.arange(max(map(ord, letters)) + 1, dtype=np.uint32)
    table[[ord(letter) for letter in letters]] = [ord(letter) for letter in letters.values()]
    return table


def translated(codes: Codes, table: Codes) -> Codes:
    """Code points by a `translation`.

    >>> translated(np.array([ord("a"), ord("z")], dtype=np.uint32), translation({"a": "b"})).tolist() == [98, 122]
    True
    """
    return np.where(codes < len(table), table.take(codes, mode="clip"), codes)


FOLDED_CODES, FOLDED_KINDS = _common_folds()
"""By code point, what a common character becomes and the kind of that."""


def marked(characters: str) -> Flags:
    """By code point, whether a common character is among these."""
    return np.isin(np.arange(TABLE_SIZE), [ord(character) for character in characters])


TO_LATIN: Final = translation(_PASS_FOR_LATIN)
TO_ARABIC: Final = translation(_PASS_FOR_ARABIC)
"""By folded code point, the Latin or the Arabic letter that one passes for; itself where it passes for none."""
