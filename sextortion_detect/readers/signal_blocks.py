"""The long form of sigtop: a block of fields a message, then its text."""

import re
from collections.abc import Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from itertools import pairwise
from typing import Final

from sextortion_detect.readers.tally import Tally
from sextortion_detect.records import Message, MessageKind

_FIELD: Final = re.compile(r"(?P<name>From|Type|Sent|Received|Attachment|Reaction|Edited): (?P<value>.*)", re.S)
_WORDS: Final = frozenset({"incoming", "outgoing"})  # every other type is a notice of the app
_NUMBER: Final = re.compile(r" \((?:\+?\d[\d ]*|[0-9a-f-]{36}|group:[^)]*)\)\Z")


def is_blocks(text: str) -> bool:
    """Whether a text begins as sigtop's long form does."""
    return text.startswith("Conversation: ") and "\nType: " in text[:4096]


def read_blocks(lines: list[str], tally: Tally) -> Iterator[Message]:
    """The messages of the lines of such a text, each counted in `tally`."""
    starts = [number for number in range(1, len(lines)) if _starts(lines, number)]
    for number, line in enumerate(lines[1 : starts[0] if starts else len(lines)], start=2):
        if line.strip():
            tally.skip(number)
    for start, end in pairwise([*starts, len(lines) + 1]):
        # An empty line closes each block; at the end of the file the split has taken it already, or nearly.
        block = lines[start : end - 1] if end <= len(lines) else _without_last_empty(lines[start:])
        message = _message(block)
        tally.undated += message.sent_at is None
        yield tally.keep(message, start + 1)


def _without_last_empty(block: list[str]) -> list[str]:
    return block[:-1] if block and not block[-1] else block


def _starts(lines: list[str], number: int) -> bool:
    if lines[number - 1]:
        return False
    if lines[number].startswith("Type: "):  # a notice without a sender
        return True
    following = lines[number + 1] if number + 1 < len(lines) else ""
    return lines[number].startswith("From: ") and following.startswith("Type: ")


def _message(block: list[str]) -> Message:
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
