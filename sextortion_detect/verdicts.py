"""From scores to decisions: which label, flagged or not, which tactics, and the words that say so."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from sextortion_detect.errors import InputError
from sextortion_detect.evidence import Evidence, FoundLater
from sextortion_detect.model.contributions import find_evidence
from sextortion_detect.model.conversation import conversation_head
from sextortion_detect.model.linear import LABELS, OFFENSE, TACTICS, Array, Judgment, Model, logistic
from sextortion_detect.records import Verdict
from sextortion_detect.taxonomy import OFFENSES, Action, Label, Tactic

CONVERSATION: Final = "conversation"
"""The name of the threshold on the risk of a conversation, from which it is flagged."""


ThresholdChoice = Mapping[str, float] | str
"""Thresholds as a caller asks for them: some by name, or all of a budget of false alarms, as `"1e-3"`."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The probabilities, 0 to 1, from which a message is flagged, routed to support, or said to use a tactic.

    `conversation` is the risk from which a conversation is flagged. `odds` multiplies the odds of an offense in the
    scores that are told; decisions are taken on the scores before it.
    """

    offense: float
    victim_report: float
    tactics: Mapping[Tactic, float]
    conversation: float
    odds: float = 1.0

    @classmethod
    def of(cls, model: Model, changes: ThresholdChoice | None = None, prevalence: float | None = None) -> "Thresholds":
        """The thresholds that a model was trained with, some of them changed by name or by the name of a budget.

        Names are `offense`, `victim_report`, `conversation` and the tactics; `InputError` for others, for values
        outside 0 to 1, and for a budget that the model has no thresholds for. A budget moves `offense` and
        `victim_report`. `prevalence` is the share of offenses among the messages to come.
        """
        kept = None if changes is not None or prevalence is not None else _kept.get(model)
        if kept is not None:
            return kept
        own = {**model.thresholds, CONVERSATION: conversation_head(model).threshold}
        values = {**own, **(_of_budget(model, changes) if isinstance(changes, str) else changes or {})}
        for name, value in values.items():
            if name not in own:
                raise InputError(f"There is no threshold named {name!r}; the names are {', '.join(own)}.")
            if not isinstance(value, (int, float)) or not 0.0 <= value <= 1.0:
                raise InputError(f"The threshold {name!r} must lie between 0 and 1, not {value!r}.")
        made = cls(
            values[OFFENSE],
            values[Label.VICTIM_REPORT],
            {tactic: values[tactic] for tactic in TACTICS},
            values[CONVERSATION],
            1.0 if prevalence is None else _change_of_odds(model, prevalence),
        )
        if changes is None and prevalence is None:
            _kept[model] = made
        return made


_kept: Final[WeakKeyDictionary[Model, Thresholds]] = WeakKeyDictionary()
"""The thresholds that models were trained with: a single message would spend a tenth of its time on making them."""


def _of_budget(model: Model, budget: str) -> Mapping[str, float]:
    known: Mapping[str, Mapping[str, float]] = model.manifest.get("thresholds_by_budget", {})
    if not known:
        raise InputError(
            f"The model has no thresholds by budget, so not {budget!r} either; train it with --traffic, or give "
            "thresholds by name."
        )
    if budget not in known:
        raise InputError(f"There are no thresholds for the budget {budget!r}; the budgets are {', '.join(known)}.")
    return known[budget]


def _change_of_odds(model: Model, prevalence: float) -> float:
    """The factor from the odds at the base rate that the model was calibrated at to those at another one."""
    if isinstance(prevalence, bool) or not isinstance(prevalence, (int, float)) or not 0.0 < prevalence < 1.0:
        raise InputError(f"The prevalence must lie between 0 and 1, ends left out, not {prevalence!r}.")
    own: float | None = model.manifest.get("calibration", {}).get("prevalence")
    if own is None:
        raise InputError("The model does not say which share of offenses its probabilities are for; train it again.")
    return prevalence / (1.0 - prevalence) * (1.0 - own) / own


class Judged(NamedTuple):
    """A verdict with all that it was made from: probabilities by label (4) and by tactic (11), flagged or not.

    `context` has the log-odds that only conversations use (`CONTEXT`; none where the model has none), and `known` says
    whether the text has any feature that the model knows.
    """

    verdict: Verdict
    labels: Array
    tactics: Array
    context: Array
    known: bool = True


def judge_scored(model: Model, texts: Sequence[str], thresholds: Thresholds) -> list[Judged]:
    """A verdict for each text, in order, with its scores."""
    judgment = model.score(texts, with_context=True)
    return with_scores(decide(model, texts, judgment, thresholds), judgment)


def with_scores(verdicts: Iterable[Verdict], judgment: Judgment) -> list[Judged]:
    """Verdicts beside the scores that they were made from."""
    return [
        Judged(*one)
        for one in zip(
            verdicts, judgment.labels, judgment.tactics, judgment.context, judgment.known.tolist(), strict=True
        )
    ]


def decide(model: Model, texts: Sequence[str], judged: Judgment, thresholds: Thresholds) -> Iterator[Verdict]:
    """A verdict for each text, in order, from what the model says of it.

    One at a time: those that are only counted are gone before the garbage collector walks through thousands of them.
    """
    offense = judged.labels[:, _FIRST_OFFENSE] + judged.labels[:, _SECOND_OFFENSE]
    flagged = ((offense >= thresholds.offense) & judged.known).tolist()
    best = judged.labels.argmax(axis=1)
    support = (best == _VICTIM) & (judged.labels[:, _VICTIM] >= thresholds.victim_report)
    kinds = np.where(judged.known, best + len(LABELS) * support, LABELS.index(Label.BENIGN)).tolist()
    scores = _at_odds(judged.labels, thresholds.odds)
    packed = np.where(judged.known[:, None], scores, _NO_OFFENSE).view(_PACKED)[:, 0].tolist()
    offenses = _offenses(judged, scores, flagged, thresholds)
    for index, flags in enumerate(flagged):
        if flags:
            yield _flag(model, texts[index], *next(offenses), packed[index])
        else:
            label, action = _PASSED[kinds[index]]
            yield _unflagged(label, action, packed[index])


_FIRST_OFFENSE, _SECOND_OFFENSE = map(LABELS.index, OFFENSES)
_VICTIM: Final = LABELS.index(Label.VICTIM_REPORT)

_PASSED: Final = tuple((label, action) for action in (Action.NONE, Action.SUPPORT) for label in LABELS)
"""What is not flagged: by label, and once more by label where a victim's report is sure."""

