"""WhatsApp's "Export chat" text, from Android and iPhones in Arabic, English and seven other languages.

Android prints `15/03/2024, 21:41 - Sara: text`, iPhones `[15/03/2024, 9:41:07 PM] Sara: text`. Arabic phones write
Arabic-Indic or Western digits, the Arabic comma, ص or م for the halves of the day, and direction marks anywhere.
The formats are undocumented; they are taken from exports that people describe in public parsers' issue trackers.
"""

import re
from collections.abc import Iterator
from typing import Final

from sextortion_detect.readers.decode import LONGEST_LINE
from sextortion_detect.readers.read_counter import ReadCounter
from sextortion_detect.readers.whatsapp.dates import GAP, Head, Order, date_order, parse_head
from sextortion_detect.readers.whatsapp.phrases import MARKS, is_deleted, is_edited, is_media, is_notice
from sextortion_detect.records import Message, MessageKind

# Names are short and may hold a colon, but not one with a space behind it; further colons belong to what is said.
_SENDER: Final = re.compile(rf"(?P<sender>(?:[^:\n]|:(?!{GAP}|$)){{1,80}}):(?:{GAP}|$)(?P<text>.*)", re.DOTALL)

_LINES_LOOKED_AT: Final = 50


def is_whatsapp(text: str) -> bool:
    """Whether one of the first lines has the form of a WhatsApp entry.

    >>> is_whatsapp("15/03/2024, 21:41 - سارة: مرحبا"), is_whatsapp("name,message")
    (True, False)
    """
    return any(parse_head(line) for line in text.split("\n", _LINES_LOOKED_AT)[:_LINES_LOOKED_AT])


def read_whatsapp(text: str, counter: ReadCounter) -> Iterator[Message]:
    """The messages of one exported text, each counted in `counter`.

    Texts keep their continuation lines and every mark inside; only the line end that closes an entry is taken off.
    Lines before the first entry that are not blank are not understood; an entry whose date cannot be read is kept
    without a time. All lines are looked at before the first message comes, since the order of day and month shows in
    the whole.

    >>> message = next(read_whatsapp("١٥/٣/٢٠٢٤، ٩:٤١ م - سارة: مرحبا", ReadCounter()))
    >>> message.sent_at, message.sender
    (datetime.datetime(2024, 3, 15, 21, 41), 'سارة')
    """
    lines = text.split("\n")
    if not lines[-1]:
        lines.pop()
    counter.lines = len(lines)
    entries = _gather(lines, counter)
    order, notes = date_order(head for _, head, _ in entries)
    counter.notes.extend(notes)
    edited = 0
    for number, head, more in entries:
        message = _message("\n".join((head.rest, *more)).removesuffix("\r"), head, order)
        counter.undated += message.sent_at is None
        edited += is_edited(message.text)
        yield counter.count(message, number)
    if edited:
        counter.notes.append(f"{edited} messages were edited; the mark that says so stands in their text")


def _gather(lines: list[str], counter: ReadCounter) -> list[tuple[int, Head, list[str]]]:
    """The heads with their line numbers and the lines up to the next; other lines are skipped, unless blank."""
    entries: list[tuple[int, Head, list[str]]] = []
    too_long = 0
    for number, line in enumerate(lines, start=1):
        if len(line) > LONGEST_LINE:
            too_long += 1
            counter.skip(number)
        elif (head := parse_head(line)) is not None:
            entries.append((number, head, []))
        elif entries:
            entries[-1][2].append(line)
        elif line.strip():
            counter.skip(number)
    if too_long:
        counter.notes.append(f"{too_long} lines of more than {LONGEST_LINE // 2**20} MB were passed over")
    return entries


def _message(rest: str, head: Head, order: Order) -> Message:
    sent_at = head.date(order)
    match = _SENDER.match(rest)
    if match is None or is_notice(match["sender"], match["text"]):
        return Message(rest, None, sent_at, MessageKind.SYSTEM)
    sender, text = match["sender"].strip(MARKS).strip(), match["text"]
    if is_deleted(text):
        return Message(text, sender, sent_at, MessageKind.DELETED)
    return Message(text, sender, sent_at, MessageKind.MEDIA if is_media(text) else MessageKind.TEXT)
