"""From scores to decisions: which label, flagged or not, which tactics, and the words that say so."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from sextortion_detect.errors import InputError
from sextortion_detect.model.conversation import conversation_head
from sextortion_detect.model.evidence import find_evidence
from sextortion_detect.model.features import Word, read_words
from sextortion_detect.model.linear import LABELS, OFFENSE, TACTICS, Array, Model, Scores
from sextortion_detect.records import Verdict
from sextortion_detect.taxonomy import OFFENSES, Action, Label, Tactic

CONVERSATION: Final = "conversation"
"""The name of the threshold on the risk of a conversation, from which it is flagged."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The probabilities, 0 to 1, from which a message is flagged, routed to support, or said to use a tactic.

    `conversation` is the risk from which a conversation is flagged.
    """

    offense: float
    victim_report: float
    tactics: Mapping[Tactic, float]
    conversation: float

    @classmethod
    def of(cls, model: Model, changes: Mapping[str, float] | None = None) -> "Thresholds":
        """The thresholds that a model was trained with, some of them changed by name.

        Names are `offense`, `victim_report`, `conversation` and the tactics; `InputError` for others, and for values
        outside 0 to 1.
        """
        own = {**model.thresholds, CONVERSATION: conversation_head(model).threshold}
        values = {**own, **(changes or {})}
        for name, value in values.items():
            if name not in own:
                raise InputError(f"There is no threshold named {name!r}; the names are {', '.join(own)}.")
            if not isinstance(value, (int, float)) or not 0.0 <= value <= 1.0:
                raise InputError(f"The threshold {name!r} must lie between 0 and 1, not {value!r}.")
        return cls(
            values[OFFENSE],
            values[Label.VICTIM_REPORT],
            {tactic: values[tactic] for tactic in TACTICS},
            values[CONVERSATION],
        )


class Judged(NamedTuple):
    """A verdict with all that it was made from: probabilities by label (4) and by tactic (11), flagged or not."""

    verdict: Verdict
    labels: Array
    tactics: Array


def judge(model: Model, texts: Sequence[str], thresholds: Thresholds) -> Iterator[Verdict]:
    """A verdict for each text, in order."""
    return (judged.verdict for judged in judge_scored(model, texts, thresholds))


def judge_scored(model: Model, texts: Sequence[str], thresholds: Thresholds) -> Iterator[Judged]:
    """A verdict for each text, in order, with its scores."""
    read = [read_words(text) for text in texts]
    scores = model.score(read)
    for index, (text, words) in enumerate(zip(texts, read, strict=True)):
        verdict = _decide(model, text, words, scores, index, thresholds)
        yield Judged(verdict, scores.labels[index], scores.tactics[index])


def _decide(model: Model, text: str, words: list[Word], scores: Scores, index: int, thresholds: Thresholds) -> Verdict:
    if scores.rows.indptr[index] == scores.rows.indptr[index + 1]:  # no known feature at all
        return Verdict(Label.BENIGN, False, Action.NONE, {label: float(label is Label.BENIGN) for label in LABELS})
    labels: Array = scores.labels[index]
    by_label = dict(zip(LABELS, labels.tolist(), strict=True))
    if sum(by_label[label] for label in OFFENSES) >= thresholds.offense:
        label = max(OFFENSES, key=by_label.__getitem__)
        tactics = _used_tactics(scores.tactics[index], thresholds)
        evidence = find_evidence(model, text, words, scores.rows[index], label, list(tactics))
        return Verdict(label, True, Action.FLAG, by_label, tactics, evidence)
    label = max(LABELS, key=by_label.__getitem__)
    needs_support = label is Label.VICTIM_REPORT and by_label[label] >= thresholds.victim_report
    return Verdict(label, False, Action.SUPPORT if needs_support else Action.NONE, by_label)


def _used_tactics(probabilities: Array, thresholds: Thresholds) -> dict[Tactic, float]:
    used = {
        tactic: probability
        for tactic, probability in zip(TACTICS, probabilities.tolist(), strict=True)
        if probability >= thresholds.tactics[tactic]
    }
    return dict(sorted(used.items(), key=lambda item: -item[1]))
