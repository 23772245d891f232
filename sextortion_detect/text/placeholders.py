"""Things whose kind matters and whose value does not: links, addresses, accounts, phone numbers, times, ages, sums.

A placeholder stands beside the words as one more token (`<money>`), so that 500 dollars and ٧٠٠٠ ريال teach the same
lesson. Values never enter the vocabulary.

>>> from sextortion_detect.text.words import read_words
>>> read_words(["حول 500$ على https://t.co/x"], with_placeholders=True).strings()
['حول', '<money>', 'علي', '<url>']
"""

import re
from collections.abc import Sequence
from typing import Final

_DIGIT = r"[0-9\u0660-\u0669\u06f0-\u06f9]"
_POINT = r"[.,\u066b\u066c]"
_GAP = r"[^\S\n]"  # a line break parts messages, and what runs over one is no sum
# Possessive, and never begun inside a number: a flood of digits is read once. An Arabic clitic may stand before it.
_NUMBER = rf"(?<![A-Za-z])(?<!{_DIGIT})(?<!{_DIGIT}{_POINT}){_DIGIT}++(?:{_POINT}{_DIGIT}++)*+"

# Behind one digit alone these are words in arabizi: "7da" is anybody, "3an" is about.
_NOT_BEHIND_ONE_DIGIT = rf"(?<!(?<!{_DIGIT})(?<!{_DIGIT}{_POINT}){_DIGIT})"

# Currency words of the Arab states, the large foreign ones and coins, with the slang of REAL use: shadda and daftar
# are 100 and 10,000 dollars in Iraq, million (centimes) 10,000 dinars or dirhams in the Maghreb. In folded letters.
_CURRENCY = (
    r"\$|€|£|﷼|دولار\w*|يورو|اورو|ريال\w*|ر\.?س|درهم|دراهم|دينار|دنانير|جنيه\w*|ليره|ليرات|شيكل|شيقل|"
    r"اوقيه|سنتيم|مليم|فلس|دفتر|دفاتر|شده|شدات|ملاين|مليون|ملايين|الف|الاف|بيتكوين|"
    r"usdt|usd|eur|btc|bitcoin|bitcoins|dollars?|euros?|riyals?|dinars?|dirhams?|dh|dhs|kwd|aed|sar|egp|iqd|"
    rf"mad|dzd|tnd|lyd|yer|sdg|jod|lbp|gneh|geneh|milyoun|million|k|{_NOT_BEHIND_ONE_DIGIT}(?:da|dt)"
)

_YEARS = rf"سنه|سنين|سنوات|عام|عاما|اعوام|ans|{_NOT_BEHIND_ONE_DIGIT}an|sana|sna|years?|yo|y\.o"
_PERIODS = (
    r"ساعه|ساعات|سوايع|سواي[عه]|دقيقه|دقايق|دق|ثواني|ثانيه|يوم|ايام|نهارات|ليالي|شهور|"
    r"اشهر|شهر|اسابيع|اسبوع|sa3a|sa3at|saat|h|hrs?|hours?|heures?|min|mins|minutes?|d2aye2|da2aye2|"
    r"yom|youm|nhar|jours?|days?"
)

_ADDRESSES: Final[tuple[tuple[str, str], ...]] = (
    ("url", r"https?://\S+|www\.\S+|\b(?:t\.me|wa\.me|bit\.ly|youtu\.be)/\S+"),
    ("email", r"(?<![\w.+-])[\w.+-]{1,64}+@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}"),
    ("handle", r"(?<!\w)@\w{2,}"),
)
_NUMBERS: Final[tuple[tuple[str, str], ...]] = (
    ("time", rf"(?<!\w){_DIGIT}{{1,2}}:{_DIGIT}{{2}}(?!\w)"),
    ("wallet", r"\b(?:0x[0-9a-f]{40}|bc1[0-9a-z]{20,60}|T(?=[A-Z]*[1-9])[1-9A-Z]{33}|[13][1-9A-Z]{25,34})\b"),
    ("iban", rf"\b[A-Z]{{2}}{_DIGIT}{{2}}(?:{_GAP}?[0-9A-Z]{{4}}){{3,7}}(?:{_GAP}?[0-9A-Z]{{1,3}})?\b"),
    ("card", rf"(?<!\w){_DIGIT}{{4}}(?:(?:{_GAP}|-)?{_DIGIT}{{4}}){{3}}(?!\w)"),
    ("money", rf"(?:\$|€|£){_GAP}?{_NUMBER}|{_NUMBER}{_GAP}?(?:{_CURRENCY})(?!\w)"),
    ("age", rf"{_NUMBER}{_GAP}?(?:{_YEARS})(?!\w)"),
    ("duration", rf"{_NUMBER}{_GAP}?(?:{_PERIODS})(?!\w)"),
    ("percentage", rf"{_NUMBER}{_GAP}?[%٪]"),
    ("phone", rf"(?<!\w)(?:\+|00)?{_DIGIT}(?:(?:{_GAP}|-)?{_DIGIT}){{6,14}}(?!\w)"),
)
NAMES: Final = tuple(f"<{name}>" for name, _ in (*_ADDRESSES, *_NUMBERS))
"""The names of the placeholders, in the order in which they are looked for."""


def _any(patterns: Sequence[tuple[str, str]]) -> str:
    return "|".join(f"(?P<{name}>{pattern})" for name, pattern in patterns)


ADDRESS: Final = re.compile(_any(_ADDRESSES), re.IGNORECASE)
"""A link, mail address or account, its kind the name of the last group; in linear time."""

# Every number begins with one of these, which spares most places the trial of all patterns.
NUMBER: Final = re.compile(rf"(?=[A-Z$€£+0-9\u0660-\u0669\u06f0-\u06f9])(?:{_any(_NUMBERS)})", re.IGNORECASE)

"""A sum, time and the like, as `ADDRESS`; Arabic letters must be folded."""

SIGNS_OF_ADDRESSES: Final = "@/"
"""Every address has one of these, or `w.`."""

SIGNS_OF_NUMBERS: Final = "$€£"
"""Every number has a digit or one of these."""
