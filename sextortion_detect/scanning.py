"""Judging one chat of an export, and handing on what is wanted of it.

A chat is followed as a stream, in flat memory however long it is; only a verdict on the whole, as a page or JSON shows
it, and a digest of every message take all of it at once.
"""

from collections.abc import Callable
from typing import Any

from sextortion_detect.classify import classify
from sextortion_detect.digest import Digest, Digester, digest
from sextortion_detect.export import message_row, verdict_rows
from sextortion_detect.model.linear import Model
from sextortion_detect.records import ChatStream, ChatVerdict
from sextortion_detect.streams import follow
from sextortion_detect.verdicts import ThresholdChoice

TakesRow = Callable[[dict[str, Any]], object]
TakesVerdict = Callable[[ChatVerdict], object]
Progress = Callable[[int], object]


def scan_chat(
    stream: ChatStream,
    model: Model,
    *,
    thresholds: ThresholdChoice | None = None,
    row: TakesRow | None = None,
    whole: TakesVerdict | None = None,
    everything: bool = False,
    progress: Progress | None = None,
) -> Digest:
    """Judge a chat and give its digest, with `everything` one of every message.

    `row` is called with the row of each message (see `export.message_row`), `whole` with the verdict on the chat;
    `thresholds` and `progress` as in `classify`.
    """
    if whole is None and not everything:
        return _follow(stream, model, thresholds, row, progress)
    verdict = classify(stream.read(), model=model, thresholds=thresholds, progress=progress)
    if row is not None:
        for one in verdict_rows(verdict):
            row(one)
    if whole is not None:
        whole(verdict)
    return digest(verdict, everything=everything)


def _follow(
    stream: ChatStream,
    model: Model,
    thresholds: ThresholdChoice | None,
    row: TakesRow | None,
    progress: Progress | None,
) -> Digest:
    digester = Digester()
    state = None
    states = follow(stream.messages(), model=model, thresholds=thresholds, progress=progress)
    for number, (message, state) in enumerate(states):
        digester.add(message, state)
        if row is not None:
            row(message_row(stream.source, number, message, state.message, state.risk, state.move))
    return digester.finish(state, stream.source, stream.report)
