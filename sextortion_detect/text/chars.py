"""What each character becomes before anything else looks at it.

The tables follow camel-tools (`arclean`, `dediac`, the alef, alef-maksura and teh-marbuta normalizers); a test
compares them over every Arabic code point. Where we differ, the reason stands beside the line. Letters are written by
their Unicode name, since look-alikes cannot be told apart on a screen.
"""

import unicodedata
from collections.abc import Iterable
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.uint32]

ALEF = "\N{ARABIC LETTER ALEF}"
YEH = "\N{ARABIC LETTER YEH}"
WAW = "\N{ARABIC LETTER WAW}"
HEH = "\N{ARABIC LETTER HEH}"
KAF = "\N{ARABIC LETTER KAF}"
FEH = "\N{ARABIC LETTER FEH}"
QAF = "\N{ARABIC LETTER QAF}"
BEH = "\N{ARABIC LETTER BEH}"
TEH = "\N{ARABIC LETTER TEH}"
DAL = "\N{ARABIC LETTER DAL}"
THAL = "\N{ARABIC LETTER THAL}"
REH = "\N{ARABIC LETTER REH}"
NOON = "\N{ARABIC LETTER NOON}"
TCHEH = "\N{ARABIC LETTER TCHEH}"
GAF = "\N{ARABIC LETTER GAF}"

_WRITTEN_FOR: Final[dict[str, str]] = {
    # The three folds of camel-tools: writers mix these forms freely, in every variety. Beyond them, hamza on a carrier:
    # chat drops it, and a decomposed one loses its mark below anyway. Then other code points for the same letter, from
    # Persian, Urdu and Kurdish keyboards, and a way around filters; letters for foreign sounds that no dialect tells
    # apart in writing (peh, veh); and letters of other languages by the Arabic letter that they look like.
    ALEF: "ALEF WITH HAMZA ABOVE, ALEF WITH HAMZA BELOW, ALEF WITH MADDA ABOVE, ALEF WASLA, HIGH HAMZA ALEF",
    YEH: "ALEF MAKSURA, YEH WITH HAMZA ABOVE, FARSI YEH, YEH BARREE, E, KASHMIRI YEH",
    HEH: "TEH MARBUTA, HEH DOACHASHMEE, HEH GOAL, HEH GOAL WITH HAMZA ABOVE, HEH WITH YEH ABOVE, TEH MARBUTA GOAL, AE",
    WAW: "WAW WITH HAMZA ABOVE, OE, KIRGHIZ OE, U, YU, KIRGHIZ YU, VE",
    KAF: "KEHEH, SWASH KAF",
    BEH: "PEH, BEEH, BEHEH, DOTLESS BEH",  # letters without dots that stay unknown (see `dots`) take those seen most
    FEH: "VEH, PEHEH, DOTLESS FEH, FEH WITH DOT MOVED BELOW",  # the last is of the old Maghrebi dotting
    QAF: "QAF WITH THREE DOTS ABOVE, QAF WITH DOT ABOVE, DOTLESS QAF",  # Tunisian g is written with either letter
    GAF: "NG, NGOEH, GUEH",  # Moroccan g; Iraq and the Gulf write the same sound as gaf, which stays apart from kaf
    TEH: "TTEH, TTEHEH, TEHEH",
    DAL: "DDAL, DDAHAL",
    THAL: "DAHAL, DUL",
    REH: "RREH",
    NOON: "RNOON, NOON GHUNNA",
    TCHEH: "TCHEHEH",
    "\N{ARABIC LETTER ZAIN}": "JEH",
    "\N{ARABIC LETTER JEEM}": "NYEH, DYEH",
    # Three dots above make another letter of these two; elsewhere added dots are only decoration (see below).
    "\N{ARABIC LETTER GHAIN}": "AIN WITH THREE DOTS ABOVE",
    "\N{ARABIC LETTER KHAH}": "HAH WITH THREE DOTS ABOVE",
    # Not folded, on purpose: gaf and tcheh (Iraqi and Gulf writers tell them from kaf and jeem) and the lone hamza.
}
LETTER_FOLDS: Final[dict[str, str]] = {
    unicodedata.lookup(f"ARABIC LETTER {name}"): letter
    for letter, names in _WRITTEN_FOR.items()
    for name in names.split(", ")
    # One sign for a whole phrase, opened as camel-tools does; Unicode itself gives no decomposition for it.
} | {"\N{ARABIC LIGATURE BISMILLAH AR-RAHMAN AR-RAHEEM}": "بسم الله الرحمن الرحيم"}

