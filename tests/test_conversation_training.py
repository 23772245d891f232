"""Fitting the conversation part on a model that is there: the same each time, and blind to the test split."""

import random
from dataclasses import replace

import numpy as np
import pytest
from conftest import ROOT

from sextortion_detect import ChatMonitor, classify, load_model
from sextortion_detect.budget_thresholds import offense_probabilities
from sextortion_detect.errors import CorpusError
from sextortion_detect.model.participant import FEATURES, Participant
from sextortion_detect.model.storage import save_model
from sextortion_detect.records import Chat, Message, MessageKind
from sextortion_detect.taxonomy import OFFENSES, Label, Variety
from sextortion_detect.training.context import FOLDS, _told, folds_of
from sextortion_detect.training.conversation_states import State, sides_after
from sextortion_detect.training.conversations import _doubt, _fit_head, fit_conversations, of_background
from sextortion_detect.training.corpus import SPLITS, AnnotatedChat, load_chats
from sextortion_detect.training.fit import fit
from sextortion_detect.training.grown_chats import (
    LENGTHS,
    framed,
    grown,
    in_pieces,
    of_lines,
    ordinary_chats,
    ordinary_lines,
)
from sextortion_detect.training.recipe import Recipe
from sextortion_detect.training.traffic import TrafficText
from sextortion_detect.windows import Windows


@pytest.fixture(scope="module")
def some_chats():
    return load_chats(ROOT / "datasets")[::18]


def windows_learnt(chat):
    """The places of every third message, but for what its sender has said before."""
    windows = Windows()
    every = [windows.add(message) for message in chat.chat.messages]
    return [place for place, window in enumerate(every) if window and place % 3 == 0]


def test_folds_keep_an_author_together(some_chats):
    authors = [chat.id.rpartition("-")[0] for chat in some_chats]
    folds = folds_of(some_chats).tolist()
    assert len({*zip(authors, folds, strict=True)}) == len({*authors})
    assert {*folds} == {*range(FOLDS)}


def test_the_first_windows_of_an_offender_since_the_mark_count_most_for_where_it_begins(some_chats):
    """Since then 4 times for three messages of his, 1.3 for three more, 0.3 afterwards; his before it not, others once."""
    for chat in some_chats:
        windows = [weights for _, _, weights, _ in _told([], [(chat, 0, 1.0)], [])]
        of_offender = [place for place, one in enumerate(chat.chat.messages) if one.sender == chat.offender]
        own = [place for place in of_offender if chat.first_flag is not None and place >= chat.first_flag]
        expected = [0.0 if place in of_offender else 1.0 for place in range(len(chat.chat.messages))]
        for place, weight in zip(own, [*[4.0] * 3, *[1.3] * 3, *[0.3] * len(own)], strict=False):
            expected[place] = weight
        begins = [weights[2] / weights[1] for weights in windows]
        assert begins == pytest.approx([expected[place] for place in windows_learnt(chat)])
    assert any(chat.first_flag is not None for chat in some_chats)


def test_what_an_offender_says_before_the_mark_is_no_offense_yet_and_not_harmless(some_chats):
    """Else "how are you, have you eaten" would be an offense, or what follows it be taken for harmless."""
    before = 0
    for chat in some_chats:
        for place, (_, truth, weights, _) in zip(windows_learnt(chat), _told([], [(chat, 0, 1.0)], []), strict=True):
            by_then = chat.first_flag is not None and place >= chat.first_flag
            if chat.offender is not None and chat.chat.messages[place].sender == chat.offender and not by_then:
                assert (truth[:3], weights[:3]) == ([False, True, False], [0.0, 9.0, 0.0])
                before += 1
            else:
                assert min(weights[:3]) > 0.0
    assert before > 100


def test_answers_to_an_offender_are_learnt_from_the_mark_on_and_what_he_writes_is_none(some_chats):
    """What she says before is neither; of a harmless conversation nothing answers an offender."""
    found = {True: 0, False: 0}
    for chat in some_chats:
        said = chat.chat.messages
        for place, (_, truth, weights, _) in zip(windows_learnt(chat), _told([], [(chat, 0, 1.0)], []), strict=True):
            others = [one.sender for one in said[:place] if one.sender != said[place].sender]
            to_offender = bool(others) and chat.label in OFFENSES and others[-1] == chat.offender
            late = chat.first_flag is not None and place >= chat.first_flag
            assert truth[3] == (to_offender and late)
            assert weights[3] == (9.0 if others and (late or not to_offender) else 0.0)
            found[truth[3]] += 1
    assert min(found.values()) > 100


