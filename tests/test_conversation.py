"""The side of a participant and the head over it, on scores made by hand; no model is needed."""

from dataclasses import replace

import numpy as np
import pytest

from sextortion_detect.chats import Running, Windows
from sextortion_detect.errors import ModelMismatch
from sextortion_detect.model.conversation import ConversationHead, conversation_head
from sextortion_detect.model.linear import CONTEXT, LABELS, TACTICS
from sextortion_detect.model.participant import FEATURES, MESSAGE_COLUMNS, STEPS, WINDOWS, Participant
from sextortion_detect.records import Message, MessageKind, Verdict
from sextortion_detect.taxonomy import Action, Label, Tactic
from sextortion_detect.verdicts import Judged

NO_CONTEXT = np.zeros(0)
HEARD = MESSAGE_COLUMNS + len(WINDOWS) * (len(CONTEXT) - MESSAGE_COLUMNS)  # values that a side takes in


def scores(label, certainty=0.9):
    values = np.full(len(LABELS), (1 - certainty) / (len(LABELS) - 1))
    values[LABELS.index(label)] = certainty
    return values


def used(*tactics):
    return np.array([0.95 if tactic in tactics else 0.02 for tactic in TACTICS])


def judged(label, *tactics, certainty=0.9, action=Action.NONE):
    values = scores(label, certainty)
    verdict = Verdict(label, False, action, dict(zip(LABELS, values.tolist(), strict=True)))
    return Judged(verdict, values, used(*tactics), NO_CONTEXT)


def head(threshold=0.5, **weights):
    risk = np.array([weights.get(name.replace(" ", "_"), 0.0) for name in FEATURES])
    kind = np.array([{"amount of blackmail": 1.0, "amount of grooming": -1.0}.get(name, 0.0) for name in FEATURES])
    return ConversationHead(risk, -2.0, kind, 0.0, threshold)


def feature(side, name):
    return dict(zip(FEATURES, side.vector(), strict=True))[name]


def test_a_side_begins_at_rest():
    vector = Participant().vector()
    assert (vector.shape, vector.dtype) == ((len(FEATURES),), np.float64)
    least = {f"{which} message" for which in ("strongest", "second strongest", "third strongest")}
    least |= {"strongest message, for its length", "second strongest message, for its length"}
    least |= {name for name in FEATURES if name.startswith("strongest, ")}
    rest = {"brevity": 1.0, **dict.fromkeys(least, -6.0)}
    rest |= dict.fromkeys(("strongest blackmailer", "strongest groomer", "strongest offender"), -4.0)
    assert dict(zip(FEATURES, vector.tolist(), strict=True)) == {name: rest.get(name, 0.0) for name in FEATURES}


