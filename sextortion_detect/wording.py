"""The words around a conversation, in Arabic and English: sentences, numbers, times and names of the taxonomy.

The sentences are data, `wording.tsv`: a key, the English, and the Arabic, which is written so that a number needs no
plural to agree with it. `cli/errors_ar.tsv` and `cli/help_ar.tsv` pair sentences that are written where they are used
with their Arabic twins, the values that stand in them as `{}` and `{0}`, `{1}`, ….

>>> wording("en").say("left_out", count=1200), wording("ar").number(1200)
('1,200 messages left out', '١٬٢٠٠')
"""

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib import resources
from typing import Final

from sextortion_detect.errors import InputError
from sextortion_detect.readers.app_sentences import DELETED_ACCOUNT
from sextortion_detect.taxonomy import Action, Label, Tactic

LANGUAGES: Final = ("ar", "en")

_ARABIC_DIGITS: Final = str.maketrans("0123456789,.%", "٠١٢٣٤٥٦٧٨٩٬٫٪")
_ENGLISH_NAMES: Final[dict[str, str]] = {Label.VICTIM_REPORT: "report of a victim"}

_OWN_WORD: Final = re.compile("[a-z]+(?:_[a-z]+)+")

_STEPS: Final = ((3.0, "raised_much"), (0.5, "raised"))  # log-odds, by which odds grow twentyfold, or by two thirds


@dataclass(frozen=True, slots=True)
class Wording:
    """One language: `lang` is `ar` or `en`, `direction` how its lines run."""

    lang: str

    @property
    def direction(self) -> str:
        """`rtl` or `ltr`, as HTML says it."""
        return "rtl" if self.lang == "ar" else "ltr"

    def say(self, key: str, /, **values: object) -> str:
        """A sentence of the table; integers among the values are written as numbers."""
        written = {name: self.number(value) if type(value) is int else value for name, value in values.items()}
        return _sentences()[key][self.lang].format(**written)

    def told(self, sentence: str) -> str:
        """An English sentence that the package made, such as a reader's note, in this language."""
        return in_arabic(sentence) if self.lang == "ar" else sentence

    def who(self, name: str | None) -> str:
        """Somebody as a chat names them; in this language, where a reader found no name to call them by."""
        if not name:
            return self.say("unnamed" if name is None else "unknown_author")
        is_gone = name.startswith(f"{DELETED_ACCOUNT} (")
        return self.say("deleted_account") + name.removeprefix(DELETED_ACCOUNT) if is_gone else name

    def notice(self, text: str) -> str:
        """The text of a notice; what an export calls by a word of its own, such as `create_group`, in this language."""
        word, *rest = text.split("\n", 1)
        if not _OWN_WORD.fullmatch(word):
            return text
        key = f"notice_{word}"
        return "\n".join([self.say(key if key in _sentences() else "notice_"), *rest])

    def number(self, value: int) -> str:
        """A count with its thousands apart."""
        return self._digits(f"{value:,}")

    def plain(self, value: int) -> str:
        """The number of a message or a line, which is looked for and not counted with."""
        return self._digits(str(value))

    def percent(self, share: float, places: int = 0) -> str:
        """A probability, 0 to 1, in percent; what is not certain is never rounded to 0 or 100."""
        least = 0.0 if share in (0.0, 1.0) else 10.0**-places
        return self._digits(f"{min(max(100 * share, least), 100 - least):.{places}f}%")

    def time(self, moment: datetime | None) -> str:
        """A time as the export prints it, to the second where it tells seconds, and UTC named; empty for none."""
        if moment is None:
            return ""
        zone = " UTC" if moment.tzinfo else ""
        return f"{self.day(moment)} {self._digits(moment.strftime('%H:%M:%S' if moment.second else '%H:%M'))}{zone}"

    def day(self, moment: date) -> str:
        """The date alone."""
        # Between Arabic digits a slash keeps the order of a date, and a hyphen turns it around (UAX #9, rule W4).
        return self._digits(moment.strftime("%Y/%m/%d" if self.lang == "ar" else "%Y-%m-%d"))

    def move(self, log_odds: float) -> str:
        """How a message raised the risk of its sender, in words; empty where it hardly did."""
        return next((self.say(word) for least, word in _STEPS if log_odds >= least), "")

    def listed(self, parts: Iterable[str]) -> str:
        """The parts with the comma of the language between them."""
        return ("، " if self.lang == "ar" else ", ").join(parts)

    def name(self, of: Label | Tactic | Action) -> str:
        """A label, tactic or action as people call it."""
        return of.arabic if self.lang == "ar" else _ENGLISH_NAMES.get(of, of.value.replace("_", " "))

    def _digits(self, text: str) -> str:
        return text.translate(_ARABIC_DIGITS) if self.lang == "ar" else text


def wording(lang: str) -> Wording:
    """The words in a language; `InputError` where there are none in it."""
    if lang not in LANGUAGES:
        raise InputError(f"There is no report in {lang!r}; choose one of {', '.join(LANGUAGES)}.")
    return Wording(lang)


@cache
def _sentences() -> dict[str, dict[str, str]]:
    return {row["key"]: row for row in rows_of("wording.tsv")}


@cache
def rows_of(name: str, package: str = "sextortion_detect") -> tuple[dict[str, str], ...]:
    """The rows of a table of words that lies in the package, each by the columns that the first row names."""
    text = resources.files(package).joinpath(name).read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE))


def in_arabic(sentence: str) -> str:
    """The Arabic twin of an English sentence, with the same values in it; the sentence itself where there is none.

    >>> in_arabic("chat.txt is empty; export the chat again.")
    '«chat.txt» فارغ؛ يُرجى تصدير المحادثة من جديد.'
    """
    for pattern, twin in _twins():
        if found := pattern.fullmatch(sentence):
            return twin.format(*found.groups())
    return sentence


@cache
def _twins() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Patterns of the English sentences beside their twins; those with most words of their own first."""
    rows = [*rows_of("errors_ar.tsv", "sextortion_detect.cli"), *rows_of("help_ar.tsv", "sextortion_detect.cli")]
    rows.sort(key=lambda row: -len(row["en"]))
    return tuple(
        (re.compile("(.*?)".join(map(re.escape, row["en"].split("{}"))), re.DOTALL), row["ar"]) for row in rows
    )