def test_a_conversation_is_flagged_where_an_offense_is_heard(model):
    """Not at the price of beans: who opens a flagged conversation is shown where to look."""
    heard = []
    for chat in load_chats(ROOT / "datasets"):
        place = classify(chat.chat, model=model).first_flagged if chat.split == "test" else None
        if place is not None:
            windows, said = Windows(), chat.chat.messages[: place + 1]
            window = [windows.add(message) for message in said][-1]
            labels = model.score([said[-1].text, "\n".join(window)]).labels
            heard.append(offense_probabilities(labels).max() >= 0.5)
    assert len(heard) > 50
    assert np.mean(heard) > 0.95


def test_thresholds_are_set_on_a_side_as_it_is_in_use(model):
    """Else the risk is that of another side: of pictures, notices, repeats, forwarded and unknown words alike."""
    said = [
        Message("هلو", "رقم"), Message("شتريد مني", "سارة"), Message("صورج عندي", "رقم"),
        Message("<Media omitted>", "علي", kind=MessageKind.MEDIA), Message("امسحها", "سارة"),
        Message("انضم علي", "علي", kind=MessageKind.SYSTEM), Message("صورج عندي", "رقم"), Message("منو", None),
        Message("راح انشرها", "سارة", forwarded_from="رقم"), Message("لا تنشرها", "سارة"), Message("قغفعه", "زيد"),
    ]  # fmt: skip
    monitor, at_rest, sides = ChatMonitor(model=model), Participant().vector(), [*sides_after(model, [said])]
    for message, (_, in_use) in zip(said, sides, strict=True):
        monitor.update(message)
        side = monitor._running._sides.get(message.author)
        assert in_use == pytest.approx(at_rest if side is None else side.participant.vector())
    assert any((fitted < in_use).any() for fitted, in_use in sides)  # ordinary answers tell a fit more


def test_a_long_conversation_teaches_no_more_than_its_share(some_chats):
    """Else the few long ones would say what all small talk leads to, and offenders be found later."""
    told = [[weights for _, _, weights, _ in _told([], [(some_chats[0], 0, share)], [])] for share in (1.0, 0.25)]
    assert np.array(told[1]) == pytest.approx(0.25 * np.array(told[0]))
    assert {weights[1] for weights in told[0]} == {9.0}


@pytest.mark.parametrize(
    ("surest", "blackmail", "low", "high"),
    [
        ([2.5, 2.4, 1.0, 0.5], [True, True, False, False], 1.0, 2.4),
        ([0.3, -0.2], [True, False], -0.2, 0.3),
        ([], [], -1.0, 3.0),
    ],
)
def test_blackmail_must_be_as_sure_as_labels_best_the_conversations(surest, blackmail, low, high):
    assert low <= _doubt(np.array(surest), np.array(blackmail, dtype=bool)) <= high


def _threshold(split_of_hard_ones: str) -> float:
    """Of a head fitted on conversations of one message, whose first feature tells most; three harmless ones do not."""
    chance = np.random.default_rng(1)
    shown = [(feature, Label.BLACKMAIL, "train") for feature in chance.normal(1.0, 1.0, 30)]
    shown += [(feature, Label.GROOMING, "train") for feature in chance.normal(1.0, 1.0, 30)]
    shown += [(feature, Label.BENIGN, "dev") for feature in chance.normal(-1.0, 1.0, 60)]
    shown += [(4.0, Label.BENIGN, split_of_hard_ones)] * 3
    chats, states = [], []
    for place, (feature, label, split) in enumerate(shown):
        offends, chat = label is not Label.BENIGN, Chat((Message("", "a"),))
        chats.append(AnnotatedChat("x", Variety.MSA, split, label, "a", 0 if offends else None, chat, (label,), ((),)))
        vector = np.append(feature, np.zeros(len(FEATURES) - 1))
        blackmail = label is Label.BLACKMAIL
        states.append(State(vector, vector, place % FOLDS, 1.0, offends, blackmail, True, offends, place))
    return _fit_head(states, chats, np.ones(len(chats)), 2.0).threshold


def test_only_harmless_dev_conversations_set_the_threshold():
    assert _threshold("dev") > _threshold("train") + 0.1


def test_grown_conversations_keep_their_labels_and_their_mark(some_chats, corpus_rows):
    """As long, split and dull as real ones; the marked message is one of the offender's, and nothing is of dev."""
    written = [chat for chat in some_chats if chat.split == "train"]
    made = [*grown(written, corpus_rows, 6, 1)]
    assert made == [*grown(written, corpus_rows, 6, 1)]
    ordinary = of_lines(ordinary_lines(corpus_rows, "train"), 8, 1)
    assert {len(chat.chat.messages) for chat in ordinary} == {*LENGTHS}
    for chat, of, _ in made:
        assert chat.split == "train"
        assert len(chat.chat.messages) == len(chat.labels)
        if chat.label in OFFENSES:
            assert chat.chat.messages[chat.first_flag].sender == chat.offender
        assert (chat.label, chat.offender) == (written[of].label, written[of].offender)
        assert len(chat.chat.messages) >= len(written[of].chat.messages)
        words = [" ".join(message.text for message in one.chat.messages).split() for one in (chat, written[of])]
        assert len(words[0]) >= len(words[1])
    ways = [weight for _, of, weight in made if of == made[0][1]]
    assert (ways[:3], {weight for _, _, weight in made}) == ([1.0, 1.0, 4.0], {1.0, 4.0})  # behind, in pieces, beside