def test_a_side_of_two_messages_in_full():
    """One that surely blackmails, then one that may groom; of log-odds in context and of windows, each its own."""
    side = Participant()
    for tactic, told in (
        (Tactic.EXPOSURE_THREAT, [2.0, -9.0, 1.0, -1.0, 0.5, 3.0, 7.0, 0.0, 0.0, 1.0, -7.0, 2.0, -9.0]),
        (Tactic.PAYMENT_DEMAND, [-9.0, 0.0, 0.5, 1.5, 5.0, -2.0, 1.0, 0.0, 0.0, 0.0, 0.5, 1.0, 0.5]),
    ):
        side.add(scores(Label.BENIGN), used(tactic), np.array(told))
    no, first, then = (1 / (1 + np.exp(-odds)) for odds in (-9.0, 2.0, 0.0))
    highest = np.log([(first + no) / (1 - first - no), (then + no) / (1 - then - no)])
    gathered = dict(zip(CONTEXT[:5], (0.95 * 2 - 4, 0.95 * -4, 1.45, 0.55, 4.475), strict=True))
    windows = [
        "offense by then, 2", "offender by then, 2", "offense by then, 8", "offender by then, 8",
        "offense begins in 2, 8", "offense begins in 8, 8",
    ]  # fmt: skip
    expected = {
        "strongest message": highest[0], "second strongest message": highest[1], "third strongest message": -6.0,
        "amount of blackmail": np.log1p(first + no), "amount of grooming": np.log1p(then + no),
        "lately": 0.8 * (first + no) + then + no, "messages": np.log(3), "brevity": 0.5,
        "exposure_threat": 0.95 * (first + no), "payment_demand": 0.95 * (then + no), "secrecy": 0.02 * (first + no),
        "exposure_threat, then payment_demand": 0.95**2 * (first + no) * (then + no),
        "strongest message, for its length": highest[0] / 2, "second strongest message, for its length": highest[1] / 2,
        "breadth": 0.95 * (first + then + 2 * no) + 9 * 0.02 * (first + no),
        **{f"gathered {name}": value for name, value in gathered.items()},
        **{f"gathered {name}, for its length": value / 2 for name, value in gathered.items()},
        "strongest blackmailer": 1.0, "strongest groomer": 1.5, "strongest offender": 4.0,
        **dict(zip([f"strongest, {name} messages" for name in windows], [3.0, 6.0, 1.0, 0.5, 2.0, 0.5], strict=True)),
        **dict(zip([f"now, {name} messages" for name in windows], [-2.0, 1.0, 0.0, 0.5, 1.0, 0.5], strict=True)),
        **dict(zip([f"lately, {name} messages" for name in windows], [0.08, 1.16, 0.16, -0.86, 0.52, -0.86], strict=True)),
    }  # fmt: skip
    found = dict(zip(FEATURES, side.vector().tolist(), strict=True))
    assert {name: found[name] for name in expected} == pytest.approx(expected)


def test_a_step_counts_in_its_order_alone():
    first, then = STEPS[0]
    forward, backward = Participant(), Participant()
    for side, order in ((forward, (first, then)), (backward, (then, first))):
        for tactic in order:
            side.add(scores(Label.GROOMING), used(tactic), NO_CONTEXT)
    name = f"{first.value}, then {then.value}"
    assert feature(forward, name) > 0.6
    assert feature(backward, name) < 0.05


def test_tactics_of_a_harmless_message_hardly_count():
    side = Participant()
    side.add(scores(Label.BENIGN), used(Tactic.PAYMENT_DEMAND), NO_CONTEXT)
    assert feature(side, "payment_demand") < 0.1


def test_lately_fades_and_the_strongest_stays():
    side = Participant()
    side.add(scores(Label.BLACKMAIL), used(Tactic.EXPOSURE_THREAT), NO_CONTEXT)
    strongest, lately = feature(side, "strongest message"), feature(side, "lately")
    for _ in range(20):
        side.add(scores(Label.BENIGN, 0.999), used(), NO_CONTEXT)
    assert feature(side, "strongest message") == strongest
    assert feature(side, "lately") < 0.1 * lately


def test_a_reply_moves_only_its_own_side():
    running = Running(head(strongest_message=1.0), 0.5)
    threat = running.add(Message("تهديد", "رقم"), judged(Label.BLACKMAIL, Tactic.EXPOSURE_THREAT, certainty=0.99))
    reply = running.add(Message("رد", "سارة"), judged(Label.BENIGN, certainty=0.999))
    assert threat.flagged
    assert threat.offender == "رقم"
    assert (reply.risk, reply.offender, reply.first_flagged) == (threat.risk, "رقم", 0)
    assert reply.move == 0.0


def test_what_nobody_wrote_moves_nothing():
    running = Running(head(strongest_message=1.0), 0.5)
    state = running.add(Message("<Media omitted>", "رقم", kind=MessageKind.MEDIA), judged(Label.BLACKMAIL))
    assert (state.risk, state.move, state.flagged) == (0.0, 0.0, False)


def test_grooming_becomes_blackmail_and_never_the_other_way():
    running = Running(head(strongest_message=1.0), 0.5)
    labels = [
        running.add(Message("نص", "رقم"), judged(label, certainty=0.99)).label
        for label in (Label.GROOMING, Label.BLACKMAIL, Label.BLACKMAIL, *[Label.GROOMING] * 5)
    ]
    assert labels[0] is Label.GROOMING
    assert labels[2:] == [Label.BLACKMAIL] * 6


