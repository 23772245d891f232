"""Thresholds from a budget: how many harmless texts may be flagged wrongly, on whatever texts somebody has."""

from collections.abc import Collection, Iterable
from numbers import Real
from typing import Final, NamedTuple

import numpy as np

from sextortion_detect.batches import scored_chunks
from sextortion_detect.classify import checked_texts
from sextortion_detect.decision_thresholds import FIRST_OFFENSE, SECOND_OFFENSE
from sextortion_detect.errors import InputError, shown
from sextortion_detect.model.linear import LABELS, OFFENSE, Array, Model
from sextortion_detect.model.shipped import checked_model
from sextortion_detect.taxonomy import Label

_ADVICE: Final = 10.0
_MOST_OF_ADVICE: Final = 0.5
_FEWEST_WRONG: Final = 10
"""A threshold hangs on the texts that score highest: with fewer of them it would be chance."""


def offense_probabilities(labels: Array) -> Array:
    """P(blackmail) + P(grooming) of label probabilities (texts x 4)."""
    return np.asarray(labels[:, FIRST_OFFENSE] + labels[:, SECOND_OFFENSE])


def threshold_for_budget(scores: Array, budget: float) -> float:
    """The lowest threshold at which at most `budget` of the scores reach it.

    >>> threshold_for_budget(np.array([0.1, 0.2, 0.9, 0.3]), budget=0.25) > 0.3
    True
    """
    descending = np.sort(scores)[::-1]
    return float(np.nextafter(descending[int(len(scores) * budget)], np.inf))


def budget_thresholds(labels: Array, budget: float) -> dict[str, float]:
    """The thresholds on offenses and on victims' reports that keep a budget on harmless texts (texts x 4).

    Advice may be given ten times as often as a text may be flagged: where nobody needs it, it costs a reader a
    sentence.
    """
    reports = labels[:, LABELS.index(Label.VICTIM_REPORT)]
    return {
        OFFENSE: min(threshold_for_budget(offense_probabilities(labels), budget), 1.0),
        Label.VICTIM_REPORT.value: min(threshold_for_budget(reports, min(_ADVICE * budget, _MOST_OF_ADVICE)), 1.0),
    }


class OwnThresholds(NamedTuple):
    """Thresholds that keep a budget on somebody's own texts, and which of these score highest.

    `thresholds` is what `thresholds=` takes. `highest` are the places of the texts that are flagged and of as many
    below, highest first: read them, and give those that are offenses as `without`.
    """

    thresholds: dict[str, float]
    highest: tuple[int, ...]


def thresholds_for(
    texts: Iterable[str], budget: float = 1e-3, *, without: Collection[int] = (), model: Model | None = None
) -> OwnThresholds:
    """Thresholds at which at most `budget` of these ordinary texts are flagged; nothing is fitted.

    `without` are places, from 0, of texts to leave out: offenses that a reader found among them. Raises `InputError`
    for a budget outside 0 to 0.1, and for fewer than 10 / `budget` texts; `TypeError` for anything that is not text.

    >>> own = thresholds_for([f"صباح الخير {place}" for place in range(1_000)], budget=1e-2)
    >>> sorted(own.thresholds), len(own.highest)
    (['offense', 'victim_report'], 20)
    """
    if isinstance(budget, bool) or not isinstance(budget, Real) or not 0.0 < budget <= 0.1:
        raise InputError(f"The budget must lie between 0 and 0.1, not {shown(budget)}.")
    budget, model = float(budget), checked_model(model)
    parts = [judgment.labels for _, judgment in scored_chunks(checked_texts(texts, "thresholds_for"), model)]
    labels = np.concatenate([np.zeros((0, len(LABELS))), *parts])
    places = np.setdiff1d(np.arange(len(labels)), np.array([*without], dtype=np.int64))
    needed = round(_FEWEST_WRONG / budget)
    if len(places) < needed:
        raise InputError(f"A budget of {budget:g} needs {needed} texts, and there are {len(places)}; give more.")
    likely = offense_probabilities(labels[places])
    highest = places[np.argsort(-likely, kind="stable")[: 2 * int(len(places) * budget)]]
    return OwnThresholds(budget_thresholds(labels[places], budget), tuple(highest.tolist()))
