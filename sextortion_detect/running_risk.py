"""Where a conversation stands after each message: whose risk is highest, whether it is flagged, and what to read.

Four rules stand beside the model. The risk of a side stands for `HELD` messages after the last one that offends, and
fades behind them. Among many messages one is flagged by itself only where it is the surer the more there are
(`odds_to_read`). Support is for those whose own side does not offend. And an offender one of whose messages is
blackmail by itself, at the threshold, blackmails, whatever else is tried.
"""

from dataclasses import dataclass, field, replace
from heapq import heapify, heappop, heappush
from math import log
from typing import Final

from sextortion_detect.decision_thresholds import FIRST_OFFENSE, SECOND_OFFENSE, Thresholds
from sextortion_detect.model.conversation import ConversationHead
from sextortion_detect.model.linear import LABELS, Array, logistic, logit
from sextortion_detect.model.participant import Participant
from sextortion_detect.records import Message, MessageKind, Verdict
from sextortion_detect.taxonomy import Action, Label
from sextortion_detect.verdicts import Judged

_BLACKMAIL: Final = LABELS.index(Label.BLACKMAIL)

_SPARE: Final = 64
"""Entries of the ranking that no longer hold, beyond twice the participants, after which it is made anew."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a conversation stands; fields as in `ChatVerdict`."""

    label: Label
    flagged: bool
    probability: float
    first_flagged: int | None
    to_read: int | None
    offender: str | None = field(repr=False)


BEGINNING: Final = Standing(Label.BENIGN, False, 0.0, None, None, None)
"""Where a conversation without a message stands."""


@dataclass(frozen=True, slots=True)
class ChatState(Standing):
    """What is known of a conversation after a message; fields as in `ChatVerdict`.

    `message` is the newest verdict, `risk` the risk after it, and `move` by how much it moved the risk of its sender,
    in log-odds.
    """

    message: Verdict
    risk: float
    move: float


HELD: Final = 100
"""So many messages of a sender the risk of a side stands, behind the last one that offends; then it fades: with each
further message by a hundredth of what it is above the risk of the present state."""


def odds_to_read(count: int) -> float:
    """How many times surer than by itself a message must be among so many, where nothing else of its side offends.

    A third of them, and among 30 to 300 ten times; in longer ones a thirtieth, so that a long harmless conversation has
    hardly more than a short one (a Bonferroni correction, in odds). Of 141 dev conversations that only look like
    offenses 11 have one to read then, and 51 where a thirtieth, and no less than once, is asked of all; of 110 that
    offend 2 fewer have one.

    >>> [odds_to_read(count) for count in (1, 15, 30, 300, 600)]
    [1.0, 5.0, 10.0, 10.0, 20.0]
    """
    return max(min(count / 3.0, 10.0), count / 30.0, 1.0)


@dataclass(slots=True)
class _Side:
    """A participant, the log-odds of the side so far, when it came up, and how many messages ago it offended.

    `offense` is which one it would be after its last message; `threatens` says that one of its messages was blackmail
    by itself while it was at the threshold.
    """

    participant: Participant
    log_odds: float
    place: int
    since: int = 0
    offense: Label = Label.BENIGN
    threatens: bool = False


class Turns:
    """Whom each message of a conversation answers: the last other one who wrote.

    >>> turns = Turns()
    >>> [turns.add(Message("نص", who)) for who in ("سارة", "رقم", "رقم", "سارة")]
    [None, 'سارة', 'سارة', 'رقم']
    """

    def __init__(self) -> None:
        self._last: str | None = None
        self._other: str | None = None

    def add(self, message: Message) -> str | None:
        """Take in the next message, and give whom it answers, or None."""
        if message.kind is not MessageKind.SYSTEM and message.author != self._last:
            self._last, self._other = message.author, self._last
        return self._other


