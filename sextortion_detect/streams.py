"""Following a conversation of any length in flat memory: what a scan does with exports of a million messages."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Final

from sextortion_detect.chats import ChatState, Running
from sextortion_detect.model.conversation import conversation_head
from sextortion_detect.model.linear import Model
from sextortion_detect.model.shipped import checked_model
from sextortion_detect.records import Message
from sextortion_detect.verdicts import ThresholdChoice, Thresholds
from sextortion_detect.windows import Windows, judge_messages

_BATCH: Final = 2_000  # messages scored at once, as in `classify`


def follow(
    messages: Iterable[Message],
    /,
    *,
    model: Model | None = None,
    thresholds: ThresholdChoice | None = None,
    progress: Callable[[int], object] | None = None,
) -> Iterator[tuple[Message, ChatState]]:
    """Each message of one conversation, with where the conversation stands after it.

    As a `ChatMonitor`, but scored in batches; no more than one batch is held at a time, and the last state ends in the
    same verdict as `classify(chat)`. `progress` is called with the number of messages scored so far.

    >>> [state.flagged for _, state in follow([Message("صباح الخير", "سارة")])]
    [False]
    """
    used = checked_model(model)
    limits = Thresholds.of(used, thresholds)
    running = Running(conversation_head(used), limits.conversation)
    windows = Windows()
    remaining = iter(messages)
    done = 0
    while batch := list(islice(remaining, _BATCH)):
        judged = judge_messages(used, batch, windows, limits)
        for message, one in zip(batch, judged, strict=True):
            yield message, running.add(message, one)
        done += len(batch)
        if progress is not None:
            progress(done)
