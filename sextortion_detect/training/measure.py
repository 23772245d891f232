"""Measuring any detector of texts, on rows of the corpus and on real traffic.

All figures are plain JSON types; a rate is (value, low, high), and NaN stands where a figure is not defined.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import numpy as np
from sklearn.calibration import calibration_curve
from sklearn.metrics import (
    average_precision_score,
    confusion_matrix,
    f1_score,
)

from sextortion_detect.model.linear import LABELS, OFFENSE, Array, Flags, Model
from sextortion_detect.taxonomy import OFFENSES, Label
from sextortion_detect.training.corpus import Row
from sextortion_detect.training.intervals import Indices, Rate, bootstrap, rate, share
from sextortion_detect.training.thresholds import offense_probabilities, score_labels, thresholds_by_budget
from sextortion_detect.training.traffic import TrafficText, set_thresholds

Figures = dict[str, Any]

DEFAULT: Final = "1e-3"
"""The budget of the threshold that a detector without one of its own flags at."""

BINS: Final = 10
"""Bins of probabilities, of equal width from 0 to 1."""

FEWEST_AUTHORS: Final = 5
"""With fewer, drawing authors anew says nothing about how sure a figure is."""

_BENIGN, _VICTIM = LABELS.index(Label.BENIGN), LABELS.index(Label.VICTIM_REPORT)
_AT_ONCE: Final = 4_000  # texts


class Detector(Protocol):
    """Whatever tells labels of texts as scikit-learn's classifiers do: `predict_proba` gives (texts x classes)."""

    @property
    def classes_(self) -> Sequence[str]:
        """The names of the classes."""

    def predict_proba(self, texts: Sequence[str], /) -> Any:
        """The probability of each class, in the order of `classes_`: names of labels, and perhaps `ordinary`."""


@dataclass(frozen=True, slots=True)
class Scored:
    """Rows with what was said of them: the probabilities of labels (rows x 4)."""

    rows: Sequence[Row] = field(repr=False)
    labels: Array

    @property
    def truth(self) -> Indices:
        """The true labels, as indices into `LABELS`."""
        return np.array([LABELS.index(row.label) for row in self.rows], dtype=np.intp)

    @property
    def offending(self) -> Flags:
        """Which rows are annotated as offenses."""
        return np.array([row.label in OFFENSES for row in self.rows], dtype=np.bool_)

    @property
    def probabilities(self) -> Array:
        """The probability of any offense, a row."""
        return offense_probabilities(self.labels)

    def take(self, chosen: Flags) -> "Scored":
        """Some of the rows."""
        return Scored([self.rows[place] for place in chosen.nonzero()[0].tolist()], self.labels[chosen])


def label_probabilities(detector: Model | Detector, texts: Sequence[str]) -> Array:
    """What a detector says of texts: probabilities of `LABELS` (texts x 4). Classes that are no label are benign."""
    if isinstance(detector, Model):
        return score_labels(detector, texts)
    columns = [LABELS.index(Label(name)) if name in set(Label) else _BENIGN for name in detector.classes_]
    labels = np.zeros((len(texts), len(LABELS)))
    for begin in range(0, len(texts), _AT_ONCE):
        told = np.asarray(detector.predict_proba(texts[begin : begin + _AT_ONCE]))
        for place, column in enumerate(columns):
            labels[begin : begin + _AT_ONCE, column] += told[:, place]
    return labels


def measure(
    detector: Model | Detector, rows: Sequence[Row], traffic: Sequence[TrafficText] = (), threshold: float | None = None
) -> Figures:
    """The figures of any detector: over all rows, and what thresholds by budget find of them and cost in traffic.

    `threshold` flags where no budget is named, that of `DEFAULT` without it; where there is no traffic either, 0.5.
    """
    scored = Scored(rows, label_probabilities(detector, [row.text for row in rows]))
    real, setting = label_probabilities(detector, [text.text for text in traffic]), set_thresholds(traffic)
    strata, sources = ([getattr(text, name) for text in traffic] for name in ("stratum", "source"))
    chosen = thresholds_by_budget(real[setting], [strata[place] for place in setting.nonzero()[0].tolist()])
    budgets = {}
    for name, thresholds in chosen.items():
        flagged = offense_probabilities(real) >= thresholds[OFFENSE]
        budgets[name] = {
            "budget": float(name),
            "threshold": thresholds[OFFENSE],
            "victim_threshold": thresholds[Label.VICTIM_REPORT],
            "false_alarms": share(flagged[~setting]),
            "recall": share(scored.probabilities[scored.offending] >= thresholds[OFFENSE]),
            "by_source": _by(sources, flagged, ~setting),
            "by_stratum": _by(strata, flagged, ~setting),
        }
    at = {name: thresholds[OFFENSE] for name, thresholds in chosen.items()}
    return {"whole": quality(scored, at.get(DEFAULT, 0.5) if threshold is None else threshold, at), "budgets": budgets}