def test_a_victims_chat_is_one_of_support():
    running = Running(head(), 0.5)
    state = running.add(Message("نص", "سارة"), judged(Label.VICTIM_REPORT, action=Action.SUPPORT))
    assert (state.label, state.flagged) == (Label.VICTIM_REPORT, False)


def test_small_talk_of_an_offender_gathers_and_fades():
    side, told = Participant(), np.array([-3.0, -3.0, 1.0, -1.0, 9.0, *[0.0] * (HEARD - 5)])
    for _ in range(3):
        side.add(scores(Label.BENIGN), used(), told)
    assert feature(side, "gathered blackmailer") == pytest.approx(1 + 0.95 + 0.95**2)
    assert feature(side, "strongest offender") == 4.0  # no message counts for more
    for _ in range(1_000):
        side.add(scores(Label.BENIGN), used(), np.full(len(told), -9.0))
    assert feature(side, "gathered blackmailer") == pytest.approx(-4 / 0.05)
    assert feature(side, "strongest blackmailer") == 1.0


def test_a_window_is_remembered_at_its_strongest_and_fades_behind_many_messages():
    side = Participant()
    window = np.array([*[0.0] * 5, 5.0, *[0.0] * (HEARD - 6)])
    side.add(scores(Label.BENIGN), used(), window)
    for _ in range(20):
        side.add(scores(Label.BENIGN), used(), np.zeros(HEARD))
    name = "offense by then, 2 messages"
    assert feature(side, f"strongest, {name}") == 5.0
    assert feature(side, f"now, {name}") == 0.0
    assert 0.0 < feature(side, f"lately, {name}") < 0.02
    for _ in range(200):
        side.add(scores(Label.BENIGN), used(), np.zeros(HEARD))
    assert feature(side, f"strongest, {name}") == pytest.approx(0.0)


def test_windows_hold_each_sender_apart_and_leave_out_what_nobody_wrote():
    windows = Windows()
    chat = [
        Message("هلا", "سارة"),
        Message("رد", "رقم"),
        Message("<Media omitted>", "سارة", kind=MessageKind.MEDIA),
        *(Message(f"رسالة {number}", "سارة") for number in range(9)),
    ]
    read = [windows.add(message) for message in chat]
    assert [texts[0] for texts in read[:4]] == ["هلا", "رد", "هلا", "هلا\nرسالة 0"]
    assert read[-1] == ["رسالة 7\nرسالة 8", "\n".join(f"رسالة {number}" for number in range(1, 9))]


def test_a_flood_is_held_in_part():
    windows = Windows()
    sizes = [len(windows.add(Message("ا" * 1_000_000, "سارة"))[1]) for _ in range(20)]
    assert max(sizes) < 10_000


def test_the_riskiest_of_many_is_found_when_it_calms_down():
    running = Running(head(lately=1.0), 0.99)
    highest = {}
    rng = np.random.default_rng(1)
    sides = {}
    for _ in range(500):
        sender = f"رقم {rng.integers(20)}"
        one = judged(Label.BLACKMAIL, certainty=float(rng.uniform(0.01, 0.99)))
        state = running.add(Message("نص", sender), one)
        side = sides.setdefault(sender, Participant())
        side.add(one.labels, one.tactics, one.context)
        highest[sender] = head(lately=1.0).risk(side.vector())
        assert state.risk == max(highest.values())


def test_moves_add_up_to_the_risk():
    running = Running(head(strongest_message=0.5, messages=0.1, lately=0.3), 0.9)
    states = [
        running.add(Message("نص", "رقم"), judged(label, certainty=certainty))
        for label, certainty in ((Label.BENIGN, 0.9), (Label.GROOMING, 0.8), (Label.BLACKMAIL, 0.95))
    ]
    at_rest = head(strongest_message=0.5, messages=0.1, lately=0.3).log_odds(Participant().vector())
    total = at_rest + sum(state.move for state in states)
    assert states[-1].risk == pytest.approx(1 / (1 + np.exp(-total)))