def test_conversations_of_the_background_are_harmless_and_of_short_texts_alone():
    """Else novels and subtitles are taken for offenses told in bursts."""
    short, long = [f"سطر {number}" for number in range(400)], ["كلمة " * 11] * 400
    made = [*of_background([*short, *long], 8, 1)]
    assert {message.text for chat in made for message in chat.chat.messages} <= {*short}
    assert {(chat.label, chat.offender, len(chat.chat.messages)) for chat in made} == {
        (Label.BENIGN, None, length) for length in LENGTHS
    }
    assert not [*of_background(long, 8, 1)]


def test_pieces_are_short_and_lose_no_word(some_chats):
    chance = random.Random(1)
    for message in some_chats[0].chat.messages:
        pieces = in_pieces(message.text, chance)
        assert " ".join(pieces).split() == message.text.split()
        assert all(len(piece.split()) <= 5 for piece in pieces)


def test_a_frame_stands_before_each_offense_alone(some_chats):
    chat = next(chat for chat in some_chats if chat.label is Label.BLACKMAIL)
    for line, before, label in zip(
        framed(chat, random.Random(1)).chat.messages, chat.chat.messages, chat.labels, strict=True
    ):
        assert line.text.endswith(before.text)
        assert (line.text == before.text) is (label not in OFFENSES)


def test_ordinary_conversations_are_of_private_lines_and_of_one_source_each(corpus_rows):
    lines = [line for some in ordinary_lines(corpus_rows, "dev").values() for line in some]
    texts = [TrafficText(line, "private", "private") for line in lines]
    texts += [TrafficText(f"{source} {number}", source, "dialogue") for source in "ab" for number in range(400)]
    made = dict(ordinary_chats(texts, 1, 3))
    assert [len(chats) for chats in made.values()] == [3, 3, 4]
    for chat in made["real dialogue, 2 people"]:
        assert len({message.text[0] for message in chat.messages}) == 1
    for name, people in (("private lines, 2 people", 2), ("private lines, 8 people", 8)):
        for chat in made[name]:
            assert len({message.text for message in chat.messages}) == len(chat.messages) == max(LENGTHS)
            assert len({message.sender for message in chat.messages}) == people


def test_conversations_that_offend_by_one_author_are_too_few(model, some_chats):
    """Whoever trains on their own conversations reads what is missing."""
    offending = [chat for chat in some_chats if chat.label in OFFENSES and chat.split != "test"]
    chats = [replace(chat, id=f"one-{place}") for place, chat in enumerate(offending)]
    chats += [chat for chat in some_chats if chat.label not in OFFENSES]
    with pytest.raises(CorpusError) as caught:
        fit_conversations(model, [], chats, grow=1)
    assert str(caught.value) == (
        "Too few conversations are left without those of some authors; add some by others and train again."
    )


@pytest.mark.slow
def test_the_conversation_part_sees_no_test_split_and_no_rows_of_messages_alone(tmp_path, corpus_rows, some_chats):
    rows = [row for row in corpus_rows if row.split == "train"][::60]
    rows.extend([row for row in corpus_rows if row.split == "dev"][::6])
    short = [chat for chat in some_chats if len(chat.chat.messages) <= 30]
    chats = [chat for chat in short if chat.split == "train"][::6]
    chats.extend([chat for chat in short if chat.split != "train"][::2])
    base = fit(rows, recipe=Recipe(written_copies=0.0))  # the conversation part is what is looked at
    assert {chat.split for chat in chats} == {*SPLITS}
    whole = fit_conversations(base, rows, chats, grow=2)
    alone = [replace(row, alone=True) for row in corpus_rows if row.split != "test"][7::60]
    again = fit_conversations(base, [*rows, *alone], [chat for chat in chats if chat.split != "test"], grow=2)
    for name, model in (("whole", whole), ("again", again)):
        save_model(model, tmp_path / name)
    for path in sorted((tmp_path / "whole").iterdir()):
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes(), path.name
    assert whole.messages is base.messages
    loaded = load_model(tmp_path / "whole")
    chat = next(chat for chat in some_chats if chat.split == "dev" and chat.label is Label.BLACKMAIL).chat
    verdict, monitor = classify(chat, model=loaded), ChatMonitor(model=loaded)
    assert verdict.risk == classify(chat, model=whole).risk
    assert [monitor.update(message).risk for message in chat.messages] == pytest.approx(verdict.risk)
