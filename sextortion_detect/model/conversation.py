"""What a conversation adds to its messages: each participant's side, followed as it goes on, and the risk of it.

Offenses unfold: a stranger befriends, asks for a private channel, then video, says what he holds, threatens, demands.
A side remembers how strong each tactic was so far, which came after which, and how much of it was said, in the same
small space however long the conversation is. What gathers fades, so that no amount of small talk excuses what follows.
The scores are those that the model has for conversations (`linear.CONTEXT`), where the small talk of offenders counts
too; that is what lets a side be known early. A logistic model over these features, trained on annotated conversations,
gives the risk. What other participants say never enters a side, so a victim's replies cannot move the risk.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sextortion_detect.errors import ModelMismatch
from sextortion_detect.model.linear import CONTEXT, LABELS, OFFENSE, TACTICS, Model
from sextortion_detect.taxonomy import Label, Tactic

Array = NDArray[np.float64]

STEPS: Final = (
    (Tactic.TRUST_BUILDING, Tactic.MOVE_TO_PRIVATE_CHANNEL),
    (Tactic.TRUST_BUILDING, Tactic.SECRECY),
    (Tactic.TRUST_BUILDING, Tactic.INTIMATE_REQUEST),
    (Tactic.PERSONAL_INFO_REQUEST, Tactic.SECRECY),
    (Tactic.PERSONAL_INFO_REQUEST, Tactic.MOVE_TO_VIDEO),
    (Tactic.MOVE_TO_PRIVATE_CHANNEL, Tactic.MOVE_TO_VIDEO),
    (Tactic.POSSESSION_CLAIM, Tactic.EXPOSURE_THREAT),
    (Tactic.POSSESSION_CLAIM, Tactic.PAYMENT_DEMAND),
    (Tactic.EXPOSURE_THREAT, Tactic.PAYMENT_DEMAND),
    (Tactic.EXPOSURE_THREAT, Tactic.DEADLINE_PRESSURE),
    (Tactic.EXPOSURE_THREAT, Tactic.COERCED_ACT),
    (Tactic.PAYMENT_DEMAND, Tactic.DEADLINE_PRESSURE),
)
"""Pairs of tactics that count in this order: how reported cases unfold."""

FEATURES: Final = (
    "strongest message",
    "second strongest message",
    "third strongest message",
    "amount of blackmail",
    "amount of grooming",
    "lately",
    "messages",
    "breadth",
    *(tactic.value for tactic in TACTICS),
    *(f"{first.value}, then {then.value}" for first, then in STEPS),
    *(f"gathered {name}" for name in CONTEXT),
    *(f"strongest {name}" for name in CONTEXT[2:]),
    "brevity",
    "strongest message, for its length",
    "second strongest message, for its length",
    *(f"gathered {name}, for its length" for name in CONTEXT),
)
"""Names of the features of a side, in the order of its vector."""

_BLACKMAIL, _GROOMING = LABELS.index(Label.BLACKMAIL), LABELS.index(Label.GROOMING)
_FIRST: Final = np.array([TACTICS.index(first) for first, _ in STEPS])
_THEN: Final = np.array([TACTICS.index(then) for _, then in STEPS])
_FADING: Final = 0.8
"""What remains of "lately" with each further message of the same sender."""
_SUREST: Final = 6.0  # log-odds; beyond this, a message more or less sure tells nothing more
_GATHERING: Final = 0.95
"""What remains of the gathered log-odds with each further message of the same sender."""
_REMEMBERED: Final = 25
"""Messages of a sender that count in full: those of annotated conversations have no more. Behind them older ones fade,
lest a harmless conversation gather by its length alone what an offending one has."""
_MOST_GATHERED: Final = 4.0  # log-odds of one message that are gathered


class Side:
    """One participant's part of a conversation so far, in constant space."""

    __slots__ = ("_amounts", "_count", "_gathered", "_lately", "_peaks", "_roles", "_steps", "_strongest")

    def __init__(self) -> None:
        self._count = 0
        self._strongest = [-_SUREST] * 3
        self._amounts = [0.0, 0.0]
        self._lately = 0.0
        self._peaks = np.zeros(len(TACTICS))
        self._steps = np.zeros(len(STEPS))
        self._gathered = np.zeros(len(CONTEXT))
        self._roles = np.full(len(CONTEXT) - 2, -_MOST_GATHERED)

    def add(self, labels: Array, tactics: Array, context: Array) -> None:
        """Take in the next message: its probabilities by label (4) and by tactic, given that it offends (11).

        `context` has the log-odds of `CONTEXT` (5); where there are none, those of its label stand for the first two.
        """
        if not len(context):
            two = labels[[_BLACKMAIL, _GROOMING]]
            context = np.concatenate((_log_odds(two), np.zeros(len(CONTEXT) - 2)))
        blackmail, grooming = logistic(float(context[0])), logistic(float(context[1]))
        offense = min(blackmail + grooming, 1.0)
        log_odds = float(_log_odds(np.array(offense)))
        self._strongest = sorted([*self._strongest, min(max(log_odds, -_SUREST), _SUREST)], reverse=True)[:3]
        if self._count >= _REMEMBERED:
            self._fade(1.0 - 1.0 / _REMEMBERED)
        self._amounts[0] += blackmail
        self._amounts[1] += grooming
        told = np.clip(context, -_MOST_GATHERED, _MOST_GATHERED)
        self._gathered = _GATHERING * self._gathered + told
        np.maximum(self._roles, told[2:], out=self._roles)
        self._lately = _FADING * self._lately + offense
        now = offense * tactics
        np.maximum(self._steps, self._peaks[_FIRST] * now[_THEN], out=self._steps)
        np.maximum(self._peaks, now, out=self._peaks)
        self._count += 1

    def _fade(self, kept: float) -> None:
        self._amounts = [kept * amount for amount in self._amounts]
        self._peaks *= kept
        self._steps *= kept

    def vector(self) -> Array:
        """The features named in `FEATURES`: (47,) float64."""
        brevity = 1.0 / max(self._count, 1)  # what few messages say weighs otherwise than the same among many
        return np.concatenate(
            (
                self._strongest,
                np.log1p(self._amounts),
                (self._lately, np.log1p(min(self._count, _REMEMBERED)), self._peaks.sum()),
                self._peaks,
                self._steps,
                self._gathered,
                self._roles,
                (brevity, brevity * self._strongest[0], brevity * self._strongest[1]),
                brevity * self._gathered,
            )
        )