def test_a_head_survives_its_manifest():
    given = head(strongest_message=0.25)
    back = ConversationHead.from_dict(given.to_dict())
    assert back.to_dict() == given.to_dict()


BEYOND = np.nextafter(1e6, np.inf)
DAMAGES = [
    {"features": ["other"]},
    {"features": [*FEATURES[1:], FEATURES[0]]},
    {"risk_weights": [0.0]},
    {"blackmail_weights": [float("nan")] * len(FEATURES)},
    {"risk_weights": [-1e300] * len(FEATURES)},
    {"risk_weights": [*[0.0] * (len(FEATURES) - 1), BEYOND]},
    {"risk_bias": float("nan")},
    {"risk_bias": -BEYOND},
    {"blackmail_bias": float("-inf")},
    {"threshold": 1.01},
    {"threshold": -0.01},
]


@pytest.mark.parametrize("damage", DAMAGES, ids=range(len(DAMAGES)))
def test_a_damaged_head_is_refused(damage):
    with pytest.raises(ValueError, match=r"^the conversation head is damaged$"):
        ConversationHead.from_dict(head().to_dict() | damage)


def test_a_head_at_its_bounds_is_taken():
    bounds = {"risk_weights": [-1e6] * len(FEATURES), "risk_bias": 1e6, "blackmail_bias": -1e6, "threshold": 1.0}
    assert ConversationHead.from_dict(head().to_dict() | bounds).to_dict() == head().to_dict() | bounds
    assert ConversationHead.from_dict(head().to_dict() | {"threshold": 0.0}).threshold == 0.0


def test_a_damaged_head_of_a_model_is_told_by_the_name_of_the_model(model):
    other = replace(model, manifest={"name": "other", "conversation": {}})
    with pytest.raises(ModelMismatch) as caught:
        conversation_head(other)
    assert str(caught.value) == "The conversation part of model 'other' is of another package; train it again."


def test_a_model_without_conversations_goes_by_its_strongest_message(model):
    found = conversation_head(replace(model, manifest={"name": "other"}))
    nothing = dict.fromkeys(FEATURES, 0.0)
    assert found.to_dict() == {
        "features": list(FEATURES),
        "risk_weights": [*(nothing | {"strongest message": 1.0}).values()],
        "risk_bias": 0.0,
        "blackmail_weights": [*(nothing | {"amount of blackmail": 1.0, "amount of grooming": -1.0}).values()],
        "blackmail_bias": 0.0,
        "threshold": model.thresholds["offense"],
    }


@pytest.mark.parametrize(("bias", "label"), [(0.5, Label.BLACKMAIL), (0.0, Label.GROOMING), (-0.5, Label.GROOMING)])
def test_the_kind_of_an_offense_goes_by_the_sum_with_its_bias(bias, label):
    weights = np.zeros(len(FEATURES))
    assert ConversationHead(weights, 0.0, weights, bias, 0.5).label(Participant().vector()) is label
    assert ConversationHead(weights, bias, weights, 0.0, 0.5).log_odds(Participant().vector()) == bias


CERTAIN = np.array([9.0, 9.0, *[0.0] * (HEARD - 2)])


def test_a_message_counts_for_one_offense_at_most():
    side = Participant()
    side.add(scores(Label.BENIGN), used(), CERTAIN)
    assert feature(side, "lately") == 1.0
    assert feature(side, "strongest message") == 6.0
    assert feature(side, "brevity") == 1.0
    assert feature(side, "strongest message, for its length") == 6.0
    assert feature(side, "gathered blackmail, for its length") == 4.0


