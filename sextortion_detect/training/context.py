"""What only conversations use of a message: the columns of `linear.CONTEXT`, fitted and told for unseen conversations.

A head over conversations must see its messages scored as they will be in use: by columns that were fitted without them.
So the columns are fitted once for the model, and once a fold without the conversations of that fold.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix
from scipy.special import expit
from sklearn.model_selection import GroupKFold

from sextortion_detect.chats import Windows, scored_text
from sextortion_detect.model.linear import CONTEXT, Array, Flags, LinearHead, Model
from sextortion_detect.model.participant import MESSAGE_COLUMNS
from sextortion_detect.records import Message
from sextortion_detect.taxonomy import OFFENSES
from sextortion_detect.training.corpus import AnnotatedChat, Row
from sextortion_detect.training.label_head import rounded
from sextortion_detect.training.vocabulary import matrix

FOLDS: Final = 3

_MOST_ORDINARY: Final = 10_000
_CHAT_WEIGHT: Final = 3.0
_EVERY: Final = 3
"""Of every third message the window is fitted on: the next say nearly the same, and they are the longest rows."""
_WINDOW_WEIGHT: Final = _EVERY * _CHAT_WEIGHT
_SOON_WEIGHTS: Final = (4.0, 4.0, 4.0, 1.3, 1.3, 1.3)
"""How many times heavier the windows of the first messages since the marked one count for where an offense begins."""
_LATER_WEIGHT: Final = 0.3  # of each window after them
_ORDINARY_WEIGHT: Final = 0.5
_C: Final = 0.3
"""Inverse strength of regularization. Of 108 offending conversations that no fit saw one column finds 76 in 100 where
4 in 100 others are flagged; at 3 and at 0.03 it finds 58 and 68."""
_DIGITS: Final = 6  # of a weight: sums of many messages ask for less than a threshold on one
_ROUNDS: Final = 60  # of L-BFGS


def fit_context(
    model: Model, rows: Sequence[Row], chats: Sequence[AnnotatedChat], folds: Sequence[int], shares: Sequence[float],
    ordinary: Sequence[str],
) -> list[LinearHead]:  # fmt: skip
    """The columns fitted without the conversations of each fold, and last on all of them.

    `folds` has the fold of each conversation, -1 for one that every fit may see, and `shares` what its messages weigh.
    `rows` are single messages, `ordinary` is background; both are fitted on beside the messages of the conversations.
    """
    texts, *columns = zip(*_told(rows, zip(chats, folds, shares, strict=True), thinned(ordinary)), strict=True)
    truth, weights, fold_of = map(np.array, columns)
    found = matrix(model.vectorizer, texts)
    among = [fold_of != left_out for left_out in (*range(FOLDS), None)]
    return list(Parallel()(delayed(_fit_columns)(found, truth, weights * some[:, np.newaxis]) for some in among))


def _told(
    rows: Sequence[Row], chats: Iterable[tuple[AnnotatedChat, int, float]], ordinary: Sequence[str]
) -> Iterator[tuple[str, list[bool], list[float], int]]:
    """Texts with what is true of them in each column, how much they weigh there, and the fold of their conversation.

    They weigh nothing where it is not known; the fold is -1 for single messages and ordinary texts. Messages of
    conversations bear on the first columns, windows on the others, and all else is harmless in each.
    """
    said, heard = [False] * MESSAGE_COLUMNS, [False] * (len(CONTEXT) - MESSAGE_COLUMNS)
    for row in rows:
        yield row.text, [*said, row.label in OFFENSES, *heard[1:]], [*said, 1.0, *heard[1:]], -1
    for text in ordinary:
        yield text, [*said, *heard], [_ORDINARY_WEIGHT] * len(CONTEXT), -1
    for chat, fold, share in chats:
        messages, soon = chat.chat.messages, iter(_SOON_WEIGHTS)
        for place, (message, (own, window)) in enumerate(zip(messages, readings(messages), strict=True)):
            offends = chat.label in OFFENSES and message.sender == chat.offender
            by_then = offends and chat.first_flag is not None and place >= chat.first_flag
            begin = next(soon, _LATER_WEIGHT) if by_then else 1.0  # what is plain after many messages is no beginning
            roles = [*(offends and chat.label is one for one in OFFENSES), offends]
            if not offends or chat.labels[place] in OFFENSES:  # an offender's small talk tells neither
                yield own, [*roles, *heard], [*[_CHAT_WEIGHT * share] * len(said), *heard], fold
            settled = float(by_then or not offends)  # what an offender says before it is plain is neither
            if place % _EVERY == 0:
                weight = [_WINDOW_WEIGHT * share * one for one in (settled, 1.0, begin * settled)]
                yield window, [*said, by_then, offends, by_then], [*said, *weight], fold


def _fit_columns(rows: csr_matrix, truth: Flags, weights: Array) -> LinearHead:
    """A logistic regression a column, all at once: each product with the rows serves every column."""
    shape, signs = (rows.shape[1] + 1, truth.shape[1]), np.where(truth, 1.0, -1.0)

    def loss(head: Array) -> tuple[float, Array]:
        given = head.reshape(shape)
        margins = signs * (rows @ given[:-1] + given[-1])
        pull = weights * signs * expit(-margins)
        slope = np.vstack((given[:-1] / _C - rows.T @ pull, -pull.sum(axis=0)))
        total = 0.5 / _C * float((given[:-1] ** 2).sum()) + float((weights * np.logaddexp(0.0, -margins)).sum())
        return total, slope.ravel()

    found = minimize(
        loss, np.zeros(shape).ravel(), jac=True, method="L-BFGS-B", options={"maxiter": _ROUNDS, "maxcor": 5}
    )
    weights = found.x.reshape(shape)
    return rounded(LinearHead(weights[:-1], weights[-1]), _DIGITS)


def thinned(ordinary: Sequence[str]) -> Sequence[str]:
    """At most 10,000 of the given texts, evenly chosen: more of the background change little and take long."""
    return ordinary[:: max(len(ordinary) // _MOST_ORDINARY, 1)][:_MOST_ORDINARY]


def readings(messages: Sequence[Message]) -> list[tuple[str, str]]:
    """What is read of each message: by itself, and the window that ends with it."""
    windows = Windows()
    return [(scored_text(message), windows.add(message)) for message in messages]


def folds_of(chats: Sequence[AnnotatedChat]) -> NDArray[np.int64]:
    """The fold of each conversation: all of one author (the identifier but for its number) fall into one."""
    authors = [chat.id.rpartition("-")[0] for chat in chats]
    groups = authors if len({*authors}) >= FOLDS else [chat.id for chat in chats]
    folds = np.zeros(len(chats), dtype=np.int64)
    for place, (_, held_out) in enumerate(GroupKFold(FOLDS).split(groups, groups=groups)):
        folds[held_out] = place
    return folds
