"""The side of a participant, the head over it and the rules of a conversation, on scores made by hand."""

import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sextortion_detect import ChatMonitor, classify
from sextortion_detect import windows as windows_room
from sextortion_detect.chats import follow, judge_messages
from sextortion_detect.decision_thresholds import Thresholds
from sextortion_detect.errors import ModelMismatch
from sextortion_detect.model.conversation import ConversationHead, conversation_head
from sextortion_detect.model.linear import CONTEXT, LABELS, TACTICS, Judgment, logistic
from sextortion_detect.model.participant import FEATURES, HEARD, Participant, heard
from sextortion_detect.records import Chat, Message, MessageKind, Verdict
from sextortion_detect.running_risk import HELD, Running, Turns
from sextortion_detect.taxonomy import Action, Label, Tactic
from sextortion_detect.verdicts import Judged
from sextortion_detect.windows import Windows, read_messages

ANSWER = "answers an offender, 8 messages"
AT_REST = [{"blackmail, not grooming": -6.0, ANSWER: -2.5}.get(name, -1.5) for name in HEARD]
"""Log-odds that a side begins with."""
LEAST = [-3.0 if name == ANSWER else odds for name, odds in zip(HEARD, AT_REST, strict=True)]
"""Log-odds below which nothing more is heard."""
CALM = np.array(LEAST)


def scores(label, certainty=0.9):
    values = np.full(len(LABELS), (1 - certainty) / (len(LABELS) - 1))
    values[LABELS.index(label)] = certainty
    return values


def judged(label, certainty=0.9, action=Action.NONE, *, flagged=False, distress=False):
    values = scores(label, certainty)
    verdict = Verdict(label, flagged, action, dict(zip(LABELS, values.tolist(), strict=True)), distress=distress)
    return Judged(verdict, values)


def said(label, certainty=0.9, **more):
    """A message judged by itself, and what its side hears of it where nothing was learnt from conversations."""
    one = judged(label, certainty, **more)
    return one, heard(told(one.labels[None]), np.zeros((1, 2), dtype=np.int64))[0]


def told(labels, tactics=0.0, context=None):
    """What a model says of texts, one that has learnt nothing of conversations unless given."""
    context = np.zeros((len(labels), 0)) if context is None else context
    none = np.zeros(len(labels))
    return Judgment(labels, np.zeros((len(labels), len(TACTICS))) + tactics, none == 0.0, none, context)


def head(most=99.0, **weights):
    risk = np.array([weights.pop(name.replace(" ", "_").replace(",", ""), 0.0) for name in FEATURES])
    assert not weights, "a feature that there is not"
    kind = np.array([float(name == "strongest, blackmail, not grooming") for name in FEATURES])
    return ConversationHead(risk, -2.0, kind, 0.0, 0.5, 10.0, most)


def running(threshold=0.5, offense=0.9, **weights):
    return Running(head(**(weights or {"strongest_offense": 1.0})), limits(threshold, offense))


def limits(threshold=0.5, offense=0.9):
    return Thresholds(offense, 0.5, dict.fromkeys(TACTICS, 0.5), threshold)


def feature(side, name):
    return dict(zip(FEATURES, side.vector(), strict=True))[name]


def test_a_side_begins_at_rest():
    """Else who wrote nothing but a picture looks like an offender."""
    vector = Participant().vector()
    assert (vector.shape, vector.dtype) == ((len(FEATURES),), np.float64)
    assert dict(zip(FEATURES, vector.tolist(), strict=True)) == {
        name: dict(zip(HEARD, AT_REST, strict=True))[name.split(", ", 1)[1]] for name in FEATURES
    }
    harmless = Participant()
    harmless.add(np.full(len(HEARD), -9.0))
    assert harmless.vector() == pytest.approx(vector)


def test_a_harmless_talk_shows_hardly_any_risk():
    """Else whoever opens the report of a chat of greetings reads that somebody may offend."""
    said = ("صباح الخير", "صباح النور كيفك", "الحمدلله طالع من الدوام", "جيب معك خبز وحليب")
    for chat in (Chat([Message(text, "ab"[place % 2]) for place, text in enumerate(said)]), Chat([Message("", "a")])):
        assert max(classify(chat).risk) < 0.02


