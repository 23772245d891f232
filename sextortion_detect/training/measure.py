"""Measuring any detector of texts: on rows of the corpus, on real traffic, and a model on whole conversations too.

All figures are plain JSON types; a rate is (value, low, high), and NaN stands where a figure is not defined.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Final, Protocol

import numpy as np
from sklearn.calibration import calibration_curve
from sklearn.metrics import (
    average_precision_score,
    classification_report,
    confusion_matrix,
    f1_score,
    precision_recall_curve,
)

from sextortion_detect.classify import classify
from sextortion_detect.errors import CorpusError
from sextortion_detect.model.linear import LABELS, OFFENSE, TACTICS, Array, Flags, Model
from sextortion_detect.taxonomy import OFFENSES, Label
from sextortion_detect.training.attacks import ATTACKS, Strength, attack_all
from sextortion_detect.training.corpus import IN_TIME, AnnotatedChat, Row
from sextortion_detect.training.intervals import Indices, Rate, bootstrap, rate, share
from sextortion_detect.training.thresholds import offense_probabilities, score_labels, thresholds_by_budget
from sextortion_detect.training.traffic import TrafficText, set_thresholds
from sextortion_detect.verdicts import Thresholds

Figures = dict[str, Any]

DEFAULT: Final = "1e-3"
"""The budget of the threshold that a detector without one of its own flags at."""

BINS: Final = 10
"""Bins of probabilities, of equal width from 0 to 1."""

FEWEST_AUTHORS: Final = 5
"""With fewer, drawing authors anew says nothing about how sure a figure is."""

MOST_MISTAKES: Final = 10
"""How many kinds of mistakes are named."""

MOST_LOST: Final = {Strength.UNSEEN: 0.005, Strength.NOTICED: 0.02, Strength.LOSSY: 0.08}
"""The share of offenses that an attack of a strength may make the model miss."""

_LENGTHS: Final = ((30, "30+ words"), (10, "10-29 words"), (4, "4-9 words"), (0, "1-3 words"))
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
