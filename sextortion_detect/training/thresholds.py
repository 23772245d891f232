"""Thresholds by budget: how many real texts may be flagged wrongly, not a bare 0.5."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
from scipy.stats import beta
from sklearn.metrics import precision_recall_curve

from sextortion_detect.model.features import Word
from sextortion_detect.model.linear import LABELS, OFFENSE, TACTICS, Array, Model
from sextortion_detect.taxonomy import OFFENSES, Label
from sextortion_detect.training.corpus import Row

_WITHOUT_TRAFFIC: Final = 0.01
"""The budget where no real traffic is given: a thousandth of a few hundred benign dev rows would be none."""


class Rate(NamedTuple):
    """A count of a number of trials with the ends of its exact 95 % interval (Clopper and Pearson 1934), all 0 to 1."""

    value: float
    low: float
    high: float


def rate(count: int, total: int) -> Rate:
    """How often, with its interval.

    >>> [round(end, 4) for end in rate(1, 1000)]
    [0.001, 0.0, 0.0056]
    """
    if not total:
        return Rate(float("nan"), 0.0, 1.0)
    low = float(beta.ppf(0.025, count, total - count + 1)) if count else 0.0
    high = float(beta.ppf(0.975, count + 1, total - count)) if count < total else 1.0
    return Rate(count / total, low, high)


def offense_probabilities(labels: Array) -> Array:
    """P(blackmail) + P(grooming) of label probabilities (texts x 4)."""
    return np.asarray(labels[:, [LABELS.index(label) for label in OFFENSES]].sum(axis=1))


def threshold_for_budget(scores: Array, budget: float) -> float:
    """The lowest threshold at which at most `budget` of the scores reach it.

    >>> threshold_for_budget(np.array([0.1, 0.2, 0.9, 0.3]), budget=0.25) > 0.3
    True
    """
    descending = np.sort(scores)[::-1]
    return float(np.nextafter(descending[int(len(scores) * budget)], 2.0))


def choose_thresholds(
    model: Model, read_dev: Sequence[list[Word]], dev: Sequence[Row], read_traffic: Sequence[list[Word]], budget: float
) -> Mapping[str, float]:
    """Thresholds on offenses and on victim reports by budget, on tactics by the best F1 over the dev offenses."""
    scored = model.score(read_dev)
    if read_traffic:
        harmless, allowed = model.score(read_traffic).labels, budget
    else:
        harmless, allowed = scored.labels[[row.label is Label.BENIGN for row in dev]], _WITHOUT_TRAFFIC
    victims = harmless[:, LABELS.index(Label.VICTIM_REPORT)]
    thresholds = {
        OFFENSE: threshold_for_budget(offense_probabilities(harmless), allowed),
        Label.VICTIM_REPORT.value: threshold_for_budget(victims, allowed),
    }
    offenses = [index for index, row in enumerate(dev) if row.label in OFFENSES]
    for column, tactic in enumerate(TACTICS):
        truth = [tactic in dev[index].tactics for index in offenses]
        thresholds[tactic.value] = _best_f1(truth, scored.tactics[offenses, column])
    return {name: min(value, 1.0) for name, value in thresholds.items()}


def _best_f1(truth: Sequence[bool], scores: Array) -> float:
    precision, recall, thresholds = precision_recall_curve(truth, scores)
    f1 = 2 * precision[:-1] * recall[:-1] / np.maximum(precision[:-1] + recall[:-1], 1e-12)
    return float(thresholds[int(np.argmax(f1))])
