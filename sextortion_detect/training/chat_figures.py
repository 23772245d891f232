"""Measuring whole conversations: the model beside two plain rules that look at single messages.

The rules are the highest message so far, and "5 of the last 10 messages" (the skeptical window of Vogt et al. 2021,
"Early Detection of Sexual Predators in Chats"). Each gets its threshold where the model gets that of its conversation
head: on the dev conversations, of whose harmless ones as many may be flagged.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final, NamedTuple

import numpy as np

from sextortion_detect.chats import scored_text
from sextortion_detect.classify import classify
from sextortion_detect.model.linear import LABELS, Array, Model
from sextortion_detect.taxonomy import OFFENSES, Label
from sextortion_detect.training.conversations import LOOKALIKE_BUDGET
from sextortion_detect.training.corpus import IN_TIME, AnnotatedChat
from sextortion_detect.training.intervals import Rate, share
from sextortion_detect.training.thresholds import offense_probabilities, threshold_for_unseen

_WINDOW: Final = 10
_NEEDED: Final = 5


class Decision(NamedTuple):
    """What was said of a conversation: at which message it was flagged first (None: never), and its label."""

    first_flagged: int | None
    label: Label


@dataclass(frozen=True, slots=True)
class ChatFigures:
    """Over whole conversations: offending ones that were flagged, rightly labelled, in time; harmless ones flagged.

    `f_latency` is F1 times speed, where the speed falls with the messages that were seen before the flag (Sadeque et
    al. 2018, as Vogt et al. 2021 use it).
    """

    flagged: Rate
    right_label: Rate
    within_two_messages: Rate
    harmless_flagged: Rate
    f_latency: float


def measure_chats(model: Model, chats: Sequence[AnnotatedChat], split: str) -> dict[str, ChatFigures]:
    """Figures of the model and of the rules on the conversations of a split; empty where it has no offending one.

    The rules are left out where no harmless dev conversation can set their threshold.
    """
    measured = [chat for chat in chats if chat.split == split]
    if not any(chat.label in OFFENSES for chat in measured):
        return {}
    verdicts = [classify(chat.chat, model=model) for chat in measured]
    figures = {"this model": _figures(measured, [Decision(said.first_flagged, said.label) for said in verdicts])}
    harmless = [chat for chat in chats if chat.split == "dev" and chat.label not in OFFENSES]
    if harmless:
        scores = {chat.id: _scores(model, chat) for chat in [*measured, *harmless]}
        for name, rule in _RULES.items():
            highest = np.array([rule(offense_probabilities(scores[chat.id])).max() for chat in harmless])
            threshold = threshold_for_unseen(highest, LOOKALIKE_BUDGET)
            decisions = [_decide(rule, threshold, scores[chat.id]) for chat in measured]
            figures[name] = _figures(measured, decisions)
    return figures


def highest_so_far(messages: Array) -> Array:
    """The probability of the message that looked most like an offense, after each message.

    >>> highest_so_far(np.array([0.1, 0.8, 0.3])).tolist()
    [0.1, 0.8, 0.8]
    """
    return np.asarray(np.maximum.accumulate(messages))


def five_of_the_last_ten(messages: Array) -> Array:
    """The fifth highest probability among the last ten messages, after each message; 0 before the fifth.

    >>> five_of_the_last_ten(np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.1])).tolist()
    [0.0, 0.0, 0.0, 0.0, 0.5, 0.5]
    """
    return np.array(
        [
            np.sort(messages[max(0, end - _WINDOW) : end])[-_NEEDED] if end >= _NEEDED else 0.0
            for end in range(1, len(messages) + 1)
        ]
    )


_RULES: Final[Mapping[str, Callable[[Array], Array]]] = {
    "highest message": highest_so_far,
    "5 of the last 10 messages": five_of_the_last_ten,
}


def f_latency(found: Sequence[int], false_alarms: int, offending: int, usual_length: float) -> float:
    """F1 times speed: `found` has the number of messages seen before each right flag, `offending` all there were.

    A flag after one message costs nothing, one after `usual_length` messages half: penalty(k) = 2 / (1 + exp(-p (k -
    1))) - 1; the speed is 1 - the median penalty.

    >>> f_latency([1, 1], 0, 2, 20.0), f_latency([20, 20], 0, 2, 20.0)
    (1.0, 0.5)
    """
    if not found:
        return 0.0
    steepness = math.log(3.0) / max(usual_length - 1.0, 1.0)
    penalties = [2.0 / (1.0 + math.exp(-steepness * (seen - 1))) - 1.0 for seen in found]
    return 2.0 * len(found) / (len(found) + false_alarms + offending) * (1.0 - median(penalties))


def _scores(model: Model, chat: AnnotatedChat) -> Array:
    return model.score([scored_text(message) for message in chat.chat.messages]).labels


def _decide(rule: Callable[[Array], Array], threshold: float, scores: Array) -> Decision:
    reached = np.flatnonzero(rule(offense_probabilities(scores)) >= threshold)
    if not len(reached):
        return Decision(None, Label.BENIGN)
    amounts = {label: float(scores[: reached[0] + 1, LABELS.index(label)].sum()) for label in OFFENSES}
    return Decision(int(reached[0]), max(OFFENSES, key=amounts.__getitem__))


def _figures(chats: Sequence[AnnotatedChat], decisions: Sequence[Decision]) -> ChatFigures:
    pairs = list(zip(chats, decisions, strict=True))
    bad = [(chat, said) for chat, said in pairs if chat.label in OFFENSES]
    harmless = np.array([said.first_flagged is not None for chat, said in pairs if chat.label not in OFFENSES], bool)
    in_time = [
        said.first_flagged is not None and said.first_flagged <= (chat.first_flag or 0) + IN_TIME for chat, said in bad
    ]
    return ChatFigures(
        flagged=share(np.array([said.first_flagged is not None for _, said in bad])),
        right_label=share(np.array([said.label is chat.label for chat, said in bad])),
        within_two_messages=share(np.array(in_time)),
        harmless_flagged=share(harmless),
        f_latency=f_latency(
            [said.first_flagged + 1 for _, said in bad if said.first_flagged is not None],
            int(harmless.sum()),
            len(bad),
            median(len(chat.chat.messages) for chat in chats),
        ),
    )