def test_a_side_of_two_messages_in_full():
    side, first, then = Participant(), np.arange(len(HEARD)) - 4.0, np.linspace(9.0, -9.0, len(HEARD))
    for message in (first, then):
        side.add(message)
        side.answered(message)
    first, then = np.clip(first, LEAST, 6.0), np.clip(then, LEAST, 6.0)
    lately = 0.64 * np.array(AT_REST) + 0.16 * first + 0.2 * then
    expected = {
        **{f"strongest, {name}": value for name, value in zip(HEARD, np.maximum(first, then), strict=True)},
        **{f"now, {name}": value for name, value in zip(HEARD, then, strict=True)},
        **{f"lately, {name}": value for name, value in zip(HEARD, lately, strict=True)},
    }
    for name in (name for name in expected if name.endswith(ANSWER)):  # no surer than what the side's own words tell
        expected[name] = min(expected[name], expected["strongest, offense by then, 8 messages"])
    of_tactics = {f"{when}, offense, {tactic}" for when in ("now", "lately") for tactic in TACTICS}
    expected = {name: value for name, value in expected.items() if name not in of_tactics}
    assert dict(zip(FEATURES, side.vector().tolist(), strict=True)) == pytest.approx(expected)


def test_what_is_heard_of_a_message_and_of_its_window():
    labels = np.array([scores(Label.BLACKMAIL, 0.7), scores(Label.GROOMING, 0.4)])
    context = np.arange(8.0).reshape(2, 4)
    odds = [np.log(p / (1 - p)) for p in (0.8, 0.6)]
    tactics = np.where(np.array(TACTICS) == Tactic.PAYMENT_DEMAND, np.log(3.0), 0.0)  # 3/4, and 1/2 of each other one
    found = heard(told(labels, tactics, context), np.arange(2)[None])[0]
    assert dict(zip(HEARD, found.tolist(), strict=True)) == pytest.approx({
        "offense": odds[0], "blackmail, not grooming": np.log(0.7 / 0.1), "offense, 8 messages": odds[1],
        "offense by then, 8 messages": 4, "offender, 8 messages": 5, "offense begins, 8 messages": 6, ANSWER: 7,
        **{f"offense, {tactic}": np.log(0.4 / 0.6) for tactic in TACTICS}, "offense, payment_demand": np.log(0.6 / 0.4),
    })  # fmt: skip


def test_without_context_only_labels_are_heard():
    told = dict(zip(HEARD, said(Label.GROOMING)[1].tolist(), strict=True))
    assert told["offense"] == told["offense, 8 messages"] > 2.0
    assert {told[f"{name}, 8 messages"] for name in CONTEXT} == {0.0}


