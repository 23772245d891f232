"""The account that a reader keeps while it reads, so that nothing is lost silently."""

from array import array
from collections import Counter
from dataclasses import dataclass, field, replace

from sextortion_detect.errors import InputError
from sextortion_detect.records import Message, MessageKind, ReadReport, Unit


@dataclass(slots=True)
class ReadCounter:
    """Counts what is read; `report()` may be asked at any time.

    `lines` is the number of lines, records or rows seen so far; `undated` that of entries whose time cannot be read,
    and `doubtful` that of rows whose cells had to be guessed.
    """

    unit: Unit = Unit.LINE
    lines: int = 0
    undated: int = 0
    doubtful: int = 0
    is_damaged: bool = False
    notes: list[str] = field(default_factory=list)
    _entries: Counter[MessageKind] = field(default_factory=Counter)
    _skipped: list[int] = field(default_factory=list)
    _numbers: dict[MessageKind, "array[int]"] = field(default_factory=dict)

    def count(self, message: Message, number: int, *, has_date: bool = True) -> Message:
        """Count an entry of the chat that begins at a line, record or row, counted from 1, and hand it on.

        `has_date` says whether a date stands there, so that one that cannot be read is told of.
        """
        sender, origin = map(_in_one_line, (message.sender, message.forwarded_from))
        if (sender, origin) != (message.sender, message.forwarded_from):
            message = replace(message, sender=sender, forwarded_from=origin)
        self.undated += has_date and message.sent_at is None
        self._entries[message.kind] += 1
        if message.kind is not MessageKind.TEXT:
            self._numbers.setdefault(message.kind, array("Q")).append(number)
        return message

    def skip(self, number: int) -> None:
        """Remember a line, record or row that no entry came of, counted from 1."""
        self._skipped.append(number)

    def note(self, sentence: str) -> None:
        """Tell of what had to be assumed, or where the file broke off; what was told already is not told again."""
        if sentence not in self.notes:
            self.notes.append(sentence)

    def broke(self, error: InputError) -> None:
        """Tell where the file broke off or is damaged; what came before has been counted."""
        self.is_damaged = True
        self.note(str(error).removesuffix("."))

    def report(self) -> ReadReport:
        """What has been counted so far."""
        notes = list(self.notes)
        if self.undated:
            notes.append(f"{self.undated} entries bear a date that cannot be read; they are kept without a time")
        if self.doubtful:
            what = "too many cells or quotation marks that do not fit"
            notes.append(f"{self.doubtful} rows have {what}; their texts are kept as they stand")
        numbers = {kind: tuple(found) for kind, found in self._numbers.items()}
        return ReadReport(
            self.lines, dict(self._entries), tuple(self._skipped), tuple(notes), self.unit, numbers, self.is_damaged
        )


def _in_one_line(name: str | None) -> str | None:
    """A name that cannot forge lines of a report."""
    return " ".join(name.splitlines()) if name else name
