"""How much of its recall a model keeps when offenses are disguised: every attack on one split of the corpus."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from sklearn.metrics import f1_score

from sextortion_detect.decision_thresholds import Thresholds
from sextortion_detect.model.linear import LABELS, Model
from sextortion_detect.taxonomy import OFFENSES
from sextortion_detect.training.attacks import ATTACKS, Attack, Strength, attack_all
from sextortion_detect.training.corpus import Row
from sextortion_detect.training.thresholds import offense_probabilities

MOST_LOST: Final = {Strength.UNSEEN: 0.005, Strength.NOTICED: 0.02, Strength.LOSSY: 0.08}
"""The share of offenses that an attack of a strength may make the model miss."""


@dataclass(frozen=True, slots=True)
class Robustness:
    """What is left under one attack (None: the texts as they are): recall of offenses when flagged, and macro-F1."""

    attack: Attack | None
    recall: float
    macro_f1: float


def measure_evasion(model: Model, rows: Sequence[Row], seed: int = 0) -> list[Robustness]:
    """A model on rows as they are and under every attack, at its default threshold.

    Macro-F1 is over the four labels with every row attacked, harmless ones too.
    """
    texts = [row.text for row in rows]
    truth = np.array([LABELS.index(row.label) for row in rows])
    attacked = [(None, texts), *((attack, attack_all(attack, texts, seed)) for attack in ATTACKS.values())]
    return [Robustness(attack, *_measure(model, disguised, truth)) for attack, disguised in attacked]


def _measure(model: Model, texts: Sequence[str], truth: np.ndarray) -> tuple[float, float]:
    labels = model.score(texts).labels
    offending = np.isin(truth, [LABELS.index(label) for label in OFFENSES])
    flagged = offense_probabilities(labels) >= Thresholds.of(model).offense
    return float(flagged[offending].mean()), float(f1_score(truth, labels.argmax(axis=1), average="macro"))
