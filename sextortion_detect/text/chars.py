"""What each character becomes before anything else looks at it.

The tables follow camel-tools (`arclean`, `dediac`, the alef, alef-maksura and teh-marbuta normalizers); a test
compares them over every Arabic code point. Where we differ, the reason stands beside the line. Letters are written by
their Unicode name, since look-alikes cannot be told apart on a screen.
"""

import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

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

LETTER_FOLDS: Final[dict[str, str]] = {
    # The three folds of camel-tools: writers mix these forms freely, in every variety.
    "\N{ARABIC LETTER ALEF WITH HAMZA ABOVE}": ALEF,
    "\N{ARABIC LETTER ALEF WITH HAMZA BELOW}": ALEF,
    "\N{ARABIC LETTER ALEF WITH MADDA ABOVE}": ALEF,
    "\N{ARABIC LETTER ALEF WASLA}": ALEF,
    "\N{ARABIC LETTER ALEF MAKSURA}": YEH,
    "\N{ARABIC LETTER TEH MARBUTA}": HEH,
    # Beyond camel-tools. Hamza on a carrier: chat drops it, and a decomposed one loses its mark below anyway.
    "\N{ARABIC LETTER WAW WITH HAMZA ABOVE}": WAW,
    "\N{ARABIC LETTER YEH WITH HAMZA ABOVE}": YEH,
    "\N{ARABIC LETTER HIGH HAMZA ALEF}": ALEF,
    # Persian, Urdu and Kurdish keyboards, and a way around filters: another code point for the same Arabic letter.
    "\N{ARABIC LETTER FARSI YEH}": YEH,
    "\N{ARABIC LETTER YEH BARREE}": YEH,
    "\N{ARABIC LETTER E}": YEH,
    "\N{ARABIC LETTER KASHMIRI YEH}": YEH,
    "\N{ARABIC LETTER KEHEH}": KAF,
    "\N{ARABIC LETTER SWASH KAF}": KAF,
    "\N{ARABIC LETTER HEH DOACHASHMEE}": HEH,
    "\N{ARABIC LETTER HEH GOAL}": HEH,
    "\N{ARABIC LETTER HEH GOAL WITH HAMZA ABOVE}": HEH,
    "\N{ARABIC LETTER HEH WITH YEH ABOVE}": HEH,
    "\N{ARABIC LETTER TEH MARBUTA GOAL}": HEH,
    "\N{ARABIC LETTER AE}": HEH,
    # Letters for foreign sounds. No dialect tells the pair apart in writing: video is written with either.
    "\N{ARABIC LETTER PEH}": BEH,
    "\N{ARABIC LETTER VEH}": FEH,
    # Tunisian and Algerian g is written with either letter.
    "\N{ARABIC LETTER QAF WITH THREE DOTS ABOVE}": QAF,
    # Maghrebi feh and qaf in their old dotting.
    "\N{ARABIC LETTER FEH WITH DOT MOVED BELOW}": FEH,
    "\N{ARABIC LETTER QAF WITH DOT ABOVE}": QAF,
    # Moroccan g; Iraq and the Gulf write the same sound as gaf, which stays apart from kaf there.
    "\N{ARABIC LETTER NG}": GAF,
    # Letters of other languages with names of their own, by the Arabic letter that they look like.
    "\N{ARABIC LETTER TTEH}": TEH,
    "\N{ARABIC LETTER TTEHEH}": TEH,
    "\N{ARABIC LETTER TEHEH}": TEH,
    "\N{ARABIC LETTER BEEH}": BEH,
    "\N{ARABIC LETTER BEHEH}": BEH,
    "\N{ARABIC LETTER DDAL}": DAL,
    "\N{ARABIC LETTER DDAHAL}": DAL,
    "\N{ARABIC LETTER DAHAL}": THAL,
    "\N{ARABIC LETTER DUL}": THAL,
    "\N{ARABIC LETTER RREH}": REH,
    "\N{ARABIC LETTER JEH}": "\N{ARABIC LETTER ZAIN}",
    "\N{ARABIC LETTER NYEH}": "\N{ARABIC LETTER JEEM}",
    "\N{ARABIC LETTER DYEH}": "\N{ARABIC LETTER JEEM}",
    "\N{ARABIC LETTER TCHEHEH}": TCHEH,
    "\N{ARABIC LETTER PEHEH}": FEH,
    "\N{ARABIC LETTER NGOEH}": GAF,
    "\N{ARABIC LETTER GUEH}": GAF,
    "\N{ARABIC LETTER RNOON}": NOON,
    "\N{ARABIC LETTER OE}": WAW,
    "\N{ARABIC LETTER KIRGHIZ OE}": WAW,
    "\N{ARABIC LETTER U}": WAW,
    "\N{ARABIC LETTER YU}": WAW,
    "\N{ARABIC LETTER KIRGHIZ YU}": WAW,
    "\N{ARABIC LETTER VE}": WAW,
    # Letters without dots that stay unknown even by their outline (see `repair`) take the dots seen most.
    "\N{ARABIC LETTER DOTLESS BEH}": BEH,
    "\N{ARABIC LETTER DOTLESS FEH}": FEH,
    "\N{ARABIC LETTER DOTLESS QAF}": QAF,
    "\N{ARABIC LETTER NOON GHUNNA}": NOON,
    # Three dots above make another letter of these two; elsewhere added dots are only decoration (see below).
    "\N{ARABIC LETTER AIN WITH THREE DOTS ABOVE}": "\N{ARABIC LETTER GHAIN}",
    "\N{ARABIC LETTER HAH WITH THREE DOTS ABOVE}": "\N{ARABIC LETTER KHAH}",
    # One sign for a whole phrase, opened as camel-tools does; Unicode itself gives no decomposition for it.
    "\N{ARABIC LIGATURE BISMILLAH AR-RAHMAN AR-RAHEEM}": "بسم الله الرحمن الرحيم",
    # Not folded, on purpose: gaf and tcheh (Iraqi and Gulf writers tell them from kaf and jeem) and the lone hamza.
}

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


DROPPED: Final[frozenset[str]] = frozenset(
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

ARABIZI_DIGITS: Final = "235679"
"""Digits that stand for Arabic letters among Latin ones."""

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


@lru_cache(maxsize=1 << 12)
def fold_character(character: str) -> str:
    r"""What one character becomes: nothing, a space (it separates words), or one or more folded characters.

    >>> fold_character("\N{ARABIC LETTER ALEF WITH HAMZA ABOVE}") == ALEF
    True
    >>> fold_character("\N{ARABIC TATWEEL}"), fold_character("\N{ARABIC-INDIC DIGIT FIVE}"), fold_character(";")
    ('', '5', ' ')
    """
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
        return "" if folded in DROPPED else folded  # of tatweel with something added, tatweel is left
    category = unicodedata.category(character)
    if character.isspace() or category in _SEPARATING_CATEGORIES:
        return SEPARATOR
    if category in _DROPPED_CATEGORIES:
        return ""
    digit = unicodedata.digit(character, None)  # of those in circles too, which Unicode does not decompose
    return character.casefold() if digit is None else str(digit)


LETTER_FOLDS.update(_fold_decorated())

_TABLE: Final = LETTER_FOLDS | dict.fromkeys(DROPPED, "") | KEPT_MARKS | CURRENCY_SIGNS