_ARABIC_BLOCKS: Final = (range(0x0620, 0x0700), range(0x0750, 0x0780), range(0x0870, 0x0890), range(0x08A0, 0x08CA))


def _fold_decorated() -> dict[str, str]:
    """Letters of other languages that are an Arabic letter with something added ("NOON WITH RING"): that letter.

    Offenders write them to dodge filters. Those that Unicode decomposes, and those listed above, are not touched.
    """
    folds: dict[str, str] = {}
    for code in (code for block in _ARABIC_BLOCKS for code in block):
        letter = chr(code)
        base, added, _ = unicodedata.name(letter, "").partition(" WITH ")
        if added and letter not in LETTER_FOLDS and unicodedata.category(letter) == "Lo":
            try:
                plain = unicodedata.lookup(base)
            except KeyError:
                continue
            folds[letter] = LETTER_FOLDS.get(plain, plain)
    return folds


LEFT_OUT: Final[frozenset[str]] = frozenset(
    {
        # camel-tools keeps tatweel: it is written to dodge filters, and never carries meaning.
        "\N{ARABIC TATWEEL}",
        "\N{COMBINING GRAPHEME JOINER}",
        "\N{HANGUL FILLER}",
        "\N{KHMER VOWEL INHERENT AQ}",
    }
)

DOTLESS: Final = "".join(
    map(unicodedata.lookup, ("ARABIC LETTER DOTLESS BEH", "ARABIC LETTER DOTLESS FEH", "ARABIC LETTER DOTLESS QAF"))
) + unicodedata.lookup("ARABIC LETTER NOON GHUNNA")
"""Letters that only a text without dots has."""

JOINING_MARKS: Final[frozenset[str]] = frozenset("'`\N{RIGHT SINGLE QUOTATION MARK}\N{LEFT SINGLE QUOTATION MARK}")
"""Apostrophes: dropped between Latin letters and digits (arabizi 3', French j'ai), a separator elsewhere."""

NUMBER_MARKS: Final[frozenset[str]] = frozenset(
    ",.\N{ARABIC DECIMAL SEPARATOR}\N{ARABIC THOUSANDS SEPARATOR}\N{ARABIC COMMA}"
)
"""Marks that are dropped between two digits: 5,000 and 5.000 are the same sum in different countries."""

KEPT_MARKS: Final[dict[str, str]] = {
    "?": "?",
    "\N{ARABIC QUESTION MARK}": "?",
    "!": "!",
    "\N{INVERTED EXCLAMATION MARK}": "!",
}
"""Punctuation that says something; all other punctuation only separates words."""

SEPARATOR = " "

CURRENCY_SIGNS: Final[dict[str, str]] = {sign: sign for sign in ("$", "\N{EURO SIGN}", "\N{POUND SIGN}")}
"""Signs that stand for a word, and are kept as one."""

_DROPPED_CATEGORIES: Final = frozenset({"Mn", "Me", "Cf", "Cc", "Cs", "Co", "Cn"})
_SEPARATING_CATEGORIES: Final = frozenset(
    {"Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sm", "Sc", "Sk", "Zs", "Zl", "Zp"}
)


def fold_character(character: str) -> str:
    r"""What one character becomes: nothing, a space (it separates words), or one or more folded characters.

    >>> fold_character("\N{ARABIC LETTER ALEF WITH HAMZA ABOVE}") == ALEF
    True
    >>> fold_character("\N{ARABIC TATWEEL}"), fold_character("\N{ARABIC-INDIC DIGIT FIVE}"), fold_character(";")
    ('', '5', ' ')
    """
    if not unicodedata.decomposition(character):
        return _fold_decomposed(character)
    return "".join(_fold_decomposed(part) for part in _decompose(character))


def _decompose(character: str) -> Iterable[str]:
    # Compatibility first (presentation forms, ligatures, full width), then canonical, so that accents fall away as
    # marks. Arabic letters with a hamza are composed in the table above, hence the second look-up.
    for part in unicodedata.normalize("NFKC", character):
        if part in LETTER_FOLDS:
            yield part
        else:
            yield from unicodedata.normalize("NFKD", part)


def _fold_decomposed(character: str) -> str:
    if character in _TABLE:
        folded = _TABLE[character]
        return "" if folded in LEFT_OUT else folded  # of tatweel with something added, tatweel is left
    category = unicodedata.category(character)
    if character.isspace() or category in _SEPARATING_CATEGORIES:
        return SEPARATOR
    if category in _DROPPED_CATEGORIES:
        return ""
    digit = unicodedata.digit(character, None)  # of those in circles too, which Unicode does not decompose
    return character.casefold() if digit is None else str(digit)


LETTER_FOLDS.update(_fold_decorated())