class Running:
    """What has to be remembered of a conversation from one message to the next, and where it is `standing`."""

    def __init__(self, head: ConversationHead, thresholds: Thresholds) -> None:
        self._head = head
        self._threshold = thresholds.conversation
        self._asked = float(logit(thresholds.offense))
        self._at_rest = head.log_odds(Participant().vector(), 1)
        self._sides: dict[str | None, _Side] = {}
        self._turns = Turns()
        self._ranking: list[tuple[float, int, str | None]] = []  # a heap; what no longer holds stays until it is on top
        self._riskiest: str | None = None
        self._risk = 0.0
        self._seen = 0
        self.standing = BEGINNING

    def add(self, message: Message, judged: Judged, heard: Array | None) -> ChatState:
        """Take in the next message, what was said of it, and what is heard of it (None moves nothing).

        The side that it answers remembers it, and its risk may be another one with the next message of its own.
        """
        offends = float(logit(judged.labels[[FIRST_OFFENSE, SECOND_OFFENSE]].sum()))
        move, answered = 0.0, self._turns.add(message)
        if heard is not None:
            move = self._move(message.author, heard, offends >= 0.0)
            if logit(judged.labels[_BLACKMAIL]) >= self._asked and self._is_at_threshold(message.author):
                self._sides[message.author].threatens = True
            if answered is not None and answered in self._sides:
                self._sides[answered].participant.answered(heard)
        verdict = self._in_conversation(message.author, judged.verdict, offends)
        now = replace(self.standing, probability=max(self.standing.probability, self._risk))
        if self._sides and self._risk >= self._threshold:
            side = self._sides[self._riskiest]
            label = Label.BLACKMAIL if side.threatens else side.offense
            first = now.first_flagged if now.flagged else self._seen
            now = Standing(label, True, now.probability, first, None, self._riskiest)
        elif verdict.flagged and not now.flagged and now.to_read is None:
            now = replace(now, to_read=self._seen, label=verdict.label if now.label is Label.BENIGN else now.label)
        if now.label is Label.BENIGN and verdict.action is Action.SUPPORT and verdict.label is Label.VICTIM_REPORT:
            now = replace(now, label=Label.VICTIM_REPORT)
        self._seen += 1
        self.standing = now
        return ChatState(
            now.label, now.flagged, now.probability, now.first_flagged, now.to_read, now.offender,
            message=verdict, risk=self._risk, move=move,
        )  # fmt: skip

    def _in_conversation(self, sender: str | None, verdict: Verdict, log_odds: float) -> Verdict:
        """A verdict as it stands in a conversation of this length, by somebody of this side."""
        offends = self._is_flagged(sender)
        if verdict.flagged and not offends and log_odds < self._asked + log(odds_to_read(self._seen + 1)):
            action = Action.SUPPORT if verdict.distress else Action.NONE
            return replace(verdict, flagged=False, action=action, tactics={}, evidence=())
        if verdict.action is Action.SUPPORT and offends:
            return replace(verdict, action=Action.NONE)
        return verdict

    def _is_flagged(self, sender: str | None) -> bool:
        """Whether a sender is the offender, or his side at the threshold; where nobody is named, all are one side."""
        if sender is None or sender not in self._sides:
            return False
        return sender == self.standing.offender or self._is_at_threshold(sender)

    def _is_at_threshold(self, sender: str | None) -> bool:
        return float(logistic(self._sides[sender].log_odds)) >= self._threshold

    def _move(self, sender: str | None, heard: Array, offends: bool) -> float:
        """By how much a message moves the log-odds of its sender's side."""
        side = self._sides.get(sender)
        if side is None:
            side = self._sides[sender] = _Side(Participant(), self._at_rest, len(self._sides))
        side.participant.add(heard)
        vector, before = side.participant.vector(), side.log_odds
        now, side.offense = self._head.log_odds(vector, self._seen + 1), self._head.label(vector)
        side.since = 0 if offends or now >= before else side.since + 1
        faded = (before - now) / HELD if side.since > HELD else 0.0
        side.log_odds = max(now, before - faded)
        self._riskiest = self._highest_ranked(sender, side)
        self._risk = float(logistic(self._sides[self._riskiest].log_odds))
        return side.log_odds - before

    def _highest_ranked(self, sender: str | None, side: _Side) -> str | None:
        """Who is riskiest now that a sender has this side; of equals who came first."""
        heappush(self._ranking, (-side.log_odds, side.place, sender))
        if len(self._ranking) > 2 * len(self._sides) + _SPARE:
            self._ranking = [(-one.log_odds, one.place, who) for who, one in self._sides.items()]
            heapify(self._ranking)
        while -self._ranking[0][0] != self._sides[self._ranking[0][2]].log_odds:
            heappop(self._ranking)
        return self._ranking[0][2]