_NO_OFFENSE: Final = np.array([float(label is Label.BENIGN) for label in LABELS])
"""The scores of a text with no known feature at all."""

_PACKED: Final = np.dtype((np.void, _NO_OFFENSE.nbytes))


def _at_odds(labels: Array, factor: float) -> Array:
    """Probabilities of labels where offenses are more or less common by that factor (Saerens et al. 2002).

    In logits it is a constant, added to both offenses.
    """
    if factor == 1.0:
        return labels
    changed = labels.copy()
    changed[:, [_FIRST_OFFENSE, _SECOND_OFFENSE]] *= factor
    return np.asarray(np.minimum(changed / changed.sum(axis=1, keepdims=True), 1.0))


def _unflagged(label: Label, action: Action, packed: bytes) -> Verdict:
    """A verdict that does not flag, slot by slot: `__init__` of a frozen dataclass takes four times as long."""
    verdict = _new(Verdict)
    _set_label(verdict, label)
    _set_flagged(verdict, False)
    _set_action(verdict, action)
    _set_packed(verdict, packed)
    _set_evidence(verdict, ())
    _set_find_evidence(verdict, None)
    return verdict


def _flag(model: Model, text: str, label: Label, used: dict[Tactic, float], packed: bytes) -> Verdict:
    """A verdict that flags, its evidence to be looked for when it is first asked for."""
    verdict = _new(Verdict)
    _set_label(verdict, label)
    _set_flagged(verdict, True)
    _set_action(verdict, Action.FLAG)
    _set_packed(verdict, packed)
    _set_tactics(verdict, used)
    _set_find_evidence(verdict, partial(_evidence, model, text, label, [*used]))
    return verdict


_new: Final = object.__new__
_set_label, _set_flagged, _set_action, _set_tactics, _set_evidence, _set_find_evidence = (
    vars(Verdict)[name].__set__ for name in ("label", "flagged", "action", "tactics", "evidence", "_find_evidence")
)
_set_packed: Final = vars(FoundLater)["_packed"].__set__


def _evidence(model: Model, text: str, label: Label, tactics: list[Tactic]) -> tuple[Evidence, ...]:
    return find_evidence(model, text, label, tactics)


def _offenses(
    judged: Judgment, scores: Array, flagged: Sequence[bool], thresholds: Thresholds
) -> Iterator[tuple[Label, dict[Tactic, float]]]:
    """Of each flagged text the likelier offense, and the tactics that are sure enough, strongest first."""
    texts = np.flatnonzero(flagged)
    second = (scores[texts, _SECOND_OFFENSE] > scores[texts, _FIRST_OFFENSE]).tolist()
    probabilities = logistic(judged.tactic_scores[texts])
    used = probabilities >= [thresholds.tactics[tactic] for tactic in TACTICS]
    order = np.argsort(np.where(used, -probabilities, 1.0), axis=1, kind="stable")
    ranked = np.take_along_axis(probabilities, order, axis=1).tolist()
    for is_second, count, places, values in zip(second, used.sum(axis=1).tolist(), order.tolist(), ranked, strict=True):
        yield OFFENSES[is_second], dict(zip([TACTICS[place] for place in places[:count]], values, strict=False))
