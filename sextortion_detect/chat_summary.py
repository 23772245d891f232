"""What is worth showing of a conversation, long or short: gathered in one pass while it is scanned, in constant space.

Kept are the first message in which each author speaks of harming oneself, that at which the conversation was flagged,
the surest flagged ones and the first with each tactic, the messages around each of these, and as many other flagged
messages and reports of victims as there is room for.
"""

from bisect import insort
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any, Final

from sextortion_detect.batches import Progress
from sextortion_detect.chats import follow
from sextortion_detect.classify import classify
from sextortion_detect.decision_thresholds import ThresholdChoice
from sextortion_detect.facts.case_facts import CaseFact, FactTable
from sextortion_detect.facts.extract import Fact
from sextortion_detect.facts.redact import redacted
from sextortion_detect.model.linear import Model
from sextortion_detect.records import ChatStream, ChatVerdict, Entry, MessageKind, ReadReport, Verdict
from sextortion_detect.running_risk import BEGINNING, ChatState, Standing
from sextortion_detect.taxonomy import Action, Label, Tactic
from sextortion_detect.verdict_files import message_row
from sextortion_detect.wording import Wording

SUREST: Final = 3
_STATES: Final = ("flagged", "support", "some", "none")
ROOM: Final = 30
"""Messages that fit on two or three screens; a scan of a longer conversation shows no more unless asked to."""


@dataclass(slots=True)
class Totals:
    """What one sender wrote: messages, flagged ones by label, reports of a victim, and tactics."""

    messages: int = 0
    flagged: Counter[Label] = field(default_factory=Counter)
    support: int = 0
    tactics: Counter[Tactic] = field(default_factory=Counter)

    def add(self, verdict: Verdict) -> None:
        """Count one message."""
        self.messages += 1
        self.flagged[verdict.label] += verdict.flagged
        self.support += verdict.action is Action.SUPPORT
        self.tactics.update(verdict.tactics.keys())


@dataclass(slots=True, repr=False)
class _Moment:
    """A message with its neighbors; the one after it comes later."""

    before: Entry | None
    entry: Entry
    after: Entry | None = None


@dataclass(slots=True, repr=False)
class ChatSummary:
    """A conversation summed up: its messages are taken in one by one, and what is worth showing is kept.

    `label`, `flagged`, `probability` and `offender` are as in `ChatVerdict`; `to_read` is the message to read where it
    was never flagged; `count` how many entries there are, `notable` how many a person should read, that at which it was
    flagged among them; `senders` the totals by author, in the order in which they came, `in_need` the first message of
    each who needs support. With `everything`, all messages are kept, and memory grows with the conversation.
    """

    everything: bool = False
    source: str | None = None
    label: Label = Label.BENIGN
    flagged: bool = False
    probability: float = 0.0
    offender: str | None = None
    to_read: Entry | None = None
    count: int = 0
    notable: int = 0
    senders: dict[str | None, Totals] = field(default_factory=dict)
    in_need: dict[str | None, Entry] = field(default_factory=dict)
    report: ReadReport = field(default_factory=ReadReport)
    _facts: FactTable = field(default_factory=FactTable)
    _start: list[Entry] = field(default_factory=list)
    _surest: list[tuple[bool, float, int, _Moment]] = field(default_factory=list)
    _first_with: dict[Tactic | None, _Moment] = field(default_factory=dict)  # of None, where it was first flagged
    _distress: dict[str | None, _Moment] = field(default_factory=dict)
    _newest: _Moment | None = None

    def add(self, entry: Entry, facts: Iterable[Fact] | None = None, *, is_first: bool) -> None:
        """Take in the next message, with its facts if they are known.

        `is_first` says that the conversation was first flagged with it.
        """
        self._facts.add(entry, facts)
        moment = _Moment(self._newest.entry if self._newest else None, entry)
        if self._newest:
            self._newest.after = entry
        self._newest = moment
        if is_first:
            self._first_with[None] = moment
        self.count += 1
        if entry.message.kind is not MessageKind.SYSTEM:
            self.senders.setdefault(entry.message.author, Totals()).add(entry.verdict)
        if self.everything or len(self._start) < ROOM:
            self._start.append(entry)
        if entry.verdict.flagged:
            self.to_read = self.to_read or entry
            for tactic in entry.verdict.tactics:
                self._first_with.setdefault(tactic, moment)
        if entry.verdict.action is Action.SUPPORT:
            self.in_need.setdefault(entry.message.author, entry)
            if entry.verdict.distress:
                self._distress.setdefault(entry.message.author, moment)
        self.notable += entry.is_notable or is_first
        if entry.is_notable:
            # Indices are negative, so of equals the earlier one stays.
            insort(self._surest, (entry.verdict.flagged, entry.sureness, -entry.index, moment))
            del self._surest[:-ROOM]

    def end(self, outcome: ChatVerdict | Standing, source: str | None, report: ReadReport) -> "ChatSummary":
        """It once all was taken in; `outcome` is the last state, or the verdict on the whole."""
        self.source, self.report, self.offender = source, report, outcome.offender
        self.label, self.flagged, self.probability = outcome.label, outcome.flagged, outcome.probability
        self.to_read = None if self.flagged else self.to_read
        return self

    @property
    def state(self) -> str:
        """How the whole is to be taken: `flagged`, `support`, `some` (messages to read), or `none`."""
        in_need = bool(self.in_need) or self.label is Label.VICTIM_REPORT
        return _STATES[(self.flagged, in_need, self.notable > 0, True).index(True)]

    @property
    def need(self) -> tuple[bool, int, float]:
        """By what chats are ordered for a reader: danger first, then what they are, and how sure that is."""
        return not self.distress, _STATES.index(self.state), -self.probability

    @property
    def tactics(self) -> Counter[Tactic]:
        """How many messages use each tactic."""
        return sum((totals.tactics for totals in self.senders.values()), Counter[Tactic]())

    @property
    def first(self) -> Entry | None:
        """The message at which the conversation was first flagged."""
        return self._first_with[None].entry if None in self._first_with else None

    @property
    def distress(self) -> tuple[Entry, ...]:
        """The first messages in which people who are not flagged speak of harming themselves, one of each."""
        return tuple(moment.entry for moment in self._distress.values())

    @property
    def facts(self) -> tuple[CaseFact, ...]:
        """What a report to the police asks for."""
        return self._facts.facts(self.offender)

    @property
    def facts_dropped(self) -> int:
        """How many mentions of further facts there was no room for."""
        return self._facts.dropped

    @property
    def key_messages(self) -> tuple[Entry, ...]:
        """Those of `distress`, the surest, the first with each tactic, and where the chat was flagged, in order."""
        return tuple(moment.entry for moment in self._key_moments())

    @property
    def shown(self) -> list[Entry]:
        """What to show, in order: all where it fits, else the key messages, what is around them, and the surest."""
        moments = self._key_moments()
        if self.everything or (self.count <= ROOM and (moments or self.notable)):
            return self._start
        by_need = [
            *(moment.entry for moment in moments),
            *(entry for one in moments for entry in (one.before, one.after) if entry),
            *(moment.entry for *_, moment in reversed(self._surest)),
        ]
        chosen = list({entry.index: entry for entry in by_need}.values())[:ROOM]
        return sorted(chosen, key=lambda entry: entry.index)

    def _key_moments(self) -> list[_Moment]:
        surest = [moment for is_flagged, *_, moment in self._surest[-SUREST:] if is_flagged]
        moments = (*self._distress.values(), *surest, *self._first_with.values())
        found = {moment.entry.index: moment for moment in moments}
        return [moment for _, moment in sorted(found.items())]


