"""The conversation: risk that runs along with the messages, and the verdict on the whole.

The running risk is the highest probability of an offense among the messages so far; the chat is flagged with its first
flagged message, and the offender is the sender of the riskiest one. A message is judged by its own words alone, so a
victim's replies neither raise nor lower the risk.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sextortion_detect.model.linear import Model
from sextortion_detect.model.shipped import checked_model
from sextortion_detect.records import Chat, ChatVerdict, Message, MessageKind, Verdict
from sextortion_detect.taxonomy import Action, Label
from sextortion_detect.verdicts import Thresholds, judge


@dataclass(frozen=True, slots=True)
class ChatState:
    """What is known of a conversation after a message; fields as in `ChatVerdict`, `message` is the newest verdict."""

    label: Label
    flagged: bool
    probability: float
    first_flagged: int | None
    offender: str | None = field(repr=False)
    message: Verdict


class ChatMonitor:
    """Follows one conversation as it goes on: constant work a message, constant memory.

    Feeding it the messages of a chat one by one ends in the same verdict as `classify(chat)`.

    `model` is the shipped one unless given; `thresholds` changes some of its thresholds by name.

    >>> ChatMonitor().update(Message("صباح الخير", sender="سارة")).flagged
    False
    """

    def __init__(self, *, model: Model | None = None, thresholds: Mapping[str, float] | None = None) -> None:
        self._model = checked_model(model)
        self._thresholds = Thresholds.of(self._model, thresholds)
        self._running = _Running()

    def update(self, message: Message) -> ChatState:
        """Take in the next message and say where the conversation stands; `TypeError` for anything but a `Message`."""
        if not isinstance(message, Message):
            raise TypeError(
                f"update takes a Message, not {type(message).__name__}; wrap the text: Message(text, sender)."
            )
        (verdict,) = judge(self._model, [scored_text(message)], self._thresholds)
        return self._running.add(message, verdict)


def scored_text(message: Message) -> str:
    """What of an entry is scored: nothing of a media marker or a deletion, since no person wrote it.

    System lines are: were a message ever taken for one, it would still be judged.
    """
    return "" if message.kind in (MessageKind.MEDIA, MessageKind.DELETED) else message.text


def sum_up(chat: Chat, verdicts: Sequence[Verdict]) -> ChatVerdict:
    """The verdict on a conversation from those on its messages."""
    running = _Running()
    states = [running.add(message, verdict) for message, verdict in zip(chat.messages, verdicts, strict=True)]
    last = states[-1] if states else None
    return ChatVerdict(
        label=last.label if last else Label.BENIGN,
        flagged=last.flagged if last else False,
        probability=last.probability if last else 0.0,
        first_flagged=last.first_flagged if last else None,
        offender=last.offender if last else None,
        messages=tuple(verdicts),
        risk=tuple(state.probability for state in states),
        chat=chat,
    )


# The gravest label that a chat has earned stands for the whole.
_GRAVITY = (Label.BENIGN, Label.VICTIM_REPORT, Label.GROOMING, Label.BLACKMAIL)


class _Running:
    """The fold over a conversation: what has to be remembered from one message to the next."""

    def __init__(self) -> None:
        self._seen = 0
        self._label = Label.BENIGN
        self._first_flagged: int | None = None
        self._probability = 0.0
        self._riskiest: str | None = None

    def add(self, message: Message, verdict: Verdict) -> ChatState:
        if verdict.probability > self._probability:
            self._probability, self._riskiest = verdict.probability, message.sender
        if verdict.flagged and self._first_flagged is None:
            self._first_flagged = self._seen
        if verdict.action is not Action.NONE:
            self._label = max(self._label, verdict.label, key=_GRAVITY.index)
        self._seen += 1
        flagged = self._first_flagged is not None
        return ChatState(
            label=self._label,
            flagged=flagged,
            probability=self._probability,
            first_flagged=self._first_flagged,
            offender=self._riskiest if flagged else None,
            message=verdict,
        )