_TABLE: Final = LETTER_FOLDS | dict.fromkeys(LEFT_OUT, "") | KEPT_MARKS | CURRENCY_SIGNS


# Letters of other alphabets that pass for Latin ones, of Unicode's confusables (UTS 39) those that look the same in
# common fonts; and those that people type for Arabic ones, of which UTS 39 lists few.
_PASS_FOR_LATIN: Final = dict(zip("абвеіјкмнорстухԁһԛԝѕү", "abbeijkmhopctyxdhqwsy", strict=True)) | dict(
    zip("αβεικνοτυχωρ", "abeikvotuxwp", strict=True)
)
_PASS_FOR_ARABIC: Final = {"l": ALEF, "i": ALEF, "ι": ALEF, "і": ALEF, "g": WAW, "o": HEH, "о": HEH, "ο": HEH}


# What a folded character is to the words around it. Plain numbers, since they stand in arrays.
SPACE, POINT, MARK, PLACEHOLDER, ARABIC, LOOK_ALIKE, LATIN, DIGIT = range(8)
"""White space; what parts words without one; a word by itself (? ! $ and all that is no letter); what stands for a
placeholder; a letter of Arabic or of any other alphabet; one that passes for a Latin letter; a Latin one; a digit."""

NUMBER_MARK, APOSTROPHE, DROPPED, SEVERAL, RARE = range(8, 13)
"""Kinds that are settled while a text is read: marks that may join what is around them, what leaves no trace, what
becomes more than one character, and what is not in the table."""

KINDS: Final = 13
"""How many kinds there are."""


def kind_of(character: str) -> int:
    """The kind of a character that is folded already.

    >>> kind_of("ص") == ARABIC, kind_of("5") == DIGIT, kind_of("😂") == MARK
    (True, True, True)
    """
    if character == SEPARATOR:
        return SPACE
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
    if character in NUMBER_MARKS:
        kind = NUMBER_MARK
    elif character in JOINING_MARKS:
        kind = APOSTROPHE
    else:
        kind = SPACE if character.isspace() else POINT
    return Fold(ord(SEPARATOR), kind)


# Where nearly all characters of chats stand: Latin to Arabic, its supplements, punctuation and signs, presentation
# forms, emoji. Others are looked at one by one where they occur; a table of all would cost a start its time.
_COMMON: Final = (
    range(0x0900), range(0x2000, 0x2100), range(0x2190, 0x2200), range(0x2600, 0x27C0), range(0x2B00, 0x2C00),
    range(0xFB50, 0xFE10), range(0xFE20, 0xFF70), range(0x1F300, 0x1FB00),
)  # fmt: skip
TABLE_SIZE: Final = 0x1FB01
"""Characters from the last one on are rare."""


def _common_folds() -> tuple[Codes, NDArray[np.uint8]]:
    codes = np.zeros(TABLE_SIZE, dtype=np.uint32)
    kinds = np.full(TABLE_SIZE, RARE, dtype=np.uint8)
    for common in _COMMON:
        folds = [fold_with_kind(chr(code)) for code in common]
        codes[common.start : common.stop] = [fold.code for fold in folds]
        kinds[common.start : common.stop] = [fold.kind for fold in folds]
    return codes, kinds


def _translation(table: dict[str, str]) -> Codes:
    codes = np.arange(max(map(ord, table)) + 1, dtype=np.uint32)
    codes[[ord(letter) for letter in table]] = [ord(letter) for letter in table.values()]
    return codes


FOLDED_CODES, FOLDED_KINDS = _common_folds()
"""By code point, what a common character becomes and the kind of that."""


def fold_characters(text: str) -> list[str]:
    """What each character of a text becomes, as `fold_character` gives it.

    >>> fold_characters("أ5;")
    ['ا', '5', ' ']
    """
    raw = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    common = np.minimum(raw, TABLE_SIZE - 1)
    codes, kinds = FOLDED_CODES[common].tolist(), FOLDED_KINDS[common].tolist()
    return [
        fold_character(character) if kind >= SEVERAL else "" if kind == DROPPED else chr(code)
        for character, code, kind in zip(text, codes, kinds, strict=True)
    ]


def marked(characters: str) -> NDArray[np.bool_]:
    """By code point, whether a common character is among these."""
    table = np.zeros(TABLE_SIZE, dtype=np.bool_)
    table[[ord(character) for character in characters]] = True
    return table


TO_LATIN: Final = _translation(_PASS_FOR_LATIN)
TO_ARABIC: Final = _translation(_PASS_FOR_ARABIC)
"""By folded code point, the Latin or the Arabic letter that one passes for; itself where it passes for none."""
