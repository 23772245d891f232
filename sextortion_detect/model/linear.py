"""The model: linear scores over TF-IDF rows, held in plain arrays.

Beside the four labels there is a fifth, hidden column, `ordinary`: traffic that nobody wrote for the corpus, which
keeps it apart from the hard negatives of the corpus; its probability counts as benign. A message is scored as a whole
and by its stretches (`stretches`), and a second linear rule corrects what the whole says by what the strongest stretch
says otherwise, and by how long the text is. Both are linear, so that every log-odds is a sum over words and a bias.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from sextortion_detect.model.sparse import Rows, product
from sextortion_detect.model.stretches import highest, strongest, terms
from sextortion_detect.model.vectorizer import Vectorizer
from sextortion_detect.taxonomy import Label, Tactic
from sextortion_detect.text.arrays import Integers

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

LABELS: Final = tuple(Label)
TACTICS: Final = tuple(Tactic)
ORDINARY: Final = len(LABELS)
"""The column of ordinary traffic, after those of the labels."""

CONTEXT: Final = ("offense by then", "offender", "offense begins", "answers an offender")
"""Columns that only conversations use, of the last messages of one sender, read as one text (`participant.WINDOW`).

Whether there is an offense by then; whether its sender is one who offends, whose small talk counts too; whether an
offense begins there, which is seldom said as plainly as what follows; and whether who writes so answers an offender
("delete it", "what do you want of me").
"""

OFFENSE: Final = "offense"
"""The name of the threshold on the probability of any offense, from which a message is flagged."""

OF_DISTRESS: Final = ("distress", "distress_phrase")
DISTRESS, DISTRESS_PHRASE = OF_DISTRESS
"""The names of the thresholds on the probability that a writer speaks of harming himself or herself: from the first on
that is heard by itself, from the second on where there is a phrase of it."""

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class LinearHead:
    """Weights (features x columns) and bias (columns): `scores = rows @ weights + bias`."""

    weights: NDArray[np.floating]
    bias: Array

    def __call__(self, rows: Rows) -> Array:
        """The scores of TF-IDF rows: (rows x columns)."""
        return np.asarray(product(rows, self.weights) + self.bias, dtype=np.float64)

    def of(self, rows: Array) -> Array:
        """The scores of rows that are not sparse, summed in one order, however many there are."""
        return np.asarray(np.einsum("ij,jk->ik", rows, self.weights) + self.bias)


@dataclass(frozen=True, slots=True)
class Judgment:
    """What the model says of some texts, and which of them have a feature that it knows.

    `labels` are probabilities (texts x 4) that sum to 1; `tactic_scores` the log-odds of each tactic on its own (texts
    x 11): few texts are asked for more. `distress` has the probability that the writer speaks of harming himself or
    herself, or of not being able to go on. `context` has the log-odds named in `CONTEXT` (texts x 4), or no column
    where they were not asked for, or the model has learnt none.
    """

    labels: Array
    tactic_scores: Array
    known: Flags
    distress: Array
    context: Array

    @property
    def tactics(self) -> Array:
        """The probability of each tactic in each text."""
        return logistic(self.tactic_scores)

    def at(self, places: Integers) -> "Judgment":
        """What is said of some of the texts, in that order."""
        return Judgment(*(getattr(self, field.name)[places] for field in fields(self)))

    @classmethod
    def joined(cls, parts: Sequence["Judgment"]) -> "Judgment":
        """What is said of the texts of all parts, in order."""
        return cls(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(cls)))


@dataclass(frozen=True, repr=False, eq=False)
class Model:
    """A trained model, ready to score; `storage.load_model` reads one and `storage.save_model` writes one.

    `messages` has the five columns of labels (ordinary traffic last) and the eleven of tactics, in 32-bit floats,
    `distress` the one of distress, and `context` those of `CONTEXT`; the last two are None where no lines of distress
    and no conversations were learnt from. `labels` (33 x 5) tells the labels and ordinary traffic from
    `stretches.terms`: the 16 columns of the whole, those of its strongest stretch, and one for the length. `thresholds`
    and `manifest` are what training wrote. Nothing of a model changes once it is made, so any number of threads may use
    it.
    """

    vectorizer: Vectorizer
    messages: LinearHead
    labels: LinearHead
    thresholds: Mapping[str, float]
    manifest: Mapping[str, Any]
    distress: LinearHead | None = None
    context: LinearHead | None = None

    def __repr__(self) -> str:
        return f"Model({self.manifest.get('name')!r}, {len(self.vectorizer):,} features)"

    def score(self, texts: Sequence[str], windows: Integers | None = None) -> Judgment:
        """What the model says of texts, one or many: each by itself, whatever stands beside it.

        A text with no known feature gets the scores of the biases. Where there are windows
        (`Vectorizer.transform_stretches`), it is said of these, and the columns of conversations as well, of the whole
        of each.
        """
        rows, of_stretches = self.vectorizer.transform_stretches(texts, windows)
        count = len(texts if windows is None else windows)
        scores, sizes = self.messages(rows), np.diff(rows.ends[: count + 1])
        told = strongest(scores, of_stretches)
        labels = _probabilities(self.labels.of(terms(scores, told, sizes)))
        tactics = np.maximum(scores[:count, ORDINARY + 1 :], scores[told, ORDINARY + 1 :])
        none = np.zeros((count, 0))
        distress = none if self.distress is None else highest(self.distress(rows), of_stretches)
        context = self.context(rows.part(0, count)) if windows is not None and self.context is not None else none
        return Judgment(labels, tactics, sizes > 0, logistic(distress).max(axis=1, initial=0.0), context)

    def to_sklearn(self) -> "Pipeline":
        """The labels as a scikit-learn `Pipeline` from raw texts to `predict_proba`, for notebooks.

        Its classes are the four labels and `ordinary`, in alphabetical order.
        """
        from sextortion_detect.sklearn_twin import label_pipeline

        return label_pipeline(self)


def _probabilities(scores: Array) -> Array:
    """The probabilities of the labels: that of ordinary traffic counts as benign."""
    odds = np.exp(scores - scores.max(axis=1, keepdims=True))
    columns: Array = odds / odds.sum(axis=1, keepdims=True)
    labels = columns[:, :ORDINARY].copy()
    labels[:, LABELS.index(Label.BENIGN)] += columns[:, ORDINARY]
    return np.minimum(labels, 1.0, out=labels)  # two that sum to 1 may be rounded to a little more


def logistic(log_odds: Array | float) -> Array:
    """The probabilities of log-odds, without overflow; of one number, an array of no axis.

    >>> logistic(np.array([-1e9, 0.0])).tolist()
    [0.0, 0.5]
    """
    return np.asarray(0.5 + 0.5 * np.tanh(0.5 * log_odds))


LEAST: Final = 1e-9
"""What a probability is taken to lack of 0 and of 1 at least, where its log-odds are asked for."""


def logit(probabilities: Array | float) -> Array:
    """The log-odds of probabilities, none endless.

    >>> logit(np.array([0.5, 1.0])).round(1).tolist()
    [0.0, 20.7]
    """
    return np.asarray(np.log(np.maximum(probabilities, LEAST) / np.maximum(1.0 - probabilities, LEAST)))
