"""The facts of a conversation for a hotline or the police: what, how often, who wrote it, when, in which messages.

What leads to somebody, sums, apps and payments are taken from everybody, first from those who offend and those who
answer them; deadlines from those who offend alone, since among friends they are appointments, and where a message that
offends tells them beside a sum or an account. Of who has offended any time in a short message, or beside a sum, may be
a deadline, and a number the sum of as many thousands that was named before.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sextortion_detect.facts.extract import DIGITS, KINDS, LEADS, WEAK, Fact, find_facts, thousands_of
from sextortion_detect.records import Entry, MessageKind
from sextortion_detect.taxonomy import OFFENSES

MOST: Final = 5_000
"""Facts of one kind that are kept of a conversation, and messages of a fact, so that a scan takes flat memory."""

_OFFENDS: Final = (1 / 10, 1 / 4)
"""Whoever offends in so large a share of all messages offends, though none may be sure: in a case, and anywhere."""

_SHORT: Final = 8  # words of a message, in which a time can be a deadline though nothing says so


@dataclass(slots=True, repr=False)
class CaseFact:
    """One fact as a sender first wrote it; `times` how often, `indices` in which messages, from 0, `index` the first.

    `flagged` says whether a message with it was, `told` whether it is one: 2 anywhere, 1 in a case, 0 of who offends.
    """

    kind: str
    value: str
    sender: str | None
    sent_at: datetime | None
    index: int
    times: int = 0
    indices: list[int] = field(default_factory=list)
    flagged: bool = False
    told: int = 0

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
        self._written, self._offending, self._flagged = (Counter[str | None]() for _ in range(3))
        self._answers: set[tuple[str | None, str | None]] = set()
        self._flagged_last: set[str | None] = set()
        self._thousands: set[str] = set()
        self.dropped = 0

    def add(self, entry: Entry, facts: Iterable[Fact] | None = None) -> None:
        """Take in the facts of a message: those given, or what is found in its text.

        Weak ones are only looked for where its sender has offended, since they tell of nobody else.
        """
        message, verdict = entry.message, entry.verdict
        if message.kind is not MessageKind.TEXT:
            return
        self._written[message.author] += 1
        self._offending.update({message.author} if verdict.label in OFFENSES else ())
        self._flagged.update({message.author} if verdict.flagged else ())
        self._answers.update((offender, message.author) for offender in self._flagged_last)
        self._flagged_last = {message.author} if verdict.flagged else self._flagged_last & {message.author}
        if facts is None:
            who = message.author
            facts = find_facts(message.text, weak=self._offending[who] + self._flagged[who] > 0)
        for fact, told in self._told(entry, [*facts]):
            key = (fact.kind, fact.identity, message.author)
            if key not in self._facts and self._counts[fact.kind] == MOST:
                self.dropped += 1
                continue
            self._counts[fact.kind] += key not in self._facts
            new = CaseFact(fact.kind, fact.shown, message.author, message.sent_at, entry.index)
            kept = self._facts.setdefault(key, new)
            kept.times, kept.flagged, kept.told = kept.times + 1, kept.flagged or verdict.flagged, max(kept.told, told)
            kept.indices += {entry.index}.difference(kept.indices[-1:]) if len(kept.indices) < MOST else ()

    def _told(self, entry: Entry, facts: list[Fact]) -> Iterator[tuple[Fact, int]]:
        """The facts, weak ones as what they may be: 2 if each is one anywhere, 1 if in a case, 0 if of who offends."""
        offended, kinds = self._offending[entry.message.author], {fact.kind for fact in facts}
        in_case = bool(self._flagged) and entry.verdict.label in OFFENSES and not kinds.isdisjoint(LEADS | {"sum"})
        can_be_due = not kinds.isdisjoint(LEADS | {"sum", "deadline"}) or len(entry.message.text.split()) <= _SHORT
        can_be_due &= offended > 1 or self._flagged[entry.message.author] > 0
        timed = {place for fact in facts if fact.kind == "when" for place in range(fact.start, fact.end)}
        for fact in facts:
            if fact.kind == "sum" and offended:
                self._thousands |= thousands_of(fact.value)
            if fact.kind == "few":
                if offended and fact.start not in timed and DIGITS.get(fact.value, fact.value) in self._thousands:
                    yield fact._replace(kind="sum"), 1
            elif fact.kind == "deadline" or (fact.kind == "when" and can_be_due):
                yield fact._replace(kind="deadline"), int(in_case)
            elif fact.kind not in WEAK:
                yield fact, 2

    def facts(self, offender: str | None) -> tuple[CaseFact, ...]:
        """All of them by kind, of each first those of the case, and in the order of the conversation.

        Beside the `offender` of the conversation, if it has one, those offend who were flagged more than once (once may
        be a joke), or whose messages are offenses in a quarter of all, in a tenth where there is an offender.
        """
        share = _OFFENDS[offender is None]
        often = {who for who, count in self._written.items() if self._offending[who] >= share * count}
        offend = often | {who for who, count in self._flagged.items() if count > 1} | {offender} - {None}
        case = offend | {sender for offender, sender in self._answers if offender in offend}
        kept = (
            one for one in self._facts.values()
            if one.told > (offender is None) or (one.kind == "deadline" and (one.flagged or one.sender in offend))
        )  # fmt: skip
        return tuple(sorted(kept, key=lambda fact: (KINDS.index(fact.kind), fact.sender not in case, fact.index)))
