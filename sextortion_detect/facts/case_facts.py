"""The facts of a conversation for a hotline or the police: what, how often, who wrote it, when, in which messages.

What leads to somebody, sums, apps and payments are taken from everybody, first from those who offend and those who
answer them; deadlines from those who offend alone, since among friends they are appointments.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sextortion_detect.facts.extract import KINDS, Fact
from sextortion_detect.records import Entry, MessageKind
from sextortion_detect.taxonomy import OFFENSES

MOST: Final = 5_000
"""Facts of one kind that are kept of a conversation, and messages of a fact, so that a scan takes flat memory."""

_SHARE: Final = 4
"""Whoever offends in every fourth message or more often offends, though none may be sure enough to be flagged."""


@dataclass(slots=True, repr=False)
class CaseFact:
    """One fact as a sender first wrote it; `times` how often, `indices` in which messages, from 0, `index` the first.

    `flagged` says whether a message with it was.
    """

    kind: str
    value: str
    sender: str | None
    sent_at: datetime | None
    index: int
    times: int = 0
    indices: list[int] = field(default_factory=list)
    flagged: bool = False

    def to_dict(self) -> dict[str, Any]:
        """The fact as plain JSON types; `message` and `messages` count from 1, as reports do."""
        sent_at = None if self.sent_at is None else self.sent_at.isoformat()
        return {
            "kind": self.kind, "value": self.value, "sender": self.sender, "sent_at": sent_at,
            "message": self.index + 1, "times": self.times, "messages": [index + 1 for index in self.indices],
        }  # fmt: skip


class FactTable:
    """Takes in the facts of one message after the other, and keeps each once a sender; `dropped` were beyond `MOST`."""

    def __init__(self) -> None:
        self._facts: dict[tuple[str, str, str | None], CaseFact] = {}
        self._counts: Counter[str] = Counter()
        self._messages: Counter[str | None] = Counter()
        self._offenses: Counter[str | None] = Counter()
        self._flagged: Counter[str | None] = Counter()
        self._moved: Counter[str | None] = Counter()
        self._answers: set[tuple[str | None, str | None]] = set()
        self._flagged_last: list[str | None] = []
        self.dropped = 0

    def add(self, entry: Entry, facts: Iterable[Fact]) -> None:
        """Take in the facts of a message."""
        message, verdict = entry.message, entry.verdict
        if message.kind is not MessageKind.TEXT:
            return
        self._messages[message.sender] += 1
        self._offenses[message.sender] += verdict.label in OFFENSES
        self._flagged[message.sender] += verdict.flagged
        self._moved[message.sender] += entry.move
        if self._flagged_last != [message.sender]:
            self._answers.update((offender, message.sender) for offender in self._flagged_last)
            self._flagged_last = []
        if verdict.flagged:
            self._flagged_last = [message.sender]
        for fact in facts:
            key = (fact.kind, fact.identity, message.sender)
            if key not in self._facts:
                if self._counts[fact.kind] == MOST:
                    self.dropped += 1
                    continue
                self._counts[fact.kind] += 1
                self._facts[key] = CaseFact(fact.kind, fact.shown, message.sender, message.sent_at, entry.index)
            kept = self._facts[key]
            kept.times += 1
            kept.flagged |= verdict.flagged
            if kept.indices[-1:] != [entry.index] and len(kept.indices) < MOST:
                kept.indices.append(entry.index)

    def facts(self) -> tuple[CaseFact, ...]:
        """All of them by kind, of each first those of the case, and in the order of the conversation."""
        offend = {sender for sender in self._messages if self._offends(sender)}
        case = offend | {sender for offender, sender in self._answers if offender in offend}
        kept = (
            fact for fact in self._facts.values() if fact.kind != "deadline" or fact.flagged or fact.sender in offend
        )
        return tuple(sorted(kept, key=lambda fact: (KINDS.index(fact.kind), fact.sender not in case, fact.index)))

    def _offends(self, sender: str | None) -> bool:
        """Whether a sender does so often, was flagged more than once, or was and moved the risk most.

        One flagged message among many may be a joke.
        """
        often = self._offenses[sender] * _SHARE >= self._messages[sender]
        times = self._flagged[sender]
        return often or times > 1 or (times == 1 and self._moved[sender] == max(self._moved.values()))
