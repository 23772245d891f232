"""The conversation: each participant's side followed message by message, and the verdict on the whole.

The risk of a conversation is that of its riskiest side (`model.participant`); it is flagged with the first message
after which that risk reaches the threshold, and the offender is who that side belongs to. A message moves nobody's side
but its sender's, so a victim's replies neither raise nor lower the risk.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from heapq import heapify, heappop, heappush
from typing import Final

from sextortion_detect.model.conversation import ConversationHead, conversation_head
from sextortion_detect.model.linear import Model
from sextortion_detect.model.participant import Participant, logistic
from sextortion_detect.model.shipped import checked_model
from sextortion_detect.records import Chat, ChatVerdict, Message, Verdict
from sextortion_detect.taxonomy import Action, Label
from sextortion_detect.verdicts import Judged, ThresholdChoice, Thresholds
from sextortion_detect.windows import Windows, judge_messages, scored_text


@dataclass(frozen=True, slots=True)
class ChatState:
    """What is known of a conversation after a message; fields as in `ChatVerdict`.

    `message` is the newest verdict, `risk` the risk after it, and `move` by how much it moved the risk of its sender,
    in log-odds.
    """

    label: Label
    flagged: bool
    probability: float
    first_flagged: int | None
    offender: str | None = field(repr=False)
    message: Verdict
    risk: float
    move: float


class ChatMonitor:
    """Follows one conversation as it goes on: constant memory a participant, and constant work a message.

    (Work grows with the logarithm of the number of participants, for finding the riskiest.)

    Feeding it the messages of a chat one by one ends in the same verdict as `classify(chat)`.

    `model` is the shipped one unless given; `thresholds` as in `classify`.

    >>> ChatMonitor().update(Message("صباح الخير", sender="سارة")).flagged
    False
    """

    def __init__(self, *, model: Model | None = None, thresholds: ThresholdChoice | None = None) -> None:
        self._model = checked_model(model)
        self._thresholds = Thresholds.of(self._model, thresholds)
        self._running = Running(conversation_head(self._model), self._thresholds.conversation)
        self._windows = Windows()

    def update(self, message: Message) -> ChatState:
        """Take in the next message and say where the conversation stands; `TypeError` for anything but a `Message`."""
        if not isinstance(message, Message):
            raise TypeError(
                f"update takes a Message, not {type(message).__name__}; wrap the text: Message(text, sender)."
            )
        (judged,) = judge_messages(self._model, [message], self._windows, self._thresholds)
        return self._running.add(message, judged)


def sum_up(chat: Chat, judged: Iterable[Judged], head: ConversationHead, threshold: float) -> ChatVerdict:
    """The verdict on a conversation from those on its messages."""
    running = Running(head, threshold)
    states = [running.add(message, one) for message, one in zip(chat.messages, judged, strict=True)]
    last = states[-1] if states else None
    return ChatVerdict(
        label=last.label if last else Label.BENIGN,
        flagged=last.flagged if last else False,
        probability=last.probability if last else 0.0,
        first_flagged=last.first_flagged if last else None,
        offender=last.offender if last else None,
        messages=tuple(state.message for state in states),
        risk=tuple(state.risk for state in states),
        moves=tuple(state.move for state in states),
        threshold=threshold,
        chat=chat,
    )


class Running:
    """The fold over a conversation: what has to be remembered from one message to the next."""

    def __init__(self, head: ConversationHead, threshold: float) -> None:
        self._head = head
        self._threshold = threshold
        self._at_rest = head.log_odds(Participant().vector())
        self._sides: dict[str | None, tuple[Participant, float, int]] = {}  # a side, its log-odds, when it came up
        self._ranking: list[tuple[float, int, str | None]] = []  # a heap; what no longer holds stays until it is on top
        self._riskiest: str | None = None
        self._risk = 0.0
        self._highest = 0.0
        self._label = Label.BENIGN
        self._offender: str | None = None
        self._first_flagged: int | None = None
        self._seen = 0

    def add(self, message: Message, judged: Judged) -> ChatState:
        """Take in the next message and what was said of it; what nobody wrote moves nothing."""
        move = self._move(message, judged) if judged.known and scored_text(message) else 0.0
        if self._label is Label.BENIGN and judged.verdict.action is Action.SUPPORT:
            self._label = Label.VICTIM_REPORT
        self._highest = max(self._highest, self._risk)
        if self._sides and self._risk >= self._threshold and self._first_flagged is None:
            self._first_flagged = self._seen
        if self._sides and self._risk >= self._threshold:
            self._offender = self._riskiest
            offense = self._head.label(self._sides[self._riskiest][0].vector())
            self._label = Label.BLACKMAIL if Label.BLACKMAIL in (offense, self._label) else offense
        self._seen += 1
        verdict = judged.verdict
        if verdict.action is Action.SUPPORT and self._is_flagged(message.sender):
            verdict = replace(verdict, action=Action.NONE)
        return ChatState(
            label=self._label,
            flagged=self._first_flagged is not None,
            probability=self._highest,
            first_flagged=self._first_flagged,
            offender=self._offender,
            message=verdict,
            risk=self._risk,
            move=move,
        )

    def _is_flagged(self, sender: str | None) -> bool:
        """Whether a sender is the offender, or his side at the threshold; where nobody is named, all are one side."""
        if sender is None or sender not in self._sides:
            return False
        return sender == self._offender or logistic(self._sides[sender][1]) >= self._threshold

    def _move(self, message: Message, judged: Judged) -> float:
        """By how much a message moves the log-odds of its sender's side."""
        side, before, place = self._sides.get(message.sender) or (Participant(), self._at_rest, len(self._sides))
        side.add(judged.labels, judged.tactics, judged.context)
        after = self._head.log_odds(side.vector())
        self._sides[message.sender] = side, after, place
        self._riskiest = self._highest_ranked(message.sender, after, place)
        self._risk = logistic(self._sides[self._riskiest][1])
        return after - before

    def _highest_ranked(self, sender: str | None, log_odds: float, place: int) -> str | None:
        """Who is riskiest now that a sender has these log-odds; of equals who came first."""
        heappush(self._ranking, (-log_odds, place, sender))
        if len(self._ranking) > 2 * len(self._sides) + _SPARE:
            self._ranking = [(-odds, came, who) for who, (_, odds, came) in self._sides.items()]
            heapify(self._ranking)
        while -self._ranking[0][0] != self._sides[self._ranking[0][2]][1]:
            heappop(self._ranking)
        return self._ranking[0][2]


_SPARE: Final = 64
"""Entries of the ranking that no longer hold, beyond twice the participants, after which it is made anew."""
