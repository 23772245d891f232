"""What is read of each message of a conversation: the message by itself, and the last ones of its author in a row.

What an author writes in messages that are read at once lies together, so that each is read once there, however many
windows hold it. Words and sums do not run over two messages. What an author repeats is heard once.
"""

import re
from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from itertools import accumulate
from typing import Final, NamedTuple

import numpy as np

from sextortion_detect.batches import Progress, judged_chunks
from sextortion_detect.model.linear import Array, Flags, Judgment, Model
from sextortion_detect.model.participant import WINDOW, heard
from sextortion_detect.records import Message, MessageKind
from sextortion_detect.text.arrays import Integers

_LONGEST: Final = 1_000
"""Characters of a message that are read together with others: a flood is judged by itself, and held but in part."""


def scored_text(message: Message) -> str:
    """What of an entry is scored: nothing of a media marker or a deletion, since no person wrote it.

    System lines are, though they move nobody's side: were a message ever taken for one, it would still be judged.
    """
    return "" if message.kind in (MessageKind.MEDIA, MessageKind.DELETED) else message.text


_REMEMBERED: Final = 200
"""Messages of a sender among which a repeated one is known: as digests, which tell nothing of the words."""

_NO_WORDS: Final = re.compile(r"[\W_]+|\b\d+\b")
_NO_NUMBER: Final = re.compile(r"\D+")


class Windows:
    """What each author in one conversation wrote last: the words of a few messages, and digests of some more.

    >>> windows = Windows()
    >>> [windows.add(Message(text, "سارة")) for text in ("صباح", "الخير", "صباح!", "وينك")]
    [['صباح'], ['صباح', 'الخير'], [], ['صباح', 'الخير', 'وينك']]
    """

    def __init__(self) -> None:
        self._last: dict[str | None, tuple[deque[str], OrderedDict[int, bool]]] = {}

    def __repr__(self) -> str:
        return f"Windows({len(self._last)} senders)"

    def add(self, message: Message) -> list[str]:
        """Take in the next message of the conversation, and give its author's last ones, this one at the end.

        An empty list for what nobody wrote, and for what its author has said before: beside words, numbers and signs
        make no other message of one.
        """
        text = "" if message.kind is MessageKind.SYSTEM else scored_text(message)
        if not text:
            return []
        last, digests = self._last.setdefault(message.author, (deque(maxlen=WINDOW), OrderedDict()))
        folded = text.casefold()
        digest = hash(_NO_WORDS.sub("", folded) or _NO_NUMBER.sub("", folded))
        was_said = digests.pop(digest, False)
        digests[digest] = True
        if len(digests) > _REMEMBERED:
            digests.popitem(last=False)
        if was_said:
            return []
        last.append(text[:_LONGEST])
        return [*last]


class Reading(NamedTuple):
    """What was read of some messages, in order.

    `texts` has what of each is scored, `alone` what is said of it by itself, `heard` what a side hears of it
    (messages x 18, `participant.heard`); `moves` says whether it moves a side at all.
    """

    messages: list[Message]
    texts: list[str]
    alone: Judgment
    heard: Array
    moves: Flags

    def __repr__(self) -> str:
        return f"Reading({len(self.messages)} messages)"


def read_messages(
    said: Iterable[tuple[Message, Windows]], model: Model, n_jobs: int | None = None, progress: Progress | None = None
) -> Iterator[Reading]:
    """The next messages of conversations, each with the windows of its conversation, as many as are read at once.

    `n_jobs` has joblib's meaning; `progress` is called with the number of messages read so far.

    >>> from sextortion_detect.model.shipped import shipped_model
    >>> windows = Windows()
    >>> said = [(Message(text, "سارة"), windows) for text in ("صباح الخير", "صباح الخير")]
    >>> [reading.moves.tolist() for reading in read_messages(said, shipped_model())]
    [[True, False]]
    """
    begun, done = deque[tuple[list[Message], list[str], Integers, Flags]](), 0

    def begin() -> Iterator[_Asked]:
        remaining = iter(said)
        while (chunk := _Chunk.of(remaining)).messages:
            asked, places, moves = chunk.asked()
            begun.append((chunk.messages, chunk.texts, places, moves))
            yield asked

    for _, judged in judged_chunks(begin(), partial(_score, model), n_jobs):
        messages, texts, places, moves = begun.popleft()
        alone = judged.at(places[:, 0])
        yield Reading(messages, texts, alone, heard(judged, places), moves & alone.known)
        done += len(messages)
        if progress is not None:
            progress(done)


_MOST_MESSAGES: Final = 1_000  # read at once
_MOST_CHARACTERS: Final = 1 << 17  # of these: in more, arrays leave the processor's cache


class _Asked(NamedTuple):
    """Texts, the windows of them that are asked for (half-open ranges), and the texts that are no part of any."""

    texts: list[str]
    windows: Integers
    others: list[str]

    def __repr__(self) -> str:
        return f"_Asked({len(self.windows)} windows, {len(self.others)} others)"


def _score(model: Model, asked: _Asked) -> Judgment:
    """What is said of the windows and, behind them, of the others."""
    read = model.score(asked.texts, asked.windows)
    if not asked.others:
        return read
    others = model.score(asked.others)  # apart from these, since of a flood no more than a piece is read at once
    return Judgment.joined([read, replace(others, context=np.zeros((len(asked.others), read.context.shape[1])))])


class _Chunk:
    """Messages that are read at once: what each author writes in them lies in a row, behind what he wrote before."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.texts: list[str] = []
        self._rows: dict[tuple[Windows, str | None], list[str]] = {}
        self._windows: list[tuple[tuple[Windows, str | None], int, int]] = []  # the row, and a range of it

    @classmethod
    def of(cls, said: Iterator[tuple[Message, Windows]]) -> "_Chunk":
        """The next messages, as many as are read at once."""
        chunk, characters = cls(), 0
        for message, windows in said:
            text, window, row = scored_text(message), windows.add(message), (windows, message.author)
            if window and row not in chunk._rows:
                chunk._rows[row] = window[:-1]
                characters += sum(map(len, window[:-1]))
            in_row = chunk._rows.get(row, [])
            in_row += window[-1:]
            chunk.messages.append(message)
            chunk.texts.append(text)
            chunk._windows.append((row, len(in_row) - len(window), len(in_row)))
            characters += len(text)
            if len(chunk.messages) == _MOST_MESSAGES or characters >= _MOST_CHARACTERS:
                break
        return chunk

    def asked(self) -> tuple[_Asked, Integers, Flags]:
        """What is asked of it, where of what is said the messages and their windows stand, and which have a window.

        A message that stands whole in its window is asked for as a window of its own.
        """
        firsts = dict(zip(self._rows, accumulate(map(len, self._rows.values()), initial=0), strict=False))
        ranges = np.array([(begin, end) for _, begin, end in self._windows])
        ranges += np.array([[firsts.get(row, 0)] for row, _, _ in self._windows])
        moves = ranges[:, 0] < ranges[:, 1]
        in_window = moves & (np.array([*map(len, self.texts)]) <= _LONGEST)
        ends = ranges[in_window, 1:]
        windows = np.concatenate((np.column_stack((ends - 1, ends)), ranges[moves]))
        others = [text for text, inside in zip(self.texts, in_window, strict=True) if not inside]
        alone = np.where(in_window, in_window.cumsum(), len(windows) + (~in_window).cumsum()) - 1
        places = np.column_stack((alone, np.where(moves, in_window.sum() + moves.cumsum() - 1, alone)))
        return _Asked([text for row in self._rows.values() for text in row], windows, others), places, moves
