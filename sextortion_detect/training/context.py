"""The columns of `linear.CONTEXT`, of the last messages of a sender, fitted and told for unseen conversations.

A head over conversations must see its messages scored as they will be in use: by columns that were fitted without them.
So the columns are fitted once for the model, and once a fold without the conversations of that fold.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from sextortion_detect.errors import CorpusError
from sextortion_detect.model.linear import CONTEXT, Array, Flags, LinearHead, Model
from sextortion_detect.running_risk import Turns
from sextortion_detect.taxonomy import OFFENSES
from sextortion_detect.training.corpus import AnnotatedChat, Row
from sextortion_detect.training.label_head import rounded
from sextortion_detect.training.vocabulary import window_matrix
from sextortion_detect.windows import Windows

FOLDS: Final = 3

_MOST_ORDINARY: Final = 10_000
_EVERY: Final = 3
"""Of every third message the window is fitted on: the next say nearly the same, and they are the longest rows."""
_WINDOW_WEIGHT: Final = 9.0  # where a single message weighs 1
_SOON_WEIGHTS: Final = (4.0, 4.0, 4.0, 1.3, 1.3, 1.3)
"""How many times heavier the windows of the first messages since the marked one count for where an offense begins."""
_LATER_WEIGHT: Final = 0.3  # of each window after them
_ORDINARY_WEIGHT: Final = 0.5
_C: Final = 0.1
"""Inverse strength of regularization. Of 227 offending dev conversations the first column alone finds 84, 85 and 81
in 100 at 0.1, 0.3 and 0.03 where 3.5 in 100 others are flagged, and 77, 70 and 67 where 2 in 100 are."""
_TOLERANCE: Final = 1e-2  # at scikit-learn's own 1e-4 as much is found, for half as much time again
_DIGITS: Final = 6  # of a weight: sums of many messages ask for less than a threshold on one


def fit_context(
    model: Model, rows: Sequence[Row], chats: Sequence[AnnotatedChat], folds: Sequence[int], shares: Sequence[float],
    ordinary: Sequence[str],
) -> list[LinearHead]:  # fmt: skip
    """The columns fitted without the conversations of each fold, and last on all of them.

    `folds` has the fold of each conversation, -1 for one that every fit may see, and `shares` what its messages weigh.
    `rows` are single messages, `ordinary` is background; both are fitted on beside the messages of the conversations.
    Raises `CorpusError` where nothing that offends, or nothing else, is left of a fold.
    """
    texts, *columns = zip(*_told(rows, zip(chats, folds, shares, strict=True), thinned(ordinary)), strict=True)
    truth, weights, fold_of = map(np.array, columns)
    among = [fold_of != left_out for left_out in (*range(FOLDS), None)]
    for right, weight in ((truth[:, column], weights[:, column] > 0.0) for column in range(len(CONTEXT))):
        if any(len(np.unique(right[weight & some])) < 2 for some in among):
            raise CorpusError(
                "Too few conversations are left without those of some authors; add some by others and train again."
            )
    found = window_matrix(model.vectorizer, texts)
    return list(Parallel()(delayed(_fit_columns)(found, truth, weights * some[:, np.newaxis]) for some in among))


def _told(
    rows: Sequence[Row], chats: Iterable[tuple[AnnotatedChat, int, float]], ordinary: Sequence[str]
) -> Iterator[tuple[list[str], list[bool], list[float], int]]:
    """Windows, of one text or of several, with what is true of them in each column, and how much they weigh there.

    They weigh nothing where it is not known. Last comes the fold of their conversation: -1 for single messages, which
    bear on the first column alone, and for ordinary texts, which are harmless in each.
    """
    for row in rows:
        yield [row.text], [row.label in OFFENSES, False, False, False], [1.0, 0.0, 0.0, 0.0], -1
    for text in ordinary:
        yield [text], [False] * len(CONTEXT), [_ORDINARY_WEIGHT] * len(CONTEXT), -1
    for chat, fold, share in chats:
        windows, turns, soon = Windows(), Turns(), iter(_SOON_WEIGHTS)
        for place, message in enumerate(chat.chat.messages):
            window, answered = windows.add(message), turns.add(message)
            marked = chat.first_flag is not None and place >= chat.first_flag
            offends = chat.label in OFFENSES and message.author == chat.offender
            answers = chat.label in OFFENSES and answered == chat.offender
            by_then = offends and marked
            begin = next(soon, _LATER_WEIGHT) if by_then else 1.0  # what is plain after many messages is no beginning
            settled = float(by_then or not offends)  # what an offender says before it is plain is neither
            answer = float(answered is not None and (marked or not answers))
            if window and place % _EVERY == 0:
                weights = [_WINDOW_WEIGHT * share * one for one in (settled, 1.0, begin * settled, answer)]
                yield window, [by_then, offends, by_then, answers and marked], weights, fold


def _fit_columns(rows: csr_matrix, truth: Flags, weights: Array) -> LinearHead:
    """A logistic regression a column, on the texts that weigh something in it."""
    heads = []
    for right, weight in zip(truth.T, weights.T, strict=True):
        head, counted = LogisticRegression(C=_C, solver="liblinear", tol=_TOLERANCE, random_state=0), weight > 0.0
        heads.append(head.fit(rows[counted], right[counted], sample_weight=weight[counted]))
    fitted, bias = np.vstack([head.coef_ for head in heads]).T, np.concatenate([head.intercept_ for head in heads])
    return rounded(LinearHead(fitted, bias), _DIGITS)


def thinned(ordinary: Sequence[str]) -> Sequence[str]:
    """At most 10,000 of the given texts, evenly chosen: more of the background change little and take long."""
    return ordinary[:: max(len(ordinary) // _MOST_ORDINARY, 1)][:_MOST_ORDINARY]


def folds_of(chats: Sequence[AnnotatedChat]) -> NDArray[np.int64]:
    """The fold of each conversation: all of one author (the identifier but for its number) fall into one."""
    authors = [chat.id.rpartition("-")[0] for chat in chats]
    groups = authors if len({*authors}) >= FOLDS else [chat.id for chat in chats]
    folds = np.zeros(len(chats), dtype=np.int64)
    for place, (_, held_out) in enumerate(GroupKFold(FOLDS).split(groups, groups=groups)):
        folds[held_out] = place
    return folds
