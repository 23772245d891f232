"""Things whose kind matters and whose value does not: links, addresses, accounts, phone numbers, times, ages, sums.

A placeholder stands beside the words as one more token (`<money>`), so that 500 dollars and ٧٠٠٠ ريال teach the same
lesson. Values never enter the vocabulary.

>>> [(found.name, found.start, found.end) for found in find_placeholders("حول 500$ على https://t.co/x")]
[('<money>', 4, 8), ('<url>', 13, 27)]
"""

import re
from functools import lru_cache
from typing import Final, NamedTuple

from sextortion_detect.text import chars

_DIGIT = r"[0-9\u0660-\u0669\u06f0-\u06f9]"
_POINT = r"[.,\u066b\u066c]"
# Possessive, and never begun inside a number: a flood of digits is read once. An Arabic clitic may stand before it.
_NUMBER = rf"(?<![A-Za-z])(?<!{_DIGIT})(?<!{_DIGIT}{_POINT}){_DIGIT}++(?:{_POINT}{_DIGIT}++)*+"

# Behind one digit alone these are words in arabizi: "7da" is anybody, "3an" is about.
_NOT_BEHIND_ONE_DIGIT = rf"(?<!(?<!{_DIGIT})(?<!{_DIGIT}{_POINT}){_DIGIT})"

# Currency words of the Arab states, the large foreign ones and coins, with the slang of REAL use: shadda and daftar
# are 100 and 10,000 dollars in Iraq, million (centimes) 10,000 dinars or dirhams in the Maghreb.
_CURRENCY = (
    r"\$|€|£|﷼|دولار\w*|يورو|اورو|أورو|ريال\w*|ر\.?س|درهم|دراهم|دينار|دنانير|جنيه\w*|ليره|ليرة|ليرات|شيكل|شيقل|"
    r"اوقيه|أوقية|سنتيم|مليم|فلس|دفتر|دفاتر|شده|شدة|شدات|ملاين|مليون|ملايين|الف|ألف|الاف|آلاف|الآف|بيتكوين|"
    r"usdt|usd|eur|btc|bitcoin|bitcoins|dollars?|euros?|riyals?|dinars?|dinar|dirhams?|dh|dhs|kwd|aed|sar|egp|iqd|"
    rf"mad|dzd|tnd|lyd|yer|sdg|jod|lbp|gneh|geneh|milyoun|million|k|{_NOT_BEHIND_ONE_DIGIT}(?:da|dt)"
)

_YEARS = rf"سن[هة]|سنين|سنوات|عام|عاما|عاماً|أعوام|اعوام|ans|{_NOT_BEHIND_ONE_DIGIT}an|sana|sna|years?|yo|y\.o"
_PERIODS = (
    r"ساع[هة]|ساعات|سوايع|سواي[عه]|دقيق[هة]|دقايق|دقائق|دقيقه|دق|ثواني|ثانيه|ثانية|يوم|ايام|أيام|نهارات|ليالي|شهور|"
    r"اشهر|أشهر|شهر|اسابيع|أسابيع|اسبوع|أسبوع|sa3a|sa3at|saat|h|hrs?|hours?|heures?|min|mins|minutes?|d2aye2|da2aye2|"
    r"yom|youm|nhar|jours?|days?"
)

