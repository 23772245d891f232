"""The risk of one side of a conversation: a logistic model over its features, trained on annotated conversations."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from sextortion_detect.errors import ModelMismatch
from sextortion_detect.model.linear import OFFENSE, Model
from sextortion_detect.model.participant import FEATURES, Array, logistic
from sextortion_detect.taxonomy import Label


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
