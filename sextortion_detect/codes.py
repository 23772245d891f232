"""Numbers, accounts, links and addresses in a text: what leads to a person, and what is read from left to right.

Wider than the placeholders that the model learns from (`text.placeholders`): rather too much is found than too little.
Sums of money and times of day are not among them.

>>> [(code.kind, code.value) for code in find_codes("رقمي ٠٥٥ ١٢٣ ٤٥٦٧ والسعر ٥٠٠٠ ريال")]
[('phone', '055 123 4567')]
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from sextortion_detect.text import chars

_MONEY: Final = (
    r"(?:[$€£]\s?\d[\d,.٬٫]{0,11}+)|"
    r"(?:\d{1,3}(?:[,.٬٫ ]\d{3}){0,3}|\d{1,7})\s?(?:[$€£]|دولار|يورو|اورو|ريال|درهم|دراهم|دينار|دنانير|جنيه|لير|شيكل|"
    r"شيقل|الف|الاف|مليون|ملايين|دفتر|شده|usd|eur|sar|aed|kwd|egp|mad|dzd|dollar|euro|riyal|dinar|dirham|dh|da|k\b)"
)
_PATTERNS: Final = (
    ("link", r"(?:https?://|www\.)\S+|(?<![\w@.-])(?:[a-z0-9-]+\.)+[a-z]{2,12}/\S*|"
             r"(?<![\w@.-])(?:[a-z0-9-]+\.)+(?:com|net|org|info|me|ly|io|co|app|link|site|xyz|live|tv)(?![\w.@])"),
    ("email", r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}"),
    ("account", r"(?<!\w)@[\w.]*\w"),
    ("keep", rf"(?<![a-z\d]){_MONEY}|(?<!\d)\d{{1,2}}:\d\d(?!\d)"),
    # An IBAN, a wallet or a card code: letters and digits mixed, too long for a word; else digits with marks between.
    ("phone", r"(?<!\w)(?=[a-z0-9]*\d)(?=[a-z0-9]*[a-z])[a-z0-9]{12,}(?!\w)|"
              r"(?<!\w)[a-z]{2}\d{2}(?: ?[a-z0-9]{4}){2,8}(?!\w)|"
              r"\+?\d(?:[ ().-]{0,2}\d){3,}"),
)  # fmt: skip
_ANY: Final = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _PATTERNS), re.IGNORECASE)

_TRIGGER: Final = re.compile(r"[\d@/.]")
"""Every code has one of these, and most messages have none."""


class Code(NamedTuple):
    """What is found: `link`, `email`, `account` or `phone` (any number), its half-open range, and its folded text."""

    kind: str
    start: int
    end: int
    value: str


def find_codes(text: str) -> Iterator[Code]:
    """The codes of a text from left to right, never overlapping."""
    if not _TRIGGER.search(text):
        return
    folded, places = fold_signs(text)
    for kind, start, end, value in find_folded(folded):
        yield Code(kind, places[start], places[end - 1] + 1, value)


def find_folded(folded: str) -> Iterator[Code]:
    """The codes of a text that is folded already; ranges are of the folded text."""
    for match in _ANY.finditer(folded):
        if match.lastgroup and match.lastgroup != "keep":
            start, end = match.span()
            yield Code(match.lastgroup, start, end, match[0])


def fold_signs(text: str) -> tuple[str, list[int]]:
    """The text with its letters and digits folded and its signs as they are, and where each character stands in it."""
    folded: list[str] = []
    places: list[int] = []
    for place, (character, becomes) in enumerate(zip(text, map(chars.fold_character, text), strict=True)):
        shown = character if becomes == chars.SEPARATOR else becomes
        folded.append(shown)
        places.extend([place] * len(shown))
    return "".join(folded), places
