"""The risk of one side of a conversation: a logistic model over its features, trained on annotated conversations.

Two rules stand beside the model: where little was said so far, what is sure enough by itself is enough
(`spare_odds_alone`); and what others answer adds only so much (`bounded_risk`). What it takes away ends with the least
that is heard of it.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from math import log
from typing import Any, Final

import numpy as np

from sextortion_detect.errors import ModelMismatch
from sextortion_detect.model.linear import OFFENSE, Array, Model, logit
from sextortion_detect.model.participant import FEATURES, HEARD, OF_ANSWERS, WINDOW, Participant
from sextortion_detect.taxonomy import Label


def spare_odds_alone(vector: Array, count: int, asked: float) -> float:
    """By how much the newest message of a side is surer than flags a conversation of so many by itself, in log-odds.

    It must be half again as many times surer as there are messages than `asked`, the log-odds of one message that is
    flagged: by itself, or as the end of its sender's last eight. What is heard ends at log-odds of 6, so that among
    more than about fourteen nothing is sure enough. By `ar-13`, of plain threats told in pieces behind four ordinary
    lines 28 in 100 are found for 5; of 359 harmless conversations that no fit had seen, most of which look like
    offenses, 11 are flagged for 9. At three times as many it is 13 and 9, at as many 34 and 13.
    """
    return float(vector[_NEWEST].max()) - asked - log(_TIMES_ALONE * count)


_TIMES_ALONE: Final = 1.5


def bounded_risk(vectors: Array, weights: Array, bias: float, most: float) -> Array:
    """The log-odds of sides (… x features) by a linear model, of which answers add `most` at most.

    >>> rest, weights = Participant().vector(), np.ones(len(FEATURES))
    >>> side = rest + 3.0 * np.isin(range(len(FEATURES)), OF_ANSWERS)
    >>> [float(np.ptp(bounded_risk(np.array([rest, side]), weights, 0.0, most))) for most in (np.inf, 2.0)]
    [9.0, 2.0]
    """
    answers = (vectors - _SIDE_AT_REST)[..., OF_ANSWERS] @ weights[OF_ANSWERS]
    return np.asarray(vectors @ weights + bias - np.maximum(answers - most, 0.0))


_SIDE_AT_REST: Final = Participant().vector()


@dataclass(frozen=True, slots=True)
class ConversationHead:
    """Logistic weights over a side: of its risk, and of blackmail rather than grooming where it offends.

    `threshold` is the risk from which a conversation is flagged, `asked_alone` the log-odds from which a message is.
    What others answer adds no more than `answers_at_most` to the log-odds of a side that nobody has answered.
    """

    risk_weights: Array
    risk_bias: float
    blackmail_weights: Array
    blackmail_bias: float
    threshold: float
    asked_alone: float
    answers_at_most: float

    def log_odds(self, vector: Array, count: int) -> float:
        """The log-odds that this side offends, after so many messages of the conversation.

        They reach the threshold, too, where the newest is sure enough by itself (`spare_odds_alone`).
        """
        risk = float(bounded_risk(vector, self.risk_weights, self.risk_bias, self.answers_at_most))
        alone = spare_odds_alone(vector, count, self.asked_alone)
        return max(risk, float(logit(self.threshold)) + alone) if alone >= 0.0 else risk

    def label(self, vector: Array) -> Label:
        """Which offense, should it be one."""
        return Label.BLACKMAIL if self.blackmail_weights @ vector + self.blackmail_bias > 0.0 else Label.GROOMING

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types, as the manifest of a model holds them."""
        return {"features": list(FEATURES)} | {name: np.asarray(value).tolist() for name, value in asdict(self).items()}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "ConversationHead":
        """The head of a manifest; `ValueError` where its features are not those of this package, or a number is odd."""
        numbers: dict[str, Any] = {field.name: np.array(values[field.name], dtype=np.float64) for field in fields(cls)}
        shapes = {name: (len(FEATURES),) if name.endswith("weights") else () for name in numbers}
        if (
            tuple(values["features"]) != FEATURES
            or any(array.shape != shapes[name] for name, array in numbers.items())
            or not all((np.abs(array) <= _LARGEST_WEIGHT).all() for array in numbers.values())
            or not 0.0 <= numbers["threshold"] <= 1.0
        ):
            raise ValueError("the conversation head is damaged")
        return cls(**{name: array[()] for name, array in numbers.items()})  # of one without an axis, the number


_NEWEST: Final = [FEATURES.index("now, offense"), FEATURES.index(f"now, offense, {WINDOW} messages")]
_LARGEST_WEIGHT: Final = 1e6  # a fitted one is below 100; of endless ones the sum is no number


def conversation_head(model: Model) -> ConversationHead:
    """The head that a model was trained with; for one trained without conversations, one that goes by its messages.

    The latter gives a side the risk of its strongest message. Raises `ModelMismatch` where the manifest holds another
    kind of head.
    """
    values = model.manifest.get("conversation")
    if values is None:
        strongest, kind = np.eye(len(FEATURES))[[FEATURES.index(f"strongest, {name}") for name in HEARD[:2]]]
        threshold = model.thresholds[OFFENSE]
        return ConversationHead(strongest, 0.0, kind, 0.0, threshold, float(logit(threshold)), 0.0)
    try:
        return ConversationHead.from_dict(values)
    except (KeyError, TypeError, ValueError, OverflowError):
        raise ModelMismatch(
            f"The conversation part of model {model.manifest.get('name')!r} is of another package; train it again."
        ) from None
