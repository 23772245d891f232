"""Quality over some of the rows, and the ways to part them: by variety, script, length, or kind of harmless text."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from sklearn.metrics import average_precision_score, confusion_matrix, f1_score, precision_recall_fscore_support

from sextortion_detect.decision_thresholds import Thresholds
from sextortion_detect.model.linear import LABELS, TACTICS, Array, Flags
from sextortion_detect.taxonomy import Label
from sextortion_detect.training.calibration import calibration_error, reliability
from sextortion_detect.training.corpus import Row
from sextortion_detect.training.intervals import Indices, Rate, bootstrap, share
from sextortion_detect.training.scored import ScoredRows

_LENGTHS: Final = ((30, "30+ words"), (10, "10-29 words"), (4, "4-9 words"), (0, "1-3 words"))

BY: Final[dict[str, Callable[[Row], str]]] = {
    "variety": lambda row: row.variety.value,
    "script": lambda row: row.script.value,
    "length": lambda row: length_of(row.text),
}
"""The ways to part the rows, by name."""

FEWEST_AUTHORS: Final = 5
"""With fewer, drawing authors anew says nothing about how sure a figure is."""


@dataclass(frozen=True, slots=True)
class TacticFigures:
    """One tactic over the offenses: how many have it, and how well it is told."""

    rows: int
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True)
class Slice:
    """Quality over some of the rows; NaN where it is not defined, as without any offense.

    `caught` is the recall of offenses at the default threshold, `caught_at` at each budget; `victims_flagged` and
    `benign_flagged` are at the default threshold. `confusion` has a row a true label, a column a given one, in label
    order. `intervals` are bootstrap intervals by author of average precision, macro-F1 and recall, none where fewer
    than `FEWEST_AUTHORS` wrote the rows.
    """

    rows: int
    authors: int
    average_precision: float
    macro_f1: float
    caught: Rate
    caught_at: Mapping[str, Rate]
    victims_flagged: Rate
    benign_flagged: Rate
    tactics_micro_f1: float
    tactics_macro_f1: float
    calibration_error: float
    confusion: Sequence[Sequence[int]]
    intervals: Mapping[str, Rate]

    @property
    def recall(self) -> float:
        """The recall of offenses at the default threshold."""
        return self.caught.value


@dataclass(frozen=True, slots=True)
class KindFigures:
    """One kind of harmless rows: how many, how many are called benign, and how many are flagged."""

    rows: int
    called_benign: Rate
    flagged: Rate
    flagged_at: Mapping[str, Rate]


def length_of(text: str) -> str:
    """Which of four lengths a text has.

    >>> length_of("صباح الخير")
    '1-3 words'
    """
    words = len(text.split())
    return next(name for fewest, name in _LENGTHS if words >= fewest)


def measure_slice(scored: ScoredRows, thresholds: Thresholds, budgets: Mapping[str, float]) -> Slice:
    """All figures of some rows; `budgets` gives the threshold of each budget."""
    offending, probabilities = scored.offending, scored.probabilities
    flagged = probabilities >= thresholds.offense
    micro, macro, _ = tactic_figures(scored.take(offending), thresholds)
    given = scored.labels.argmax(axis=1)
    return Slice(
        rows=len(scored.rows),
        authors=len({row.author for row in scored.rows}),
        average_precision=average_precision(offending, probabilities),
        macro_f1=macro_f1(scored.truth, given),
        caught=share(flagged[offending]),
        caught_at={name: share(probabilities[offending] >= threshold) for name, threshold in budgets.items()},
        victims_flagged=share(flagged[scored.truth == LABELS.index(Label.VICTIM_REPORT)]),
        benign_flagged=share(flagged[scored.truth == LABELS.index(Label.BENIGN)]),
        tactics_micro_f1=micro,
        tactics_macro_f1=macro,
        calibration_error=calibration_error(reliability(probabilities, offending)),
        confusion=confusion_matrix(scored.truth, given, labels=range(len(LABELS))).tolist(),
        intervals=_intervals(scored, {"": thresholds.offense, **budgets}),
    )


def _intervals(scored: ScoredRows, thresholds: Mapping[str, float]) -> dict[str, Rate]:
    authors = [row.author for row in scored.rows]
    if len(set(authors)) < FEWEST_AUTHORS:
        return {}
    offending, probabilities = scored.offending, scored.probabilities
    given = scored.labels.argmax(axis=1)

    def figures(chosen: Indices) -> dict[str, float]:
        drawn, sure = offending[chosen], probabilities[chosen]
        caught = {
            f"recall {name}".strip(): float((sure[drawn] >= threshold).mean()) if drawn.any() else float("nan")
            for name, threshold in thresholds.items()
        }
        return {
            "average precision": average_precision(drawn, sure),
            "macro-F1": macro_f1(scored.truth[chosen], given[chosen]),
            **caught,
        }

    return bootstrap(authors, figures)


def slices(
    scored: ScoredRows, key: Callable[[Row], str], thresholds: Thresholds, budgets: Mapping[str, float]
) -> dict[str, Slice]:
    """A slice for each value of a key, in the order of `parted`."""
    return {value: measure_slice(part, thresholds, budgets) for value, part in parted(scored, key).items()}


def parted(scored: ScoredRows, key: Callable[[Row], str]) -> dict[str, ScoredRows]:
    """The rows by the value of a key; keys that begin with a number by that, others in alphabetical order."""
    keys = np.array([key(row) for row in scored.rows])
    return {str(value): scored.take(keys == value) for value in sorted(np.unique(keys), key=_in_order)}


def _in_order(key: str) -> tuple[int, str]:
    number = re.match(r"\d+", key)
    return (int(number.group()) if number else 0, key)


def by_kind(scored: ScoredRows, thresholds: Thresholds, budgets: Mapping[str, float]) -> dict[str, KindFigures]:
    """Figures for each kind of harmless row."""
    benign = LABELS.index(Label.BENIGN)
    parts = parted(scored.take(scored.truth == benign), lambda row: row.kind.value if row.kind else "")
    return {
        kind: KindFigures(
            rows=len(part.rows),
            called_benign=share(part.labels.argmax(axis=1) == benign),
            flagged=share(part.probabilities >= thresholds.offense),
            flagged_at={name: share(part.probabilities >= threshold) for name, threshold in budgets.items()},
        )
        for kind, part in parts.items()
    }


def average_precision(offending: Flags, probabilities: Array) -> float:
    """Average precision of offenses against all else; NaN where there is none."""
    return float(average_precision_score(offending, probabilities)) if np.any(offending) else float("nan")


def macro_f1(truth: Array, given: Array) -> float:
    """Mean F1 over the labels that occur."""
    return float(f1_score(truth, given, labels=np.unique(truth), average="macro", zero_division=0))


def tactic_figures(offenses: ScoredRows, thresholds: Thresholds) -> tuple[float, float, dict[str, TacticFigures]]:
    """Micro-F1, macro-F1 and the figures of each tactic, over rows that are all offenses; NaN without any."""
    if not offenses.rows:
        return float("nan"), float("nan"), {}
    truth = np.array([[tactic in row.tactics for tactic in TACTICS] for row in offenses.rows])
    given = offenses.tactics >= np.array([thresholds.tactics[tactic] for tactic in TACTICS])
    precision, recall, f1, rows = precision_recall_fscore_support(truth, given, average=None, zero_division=0)
    occurring = rows > 0
    figures = {
        tactic.value: TacticFigures(
            int(rows[column]), float(precision[column]), float(recall[column]), float(f1[column])
        )
        for column, tactic in enumerate(TACTICS)
    }
    micro = float(f1_score(truth, given, average="micro", zero_division=0))
    return micro, float(f1[occurring].mean()) if occurring.any() else float("nan"), figures
