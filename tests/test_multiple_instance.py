"""Fitting on bags of states: the highest of a bag counts, and without bags it is a plain logistic regression."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from sextortion_detect.training.multiple_instance import Bags, _soft_maximum, fit_bags


@pytest.fixture(scope="module")
def states():
    rng = np.random.default_rng(5)
    vectors = rng.normal(size=(400, 3)) * [1.0, 5.0, 0.2] + [0.0, 3.0, 1.0]
    truth = vectors[:, 0] + 0.3 * vectors[:, 1] + rng.normal(size=400) > 1.0
    return vectors, truth, rng.uniform(0.1, 2.0, size=400)


@pytest.mark.parametrize("strength", [0.1, 10.0])
def test_without_bags_it_is_logistic_regression(states, strength):
    vectors, truth, weights = states
    fitted = fit_bags(vectors, truth, weights, (), strength)
    scaled = StandardScaler().fit_transform(vectors)
    peer = LogisticRegression(C=strength, tol=1e-8, max_iter=1000).fit(scaled, truth, sample_weight=weights)
    np.testing.assert_allclose(vectors @ fitted.weights + fitted.bias, peer.decision_function(scaled), atol=0.01)


@pytest.mark.parametrize("value", [7.0, 0.1])
def test_a_feature_that_never_changes_weighs_nothing(states, value):
    vectors, truth, weights = states
    fitted = fit_bags(np.column_stack((vectors, np.full(400, value))), truth, weights, (), 1.0)
    assert fitted.weights[3] == pytest.approx(0.0, abs=1e-9)


def test_the_highest_of_a_bag_is_what_counts():
    """Offenders show one state of the second feature among many that look harmless: bags make more of it."""
    rng = np.random.default_rng(7)
    groups = np.repeat(np.arange(80), 10)
    offends = groups < 40
    vectors = rng.normal(size=(800, 2))
    shows = offends & (np.arange(800) % 10 == 4)
    vectors[shows, 1] += 6.0
    weights = np.full(800, 0.1)
    bags = [Bags.of(groups, offends, True, 1.0), Bags.of(groups, ~offends, False, 1.0)]

    def found(head):
        highest = (vectors @ head.weights + head.bias).reshape(80, 10).max(axis=1)
        return (highest[:40] > highest[40:].max()).mean()

    by_states, by_bags = (fit_bags(vectors, offends, weights, given, 1.0) for given in ((), bags))
    assert found(by_bags) == 1.0
    assert by_bags.weights[1] > 2 * by_states.weights[1]


def test_bags_of_one_state_each_are_weights(states):
    """The soft maximum of one score is that score, so bags alone must give what weights alone do."""
    vectors, truth, _ = states
    bags = [Bags.of(np.arange(400), chosen, offends, 0.7) for chosen, offends in ((truth, True), (~truth, False))]
    by_bags = fit_bags(vectors, truth, np.zeros(400), bags, 1.0)
    by_weights = fit_bags(vectors, truth, np.full(400, 0.7), (), 1.0)
    by_bags, by_weights = (vectors @ one.weights + one.bias for one in (by_bags, by_weights))
    np.testing.assert_allclose(by_bags, by_weights, atol=0.01)


def test_no_bag_of_a_kind_is_no_trouble(states):
    vectors, truth, weights = states
    none = Bags.of(np.zeros(400, dtype=np.int64), np.zeros(400, dtype=bool), True, 1.0)
    with_none, without = (fit_bags(vectors, truth, weights, bags, 1.0) for bags in ([none], []))
    np.testing.assert_allclose(with_none.weights, without.weights)


@given(st.lists(st.lists(st.floats(-50, 50), min_size=1, max_size=6), min_size=1, max_size=6))
def test_a_soft_maximum_lies_above_the_maximum_by_little(bags):
    bag_of = np.repeat(np.arange(len(bags)), [len(bag) for bag in bags])
    highest, shares = _soft_maximum(np.concatenate(bags), bag_of)
    for place, bag in enumerate(bags):
        assert max(bag) - 1e-9 <= highest[place] <= max(bag) + np.log(len(bag)) / 2 + 1e-9
        assert shares[bag_of == place].sum() == pytest.approx(1.0)
