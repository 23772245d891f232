"""Signal, which has no export of its own for other programs: the texts that sigtop and signal-export write.

`sigtop export-messages` writes blocks (`From:`, `Type:`, `Sent:`, an empty line, the text; `fmt_text.go`), with
`-f text-short` a line a message (`2024-03-15 21:41 Sara: text`; `fmt_text_short.go`); signal-export writes `chat.md`
(`[2024-03-15 21:41:07] Sara: text`, then an empty line; `models.py`). What sigtop quotes from another message is no
part of a text, since somebody else wrote it; in `chat.md` quotations and reactions stay, since anybody can write such a
line.
"""

import re
from collections.abc import Iterator
from typing import Final

from sextortion_detect.readers.signal_blocks import is_blocks, read_blocks
from sextortion_detect.readers.tally import Tally
from sextortion_detect.readers.times import from_iso
from sextortion_detect.records import Message, MessageKind

_SHORT: Final = re.compile(
    r"(?P<time>\d{4}-\d\d-\d\d \d\d:\d\d|unknown) (?P<sender>[^\n:]{1,80}):(?: (?P<text>.*))?", re.S
)
_SHORT_DETAIL: Final = r"(?:reply to [^\n\]]{1,80} on (?:\d{4}-\d\d-\d\d \d\d:\d\d|unknown)|edited|\d+ attachments?)"
_SHORT_DETAILS: Final = re.compile(rf"\[(?P<what>{_SHORT_DETAIL}(?:, {_SHORT_DETAIL})*)\](?: |\Z)")
_SHORT_NOTICE: Final = re.compile(r"\[[\w-]{1,60} message\]")

_MARKDOWN: Final = re.compile(
    r"\[(?P<time>\d{4}-\d\d-\d\d \d\d:\d\d(?::\d\d)?)\] (?P<sender>[^\n:]{1,80}):(?: (?P<text>.*))?", re.S
)
_ATTACHMENTS: Final = re.compile(r"(?:\s*!?\[[^\]\n]*\]\(\.[^)\n]*\))+\s*|\n\(\( [^\n]+ \)\)")
_DELETED: Final = "(This message was deleted)"


def is_signal(text: str) -> bool:
    """Whether a text begins as one of the three forms does.

    >>> is_signal("2024-03-15 21:41 Sara: hi"), is_signal("[15/03/2024, 21:41:07] Sara: hi")
    (True, False)
    """
    return is_blocks(text) or _SHORT.match(text) is not None or _is_markdown(text)


def _is_markdown(text: str) -> bool:
    # Some WhatsApps print the same header, and never an empty line between entries.
    lines = text.removesuffix("\n").split("\n")
    if _MARKDOWN.match(lines[0]) is None or "" not in lines[1:]:
        return False
    headers = [number for number, line in enumerate(lines) if number and _MARKDOWN.match(line)]
    return all(not lines[number - 1].strip() for number in headers)


def read_signal(text: str, tally: Tally) -> Iterator[Message]:
    """The messages of one text, each counted in `tally`."""
    lines = text.split("\n")
    if not lines[-1]:
        lines.pop()
    tally.lines = len(lines)
    if is_blocks(text):
        yield from read_blocks(lines, tally)
        return
    markdown = _is_markdown(text)
    header = _MARKDOWN if markdown else _SHORT
    entry: list[str] = []
    start = 1
    for number, line in enumerate([*lines, None], start=1):
        if line is None or header.match(line):
            if entry:
                message = _markdown_message("\n".join(entry)) if markdown else _short_message("\n".join(entry))
                tally.undated += message.sent_at is None
                yield tally.keep(message, start)
            entry, start = [] if line is None else [line], number
        else:  # the first line is a header, or the text would not have been known
            entry.append(line)


def _short_message(entry: str) -> Message:
    match = _SHORT.match(entry)
    sender, text = (match["sender"], match["text"] or "") if match else (None, entry)
    sent_at = from_iso(match["time"]) if match else None
    if _SHORT_NOTICE.fullmatch(text):
        return Message(text, None, sent_at, MessageKind.SYSTEM)
    details = _SHORT_DETAILS.match(text)
    if details is None:
        return Message(text, sender, sent_at)
    text = text[details.end() :]
    media = not text and "attachment" in details["what"]
    return Message(text, sender, sent_at, MessageKind.MEDIA if media else MessageKind.TEXT)


def _markdown_message(entry: str) -> Message:
    match = _MARKDOWN.match(entry)
    sender, text = (match["sender"], match["text"] or "") if match else (None, entry)
    sent_at = from_iso(match["time"]) if match else None
    text = text.removesuffix("\n")  # the empty line after each message
    if text == _DELETED:
        return Message(text, sender, sent_at, MessageKind.DELETED)
    return Message(text, sender, sent_at, MessageKind.MEDIA if _ATTACHMENTS.fullmatch(text) else MessageKind.TEXT)
