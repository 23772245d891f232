"""A logistic regression over bags of states, of which the highest state decides.

A conversation is flagged by the highest of its states, so fitting on every state alike spends the model on states that
decide nothing. Here states are put into bags (multiple-instance learning; Maron and Lozano-Pérez 1998), and the
log-odds of a bag are a soft maximum over its states, as in the noisy-or and softmax models of Ray and Craven 2005.
States count by themselves as well, at their weights, which keeps the scores of single ones in order.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

from sextortion_detect.model.linear import Array, Flags

_SHARPNESS: Final = 2.0
"""By what log-odds are multiplied within the soft maximum: at 1 many middling states add up to a high one."""
_ROUNDS: Final = 150  # of L-BFGS; more change nothing that is flagged


class Bags(NamedTuple):
    """Bags of states that are all true or all false: `bag_of` gives the bag of each of `states`, in order, from 0.

    Each bag counts `weight` times.
    """

    states: NDArray[np.int64]
    bag_of: NDArray[np.int64]
    offends: bool
    weight: float

    @classmethod
    def of(cls, groups: NDArray[np.int64], chosen: Flags, offends: bool, weight: float) -> "Bags":
        """The chosen states, in bags by group.

        >>> bags = Bags.of(np.array([7, 5, 7, 5]), np.array([True, True, True, False]), True, 1.0)
        >>> bags.states.tolist(), bags.bag_of.tolist()
        ([1, 0, 2], [0, 1, 1])
        """
        states = np.flatnonzero(chosen)
        states = states[np.argsort(groups[states], kind="stable")]
        return cls(states, np.unique(groups[states], return_inverse=True)[1], offends, weight)


class Fitted(NamedTuple):
    """A logistic model for features as they are."""

    weights: Array
    bias: float


def fit_bags(vectors: Array, truth: Flags, weights: Array, bags: Sequence[Bags], strength: float) -> Fitted:
    """Fit on states (states x features), each by itself at its weight, and on bags of them.

    `strength` is the inverse strength of regularization, as in scikit-learn's `LogisticRegression`; the bias is free.
    """
    mean, deviation = vectors.mean(axis=0), vectors.std(axis=0)
    deviation[deviation <= 1e-12 * np.maximum(np.abs(mean), 1.0)] = 1.0  # sums of one number are not quite the same
    scaled = np.column_stack(((vectors - mean) / deviation, np.ones(len(vectors))))
    penalty = np.append(np.full(vectors.shape[1], 1.0 / strength), 0.0)
    signs = np.where(truth, 1.0, -1.0)
    in_bags = [scaled[one.states] for one in bags]

    def loss(head: Array) -> tuple[float, Array]:
        margins = signs * (scaled @ head)
        total = 0.5 * float(penalty @ head**2) + float(weights @ np.logaddexp(0.0, -margins))
        slope = penalty * head - scaled.T @ (weights * signs * expit(-margins))
        for one, rows in zip(bags, in_bags, strict=True):
            highest, shares = _soft_maximum(rows @ head, one.bag_of)
            sign = 1.0 if one.offends else -1.0
            total += one.weight * float(np.logaddexp(0.0, -sign * highest).sum())
            slope -= rows.T @ (one.weight * sign * expit(-sign * highest)[one.bag_of] * shares)
        return total, slope

    head = minimize(loss, np.zeros(scaled.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": _ROUNDS}).x
    unscaled = head[:-1] / deviation  # (x - mean) / deviation · w = x · (w / deviation) - mean / deviation · w
    return Fitted(unscaled, float(head[-1] - unscaled @ mean))


def _soft_maximum(scores: Array, bag_of: NDArray[np.int64]) -> tuple[Array, Array]:
    """The soft maximum of each bag, and the share that each state has in it."""
    begins = np.flatnonzero(np.diff(bag_of, prepend=-1))
    highest = np.maximum.reduceat(_SHARPNESS * scores, begins)
    raised = np.exp(_SHARPNESS * scores - highest[bag_of])
    sums = np.add.reduceat(raised, begins)
    return (highest + np.log(sums)) / _SHARPNESS, raised / sums[bag_of]