def summarize(
    verdict: ChatVerdict, *, everything: bool = False, facts: Iterable[Iterable[Fact]] | None = None
) -> ChatSummary:
    """The summary of a conversation that was judged as a whole; `facts` are those of each message, if they are known.

    >>> from sextortion_detect import Chat, Message, classify
    >>> summarize(classify(Chat([Message("صباح الخير", "سارة")]))).count
    1
    """
    summary = ChatSummary(everything=everything)
    found = repeat(None, len(verdict.messages)) if facts is None else facts
    for entry, some in zip(verdict.entries(), found, strict=True):
        summary.add(entry, some, is_first=entry.index == verdict.first_flagged)
    return summary.end(verdict, verdict.chat.source, verdict.chat.report)


def scan_chat(
    stream: ChatStream,
    model: Model,
    *,
    thresholds: ThresholdChoice | None = None,
    row: Callable[[dict[str, Any]], object] | None = None,
    whole: Callable[[ChatVerdict, ChatVerdict, ChatSummary], object] | None = None,
    everything: bool = False,
    progress: Progress | None = None,
    nobody: tuple[Wording, str] | None = None,
) -> ChatSummary:
    """Judge a chat of an export and give its summary, with `everything` one of every message.

    `row` is called with the row of each message (`verdict_files.message_row`), `whole` with the verdict on the chat,
    the verdict as it may be shown, and the summary; `thresholds` and `progress` as in `classify`. `nobody`, the words
    and a name for the chat, hides in all but the first of these who it is of (`redact`). The chat is followed in flat
    memory however long it is, unless `whole` or `nobody` take all of it at once.
    """
    if whole is None and nobody is None:
        summary = ChatSummary(everything=everything)
        outcome: ChatState | Standing = BEGINNING
        states = follow(stream.messages(), model=model, thresholds=thresholds, progress=progress)
        for index, (message, outcome) in enumerate(states):
            entry = Entry(index, message, outcome.message, outcome.risk, outcome.move)
            summary.add(entry, is_first=outcome.first_flagged == index)
            if row is not None:
                row(message_row(stream.source, entry))
        return summary.end(outcome, stream.source, stream.report)
    verdict = classify(stream.read(), model=model, thresholds=thresholds, progress=progress)
    shown, facts = (verdict, None) if nobody is None else redacted(verdict, *nobody)
    if row is not None:
        for entry in shown.entries():
            row(message_row(shown.chat.source, entry))
    summary = summarize(shown, everything=everything, facts=facts)
    if whole is not None:
        whole(verdict, shown, summary)
    return summary
