"""Which words speak for a verdict, exactly: a linear score is the sum of what its features add.

The score explained is the log-odds of a label against the nearer of the two harmless columns (benign, ordinary). What
a feature adds is shared equally among its occurrences and, of a pair, its two words, so bias + words = log-odds.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from sextortion_detect.evidence import Evidence
from sextortion_detect.model.features import Features, read_features
from sextortion_detect.model.linear import LABELS, ORDINARY, TACTICS, Array, Model
from sextortion_detect.taxonomy import Label, Tactic
from sextortion_detect.text.keys import Integers

MOST_SPANS: Final = 5
MOST_WORDS: Final = 1_000
"""Of a longer text the words that weigh most are told one by one, and the others as one sum."""

_LEAST_OF_MEAN: Final = 0.5
_LEAST_SHARE: Final = 0.15
"""A span must weigh at least this share of the strongest one: weaker ones only distract the reader."""


class Explanation(NamedTuple):
    """A log-odds taken apart: `bias + sum(words) + rest == log_odds`.

    `words` has what each word adds that stands at the half-open range `starts` to `ends` of the text; `rest` is what
    the words beyond the `MOST_WORDS` heaviest add together, 0 where there are none.
    """

    log_odds: float
    bias: float
    starts: Integers
    ends: Integers
    words: Array
    rest: float


class _Contributions:
    """What the words of one text add to any column of the model; the work grows linearly with their number."""

    def __init__(self, model: Model, text: str) -> None:
        self.features: Features = read_features([text])
        found = model.vectorizer.occurrences(self.features)
        self._count = len(self.features.places)
        self._first, self._second = found.first, found.second
        times = np.bincount(found.columns, minlength=len(model.vectorizer))
        self.columns = times.nonzero()[0]
        times = times[self.columns]
        self.values = model.vectorizer.values(self.columns, times).astype(np.float64)
        place = np.zeros(len(model.vectorizer), dtype=np.int32)
        place[self.columns] = np.arange(len(self.columns))
        self._places = place[found.columns]
        self._shares = self.values / times / 2.0  # to each of the two words of an occurrence, which may be the same

    def of(self, weights: Array) -> Array:
        """What each word adds where the columns have these weights."""
        adds = (self._shares * weights)[self._places]
        of_first = np.bincount(self._first, adds, minlength=self._count)
        return np.asarray(of_first + np.bincount(self._second, adds, minlength=self._count), dtype=np.float64)


def explain(model: Model, text: str, label: Label) -> Explanation:
    """What each word of a text adds to the log-odds of a label against harmless traffic."""
    contributions = _Contributions(model, text)
    log_odds, bias, adds = _log_odds(model, contributions, label)
    words = contributions.features.words
    heaviest = np.arange(len(adds))
    if len(adds) > MOST_WORDS:
        heaviest = np.sort(np.argpartition(-np.abs(adds), MOST_WORDS)[:MOST_WORDS])
    told = adds[heaviest]
    rest = float(adds.sum() - told.sum()) if len(adds) > MOST_WORDS else 0.0
    return Explanation(log_odds, bias, words.starts[heaviest], words.ends[heaviest], told, rest)


def _log_odds(model: Model, contributions: _Contributions, label: Label) -> tuple[float, float, Array]:
    """The log-odds of a label against the nearer harmless column, its bias, and what each word adds."""
    weights = np.asarray(model.label_head.weights[contributions.columns], dtype=np.float64)
    bias = model.label_head.bias
    scores = (contributions.values @ weights + bias) / model.temperature
    column, benign = LABELS.index(label), LABELS.index(Label.BENIGN)
    harmless = benign if scores[benign] >= scores[ORDINARY] else ORDINARY
    adds = contributions.of((weights[:, column] - weights[:, harmless]) / model.temperature)
    return (
        float(scores[column] - scores[harmless]),
        float((bias[column] - bias[harmless]) / model.temperature),
        adds,
    )


def find_evidence(model: Model, text: str, label: Label, tactics: Sequence[Tactic]) -> tuple[Evidence, ...]:
    """At most five spans of the original text, in whole words, that speak most for a label; strongest first.

    Neighboring words that each add at least half of what helpful words add on average make one span; it bears the one
    of `tactics` to which it adds most, or none.
    """
    contributions = _Contributions(model, text)
    features = contributions.features
    words = features.words
    _, _, adds = _log_odds(model, contributions, label)
    weights = np.asarray(model.tactic_head.weights[contributions.columns], dtype=np.float64)
    by_tactic = np.array([contributions.of(weights[:, TACTICS.index(tactic)]) for tactic in tactics])
    is_word = words.scripts != 0  # a lone question mark tells a reader nothing
    is_word[features.first[features.concepts >= 0]] = True
    starts, ends = words.starts, words.ends
    spans = []
    for first, after in _strong_runs(np.where(is_word, adds, 0.0)):
        support = by_tactic[:, first:after].sum(axis=1) if len(tactics) else np.zeros(0)
        shown = tactics[int(support.argmax())] if len(support) and support.max() > 0.0 else None
        start, end = int(starts[first]), int(ends[after - 1])
        spans.append(Evidence(start, end, text[start:end], shown, float(adds[first:after].sum())))
    spans.sort(key=lambda span: (-span.weight, span.start))
    return tuple(span for span in spans[:MOST_SPANS] if span.weight >= _LEAST_SHARE * spans[0].weight)


def _strong_runs(adds: Array) -> list[tuple[int, int]]:
    """Half-open runs of neighboring words that each add enough, the `MOST_WORDS` strongest."""
    positive = adds[adds > 0.0]
    if not len(positive):
        return []
    strong = np.concatenate(([False], adds >= _LEAST_OF_MEAN * positive.mean(), [False]))
    edges = (strong[1:] != strong[:-1]).nonzero()[0]
    first, after = edges[::2], edges[1::2]
    total = np.concatenate(([0.0], adds.cumsum()))
    strongest = np.argsort(total[first] - total[after], kind="stable")[:MOST_WORDS]
    return list(zip(first[strongest].tolist(), after[strongest].tolist(), strict=True))
