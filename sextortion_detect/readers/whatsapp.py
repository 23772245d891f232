"""WhatsApp's "Export chat" text, from Android and iPhones that speak English or Arabic.

Android prints `15/03/2024, 21:41 - Sara: text`, iPhones `[15/03/2024, 9:41:07 PM] Sara: text`. Arabic phones write
Arabic-Indic or Western digits, the Arabic comma, ص or م for the halves of the day, and direction marks anywhere.
The formats are undocumented; they are taken from exports that people describe in public parsers' issue trackers.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Final

from sextortion_detect.readers import whatsapp_phrases as phrases
from sextortion_detect.records import Chat, Message, MessageKind, ReadReport

_MARKS = rf"[{phrases.MARKS}]*+"
_GAP = r"[ \u00a0\u202f]"
_DATE = rf"(?P<date>\d{{1,4}}{_MARKS}[/.\-]{_MARKS}\d{{1,2}}{_MARKS}[/.\-]{_MARKS}\d{{2,4}}){_MARKS}"
_HALF = rf"(?P<half>صباحًا|صباحا|مساءً|مساء|ص|م|[AaPp]\.?{_GAP}?[Mm]\.?)"
_TIME = rf"(?P<time>\d{{1,2}}[:.]\d{{2}}(?:[:.]\d{{2}})?){_MARKS}(?:{_GAP}?{_MARKS}{_HALF})?{_MARKS}"
_STAMP = rf"{_DATE}{_GAP}?(?P<comma>[,\u060c])?{_GAP}{_MARKS}{_TIME}"
_HEADER: Final = re.compile(
    rf"{_MARKS}(?P<bracket>\[)?{_MARKS}{_STAMP}(?(bracket)\]|{_GAP}[-\u2013\u2014]){_GAP}(?P<rest>.*)", re.DOTALL
)

# Names are short and may hold a colon, but not one with a space behind it; further colons belong to what is said.
_SENDER: Final = re.compile(rf"(?P<sender>(?:[^:\n]|:(?!{_GAP}|$)){{1,80}}):(?:{_GAP}|$)(?P<text>.*)", re.DOTALL)

_DAY_FIRST_NOTE: Final = "the order of day and month does not show in this file; day first was assumed"
_MIXED_ORDER_NOTE: Final = (
    "dates of this file contradict each other in the order of day and month; day first was assumed where possible"
)


@dataclass(slots=True)
class _Entry:
    """A header with its first line, to which the lines up to the next header are added; dated once all are read."""

    numbers: tuple[int, int, int]
    is_arabic: bool
    clock: tuple[int, int, int]
    lines: list[str]


def is_whatsapp(text: str) -> bool:
    """Whether one of the first lines has the form of a WhatsApp entry.

    >>> is_whatsapp("15/03/2024, 21:41 - سارة: مرحبا"), is_whatsapp("name,message")
    (True, False)
    """
    return any(_HEADER.match(line) for line in text.split("\n", _LINES_LOOKED_AT)[:_LINES_LOOKED_AT])


_LINES_LOOKED_AT: Final = 50


def read_whatsapp(text: str, source: str | None = None) -> Chat:
    """The chat of one exported text.

    Texts keep their continuation lines and every mark inside; only the line end that closes an entry is taken off.
    Lines before the first entry that are not blank are listed in `Chat.report.not_understood`; an entry whose date
    cannot be read is kept without a time, and `Chat.report.notes` says how many there are.

    >>> chat = read_whatsapp("١٥/٣/٢٠٢٤، ٩:٤١ م - سارة: مرحبا")
    >>> chat.messages[0].sent_at, chat.messages[0].sender
    (datetime.datetime(2024, 3, 15, 21, 41), 'سارة')
    """
    lines = text.split("\n")
    if not lines[-1]:
        lines.pop()
    entries, lost = _gather(lines)
    order, notes = _date_order([entry.numbers for entry in entries], any(entry.is_arabic for entry in entries))
    messages = [_message("\n".join(entry.lines).removesuffix("\r"), _date(entry, order)) for entry in entries]
    undated = sum(message.sent_at is None for message in messages)
    if undated:
        notes.append(f"{undated} entries bear a date that cannot be read; they are kept without a time")
    counts = Counter(message.kind for message in messages)
    return Chat(messages, source, ReadReport(len(lines), dict(counts), tuple(lost), tuple(notes)))


def _gather(lines: Iterable[str]) -> tuple[list[_Entry], list[int]]:
    """The entries with all their lines, and the numbers of lines that belong to none and are not blank."""
    entries: list[_Entry] = []
    lost: list[int] = []
    for number, line in enumerate(lines, start=1):
        match = _HEADER.match(line)
        if match is not None:
            entries.append(
                _Entry(
                    _numbers(match["date"]),
                    match["comma"] == "\N{ARABIC COMMA}",
                    _clock(match["time"], match["half"]),
                    [match["rest"]],
                )
            )
        elif entries:
            entries[-1].lines.append(line)
        elif line.strip():
            lost.append(number)
    return entries, lost


def _numbers(date: str) -> tuple[int, int, int]:
    first, second, third = (int(number) for number in re.findall(r"\d+", date))
    return first, second, third


def _clock(time: str, half: str | None) -> tuple[int, int, int]:
    hour, minute, *second = (int(number) for number in re.findall(r"\d+", time))
    if half is not None and hour <= _NOON:
        hour = hour % _NOON + (_NOON if half[0] in "مPp" else 0)
    return hour, minute, second[0] if second else 0


_NOON: Final = 12
_CENTURY: Final = 2000  # WhatsApp began in 2009: a year of two digits is of this century
_SHORT_YEARS: Final = 100
_LAST_MONTH: Final = 12
_LAST_DAY: Final = 31


def _date_order(dates: list[tuple[int, int, int]], is_arabic: bool) -> tuple[tuple[int, int, int], list[str]]:
    """Where year, month and day stand, inferred from all dates of the file, and what had to be assumed.

    A number over 12 tells the day; where none is, Arabic phones print the day first, and on others the order in which
    the days never run backwards is taken, if it is only one. Dates that begin with the year speak for themselves.
    """
    dates = [date for date in dates if not _begins_with_year(date)]
    day_first = any(first > _LAST_MONTH for first, _, _ in dates)
    month_first = any(second > _LAST_MONTH for _, second, _ in dates)
    if day_first and month_first:
        return (2, 1, 0), [_MIXED_ORDER_NOTE]
    if month_first:
        return (2, 0, 1), []
    if day_first or is_arabic or not dates:
        return (2, 1, 0), []
    runs_on_month_first = _never_falls((year, first, second) for first, second, year in dates)
    runs_on_day_first = _never_falls((year, second, first) for first, second, year in dates)
    if runs_on_month_first and not runs_on_day_first:
        return (2, 0, 1), []
    certain = (runs_on_day_first and not runs_on_month_first) or all(first == second for first, second, _ in dates)
    return (2, 1, 0), [] if certain else [_DAY_FIRST_NOTE]


def _never_falls(days: Iterable[tuple[int, int, int]]) -> bool:
    return all(before <= after for before, after in pairwise(days))


def _begins_with_year(date: tuple[int, int, int]) -> bool:
    return date[0] > _LAST_DAY


def _date(entry: _Entry, order: tuple[int, int, int]) -> datetime | None:
    year, month, day = (entry.numbers[place] for place in ((0, 1, 2) if _begins_with_year(entry.numbers) else order))
    if month > _LAST_MONTH >= day:  # only where the file contradicts itself
        month, day = day, month
    if year < _SHORT_YEARS:
        year += _CENTURY
    if year < _CENTURY:  # another calendar
        return None
    try:
        return datetime(year, month, day, *entry.clock)
    except ValueError:
        return None


def _message(rest: str, sent_at: datetime | None) -> Message:
    match = _SENDER.match(rest)
    if match is None or phrases.is_notice(match["sender"], match["text"]):
        return Message(rest, None, sent_at, MessageKind.SYSTEM)
    sender, text = match["sender"].strip(phrases.MARKS).strip(), match["text"]
    if phrases.is_deleted(text):
        return Message(text, sender, sent_at, MessageKind.DELETED)
    return Message(text, sender, sent_at, MessageKind.MEDIA if phrases.is_media(text) else MessageKind.TEXT)
