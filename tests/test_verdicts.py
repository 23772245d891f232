"""Decisions on scores made by hand: what is flagged, what is supported, and which tactics are told, to the bound."""

import numpy as np
import pytest

from sextortion_detect.decision_thresholds import Thresholds
from sextortion_detect.errors import InputError, shown
from sextortion_detect.model.linear import LABELS, TACTICS, Judgment
from sextortion_detect.running_risk import ChatState
from sextortion_detect.taxonomy import Action, Label, Tactic
from sextortion_detect.verdicts import decide

LIMITS = Thresholds(0.5, 0.7, dict.fromkeys(TACTICS, 0.25), 0.5)
SCORES = [  # benign, grooming, blackmail, victim's report; known; label, flagged, action
    ({Label.BENIGN: 0.75, Label.GROOMING: 0.25}, True, (Label.BENIGN, False, Action.NONE)),
    ({Label.GROOMING: 0.25, Label.BLACKMAIL: 0.25, Label.BENIGN: 0.5}, True, (Label.GROOMING, True, Action.FLAG)),
    ({Label.GROOMING: 0.125, Label.BLACKMAIL: 0.375, Label.BENIGN: 0.5}, True, (Label.BLACKMAIL, True, Action.FLAG)),
    ({Label.GROOMING: 0.375, Label.BLACKMAIL: 0.125, Label.BENIGN: 0.5}, True, (Label.GROOMING, True, Action.FLAG)),
    ({Label.BLACKMAIL: 0.4375, Label.BENIGN: 0.25, Label.VICTIM_REPORT: 0.3125}, True, (Label.BLACKMAIL, False, Action.NONE)),
    ({Label.VICTIM_REPORT: 0.75, Label.BENIGN: 0.25}, True, (Label.VICTIM_REPORT, False, Action.SUPPORT)),
    ({Label.VICTIM_REPORT: 0.625, Label.BENIGN: 0.375}, True, (Label.VICTIM_REPORT, False, Action.NONE)),
    ({Label.VICTIM_REPORT: 0.5, Label.BLACKMAIL: 0.5}, True, (Label.BLACKMAIL, True, Action.FLAG)),
    ({Label.BLACKMAIL: 1.0}, False, (Label.BENIGN, False, Action.NONE)),
]  # fmt: skip


def judgment(given, known=True, tactics=None):
    labels = np.array([[given.get(label, 0.0) for label in LABELS]])
    probabilities = np.array([[(tactics or {}).get(tactic, 0.0625) for tactic in TACTICS]])
    told = np.log(probabilities / (1.0 - probabilities))
    return Judgment(labels, told, known=np.array([known]), distress=np.zeros(1), context=np.zeros((1, 0)))


@pytest.mark.parametrize(("given", "known", "decision"), SCORES, ids=range(len(SCORES)))
def test_decisions(model, given, known, decision):
    (verdict,) = decide(model, ["نص"], judgment(given, known), LIMITS)
    assert (verdict.label, verdict.flagged, verdict.action) == decision
    expected = {label: given.get(label, 0.0) for label in LABELS} if known else {Label.BENIGN: 1.0}
    assert {label: score for label, score in verdict.scores.items() if score or known} == expected


def test_a_report_is_supported_from_its_threshold_on(model):
    limits = Thresholds(0.5, 0.75, LIMITS.tactics, 0.5)
    (verdict,) = decide(model, ["نص"], judgment({Label.VICTIM_REPORT: 0.75, Label.BENIGN: 0.25}), limits)
    assert verdict.action is Action.SUPPORT


def test_nothing_else_is_supported(model):
    limits = Thresholds(0.9, 0.0, LIMITS.tactics, 0.5)
    (verdict,) = decide(model, ["نص"], judgment({Label.BENIGN: 1.0}), limits)
    assert verdict.action is Action.NONE


def test_tactics_are_told_from_their_threshold_on_and_the_surest_first(model):
    tactics = {
        Tactic.SECRECY: 0.25,
        Tactic.PAYMENT_DEMAND: 0.75,
        Tactic.EXPOSURE_THREAT: 0.5,
        Tactic.MOVE_TO_VIDEO: 0.2,
    }
    (verdict,) = decide(model, ["نص"], judgment({Label.BLACKMAIL: 1.0}, tactics=tactics), LIMITS)
    assert [*verdict.tactics] == [Tactic.PAYMENT_DEMAND, Tactic.EXPOSURE_THREAT, Tactic.SECRECY]
    assert [*verdict.tactics.values()] == pytest.approx([0.75, 0.5, 0.25])


@pytest.mark.parametrize("odds", [0.5, 2.0, 5.0])
def test_odds_move_what_is_told_and_not_what_is_decided(model, odds):
    assert LIMITS.odds == 1.0
    given = {Label.BLACKMAIL: 0.25, Label.GROOMING: 0.25, Label.BENIGN: 0.5}
    for limits in (LIMITS, Thresholds(0.5, 0.7, LIMITS.tactics, 0.5, odds=odds)):
        (verdict,) = decide(model, ["نص"], judgment(given), limits)
        assert (verdict.label, verdict.flagged) == (Label.GROOMING, True)
        share = 0.5 * limits.odds / (0.5 * limits.odds + 0.5)
        assert verdict.probability == pytest.approx(share)
        told = {Label.BENIGN: 1 - share, Label.GROOMING: share / 2, Label.BLACKMAIL: share / 2, Label.VICTIM_REPORT: 0}
        assert verdict.scores == pytest.approx(told)


def test_sentences_name_what_there_is(model):
    with pytest.raises(
        InputError, match=r"the names are coerced_act, deadline_pressure, .*, victim_report, conversation\.$"
    ):
        Thresholds.of(model, {"no": 0.5})
    with pytest.raises(InputError, match=r"the budgets are 1e-2, 1e-3, 1e-4\.$"):
        Thresholds.of(model, "1e-9")


@pytest.mark.parametrize("prevalence", [0.2, 0.9])
def test_a_base_rate_is_a_factor_on_the_odds(model, prevalence):
    own = model.manifest["calibration"]["prevalence"]
    odds = Thresholds.of(model, None, prevalence).odds
    assert odds == pytest.approx(prevalence / (1 - prevalence) / (own / (1 - own)))


@pytest.mark.parametrize("prevalence", [0.0, 1.0, 1.5, -0.1, True, "0.1", float("nan"), None])
def test_base_rates_that_cannot_be(model, prevalence):
    if prevalence is None:
        assert Thresholds.of(model, None, None).odds == 1.0
        return
    with pytest.raises(InputError) as caught:
        Thresholds.of(model, None, prevalence)
    assert str(caught.value) == f"The prevalence must lie between 0 and 1, ends left out, not {shown(prevalence)}."


def test_the_thresholds_of_a_model_are_made_once(model):
    assert Thresholds.of(model) is Thresholds.of(model)
    assert Thresholds.of(model, {"offense": 0.25}).offense == 0.25
    assert Thresholds.of(model).offense == model.thresholds["offense"]


def test_the_state_of_a_chat_shows_nobodys_name():
    state = ChatState(Label.BLACKMAIL, True, 0.9, 0, None, "سارة", None, 0.9, 0.1)
    assert "سارة" not in repr(state)
