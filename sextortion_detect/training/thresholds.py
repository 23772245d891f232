"""Thresholds by budget: how many real texts may be flagged wrongly, not a bare 0.5."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import precision_recall_curve

from sextortion_detect.batches import scored_chunks
from sextortion_detect.budget_thresholds import budget_thresholds, threshold_for_budget
from sextortion_detect.model.linear import DISTRESS, DISTRESS_PHRASE, OFFENSE, TACTICS, Array, Judgment, Model
from sextortion_detect.taxonomy import OFFENSES, Label
from sextortion_detect.training.corpus import Row
from sextortion_detect.training.traffic import PRIVATE_LINES, TrafficText

BUDGETS: Final = {"1e-2": 1e-2, "1e-3": 1e-3, "1e-4": 1e-4}
"""The budgets that every model has thresholds for: the share of real texts that may be flagged wrongly, by name."""

DISTRESS_BUDGETS: Final = {DISTRESS: 1 / 10_000, DISTRESS_PHRASE: 1 / 16}
"""The shares of real texts in which distress may be heard, true ones among them, and in which it may with a phrase."""

PRIVATE_TIMES: Final = 2.0
"""How many times as often as other real texts ordinary private lines may be flagged.

At once, of the plainest threats and lures 9 in 100 fewer are found; twice is about what the budget asks for on
conversation in both halves of the traffic.
"""

_WITHOUT_TRAFFIC: Final = 0.01
"""The budget where no real traffic is given: a thousandth of a few hundred benign dev rows would be none."""


def threshold_for_unseen(scores: Array, budget: float) -> float:
    """The lowest threshold that one more score of the same kind reaches with a probability of at most `budget`.

    Of n scores not `budget` · n but `budget` · (n + 1) - 1 may reach it (split conformal prediction; Papadopoulos et
    al. 2002): of a few hundred that is one less, which thousands do not feel. Where they are too few for that
    (fewer than 1 / `budget` - 1), none may, and one more does with a probability of up to 1 / (n + 1).

    >>> from sextortion_detect.budget_thresholds import threshold_for_budget
    >>> float(threshold_for_unseen(np.arange(5.0), 0.03)) > 4.0
    True
    >>> scores = np.arange(258.0)
    >>> [int((scores >= rule(scores, 0.03)).sum()) for rule in (threshold_for_budget, threshold_for_unseen)]
    [7, 6]
    """
    descending = np.sort(scores)[::-1]
    return float(np.nextafter(descending[max(int((len(scores) + 1) * budget) - 1, 0)], np.inf))


def strata_thresholds(harmless: Array, strata: Sequence[str] | NDArray[np.str_], budget: float) -> dict[str, float]:
    """The thresholds that keep a budget on label probabilities of harmless texts (texts x 4), in each stratum.

    `strata` names the stratum of each text; private lines have `PRIVATE_TIMES` the budget. A budget that allows less
    than one false alarm in the smallest stratum is kept on all of them together.
    """
    names = np.array(strata)
    parts = {str(name): harmless[names == name] for name in np.unique(names)}
    if min(map(len, parts.values())) * budget < 1.0:
        parts = {"": harmless}
    chosen = [budget_thresholds(part, _budget_of(name, budget)) for name, part in parts.items()]
    return {name: max(one[name] for one in chosen) for name in chosen[0]}


def _budget_of(stratum: str, budget: float) -> float:
    return PRIVATE_TIMES * budget if stratum == PRIVATE_LINES else budget


def thresholds_by_budget(harmless: Array, strata: Sequence[str] | NDArray[np.str_]) -> dict[str, dict[str, float]]:
    """`strata_thresholds` at each of `BUDGETS`, as the manifest of a model holds them; none where nothing is given."""
    budgets = BUDGETS if len(harmless) else {}
    return {name: strata_thresholds(harmless, strata, budget) for name, budget in budgets.items()}


def thresholds_of_traffic(model: Model, traffic: Sequence[TrafficText]) -> dict[str, dict[str, Any]]:
    """For the manifest: `thresholds_by_budget`, and `thresholds_by_stratum`, on offenses at the budget of the recipe.

    These are what each stratum would need alone: the highest of them is the one that counts.
    """
    labels, budget = score_all(model, [text.text for text in traffic]).labels, model.manifest["settings"]["budget"]
    strata = np.array([text.stratum for text in traffic])
    alone = {
        name: budget_thresholds(labels[strata == name], _budget_of(name, budget))[OFFENSE]
        for name in np.unique(strata).tolist()
    }
    return {"thresholds_by_budget": thresholds_by_budget(labels, strata), "thresholds_by_stratum": alone}


def choose_thresholds(
    model: Model, dev: Sequence[Row], traffic: Sequence[TrafficText], budget: float
) -> Mapping[str, float]:
    """Thresholds on offenses, victim reports and distress by budget, on tactics by the best F1 of the dev offenses."""
    scored = score_all(model, [row.text for row in dev])
    if traffic:
        harmless, strata = score_all(model, [text.text for text in traffic]), [text.stratum for text in traffic]
    else:
        harmless = scored.at(np.flatnonzero([row.label is Label.BENIGN for row in dev]))
        strata, budget = [""] * len(harmless.labels), _WITHOUT_TRAFFIC
    thresholds = strata_thresholds(harmless.labels, strata, budget)
    if model.distress is not None:
        for name, share in DISTRESS_BUDGETS.items():
            thresholds[name] = min(threshold_for_budget(harmless.distress, share), 1.0)
    offenses = [index for index, row in enumerate(dev) if row.label in OFFENSES]
    for column, tactic in enumerate(TACTICS):
        truth = [tactic in dev[index].tactics for index in offenses]
        thresholds[tactic.value] = min(_best_f1(truth, scored.tactics[offenses, column]), 1.0)
    return thresholds


def score_all(model: Model, texts: Sequence[str]) -> Judgment:
    """What a model says of many texts, scored some at a time."""
    parts = [part for _, part in scored_chunks(texts, model)] or [model.score([])]
    return Judgment.joined(parts)


def _best_f1(truth: Sequence[bool], scores: Array) -> float:
    precision, recall, thresholds = precision_recall_curve(truth, scores)
    f1 = 2 * precision[:-1] * recall[:-1] / np.maximum(precision[:-1] + recall[:-1], 1e-12)
    return float(thresholds[int(np.argmax(f1))])
