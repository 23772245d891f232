"""The conversation: each participant's side followed message by message, and the verdict on the whole.

The risk of a conversation is that of its riskiest side (`model.participant`); it is flagged with the first message
after which that risk reaches the threshold, and the offender is who that side belongs to. A message moves nobody's side
but its sender's, so a victim's replies neither raise nor lower the risk. What one says in several short messages is one
text: the last messages of each sender are also read joined.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from heapq import heapify, heappop, heappush
from itertools import islice
from typing import Final

from sextortion_detect.batches import Progress, scored_chunks
from sextortion_detect.decision_thresholds import ThresholdChoice, Thresholds
from sextortion_detect.model.conversation import ConversationHead, conversation_head
from sextortion_detect.model.linear import Model, logistic
from sextortion_detect.model.participant import WINDOWS, Participant, in_context
from sextortion_detect.model.shipped import checked_model
from sextortion_detect.records import Chat, ChatVerdict, Message, MessageKind, Verdict
from sextortion_detect.taxonomy import Action, Label
from sextortion_detect.verdicts import Judged, judge

_BATCH: Final = 2_000
"""Messages of a stream that are scored at once, as in `classify`."""

_LONGEST: Final = 1_000
"""Characters of a message that are read together with others: a flood is judged by itself, and held but in part."""

_SPARE: Final = 64
"""Entries of the ranking that no longer hold, beyond twice the participants, after which it is made anew."""


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
        (judged,) = judge_messages([message], self._windows, self._model, self._thresholds)
        return self._running.add(message, judged)


def follow(
    messages: Iterable[Message],
    /,
    *,
    model: Model | None = None,
    thresholds: ThresholdChoice | None = None,
    progress: Progress | None = None,
) -> Iterator[tuple[Message, ChatState]]:
    """Each message of one conversation, with where the conversation stands after it.

    As a `ChatMonitor`, but scored in batches; no more than one batch is held at a time, and the last state ends in the
    same verdict as `classify(chat)`. `progress` is called with the number of messages scored so far.

    >>> [state.flagged for _, state in follow([Message("صباح الخير", "سارة")])]
    [False]
    """
    used = checked_model(model)
    limits = Thresholds.of(used, thresholds)
    running, windows = Running(conversation_head(used), limits.conversation), Windows()
    remaining = iter(messages)
    done = 0
    while batch := list(islice(remaining, _BATCH)):
        judged = judge_messages(batch, windows, used, limits)
        for message, one in zip(batch, judged, strict=True):
            yield message, running.add(message, one)
        done += len(batch)
        if progress is not None:
            progress(done)


def judge_chat(
    chat: Chat, model: Model, thresholds: Thresholds, n_jobs: int | None = None, progress: Progress | None = None
) -> ChatVerdict:
    """The verdict on a whole conversation; `n_jobs` and `progress` as in `classify`."""
    running = Running(conversation_head(model), thresholds.conversation)
    judged = judge_messages(chat.messages, Windows(), model, thresholds, n_jobs, progress)
    states = [running.add(message, one) for message, one in zip(chat.messages, judged, strict=True)]
    return ChatVerdict(
        label=running.label,
        flagged=running.first_flagged is not None,
        probability=running.highest,
        first_flagged=running.first_flagged,
        offender=running.offender,
        messages=tuple(state.message for state in states),
        risk=tuple(state.risk for state in states),
        moves=tuple(state.move for state in states),
        threshold=thresholds.conversation,
        chat=chat,
    )


def scored_text(message: Message) -> str:
    """What of an entry is scored: nothing of a media marker or a deletion, since no person wrote it.

    System lines are: were a message ever taken for one, it would still be judged.
    """
    return "" if message.kind in (MessageKind.MEDIA, MessageKind.DELETED) else message.text


class Windows:
    """What each sender of one conversation wrote last; remembers as many messages a sender as the largest window has.

    >>> windows = Windows()
    >>> [windows.add(Message(text, "سارة"))[0].split() for text in ("صباح", "الخير", "وينك")]
    [['صباح'], ['صباح', 'الخير'], ['الخير', 'وينك']]
    """

    def __init__(self) -> None:
        self._last: dict[str | None, deque[str]] = {}

    def add(self, message: Message) -> list[str]:
        """Take in the next message of the conversation, and give the text of its sender's window of each size."""
        last = self._last.setdefault(message.sender, deque(maxlen=max(WINDOWS)))
        if text := scored_text(message):
            last.append(text[:_LONGEST])
        return ["\n".join([*last][-size:]) for size in WINDOWS]


