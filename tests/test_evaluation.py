"""What a model is measured by: each figure on cases that can be worked out by hand."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import softmax

from sextortion_detect.model.linear import LABELS, OFFENSE, LinearHead
from sextortion_detect.taxonomy import Kind, Label, Script, Tactic, Variety
from sextortion_detect.training.corpus import Row
from sextortion_detect.training.intervals import bootstrap, calibration_error, reliability
from sextortion_detect.training.label_head import fit_scaling
from sextortion_detect.training.measure import (
    Scored,
    f_latency,
    label_probabilities,
    length_of,
    measure,
    parted,
    quality,
)
from sextortion_detect.training.thresholds import BUDGETS, strata_thresholds, thresholds_by_budget
from sextortion_detect.training.traffic import TrafficText


def row(label, text="كلمة", tactics=(), author="x", variety=Variety.EGY, kind=None):
    kind = kind or (Kind.JOKE if label is Label.BENIGN else None)
    return Row("1", text, label, tuple(tactics), variety, Script.ARABIC, kind, author, "test", "", "a.csv:2")


def scored(*cases):
    """Rows with the label that each is given for sure, at a probability."""
    labels = np.zeros((len(cases), len(LABELS)))
    for place, (_, told, probability) in enumerate(cases):
        labels[place] = (1.0 - probability) / (len(LABELS) - 1)
        labels[place, LABELS.index(told)] = probability
    return Scored([one for one, _, _ in cases], labels)


FOUR = scored(
    (row(Label.BLACKMAIL, tactics=[Tactic.SECRECY]), Label.BLACKMAIL, 1.0),
    (row(Label.GROOMING, "صباح الخير يا جاري", [Tactic.SECRECY, Tactic.MOVE_TO_VIDEO]), Label.BENIGN, 1.0),
    (row(Label.BENIGN), Label.BENIGN, 1.0),
    (row(Label.VICTIM_REPORT, variety=Variety.MSA), Label.BLACKMAIL, 1.0),
)


def test_quality():
    part = quality(FOUR, 0.5, {"1e-3": 1.5})
    assert (part["rows"], part["authors"]) == (4, 1)
    assert part["caught"].value == 0.5
    assert part["caught_at"]["1e-3"].value == 0.0
    assert part["victims_flagged"].value == 1.0
    assert part["benign_flagged"].value == 0.0
    assert part["macro_f1"] == pytest.approx((2 / 3 + 2 / 3) / 4)
    assert part["average_precision"] == pytest.approx(0.5 * 0.5 + 0.5 * 0.5)
    assert part["confusion"] == [[1, 0, 0, 0], [1, 0, 0, 0], [0, 0, 1, 0], [0, 0, 1, 0]]
    assert part["calibration_error"] == pytest.approx(0.5)  # half of those given 0 offend, and half of those given 1
    assert not part["intervals"]  # one author


def test_without_offenses_there_are_no_figures_of_them():
    part = quality(FOUR.take(~FOUR.offending), 0.5, {})
    assert math.isnan(part["average_precision"])
    assert math.isnan(part["caught"].value)


def test_figures_of_many_authors_have_intervals():
    many = scored(*(
        (row(label, author=str(author)), label if author % 3 else Label.BENIGN, 0.9)
        for author in range(9) for label in Label
    ))  # fmt: skip
    part = quality(many, 0.5, {"1e-3": 0.5})
    assert set(part["intervals"]) == {"average precision", "macro-F1", "recall", "recall 1e-3"}
    recall = part["intervals"]["recall"]
    assert recall.value == part["caught"].value == pytest.approx(2 / 3)
    assert 0.2 < recall.low < recall.value < recall.high <= 1.0
    assert part["intervals"]["recall 1e-3"] == recall


class Peer:
    """Any detector: here one that calls each text with the word for money blackmail, and ordinary else."""

    classes_ = ("ordinary", "blackmail", "benign")

    def predict_proba(self, texts):
        return np.array([[0.1, 0.8, 0.1] if "فلوس" in text else [0.7, 0.1, 0.2] for text in texts])


def test_any_detector_is_measured_alike():
    assert label_probabilities(Peer(), []).shape == (0, 4)
    told = label_probabilities(Peer(), ["فلوس", "هلا"] * 3_000)
    assert told.shape == (6_000, 4)
    assert told[-2:].round(3).tolist() == [[0.2, 0.0, 0.8, 0.0], [0.9, 0.0, 0.1, 0.0]]
    rows = [row(Label.BLACKMAIL, "فلوس"), row(Label.GROOMING, "سر"), row(Label.BENIGN, "هلا")]
    scored = Scored(rows, label_probabilities(Peer(), [one.text for one in rows]))
    whole = measure(Peer(), scored)["whole"]
    assert (whole["rows"], whole["caught"].value, whole["benign_flagged"].value) == (3, 0.5, 0.0)
    traffic = [TrafficText("فلوس" if place % 50 == 0 else "هلا", "ab"[place % 2], "chat") for place in range(2_000)]
    found = measure(Peer(), scored, traffic)
    assert set(found["budgets"]) == {*BUDGETS}
    assert found["budgets"]["1e-2"]["by_source"] == {"b": (0.0, 0.0, found["budgets"]["1e-2"]["false_alarms"].high)}
    assert found["whole"]["caught"].value == 0.0  # one in fifty of one source says money, which no budget allows


LENGTHS = [(1, "1-3 words"), (3, "1-3 words"), (4, "4-9 words"), (9, "4-9 words"), (10, "10-29 words"),
           (29, "10-29 words"), (30, "30+ words"), (300, "30+ words")]  # fmt: skip


@pytest.mark.parametrize(("words", "name"), LENGTHS)
def test_lengths(words, name):
    assert length_of("كلمة " * words) == name


def test_lengths_come_in_their_order():
    rows = scored(*((row(Label.BENIGN, "كلمة " * words), Label.BENIGN, 1.0) for words, _ in reversed(LENGTHS)))
    assert list(parted(rows, "length")) == ["1-3 words", "4-9 words", "10-29 words", "30+ words"]


# --- calibration, intervals, thresholds


def test_perfect_probabilities_have_no_error():
    rng = np.random.default_rng(1)
    probabilities = rng.random(50_000)
    assert calibration_error(reliability(probabilities, rng.random(50_000) < probabilities)) < 0.01


@pytest.mark.parametrize(
    ("given", "offends", "error"),
    [([1.0, 1.0], [True, True], 0.0), ([1.0, 1.0], [False, False], 1.0), ([0.25] * 4, [True, False, False, False], 0.0),
     ([0.0, 0.9], [True, True], 0.55)],
)  # fmt: skip
def test_calibration_errors(given, offends, error):
    assert calibration_error(reliability(np.array(given), np.array(offends))) == pytest.approx(error)


def drawn(rows=20_000):
    """Scores of labels and ordinary traffic, and labels drawn from the very probabilities that they make."""
    rng = np.random.default_rng(7)
    scores = rng.normal(0.0, 2.0, (rows, len(LABELS) + 1))
    odds = np.exp(scores)
    columns = (odds.cumsum(axis=1) > rng.random((rows, 1)) * odds.sum(axis=1, keepdims=True)).argmax(axis=1)
    return scores, [LABELS[column] if column < len(LABELS) else Label.BENIGN for column in columns]


DISTORTED = [(1.0, 0.0, 0.0), (0.5, 0.0, 0.0), (2.5, 0.9, 0.0), (1.0, -1.2, 1.5), (1.7, 2.0, -2.0)]


@pytest.mark.parametrize(("temperature", "offense", "victim"), DISTORTED)
def test_scaling_finds_back_what_was_distorted(temperature, offense, victim):
    scores, labels = drawn()
    shift = np.array([0.0, offense, offense, victim, 0.0])
    assert [LABELS[place] for place in (1, 2, 3)] == [Label.GROOMING, Label.BLACKMAIL, Label.VICTIM_REPORT]
    head = LinearHead(np.eye(len(shift)), np.zeros(len(shift)))
    distorted = (scores - shift) * temperature
    scaling = fit_scaling(distorted, labels)
    assert scaling.temperature == pytest.approx(temperature, rel=0.05)
    assert list(scaling.shifts.values()) == pytest.approx([offense, victim], abs=0.1)
    restored = scaling.applied(head).of(distorted)
    assert np.abs(restored - scores).mean() < 0.1
    assert scaling.prevalence == pytest.approx(np.isin(labels, ["blackmail", "grooming"]).mean(), abs=1e-4)


@settings(max_examples=25, deadline=None)
@given(scores=arrays(np.float64, (12, 5), elements=st.floats(-50, 50)), seed=st.integers(0, 99))
def test_scaling_keeps_its_bounds_and_is_no_worse_than_none(scores, seed):
    labels = [LABELS[place] for place in np.random.default_rng(seed).integers(0, 4, 12)]
    scaling = fit_scaling(scores, labels)
    assert fit_scaling(scores, labels) == scaling
    assert 0.04 < scaling.temperature < 20.1
    assert all(abs(shift) <= 6.0 for shift in scaling.shifts.values())
    applied = scaling.applied(LinearHead(np.eye(5), np.zeros(5))).of(scores)
    assert surprise(applied, labels) <= surprise(scores, labels) + 0.01


def surprise(scores, labels):
    columns = softmax(scores, axis=1)
    columns[:, LABELS.index(Label.BENIGN)] += columns[:, -1]
    likely = columns[np.arange(len(labels)), [LABELS.index(label) for label in labels]]
    return -np.log(np.maximum(likely, 1e-300)).mean()


def test_bootstrap_draws_authors_not_rows():
    authors = ["a"] * 50 + ["b"] * 50
    values = np.array([0.0] * 50 + [1.0] * 50)

    def figures(chosen):
        return {"mean": float(values[chosen].mean()), "undefined": float("nan") if len(chosen) % 2 else 1.0}

    found = bootstrap(authors, figures, draws=200)
    assert found["mean"] == (0.5, 0.0, 1.0)  # over rows it would be about 0.4 to 0.6
    assert found == bootstrap(authors, figures, draws=200)


def test_thresholds_by_budget():
    rng = np.random.default_rng(1)
    labels = rng.dirichlet(np.ones(4), size=20_000)
    found = thresholds_by_budget(labels, [""] * len(labels))
    assert set(found) == set(BUDGETS) == {"1e-2", "1e-3", "1e-4"}
    for name, thresholds in found.items():
        assert set(thresholds) == {"offense", "victim_report"}
        offense = labels[:, [LABELS.index(Label.GROOMING), LABELS.index(Label.BLACKMAIL)]].sum(axis=1)
        assert (offense >= thresholds["offense"]).sum() == 20_000 * BUDGETS[name]
    assert found["1e-2"]["offense"] < found["1e-3"]["offense"] < found["1e-4"]["offense"] <= 1.0
    assert found["1e-3"] == strata_thresholds(labels, [""] * len(labels), 1e-3)
    assert thresholds_by_budget(labels[:0], []) == {}


def offending(probabilities):
    """Label probabilities of texts that are blackmail with these, and benign or a victim's report as likely."""
    labels = np.zeros((len(probabilities), len(LABELS)))
    labels[:, LABELS.index(Label.BLACKMAIL)] = probabilities
    for label in (Label.BENIGN, Label.VICTIM_REPORT):
        labels[:, LABELS.index(label)] = (1.0 - probabilities) / 2
    return labels


