"""Which words speak for a verdict, exactly: a linear score is the sum of what its features add.

The score explained is the log-odds of a label against the nearer of the two harmless columns (benign, ordinary). What
a feature adds is shared equally among the words that it comes from, so bias + words = log-odds to the last digit.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sextortion_detect.evidence import Evidence
from sextortion_detect.model.features import Word
from sextortion_detect.model.linear import LABELS, ORDINARY, TACTICS, Model
from sextortion_detect.taxonomy import Label, Tactic

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

MOST_SPANS: Final = 5
_LEAST_OF_MEAN: Final = 0.5
_LEAST_SHARE: Final = 0.15
"""A span must weigh at least this share of the strongest one: weaker ones only distract the reader."""


class Explanation(NamedTuple):
    """A log-odds taken apart: `bias + sum(words) == log_odds`; `words` has one value a word of the text."""

    log_odds: float
    bias: float
    words: NDArray[np.float64]


class _Shares(NamedTuple):
    """A TF-IDF row, and its values shared out: value by value the word, the place in the row, and the share."""

    columns: NDArray[np.int64]
    values: NDArray[np.float64]
    words: NDArray[np.int64]
    places: NDArray[np.int64]
    shares: NDArray[np.float64]

    def among(self, size: int, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """What each of the words adds where the columns of the row have these weights."""
        return np.bincount(self.words, self.shares * weights[self.places], minlength=size).astype(np.float64)


def explain(model: Model, words: Sequence[Word], row: "csr_matrix", label: Label) -> Explanation:
    """What each word adds to the log-odds of a label against harmless traffic.

    `row` is the TF-IDF row (1 x features) of the same words.
    """
    order = np.argsort(row.indices)
    shares = _share_out(model, words)
    return _explain(model, shares._replace(values=row.data[order]), len(words), label)


def _explain(model: Model, shares: _Shares, size: int, label: Label) -> Explanation:
    weights = model.label_head.of(shares.columns)
    scores = (shares.values @ weights + model.label_head.bias) / model.temperature
    column, benign = LABELS.index(label), LABELS.index(Label.BENIGN)
    harmless = benign if scores[benign] >= scores[ORDINARY] else ORDINARY
    adds = shares.among(size, (weights[:, column] - weights[:, harmless]) / model.temperature)
    bias = (model.label_head.bias[column] - model.label_head.bias[harmless]) / model.temperature
    return Explanation(float(scores[column] - scores[harmless]), float(bias), adds)


def find_evidence(
    model: Model, text: str, words: Sequence[Word], label: Label, tactics: Sequence[Tactic]
) -> tuple[Evidence, ...]:
    """At most five spans of the original text, in whole words, that speak most for a label; strongest first.

    Neighboring words that each add at least half of what helpful words add on average make one span; it bears the one
    of `tactics` to which it adds most, or none.
    """
    shares = _share_out(model, words)
    adds = _explain(model, shares, len(words), label).words
    weights = model.tactic_head.of(shares.columns)
    by_tactic = [shares.among(len(words), weights[:, TACTICS.index(tactic)]) for tactic in tactics]
    spans = []
    is_word = np.array([word.text[0].isalnum() or bool(word.concepts) for word in words])
    for first, after in _strong_runs(np.where(is_word, adds, 0.0)):  # a lone question mark tells a reader nothing
        support = np.array([float(added[first:after].sum()) for added in by_tactic])
        shown = tactics[int(support.argmax())] if len(tactics) and support.max() > 0.0 else None
        start, end = words[first].start, words[after - 1].end
        spans.append(Evidence(start, end, text[start:end], shown, float(adds[first:after].sum())))
    spans.sort(key=lambda span: (-span.weight, span.start))
    return tuple(span for span in spans[:MOST_SPANS] if span.weight >= _LEAST_SHARE * spans[0].weight)


def _strong_runs(adds: NDArray[np.float64]) -> list[tuple[int, int]]:
    """Half-open runs of neighboring words that each add enough."""
    positive = adds[adds > 0.0]
    if not len(positive):
        return []
    runs: list[tuple[int, int]] = []
    for index in np.flatnonzero(adds >= _LEAST_OF_MEAN * positive.mean()).tolist():
        if runs and runs[-1][1] == index:
            runs[-1] = (runs[-1][0], index + 1)
        else:
            runs.append((index, index + 1))
    return runs


def _share_out(model: Model, words: Sequence[Word]) -> _Shares:
    """The TF-IDF row of words, with each value shared equally among its occurrences and, for pairs, their two words."""
    occurrences = model.vectorizer.occurrences(words)
    found = np.array([column for column, _ in occurrences], dtype=np.int64)
    columns, places, counts = np.unique(found, return_inverse=True, return_counts=True)
    values = model.vectorizer.weigh(np.zeros(len(columns), dtype=np.int64), columns, counts)
    entries = [
        (word, place, len(sources))
        for place, (_, sources) in zip(places.tolist(), occurrences, strict=True)
        for word in sources
    ]
    word_of, place_of, sharers = np.array(entries, dtype=np.int64).reshape(-1, 3).T
    return _Shares(columns, values, word_of, place_of, values[place_of] / counts[place_of] / sharers)
