"""The model: linear scores over TF-IDF features, held in plain arrays.

Beside the four labels the label head has a fifth, hidden column, `ordinary`: traffic that nobody wrote for the corpus.
It keeps real traffic apart from the hard negatives of the corpus while all stays one linear softmax, so that every
score can be explained; its probability counts as benign.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from sextortion_detect.model.features import Word
from sextortion_detect.model.serving import Serving
from sextortion_detect.model.vectorize import Vectorizer
from sextortion_detect.taxonomy import Label, Tactic

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix
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
(`side.WINDOWS`): whether there is an offense by then, whether its sender is one who offends, and whether an offense
begins there, which is seldom said as plainly as what follows: one column fitted on texts of 2 messages and one on texts
of 8, each told for both.
"""

OFFENSE: Final = "offense"
"""The name of the threshold on the probability of any offense, from which a message is flagged."""

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class LinearHead:
    """Weights (features x columns, 16 to 64 bits) and bias (columns): `scores = rows @ weights + bias`."""

    weights: NDArray[np.floating]
    bias: Array

    def __call__(self, rows: "csr_matrix") -> Array:
        """The scores of TF-IDF rows: (rows x columns)."""
        return np.asarray(rows @ self.weights.astype(np.float64)) + self.bias

    def plus(self, bias: Array) -> "LinearHead":
        """The head that gives scores higher by a constant, a column."""
        return LinearHead(self.weights, self.bias + bias)

    def of(self, columns: NDArray[np.integer]) -> Array:
        """The weights of some features, in 64 bits."""
        return np.asarray(self.weights[columns], dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Scores:
    """What the model says of a batch: TF-IDF `rows` with known features, and probabilities by label and by tactic.

    `labels` is (texts x 4) and its rows sum to 1; `tactics` is (texts x 11), each tactic on its own.
    """

    rows: "csr_matrix"
    labels: Array
    tactics: Array


@dataclass(frozen=True, slots=True)
class Judgment:
    """What the model says of raw texts: probabilities as in `Scores`, and which texts have a known feature.

    `tactic_scores` are the log-odds of the tactics: few texts are asked for more. `context` has the log-odds named in
    `CONTEXT` (texts x 9), or no column where the model has learnt none.
    """

    labels: Array
    tactic_scores: Array
    known: Flags
    context: Array

    @property
    def tactics(self) -> Array:
        """The probability of each tactic in each text."""
        return _logistic(self.tactic_scores)

    def tactics_of(self, texts: NDArray[np.integer]) -> Array:
        """The same of some texts."""
        return _logistic(self.tactic_scores[texts])


@dataclass(frozen=True, repr=False, eq=False)
class Model:
    """A trained model, ready to score; `storage.load_model` reads one and `storage.save_model` writes one.

    `label_head` has five columns (the labels, then ordinary traffic), `tactic_head` eleven, and `context_head` those of
    `CONTEXT`; it is None where no conversations were learnt from. `temperature` divides the label scores before the
    softmax (Guo et al. 2017). `thresholds` and `manifest` are what training wrote.
    """

    vectorizer: Vectorizer
    label_head: LinearHead
    tactic_head: LinearHead
    temperature: float
    thresholds: Mapping[str, float]
    manifest: Mapping[str, Any]
    context_head: LinearHead | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        """Large parts as arrays, which joblib hands to other processes by memory map; each keeps one copy a model."""
        biases = [head.bias for head in self._heads]
        rest = (biases, self.temperature, self.thresholds, self.manifest)
        return _same_model, (*self._shared, self.vectorizer.sizes, self.vectorizer.idf, *rest)

    @cached_property
    def _shared(self) -> tuple[str, NDArray[np.uint8], NDArray[np.floating]]:
        """A name that no other model has, the feature names in UTF-8, and the weights of all heads."""
        names = np.frombuffer(self.vectorizer.names.encode("utf-8", "surrogatepass"), dtype=np.uint8)
        return os.urandom(16).hex(), names, _side_by_side([head.weights for head in self._heads])

    @property
    def _heads(self) -> list[LinearHead]:
        heads = [self.label_head, self.tactic_head]
        return heads if self.context_head is None else [*heads, self.context_head]

    def __repr__(self) -> str:
        return f"Model({self.manifest.get('name')!r}, {len(self.vectorizer.idf):,} features)"

    def score(self, texts: Iterable[Sequence[Word]]) -> Scores:
        """Score texts that `features.read_words` has read; a text with no known feature gets the scores of the bias."""
        rows = self.vectorizer.transform(texts)
        return Scores(rows, self._label_probabilities(self.label_head(rows)), _logistic(self.tactic_head(rows)))

    def score_texts(self, texts: Sequence[str]) -> Judgment:
        """Score raw texts, many at once; the probabilities equal those of `score` to 1e-9."""
        return self._judgment(*self.serving.score(texts))

    def score_alone(self, text: str) -> Judgment:
        """The same of one text, to the last bit, without the ado of a batch."""
        return self._judgment(*self.serving.score_one(text))

    def _judgment(self, scores: Array, known: Flags) -> Judgment:
        tactics = len(self.label_head.bias)
        context = tactics + len(self.tactic_head.bias)
        labels = self._label_probabilities(scores[:, :tactics])
        return Judgment(labels, scores[:, tactics:context], known, scores[:, context:])

    @cached_property
    def serving(self) -> Serving:
        """What scores raw texts, with what it remembers of their words."""
        weights = _side_by_side([head.weights for head in self._heads])
        return Serving(self.vectorizer, weights, np.concatenate([head.bias for head in self._heads]))

    def _label_probabilities(self, scores: Array) -> Array:
        columns = _softmax(scores / self.temperature)
        labels = columns[:, :ORDINARY].copy()
        labels[:, LABELS.index(Label.BENIGN)] += columns[:, ORDINARY]
        return np.minimum(labels, 1.0, out=labels)  # two that sum to 1 may be rounded to a little more

    def to_sklearn(self) -> "Pipeline":
        """The label head as a scikit-learn `Pipeline` from raw texts to `predict_proba`, for notebooks.

        Its classes are the four labels and `ordinary`, in alphabetical order.
        """
        from sextortion_detect.model.sklearn_export import label_pipeline

        return label_pipeline(self)


_received: Final[dict[str, Model]] = {}  # the last model that came from another process


def _same_model(
    name: str, names: NDArray[np.uint8], weights: NDArray[np.floating], sizes: Mapping[str, int], idf: Array,
    biases: Sequence[Array], temperature: float, thresholds: Mapping[str, float], manifest: Mapping[str, Any],
) -> Model:  # fmt: skip
    """The model that another process sent, with what it has learnt here since it came first."""
    if name not in _received:
        vectorizer = Vectorizer.of_text(names.tobytes().decode("utf-8", "surrogatepass"), sizes, idf)
        ends = np.cumsum([len(bias) for bias in biases])[:-1]
        heads = map(LinearHead, np.split(np.asarray(weights), ends, axis=1), biases)
        label_head, tactic_head, *context_head = heads
        model = Model(vectorizer, label_head, tactic_head, temperature, thresholds, manifest, *context_head)
        _received.clear()
        _received[name] = model
    return _received[name]


def _side_by_side(parts: Sequence[NDArray[np.floating]]) -> NDArray[np.floating]:
    """All as one array: the one that they are parts of, where `storage` has read them so."""
    whole = parts[0].base
    width = sum(part.shape[1] for part in parts)
    if whole is not None and all(part.base is whole for part in parts) and whole.shape == (len(parts[0]), width):
        return whole
    return np.hstack(parts)


def _softmax(scores: Array) -> Array:
    odds = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(odds / odds.sum(axis=1, keepdims=True))


def _logistic(scores: Array) -> Array:
    return np.asarray(0.5 + 0.5 * np.tanh(0.5 * scores))  # the logistic function, without overflow
