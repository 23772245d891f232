"""WhatsApp's "Export chat" text, from Android and iPhones in Arabic, English and seven other languages.

Android prints `15/03/2024, 21:41 - Sara: text`, iPhones `[15/03/2024, 9:41:07 PM] Sara: text`. Arabic phones write
Arabic-Indic or Western digits, the Arabic comma, ص or م for the halves of the day, and direction marks anywhere.
The formats are undocumented; they are taken from exports that people describe in public parsers' issue trackers.

A table of public parsers' issues (whatstk, whatsapp-chat-parser, whatsapp-export-inconsistencies, chat-export) was
gone through for the forms; halves of the day are those of Unicode's CLDR for each language.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sextortion_detect.readers.app_sentences import MARKS, is_edited, kind_of_sentence
from sextortion_detect.readers.line_entries import GAP, WHO_SAYS_WHAT, LineReader, Lines, gather
from sextortion_detect.readers.read_counter import ReadCounter
from sextortion_detect.records import Message, MessageKind

_WHO_SAYS_WHAT: Final = re.compile(WHO_SAYS_WHAT, re.DOTALL)
_LINES_LOOKED_AT: Final = 50

_MARKS = rf"[{MARKS}]*+"

_BEFORE_NOON: Final = (
    "صباحًا", "صباحا", "ص", "ق.ظ.", "ق.ظ", "قبل\u200cازظهر", "قبل از ظهر", 'לפנה"צ', "לפנה״צ", "לפנה''צ", "ÖÖ", "öö",
    "vorm.", "AM", "a.m.", "a.m", "a. m.", "a.\u00a0m.", "a.\u202fm.",
)  # fmt: skip
_AFTER_NOON: Final = (
    "مساءً", "مساء", "م", "ب.ظ.", "ب.ظ", "بعدازظهر", "بعد از ظهر", 'אחה"צ', "אחה״צ", "אחה''צ", "ÖS", "ös",
    "nachm.", "PM", "p.m.", "p.m", "p. m.", "p.\u00a0m.", "p.\u202fm.",
)  # fmt: skip
_AFTER: Final = frozenset(half.casefold() for half in _AFTER_NOON)
_HALVES = "|".join(re.escape(half) for half in sorted((*_BEFORE_NOON, *_AFTER_NOON), key=len, reverse=True))

_DATE = rf"(?P<date>\d{{1,4}}{_MARKS}[/.\-]{_MARKS}\d{{1,2}}{_MARKS}[/.\-]{_MARKS}\d{{2,4}}){_MARKS}"
_CLOCK = rf"(?P<time>\d{{1,2}}[:.]\d{{2}}(?:[:.]\d{{2}})?){_MARKS}"
# Turkish and its kin put the half before the clock.
_TIME = rf"(?:(?P<before>{_HALVES}){GAP}?{_MARKS})?{_CLOCK}(?:{GAP}?{_MARKS}(?P<half>{_HALVES}))?{_MARKS}"
# French has "à" between date and time, Portuguese "às", Finnish "klo"; most have a comma or nothing.
_BETWEEN = rf"{GAP}?(?P<comma>[,\u060c])?{_MARKS}{GAP}{_MARKS}(?:(?:à|às|klo|um){GAP})?{_MARKS}"
_HEAD: Final = re.compile(
    rf"{_MARKS}(?P<bracket>\[)?{_MARKS}{_DATE}{_BETWEEN}{_TIME}(?(bracket)\]|{GAP}[-\u2013\u2014]){GAP}(?P<rest>.*)",
    re.DOTALL | re.IGNORECASE,
)

_DAY_FIRST_NOTE: Final = "the order of day and month does not show in this file; day first was assumed"
_MIXED_ORDER_NOTE: Final = (
    "dates of this file contradict each other in the order of day and month; day first was assumed where possible"
)

_CENTURY: Final = 2000  # WhatsApp began in 2009: a year of two digits is of this century
_LAST_MONTH: Final = 12

Order = tuple[int, int, int]
"""Where year, month and day stand among the three numbers of a date."""


@dataclass(frozen=True, slots=True)
class Head:
    """The date as three numbers in the order of the file, the clock as hour, minute and second, and what follows."""

    numbers: tuple[int, int, int]
    clock: tuple[int, int, int]
    has_day_first_mark: bool
    rest: str = field(repr=False)

    def date(self, order: Order) -> datetime | None:
        """The local time, or None where there is no such date or it is of another calendar."""
        year, month, day = (self.numbers[place] for place in ((0, 1, 2) if _begins_with_year(self.numbers) else order))
        if month > _LAST_MONTH >= day:  # only where the file contradicts itself
            month, day = day, month
        if year < 100:
            year += _CENTURY
        if year < _CENTURY:
            return None
        try:
            return datetime(year, month, day, *self.clock)
        except ValueError:
            return None


def parse_head(line: str) -> Head | None:
    """The head that a line begins with, or None.

    >>> parse_head("15.03.2024 ÖS 9:41 - Selin: selam").clock
    (21, 41, 0)
    """
    match = _HEAD.match(line)
    if match is None:
        return None
    first, second, third = (int(number) for number in re.findall(r"\d+", match["date"]))
    hour, minute, *more = (int(number) for number in re.findall(r"\d+", match["time"]))
    half = match["half"] or match["before"]
    if half is not None and hour <= 12:
        hour = hour % 12 + (12 if half.casefold() in _AFTER else 0)
    return Head(
        (first, second, third),
        (hour, minute, more[0] if more else 0),
        # No country that writes dots puts the month first, and no phone that writes the Arabic comma.
        "." in match["date"] or match["comma"] == "\N{ARABIC COMMA}",
        match["rest"],
    )


def date_order(heads: Iterable[Head]) -> tuple[Order, list[str]]:
    """Where year, month and day stand, inferred from all dates of the file, and what had to be assumed.

    A number over 12 tells the day; where none is, Arabic phones and dates with dots print the day first, and on others
    the order in which the days never run backwards is taken, if it is only one. Dates that begin with the year speak
    for themselves.
    """
    day_first = month_first = marked = False
    runs_on_day_first = runs_on_month_first = same = True
    last_by_day = last_by_month = (0, 0, 0)
    for head in heads:
        if _begins_with_year(head.numbers):
            continue
        first, second, year = head.numbers
        day_first |= first > _LAST_MONTH
        month_first |= second > _LAST_MONTH
        marked |= head.has_day_first_mark
        same &= first == second
        by_day, by_month = (year, second, first), (year, first, second)
        runs_on_day_first &= last_by_day <= by_day
        runs_on_month_first &= last_by_month <= by_month
        last_by_day, last_by_month = by_day, by_month
    if day_first and month_first:
        return (2, 1, 0), [_MIXED_ORDER_NOTE]
    if month_first or (runs_on_month_first and not runs_on_day_first and not day_first and not marked):
        return (2, 0, 1), []
    certain = day_first or marked or same or (runs_on_day_first and not runs_on_month_first)
    return (2, 1, 0), [] if certain else [_DAY_FIRST_NOTE]


def _begins_with_year(date: tuple[int, int, int]) -> bool:
    return date[0] > 31


def whatsapp_reader(beginning: str) -> LineReader | None:
    """What reads a text in whose first lines an entry of WhatsApp begins, or None for another text.

    >>> whatsapp_reader("15/03/2024, 21:41 - سارة: مرحبا") is read_whatsapp, whatsapp_reader("name,message")
    (True, None)
    """
    first = beginning.split("\n", _LINES_LOOKED_AT)[:_LINES_LOOKED_AT]
    return read_whatsapp if any(parse_head(line) for line in first) else None


def read_whatsapp(lines: Lines, counter: ReadCounter) -> Iterator[Message]:
    """The messages of one exported text, each counted in `counter`.

    Texts keep their continuation lines and every mark inside; only the line end that closes an entry is taken off.
    Lines before the first entry that are not blank are not understood; an entry whose date cannot be read is kept
    without a time. The lines are gone through twice, since the order of day and month shows in the whole.

    >>> message = next(read_whatsapp(lambda: iter(["١٥/٣/٢٠٢٤، ٩:٤١ م - سارة: مرحبا"]), ReadCounter()))
    >>> message.sent_at, message.sender
    (datetime.datetime(2024, 3, 15, 21, 41), 'سارة')
    """
    order, notes = date_order(head for line in lines() if line is not None and (head := parse_head(line)))
    counter.notes += notes
    edited = 0
    for number, head, more in gather(lines(), lambda _before, line, _after: parse_head(line), counter):
        message = _message("\n".join((head.rest, *more)).removesuffix("\r"), head, order)
        edited += is_edited(message.text)
        yield counter.count(message, number)
    if edited:
        counter.note(f"{edited} messages were edited; the mark that says so stands in their text")


def _message(entry: str, head: Head, order: Order) -> Message:
    sent_at = head.date(order)
    match = _WHO_SAYS_WHAT.match(entry)
    if match is None:  # what nobody is said to have written
        return Message(entry, None, sent_at, MessageKind.SYSTEM)
    sender, text = match["sender"].strip(MARKS).strip(), match["text"]
    kind = kind_of_sentence(text, sender)
    has_colon = kind_of_sentence(sender) is MessageKind.SYSTEM and kind_of_sentence(entry) is MessageKind.SYSTEM
    if kind is MessageKind.SYSTEM or has_colon:  # iPhones put whoever called, or a group, where a sender stands
        return Message(entry, None, sent_at, MessageKind.SYSTEM)
    return Message(text, sender, sent_at, kind)