def logistic(log_odds: float) -> float:
    """The probability of log-odds, without overflow.

    >>> logistic(0.0)
    0.5
    """
    return 0.5 + 0.5 * math.tanh(0.5 * log_odds)


def _log_odds(probabilities: Array) -> Array:
    return np.asarray(np.log(np.maximum(probabilities, 1e-9) / np.maximum(1.0 - probabilities, 1e-9)))


@dataclass(frozen=True, slots=True)
class ConversationHead:
    """Logistic weights over a side: of its risk, and of blackmail rather than grooming where it offends.

    `threshold` is the risk from which a conversation is flagged.
    """

    risk_weights: Array
    risk_bias: float
    blackmail_weights: Array
    blackmail_bias: float
    threshold: float

    def log_odds(self, vector: Array) -> float:
        """The log-odds that this side offends."""
        return float(self.risk_weights @ vector) + self.risk_bias

    def risk(self, vector: Array) -> float:
        """The probability that this side offends, 0 to 1."""
        return logistic(self.log_odds(vector))

    def label(self, vector: Array) -> Label:
        """Which offense, should it be one."""
        return Label.BLACKMAIL if self.blackmail_weights @ vector + self.blackmail_bias > 0.0 else Label.GROOMING

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types, as the manifest of a model holds them."""
        return {
            "features": list(FEATURES),
            "risk_weights": self.risk_weights.tolist(),
            "risk_bias": self.risk_bias,
            "blackmail_weights": self.blackmail_weights.tolist(),
            "blackmail_bias": self.blackmail_bias,
            "threshold": self.threshold,
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "ConversationHead":
        """The head of a manifest; `ValueError` where its features are not those of this package."""
        if tuple(values["features"]) != FEATURES:
            raise ValueError("the features of the conversation head are others")
        weights = {name: np.array(values[name], dtype=np.float64) for name in ("risk_weights", "blackmail_weights")}
        if any(array.shape != (len(FEATURES),) or not _is_bounded(array) for array in weights.values()):
            raise ValueError("the weights of the conversation head are damaged")
        risk_bias, blackmail_bias, threshold = (float(values[name]) for name in _NUMBERS)
        if not (_is_bounded(risk_bias) and _is_bounded(blackmail_bias) and 0.0 <= threshold <= 1.0):
            raise ValueError("the numbers of the conversation head are damaged")
        return cls(weights["risk_weights"], risk_bias, weights["blackmail_weights"], blackmail_bias, threshold)


_NUMBERS: Final = ("risk_bias", "blackmail_bias", "threshold")
_LARGEST_WEIGHT: Final = 1e6  # a fitted one is below 100; of endless ones the sum is no number


def _is_bounded(numbers: Array | float) -> bool:
    return bool((np.abs(numbers) <= _LARGEST_WEIGHT).all())


def conversation_head(model: Model) -> ConversationHead:
    """The head that a model was trained with; for one trained without conversations, one that goes by its messages.

    The latter gives a side the risk of its strongest message. Raises `ModelMismatch` where the manifest holds another
    kind of head.
    """
    values = model.manifest.get("conversation")
    if values is None:
        weights = dict.fromkeys(FEATURES, 0.0)
        return ConversationHead(
            np.array([*(weights | {"strongest message": 1.0}).values()]),
            0.0,
            np.array([*(weights | {"amount of blackmail": 1.0, "amount of grooming": -1.0}).values()]),
            0.0,
            model.thresholds[OFFENSE],
        )
    try:
        return ConversationHead.from_dict(values)
    except (KeyError, TypeError, ValueError, OverflowError):
        raise ModelMismatch(
            f"The conversation part of model {model.manifest.get('name')!r} is of another package; train it again."
        ) from None
