"""Measuring a model as the card tells it: by parts of the corpus, tactics, whole conversations, and in disguise."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from statistics import median
from typing import Final

import numpy as np
from sklearn.metrics import classification_report, precision_recall_curve

from sextortion_detect.classify import classify
from sextortion_detect.decision_thresholds import Thresholds
from sextortion_detect.errors import CorpusError
from sextortion_detect.model.linear import LABELS, TACTICS, Model
from sextortion_detect.taxonomy import OFFENSES, Label
from sextortion_detect.training.attacks import ATTACKS, Strength, attack_all
from sextortion_detect.training.corpus import IN_TIME, AnnotatedChat, Row
from sextortion_detect.training.intervals import rate, share
from sextortion_detect.training.measure import Figures, Scored, macro_f1, measure, quality, reliability
from sextortion_detect.training.thresholds import score_labels
from sextortion_detect.training.traffic import TrafficText

MOST_MISTAKES: Final = 10
"""How many kinds of mistakes are named."""

MOST_LOST: Final = {Strength.UNSEEN: 0.005, Strength.NOTICED: 0.02, Strength.LOSSY: 0.08}
"""The share of offenses that an attack of a strength may make the model miss."""

_LENGTHS: Final = ((30, "30+ words"), (10, "10-29 words"), (4, "4-9 words"), (0, "1-3 words"))
_BENIGN, _VICTIM = LABELS.index(Label.BENIGN), LABELS.index(Label.VICTIM_REPORT)


def length_of(text: str) -> str:
    """Which of four lengths a text has.

    >>> length_of("صباح الخير")
    '1-3 words'
    """
    words = len(text.split())
    return next(name for fewest, name in _LENGTHS if words >= fewest)


BY: Final[dict[str, Callable[[Row], str]]] = {
    "variety": lambda row: row.variety.value,
    "script": lambda row: row.script.value,
    "length": lambda row: length_of(row.text),
}
"""The ways to part the rows, by name."""


def parted(scored: Scored, key: Callable[[Row], str]) -> dict[str, Scored]:
    """The rows by the value of a key; lengths by their number, others in alphabetical order."""
    keys = np.array([key(row) for row in scored.rows])
    order = [name for _, name in reversed(_LENGTHS)]
    values = sorted(np.unique(keys).tolist(), key=lambda name: (order.index(name) if name in order else 0, name))
    return {value: scored.take(keys == value) for value in values}


def evaluate(
    model: Model, rows: Sequence[Row], split: str, traffic: Sequence[TrafficText], chats: Sequence[AnnotatedChat]
) -> Figures:
    """All figures of a model on one split of the corpus, on real traffic, and on the conversations of the split.

    `traffic` may be empty; then there are no budgets. Raises `CorpusError` where the
    split has no offense.
    """
    rows = [row for row in rows if row.split == split]
    if not any(row.label in OFFENSES for row in rows):
        raise CorpusError(f"The {split} split has no offense to measure on; add annotated rows to it.")
    thresholds = Thresholds.of(model)
    figures = measure(model, rows, traffic, thresholds.offense)
    at = {name: point["threshold"] for name, point in figures["budgets"].items()}
    scored = Scored(rows, score_labels(model, [row.text for row in rows]))
    flagged = scored.probabilities >= thresholds.offense
    victims = scored.labels[scored.truth == _VICTIM]
    supported = (victims.argmax(axis=1) == _VICTIM) & (victims[:, _VICTIM] >= thresholds.victim_report)
    parts = {name: parted(scored, key) for name, key in BY.items()}
    parts["kind"] = parted(scored.take(scored.truth == _BENIGN), lambda row: str(row.kind))
    precision, recall, _ = precision_recall_curve(scored.offending, scored.probabilities)
    shown = np.unique(np.linspace(0, len(recall) - 1, 200).astype(int))
    missed = [row for row, found in zip(rows, flagged.tolist(), strict=True) if row.label in OFFENSES and not found]
    return figures | {
        "split": split,
        "slices": {
            name: {value: quality(part, thresholds.offense, at) for value, part in of_name.items()}
            for name, of_name in parts.items()
        },
        "tactics": _tactics(model, [row for row in rows if row.label in OFFENSES], thresholds),
        "victims_supported": share(supported & ~flagged[scored.truth == _VICTIM]),
        "reliability": reliability(scored.probabilities, scored.offending),
        "curve": np.column_stack((recall[shown], precision[shown])).tolist(),
        "chats": measure_chats(model, [chat for chat in chats if chat.split == split]),
        "misses": commonest(map(_kinds, missed), map(_kinds, rows)),
    }


def _kinds(row: Row) -> list[str]:
    return [f"{row.label} · {length_of(row.text)} · {row.script} · {tactic}" for tactic in row.tactics]


def _tactics(model: Model, offenses: Sequence[Row], thresholds: Thresholds) -> Figures:
    """The figures of each tactic over the offenses, and their means, as scikit-learn reports them."""
    truth = np.array([[tactic in row.tactics for tactic in TACTICS] for row in offenses])
    scores = model.score([row.text for row in offenses]).tactics
    given = scores >= np.array([thresholds.tactics[tactic] for tactic in TACTICS])
    report: Figures = classification_report(truth, given, target_names=TACTICS, output_dict=True, zero_division=0)
    return report


def commonest(wrong: Iterable[Sequence[str]], everything: Iterable[Sequence[str]]) -> list[tuple[str, int, int]]:
    """The kinds with most errors, each with how many erred and out of how many; then by share, then by name."""
    erred, all_of = (Counter(kind for kinds in some for kind in kinds) for some in (wrong, everything))
    found = [(kind, count, all_of[kind]) for kind, count in erred.items()]
    return sorted(found, key=lambda one: (-one[1], one[2], one[0]))[:MOST_MISTAKES]


def measure_chats(model: Model, chats: Sequence[AnnotatedChat]) -> Figures:
    """Of whole conversations: offending ones flagged, rightly labelled, in time; harmless ones flagged; F-latency.

    Empty where none of them offends.
    """
    said = [(chat, classify(chat.chat, model=model)) for chat in chats]
    bad = [(chat, verdict) for chat, verdict in said if chat.label in OFFENSES]
    if not bad:
        return {}
    harmless = [verdict.first_flagged is not None for chat, verdict in said if chat.label not in OFFENSES]
    found = [(chat, verdict.first_flagged) for chat, verdict in bad if verdict.first_flagged is not None]
    usual = median(len(chat.chat.messages) for chat in chats)
    return {
        "flagged": rate(len(found), len(bad)),
        "right_label": rate(sum(verdict.label is chat.label for chat, verdict in bad), len(bad)),
        "within_two_messages": rate(sum(at <= (chat.first_flag or 0) + IN_TIME for chat, at in found), len(bad)),
        "harmless_flagged": rate(sum(harmless), len(harmless)),
        "f_latency": f_latency([at + 1 for _, at in found], sum(harmless), len(bad), usual),
    }


def f_latency(found: Sequence[int], false_alarms: int, offending: int, usual_length: float) -> float:
    """F1 times speed (Sadeque et al. 2018): `found` has how many messages were seen before each right flag.

    A flag after one message costs nothing, one after `usual_length` messages half: penalty(k) = 2 / (1 + exp(-p (k -
    1))) - 1; the speed is 1 - the median penalty. `offending` is how many conversations offend.

    >>> f_latency([1, 1], 0, 2, 20.0), f_latency([20, 20], 0, 2, 20.0)
    (1.0, 0.5)
    """
    if not found:
        return 0.0
    steepness = math.log(3.0) / max(usual_length - 1.0, 1.0)
    penalties = [2.0 / (1.0 + math.exp(-steepness * (seen - 1))) - 1.0 for seen in found]
    return 2.0 * len(found) / (len(found) + false_alarms + offending) * (1.0 - median(penalties))


def measure_evasion(model: Model, rows: Sequence[Row], seed: int = 0) -> list[Figures]:
    """Recall of offenses and macro-F1 of a model on rows as they are (no attack named) and under every attack.

    At its default threshold, and with every row attacked, harmless ones too.
    """
    texts, threshold = [row.text for row in rows], Thresholds.of(model).offense
    attacked: dict[str | None, list[str]] = {
        None: texts,
        **{name: attack_all(attack, texts, seed) for name, attack in ATTACKS.items()},
    }
    found = []
    for name, disguised in attacked.items():
        scored = Scored(rows, score_labels(model, disguised))
        recall = float((scored.probabilities[scored.offending] >= threshold).mean())
        found.append({"attack": name, "recall": recall, "macro_f1": macro_f1(scored.truth, scored.labels.argmax(1))})
    return found
