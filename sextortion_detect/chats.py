"""The conversation: each participant's side followed message by message, and the verdict on the whole.

The risk of a conversation is that of its riskiest side (`model.participant`); it is flagged with the first message
after which that risk reaches the threshold, and the offender is who that side belongs to. A message moves the side of
who wrote it alone, and a blackmailer's words that she forwards move his; what a victim answers may only make what he
writes next weigh more. What one says in several short messages is one text: the last messages of each author are also
read joined. What an author repeats is heard once.
"""

import re
from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Final

import numpy as np

from sextortion_detect.batches import Progress, scored_chunks
from sextortion_detect.decision_thresholds import ThresholdChoice, Thresholds
from sextortion_detect.model.conversation import conversation_head
from sextortion_detect.model.linear import Array, Model
from sextortion_detect.model.participant import WINDOW, heard
from sextortion_detect.model.shipped import checked_model
from sextortion_detect.records import Chat, ChatVerdict, Message, MessageKind
from sextortion_detect.running_risk import ChatState, Running
from sextortion_detect.verdicts import Judged, judge

_LONGEST: Final = 1_000
"""Characters of a message that are read together with others: a flood is judged by itself, and held but in part."""


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


def scored_text(message: Message) -> str:
    """What of an entry is scored: nothing of a media marker or a deletion, since no person wrote it.

    System lines are, though they move nobody's side: were a message ever taken for one, it would still be judged.
    """
    return "" if message.kind in (MessageKind.MEDIA, MessageKind.DELETED) else message.text


_REMEMBERED: Final = 200
"""Messages of a sender among which a repeated one is known: as digests, which tell nothing of the words."""

_NO_WORDS: Final = re.compile(r"[\W_]+|\b\d+\b")


class Windows:
    """What each author in one conversation wrote last: the words of a few messages, and digests of some more.

    >>> windows = Windows()
    >>> [windows.add(Message(text, "سارة")).split() for text in ("صباح", "الخير", "صباح!", "وينك")]
    [['صباح'], ['صباح', 'الخير'], [], ['صباح', 'الخير', 'وينك']]
    """

    def __init__(self) -> None:
        self._last: dict[str | None, tuple[deque[str], OrderedDict[int, bool]]] = {}

    def __repr__(self) -> str:
        return f"Windows({len(self._last)} senders)"

    def add(self, message: Message) -> str:
        """Take in the next message of the conversation, and give its sender's last messages as one text.

        An empty text for what nobody wrote, and for what its sender has said before: numbers and signs make no other
        message of one.
        """
        text = "" if message.kind is MessageKind.SYSTEM else scored_text(message)[:_LONGEST]
        if not text:
            return ""
        last, digests = self._last.setdefault(message.author, (deque(maxlen=WINDOW), OrderedDict()))
        digest = hash(_NO_WORDS.sub("", text.casefold()))
        was_said = digests.pop(digest, False)
        digests[digest] = True
        if len(digests) > _REMEMBERED:
            digests.popitem(last=False)
        if was_said:
            return ""
        last.append(text)
        return "\n".join(last)


def judge_messages(
    messages: Iterable[Message],
    windows: Windows,
    model: Model,
    thresholds: Thresholds,
    n_jobs: int | None = None,
    progress: Progress | None = None,
) -> Iterator[tuple[Message, Judged, Array | None]]:
    """The next messages of a conversation, each judged by itself, with what its sender's side hears of it, or None.

    A message and its window are read one behind the other, in one call: nothing else is read for a message.
    """
    begun = deque[tuple[Message, bool]]()

    def texts() -> Iterator[str]:
        for message in messages:
            window = windows.add(message)
            begun.append((message, bool(window)))
            yield from (scored_text(message), window)

    told = None if progress is None else lambda done: progress(done // 2)
    for chunk, read in scored_chunks(texts(), model, n_jobs, with_context=True, progress=told):
        pairs = np.arange(len(chunk)).reshape(-1, 2)  # no chunk ends between the two
        judged = judge(model, chunk[::2], read.at(pairs[:, 0]), thresholds)
        for one, row in zip(judged, heard(read, pairs), strict=True):
            message, moves = begun.popleft()
            yield message, one, row if moves and one.known else None
