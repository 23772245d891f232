"""Where thresholds are chosen and applied: from which probability on a message is flagged or routed to support."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Final
from weakref import WeakKeyDictionary

import numpy as np

from sextortion_detect.distress import with_phrase
from sextortion_detect.errors import InputError, shown
from sextortion_detect.model.conversation import conversation_head
from sextortion_detect.model.linear import LABELS, TACTICS, Array, Flags, Judgment, Model
from sextortion_detect.taxonomy import OFFENSES, Label, Tactic

CONVERSATION: Final = "conversation"
"""The name of the threshold on the risk of a conversation, from which it is flagged."""


ThresholdChoice = Mapping[str, float] | str
"""Thresholds as a caller asks for them: some by name, or all of a budget of false alarms, as `"1e-3"`."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The probabilities, 0 to 1, from which a message is flagged, routed to support, or said to use a tactic.

    `conversation` is the risk from which a conversation is flagged; `distress` the probability from which a writer is
    heard to speak of harming himself or herself, and `distress_phrase` that with a phrase of it. `odds` multiplies the
    odds of an offense in the scores that are told; decisions are taken on the scores before it.
    """

    offense: float
    victim_report: float
    tactics: Mapping[Tactic, float]
    conversation: float
    distress: float = 1.0
    distress_phrase: float = 0.0
    odds: float = 1.0

    @classmethod
    def of(cls, model: Model, changes: ThresholdChoice | None = None, prevalence: float | None = None) -> "Thresholds":
        """The thresholds that a model was trained with, some of them changed by name or by the name of a budget.

        Names are `offense`, `victim_report`, `conversation`, `distress`, `distress_phrase` and the tactics;
        `InputError` for others, for values outside 0 to 1, and for a budget that the model has no thresholds for. A
        budget moves `offense` and `victim_report`. `prevalence` is the share of offenses among the messages to come.
        """
        kept = None if changes is not None or prevalence is not None else _kept.get(model)
        if kept is not None:
            return kept
        own = {**model.thresholds, CONVERSATION: conversation_head(model).threshold}
        if isinstance(changes, str):
            changes = _of_budget(model, changes)
        elif not isinstance(changes, Mapping | None):
            raise InputError(f"The thresholds must be a budget, or numbers by name, not {type(changes).__name__}.")
        values: dict[str, float] = {}
        for name, value in {**own, **(changes or {})}.items():
            if name not in own:
                raise InputError(f"There is no threshold named {name!r}; the names are {', '.join(own)}.")
            if isinstance(value, bool) or not isinstance(value, Real) or not 0.0 <= value <= 1.0:
                raise InputError(f"The threshold {name!r} must lie between 0 and 1, not {shown(value)}.")
            values[name] = float(value)
        tactics = {tactic: values.pop(tactic) for tactic in TACTICS}
        made = cls(**values, tactics=tactics, odds=1.0 if prevalence is None else _change_of_odds(model, prevalence))
        if changes is None and prevalence is None:
            _kept[model] = made
        return made

    def flagged(self, judged: Judgment) -> Array:
        """Which texts are flagged: that are known, and as likely offenses as the threshold asks for."""
        offense = judged.labels[:, FIRST_OFFENSE] + judged.labels[:, SECOND_OFFENSE]
        return np.asarray((offense >= self.offense) & judged.known)

    def supported(self, judged: Judgment) -> Flags:
        """Which texts are most likely reports of victims, and likely enough to be routed to support."""
        return np.asarray((judged.labels.argmax(axis=1) == _VICTIM) & (judged.labels[:, _VICTIM] >= self.victim_report))

    def distressed(self, texts: Sequence[str], judged: Judgment) -> Flags:
        """In which of the judged texts somebody speaks of harming himself or herself, or of not being able to go on."""
        heard = (judged.distress >= self.distress) & judged.known
        likely = ((judged.distress >= self.distress_phrase) & ~heard).nonzero()[0]
        if len(likely):
            heard[likely] = with_phrase([texts[place] for place in likely.tolist()])
        return np.asarray(heard)

    def used(self, tactics: Array) -> Array:
        """Which tactics are said to be used, from the probability of each (texts x 11)."""
        return np.asarray(tactics >= [self.tactics[tactic] for tactic in TACTICS])

    def told(self, labels: Array) -> Array:
        """Probabilities of labels (texts x 4) where offenses are `odds` times as common (Saerens et al. 2002).

        In logits it is a constant, added to both offenses.
        """
        if self.odds == 1.0:
            return labels
        changed = labels.copy()
        changed[:, [FIRST_OFFENSE, SECOND_OFFENSE]] *= self.odds
        return np.asarray(np.minimum(changed / changed.sum(axis=1, keepdims=True), 1.0))


FIRST_OFFENSE, SECOND_OFFENSE = map(LABELS.index, OFFENSES)
"""Their columns among the scores by label."""

_VICTIM: Final = LABELS.index(Label.VICTIM_REPORT)


_kept: Final[WeakKeyDictionary[Model, Thresholds]] = WeakKeyDictionary()
"""The thresholds that models were trained with: a single message would spend a tenth of its time on making them."""


def _of_budget(model: Model, budget: str) -> Mapping[str, float]:
    known: Mapping[str, Mapping[str, float]] = model.manifest.get("thresholds_by_budget", {})
    if not known:
        raise InputError("The model has no thresholds by budget; train it with --traffic, or give thresholds by name.")
    if budget not in known:
        raise InputError(f"There are no thresholds for that budget; the budgets are {', '.join(known)}.")
    return known[budget]


def _change_of_odds(model: Model, prevalence: float) -> float:
    """The factor from the odds at the base rate that the model was calibrated at to those at another one."""
    if isinstance(prevalence, bool) or not isinstance(prevalence, Real) or not 0.0 < prevalence < 1.0:
        raise InputError(f"The prevalence must lie between 0 and 1, ends left out, not {shown(prevalence)}.")
    own: float | None = model.manifest.get("calibration", {}).get("prevalence")
    if own is None:
        raise InputError("The model does not say which share of offenses its probabilities are for; train it again.")
    prevalence = float(prevalence)
    return prevalence / (1.0 - prevalence) * (1.0 - own) / own
