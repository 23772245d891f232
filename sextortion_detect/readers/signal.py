"""Signal, which has no export of its own for other programs: the texts that sigtop and signal-export write.

`sigtop export-messages` writes blocks (`From:`, `Type:`, `Sent:`, an empty line, the text; `fmt_text.go`), with
`-f text-short` a line a message (`2024-03-15 21:41 Sara: text`; `fmt_text_short.go`); signal-export writes `chat.md`
(`[2024-03-15 21:41:07] Sara: text`, then an empty line; `models.py`). Anybody can write lines that look like a
quotation. So what sigtop quotes leaves a text only where the file holds the original before, which was scored there; in
`chat.md`, which does not say who is quoted, quotations and reactions stay.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import pairwise, takewhile
from typing import Final

from sextortion_detect.readers.app_sentences import kind_of_sentence
from sextortion_detect.readers.line_entries import WHO_SAYS_WHAT, LineReader, Lines, gather
from sextortion_detect.readers.read_counter import ReadCounter
from sextortion_detect.readers.times import from_iso, from_mail
from sextortion_detect.records import Message, MessageKind

# WhatsApp in Swedish prints the same head with a dash before the name.
_SHORT: Final = re.compile(rf"(?P<time>\d{{4}}-\d\d-\d\d \d\d:\d\d|unknown) (?![-–—] ){WHO_SAYS_WHAT}", re.DOTALL)
_DETAILS: Final = re.compile(
    r"\[(?:reply to (?P<whom>[^\n\]]+) on (?:\d{4}-\d\d-\d\d \d\d:\d\d|unknown)|edited|\d{1,3} attachments?)"
    r"(?:, (?:edited|\d{1,3} attachments?))*\](?: |\Z)"
)

_MARKDOWN: Final = re.compile(rf"\[(?P<time>\d{{4}}-\d\d-\d\d \d\d:\d\d(?::\d\d)?)\] {WHO_SAYS_WHAT}", re.DOTALL)

# The long form of sigtop: a block of fields a message, then its text.
_FIELD: Final = re.compile(r"(?P<name>From|Type|Sent|Received|Attachment|Reaction|Edited): (?P<value>.*)", re.DOTALL)
_WORDS: Final = frozenset({"incoming", "outgoing"})  # every other type is a notice of the app, which has no text
_NUMBER: Final = re.compile(r" \((?:\+?\d[\d ]*|[0-9a-f-]{36}|group:[^)]*)\)\Z")
_SENT: Final = r"Sent: (?:unknown|[A-Z][a-z]{2}, \d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [+-]\d{4})"
_NO_NAME: Final = r"Attachment: no filename \((?:image|video|audio|application)/[a-z0-9]{2,5}\)"
_QUOTED_FIELD: Final = re.compile(rf"> (?:{_SENT}|{_NO_NAME})")
_VERSION: Final = re.compile(rf"\|(?: Version: \d{{1,4}}| {_SENT})?")


def signal_reader(beginning: str) -> LineReader | None:
    """What reads a text that begins as one of the three forms does, or None for another one.

    >>> [signal_reader(f"{time} Sara: hi") is None for time in ("2024-03-15 21:41", "[15/03/2024, 21:41:07]")]
    [False, True]
    """
    if beginning.startswith("Conversation: ") and "\nType: " in beginning[:4096]:
        return _read_blocks
    if _SHORT.match(beginning):
        return partial(_read_heads, _SHORT)
    return partial(_read_heads, _MARKDOWN) if _is_markdown(beginning) else None


def _is_markdown(beginning: str) -> bool:
    # Some WhatsApps print the same head, and never an empty line between entries.
    lines = [line.strip() for line in beginning.removesuffix("\n").split("\n")]
    if _MARKDOWN.match(lines[0]) is None or "" not in lines:
        return False
    return not any(before and _MARKDOWN.match(line) for before, line in pairwise(lines))


@dataclass(slots=True)
class _Said:
    """Who has written in a file so far, hashes of what, and how many quotations there were without an original."""

    senders: set[str | None] = field(default_factory=lambda: {"You", None})
    texts: set[int] = field(default_factory=lambda: {hash("")})
    unproven: int = 0

    def details(self, text: str) -> str:
        """The details that begin a text of the short form; none that name somebody who has not written."""
        match = _DETAILS.match(text)
        known = match is not None and match["whom"] in self.senders
        self.unproven += match is not None and not known
        return match[0] if match is not None and known else ""

    def without_quotation(self, lines: list[str]) -> list[str]:
        """The lines of a text of the long form, less those that repeat an earlier text, and who wrote it when."""
        quoted = list(takewhile(lambda line: line.startswith(">"), lines))
        if [line[:8] for line in quoted[:2]] != ["> From: ", "> Sent: "]:
            return lines
        end = quoted.index(">") if ">" in quoted else len(quoted)
        if hash("\n".join(line.removeprefix("> ") for line in quoted[end + 1 :])) not in self.texts:
            self.unproven += 1
            return lines
        heads = [line for line in quoted[:end] if not (self._is_known(line) or _QUOTED_FIELD.fullmatch(line))]
        self.unproven += bool(heads)
        rest = lines[len(quoted) :]
        return [*heads, *(rest if heads or rest[:1] != [""] else rest[1:])]

    def _is_known(self, line: str) -> bool:
        return line.startswith("> From: ") and line.removeprefix("> From: ") in self.senders

    def message(self, text: str, who: str | None, sent_at: datetime | None, *, has_media: bool) -> Message:
        """The message of a text that `who` wrote, as the file spells it; it counts as said from now on."""
        self.senders.add(who)
        self.texts.add(hash(text))
        sender = None if who is None else _NUMBER.sub("", who)
        kind = MessageKind.MEDIA if has_media and not text else kind_of_sentence(text, sender)
        return Message(text, None if kind is MessageKind.SYSTEM else sender, sent_at, kind)

    def tell(self, counter: ReadCounter) -> None:
        """Note how many quotations were left where they stand."""
        if self.unproven:
            counter.note(
                f"{self.unproven} messages quote what the file does not hold; the quotation is left in their text"
            )


def _read_heads(head: re.Pattern[str], lines: Lines, counter: ReadCounter) -> Iterator[Message]:
    """The messages of a form that puts time and sender before each, each counted in `counter`."""
    said = _Said()
    for number, found, more in gather(lines(), lambda _before, line, _after: head.match(line), counter):
        text = "\n".join((found["text"], *more)).removesuffix("\r")
        if head is _MARKDOWN:
            text = text.removesuffix("\n")  # the empty line after each message
        details = said.details(text) if head is _SHORT else ""
        text = text.removeprefix(details)
        message = said.message(text, found["sender"], from_iso(found["time"]), has_media="attachment" in details)
        yield counter.count(message, number)
    said.tell(counter)


def _read_blocks(lines: Lines, counter: ReadCounter) -> Iterator[Message]:
    """The messages of sigtop's long form, each counted in `counter`."""
    said = _Said()
    bare = (None if line is None else line.rstrip("\r\n") for line in lines())
    next(bare, None)  # the title of the conversation
    for number, head, more in gather(bare, _begins_block, counter, first=2):
        yield counter.count(_block_message([head, *more], said), number)
    said.tell(counter)


def _begins_block(before: str, line: str, after: str) -> str | None:
    is_notice = line.startswith("Type: ")  # without a sender
    begins = not before and (is_notice or (line.startswith("From: ") and after.startswith("Type: ")))
    return line if begins else None


def _block_message(block: list[str], said: _Said) -> Message:
    heads = [match for match in takewhile(bool, map(_FIELD.match, block)) if match]
    fields = {match["name"]: match["value"] for match in reversed(heads)}  # the first of each
    lines = block[len(heads) :]
    if lines and not lines[-1]:  # an empty line closes each block, save perhaps the last of a file
        lines.pop()
    if lines and not lines[0]:  # and one stands before a text
        lines.pop(0)
    if "Edited" in fields:  # each version was sent, the newest stands first
        lines = [line.removeprefix("|").removeprefix(" ") for line in lines if not _VERSION.fullmatch(line)]
    text = "\n".join(said.without_quotation(lines))
    sent_at = from_mail(fields.get("Sent") or fields.get("Received") or "")
    if not text and fields.get("Type") not in _WORDS:
        return Message(text, None, sent_at, MessageKind.SYSTEM)
    return said.message(text, fields.get("From"), sent_at, has_media="Attachment" in fields)