def judge_messages(
    messages: Sequence[Message],
    windows: Windows,
    model: Model,
    thresholds: Thresholds,
    n_jobs: int | None = None,
    progress: Progress | None = None,
) -> Iterator[Judged]:
    """The next messages of a conversation, each judged by itself, with the log-odds that it has in context."""
    texts = map(scored_text, messages)
    chunks = scored_chunks(texts, model, n_jobs, with_context=True, progress=progress)
    judged = (one for chunk, judgment in chunks for one in judge(model, chunk, judgment, thresholds))
    if model.context is None:
        yield from judged
        return
    joined = (text for message in messages for text in windows.add(message))
    read = (row for _, judgment in scored_chunks(joined, model, n_jobs, with_context=True) for row in judgment.context)
    for one in judged:
        yield one._replace(context=in_context(one.context, [next(read) for _ in WINDOWS]))


class Running:
    """What has to be remembered of a conversation from one message to the next.

    `label`, `highest` (risk so far), `offender` and `first_flagged` say where it stands, as in `ChatVerdict`.
    """

    def __init__(self, head: ConversationHead, threshold: float) -> None:
        self._head = head
        self._threshold = threshold
        self._at_rest = head.log_odds(Participant().vector())
        self._sides: dict[str | None, tuple[Participant, float, int]] = {}  # a side, its log-odds, when it came up
        self._ranking: list[tuple[float, int, str | None]] = []  # a heap; what no longer holds stays until it is on top
        self._riskiest: str | None = None
        self._risk = 0.0
        self.highest = 0.0
        self.label = Label.BENIGN
        self.offender: str | None = None
        self.first_flagged: int | None = None
        self._seen = 0

    def add(self, message: Message, judged: Judged) -> ChatState:
        """Take in the next message and what was said of it; what nobody wrote moves nothing."""
        move = self._move(message, judged) if judged.known and scored_text(message) else 0.0
        if self.label is Label.BENIGN and judged.verdict.action is Action.SUPPORT:
            self.label = Label.VICTIM_REPORT
        self.highest = max(self.highest, self._risk)
        if self._sides and self._risk >= self._threshold and self.first_flagged is None:
            self.first_flagged = self._seen
        if self._sides and self._risk >= self._threshold:
            self.offender = self._riskiest
            offense = self._head.label(self._sides[self._riskiest][0].vector())
            self.label = Label.BLACKMAIL if Label.BLACKMAIL in (offense, self.label) else offense
        self._seen += 1
        verdict = judged.verdict
        if verdict.action is Action.SUPPORT and self._is_flagged(message.sender):
            verdict = replace(verdict, action=Action.NONE)
        return ChatState(
            label=self.label,
            flagged=self.first_flagged is not None,
            probability=self.highest,
            first_flagged=self.first_flagged,
            offender=self.offender,
            message=verdict,
            risk=self._risk,
            move=move,
        )

    def _is_flagged(self, sender: str | None) -> bool:
        """Whether a sender is the offender, or his side at the threshold; where nobody is named, all are one side."""
        if sender is None or sender not in self._sides:
            return False
        return sender == self.offender or float(logistic(self._sides[sender][1])) >= self._threshold

    def _move(self, message: Message, judged: Judged) -> float:
        """By how much a message moves the log-odds of its sender's side."""
        side, before, place = self._sides.get(message.sender) or (Participant(), self._at_rest, len(self._sides))
        side.add(judged.labels, judged.tactics, judged.context)
        after = self._head.log_odds(side.vector())
        self._sides[message.sender] = side, after, place
        self._riskiest = self._highest_ranked(message.sender, after, place)
        self._risk = float(logistic(self._sides[self._riskiest][1]))
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
