"""What a model says of rows and of real traffic: scored once, measured in many ways."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from sextortion_detect.model.linear import LABELS, Array, Flags, Model
from sextortion_detect.taxonomy import OFFENSES
from sextortion_detect.training.corpus import Row
from sextortion_detect.training.thresholds import offense_probabilities, score_labels
from sextortion_detect.training.traffic import TrafficText, set_thresholds

_OFFENSES: Final = [LABELS.index(label) for label in OFFENSES]


@dataclass(frozen=True, slots=True)
class ScoredRows:
    """Rows with their true labels (indices into `LABELS`) and the probabilities of labels (n x 4) and tactics."""

    rows: Sequence[Row] = field(repr=False)
    truth: Array
    labels: Array
    tactics: Array

    @property
    def offending(self) -> Flags:
        """Which rows are annotated as offenses."""
        return np.isin(self.truth, _OFFENSES)

    @property
    def probabilities(self) -> Array:
        """The probability of any offense, a row."""
        return offense_probabilities(self.labels)

    def take(self, chosen: Flags) -> "ScoredRows":
        """Some of the rows."""
        rows = [row for row, wanted in zip(self.rows, chosen.tolist(), strict=True) if wanted]
        return ScoredRows(rows, self.truth[chosen], self.labels[chosen], self.tactics[chosen])


@dataclass(frozen=True, slots=True)
class ScoredTraffic:
    """Real texts as label probabilities (n x 4), with source and stratum of each; `chooses`: of the choosing half."""

    sources: tuple[str, ...]
    strata: tuple[str, ...]
    chooses: Flags
    labels: Array

    @property
    def probabilities(self) -> Array:
        """The probability of any offense, a text."""
        return offense_probabilities(self.labels)

    @property
    def chosen_by(self) -> tuple[Array, Sequence[str]]:
        """The label probabilities and the strata of the half that sets thresholds."""
        return self.labels[self.chooses], [self.strata[place] for place in self.chooses.nonzero()[0].tolist()]


def score_rows(model: Model, rows: Sequence[Row]) -> ScoredRows:
    """What a model says of rows of the corpus."""
    scored = model.score([row.text for row in rows])
    return ScoredRows(rows, np.array([LABELS.index(row.label) for row in rows]), scored.labels, scored.tactics)


def score_traffic(model: Model, traffic: Sequence[TrafficText]) -> ScoredTraffic:
    """What a model says of real texts."""
    sources, strata = tuple(text.source for text in traffic), tuple(text.stratum for text in traffic)
    return ScoredTraffic(sources, strata, set_thresholds(traffic), score_labels(model, traffic))
