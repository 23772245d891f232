"""The conversation: each participant's side followed message by message, and the verdict on the whole.

The risk of a conversation is that of its riskiest side (`model.participant`); it is flagged with the first message
after which that risk reaches the threshold, and the offender is who that side belongs to. A message moves the side of
who wrote it alone, and a blackmailer's words that she forwards move his; what others answer only makes what he writes
next weigh more or less. What one says in several short messages is heard as one text too, since the last messages of
each author are also read in a row (`windows`). What an author repeats is heard once.
"""

from collections.abc import Iterable, Iterator
from dataclasses import asdict

from sextortion_detect.batches import Progress
from sextortion_detect.decision_thresholds import ThresholdChoice, Thresholds
from sextortion_detect.model.conversation import conversation_head
from sextortion_detect.model.linear import Array, Model
from sextortion_detect.model.shipped import checked_model
from sextortion_detect.records import Chat, ChatVerdict, Message
from sextortion_detect.running_risk import ChatState, Running
from sextortion_detect.verdicts import Judged, judge
from sextortion_detect.windows import Windows, read_messages


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
        self._running = Running(conversation_head(self._model), self._thresholds)
        self._windows = Windows()

    def update(self, message: Message) -> ChatState:
        """Take in the next message and say where the conversation stands; `TypeError` for anything but a `Message`."""
        if not isinstance(message, Message):
            raise TypeError(
                f"update takes a Message, not {type(message).__name__}; wrap the text: Message(text, sender)."
            )
        (judged,) = judge_messages([message], self._windows, self._model, self._thresholds)
        return self._running.add(*judged)


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
    running = Running(conversation_head(used), limits)
    for judged in judge_messages(messages, Windows(), used, limits, progress=progress):
        yield judged[0], running.add(*judged)


def judge_chat(
    chat: Chat, model: Model, thresholds: Thresholds, n_jobs: int | None = None, progress: Progress | None = None
) -> ChatVerdict:
    """The verdict on a whole conversation; `n_jobs` and `progress` as in `classify`."""
    running = Running(conversation_head(model), thresholds)
    judged = judge_messages(chat.messages, Windows(), model, thresholds, n_jobs, progress)
    states = [running.add(*one) for one in judged]
    return ChatVerdict(
        **asdict(running.standing),
        messages=tuple(state.message for state in states),
        risk=tuple(state.risk for state in states),
        moves=tuple(state.move for state in states),
        threshold=thresholds.conversation,
        model=f"{model.manifest.get('name', '')} {model.manifest.get('sha256', '')}".strip(),
        chat=chat,
    )


def judge_messages(
    messages: Iterable[Message],
    windows: Windows,
    model: Model,
    thresholds: Thresholds,
    n_jobs: int | None = None,
    progress: Progress | None = None,
) -> Iterator[tuple[Message, Judged, Array | None]]:
    """The next messages of a conversation, each judged by itself, with what its sender's side hears of it, or None."""
    for read in read_messages(((message, windows) for message in messages), model, n_jobs, progress):
        judged = judge(model, read.texts, read.alone, thresholds)
        for message, one, row, moves in zip(read.messages, judged, read.heard, read.moves, strict=True):
            yield message, one, row if moves else None
