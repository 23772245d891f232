"""WhatsApp's "Export chat" text, from Android and iPhones in Arabic, English and seven other languages.

Android prints `15/03/2024, 21:41 - Sara: text`, iPhones `[15/03/2024, 9:41:07 PM] Sara: text`. Arabic phones write
Arabic-Indic or Western digits, the Arabic comma, ص or م for the halves of the day, and direction marks anywhere.
The formats are undocumented; they are taken from exports that people describe in public parsers' issue trackers.
"""

import re
from collections.abc import Iterator
from typing import Final

from sextortion_detect.readers.app_sentences import MARKS, is_edited, kind_of_sentence
from sextortion_detect.readers.decode import LONGEST_LINE
from sextortion_detect.readers.read_counter import ReadCounter
from sextortion_detect.readers.whatsapp.dates import GAP, Head, Order, date_order, parse_head
from sextortion_detect.records import Message, MessageKind

# A colon without a space behind it belongs to a name, and so does one between quotation marks, such as that in the
# name of a group in a notice; further colons belong to what is said.
_SENDER: Final = re.compile(
    r"(?P<sender>(?:[^:\n\"“«]++|\"[^\"\n]*\"|“[^“”\n]*”|«[^«»\n]*»|\"(?![^\"\n]*\")|“(?![^“”\n]*”)|«(?![^«»\n]*»)"
    rf"|:(?!{GAP}|\r?\n|\r?\Z))++):(?:{GAP}|(?=\r?\n|\r?\Z))(?P<text>.*)",
    re.DOTALL,
)

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


def _message(entry: str, head: Head, order: Order) -> Message:
    sent_at = head.date(order)
    match = _SENDER.match(entry)
    if match is None:  # what nobody is said to have written
        return Message(entry, None, sent_at, MessageKind.SYSTEM)
    sender, text = match["sender"].strip(MARKS).strip(), match["text"]
    kind = kind_of_sentence(text, sender)
    has_colon = kind_of_sentence(sender) is MessageKind.SYSTEM and kind_of_sentence(entry) is MessageKind.SYSTEM
    if kind is MessageKind.SYSTEM or has_colon:  # iPhones put whoever called, or a group, where a sender stands
        return Message(entry, None, sent_at, MessageKind.SYSTEM)
    return Message(text, sender, sent_at, kind)
