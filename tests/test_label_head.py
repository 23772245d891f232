"""The label head: lines of conversations count little, and weights have as many digits as the file keeps."""

from dataclasses import replace

import numpy as np
import pytest

from sextortion_detect.model.linear import LABELS, LinearHead
from sextortion_detect.model.vectorizer import Vectorizer
from sextortion_detect.taxonomy import Label
from sextortion_detect.training.label_head import Origin, _with_opinion, fit_label_head, rounded
from sextortion_detect.training.recipe import Recipe
from sextortion_detect.training.vocabulary import choose_vectorizer, matrix

BLACKMAIL, GROOMING, BENIGN = (LABELS.index(label) for label in (Label.BLACKMAIL, Label.GROOMING, Label.BENIGN))
ALONE = [
    ("حول المبلغ والا انشر صورك", BLACKMAIL),
    ("صورك عندي وبوصلها لاهلك", BLACKMAIL),
    ("خلي كلامنا سر وافتحي الكاميرا", GROOMING),
    ("تعال نتغدى اليوم عند خالتي", BENIGN),
    ("وصلت الطلبية للمحل الصبح", BENIGN),
]
LINE = "حول المبلغ والا انشر صورك"  # harmless where friends jest, as a conversation may show
ORDINARY = ["صباح الخير يا جماعة", "الجو حار اليوم", "مبروك النجاح", "متى المباراة"]
EXACT = Recipe(chat_weight=0.0)


@pytest.fixture(scope="module")
def vectorizer() -> Vectorizer:
    return choose_vectorizer([text for text, _ in ALONE] + ORDINARY, [], Recipe(written_frequency=1))


def head_of(vectorizer, lines, settings, origin=Origin.LINE):
    rows = matrix(vectorizer, [text for text, _ in ALONE] + [LINE] * lines)
    labels = np.array([label for _, label in ALONE] + [BENIGN] * lines)
    ordinary = matrix(vectorizer, ORDINARY)
    origins = np.repeat(np.array([Origin.ROW, origin], dtype=np.int8), [len(ALONE), lines])
    return fit_label_head(rows, labels, ordinary, settings, origins)


@pytest.mark.parametrize(("weight", "label"), [(0.15, BLACKMAIL), (3.0, BENIGN)])
@pytest.mark.parametrize(("origin", "name"), [(Origin.LINE, "chat_weight"), (Origin.COPY, "copy_weight")])
def test_lines_of_conversations_and_copies_have_weights_of_their_own(vectorizer, origin, name, weight, label):
    settings = Recipe(margin_weight=0.0, **{name: weight})
    scores = head_of(vectorizer, 3, settings, origin)(vectorizer.transform([LINE]))
    assert scores[0].argmax() == label


def test_copies_count_among_the_margins(vectorizer):
    settings = Recipe(copy_weight=0.0, margin_weight=30.0)
    without, many = (head_of(vectorizer, copies, settings, Origin.COPY) for copies in (0, 5))
    assert not np.allclose(without.weights, many.weights, atol=0.1)


def test_lines_without_weight_change_nothing_and_margins_leave_them_out(vectorizer):
    with_lines, without = (head_of(vectorizer, lines, EXACT) for lines in (5, 0))
    np.testing.assert_allclose(with_lines.weights, without.weights, atol=0.02)
    np.testing.assert_allclose(with_lines.bias, without.bias, atol=0.02)
    heavy = replace(EXACT, margin_weight=30.0)
    with_lines, without = (head_of(vectorizer, lines, heavy) for lines in (5, 0))
    np.testing.assert_allclose(with_lines.weights, without.weights, rtol=0.02, atol=0.02)


@pytest.mark.parametrize(("digits", "mask"), [(9, 3), (8, 7), (7, 15)])
def test_weights_are_rounded_to_some_binary_digits(digits, mask):
    weights = np.random.default_rng(1).normal(size=(200, 5)) * [1e-3, 0.1, 1.0, 10.0, 1e3]
    kept = rounded(LinearHead(weights, np.zeros(5)), digits).weights
    np.testing.assert_allclose(kept, weights, rtol=2.0**-digits * 1.3, atol=1.5e-7 * 2 ** (9 - digits))
    assert not (kept.astype(np.float16).view(np.uint16) & mask).any()
    np.testing.assert_array_equal(rounded(LinearHead(kept, np.zeros(5)), digits).weights, kept)


def test_where_all_texts_are_as_long_the_second_opinion_hears_what_they_say():
    """Whoever fits on long messages alone; a column that is the same everywhere drowned the others."""
    given = np.column_stack((np.random.default_rng(1).normal(size=(2_000, 32)), np.full(2_000, np.log(301.0))))
    offending = given[:, 0] > 0.0
    told = _with_opinion(LinearHead(np.zeros((33, 5)), np.zeros(5)), given, offending.tolist(), 1.0)
    assert ((told.of(given)[:, BLACKMAIL] > 0.0) == offending).mean() > 0.9
    assert np.abs(told.weights).max() < 10.0
