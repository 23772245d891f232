"""Are probabilities what they say? Of messages given 0.8, eight in ten should be offenses."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from sextortion_detect.model.linear import Array, Flags
from sextortion_detect.training.intervals import Rate, share

BINS: Final = 10
"""Bins of equal width from 0 to 1."""


@dataclass(frozen=True, slots=True)
class Bin:
    """Messages of about one probability: how many, their mean probability, and how many are offenses."""

    rows: int
    given: float
    seen: Rate

    @property
    def tenth(self) -> int:
        """Which bin it is, from 0."""
        return min(int(self.given * BINS), BINS - 1)


def reliability(probabilities: Array, offending: Flags) -> list[Bin]:
    """The bins that have rows, in order.

    >>> [(one.rows, one.seen.value) for one in reliability(np.array([0.05, 0.91, 0.99]), np.array([False, True, True]))]
    [(1, 0.0), (2, 1.0)]
    """
    places = np.minimum((probabilities * BINS).astype(int), BINS - 1)
    return [
        Bin(int(chosen.sum()), float(probabilities[chosen].mean()), share(offending[chosen]))
        for chosen in (places == place for place in range(BINS))
        if chosen.any()
    ]


def calibration_error(bins: Sequence[Bin]) -> float:
    """The expected calibration error (Naeini et al. 2015): the mean gap between given and seen, by rows."""
    total = sum(one.rows for one in bins)
    return sum(one.rows * abs(one.given - one.seen.value) for one in bins) / total
