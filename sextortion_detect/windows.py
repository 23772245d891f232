"""The last messages of each sender of a conversation, joined: what one says in several short messages is one text."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from sextortion_detect.model.linear import Array, Model
from sextortion_detect.model.participant import WINDOWS, in_context
from sextortion_detect.records import Message, MessageKind
from sextortion_detect.verdicts import Judged, Thresholds, judge_scored

_LONGEST: Final = 1_000
"""Characters of a message that are read together with others: a flood is judged by itself, and held but in part."""


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


def judge_messages(model: Model, messages: Sequence[Message], windows: Windows, thresholds: Thresholds) -> list[Judged]:
    """The next messages of a conversation, each judged by itself, with the log-odds that it has in context."""
    judged = judge_scored(model, [scored_text(message) for message in messages], thresholds)
    if model.context is None:
        return judged
    read = [text for message in messages for text in windows.add(message)]
    return list(with_windows(judged, model.score(read, with_context=True).context))


def with_windows(judged: Iterable[Judged], windows: Iterable[Array]) -> Iterator[Judged]:
    """Judged messages in context: `windows` has the columns of each window of the first, then of the next."""
    remaining = iter(windows)
    for one in judged:
        yield one._replace(context=in_context(one.context, [next(remaining) for _ in WINDOWS]))
