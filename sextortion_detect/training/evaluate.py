"""Measuring a model: on one split of the corpus, and on the half of the real traffic that set no threshold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.metrics import precision_recall_curve

from sextortion_detect.decision_thresholds import Thresholds
from sextortion_detect.errors import CorpusError
from sextortion_detect.model.linear import OFFENSE, Flags, Model
from sextortion_detect.taxonomy import OFFENSES, Label
from sextortion_detect.training.calibration import Bin, reliability
from sextortion_detect.training.chat_figures import ChatFigures, measure_chats
from sextortion_detect.training.corpus import AnnotatedChat, Row
from sextortion_detect.training.intervals import Rate, share
from sextortion_detect.training.mistakes import Mistake, false_alarms, misses
from sextortion_detect.training.scored import ScoredRows, ScoredTraffic, score_rows, score_traffic
from sextortion_detect.training.slices import (
    BY,
    KindFigures,
    Slice,
    TacticFigures,
    by_kind,
    measure_slice,
    parted,
    slices,
    tactic_figures,
)
from sextortion_detect.training.thresholds import BUDGETS, thresholds_by_budget
from sextortion_detect.training.traffic import TrafficText


@dataclass(frozen=True, slots=True)
class BudgetPoint:
    """Thresholds that flag at most `budget` of the half that chose them, and what they do elsewhere.

    `false_alarms` are those of the other half of the traffic: in all, by source, and by stratum; `recall` is over the
    offenses of the split; `victim_threshold` is that on victim reports.
    """

    budget: float
    threshold: float
    victim_threshold: float
    false_alarms: Rate
    recall: Rate
    by_source: Mapping[str, Rate]
    by_stratum: Mapping[str, Rate]


@dataclass(frozen=True, slots=True)
class Figures:
    """All that `evaluate` measures.

    `slices` are by each way of `slices.BY` and then by its values; `curve` holds (recall, precision) points; `chats`
    figures by who decides, this model first.
    """

    split: str
    whole: Slice
    slices: Mapping[str, Mapping[str, Slice]]
    kinds: Mapping[str, KindFigures]
    tactics: Mapping[str, TacticFigures]
    victims_flagged: Rate
    victims_supported: Rate
    benign_flagged: Rate
    budgets: Mapping[str, BudgetPoint]
    false_alarms_by_source: Mapping[str, Rate]
    reliability: Mapping[str, Sequence[Bin]]
    curve: Sequence[tuple[float, float]]
    chats: Mapping[str, ChatFigures]
    misses: Sequence[Mistake]
    false_alarms: Sequence[Mistake]


def evaluate(
    model: Model, rows: Sequence[Row], split: str, traffic: Sequence[TrafficText], chats: Sequence[AnnotatedChat]
) -> Figures:
    """Measure a model on one split of the corpus, on real traffic, and on the conversations of the split.

    `traffic` may be empty; then there are no budget points and no false alarms by source. `chats` are those of all
    splits: the dev ones set the thresholds of the rules that the model is measured beside. Raises `CorpusError`
    where the split has no offense.
    """
    rows = [row for row in rows if row.split == split]
    if not any(row.label in OFFENSES for row in rows):
        raise CorpusError(f"The {split} split has no offense to measure on; add annotated rows to it.")
    scored, real = score_rows(model, rows), score_traffic(model, traffic)
    thresholds = Thresholds.of(model)
    flagged, real_flagged = scored.probabilities >= thresholds.offense, real.probabilities >= thresholds.offense
    budgets = _budget_points(scored, real)
    at = {name: point.threshold for name, point in budgets.items()}
    whole = measure_slice(scored, thresholds, at)
    return Figures(
        split=split,
        whole=whole,
        slices={name: slices(scored, key, thresholds, at) for name, key in BY.items()},
        kinds=by_kind(scored, thresholds, at),
        tactics=tactic_figures(scored.take(scored.offending), thresholds)[2],
        victims_flagged=whole.victims_flagged,
        victims_supported=_victims_supported(scored, flagged, thresholds),
        benign_flagged=whole.benign_flagged,
        budgets=budgets,
        false_alarms_by_source=_by(real.sources, real, real_flagged),
        reliability=_reliability(scored),
        curve=_curve(scored),
        chats=measure_chats(model, chats, split),
        misses=misses(scored.take(scored.offending), flagged[scored.offending]),
        false_alarms=false_alarms(scored, flagged, real, real_flagged),
    )


def _budget_points(scored: ScoredRows, real: ScoredTraffic) -> dict[str, BudgetPoint]:
    offenses = scored.probabilities[scored.offending]
    return {
        name: BudgetPoint(
            budget=BUDGETS[name],
            threshold=chosen[OFFENSE],
            victim_threshold=chosen[Label.VICTIM_REPORT],
            false_alarms=share(real.probabilities[~real.chooses] >= chosen[OFFENSE]),
            recall=share(offenses >= chosen[OFFENSE]),
            by_source=_by(real.sources, real, real.probabilities >= chosen[OFFENSE]),
            by_stratum=_by(real.strata, real, real.probabilities >= chosen[OFFENSE]),
        )
        for name, chosen in thresholds_by_budget(*real.chosen_by).items()
    }


def _by(names: Sequence[str], real: ScoredTraffic, flagged: Flags) -> dict[str, Rate]:
    """The share of flagged texts of the measuring half, by the name that each has."""
    named = np.array(names)
    measuring = ~real.chooses
    return {str(name): share(flagged[(named == name) & measuring]) for name in np.unique(named[measuring])}


def _victims_supported(scored: ScoredRows, flagged: Flags, thresholds: Thresholds) -> Rate:
    """Victim reports that `classify` would route to support."""
    column = list(Label).index(Label.VICTIM_REPORT)
    likeliest = scored.labels.argmax(axis=1) == column
    supported = ~flagged & likeliest & (scored.labels[:, column] >= thresholds.victim_report)
    return share(supported[scored.truth == column])


def _reliability(scored: ScoredRows) -> dict[str, Sequence[Bin]]:
    parts = {"all": scored, **parted(scored, BY["variety"])}
    return {name: reliability(part.probabilities, part.offending) for name, part in parts.items()}


def _curve(scored: ScoredRows) -> list[tuple[float, float]]:
    """At most 200 points of the precision-recall curve, from the highest recall down."""
    precision, recall, _ = precision_recall_curve(scored.offending, scored.probabilities)
    places = np.unique(np.linspace(0, len(recall) - 1, 200).astype(int))
    return [(float(recall[place]), float(precision[place])) for place in places]
