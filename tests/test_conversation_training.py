"""Fitting the conversation part on a model that is there: the same each time, and blind to the test split."""

import numpy as np
import pytest
from conftest import ROOT

from sextortion_detect import ChatMonitor, classify, load_model
from sextortion_detect.model.participant import FEATURES
from sextortion_detect.model.storage import save_model
from sextortion_detect.records import Chat, Message
from sextortion_detect.taxonomy import Label, Variety
from sextortion_detect.training.context import FOLDS, _begin_weights, folds_of
from sextortion_detect.training.conversations import _doubt, _fit_head, _State, fit_conversations
from sextortion_detect.training.corpus import SPLITS, AnnotatedChat, load_chats
from sextortion_detect.training.fit import fit
from sextortion_detect.training.recipe import Recipe


@pytest.fixture(scope="module")
def some_chats():
    return load_chats(ROOT / "datasets")[::18]


def test_folds_keep_an_author_together(some_chats):
    authors = [chat.id.rpartition("-")[0] for chat in some_chats]
    folds = folds_of(some_chats).tolist()
    assert len({*zip(authors, folds, strict=True)}) == len({*authors})
    assert {*folds} == {*range(FOLDS)}


def test_the_first_windows_of_an_offender_since_the_mark_count_most_for_where_it_begins(some_chats):
    """Since then 4 times for three messages of his, 1.3 for three more, 0.3 afterwards; others, and before it, once."""
    for chat in some_chats:
        weights = _begin_weights([chat]).tolist()
        own = [
            place
            for place, message in enumerate(chat.chat.messages)
            if chat.first_flag is not None and place >= chat.first_flag and message.sender == chat.offender
        ]
        assert [weights[place] for place in own] == [*[4.0] * 3, *[1.3] * 3, *[0.3] * len(own)][: len(own)]
        assert {weight for place, weight in enumerate(weights) if place not in own} <= {1.0}
    assert any(chat.first_flag is not None for chat in some_chats)


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
        states.append(_State(vector, place % FOLDS, 1.0, offends, blackmail, False, offends, place, True))
    return _fit_head(states, chats).threshold


def test_only_harmless_dev_conversations_set_the_threshold():
    assert _threshold("dev") > _threshold("train") + 0.1


@pytest.mark.slow
def test_the_conversation_part_is_fitted_alone_and_the_same_without_the_test_split(tmp_path, corpus_rows, some_chats):
    rows = [row for row in corpus_rows if row.split == "train"][::60]
    rows.extend([row for row in corpus_rows if row.split == "dev"][::2])
    chats = [chat for chat in some_chats if chat.split == "train"][::6]
    chats.extend(chat for chat in some_chats if chat.split != "train")
    base = fit(rows, recipe=Recipe(written_copies=0.0))  # the conversation part is what is looked at
    assert {chat.split for chat in chats} == {*SPLITS}
    whole = fit_conversations(base, rows, chats, quiet=6)  # long harmless sides take most of the time
    again = fit_conversations(base, rows, [chat for chat in chats if chat.split != "test"], quiet=6)
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