def _by(names: Sequence[str], flagged: Flags, among: Flags) -> dict[str, Rate]:
    """The share of flagged texts by the name that each has."""
    named = np.array(names)
    return {str(name): share(flagged[(named == name) & among]) for name in np.unique(named[among])}


def quality(scored: Scored, threshold: float, budgets: Mapping[str, float]) -> Figures:
    """The figures of some rows at a threshold, and `caught_at` those of the budgets.

    `intervals` are bootstrap intervals by author, none where fewer than `FEWEST_AUTHORS` wrote the rows; `confusion`
    has a row a true label, a column a given one, in label order.
    """
    truth, given, offending, probabilities = (
        scored.truth,
        scored.labels.argmax(1),
        scored.offending,
        scored.probabilities,
    )
    authors = [row.author for row in scored.rows]
    flagged = probabilities >= threshold

    def figures(chosen: Indices) -> dict[str, float]:
        drawn, sure = offending[chosen], probabilities[chosen]
        found = {"recall": threshold, **{f"recall {name}": one for name, one in budgets.items()}}
        return {
            "average precision": average_precision(drawn, sure),
            "macro-F1": macro_f1(truth[chosen], given[chosen]),
            **{name: float((sure[drawn] >= one).mean()) if drawn.any() else math.nan for name, one in found.items()},
        }

    return {
        "rows": len(scored.rows),
        "authors": len({*authors}),
        "average_precision": average_precision(offending, probabilities),
        "macro_f1": macro_f1(truth, given),
        "caught": share(flagged[offending]),
        "caught_at": {name: share(probabilities[offending] >= one) for name, one in budgets.items()},
        "victims_flagged": share(flagged[truth == _VICTIM]),
        "benign_flagged": share(flagged[truth == _BENIGN]),
        "calibration_error": calibration_error(reliability(probabilities, offending)),
        "confusion": confusion_matrix(truth, given, labels=range(len(LABELS))).tolist(),
        "intervals": bootstrap(authors, figures) if len({*authors}) >= FEWEST_AUTHORS else {},
    }


def average_precision(offending: Flags, probabilities: Array) -> float:
    """Average precision of offenses against all else; NaN where there is none."""
    return float(average_precision_score(offending, probabilities)) if np.any(offending) else float("nan")


def macro_f1(truth: Indices, given: Indices) -> float:
    """Mean F1 over the labels that occur."""
    return float(f1_score(truth, given, labels=np.unique(truth), average="macro", zero_division=0))


def reliability(probabilities: Array, offending: Flags) -> list[Figures]:
    """Bins of messages of about one probability: how many, the mean of it, and which share are offenses.

    >>> found = reliability(np.array([0.05, 0.91, 0.99]), np.array([False, True, True]))
    >>> [(one["rows"], one["seen"].value) for one in found]
    [(1, 0.0), (2, 1.0)]
    """
    seen, given = calibration_curve(offending, probabilities, n_bins=BINS)
    sizes = np.bincount(np.searchsorted(np.linspace(0, 1, BINS + 1)[1:-1], probabilities))
    bins = zip(sizes[sizes > 0].tolist(), given.tolist(), seen.tolist(), strict=True)
    return [{"rows": size, "given": mean, "seen": rate(round(size * part), size)} for size, mean, part in bins]


def calibration_error(bins: Sequence[Figures]) -> float:
    """The expected calibration error (Naeini et al. 2015): the mean gap between given and seen, by rows."""
    gaps = [one["rows"] * abs(one["given"] - one["seen"].value) for one in bins]
    return float(sum(gaps) / sum(one["rows"] for one in bins))


def plain(value: Any) -> Any:
    """As JSON has it: without NaN, which it does not have, and with six digits."""
    if isinstance(value, float):
        return None if math.isnan(value) else round(value, 6)
    if isinstance(value, Mapping):
        return {str(name): plain(inner) for name, inner in value.items()}
    return [plain(inner) for inner in value] if isinstance(value, (list, tuple)) else value
