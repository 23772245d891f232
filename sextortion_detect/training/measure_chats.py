"""Figures of whole conversations: written ones that offend or look like it, and ordinary ones as long as real ones."""

import math
from collections.abc import Sequence
from statistics import median
from typing import Any

from sextortion_detect.chats import follow
from sextortion_detect.classify import classify
from sextortion_detect.model.linear import Model
from sextortion_detect.taxonomy import OFFENSES
from sextortion_detect.training.corpus import IN_TIME, AnnotatedChat
from sextortion_detect.training.grown_chats import LENGTHS, ordinary_chats
from sextortion_detect.training.intervals import rate
from sextortion_detect.training.traffic import PRIVATE, TrafficText, set_thresholds

Figures = dict[str, Any]


def measure_chats(model: Model, chats: Sequence[AnnotatedChat]) -> Figures:
    """Of whole conversations: offending ones flagged, rightly labelled, in time; harmless ones flagged; F-latency.

    Empty where none of them offends.
    """
    said = [(chat, classify(chat.chat, model=model)) for chat in chats]
    bad = [(chat, verdict) for chat, verdict in said if chat.label in OFFENSES]
    if not bad:
        return {}
    harmless = [verdict.first_flagged is not None for chat, verdict in said if chat.label not in OFFENSES]
    found = [(chat, verdict.first_flagged) for chat, verdict in bad if verdict.first_flagged is not None]
    usual = median(len(chat.chat.messages) for chat in chats)
    return {
        "flagged": rate(len(found), len(bad)),
        "right_label": rate(sum(verdict.label is chat.label for chat, verdict in bad), len(bad)),
        "within_two_messages": rate(sum(at <= (chat.first_flag or 0) + IN_TIME for chat, at in found), len(bad)),
        "harmless_flagged": rate(sum(harmless), len(harmless)),
        "f_latency": f_latency([at + 1 for _, at in found], sum(harmless), len(bad), usual),
    }


def measure_ordinary(model: Model, traffic: Sequence[TrafficText]) -> list[Figures]:
    """Of ordinary conversations, by their kind and how far they were read: those flagged, and those with one to read.

    200 conversations of private lines for each number of people, which set thresholds too, and those that the
    dialogue of the other half gives. Empty without either. Conversations share lines, so intervals are rather narrow.
    """
    halves, found = set_thresholds(traffic), []
    measured = [text for text, sets in zip(traffic, halves, strict=True) if text.kind == PRIVATE or not sets]
    for kind, chats in ordinary_chats(measured, seed=0):
        states = [[state for _, state in follow(chat.messages, model=model)] for chat in chats]
        for length in LENGTHS:
            then = [of_chat[length - 1] for of_chat in states if len(of_chat) >= length]
            flagged = sum(state.flagged for state in then)
            either = flagged + sum(state.to_read is not None for state in then)
            counts = {"flagged": rate(flagged, len(then)), "flagged_or_to_read": rate(either, len(then))}
            found.append({"kind": kind, "length": length, "chats": len(then), **counts})
    return found


def f_latency(found: Sequence[int], false_alarms: int, offending: int, usual_length: float) -> float:
    """F1 times speed (Sadeque et al. 2018): `found` has how many messages were seen before each right flag.

    A flag after one message costs nothing, one after `usual_length` messages half: penalty(k) = 2 / (1 + exp(-p (k -
    1))) - 1; the speed is 1 - the median penalty. `offending` is how many conversations offend.

    >>> f_latency([1, 1], 0, 2, 20.0), f_latency([20, 20], 0, 2, 20.0)
    (1.0, 0.5)
    """
    if not found:
        return 0.0
    steepness = math.log(3.0) / max(usual_length - 1.0, 1.0)
    penalties = [2.0 / (1.0 + math.exp(-steepness * (seen - 1))) - 1.0 for seen in found]
    return 2.0 * len(found) / (len(found) + false_alarms + offending) * (1.0 - median(penalties))
