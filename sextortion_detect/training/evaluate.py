"""Measuring a model: on one split of the corpus, and on the half of the real traffic that set no threshold."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from sklearn.metrics import average_precision_score, confusion_matrix, f1_score

from sextortion_detect.classify import classify
from sextortion_detect.errors import CorpusError
from sextortion_detect.model.features import read_words
from sextortion_detect.model.linear import LABELS, TACTICS, Array, Flags, Model
from sextortion_detect.taxonomy import OFFENSES, Label
from sextortion_detect.training.corpus import AnnotatedChat, Row
from sextortion_detect.training.thresholds import Rate, offense_probabilities, rate, threshold_for_budget
from sextortion_detect.training.traffic import TrafficText
from sextortion_detect.verdicts import Thresholds

BUDGETS: Final = (1e-2, 1e-3, 1e-4)

_AT_ONCE: Final = 5_000  # texts scored as one batch


@dataclass(frozen=True, slots=True)
class Slice:
    """Quality over some of the rows: how many, average precision of flagged, recall at the threshold, macro-F1."""

    rows: int
    average_precision: float
    recall: float
    macro_f1: float


@dataclass(frozen=True, slots=True)
class BudgetPoint:
    """A threshold that flags at most `budget` of the half that chose it, and what it does elsewhere.

    `false_alarms` are those of the other half of the traffic, `recall` is over the offenses of the split.
    """

    budget: float
    threshold: float
    false_alarms: Rate
    recall: Rate


@dataclass(frozen=True, slots=True)
class ChatFigures:
    """Over whole conversations: offending ones that were flagged, rightly labelled, in time; harmless ones flagged."""

    flagged: Rate
    right_label: Rate
    within_two_messages: Rate
    harmless_flagged: Rate


@dataclass(frozen=True, slots=True)
class Figures:
    """All that `evaluate` measures; `confusion` has a row a true label and a column a given one, in label order."""

    split: str
    whole: Slice
    by_variety: Mapping[str, Slice]
    by_script: Mapping[str, Slice]
    confusion: Sequence[Sequence[int]]
    tactics_micro_f1: float
    tactics_macro_f1: float
    victims_flagged: Rate
    benign_flagged: Rate
    budgets: Sequence[BudgetPoint]
    false_alarms_by_source: Mapping[str, Rate]
    chats: ChatFigures | None


def evaluate(
    model: Model, rows: Sequence[Row], split: str, traffic: Sequence[TrafficText], chats: Sequence[AnnotatedChat]
) -> Figures:
    """Measure a model on one split of the corpus, on real traffic, and on the conversations of the split.

    `traffic` may be empty; then there are no budget points and no false alarms by source. Raises `CorpusError` where
    the split has no offense.
    """
    rows = [row for row in rows if row.split == split]
    if not any(row.label in OFFENSES for row in rows):
        raise CorpusError(f"The {split} split has no offense to measure on; add annotated rows to it.")
    scored = model.score(read_words(row.text) for row in rows)
    truth = np.array([LABELS.index(row.label) for row in rows])
    probabilities = offense_probabilities(scored.labels)
    thresholds = Thresholds.of(model)
    flagged = probabilities >= thresholds.offense
    offending = _is_offense(truth)

    def measure(chosen: Flags) -> Slice:
        return _slice(truth[chosen], scored.labels[chosen], probabilities[chosen], thresholds.offense)

    traffic_scores = _score_traffic(model, traffic)
    chooses = np.array([text.sets_thresholds for text in traffic], dtype=bool)
    micro, macro = _tactics_f1([row for row in rows if row.label in OFFENSES], scored.tactics[offending], thresholds)
    return Figures(
        split=split,
        whole=measure(np.ones(len(rows), dtype=bool)),
        by_variety=_by(rows, lambda row: row.variety.value, measure),
        by_script=_by(rows, lambda row: row.script.value, measure),
        confusion=confusion_matrix(truth, scored.labels.argmax(axis=1), labels=range(len(LABELS))).tolist(),
        tactics_micro_f1=micro,
        tactics_macro_f1=macro,
        victims_flagged=_share(flagged[truth == LABELS.index(Label.VICTIM_REPORT)]),
        benign_flagged=_share(flagged[truth == LABELS.index(Label.BENIGN)]),
        budgets=_budget_points(traffic_scores, chooses, probabilities[offending]),
        false_alarms_by_source=_by_source(traffic, chooses, traffic_scores >= thresholds.offense),
        chats=_measure_chats(model, [chat for chat in chats if chat.split == split]),
    )


def _is_offense(labels: Array) -> Flags:
    return np.isin(labels, [LABELS.index(label) for label in OFFENSES])


def _slice(truth: Array, labels: Array, probabilities: Array, threshold: float) -> Slice:
    offending = _is_offense(truth)
    if not offending.any():
        return Slice(len(truth), float("nan"), float("nan"), float("nan"))
    return Slice(
        rows=len(truth),
        average_precision=float(average_precision_score(offending, probabilities)),
        recall=float((probabilities[offending] >= threshold).mean()),
        macro_f1=float(f1_score(truth, labels.argmax(axis=1), labels=np.unique(truth), average="macro")),
    )


def _by(rows: Sequence[Row], key: Callable[[Row], str], measure: Callable[[Flags], Slice]) -> dict[str, Slice]:
    keys = np.array([key(row) for row in rows])
    return {str(value): measure(keys == value) for value in np.unique(keys)}


def _share(flags: Flags) -> Rate:
    return rate(int(flags.sum()), len(flags))


def _tactics_f1(offenses: Sequence[Row], probabilities: Array, thresholds: Thresholds) -> tuple[float, float]:
    truth = np.array([[tactic in row.tactics for tactic in TACTICS] for row in offenses])
    given = probabilities >= np.array([thresholds.tactics[tactic] for tactic in TACTICS])
    return (
        float(f1_score(truth, given, average="micro", zero_division=0)),
        float(f1_score(truth, given, average="macro", zero_division=0)),
    )


def _score_traffic(model: Model, traffic: Sequence[TrafficText]) -> Array:
    scores = [
        offense_probabilities(model.score(read_words(text.text) for text in traffic[start : start + _AT_ONCE]).labels)
        for start in range(0, len(traffic), _AT_ONCE)
    ]
    return np.concatenate(scores) if scores else np.zeros(0)


def _budget_points(traffic: Array, chooses: Flags, offenses: Array) -> list[BudgetPoint]:
    points = []
    for budget in BUDGETS if chooses.any() else ():
        threshold = threshold_for_budget(traffic[chooses], budget)
        points.append(
            BudgetPoint(budget, threshold, _share(traffic[~chooses] >= threshold), _share(offenses >= threshold))
        )
    return points


def _by_source(traffic: Sequence[TrafficText], chooses: Flags, flagged: Flags) -> dict[str, Rate]:
    measured: dict[str, list[bool]] = {}
    for text, chose, flag in zip(traffic, chooses.tolist(), flagged.tolist(), strict=True):
        if not chose:
            measured.setdefault(text.source, []).append(flag)
    return {source: rate(sum(flags), len(flags)) for source, flags in sorted(measured.items())}


def _measure_chats(model: Model, chats: Sequence[AnnotatedChat]) -> ChatFigures | None:
    if not chats:
        return None
    verdicts = [(chat, classify(chat.chat, model=model)) for chat in chats]
    bad = [(chat, verdict) for chat, verdict in verdicts if chat.label in OFFENSES]
    harmless = [verdict for chat, verdict in verdicts if chat.label not in OFFENSES]
    in_time = [
        verdict.first_flagged is not None
        and chat.first_flag is not None
        and verdict.first_flagged <= chat.first_flag + 2
        for chat, verdict in bad
    ]
    return ChatFigures(
        flagged=_share(np.array([verdict.flagged for _, verdict in bad])),
        right_label=_share(np.array([verdict.label is chat.label for chat, verdict in bad])),
        within_two_messages=_share(np.array(in_time)),
        harmless_flagged=_share(np.array([verdict.flagged for verdict in harmless])),
    )