@given(st.lists(st.floats(-9.0, 3.0), min_size=1, max_size=60), st.integers(1, 400))
def test_nothing_adds_up_with_length(odds, times):
    """However much ordinary talk there is, no feature is higher than the talk's own highest."""
    side = Participant()
    for _ in range(-(-times // len(odds))):
        for one in odds:
            side.add(np.full(len(HEARD), one))
            side.answered(np.full(len(HEARD), one))
    assert (side.vector() <= max(*odds, 0.0)).all()


def test_lately_fades_and_the_strongest_stays_for_twenty_five_messages():
    side = Participant()
    side.add(np.full(len(HEARD), 5.0))
    for _ in range(24):
        side.add(CALM)
    assert feature(side, "strongest, offense") == 5.0
    assert feature(side, "lately, offense") < -1.4
    side.add(CALM)
    assert feature(side, "strongest, offense") == pytest.approx(6.5 * 24 / 25 - 1.5)


def answer(log_odds):
    """A harmless message, and that it answers an offender by so much."""
    one, row = said(Label.BENIGN, 0.999)
    return one, np.where(np.array(HEARD) == ANSWER, log_odds, row)


def told_to(log_odds):
    """A harmless message with so much of an offense by then."""
    one, row = said(Label.BENIGN, 0.999)
    return one, np.where(np.array(HEARD) == "offense by then, 8 messages", log_odds, row)


def test_an_answer_weighs_with_the_next_message_of_whom_it_answers():
    """Whoever is threatened in veiled words asks what is wanted: what is written next is understood by it."""
    state = running(now_answers_an_offender_8_messages=2.0)
    calm = state.add(Message("نص", "رقم"), *told_to(1.0))
    reply = state.add(Message("شتريد مني", "سارة"), *answer(0.9))
    then = state.add(Message("نص", "رقم"), *told_to(0.0))
    assert calm.risk == reply.risk == pytest.approx(1 / (1 + np.exp(2.0 + 5.0)))
    assert (calm.move, reply.move, then.move) == pytest.approx((0.0, 0.0, 2.0 * (0.9 + 2.5)))
    assert then.risk == pytest.approx(1 / (1 + np.exp(2.0 - 1.8)))


def test_whom_others_answer_as_one_answers_anybody_is_at_a_little_less_risk():
    """But hardly less: else a calm victim, or whoever stands by, would hide an offender."""
    side, of_answers = Participant(), head(now_answers_an_offender_8_messages=2.0)
    side.add(told_to(1.0)[1])
    unanswered = of_answers.log_odds(side.vector(), 20)
    side.answered(answer(-9.0)[1])
    assert of_answers.log_odds(side.vector(), 20) - unanswered == pytest.approx(2.0 * (2.5 - 3.0))
    assert [feature(side, f"{when}, {ANSWER}") for when in ("strongest", "now")] == [-2.5, -3.0]
    assert feature(side, f"lately, {ANSWER}") == pytest.approx(0.8 * -2.5 + 0.2 * -3.0)


def test_an_answer_does_not_change_which_offense_it_is():
    """Nothing is told anew of a side before it writes again."""
    kind = np.array([float(name == f"now, {ANSWER}") for name in FEATURES])
    state = Running(
        replace(head(strongest_offense=1.0), blackmail_weights=kind, blackmail_bias=0.1), limits(offense=0.9999)
    )
    sure, row = said(Label.GROOMING, 0.99)
    row = np.where(np.array(HEARD) == "offense by then, 8 messages", 3.0, row)
    labels = [
        state.add(Message("نص", who), one, heard).label
        for who, one, heard in (("رقم", sure, row), ("سارة", *answer(3.0)), ("رقم", sure, row))
    ]
    assert labels == [Label.GROOMING, Label.GROOMING, Label.BLACKMAIL]


@pytest.mark.parametrize(("most", "odds"), [(99.0, 2.0 * 2.5), (1.0, 1.0), (0.0, 0.0)])
def test_answers_bear_only_so_much_of_the_risk(most, odds):
    side, weights = Participant(), np.array([2.0 * (name == f"now, {ANSWER}") for name in FEATURES])
    side.add(told_to(0.0)[1])
    side.answered(answer(9.0)[1])
    found = ConversationHead(weights, 0.0, weights, 0.0, 0.5, 10.0, most).log_odds(side.vector(), 9)
    assert found == pytest.approx(-2.0 * 2.5 + odds)


def test_answers_flag_nobody_whose_own_words_tell_nothing(model):
    """Else anybody could have another one flagged: by small talk between, however often and sure they are."""
    side, threshold = Participant(), model.manifest["conversation"]["threshold"]
    for count in range(50):
        side.answered(np.full(len(HEARD), 9.0))
        side.add(np.where(np.array(HEARD) == "offense by then, 8 messages", -1.0, LEAST))
        assert logistic(conversation_head(model).log_odds(side.vector(), 2 * count + 1)) < 0.2 < threshold


def test_small_talk_is_flagged_seldom_though_somebody_accuses():
    """Whose replies are those of a victim may lie: 12 of 60 orders are flagged; without a bound on answers 57."""
    chance, flagged = random.Random(1), 0
    small_talk = [
        "صباح الخير",
        "كيفك",
        "شو اخبارك",
        "انا بالبيت",
        "شو عم تعمل",
        "الجو حلو اليوم",
        "بدي نام",
        "تصبح على خير",
    ]
    accused = [
        "احذف صوري",
        "شتريد مني",
        "لا تنشرها الله يخليك",
        "لا تدزها لابويه",
        "حرام عليك",
        "ما عندي فلوس",
        "لا تفضحني",
        "امسحها",
    ]
    for _ in range(60):
        chance.shuffle(small_talk)
        chance.shuffle(accused)
        both = zip(small_talk, accused, strict=True)
        flagged += classify(
            Chat([Message(text, who) for one in both for who, text in zip("ab", one, strict=True)])
        ).flagged
    assert flagged <= 20


def test_an_answer_is_for_the_last_other_one_who_wrote():
    """Neither for who only sent a picture, nor for an unknown sender, nor for whom the app names."""
    for first in (
        Message("<Media omitted>", "رقم", kind=MessageKind.MEDIA), Message("نص"),
        Message("انضم رقم", "رقم", kind=MessageKind.SYSTEM),
    ):  # fmt: skip
        state = running(now_answers_an_offender_8_messages=9.0)
        state.add(first, *((said(Label.BENIGN)[0], None) if first.kind is not MessageKind.TEXT else told_to(6.0)))
        state.add(Message("شتريد مني", "سارة"), *answer(9.0))
        assert not state.add(Message("نص", first.sender), *told_to(6.0)).flagged
    turns = Turns()
    chat = (
        ("رقم", {}),
        ("سارة", {}),
        ("رقم", {"kind": MessageKind.SYSTEM}),
        ("سارة", {}),
        ("سارة", {"forwarded_from": "ليلى"}),
    )
    assert [turns.add(Message("نص", who, **more)) for who, more in chat] == [None, "رقم", "رقم", "رقم", "سارة"]


def test_what_no_side_hears_moves_nothing():
    one, _ = said(Label.BLACKMAIL, 0.99)
    state = running().add(Message("<Media omitted>", "رقم", kind=MessageKind.MEDIA), one, None)
    assert (state.risk, state.move, state.flagged) == (0.0, 0.0, False)


@pytest.mark.parametrize(("certainty", "after"), [(0.95, Label.BLACKMAIL), (0.85, Label.GROOMING)])
def test_which_offense_it_is_goes_by_the_side_as_it_stands_but_who_threatened_stays_a_blackmailer(certainty, after):
    kind = np.array([float(name == "now, blackmail, not grooming") for name in FEATURES])
    state = Running(replace(head(strongest_offense=1.0), blackmail_weights=kind), limits(offense=0.9))
    labels = [
        state.add(Message("نص", "رقم"), *said(label, sure)).label
        for label, sure in ((Label.GROOMING, 0.99), (Label.BLACKMAIL, certainty), *[(Label.GROOMING, 0.99)] * 5)
    ]
    assert labels == [Label.GROOMING, Label.BLACKMAIL, *[after] * 5]


@pytest.mark.parametrize(("certainty", "label"), [(0.95, Label.BLACKMAIL), (0.85, Label.GROOMING)])
def test_a_threat_that_is_sure_by_itself_is_blackmail_whatever_the_side_was(certainty, label):
    """Whoever reads "grooming" above a message flagged as blackmail does not know which advice to follow."""
    grooming = replace(head(strongest_offense=1.0), blackmail_bias=-99.0)
    state = Running(grooming, limits()).add(Message("نص", "رقم"), *said(Label.BLACKMAIL, certainty))
    assert (state.flagged, state.label) == (True, label)


def test_the_risk_never_falls_while_an_offender_goes_on_and_fades_behind_a_hundred_calm_messages():
    state = running(now_offense=1.0)
    first = state.add(Message("نص", "رقم"), *said(Label.BLACKMAIL, 0.999)).risk
    between = [state.add(Message("نص", "رقم"), *said(Label.BENIGN, 0.999)).risk for _ in range(HELD - 1)]
    again = state.add(Message("نص", "رقم"), *said(Label.BLACKMAIL, 0.6)).risk
    after = [state.add(Message("نص", "رقم"), *said(Label.BENIGN, 0.999)).risk for _ in range(4 * HELD)]
    assert {*between, again, *after[:HELD]} == {first}
    fading = after[HELD:]
    assert fading == sorted(fading, reverse=True)
    assert fading[0] < first
    assert 0.3 * first < fading[10]
    assert fading[-1] < 0.5


@given(st.lists(st.tuples(st.sampled_from("أب"), st.sampled_from([Label.BENIGN, Label.BLACKMAIL]),
                          st.floats(0.3, 0.999)), min_size=1, max_size=40))  # fmt: skip
def test_verdict_messages_and_label_never_contradict(messages):
    state = running(threshold=0.97, offense=0.9)
    flagged_by_itself = False
    for sender, label, certainty in messages:
        flags = label is Label.BLACKMAIL and certainty >= 0.9
        action = Action.FLAG if flags else Action.NONE
        now = state.add(Message("نص", sender), *said(label, certainty, flagged=flags, action=action))
        flagged_by_itself |= now.message.flagged
        assert not (now.flagged and now.to_read is not None)
        assert not flagged_by_itself or now.flagged or now.to_read is not None
        assert (now.label is Label.BENIGN) <= (not now.flagged and now.to_read is None)
        assert now.message.flagged == (now.message.action is Action.FLAG)


@pytest.mark.parametrize(("before", "flagged"), [(0, True), (2, True), (9, False), (60, False), (300, False)])
def test_the_bar_for_a_single_message_rises_with_their_number(before, flagged):
    state = running(threshold=1.0, offense=0.9)
    for _ in range(before):
        state.add(Message("نص", "سارة"), *said(Label.BENIGN, 0.999))
    one = state.add(Message("نص", "رقم"), *said(Label.BLACKMAIL, 0.9, flagged=True, action=Action.FLAG))
    assert (one.message.flagged, one.to_read) == (flagged, before if flagged else None)
    assert one.label is (Label.BLACKMAIL if flagged else Label.BENIGN)
    assert one.message.action is (Action.FLAG if flagged else Action.NONE)


def test_a_sure_message_is_one_to_read_however_many_there_are():
    state = running(threshold=1.0, offense=0.9)
    for _ in range(300):
        state.add(Message("نص", "سارة"), *said(Label.BENIGN, 0.999))
    one = state.add(Message("نص", "رقم"), *said(Label.BLACKMAIL, 0.995, flagged=True, action=Action.FLAG))
    assert (one.flagged, one.to_read, one.label) == (False, 300, Label.BLACKMAIL)


def test_a_victims_chat_is_one_of_support():
    state = running().add(Message("نص", "سارة"), *said(Label.VICTIM_REPORT, action=Action.SUPPORT))
    assert (state.label, state.flagged) == (Label.VICTIM_REPORT, False)


def test_distress_changes_no_label():
    state = running().add(Message("نص", "سارة"), *said(Label.BENIGN, 0.99, action=Action.SUPPORT, distress=True))
    assert (state.label, state.flagged, state.message.action) == (Label.BENIGN, False, Action.SUPPORT)


def texts(*lines, sender="سارة"):
    return [Message(line, sender) for line in lines]


def test_windows_hold_each_sender_apart_and_leave_out_what_nobody_wrote():
    windows = Windows()
    chat = [
        *texts("هلا"),
        *texts("رد", sender="رقم"),
        Message("<Media omitted>", "سارة", kind=MessageKind.MEDIA),
        Message("مكالمة صوتية فائتة", "سارة", kind=MessageKind.SYSTEM),
        *texts(*(f"رسالة {number}" for number in "ابتثجحخدذ")),
    ]
    read = [windows.add(message) for message in chat]
    assert read[:5] == [["هلا"], ["رد"], [], [], ["هلا", "رسالة ا"]]
    assert read[-1] == [f"رسالة {number}" for number in "بتثجحخدذ"]


def test_what_begins_alike_is_not_said_again():
    """Else a threat behind a thousand letters of padding that were sent before would move nobody."""
    windows, padding = Windows(), "كلام عادي " * 150
    assert windows.add(*texts(padding + "هلا"))
    assert windows.add(*texts(padding + "صورك عندي"))


def test_a_number_is_not_said_again_by_another_one():
    """A sum and an account are often sent by themselves; signs alone are all alike."""
    windows = Windows()
    heard = [bool(windows.add(*texts(text))) for text in ("ادفع", "؟", "500", "0501234567", "500!", "😂", "٠٥٠")]
    assert heard == [True, True, True, True, False, False, True]


@pytest.mark.parametrize("again", ["الجو حلو اليوم", "الجو حلو اليوم!!", "الجو حلو اليوم 7", "الجو   حلو اليوم 😂"])
def test_what_is_said_again_is_heard_once(again):
    windows = Windows()
    assert windows.add(*texts("الجو حلو اليوم"))
    for number in range(150):
        assert windows.add(*texts(f"شي{number}"))
    assert not windows.add(*texts(again))
    assert windows.add(*texts(again, sender="رقم"))


def test_of_two_hundred_messages_a_sender_repeats_none():
    windows = Windows()
    assert windows.add(*texts("الجو حلو اليوم"))
    for number in range(200):
        windows.add(*texts(f"شي{number}"))
    assert windows.add(*texts("الجو حلو اليوم"))


def test_a_flood_is_held_in_part_and_windows_show_no_words():
    windows = Windows()
    sizes = [sum(map(len, windows.add(Message(letter * 1_000_000, "سارة")))) for letter in "ابتثجحخدذرزسشصضطظعغ"]
    assert max(sizes) < 10_000
    assert repr(windows) == "Windows(1 senders)"
    assert "ا" not in repr(ChatMonitor())


def test_missed_calls_and_notices_add_up_to_nothing():
    """A notice moves nobody; a reader that took one for words would have it count once."""
    calls = [Message("مكالمة صوتية فائتة", "رقم", kind=MessageKind.SYSTEM)] * 100
    verdict = classify(Chat(calls))
    assert (verdict.flagged, {*verdict.moves}, verdict.probability) == (False, {0.0}, 0.0)
    as_words = classify(Chat(texts(*[f"مكالمة صوتية فائتة، {minute:02d}:15" for minute in range(60)], sender="رقم")))
    assert as_words.flagged == classify(Chat(texts("مكالمة صوتية فائتة، 00:15", sender="رقم"))).flagged
    assert {*as_words.moves[1:]} == {0.0}


def test_a_line_said_a_hundred_times_is_flagged_only_where_it_is_when_said_once(corpus_rows):
    for row in [row for row in corpus_rows if row.split == "dev" and row.label is Label.BENIGN][::150]:
        once, often = (classify(Chat(texts(*[row.text] * times))) for times in (1, 100))
        assert often.flagged == once.flagged
        assert often.to_read == once.to_read


def test_each_message_and_its_window_are_read_in_one_call(model, monkeypatch):
    """What stands in a window is read with it, and said of the two of them alone."""
    calls = []
    score = type(model).score
    monkeypatch.setattr(
        type(model), "score", lambda self, *read: calls.append((len(read[0]), len(read[1]))) or score(self, *read)
    )
    monitor = ChatMonitor(model=model)
    for message in texts("هلا", "كيفك", "وينك"):
        monitor.update(message)
    assert calls == [(1, 2), (2, 2), (3, 2)]
    calls.clear()
    classify(Chat(texts("هلا", "كيفك", "وينك")), model=model)
    assert calls == [(3, 6)]


def read_so(model, *conversations):
    """Of each message what is said of it alone, what is heard, and whether it moves, of conversations side by side."""
    said = [(message, windows) for chat in conversations for windows in [Windows()] for message in chat]
    found = [(*map(tuple, (some.alone.labels, some.heard, some.moves)),) for some in read_messages(said, model)]
    return [np.concatenate(part) for part in zip(*found, strict=True)]


def test_a_message_is_heard_as_it_is_whatever_is_read_with_it(model, monkeypatch):
    """How many are read at once, and beside whom, tells nobody anything: notices, repeats and floods among them."""
    lines = ["صورك عندي", "وراح", "انشرها", "صورك عندي!", "هلا", "خ" * 1_500 + " صورك", "ادفع 500", "دولار", "الليلة"]
    chat = [Message(text, "سارة" if place % 3 else "رقم") for place, text in enumerate(lines * 3)]
    chat += [Message("مكالمة فائتة", "رقم", kind=MessageKind.SYSTEM), Message("x.jpg", "رقم", kind=MessageKind.MEDIA)]
    other = texts("مرحبا", "شو اخبارك", sender="رقم")
    whole = read_so(model, other, chat)
    for most, size in (("_MOST_MESSAGES", 1), ("_MOST_MESSAGES", 5), ("_MOST_CHARACTERS", 40)):
        monkeypatch.setattr(windows_room, most, size)
        parted = read_so(model, other, chat)
        monkeypatch.undo()
        assert all(map(np.array_equal, parted, whole)), (most, size)
    assert np.array_equal(whole[0], model.score([windows_room.scored_text(message) for message in other + chat]).labels)


def test_what_is_heard_of_a_window_is_what_its_words_say_as_one_text(model):
    """But for what runs over two messages: a sum is one where its number and its currency stand in one."""
    lines = ["صورك", "عندي وراح", "انشرها لاهلك", "اذا ما", "حولت 500 دولار", "الليلة"]
    (read,) = read_messages([(message, windows) for windows in [Windows()] for message in texts(*lines)], model)
    together = model.score(["\n".join(lines[:place]) for place in range(1, 7)]).labels
    assert logistic(read.heard[:, OF_WINDOW]) == pytest.approx(together[:, OFFENDING].sum(axis=1))
    assert logistic(read.heard[-1, OF_WINDOW]) > 0.9
    split = [*lines[:4], "حولت 500", "دولار", "الليلة"]
    (read,) = read_messages([(message, windows) for windows in [Windows()] for message in texts(*split)], model)
    assert logistic(read.heard[-1, OF_WINDOW]) > 0.9
    assert logistic(read.heard[-1, OF_WINDOW]) != pytest.approx(together[-1, OFFENDING].sum())


OF_WINDOW = HEARD.index("offense, 8 messages")
OFFENDING = [LABELS.index(label) for label in (Label.GROOMING, Label.BLACKMAIL)]


@pytest.mark.parametrize("part", [None, "context"])
def test_where_no_message_has_a_window_each_is_judged_all_the_same(model, part):
    """Notices and pictures alone, and with a model that learnt from no conversation."""
    used = replace(model, **{part: None}) if part else model
    notices = [Message("صورك عندي", None, kind=MessageKind.SYSTEM), Message("x", "رقم", kind=MessageKind.MEDIA)]
    (read,) = read_messages([(message, windows) for windows in [Windows()] for message in notices], used)
    assert not read.moves.any()
    assert np.array_equal(read.alone.labels, model.score(["صورك عندي", ""]).labels)


def test_what_is_read_shows_no_words(model):
    (read,) = read_messages([(message, windows) for windows in [Windows()] for message in texts("سر خاص")], model)
    asked, *_ = windows_room._Chunk.of(iter([(Message("سر خاص", "سارة"), Windows())])).asked()
    assert repr(read) == "Reading(1 messages)"
    assert repr(asked) == "_Asked(2 windows, 0 others)"


def test_a_long_conversation_is_the_same_by_two_processes(model):
    chat = Chat(
        Message(f"شي {number} {'صورك عندي' * (number % 400 == 7)}", "سارة" if number % 3 else "رقم")
        for number in range(2_500)
    )
    done = []
    by_two = classify(chat, model=model, n_jobs=2, progress=done.append)
    assert by_two == classify(chat, model=model)
    assert done == [1_000, 2_000, 2_500]


def test_no_more_is_read_at_once_than_fits(model, monkeypatch):
    """A flood, or the last words of many authors, must not take the memory of a thousand of them."""
    monkeypatch.setattr(windows_room, "_MOST_CHARACTERS", 40)

    def sizes(chat, windows):
        return [len(read.messages) for read in read_messages([(message, windows) for message in chat], model)]

    windows = Windows()
    assert sizes(texts(*(f"{letter} نص من عشرين حرفا" for letter in "ابتث")), windows) == [3, 1]
    assert sizes(texts("جديد", "اخر"), windows) == [1, 1]  # what is read again with it counts


def test_a_verdict_names_its_model(model):
    assert classify(Chat(texts("هلا")), model=model).model == f"{model.manifest['name']} {model.manifest['sha256']}"


def test_who_follows_a_conversation_is_given_each_message_back(model):
    chat = texts("هلا", "وينك", "هلا")
    assert [message for message, _ in follow(chat, model=model)] == chat


def test_progress_counts_messages(model):
    done = []
    chat = texts(*(f"شي{number}" for number in range(1_000)))
    assert len([*judge_messages(chat, Windows(), model, Thresholds.of(model), progress=done.append)]) == 1_000
    assert done[-1] == 1_000


def test_the_riskiest_of_many_is_found():
    state, rng = running(threshold=0.999999, now_offense=1.0), np.random.default_rng(1)
    highest, rest = {}, -2.0 - 1.5  # the latter is of a side that said nothing yet
    for _ in range(500):
        sender = f"رقم {rng.integers(20)}"
        one = state.add(Message("نص", sender), *said(Label.BLACKMAIL, float(rng.uniform(0.3, 0.99))))
        highest[sender] = max(highest.get(sender, rest), highest.get(sender, rest) + one.move)
        assert one.risk == pytest.approx(max(1 / (1 + np.exp(-odds)) for odds in highest.values()))


def test_moves_add_up_to_the_risk():
    state = running(threshold=0.9, strongest_offense=0.5, lately_offense=0.3)
    states = [
        state.add(Message("نص", "رقم"), *said(label, certainty))
        for label, certainty in ((Label.BENIGN, 0.9), (Label.GROOMING, 0.8), (Label.BLACKMAIL, 0.95))
    ]
    at_rest = -2.0 - 1.5 * (0.5 + 0.3)
    total = at_rest + sum(state.move for state in states)
    assert states[-1].risk == pytest.approx(1 / (1 + np.exp(-total)))


def test_a_head_survives_its_manifest():
    given = head(strongest_offense=0.25)
    assert ConversationHead.from_dict(given.to_dict()).to_dict() == given.to_dict()


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
        "risk_weights": [*(nothing | {"strongest, offense": 1.0}).values()],
        "risk_bias": 0.0,
        "blackmail_weights": [*(nothing | {"strongest, blackmail, not grooming": 1.0}).values()],
        "blackmail_bias": 0.0,
        "threshold": model.thresholds["offense"],
        "asked_alone": pytest.approx(np.log(model.thresholds["offense"] / (1.0 - model.thresholds["offense"]))),
        "answers_at_most": 0.0,
    }


@pytest.mark.parametrize(("bias", "label"), [(0.5, Label.BLACKMAIL), (0.0, Label.GROOMING), (-0.5, Label.GROOMING)])
def test_the_kind_of_an_offense_goes_by_the_sum_with_its_bias(bias, label):
    weights = np.zeros(len(FEATURES))
    assert ConversationHead(weights, 0.0, weights, bias, 0.5, 10.0, 9.0).label(Participant().vector()) is label
    sure = np.full(len(FEATURES), 6.0)
    assert ConversationHead(weights, bias, weights, 0.0, 0.5, 10.0, 9.0).log_odds(sure, 1) == bias


def test_of_which_kind_an_offense_would_be_moves_no_risk(model):
    """Else a greeting that is rather like blackmail than like grooming shows a risk."""
    head, of_kind = conversation_head(model), ["blackmail, not grooming" in name for name in FEATURES]
    assert not head.risk_weights[of_kind].any()
    assert head.blackmail_weights[of_kind].all()


@pytest.mark.parametrize(
    ("heard", "count", "flagged"), [
        ({"now, offense": 2.5}, 1, True), ({"now, offense": 2.3}, 1, False),
        ({"now, offense, 8 messages": 4.8}, 10, True), ({"now, offense": 4.6}, 10, False),
        ({"now, offense": 6.0, "now, offense, 8 messages": 6.0}, 60, False),
    ],
)  # fmt: skip
def test_a_sure_message_flags_a_short_conversation_by_itself(heard, count, flagged):
    """A plain threat, told at once or in pieces, to whom a stranger has hardly said a word."""
    vector, weights = np.array([heard.get(name, 0.0) for name in FEATURES]), np.zeros(len(FEATURES))
    risk = logistic(ConversationHead(weights, -5.0, weights, 0.0, 0.9, 2.0, 9.0).log_odds(vector, count))
    assert bool(risk >= 0.9) is flagged
    assert flagged or risk < 0.01


def test_a_conversation_is_flagged_from_its_threshold_on():
    risk = running().add(Message("نص", "رقم"), *said(Label.BLACKMAIL)).risk
    at, above = (
        running(threshold).add(Message("نص", "رقم"), *said(Label.BLACKMAIL))
        for threshold in (risk, float(np.nextafter(risk, 1.0)))
    )
    assert (at.flagged, at.first_flagged, at.offender, at.label) == (True, 0, "رقم", Label.BLACKMAIL)
    assert (above.flagged, above.first_flagged, above.offender, above.label) == (False, None, None, Label.BENIGN)


def test_support_takes_nothing_from_an_offense():
    state = running()
    assert state.add(Message("نص", "سارة"), *said(Label.BENIGN)).label is Label.BENIGN
    state.add(Message("نص", "رقم"), *said(Label.BLACKMAIL, 0.99))
    after = state.add(Message("نص", "سارة"), *said(Label.VICTIM_REPORT, action=Action.SUPPORT))
    assert (after.label, after.flagged, after.offender) == (Label.BLACKMAIL, True, "رقم")


@pytest.mark.parametrize("distress", [False, True])
@pytest.mark.parametrize(
    ("offender", "speaker", "action"),
    [("رقم", "رقم", Action.NONE), ("رقم", "سارة", Action.SUPPORT), (None, None, Action.SUPPORT)],
)
def test_support_is_not_for_who_is_flagged(offender, speaker, action, distress):
    """Nobody is named where all are one side; a flagged one's danger is shown all the same."""
    state = running()
    state.add(Message("نص", offender), *said(Label.BLACKMAIL, 0.99))
    report = said(Label.VICTIM_REPORT, action=Action.SUPPORT, distress=distress)
    told = state.add(Message("نص", speaker), *report).message
    assert told == replace(report[0].verdict, action=action)
    assert told.distress is distress
