"""The facts of a conversation for a hotline or the police: what, how often, who wrote it first, when, in which message.

What leads to somebody, sums, apps and payments are taken from everybody; deadlines from senders who were flagged alone,
since among friends they are appointments.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sextortion_detect.facts.extract import KINDS, Fact
from sextortion_detect.records import Entry, MessageKind

MOST: Final = 5_000
"""Different facts of one kind that are kept of a conversation, so that a scan takes flat memory."""


@dataclass(slots=True, repr=False)
class CaseFact:
    """One fact as it was first written; `index` is that of the message, from 0, `times` how often it was written."""

    kind: str
    value: str
    sender: str | None
    sent_at: datetime | None
    index: int
    times: int = 1

    def to_dict(self) -> dict[str, Any]:
        """The fact as plain JSON types; `message` counts from 1, as reports do."""
        sent_at = None if self.sent_at is None else self.sent_at.isoformat()
        return {
            "kind": self.kind, "value": self.value, "sender": self.sender, "sent_at": sent_at,
            "message": self.index + 1, "times": self.times,
        }  # fmt: skip


class FactTable:
    """Takes in the facts of one message after the other, and keeps each once; `dropped` mentions were beyond `MOST`."""

    def __init__(self) -> None:
        self._facts: dict[tuple[str, str, str | None], CaseFact] = {}
        self._counts: Counter[str] = Counter()
        self._flagged: set[str | None] = set()
        self.dropped = 0

    def add(self, entry: Entry, facts: Iterable[Fact]) -> None:
        """Take in the facts of a message."""
        if entry.message.kind is not MessageKind.TEXT:
            return
        if entry.verdict.flagged:
            self._flagged.add(entry.message.author)
        for fact in facts:
            said_by = entry.message.author if fact.kind in ("deadline", "payment") else None
            key = (fact.kind, fact.identity, said_by)
            if key in self._facts:
                self._facts[key].times += 1
            elif self._counts[fact.kind] == MOST:
                self.dropped += 1
            else:
                self._counts[fact.kind] += 1
                message = entry.message
                self._facts[key] = CaseFact(fact.kind, fact.shown, message.author, message.sent_at, entry.index)

    def facts(self) -> tuple[CaseFact, ...]:
        """All of them by kind, and in the order of the conversation."""
        kept = (fact for fact in self._facts.values() if fact.kind != "deadline" or fact.sender in self._flagged)
        return tuple(sorted(kept, key=lambda fact: (KINDS.index(fact.kind), fact.index)))
