"""Fitting the risk of a conversation on annotated ones: which sides offend, and from which message on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import expit, logit
from scipy.stats import norm
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from sextortion_detect.chats import scored_text
from sextortion_detect.errors import CorpusError
from sextortion_detect.model.conversation import Array, ConversationHead, Side
from sextortion_detect.model.linear import Flags, Model
from sextortion_detect.taxonomy import OFFENSES, Label
from sextortion_detect.training.corpus import AnnotatedChat

BENIGN_BUDGET: Final = 1 / 200
"""The share of benign conversations that may be flagged."""

_FOLDS: Final = 5
_STRENGTHS: Final = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
"""Inverse strengths of regularization that are tried."""


@dataclass(frozen=True, slots=True)
class _States:
    """A row for each message: the sender's side after it, whether that side offends by then, and its chat."""

    vectors: Array
    offends: Flags
    chat_of: Array
    weights: Array


def fit_conversations(model: Model, chats: Sequence[AnnotatedChat]) -> ConversationHead:
    """Fit on all conversations given; strength and threshold are chosen on conversations left out of the fit.

    The threshold lets about `BENIGN_BUDGET` of the benign ones be flagged. Raises `CorpusError` where there are fewer
    conversations of blackmail, of grooming or of neither than folds.
    """
    for label in (*OFFENSES, Label.BENIGN):
        if sum(chat.label is label for chat in chats) < _FOLDS:
            raise CorpusError(f"There are fewer than {_FOLDS} {label.value} conversations; add some and train again.")
    states = _gather(model, chats)
    out_of_fold = {strength: _cross_validate(states, strength) for strength in _STRENGTHS}
    losses = {
        strength: log_loss(states.offends, risks, sample_weight=states.weights)
        for strength, risks in out_of_fold.items()
    }
    strength = min(losses, key=losses.__getitem__)
    offending = np.array([chat.label in OFFENSES for chat in chats])
    highest = np.array([out_of_fold[strength][states.chat_of == place].max() for place in range(len(chats))])
    risk_weights, risk_bias = _unscaled(_fitted(states.vectors, states.offends, states.weights, strength))
    late = states.offends
    is_blackmail = np.array([chat.label is Label.BLACKMAIL for chat in chats])[states.chat_of[late].astype(int)]
    blackmail_weights, blackmail_bias = _unscaled(
        _fitted(states.vectors[late], is_blackmail, states.weights[late], strength)
    )
    return ConversationHead(risk_weights, risk_bias, blackmail_weights, blackmail_bias, _threshold(highest[~offending]))


def _gather(model: Model, chats: Sequence[AnnotatedChat]) -> _States:
    vectors, offends, chat_of, weights = [], [], [], []
    for place, chat in enumerate(chats):
        for index, (sender, vector) in enumerate(sides(model, chat)):
            vectors.append(vector)
            offends.append(sender == chat.offender and chat.first_flag is not None and index >= chat.first_flag)
            chat_of.append(place)
            weights.append(1.0 / len(chat.chat.messages))
    return _States(np.array(vectors), np.array(offends), np.array(chat_of), np.array(weights))


def sides(model: Model, chat: AnnotatedChat) -> Iterator[tuple[str | None, Array]]:
    """The sender of each message, and the features of the sender's side after it."""
    scores = model.score_texts([scored_text(message) for message in chat.chat.messages])
    running: dict[str | None, Side] = {}
    for index, message in enumerate(chat.chat.messages):
        side = running.setdefault(message.sender, Side())
        if scores.known[index]:
            side.add(scores.labels[index], scores.tactics[index])
        yield message.sender, side.vector()


def _fitted(vectors: Array, truth: Flags, weights: Array, strength: float) -> Pipeline:
    pipeline = _pipeline(strength)
    return pipeline.fit(vectors, truth, logisticregression__sample_weight=weights)


def _pipeline(strength: float) -> Pipeline:
    return make_pipeline(StandardScaler(), LogisticRegression(C=strength * 100, max_iter=2000))


def _cross_validate(states: _States, strength: float) -> Array:
    probabilities = cross_val_predict(
        _pipeline(strength),
        states.vectors,
        states.offends,
        groups=states.chat_of,
        cv=GroupKFold(_FOLDS),
        method="predict_proba",
        params={"logisticregression__sample_weight": states.weights},
    )
    return np.asarray(probabilities[:, 1])


def _unscaled(pipeline: Pipeline) -> tuple[Array, float]:
    """The weights for features as they are: (x - mean) / scale · w = x · (w / scale) - mean / scale · w."""
    scaler, head = pipeline[0], pipeline[-1]
    weights = head.coef_[0] / scaler.scale_
    return weights, float(head.intercept_[0] - weights @ scaler.mean_)


def _threshold(benign: Array) -> float:
    """The risk that the budget of benign conversations reaches, by a normal tail of their log-odds.

    Of a hundred conversations the budget is less than one: the largest risk alone would set it, and by chance.
    """
    log_odds = logit(np.clip(benign, _LEAST, 1.0 - _LEAST))
    return float(expit(norm.isf(BENIGN_BUDGET, log_odds.mean(), log_odds.std())))


_LEAST: Final = 1e-9
