"""Which words speak for a verdict, exactly: a linear score is the sum of what its features add.

The score explained is the log-odds of a label against the nearer of the two harmless columns (benign, ordinary). What
a feature adds is shared equally among the words that it comes from, so bias + words = log-odds to the last digit.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from sextortion_detect.model.features import Word
from sextortion_detect.model.linear import LABELS, ORDINARY, TACTICS, Model
from sextortion_detect.records import Evidence
from sextortion_detect.taxonomy import Label, Tactic

MOST_SPANS: Final = 5
_LEAST_OF_MEAN: Final = 0.5
_LEAST_SHARE: Final = 0.15
"""A span must weigh at least this share of the strongest one: weaker ones only distract the reader."""


class Explanation(NamedTuple):
    """A log-odds taken apart: `bias + sum(words) == log_odds`; `words` has one value a word of the text."""

    log_odds: float
    bias: float
    words: NDArray[np.float64]


def explain(model: Model, words: Sequence[Word], row: csr_matrix, label: Label) -> Explanation:
    """What each word adds to the log-odds of a label against harmless traffic.

    `row` is the TF-IDF row (1 x features) of the same words.
    """
    return _explain(model, row, label, _share_out(model, words, row))


def _explain(model: Model, row: csr_matrix, label: Label, shares: csr_matrix) -> Explanation:
    scores = model.label_head(row)[0] / model.temperature
    column, benign = LABELS.index(label), LABELS.index(Label.BENIGN)
    harmless = benign if scores[benign] >= scores[ORDINARY] else ORDINARY
    weights = model.label_head.weights[row.indices]
    adds = shares @ ((weights[:, column] - weights[:, harmless]) / model.temperature)
    bias = (model.label_head.bias[column] - model.label_head.bias[harmless]) / model.temperature
    return Explanation(float(scores[column] - scores[harmless]), float(bias), adds)


def find_evidence(
    model: Model, text: str, words: Sequence[Word], row: csr_matrix, label: Label, tactics: Sequence[Tactic]
) -> tuple[Evidence, ...]:
    """At most five spans of the original text, in whole words, that speak most for a label; strongest first.

    Neighboring words that each add at least half of what helpful words add on average make one span; it bears the one
    of `tactics` to which it adds most, or none.
    """
    shares = _share_out(model, words, row)
    adds = _explain(model, row, label, shares).words
    tactic_adds = shares @ model.tactic_head.weights[row.indices][:, [TACTICS.index(tactic) for tactic in tactics]]
    spans = []
    is_word = np.array([word.text[0].isalnum() or bool(word.concepts) for word in words])
    for first, after in _strong_runs(np.where(is_word, adds, 0.0)):  # a lone question mark tells a reader nothing
        support = tactic_adds[first:after].sum(axis=0)
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


def _share_out(model: Model, words: Sequence[Word], row: csr_matrix) -> csr_matrix:
    """The values of a TF-IDF row (1 x features) shared out among words: (words x known features of the row).

    A feature's value is shared equally among its occurrences and, for pairs, among their two words.
    """
    place = {column: position for position, column in enumerate(row.indices.tolist())}
    occurrences = [(place[column], sources) for column, sources in model.vectorizer.occurrences(words)]
    counts = np.bincount(np.array([position for position, _ in occurrences], dtype=np.int64), minlength=len(place))
    entries = [(word, position, len(sources)) for position, sources in occurrences for word in sources]
    word_of, position_of, sharers = np.array(entries, dtype=np.int64).reshape(-1, 3).T
    values = row.data[position_of] / counts[position_of] / sharers
    return csr_matrix((values, (word_of, position_of)), shape=(len(words), len(place)))
