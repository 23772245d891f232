"""What a conversation adds to its messages: each participant's side, followed as it goes on, and the risk of it.

Offenses unfold: a stranger befriends, asks for a private channel, then video, says what he holds, threatens, demands.
A side remembers how strong each tactic was so far, which came after which, and how much of it was said, in the same
small space however long the conversation is. A logistic model over these features, trained on annotated conversations,
gives the risk. What other participants say never enters a side, so a victim's replies cannot move the risk.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sextortion_detect.errors import ModelMismatch
from sextortion_detect.model.linear import LABELS, OFFENSE, TACTICS, Model
from sextortion_detect.taxonomy import OFFENSES, Label, Tactic

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
)
"""Names of the features of a side, in the order of its vector."""

_BLACKMAIL, _GROOMING = LABELS.index(Label.BLACKMAIL), LABELS.index(Label.GROOMING)
_OFFENSES: Final = [LABELS.index(label) for label in OFFENSES]
_FIRST: Final = np.array([TACTICS.index(first) for first, _ in STEPS])
_THEN: Final = np.array([TACTICS.index(then) for _, then in STEPS])
_FADING: Final = 0.8
"""What remains of "lately" with each further message of the same sender."""
_SUREST: Final = 6.0  # log-odds; beyond this, a message more or less sure tells nothing more


class Side:
    """One participant's part of a conversation so far, in constant space."""

    __slots__ = ("_amounts", "_count", "_lately", "_peaks", "_steps", "_strongest")

    def __init__(self) -> None:
        self._count = 0
        self._strongest = [-_SUREST] * 3
        self._amounts = [0.0, 0.0]
        self._lately = 0.0
        self._peaks = np.zeros(len(TACTICS))
        self._steps = np.zeros(len(STEPS))

    def add(self, labels: Array, tactics: Array) -> None:
        """Take in the next message: its probabilities by label (4) and by tactic, given that it offends (11)."""
        offense = float(labels[_OFFENSES].sum())
        log_odds = float(np.log(max(offense, 1e-9) / max(1.0 - offense, 1e-9)))
        self._strongest = sorted([*self._strongest, min(max(log_odds, -_SUREST), _SUREST)], reverse=True)[:3]
        self._amounts[0] += float(labels[_BLACKMAIL])
        self._amounts[1] += float(labels[_GROOMING])
        self._lately = _FADING * self._lately + offense
        now = offense * tactics
        np.maximum(self._steps, self._peaks[_FIRST] * now[_THEN], out=self._steps)
        np.maximum(self._peaks, now, out=self._peaks)
        self._count += 1

    def vector(self) -> Array:
        """The features named in `FEATURES`: (31,) float64."""
        return np.concatenate(
            (
                self._strongest,
                np.log1p(self._amounts),
                (self._lately, np.log1p(self._count), self._peaks.sum()),
                self._peaks,
                self._steps,
            )
        )


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
        return 0.5 + 0.5 * math.tanh(0.5 * self.log_odds(vector))  # the logistic function, without overflow

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
        if any(array.shape != (len(FEATURES),) or not np.isfinite(array).all() for array in weights.values()):
            raise ValueError("the weights of the conversation head are damaged")
        risk_bias, blackmail_bias, threshold = (float(values[name]) for name in _NUMBERS)
        if not (math.isfinite(risk_bias) and math.isfinite(blackmail_bias) and 0.0 <= threshold <= 1.0):
            raise ValueError("the numbers of the conversation head are damaged")
        return cls(weights["risk_weights"], risk_bias, weights["blackmail_weights"], blackmail_bias, threshold)


_NUMBERS: Final = ("risk_bias", "blackmail_bias", "threshold")


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
