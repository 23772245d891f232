"""Signal, which has no export of its own for other programs: the texts that sigtop and signal-export write.

`sigtop export-messages` writes blocks (`From:`, `Type:`, `Sent:`, an empty line, the text; `fmt_text.go`), with
`-f text-short` a line a message (`2024-03-15 21:41 Sara: text`; `fmt_text_short.go`); signal-export writes `chat.md`
(`[2024-03-15 21:41:07] Sara: text`, then an empty line; `models.py`). What sigtop quotes from another message is no
part of a text, since somebody else wrote it; in `chat.md` quotations and reactions stay, since anybody can write such a
line.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from itertools import pairwise
from typing import Final

from sextortion_detect.readers.read_counter import ReadCounter
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


# The long form of sigtop: a block of fields a message, then its text.
_FIELD: Final = re.compile(r"(?P<name>From|Type|Sent|Received|Attachment|Reaction|Edited): (?P<value>.*)", re.S)
_WORDS: Final = frozenset({"incoming", "outgoing"})  # every other type is a notice of the app
_NUMBER: Final = re.compile(r" \((?:\+?\d[\d ]*|[0-9a-f-]{36}|group:[^)]*)\)\Z")


def is_signal(text: str) -> bool:
    """Whether a text begins as one of the three forms does.

    >>> is_signal("2024-03-15 21:41 Sara: hi"), is_signal("[15/03/2024, 21:41:07] Sara: hi")
    (True, False)
    """
    return _is_blocks(text) or _SHORT.match(text) is not None or _is_markdown(text)


def _is_markdown(text: str) -> bool:
    # Some WhatsApps print the same header, and never an empty line between entries.
    lines = text.removesuffix("\n").split("\n")
    if _MARKDOWN.match(lines[0]) is None or "" not in lines[1:]:
        return False
    headers = [number for number, line in enumerate(lines) if number and _MARKDOWN.match(line)]
    return all(not lines[number - 1].strip() for number in headers)


def read_signal(text: str, counter: ReadCounter) -> Iterator[Message]:
    """The messages of one text, each counted in `counter`."""
    lines = text.split("\n")
    if not lines[-1]:
        lines.pop()
    counter.lines = len(lines)
    if _is_blocks(text):
        yield from _blocks(lines, counter)
        return
    header, message = (_MARKDOWN, _markdown_message) if _is_markdown(text) else (_SHORT, _short_message)
    starts = [number for number, line in enumerate(lines) if header.match(line)]
    for start, end in pairwise([*starts, len(lines)]):
        if match := header.match("\n".join(lines[start:end])):
            read = message(match["text"] or "", match["sender"], from_iso(match["time"]))
            counter.undated += read.sent_at is None
            yield counter.count(read, start + 1)


def _short_message(text: str, sender: str, sent_at: datetime | None) -> Message:
    if _SHORT_NOTICE.fullmatch(text):
        return Message(text, None, sent_at, MessageKind.SYSTEM)
    details = _SHORT_DETAILS.match(text)
    if details is None:
        return Message(text, sender, sent_at)
    text = text[details.end() :]
    media = not text and "attachment" in details["what"]
    return Message(text, sender, sent_at, MessageKind.MEDIA if media else MessageKind.TEXT)


def _markdown_message(text: str, sender: str, sent_at: datetime | None) -> Message:
    text = text.removesuffix("\n")  # the empty line after each message
    if text == _DELETED:
        return Message(text, sender, sent_at, MessageKind.DELETED)
    return Message(text, sender, sent_at, MessageKind.MEDIA if _ATTACHMENTS.fullmatch(text) else MessageKind.TEXT)


def _is_blocks(text: str) -> bool:
    """Whether a text begins as sigtop's long form does."""
    return text.startswith("Conversation: ") and "\nType: " in text[:4096]


def _blocks(lines: list[str], counter: ReadCounter) -> Iterator[Message]:
    """The messages of the lines of such a text, each counted in `counter`."""
    starts = [number for number in range(1, len(lines)) if _starts(lines, number)]
    for number, line in enumerate(lines[1 : starts[0] if starts else len(lines)], start=2):
        if line.strip():
            counter.skip(number)
    for start, end in pairwise([*starts, len(lines)]):
        # An empty line closes each block; at the end of the file the split has taken it already, or nearly.
        block = lines[start:end]
        message = _block_message(block[:-1] if not block[-1] else block)
        counter.undated += message.sent_at is None
        yield counter.count(message, start + 1)


def _starts(lines: list[str], number: int) -> bool:
    if lines[number - 1]:
        return False
    if lines[number].startswith("Type: "):  # a notice without a sender
        return True
    following = lines[number + 1] if number + 1 < len(lines) else ""
    return lines[number].startswith("From: ") and following.startswith("Type: ")


def _block_message(block: list[str]) -> Message:
    fields: dict[str, str] = {}
    length = 0
    for line in block:
        match = _FIELD.match(line)
        if match is None:
            break
        fields.setdefault(match["name"], match["value"])
        length += 1
    rest = block[length:]
    if "Edited" in fields:
        rest, times = _newest_version(rest)
        fields["Sent"] = fields.get("Sent") or times
    text = "\n".join(_own_text(rest))
    sent_at = _time(fields.get("Sent") or fields.get("Received") or "")
    if fields.get("Type") not in _WORDS:
        return Message(text, None, sent_at, MessageKind.SYSTEM)
    sender = _NUMBER.sub("", fields["From"]) if "From" in fields else None
    media = not text and "Attachment" in fields
    return Message(text, sender, sent_at, MessageKind.MEDIA if media else MessageKind.TEXT)


def _newest_version(lines: list[str]) -> tuple[list[str], str]:
    """The lines of the version that stands first, without the bar before them, and when it was sent."""
    sent = ""
    inner: list[str] = []
    for line in lines[1:]:
        bare = line.removeprefix("|").removeprefix(" ")
        if bare.startswith("Version: "):
            if inner or sent:
                inner = inner[:-1]  # the bar that parts versions
                break
        elif not inner and bare.startswith("Sent: "):
            sent = bare.removeprefix("Sent: ")
        elif inner or not bare.startswith("Attachment: "):
            inner.append(bare)
    return inner, sent


def _own_text(lines: list[str]) -> list[str]:
    """What follows the empty line before a text; a quotation, which stands before it in the same way, left away."""
    if len(lines) > 2 and not lines[0] and lines[1].startswith("> From: ") and lines[2].startswith("> Sent: "):
        end = 3
        while end < len(lines) and lines[end].startswith(">"):
            end += 1
        lines = lines[end:]
    return lines[1:]


def _time(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text)
    except (ValueError, OverflowError):  # of a year that no clock has
        return None
