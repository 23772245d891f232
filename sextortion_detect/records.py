"""What travels between the floors: messages and chats in, verdicts out. All frozen; none shows a text in its `repr`.

>>> Message("سر بيننا", sender="سارة")
Message(8 characters)
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sextortion_detect.evidence import Evidence, FindEvidence, FoundLater
from sextortion_detect.taxonomy import OFFENSES, Action, Label, Tactic

if TYPE_CHECKING:
    import pandas as pd

    from sextortion_detect.support import Advice


class MessageKind(StrEnum):
    """What an entry of an export is; media markers and deletions are not scored, and keep their place in the chat."""

    TEXT = "text"
    MEDIA = "media"
    SYSTEM = "system"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True, repr=False)
class Message:
    """One entry of a chat.

    `text` is byte for byte what the export says; `sender` is None for system lines; `sent_at` is as the export prints
    it: naive local times stay naive. `forwarded_from` is whose words a forwarded message passes on, empty where the
    export does not say; None for any other message.
    """

    text: str
    sender: str | None = None
    sent_at: datetime | None = None
    kind: MessageKind = MessageKind.TEXT
    forwarded_from: str | None = None

    @property
    def author(self) -> str | None:
        """Whose words they are, and whose side they count for: the sender's, unless the message was forwarded."""
        return self.sender if self.forwarded_from is None else self.forwarded_from

    def __post_init__(self) -> None:
        if not isinstance(self.text, str):
            raise TypeError(f"The text of a Message must be a str, not {type(self.text).__name__}.")

    def __repr__(self) -> str:
        return f"Message({len(self.text)} characters)"


class Unit(StrEnum):
    """What a reader counts in."""

    LINE = "line"
    RECORD = "record"
    ROW = "row"


@dataclass(frozen=True, slots=True)
class ReadReport:
    """What a reader made of each line, record or row of its file: nothing is lost silently.

    `lines` is how many there are, in the `unit` that the format has; each belongs to an entry of the chat or stands,
    counted from 1, in `not_understood`; a row whose cells had to be guessed does both. `entries` counts the entries by
    kind, and `numbers` says where those begin that are no texts. `notes` tell of what had to be assumed, and where a
    file broke off, which makes it `is_damaged`.
    """

    lines: int = 0
    entries: Mapping[MessageKind, int] = field(default_factory=dict, hash=False)
    not_understood: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()
    unit: Unit = Unit.LINE
    numbers: Mapping[MessageKind, tuple[int, ...]] = field(default_factory=dict, hash=False)
    is_damaged: bool = False

    def to_dict(self) -> dict[str, Any]:
        """The report as plain JSON types: counts by kind, `skipped`, and the numbers of all but texts."""
        return {
            "unit": self.unit.value,
            "units": self.lines,
            **{kind.value: self.entries.get(kind, 0) for kind in MessageKind},
            "skipped": len(self.not_understood),
            "numbers": {
                **{kind.value: list(numbers) for kind, numbers in self.numbers.items()},
                "skipped": list(self.not_understood),
            },
            "notes": list(self.notes),
        }


@dataclass(frozen=True, slots=True, repr=False)
class Chat:
    """A conversation as a reader yields it: its entries in order, where it came from, and the reader's account.

    `messages` may be any iterable of `Message`; it is kept as a tuple.
    """

    messages: tuple[Message, ...]
    source: str | None = None
    report: ReadReport = ReadReport()

    def __init__(
        self, messages: Iterable[Message], source: str | None = None, report: ReadReport | None = None
    ) -> None:
        kept = tuple(messages)
        for position, message in enumerate(kept):
            if not isinstance(message, Message):
                found = type(message).__name__
                raise TypeError(f"A Chat takes Message objects, and item {position} is of type {found}.")
        object.__setattr__(self, "messages", kept)
        object.__setattr__(self, "source", source)
        object.__setattr__(self, "report", report or ReadReport())

    def __repr__(self) -> str:
        return f"Chat({len(self.messages)} messages)"


class ChatStream:
    """A conversation while it is being read: its messages come one by one, and no more of them is held than one.

    `source` says where it came from. `messages()` may be gone through once; `report` accounts for what has been read
    so far, and for the whole once the messages have ended.
    """

    def __init__(
        self, messages: Iterable[Message], report: Callable[[], ReadReport], source: str | None = None
    ) -> None:
        self.source = source
        self._messages = iter(messages)
        self._report = report

    def messages(self) -> Iterator[Message]:
        """The messages that have not been read yet, in the order of the export."""
        return self._messages

    @property
    def report(self) -> ReadReport:
        """The reader's account up to the message read last."""
        return self._report()

    def read(self) -> Chat:
        """All messages that have not been read yet, as a `Chat` in memory."""
        return Chat(tuple(self._messages), self.source, self.report)

    def __repr__(self) -> str:
        return "ChatStream()"


class Advised:
    """A verdict on a message or a conversation that knows what the person concerned can do."""

    __slots__ = ()

    def advice(self, lang: str = "ar", country: str | None = None, *, unconfirmed: bool = False) -> "Advice":
        """Calm steps and lines of help, empty where there is nothing to advise on; arguments as of `support.advise`."""
        from sextortion_detect.support import advise_on

        return advise_on(self, lang, country, unconfirmed=unconfirmed)