_PATTERNS: Final[tuple[tuple[str, str], ...]] = (
    ("url", r"https?://\S+|www\.\S+|\b(?:t\.me|wa\.me|bit\.ly|youtu\.be)/\S+"),
    ("email", r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}"),
    ("handle", r"(?<!\w)@\w{2,}"),
    ("time", rf"(?<!\w){_DIGIT}{{1,2}}:{_DIGIT}{{2}}(?!\w)"),
    ("wallet", r"\b(?:0x[0-9a-f]{40}|bc1[0-9a-z]{20,60}|T[1-9A-HJ-NP-Za-km-z]{33}|[13][1-9A-HJ-NP-Za-km-z]{25,34})\b"),
    ("iban", rf"\b[A-Z]{{2}}{_DIGIT}{{2}}(?:\s?[0-9A-Z]{{4}}){{3,7}}(?:\s?[0-9A-Z]{{1,3}})?\b"),
    ("card", rf"(?<!\w){_DIGIT}{{4}}(?:[\s-]?{_DIGIT}{{4}}){{3}}(?!\w)"),
    ("money", rf"(?:\$|€|£)\s?{_NUMBER}|{_NUMBER}\s?(?:{_CURRENCY})(?!\w)"),
    ("age", rf"{_NUMBER}\s?(?:{_YEARS})(?!\w)"),
    ("duration", rf"{_NUMBER}\s?(?:{_PERIODS})(?!\w)"),
    ("percentage", rf"{_NUMBER}\s?[%٪]"),
    ("phone", rf"(?<!\w)(?:\+|00)?{_DIGIT}(?:[\s-]?{_DIGIT}){{6,14}}(?!\w)"),
)
_ANY: Final = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _PATTERNS), re.IGNORECASE)

# What a placeholder may be broken by a space at: `model.chunks` reads pieces by themselves only where it is not.
GOES_ON: Final = re.compile(rf"(?:(?<![A-Za-z])(?<!{_DIGIT}){_DIGIT}++|[$€£])\Z")
"""The end of a piece of text that a placeholder may run over, into the piece after a space."""

COMES_FROM_BEFORE: Final = re.compile(rf"{_DIGIT}|[%٪]|(?:{_CURRENCY}|{_YEARS}|{_PERIODS})(?!\w)", re.IGNORECASE)
"""The beginning of a piece that such a placeholder may end in."""

CODE_GOES_ON: Final = re.compile(rf"\b[A-Z]{{2}}{_DIGIT}{{2}}(?:[0-9A-Z]{{4}})*\Z", re.IGNORECASE)
"""The same of account numbers, which have letters in them."""

CODE_COMES_FROM_BEFORE: Final = re.compile("[0-9A-Z]", re.IGNORECASE)

_BROKEN: Final = re.compile(r"(?<=\w)\u0640\s+\u0640(?=\w)")  # tatweel, of a word that the normalizer makes whole

# Every placeholder has one of these, and most messages have none: the search is skipped.
_TRIGGER: Final = re.compile(rf"{_DIGIT}|[@:./$€£]|\S{{34}}")


class Placeholder(NamedTuple):
    """One such thing: its name in angle brackets, and its half-open range of the text."""

    name: str
    start: int
    end: int


def find_placeholders(text: str) -> list[Placeholder]:
    """The placeholders of a raw text from left to right, never overlapping, in linear time.

    >>> find_placeholders("صباح الخير")
    []
    """
    if not _TRIGGER.search(text):
        return []
    plain = as_searched(text)
    if len(plain) == len(text):
        return _find(plain)
    kept = [place for place, character in enumerate(text) if chars.fold_character(character)]
    if broken := {place for match in _BROKEN.finditer(text) for place in range(*match.span())}:
        kept = [place for place in kept if place not in broken]
        plain = as_searched("".join(text[place] for place in kept))
    return [Placeholder(name, kept[start], kept[end - 1] + 1) for name, start, end in _find(plain)]


def as_searched(text: str) -> str:
    """A text without what the normalizer drops, and with Arabic letters folded: neither may hide a link or a sum.

    >>> as_searched("5\u064000 ﺩﻳﻨﺎﺭ") == "500 دينار"
    True
    """
    return "".join(map(_as_searched, text))


@lru_cache(maxsize=1 << 12)
def _as_searched(character: str) -> str:
    folded = chars.fold_character(character)
    is_letter = len(folded) == 1 and folded.isalpha() and not folded.isascii()
    return folded if is_letter else character if folded else ""


def _find(text: str) -> list[Placeholder]:
    return [Placeholder(f"<{match.lastgroup}>", *match.span()) for match in _ANY.finditer(text)]
