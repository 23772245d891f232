"""Fitting the label head: two linear models of the same columns, put together as one.

A multinomial logistic regression tells the four labels and ordinary traffic apart. To its two offense columns are added
the margins of two linear support vector machines, each of one offense against all else: they care for texts near the
border alone, and so for the few real texts that look most like an offense, of which a budget of false alarms is made.
Both are linear in the same features, so their sum is one column of weights, and nothing more is served.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, vstack
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from sextortion_detect.model.linear import LABELS, ORDINARY, Array, LinearHead
from sextortion_detect.taxonomy import OFFENSES, Label

_TOLERANCE: Final = 1e-3  # of the gradient of the mean loss: closer to the minimum no dev figure moves
_ROUNDS: Final = 1_000  # never reached

_NEVER: Final = -1e3
"""The bias of the ordinary column where no background was given: it takes no part in the softmax."""


class Origin(IntEnum):
    """Where a text of the corpus is from: a written row, a line of a conversation, or a disguised copy of a row."""

    ROW = 0
    LINE = 1
    COPY = 2


@dataclass(frozen=True, slots=True)
class LabelSettings:
    """How the label head is fitted; the defaults were chosen on dev rows and rows of left-out authors.

    (Of 24 left-out authors 61 % of the offenses were found at 1 in 1,000 with `chat_weight` 0.15 and no lines among the
    margins, 54 % with lines as heavy as rows.)

    A written row weighs `written_weight` times a background text, and a report of a victim `victim_weight` times more,
    since there are few. A line of a conversation weighs `chat_weight` times what a row does: it was labelled by what
    came before, which the head does not see. Margins, which rest on the hardest texts, leave such lines out. A copy
    weighs `copy_weight` times what a row does: many light copies of a row, each disguised otherwise, cost less of what
    is found undisguised than few heavy ones; among the margins it counts like a row. `label_c` and `margin_c` are
    inverse strengths of regularization of the two models; `margin_weight` is what a margin is multiplied by before it
    is added. `ordinary_shift` is the logarithm of how much commoner ordinary traffic is taken to be than written rows.
    """

    written_weight: float = 3.0
    victim_weight: float = 4.0
    chat_weight: float = 0.15
    copy_weight: float = 0.6
    label_c: float = 3.0
    margin_c: float = 0.3
    margin_weight: float = 3.0
    ordinary_shift: float = -0.3
    seed: int = 20261124


def fit_label_head(
    written: csr_matrix,
    labels: Array,
    ordinary: csr_matrix,
    settings: LabelSettings,
    origins: NDArray[np.int8],
    n_jobs: int = 1,
) -> LinearHead:
    """The label head over TF-IDF rows: of the corpus, with labels as indices into `LABELS`, and of ordinary texts.

    `origins` gives the `Origin` of each row of the corpus.
    """
    rows = vstack([written, ordinary], format="csr")
    classes = np.concatenate([labels, np.full(ordinary.shape[0], ORDINARY)])
    by_origin = np.array([1.0, settings.chat_weight, settings.copy_weight])
    of_written = settings.written_weight * by_origin[origins]
    weights = np.concatenate([of_written, np.ones(ordinary.shape[0])])
    weights[classes == LABELS.index(Label.VICTIM_REPORT)] *= settings.victim_weight
    jobs = [delayed(_multinomial)(rows, classes, weights, settings)]
    if ordinary.shape[0]:
        alone = np.concatenate([origins != Origin.LINE, np.ones(ordinary.shape[0], dtype=bool)])
        jobs += [delayed(_margin)(rows[alone], classes[alone] == LABELS.index(label), settings) for label in OFFENSES]
    (coefficients, bias), *margins = Parallel(n_jobs=n_jobs)(jobs)
    if ordinary.shape[0]:
        bias[ORDINARY] += settings.ordinary_shift - np.log(ordinary.shape[0] / of_written.sum())
    for label, (margin, offset) in zip(OFFENSES, margins, strict=False):
        coefficients[LABELS.index(label)] += settings.margin_weight * margin
        bias[LABELS.index(label)] += settings.margin_weight * offset
    return rounded(LinearHead(coefficients.T, bias), LABEL_DIGITS)


LABEL_DIGITS: Final = 9
TACTIC_DIGITS: Final = 8  # they are told of offenses alone, and no budget hangs on them


def rounded(head: LinearHead, digits: int) -> LinearHead:
    """A head as the model file will hold it, so that thresholds are set on what is served.

    Of the 11 binary digits of a 16-bit number so many are kept: with 9 the file shrinks by a tenth, and a
    weight changes by at most 0.2 % (one under 6e-5 by 1.5e-7); each digit less shrinks it by as much again and doubles
    the change.
    """
    halves = head.weights.astype(np.float16).view(np.uint16)
    unit = 1 << (11 - digits)
    kept = ((halves + np.uint16(unit // 2)) & np.uint16(0x10000 - unit)).view(np.float16)
    return LinearHead(np.ascontiguousarray(kept, dtype=np.float64), head.bias)


def _multinomial(rows: csr_matrix, classes: Array, weights: Array, settings: LabelSettings) -> tuple[Array, Array]:
    """Weights (columns x features) and biases of all five columns."""
    head = LogisticRegression(C=settings.label_c, tol=_TOLERANCE, max_iter=_ROUNDS)
    head.fit(rows, classes, sample_weight=weights)
    coefficients = np.zeros((ORDINARY + 1, rows.shape[1]))
    bias = np.full(ORDINARY + 1, _NEVER)
    coefficients[head.classes_], bias[head.classes_] = head.coef_, head.intercept_
    return coefficients, bias


def _margin(rows: csr_matrix, truth: Array, settings: LabelSettings) -> tuple[Array, float]:
    machine = LinearSVC(C=settings.margin_c, tol=1e-2, max_iter=300, random_state=settings.seed)
    machine.fit(rows, truth)
    return machine.coef_[0], float(machine.intercept_[0])
