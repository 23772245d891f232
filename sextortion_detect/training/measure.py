"""Measuring any detector of texts, on rows and on real traffic; and a model, with conversations, as the card tells it.

All figures are plain JSON types; a rate is (value, low, high), and NaN stands where a figure is not defined.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from statistics import median
from typing import Any, Final

import numpy as np
from sklearn import metrics

from sextortion_detect.budget_thresholds import offense_probabilities
from sextortion_detect.chats import follow
from sextortion_detect.classify import classify
from sextortion_detect.decision_thresholds import Thresholds
from sextortion_detect.errors import CorpusError
from sextortion_detect.model.linear import LABELS, OFFENSE, TACTICS, Array, Flags, Model
from sextortion_detect.taxonomy import OFFENSES, Kind, Label, Script, Variety
from sextortion_detect.training.attacks import ATTACKS, attack_all
from sextortion_detect.training.corpus import IN_TIME, AnnotatedChat, Row
from sextortion_detect.training.grown_chats import LENGTHS, ordinary_chats
from sextortion_detect.training.intervals import Indices, Rate, bootstrap, calibration_error, rate, reliability, share
from sextortion_detect.training.thresholds import score_all, thresholds_by_budget
from sextortion_detect.training.traffic import PRIVATE, TrafficText, set_thresholds

Figures = dict[str, Any]

DEFAULT: Final = "1e-3"
"""The budget of the threshold that a detector without one of its own flags at."""

_FEWEST_AUTHORS: Final = 5  # with fewer, drawing authors anew says nothing about how sure a figure is
_BENIGN, _VICTIM = LABELS.index(Label.BENIGN), LABELS.index(Label.VICTIM_REPORT)


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


def label_probabilities(detector: Any, texts: Sequence[str]) -> Array:
    """What a detector says of texts: probabilities of `LABELS` (texts x 4). Classes that are no label are benign.

    It is a `Model`, or a classifier of texts as scikit-learn's are: `predict_proba` gives (texts x `classes_`).
    """
    if isinstance(detector, Model):
        return score_all(detector, texts).labels
    columns = [LABELS.index(Label(name)) if name in set(Label) else _BENIGN for name in detector.classes_]
    told = detector.predict_proba(texts) if texts else np.zeros((0, len(columns)))
    return np.asarray(told @ np.eye(len(LABELS))[columns])


def measure(
    detector: Any, scored: Scored, traffic: Sequence[TrafficText] = (), threshold: float | None = None
) -> Figures:
    """The figures of any detector: over all rows, and what thresholds by budget find of them and cost in traffic.

    `scored` is what it says of the rows. `threshold` flags where no budget is named, that of `DEFAULT` without it;
    where there is no traffic either, 0.5.
    """
    real, setting = label_probabilities(detector, [text.text for text in traffic]), set_thresholds(traffic)
    strata, sources = (np.array([getattr(text, name) for text in traffic]) for name in ("stratum", "source"))
    chosen = thresholds_by_budget(real[setting], strata[setting])
    at = {name: thresholds[OFFENSE] for name, thresholds in chosen.items()}
    budgets = {}
    for name, of_budget in at.items():
        flagged = offense_probabilities(real[~setting]) >= of_budget
        budgets[name] = {
            "budget": float(name),
            "threshold": of_budget,
            "false_alarms": share(flagged),
            "recall": share(scored.probabilities[scored.offending] >= of_budget),
            "by_source": _by(sources[~setting], flagged),
            "by_stratum": _by(strata[~setting], flagged),
        }
    return {"whole": quality(scored, at.get(DEFAULT, 0.5) if threshold is None else threshold, at), "budgets": budgets}


def _by(names: Array, flagged: Flags) -> dict[str, Rate]:
    """The share of flagged texts by the name that each has."""
    return {str(name): share(flagged[names == name]) for name in np.unique(names)}


def quality(scored: Scored, threshold: float, budgets: Mapping[str, float]) -> Figures:
    """The figures of some rows at a threshold, and `caught_at` those of the budgets.

    `intervals` are bootstrap intervals by author, none where fewer than five wrote the rows; `confusion` has a row a
    true label, a column a given one, in label order.
    """
    truth, given = scored.truth, scored.labels.argmax(1)
    offending, probabilities = scored.offending, scored.probabilities
    authors, flagged = [row.author for row in scored.rows], probabilities >= threshold
    at = {"recall": threshold, **{f"recall {name}": one for name, one in budgets.items()}}

    def figures(chosen: Indices) -> dict[str, float]:
        of_offenses = probabilities[chosen][offending[chosen]]
        found = {name: float((of_offenses >= one).mean()) if len(of_offenses) else math.nan for name, one in at.items()}
        precision = average_precision(offending[chosen], probabilities[chosen])
        return {"average precision": precision, "macro-F1": macro_f1(truth[chosen], given[chosen]), **found}

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
        "confusion": metrics.confusion_matrix(truth, given, labels=range(len(LABELS))).tolist(),
        "intervals": bootstrap(authors, figures) if len({*authors}) >= _FEWEST_AUTHORS else {},
    }


def average_precision(offending: Flags, probabilities: Array) -> float:
    """Average precision of offenses against all else; NaN where there is none."""
    return float(metrics.average_precision_score(offending, probabilities)) if np.any(offending) else float("nan")


def macro_f1(truth: Indices, given: Indices) -> float:
    """Mean F1 over the labels that occur."""
    return float(metrics.f1_score(truth, given, labels=np.unique(truth), average="macro", zero_division=0))


# --- a model as the card tells it

_LENGTHS: Final = ("1-3 words", "4-9 words", "10-29 words", "30+ words")


def length_of(text: str) -> str:
    """Which of four lengths a text has.

    >>> length_of("صباح الخير")
    '1-3 words'
    """
    return _LENGTHS[np.digitize(len(text.split()), (4, 10, 30))]


CONTEXTS: Final = ("can be judged alone", "needs context")
"""Whether a message can be judged without the conversation that it stands in."""

BY: Final[dict[str, tuple[Iterable[str], Callable[[Row], str]]]] = {
    "variety": (Variety, lambda row: row.variety),
    "script": (Script, lambda row: row.script),
    "length": (_LENGTHS, lambda row: length_of(row.text)),
    "kind": (Kind, lambda row: row.kind or ""),
    "context": (CONTEXTS, lambda row: CONTEXTS[row.needs_context]),
}
"""The ways to part the rows: what there is of each, in order, and which a row is; harmless rows alone have a kind."""


def parted(scored: Scored, by: str) -> dict[str, Scored]:
    """The rows in one of the ways of `BY`, without parts that have none."""
    names, name_of = BY[by]
    named = np.array([name_of(row) for row in scored.rows])
    return {str(name): scored.take(named == name) for name in names if name in named}


def evaluate(
    model: Model, rows: Sequence[Row], split: str, traffic: Sequence[TrafficText], chats: Sequence[AnnotatedChat]
) -> Figures:
    """All figures of a model on one split of the corpus, on real traffic, and on the conversations of the split.

    `traffic` may be empty; then there are no budgets. Raises `CorpusError` where the split has no offense.
    """
    rows = [row for row in rows if row.split == split]
    if not any(row.label in OFFENSES for row in rows):
        raise CorpusError(f"The {split} split has no offense to measure on; add annotated rows to it.")
    thresholds, judged = Thresholds.of(model), score_all(model, [row.text for row in rows])
    scored = Scored(rows, judged.labels)
    figures = measure(model, scored, traffic, thresholds.offense)
    at = {name: point["threshold"] for name, point in figures["budgets"].items()}
    flagged, offending = scored.probabilities >= thresholds.offense, scored.offending
    given = thresholds.used(judged.tactics)
    tactics = np.array([[tactic in row.tactics for tactic in TACTICS] for row in rows])
    others = [text.text for text, sets in zip(traffic, set_thresholds(traffic), strict=True) if not sets]
    precision, recall, _ = metrics.precision_recall_curve(offending, scored.probabilities)
    shown = np.unique(np.linspace(0, len(recall) - 1, 200).astype(int))
    missed, all_of = (Counter(chain(*map(_kinds, some))) for some in (scored.take(offending & ~flagged).rows, rows))
    return figures | {
        "split": split,
        "slices": {
            by: {name: quality(part, thresholds.offense, at) for name, part in parted(scored, by).items()} for by in BY
        },
        "tactics": metrics.classification_report(
            tactics[offending], given[offending], target_names=TACTICS, output_dict=True, zero_division=0
        ),
        "victims_supported": share((thresholds.supported(judged) & ~flagged)[scored.truth == _VICTIM]),
        "distress": share(thresholds.distressed(others, score_all(model, others))),
        "reliability": reliability(scored.probabilities, offending),
        "curve": np.column_stack((recall[shown], precision[shown])).tolist(),
        "chats": measure_chats(model, [chat for chat in chats if chat.split == split]),
        "ordinary_chats": [*measure_ordinary(model, traffic)],
        "misses": [(kind, count, all_of[kind]) for kind, count in missed.most_common(10)],
    }


def _kinds(row: Row) -> list[str]:
    return [f"{row.label} · {length_of(row.text)} · {row.script} · {tactic}" for tactic in row.tactics]


def measure_evasion(model: Model, rows: Sequence[Row]) -> Iterator[Figures]:
    """Recall of offenses and macro-F1 of a model on rows as they are (no attack named) and under every attack.

    At its default threshold, and with every row attacked, harmless ones too.
    """
    texts, threshold = [row.text for row in rows], Thresholds.of(model).offense
    for attack in (None, *ATTACKS.values()):
        scored = Scored(rows, score_all(model, attack_all(attack, texts, seed=0) if attack else texts).labels)
        recall = float((scored.probabilities[scored.offending] >= threshold).mean())
        macro = macro_f1(scored.truth, scored.labels.argmax(1))
        yield {"attack": attack and attack.name, "recall": recall, "macro_f1": macro}


# --- whole conversations


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


def measure_ordinary(model: Model, traffic: Sequence[TrafficText]) -> Iterator[Figures]:
    """Of ordinary conversations, by their kind and how far they were read: those flagged, and those with one to read.

    200 conversations of private lines for each number of people, which set thresholds too, and those that the
    dialogue of the other half gives. Empty without either. Conversations share lines, so intervals are rather narrow.
    """
    halves = zip(traffic, set_thresholds(traffic), strict=True)
    measured = [text for text, sets in halves if text.kind == PRIVATE or not sets]
    for kind, chats in ordinary_chats(measured, seed=0):
        states = [[state for _, state in follow(chat.messages, model=model)] for chat in chats]
        for length in LENGTHS:
            then = [of_chat[length - 1] for of_chat in states if len(of_chat) >= length]
            flagged = sum(state.flagged for state in then)
            either = flagged + sum(state.to_read is not None for state in then)
            counts = {"flagged": rate(flagged, len(then)), "flagged_or_to_read": rate(either, len(then))}
            yield {"kind": kind, "length": length, "chats": len(then), **counts}


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