@pytest.mark.parametrize(("worst", "times"), [("conversation", 1), ("private lines", 2)])
@pytest.mark.parametrize("budget", [0.05, 0.1])
def test_a_budget_is_kept_in_the_worst_stratum_and_twice_on_private_lines(budget, worst, times):
    """Of one kind of text few are taken for an offense, of the other many, and of that there is less."""
    chance = np.random.default_rng(2)
    probabilities = np.concatenate((chance.uniform(0.0, 0.2, 900), chance.uniform(0.0, 1.0, 100)))
    strata = ["public talk"] * 900 + [worst] * 100
    labels = offending(probabilities)
    found = strata_thresholds(labels, strata, budget)
    assert (probabilities[900:] >= found[OFFENSE]).mean() == times * budget
    assert (probabilities[:900] >= found[OFFENSE]).mean() < budget
    mixed = strata_thresholds(labels, [""] * 1_000, budget)
    assert found[OFFENSE] > mixed[OFFENSE]
    reports = labels[:, LABELS.index(Label.VICTIM_REPORT)]
    for name, most in (("public talk", budget), (worst, times * budget)):
        assert (reports[np.array(strata) == name] >= found["victim_report"]).mean() <= 10 * most


def test_a_budget_that_allows_none_in_the_smallest_stratum_is_kept_on_all_together():
    probabilities = np.random.default_rng(2).uniform(0.0, 1.0, 1_000)
    labels, strata = offending(probabilities), ["public talk"] * 991 + ["conversation"] * 9
    assert strata_thresholds(labels, strata, 0.1) == strata_thresholds(labels, [""] * 1_000, 0.1)
    assert strata_thresholds(labels, strata, 0.2) != strata_thresholds(labels, [""] * 1_000, 0.2)


# --- conversations


@pytest.mark.parametrize(
    ("found", "false_alarms", "offending", "usual", "expected"),
    [
        ([], 0, 5, 20.0, 0.0),
        ([1] * 5, 0, 5, 20.0, 1.0),
        ([1] * 5, 5, 5, 20.0, 2 / 3),  # F1 alone
        ([20] * 5, 0, 5, 20.0, 0.5),  # half of the speed at the usual length
        ([1, 20, 20], 0, 3, 20.0, 0.5),  # the median decides
        ([1, 1], 0, 4, 20.0, 2 / 3),
    ],
)
def test_f_latency(found, false_alarms, offending, usual, expected):
    assert f_latency(found, false_alarms, offending, usual) == pytest.approx(expected)
