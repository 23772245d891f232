"""WhatsApp's "Export chat" text, from Android and iPhones in Arabic, English and seven other languages.

Android prints `15/03/2024, 21:41 - Sara: text`, iPhones `[15/03/2024, 9:41:07 PM] Sara: text`. Arabic phones write
Arabic-Indic or Western digits, the Arabic comma, ص or م for the halves of the day, and direction marks anywhere.
The formats are undocumented; they are taken from exports that people describe in public parsers' issue trackers.
"""

import re
from collections.abc import Iterator
from typing import Final

from sextortion_detect.readers.app_sentences import MARKS, is_edited, kind_of_sentence
from sextortion_detect.readers.line_entries import WHO_SAYS_WHAT, LineReader, Lines, gather
from sextortion_detect.readers.read_counter import ReadCounter
from sextortion_detect.readers.whatsapp.dates import Head, Order, date_order, parse_head
from sextortion_detect.records import Message, MessageKind

_WHO_SAYS_WHAT: Final = re.compile(WHO_SAYS_WHAT, re.DOTALL)
_LINES_LOOKED_AT: Final = 50


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
    for note in notes:
        counter.note(note)
    edited = 0
    for number, head, more in gather(lines(), lambda _before, line, _after: parse_head(line), counter):
        message = _message("\n".join((head.rest, *more)).removesuffix("\r"), head, order)
        counter.undated += message.sent_at is None
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
