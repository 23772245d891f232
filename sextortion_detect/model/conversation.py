"""The risk of one side of a conversation: a logistic model over its features, trained on annotated conversations."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Final

import numpy as np

from sextortion_detect.errors import ModelMismatch
from sextortion_detect.model.linear import OFFENSE, Model, logistic
from sextortion_detect.model.participant import FEATURES, HEARD, Array
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
        return float(logistic(self.log_odds(vector)))

    def label(self, vector: Array) -> Label:
        """Which offense, should it be one."""
        return Label.BLACKMAIL if self.blackmail_weights @ vector + self.blackmail_bias > 0.0 else Label.GROOMING

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types, as the manifest of a model holds them."""
        return {"features": list(FEATURES)} | {name: np.asarray(value).tolist() for name, value in asdict(self).items()}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "ConversationHead":
        """The head of a manifest; `ValueError` where its features are not those of this package, or a number is odd."""
        numbers = {field.name: np.array(values[field.name], dtype=np.float64) for field in fields(cls)}
        shapes = {name: (len(FEATURES),) if name.endswith("weights") else () for name in numbers}
        if (
            tuple(values["features"]) != FEATURES
            or any(array.shape != shapes[name] for name, array in numbers.items())
            or not all((np.abs(array) <= _LARGEST_WEIGHT).all() for array in numbers.values())
            or not 0.0 <= numbers["threshold"] <= 1.0
        ):
            raise ValueError("the conversation head is damaged")
        plain: dict[str, Any] = {name: array if array.ndim else float(array) for name, array in numbers.items()}
        return cls(**plain)


_LARGEST_WEIGHT: Final = 1e6  # a fitted one is below 100; of endless ones the sum is no number


def conversation_head(model: Model) -> ConversationHead:
    """The head that a model was trained with; for one trained without conversations, one that goes by its messages.

    The latter gives a side the risk of its strongest message. Raises `ModelMismatch` where the manifest holds another
    kind of head.
    """
    values = model.manifest.get("conversation")
    if values is None:
        strongest, kind = (
            np.array([feature == f"strongest, {name}" for feature in FEATURES], dtype=np.float64) for name in HEARD[:2]
        )
        return ConversationHead(strongest, 0.0, kind, 0.0, model.thresholds[OFFENSE])
    try:
        return ConversationHead.from_dict(values)
    except (KeyError, TypeError, ValueError, OverflowError):
        raise ModelMismatch(
            f"The conversation part of model {model.manifest.get('name')!r} is of another package; train it again."
        ) from None