def test_what_a_side_has_of_many_messages_fades_by_one_in_twenty_five():
    side = Participant()
    first, then = STEPS[0]
    for tactics in (used(first), used(then)):
        side.add(scores(Label.BENIGN), tactics, CERTAIN)
    for _ in range(23):
        side.add(scores(Label.BENIGN), used(), np.full(HEARD, -9.0))
    names = [first.value, f"{first.value}, then {then.value}"]
    before, amount = [feature(side, name) for name in names], np.expm1(feature(side, "amount of blackmail"))
    side.add(scores(Label.BENIGN), used(), np.full(HEARD, -9.0))
    assert [feature(side, name) for name in names] == pytest.approx([0.96 * value for value in before])
    assert np.expm1(feature(side, "amount of blackmail")) == pytest.approx(0.96 * amount, abs=2e-4)
    assert feature(side, "strongest, offense by then, 2 messages") == pytest.approx(0.96 * 6 - 6)  # from 0 towards -6
    assert feature(side, "messages") == pytest.approx(np.log1p(25))
    assert feature(side, "brevity") == pytest.approx(1 / 26)


def test_a_message_without_context_is_heard_by_its_label():
    plain, told = Participant(), Participant()
    values = np.array([0.1, 0.2, 0.6, 0.1])
    plain.add(values, used(), NO_CONTEXT)
    two = values[[LABELS.index(Label.BLACKMAIL), LABELS.index(Label.GROOMING)]]
    told.add(values, used(), np.array([*np.log(two / (1 - two)), *[0.0] * (HEARD - 2)]))
    assert plain.vector() == pytest.approx(told.vector())


def test_a_long_harmless_side_gathers_no_more_by_its_length():
    side, longer = Participant(), Participant()
    for side_, messages in ((side, 100), (longer, 1_000)):
        for _ in range(messages):
            side_.add(scores(Label.GROOMING, 0.2), used(Tactic.TRUST_BUILDING), NO_CONTEXT)
    for name in ("messages", "amount of grooming", "breadth"):
        assert feature(side, name) == pytest.approx(feature(longer, name), rel=0.05)


def test_a_conversation_is_flagged_from_its_threshold_on():
    risk = Running(head(strongest_message=1.0), 0.5).add(Message("نص", "رقم"), judged(Label.BLACKMAIL)).risk
    at, above = (
        Running(head(strongest_message=1.0), threshold).add(Message("نص", "رقم"), judged(Label.BLACKMAIL))
        for threshold in (risk, np.nextafter(risk, 1.0))
    )
    assert (at.flagged, at.first_flagged, at.offender, at.label) == (True, 0, "رقم", Label.BLACKMAIL)
    assert (above.flagged, above.first_flagged, above.offender, above.label) == (False, None, None, Label.BENIGN)


def test_support_takes_nothing_from_an_offense():
    running = Running(head(strongest_message=1.0), 0.5)
    assert running.add(Message("نص", "سارة"), judged(Label.BENIGN)).label is Label.BENIGN
    running.add(Message("نص", "رقم"), judged(Label.BLACKMAIL, certainty=0.99))
    state = running.add(Message("نص", "سارة"), judged(Label.VICTIM_REPORT, action=Action.SUPPORT))
    assert (state.label, state.flagged, state.offender) == (Label.BLACKMAIL, True, "رقم")


@pytest.mark.parametrize(
    ("offender", "speaker", "action"),
    [("رقم", "رقم", Action.NONE), ("رقم", "سارة", Action.SUPPORT), (None, None, Action.SUPPORT)],
)
def test_support_is_not_for_who_is_flagged(offender, speaker, action):
    running = Running(head(strongest_message=1.0), 0.5)
    running.add(Message("نص", offender), judged(Label.BLACKMAIL, certainty=0.99))
    verdict = judged(Label.VICTIM_REPORT, action=Action.SUPPORT).verdict
    told = running.add(Message("نص", speaker), judged(Label.VICTIM_REPORT, action=Action.SUPPORT)).message
    assert told == replace(verdict, action=action)


def test_support_is_not_for_an_offender_who_has_calmed_down():
    running = Running(head(lately=10.0), 0.5)
    running.add(Message("نص", "رقم"), judged(Label.BLACKMAIL, certainty=0.999))
    for _ in range(20):
        calm = running.add(Message("نص", "رقم"), judged(Label.BENIGN, certainty=0.999))
    assert calm.risk < 0.5
    report = running.add(Message("نص", "رقم"), judged(Label.VICTIM_REPORT, action=Action.SUPPORT))
    assert (report.offender, report.message.action) == ("رقم", Action.NONE)
