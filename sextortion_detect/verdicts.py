"""From scores to verdicts: the likeliest label, what the thresholds decide, and evidence once asked for."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Final, NamedTuple

import numpy as np

from sextortion_detect.decision_thresholds import FIRST_OFFENSE, SECOND_OFFENSE, Thresholds
from sextortion_detect.evidence import FoundLater
from sextortion_detect.model.contributions import find_evidence
from sextortion_detect.model.linear import LABELS, TACTICS, Array, Judgment, Model, logistic
from sextortion_detect.records import Verdict
from sextortion_detect.taxonomy import OFFENSES, Action, Label, Tactic


class Judged(NamedTuple):
    """A verdict, the probabilities by label (4) that it rests on, and whether the text has a feature that is known."""

    verdict: Verdict
    labels: Array
    known: bool = True


def judge(model: Model, texts: Sequence[str], judgment: Judgment, thresholds: Thresholds) -> Iterator[Judged]:
    """A verdict for each text, in order, beside the scores that it was made from."""
    verdicts = decide(model, texts, judgment, thresholds)
    return map(Judged, verdicts, judgment.labels, judgment.known.tolist())


def decide(model: Model, texts: Sequence[str], judged: Judgment, thresholds: Thresholds) -> Iterator[Verdict]:
    """A verdict for each text, in order, from what the model says of it.

    One at a time: those that are only counted are gone before the garbage collector walks through thousands of them.
    """
    flagged = thresholds.flagged(judged).tolist()
    best = judged.labels.argmax(axis=1) + len(LABELS) * thresholds.supported(judged)
    kinds = np.where(judged.known, best, LABELS.index(Label.BENIGN)).tolist()
    scores = thresholds.told(judged.labels)
    packed = np.where(judged.known[:, None], scores, _NO_OFFENSE).view(_PACKED)[:, 0].tolist()
    offenses = _offenses(judged, scores, flagged, thresholds)
    distressed = thresholds.distressed(texts, judged).tolist()
    for index, flags in enumerate(flagged):
        if flags:
            label, used = next(offenses)
            verdict = _verdict(label, Action.FLAG, packed[index], distressed[index])
            _set_tactics(verdict, used)
            # Looked for when it is first asked for.
            _set_find_evidence(verdict, partial(find_evidence, model, texts[index], label, [*used]))
        else:
            label, action = _PASSED[kinds[index]]
            verdict = _verdict(label, Action.SUPPORT if distressed[index] else action, packed[index], distressed[index])
            _set_evidence(verdict, ())
            _set_find_evidence(verdict, None)
        yield verdict


_PASSED: Final = tuple((label, action) for action in (Action.NONE, Action.SUPPORT) for label in LABELS)
"""What is not flagged: by label, and once more by label where a victim's report is sure."""

_NO_OFFENSE: Final = np.array([float(label is Label.BENIGN) for label in LABELS])
"""The scores of a text with no known feature at all."""

_PACKED: Final = np.dtype((np.void, _NO_OFFENSE.nbytes))


def _verdict(label: Label, action: Action, packed: bytes, distress: bool) -> Verdict:
    """A verdict without its evidence, slot by slot: `__init__` of a frozen dataclass takes four times as long."""
    verdict = _new(Verdict)
    _set_label(verdict, label)
    _set_flagged(verdict, action is Action.FLAG)
    _set_action(verdict, action)
    _set_packed(verdict, packed)
    _set_distress(verdict, distress)
    return verdict


_new: Final = object.__new__
_set_label, _set_flagged, _set_action, _set_tactics, _set_evidence, _set_distress, _set_find_evidence = (
    vars(Verdict)[name].__set__
    for name in ("label", "flagged", "action", "tactics", "evidence", "distress", "_find_evidence")
)
_set_packed: Final = vars(FoundLater)["_packed"].__set__


def _offenses(
    judged: Judgment, scores: Array, flagged: Sequence[bool], thresholds: Thresholds
) -> Iterator[tuple[Label, dict[Tactic, float]]]:
    """Of each flagged text the likelier offense, and the tactics that are sure enough, strongest first."""
    texts = np.flatnonzero(flagged)
    second = (scores[texts, SECOND_OFFENSE] > scores[texts, FIRST_OFFENSE]).tolist()
    probabilities = logistic(judged.tactic_scores[texts])
    used = thresholds.used(probabilities)
    order = np.argsort(np.where(used, -probabilities, 1.0), axis=1, kind="stable")
    ranked = np.take_along_axis(probabilities, order, axis=1).tolist()
    for is_second, count, places, values in zip(second, used.sum(axis=1).tolist(), order.tolist(), ranked, strict=True):
        yield OFFENSES[is_second], dict(zip([TACTICS[place] for place in places[:count]], values, strict=False))
