"""The model: linear scores over TF-IDF rows, held in plain arrays.

Beside the four labels there is a fifth, hidden column, `ordinary`: traffic that nobody wrote for the corpus. It keeps
real traffic apart from the hard negatives of the corpus while all stays one linear softmax, so that every score can be
explained; its probability counts as benign.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from sextortion_detect.model.sparse import Rows, product
from sextortion_detect.model.vectorizer import Vectorizer
from sextortion_detect.taxonomy import Label, Tactic

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

LABELS: Final = tuple(Label)
TACTICS: Final = tuple(Tactic)
ORDINARY: Final = len(LABELS)
"""The column of ordinary traffic, after those of the labels."""

CONTEXT: Final = (
    "blackmail", "grooming", "blackmailer", "groomer", "offender", "offense by then", "offender by then",
    "offense begins in 2", "offense begins in 8",
)  # fmt: skip
"""Columns that only conversations use: what a message does to who has read what came before, and who writes so.

The first two are of the message; the next three of its sender, whose small talk counts too: one who goes on to
blackmail, to groom, or to do either. The last four are of several messages of one sender, read as one text
(`participant.WINDOWS`): whether there is an offense by then, whether its sender is one who offends, and whether an
offense begins there, which is seldom said as plainly as what follows: one column fitted on texts of 2 messages and one
on texts of 8, each told for both.
"""

OFFENSE: Final = "offense"
"""The name of the threshold on the probability of any offense, from which a message is flagged."""

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class LinearHead:
    """Weights (features x columns) and bias (columns): `scores = rows @ weights + bias`."""

    weights: NDArray[np.floating]
    bias: Array

    def __call__(self, rows: Rows) -> Array:
        """The scores of TF-IDF rows: (rows x columns)."""
        weights = np.ascontiguousarray(self.weights, dtype=np.float32)
        return np.asarray(product(rows, weights) + self.bias, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Judgment:
    """What the model says of some texts, and which of them have a feature that it knows.

    `labels` are probabilities (texts x 4) that sum to 1; `tactic_scores` the log-odds of each tactic on its own (texts
    x 11): few texts are asked for more. `context` has the log-odds named in `CONTEXT` (texts x 9), or no column where
    they were not asked for, or the model has learnt none.
    """

    labels: Array
    tactic_scores: Array
    known: Flags
    context: Array

    @property
    def tactics(self) -> Array:
        """The probability of each tactic in each text."""
        return logistic(self.tactic_scores)


@dataclass(frozen=True, repr=False, eq=False)
class Model:
    """A trained model, ready to score; `storage.load_model` reads one and `storage.save_model` writes one.

    `messages` has the five columns of labels (ordinary traffic last) and the eleven of tactics, in 32-bit floats, and
    `context` those of `CONTEXT`; it is None where no conversations were learnt from. `temperature` divides the label
    scores before the softmax (Guo et al. 2017). `thresholds` and `manifest` are what training wrote. Nothing of a model
    changes once it is made, so any number of threads may use it.
    """

    vectorizer: Vectorizer
    messages: LinearHead
    temperature: float
    thresholds: Mapping[str, float]
    manifest: Mapping[str, Any]
    context: LinearHead | None = None

    def __repr__(self) -> str:
        return f"Model({self.manifest.get('name')!r}, {len(self.vectorizer):,} features)"

    @property
    def label_head(self) -> LinearHead:
        """The columns of the labels and of ordinary traffic."""
        return LinearHead(self.messages.weights[:, : ORDINARY + 1], self.messages.bias[: ORDINARY + 1])

    def score(self, texts: Sequence[str], *, with_context: bool = False) -> Judgment:
        """What the model says of texts, one or many: each by itself, whatever stands beside it.

        A text with no known feature gets the scores of the bias. `with_context` asks for the columns of conversations.
        """
        return self.judge(self.vectorizer.transform(texts), with_context=with_context)

    def judge(self, rows: Rows, *, with_context: bool = False) -> Judgment:
        """The same of TF-IDF rows."""
        scores = self.messages(rows)
        asked = self.context if with_context else None
        context = np.zeros((rows.height, 0)) if asked is None else asked(rows)
        labels = self._label_probabilities(scores[:, : ORDINARY + 1])
        return Judgment(labels, scores[:, ORDINARY + 1 :], rows.ends[1:] > rows.ends[:-1], context)

    def _label_probabilities(self, scores: Array) -> Array:
        columns = _softmax(scores / self.temperature)
        labels = columns[:, :ORDINARY].copy()
        labels[:, LABELS.index(Label.BENIGN)] += columns[:, ORDINARY]
        return np.minimum(labels, 1.0, out=labels)  # two that sum to 1 may be rounded to a little more

    def to_sklearn(self) -> "Pipeline":
        """The label head as a scikit-learn `Pipeline` from raw texts to `predict_proba`, for notebooks.

        Its classes are the four labels and `ordinary`, in alphabetical order.
        """
        from sextortion_detect.model.twin import label_pipeline

        return label_pipeline(self)


def _softmax(scores: Array) -> Array:
    odds = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(odds / odds.sum(axis=1, keepdims=True))


def logistic(log_odds: Array | float) -> Array:
    """The probabilities of log-odds, without overflow; of one number, an array of no axis.

    >>> logistic(np.array([-1e9, 0.0])).tolist()
    [0.0, 0.5]
    """
    return np.asarray(0.5 + 0.5 * np.tanh(0.5 * log_odds))
