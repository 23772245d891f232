"""What a model says of rows and of real traffic: scored once, measured in many ways."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from sextortion_detect.model.linear import LABELS, Array, Flags, Model
from sextortion_detect.taxonomy import OFFENSES
from sextortion_detect.training.corpus import Row
from sextortion_detect.training.thresholds import offense_probabilities
from sextortion_detect.training.traffic import TrafficText

_AT_ONCE: Final = 5_000  # texts scored as one batch
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
    """Real texts as label probabilities (n x 4), with the source of each and whether it is of the choosing half."""

    sources: tuple[str, ...]
    chooses: Flags
    labels: Array

    @property
    def probabilities(self) -> Array:
        """The probability of any offense, a text."""
        return offense_probabilities(self.labels)


def score_rows(model: Model, rows: Sequence[Row]) -> ScoredRows:
    """What a model says of rows of the corpus, by the way that `classify` takes."""
    scored = model.score_texts([row.text for row in rows])
    return ScoredRows(rows, np.array([LABELS.index(row.label) for row in rows]), scored.labels, scored.tactics)


def score_traffic(model: Model, traffic: Sequence[TrafficText]) -> ScoredTraffic:
    """What a model says of real texts, by the way that `classify` takes."""
    parts = [
        model.score_texts([text.text for text in traffic[start : start + _AT_ONCE]]).labels
        for start in range(0, len(traffic), _AT_ONCE)
    ]
    labels = np.concatenate(parts) if parts else np.zeros((0, len(LABELS)))
    chooses = np.array([text.sets_thresholds for text in traffic], dtype=bool)
    return ScoredTraffic(tuple(text.source for text in traffic), chooses, labels)