@dataclass(frozen=True, slots=True)
class Verdict(Advised, FoundLater):
    """What `classify` says of one message.

    `label` is the likeliest label, save that a flagged message always bears an offense; `flagged` is the decision at
    the thresholds, so an offense that is likely and not sure enough is labelled and not flagged. `scores` are
    calibrated probabilities by label and sum to 1, with `prevalence=` at that base rate (the label and the decision are
    those without it); `probability` is that of any offense. `tactics` holds the probability of each tactic at or over
    its threshold, strongest first, and `evidence` at most five spans, strongest first; both are empty unless flagged.
    `distress` says that the writer speaks of harming himself or herself, or of not being able to go on; it changes
    neither label nor scores, and asks for support where nothing is flagged.
    """

    label: Label
    flagged: bool
    action: Action
    scores: Mapping[Label, float]
    tactics: Mapping[Tactic, float] = field(default_factory=dict)
    evidence: tuple[Evidence, ...] = ()
    distress: bool = False
    _find_evidence: FindEvidence | None = field(default=None, init=False, repr=False, compare=False)

    def __hash__(self) -> int:
        return hash((self.label, self.flagged, self.action, frozenset(self.scores.items())))

    @property
    def probability(self) -> float:
        """Calibrated probability that the message is blackmail or grooming, 0 to 1."""
        return sum(self.scores[label] for label in OFFENSES)

    def to_dict(self) -> dict[str, Any]:
        """The verdict as plain JSON types with stable keys."""
        return {
            "label": self.label.value,
            "flagged": self.flagged,
            "action": self.action.value,
            "probability": self.probability,
            "scores": {label.value: score for label, score in self.scores.items()},
            "tactics": {tactic.value: score for tactic, score in self.tactics.items()},
            "evidence": [span.to_dict() for span in self.evidence],
            "distress": self.distress,
        }


@dataclass(frozen=True, slots=True, repr=False)
class Entry:
    """One message of a conversation, its verdict, the risk after it, and by how much it moved that of its author."""

    index: int
    message: Message
    verdict: Verdict
    risk: float
    move: float

    @property
    def sureness(self) -> float:
        """The probability that the decision on the message rests on, 0 to 1."""
        return self.verdict.probability if self.verdict.flagged else self.verdict.scores[self.verdict.label]

    @property
    def is_notable(self) -> bool:
        """Whether a person should read it: it is flagged, or its sender needs support or is in danger."""
        return self.verdict.action is not Action.NONE or self.verdict.distress

    def to_dict(self) -> dict[str, Any]:
        """Who, when, the risk after it, and its verdict as plain JSON types; no text."""
        return {
            "sender": self.message.sender,
            "forwarded_from": self.message.forwarded_from,
            "sent_at": None if self.message.sent_at is None else self.message.sent_at.isoformat(),
            "kind": self.message.kind.value,
            "risk": self.risk,
            "move": self.move,
            **self.verdict.to_dict(),
        }


@dataclass(frozen=True, slots=True)
class ChatVerdict(Advised):
    """What `classify` says of a conversation.

    `first_flagged` is the index, from 0, of the message at which the chat was first flagged, or None (reports and lists
    of facts number messages from 1); `offender` whose side carries the highest risk, or None; `messages` holds a
    verdict for each entry, in order; `risk` the running risk after each, 0 to 1; `moves` by how much each moved the
    risk of its author, in log-odds. `probability` is the highest risk of the conversation, and `threshold` the risk
    from which it is flagged. What the offender says once flagged, and anyone while their side is at the threshold, is
    never routed to support. `to_read` is the index of the first message that a person should read because it is flagged
    by itself, where the conversation is not; else None. A conversation with a flagged message is thus flagged, or has
    one to read, and bears the label of an offense or of a victim's report. `model` is the name and the SHA-256 of the
    model.
    """

    label: Label
    flagged: bool
    probability: float
    first_flagged: int | None
    offender: str | None = field(repr=False)
    messages: tuple[Verdict, ...] = field(repr=False)
    risk: tuple[float, ...] = field(repr=False)
    moves: tuple[float, ...] = field(repr=False)
    _: KW_ONLY
    threshold: float
    to_read: int | None = None
    model: str = field(default="", repr=False)
    chat: Chat = field(repr=False)

    def entries(self) -> Iterator[Entry]:
        """The messages in order, each with all that was said of it."""
        parts = zip(self.chat.messages, self.messages, self.risk, self.moves, strict=True)
        return (Entry(index, *part) for index, part in enumerate(parts))

    def to_dict(self) -> dict[str, Any]:
        """The verdict as plain JSON types with stable keys; each message with its sender and time, without its text."""
        return {
            "label": self.label.value,
            "flagged": self.flagged,
            "probability": self.probability,
            "first_flagged": self.first_flagged,
            "to_read": self.to_read,
            "offender": self.offender,
            "messages": [entry.to_dict() for entry in self.entries()],
        }

    def turning_points(self, most: int = 5) -> tuple[int, ...]:
        """The indices of the messages that raised the risk of their sender most, strongest first.

        Where the chat is flagged, those of its offender alone: what moves the side of a victim says nothing here.
        """
        own = [entry for entry in self.entries() if not self.flagged or entry.message.author == self.offender]
        own.sort(key=lambda entry: -entry.move)
        return tuple(entry.index for entry in own[:most] if entry.move > 0.0)

    def to_frame(self) -> "pd.DataFrame":
        """A row a message: `sender`, `sent_at`, `kind`, `text`, `risk`, `move` and the columns of `classify(Series)`.

        Raises `InputError` where pandas is not installed.
        """
        from sextortion_detect.frames import chat_frame

        return chat_frame(self)

    def to_html(self, *, lang: str = "ar", redact: bool = False, country: str | None = None) -> str:
        """The conversation as one self-contained page in Arabic (`ar`) or English (`en`), with the evidence marked.

        With `redact`, names of senders, numbers, accounts, links and addresses are replaced by aliases, in the texts
        too. `country` (two letters) adds that country's lines of help. Raises `InputError` for another language.
        """
        from sextortion_detect.page.chat_page import render_html

        return render_html(self, lang=lang, redact=redact, country=country)
