"""Which words speak for a verdict, exactly: a linear score is the sum of what its features add.

The score explained is the log-odds of a label against the nearer of the two harmless columns (benign, ordinary). What
a feature adds, in the whole text and once more in its strongest stretch, is shared equally among its occurrences and,
of a pair, its two words: bias + words = log-odds.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from sextortion_detect.evidence import Evidence
from sextortion_detect.model.features import Features
from sextortion_detect.model.linear import LABELS, ORDINARY, TACTICS, Array, Flags, Model
from sextortion_detect.model.stretches import stretches_of, strongest, terms, whole_texts
from sextortion_detect.model.vectorizer import Occurrences, in_pieces
from sextortion_detect.taxonomy import Label, Tactic
from sextortion_detect.text.arrays import Integers

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


def explain(model: Model, text: str, label: Label) -> Explanation:
    """What each word of a text adds to the log-odds of a label against harmless traffic."""
    bias, starts, ends, _, of_label = _taken_apart(model, text, label, ())
    adds = of_label[:, 0]
    heaviest = np.sort(np.argsort(-np.abs(adds), kind="stable")[:MOST_WORDS])
    told, whole = adds[heaviest], adds.sum()
    return Explanation(float(bias + whole), bias, starts[heaviest], ends[heaviest], told, float(whole - told.sum()))


def find_evidence(model: Model, text: str, label: Label, tactics: Sequence[Tactic]) -> tuple[Evidence, ...]:
    """At most five spans of the original text, in whole words, that speak most for a label; strongest first.

    Neighboring words that each add at least half of what helpful words add on average make one span; it bears the one
    of `tactics` to which it adds most, or none.
    """
    _, starts, ends, tells, of_all = _taken_apart(model, text, label, tactics)
    adds, by_tactic = of_all[:, 0], of_all[:, 1:]
    spans = []
    for first, after in _strong_runs(np.where(tells, adds, 0.0)):
        support = by_tactic[first:after].sum(axis=0)
        shown = tactics[int(support.argmax())] if len(support) and support.max() > 0.0 else None
        start, end = int(starts[first]), int(ends[after - 1])
        spans.append(Evidence(start, end, text[start:end], shown, float(adds[first:after].sum())))
    spans.sort(key=lambda span: (-span.weight, span.start))
    return tuple(span for span in spans[:MOST_SPANS] if span.weight >= _LEAST_SHARE * spans[0].weight)


def _taken_apart(
    model: Model, text: str, label: Label, tactics: Sequence[Tactic]
) -> tuple[float, Integers, Integers, Flags, Array]:
    """The log-odds of a label against the nearer harmless column: its bias, and what each word adds.

    Of the words come the half-open ranges, whether each tells a reader anything, and what they add: a column for the
    label and one for each of the tactics.
    """
    seen: list[tuple[Integers, Integers, Flags, Occurrences]] = []

    def keep(features: Features) -> None:
        words = features.words  # a lone question mark tells a reader nothing
        seen.append((words.starts, words.ends, words.scripts != 0, model.vectorizer.occurrences(features)))

    rows, of_stretches = model.vectorizer.transform_stretches([text], seen=keep)
    scores = model.messages(rows)
    (told,) = strongest(scores, of_stretches)
    given = terms(scores, np.array([told]), np.diff(rows.ends))
    (sums,) = model.labels.of(given)
    chosen = [slice(*rows.ends[row : row + 2]) for row in (0, told)]
    both = [(rows.columns[rows.places[some]], rows.values[some].astype(np.float64)) for some in chosen]
    del rows  # those of a long text take a gigabyte together
    of_words, read, bounds, begin, count = [], [], [], 0, 0
    for (_, (piece,)), (starts, ends, tells, occurrences) in zip(in_pieces([text]), seen, strict=True):
        of_words.append((begin + starts, begin + ends, tells))
        read.append((count, occurrences))
        bounds.append(np.column_stack(stretches_of(whole_texts(np.zeros(len(tells), dtype=np.int64), 1))[:2]) + count)
        begin, count = begin + len(piece), count + len(tells)
    of_rows = np.concatenate(([[0, count]], *bounds))[[0, told]]
    column, benign = LABELS.index(label), LABELS.index(Label.BENIGN)
    harmless = benign if sums[benign] >= sums[ORDINARY] else ORDINARY
    rule, bias = (some[..., column] - some[..., harmless] for some in (model.labels.weights, model.labels.bias))
    of_whole, of_told = np.split(rule[:-1], 2)
    bias = bias + model.messages.bias @ (of_whole + of_told) + rule[-1] * given[0, -1]
    adds = np.zeros((count, 1 + len(tactics)))
    of_tactics = [ORDINARY + 1 + TACTICS.index(tactic) for tactic in tactics]
    told_of = zip(both, of_rows, (of_whole, of_told), (of_tactics, []), strict=True)
    for (columns, values), bound, of_labels, asked in told_of:
        weights = model.messages.weights[columns].astype(np.float64)
        shares = np.zeros((len(model.vectorizer), 1 + len(asked)))
        shares[columns] = np.column_stack((weights @ of_labels, weights[:, asked])) * values[:, None]
        parts = [(first, some, *(bound - first).clip(0, len(some.places))) for first, some in read]
        parts = [part for part in parts if part[2] < part[3]]
        times = sum((some.times(begin, end, len(shares)) for _, some, begin, end in parts), np.zeros(len(shares)))
        shares /= np.maximum(times, 1.0)[:, None]
        for first, some, begin, end in parts:
            for place, share in enumerate(shares.T):
                adds[first + begin : first + end, place] += some.borne(share, begin, end)
    starts, ends, tells = map(np.concatenate, zip(*of_words, strict=True))
    return float(bias), starts, ends, tells, adds


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
