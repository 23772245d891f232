"""Setting probabilities right after a fit: one temperature and two shifts, on rows whose authors it never saw.

Weights on hard texts and background beside few written rows leave a head with priors that are nobody's: it was sure
of too little. A temperature divides every score (Guo et al. 2017), and a shift is added to the biases alone, so that
bias + contributions still add up to the score. Blackmail and grooming are shifted as one, which leaves their order
against harmless texts nearly as it was. `ORDINARY` gets no shift of its own: rows of the corpus are never ordinary
traffic, and a fit to them would give it up (measured: a fifth of the recall at 1 false alarm in 1,000).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from scipy.optimize import minimize
from scipy.special import logsumexp

from sextortion_detect.model.linear import LABELS, OFFENSE, ORDINARY, Array, LinearHead
from sextortion_detect.taxonomy import OFFENSES, Label

_SHIFTED: Final = {
    OFFENSE: [LABELS.index(label) for label in OFFENSES],
    Label.VICTIM_REPORT.value: [LABELS.index(Label.VICTIM_REPORT)],
}
"""Columns that share a shift, by name; both harmless ones stay where they are."""

_HARMLESS: Final = [LABELS.index(Label.BENIGN), ORDINARY]
_PENALTY: Final = 1e-3  # on squared shifts: a handful of rows that are told apart perfectly would shift without end
_BOUNDS: Final = ((-3.0, 3.0), *((-6.0, 6.0) for _ in _SHIFTED))  # of the logarithm of the temperature, and of shifts


@dataclass(frozen=True, slots=True)
class Scaling:
    """A temperature, what is added to scores after it by name, and the share of offenses of the rows it was set on.

    `prevalence` is the base rate that probabilities are right for.
    """

    temperature: float
    shifts: Mapping[str, float]
    prevalence: float

    def shifted(self, head: LinearHead) -> LinearHead:
        """The head whose scores, over the temperature, are shifted: only its bias differs."""
        return replace(head, bias=head.bias + self.temperature * _columns(list(self.shifts.values())))

    def to_dict(self) -> dict[str, Any]:
        """As the manifest of a model holds it."""
        return {"shifts": dict(self.shifts), "prevalence": self.prevalence}


def fit_scaling(scores: Array, labels: Sequence[Label]) -> Scaling:
    """The scaling under which the labels of rows are likeliest; `scores` are those of the label head (rows x 5).

    >>> undecided = np.zeros((4, 5))  # 2 in 5 for an offense, and 3 in 4 offend
    >>> scaling = fit_scaling(undecided, [Label.BENIGN, Label.BLACKMAIL, Label.GROOMING, Label.GROOMING])
    >>> scaling.prevalence, scaling.shifts["offense"] > 0.0
    (0.75, True)
    """
    truth = np.array([LABELS.index(label) for label in labels])

    def loss(parameters: Array) -> float:
        scaled = scores / np.exp(parameters[0]) + _columns(parameters[1:])
        return float(_log_loss(scaled, truth) + _PENALTY * np.square(parameters[1:]).sum())

    best = minimize(loss, np.zeros(len(_BOUNDS)), method="L-BFGS-B", bounds=_BOUNDS).x
    shifts = {name: round(float(shift), 3) for name, shift in zip(_SHIFTED, best[1:], strict=True)}
    prevalence = sum(label in OFFENSES for label in labels) / len(labels)
    return Scaling(round(float(np.exp(best[0])), 3), shifts, round(prevalence, 4))


def _columns(shifts: Sequence[float] | Array) -> Array:
    columns = np.zeros(ORDINARY + 1)
    for places, shift in zip(_SHIFTED.values(), shifts, strict=True):
        columns[places] = shift
    return columns


def _log_loss(scores: Array, truth: Array) -> float:
    """The mean surprise at the true labels; a benign row may be of either harmless column."""
    of_label = scores[:, :ORDINARY].copy()
    of_label[:, LABELS.index(Label.BENIGN)] = logsumexp(scores[:, _HARMLESS], axis=1)
    return float(np.mean(logsumexp(scores, axis=1) - of_label[np.arange(len(truth)), truth]))
