"""The one entry point: what comes back for what goes in, and one sentence for what cannot be judged."""

import copy
import dataclasses
import json
import math
import pickle
from fractions import Fraction
from importlib.metadata import version

import numpy as np
import pandas as pd
import pytest
from conftest import SAMPLE
from hypothesis import given, settings
from hypothesis import strategies as st

import sextortion_detect
from sextortion_detect import (
    Chat,
    ChatMonitor,
    ChatVerdict,
    Message,
    SextortionClassifier,
    Verdict,
    classify,
    classify_iter,
    read_chat,
    thresholds_for,
)
from sextortion_detect.errors import InputError, shown
from sextortion_detect.model.stretches import strongest, terms
from sextortion_detect.records import MessageKind, ReadReport
from sextortion_detect.taxonomy import OFFENSES, Action, Label, Tactic
from sextortion_detect.training.intervals import calibration_error, reliability
from sextortion_detect.training.label_head import fit_scaling

THREAT = "معي تسجيلك كامل. حول ٥٠٠ دولار قبل الليل والا بيوصل لكل اهلك"
TEXTS = [THREAT, "صباح الخير", "", "واحد يهددني ينشر صوري وش اسوي", "افتحي الكام انا لحالي ومحد بيدري", "🙂"]


def test_a_threat():
    verdict = classify(THREAT)
    assert verdict.label == "blackmail"
    assert verdict.flagged is True
    assert verdict.action == "flag"
    assert verdict.probability > 0.95
    assert {"possession_claim", "payment_demand"} <= set(verdict.tactics)
    assert 1 <= len(verdict.evidence) <= 5


def test_plain_dict_is_json_with_stable_keys():
    plain = classify(THREAT).to_dict()
    assert list(plain) == ["label", "flagged", "action", "probability", "scores", "tactics", "evidence", "distress"]
    assert set(plain["evidence"][0]) == {"start", "end", "text", "tactic", "weight"}
    assert json.loads(json.dumps(plain)) == plain


@pytest.mark.parametrize("text", ["", " \n ", "\u200f\u0640", "...", "\ud800", "中文"])
def test_unreadable_text_is_benign(text):
    verdict = classify(text)
    assert (verdict.label, verdict.flagged, verdict.action, verdict.evidence) == (Label.BENIGN, False, Action.NONE, ())


def test_an_iterable_gives_a_list_in_order():
    assert classify(TEXTS) == [classify(text) for text in TEXTS]
    assert classify(text for text in TEXTS) == classify(TEXTS)
    assert classify([]) == []


def test_a_message_gets_the_same_verdict_alone_and_among_others(corpus_rows):
    texts = [row.text for row in corpus_rows[::150]]
    lax = {"offense": 0.2}  # so that many have evidence
    verdicts = classify(texts, thresholds=lax)
    assert sum(len(verdict.evidence) > 1 for verdict in verdicts) > 20
    assert verdicts == [classify(text, thresholds=lax) for text in texts]
    assert verdicts == classify([*texts[::-1], THREAT, *texts], thresholds=lax)[-len(texts) :]


def test_progress_counts_to_the_end():
    seen = []
    classify(["هلا"] * 4_500, progress=seen.append)
    assert seen == [2_000, 4_000, 4_500]
    seen.clear()
    classify(pd.Series(["هلا"] * 2_500), progress=seen.append)
    assert seen == [2_000, 2_500]
    seen.clear()
    classify(Chat([Message("هلا")] * 2_500), progress=seen.append)
    assert seen == [1_000, 2_000, 2_500]  # each message is read with its window


def test_a_series_gives_a_frame_on_its_index():
    series = pd.Series([THREAT, None, "صباح الخير"], index=[7, 3, 9])
    frame = classify(series)
    assert list(frame.index) == [7, 3, 9]
    assert frame["label"].tolist()[::2] == ["blackmail", "benign"]
    assert frame.loc[3].drop("evidence").isna().all()
    assert frame.loc[3, "evidence"] is None
    assert frame.dtypes.astype(str).to_dict() == {
        "label": "category", "flagged": "boolean", "action": "string", "probability": "Float64", "benign": "Float64",
        "grooming": "Float64", "blackmail": "Float64", "victim_report": "Float64", "tactics": "string",
        "evidence": "object", "distress": "boolean",
    }  # fmt: skip
    assert frame.loc[7, "probability"] == classify(THREAT).probability


@pytest.mark.parametrize("missing", [None, float("nan"), pd.NA])
def test_a_series_of_missing_text_alone(missing):
    assert classify(pd.Series([missing, missing], dtype=object))["label"].isna().all()


def test_an_empty_series():
    assert classify(pd.Series([], dtype="string")).empty


def test_thresholds_can_be_changed():
    lax = classify("صباح الخير", thresholds={"offense": 0.0})
    assert lax.flagged
    assert lax.label in (Label.BLACKMAIL, Label.GROOMING)
    assert not classify(THREAT, thresholds={"offense": 1.0}).flagged
    assert Tactic.PAYMENT_DEMAND not in classify(THREAT, thresholds={"payment_demand": 1.0}).tactics


REFUSED = [
    (None, TypeError, "classify takes a str, an iterable of str, a pandas Series or a Chat, not NoneType; "
                      "decode bytes first and leave out missing texts."),
    ("سر".encode(), TypeError, "classify takes a str, an iterable of str, a pandas Series or a Chat, not bytes; "
                               "decode bytes first and leave out missing texts."),
    (3, TypeError, "classify takes a str, an iterable of str, a pandas Series or a Chat, not int; "
                   "decode bytes first and leave out missing texts."),
    ({"a": 1}, TypeError, "classify takes a str, an iterable of str, a pandas Series or a Chat, not dict; "
                          "decode bytes first and leave out missing texts."),
    (pd.DataFrame({"a": ["b"]}), TypeError,
     "classify takes a str, an iterable of str, a pandas Series or a Chat, not DataFrame; "
     "decode bytes first and leave out missing texts."),
    (["a", 3], TypeError, "classify takes texts, and the item at position 1 is of type int; "
                          "convert it to str or leave it out."),
    (["a", None], TypeError, "classify takes texts, and the item at position 1 is of type NoneType; "
                             "convert it to str or leave it out."),
    (pd.Series(["a", 3]), TypeError, "classify takes texts, and the item at position 1 is of type int; "
                                     "convert it to str or leave it out."),
]  # fmt: skip


@pytest.mark.parametrize(("given_", "error", "sentence"), REFUSED, ids=range(len(REFUSED)))
def test_refused_input(given_, error, sentence):
    with pytest.raises(error) as caught:
        classify(given_)
    assert str(caught.value) == sentence


def test_a_model_by_its_path_is_refused():
    with pytest.raises(TypeError) as caught:
        classify("هلا", model="models/ar-16")
    assert str(caught.value) == "model must be a Model, not str; load one with load_model(path)."


NO_TEXTS = [
    (THREAT, "str"), ("سر".encode(), "bytes"), (bytearray(b"a"), "bytearray"), ({"a": "b"}, "dict"), (3, "int"),
    (pd.DataFrame({"a": ["b"]}), "DataFrame"), (None, "NoneType"), (Chat([Message("هلا")]), "Chat"),
]  # fmt: skip


@pytest.mark.parametrize(("given_", "kind"), NO_TEXTS, ids=[kind for _, kind in NO_TEXTS])
def test_what_is_no_iterable_of_texts_is_refused_before_the_first_verdict(given_, kind):
    with pytest.raises(TypeError) as caught:
        classify_iter(given_)
    assert str(caught.value) == f"classify_iter takes an iterable of str, not {kind}."


def test_a_wrong_text_raises_when_it_is_met():
    verdicts = classify_iter(text for text in [*["هلا"] * 4_500, 3])
    assert next(verdicts).label is Label.BENIGN
    with pytest.raises(TypeError, match=r"^classify takes texts, and the item at position 4500 is of type int; "):
        list(verdicts)


def test_a_kind_of_str_is_text():
    class Text(str):
        __slots__ = ()

    wanted = classify(THREAT)
    assert classify(Text(THREAT)) == wanted
    assert classify([Text(THREAT)]) == [*classify_iter([Text(THREAT)])] == [wanted]
    assert classify(pd.Series([Text(THREAT)], dtype=object)).loc[0, "probability"] == wanted.probability


@pytest.mark.parametrize("n_jobs", [0, "2", 1.5, [2]])
@pytest.mark.parametrize(
    "judge", [classify, classify_iter, lambda texts, n_jobs: SextortionClassifier(n_jobs=n_jobs).predict(texts)]
)
def test_what_is_no_number_of_processes(judge, n_jobs):
    with pytest.raises(InputError) as caught:
        judge(["هلا"], n_jobs=n_jobs)
    assert str(caught.value) == "n_jobs must be a number of processes, or -1 for one a core."
    assert classify(["هلا"], n_jobs=np.int64(1)) == classify(["هلا"])


def test_messages_and_chats_take_their_own_types():
    with pytest.raises(TypeError) as caught:
        Message(None)
    assert str(caught.value) == "The text of a Message must be a str, not NoneType."
    with pytest.raises(TypeError) as caught:
        Chat([Message("هلا"), "هلا"])
    assert str(caught.value) == "A Chat takes Message objects, and item 1 is of type str."


def test_verdicts_share_nothing_that_can_be_changed():
    classify("").scores[Label.BENIGN] = 0.25
    assert classify("").scores[Label.BENIGN] == 1.0


def test_refused_thresholds():
    with pytest.raises(InputError) as caught:
        classify("هلا", thresholds={"offense": 1.5})
    assert str(caught.value) == "The threshold 'offense' must lie between 0 and 1, not 1.5."
    with pytest.raises(InputError, match=r"must lie between 0 and 1, not a str\.$"):
        classify("هلا", thresholds={"offense": "0.5"})
    with pytest.raises(InputError, match=r"^There is no threshold named 'offence'; the names are "):
        classify("هلا", thresholds={"offence": 0.5})


@pytest.mark.parametrize(("given_", "kind"), [(0.5, "float"), ([0.5], "list"), (b"1e-3", "bytes"), (True, "bool")])
def test_thresholds_of_a_kind_that_is_none(given_, kind):
    calls = (
        lambda: classify("هلا", thresholds=given_), lambda: classify_iter([], thresholds=given_),
        lambda: ChatMonitor(thresholds=given_), lambda: SextortionClassifier(thresholds=given_).predict(["هلا"]),
    )  # fmt: skip
    for call in calls:
        with pytest.raises(InputError) as caught:
            call()
        assert str(caught.value) == f"The thresholds must be a budget, or numbers by name, not {kind}."


@pytest.mark.parametrize("number", [np.float32, np.float64, np.float16, Fraction])
def test_numbers_of_numpy_are_numbers(number):
    half, few = number(0.5), number(0.0625)
    assert classify(TEXTS, thresholds={"offense": half}) == classify(TEXTS, thresholds={"offense": 0.5})
    assert classify(TEXTS, prevalence=few) == classify(TEXTS, prevalence=0.0625)
    assert thresholds_for(["هلا"] * 1_000, few) == thresholds_for(["هلا"] * 1_000, 0.0625)
    with pytest.raises(InputError, match="must lie between 0 and 1, not "):
        classify("هلا", thresholds={"offense": number(1.5)})


def test_a_prefix_goes_before_every_column():
    plain = classify(pd.Series(TEXTS))
    assert list(classify(pd.Series(TEXTS), prefix="sd_").columns) == [f"sd_{name}" for name in plain.columns]
    assert classify(pd.Series(TEXTS), prefix="").equals(plain)
    with pytest.raises(InputError) as caught:
        classify(pd.Series(TEXTS), prefix=3)
    assert str(caught.value) == "The prefix must be a str, not int."


def test_what_a_caller_names_stands_at_the_top_level():
    assert sextortion_detect.__version__ == version("sextortion-detect")
    assert (sextortion_detect.Label, sextortion_detect.Tactic, sextortion_detect.Action) == (Label, Tactic, Action)
    assert {"__version__", "Label", "Tactic", "Action"} <= set(sextortion_detect.__all__)
    assert all(hasattr(sextortion_detect, name) for name in sextortion_detect.__all__)


def test_verdicts_are_counted_and_gathered(corpus_rows):
    """Equal ones are one in a set, however they came about, and different texts do not fall together."""
    texts = [*TEXTS, *[row.text for row in corpus_rows[::100]]]
    verdicts = classify(texts)
    assert set(verdicts) == {classify(text) for text in texts}
    assert len({hash(verdict) for verdict in verdicts}) == len(set(verdicts)) > 100
    one = verdicts[0]
    turned = Verdict(one.label, one.flagged, one.action, dict(reversed(one.scores.items())), one.tactics, one.evidence)
    assert (turned, hash(turned)) == (one, hash(one))
    chat = Chat([Message(THREAT, "س")], "x", ReadReport(entries={MessageKind.TEXT: 1}))
    assert len({classify(chat), classify(chat)}) == 1


def test_budgets(model, corpus_rows):
    """A smaller budget flags no message that a larger one lets pass, and only flags differ from the default's."""
    texts = [row.text for row in corpus_rows if row.split == "train"][::60]
    by_budget = {budget: classify(texts, thresholds=budget) for budget in ("1e-4", "1e-3", "1e-2")}
    flagged = [{place for place, verdict in enumerate(verdicts) if verdict.flagged} for verdicts in by_budget.values()]
    assert flagged[0] < flagged[1] < flagged[2]
    assert [verdict.to_dict() for verdict in by_budget["1e-3"]] == [verdict.to_dict() for verdict in classify(texts)]
    for budget, verdicts in by_budget.items():
        limit = model.manifest["thresholds_by_budget"][budget]["offense"]
        assert [verdict.flagged for verdict in verdicts] == [verdict.probability >= limit for verdict in verdicts]
        assert [verdict.scores for verdict in verdicts] == [verdict.scores for verdict in by_budget["1e-3"]]
    chats = [Chat([Message(text, "a")]) for text in texts[:30]]
    assert [classify(chat, thresholds="1e-2").messages[0].flagged for chat in chats] == [
        verdict.flagged for verdict in by_budget["1e-2"][:30]
    ]


@pytest.mark.parametrize("budget", ["1e-5", "0.001", ""])
def test_a_budget_that_does_not_exist(budget):
    classify("هلا")  # whose thresholds are kept for the next call
    with pytest.raises(InputError) as caught:
        classify("هلا", thresholds=budget)
    assert str(caught.value) == ("There are no thresholds for that budget; the budgets are 1e-2, 1e-3, 1e-4.")


def test_a_model_without_budgets(model):
    manifest = {name: value for name, value in model.manifest.items() if name != "thresholds_by_budget"}
    with pytest.raises(InputError) as caught:
        classify("هلا", model=dataclasses.replace(model, manifest=manifest), thresholds="1e-3")
    assert str(caught.value) == (
        "The model has no thresholds by budget; train it with --traffic, or give thresholds by name."
    )


@pytest.fixture(scope="module")
def even(model):
    """The shipped model, as if calibrated where half of the messages offend."""
    return dataclasses.replace(model, manifest={**model.manifest, "calibration": {"prevalence": 0.5}})


@pytest.mark.parametrize("prevalence", [1e-5, 0.01, 0.5, 0.9])
def test_prevalence_moves_every_log_odds_by_one_constant(even, corpus_rows, prevalence):
    texts = [row.text for row in corpus_rows if row.split == "train"][::120]
    plain, told = classify(texts, model=even), classify(texts, model=even, prevalence=prevalence)
    inner = [place for place, verdict in enumerate(plain) if 1e-6 < verdict.probability < 1 - 1e-6]
    moves = [log_odds(told[place].probability) - log_odds(plain[place].probability) for place in inner]
    assert len(moves) > 200
    assert moves == pytest.approx([log_odds(prevalence)] * len(moves), abs=1e-6)
    for one, other in zip(plain, told, strict=True):
        assert sum(other.scores.values()) == pytest.approx(1.0)
        assert (one.label, one.flagged, one.action, one.tactics, one.evidence) == (
            other.label, other.flagged, other.action, other.tactics, other.evidence
        )  # fmt: skip


def log_odds(probability):
    return math.log(probability / (1.0 - probability))


@pytest.fixture(scope="module")
def dev(corpus_rows):
    return [row for row in corpus_rows if row.split == "dev"]


@pytest.fixture(scope="module")
def calibrated(model, dev):
    """The shipped model with probabilities that are right for the dev rows."""
    parts = []
    for begin in range(0, len(dev), 1_000):
        rows, of_stretches = model.vectorizer.transform_stretches([row.text for row in dev[begin : begin + 1_000]])
        scores = model.messages(rows)
        parts.append(model.labels.of(terms(scores, strongest(scores, of_stretches), np.diff(rows.ends))))
    scaling = fit_scaling(np.concatenate(parts), [row.label for row in dev])
    manifest = {**model.manifest, "calibration": {"prevalence": scaling.prevalence}}
    return dataclasses.replace(model, labels=scaling.applied(model.labels), manifest=manifest)


@pytest.mark.parametrize("prevalence", [0.02, 0.1])
def test_prevalence_makes_probabilities_right_where_offenses_are_rarer(calibrated, dev, prevalence):
    texts, offends = [row.text for row in dev], np.array([row.label in OFFENSES for row in dev])
    rng = np.random.default_rng(3)
    drawn = np.concatenate(
        [rng.choice(np.flatnonzero(offends), 400), rng.choice(np.flatnonzero(~offends), int(400 / prevalence) - 400)]
    )
    errors = []
    for asked in (None, prevalence):
        verdicts = classify(texts, model=calibrated, prevalence=asked)
        given = np.array([verdict.probability for verdict in verdicts])
        errors.append(calibration_error(reliability(given[drawn], offends[drawn])))
    assert errors[1] < errors[0] / 2


@pytest.mark.parametrize("prevalence", [0.0, 1.0, -1, 1.5, "0.1", True, math.nan])
def test_refused_prevalences(even, prevalence):
    with pytest.raises(InputError) as caught:
        classify("هلا", model=even, prevalence=prevalence)
    assert str(caught.value) == f"The prevalence must lie between 0 and 1, ends left out, not {shown(prevalence)}."


def test_a_model_that_does_not_say_its_base_rate(model):
    manifest = {name: value for name, value in model.manifest.items() if name != "calibration"}
    with pytest.raises(InputError) as caught:
        classify("هلا", model=dataclasses.replace(model, manifest=manifest), prevalence=0.1)
    assert str(caught.value) == (
        "The model does not say which share of offenses its probabilities are for; train it again."
    )


# Words that pass every stage, so that flagged messages come up, and arbitrary Unicode.
MESSAGES = st.text(max_size=200) | st.lists(
    st.sampled_from(
        [*THREAT.split(), "صورك", "flous", "ab3atly", "الكام", "ﷲ", "و", "ـ", "😂", "500$", "https://t.co/x"]
    )
).map(" ".join)


@given(MESSAGES)
@settings(max_examples=300, deadline=None)
def test_any_text_has_scores_that_sum_to_one_and_evidence_in_whole_words(text):
    verdict = classify(text, thresholds={"offense": 0.2})
    assert math.isclose(sum(verdict.scores.values()), 1.0, abs_tol=1e-9)
    assert all(0.0 <= score <= 1.0 for score in verdict.scores.values())
    assert len(verdict.evidence) <= 5
    for span in verdict.evidence:
        assert 0 <= span.start < span.end <= len(text)
        assert span.text == text[span.start : span.end]
    assert [span.weight for span in verdict.evidence] == sorted(
        (span.weight for span in verdict.evidence), reverse=True
    )
    assert verdict.flagged or not (verdict.tactics or verdict.evidence)


@given(MESSAGES)
@settings(max_examples=200, deadline=None)
def test_marks_that_nobody_sees_never_change_a_verdict(text):
    dressed = "".join(f"{letter}\u200f" if letter.isalpha() else letter for letter in text)
    assert classify(dressed).scores == pytest.approx(classify(text).scores)


@pytest.fixture(scope="module")
def sample():
    return read_chat(SAMPLE)


def test_a_chat(sample):
    verdict = classify(sample)
    assert isinstance(verdict, ChatVerdict)
    assert verdict.flagged
    assert verdict.label == "blackmail"
    assert verdict.offender == "لين"
    assert len(verdict.messages) == len(verdict.risk) == len(sample.messages)
    assert verdict.risk[verdict.first_flagged] >= verdict.threshold
    assert max(verdict.risk[: verdict.first_flagged]) < verdict.threshold
    assert verdict.probability == max(verdict.risk)
    assert {sample.messages[index].sender for index in verdict.turning_points(3)} == {"لين"}
    assert not any(
        judged.flagged
        for message, judged in zip(sample.messages, verdict.messages, strict=True)
        if message.sender == "سامر"
    )


def test_markers_and_deletions_of_a_chat_are_not_scored(sample):
    for message, judged in zip(sample.messages, classify(sample).messages, strict=True):
        if message.kind in (MessageKind.MEDIA, MessageKind.DELETED):
            assert judged.probability == 0.0


def test_a_monitor_says_the_same_message_by_message(sample):
    whole = classify(sample)
    monitor = ChatMonitor()
    states = [monitor.update(message) for message in sample.messages]
    assert [state.message for state in states] == list(whole.messages)
    assert tuple(state.risk for state in states) == pytest.approx(whole.risk)
    assert tuple(state.move for state in states) == pytest.approx(whole.moves)
    last = states[-1]
    assert (last.label, last.flagged, last.first_flagged, last.offender) == (
        whole.label, whole.flagged, whole.first_flagged, whole.offender,
    )  # fmt: skip


def test_a_chat_by_a_model_that_has_learnt_no_conversations(model, sample):
    manifest = {name: value for name, value in model.manifest.items() if name != "conversation"}
    plain = dataclasses.replace(model, manifest=manifest, context=None)
    verdict = classify(sample, model=plain)
    assert (verdict.flagged, verdict.offender, verdict.threshold) == (True, "لين", model.thresholds["offense"])
    assert [message.label for message in verdict.messages] == [one.label for one in classify(sample).messages]
    monitor = ChatMonitor(model=plain)
    assert tuple(monitor.update(message).risk for message in sample.messages) == pytest.approx(verdict.risk)


def test_a_monitor_takes_messages():
    with pytest.raises(TypeError) as caught:
        ChatMonitor().update("هلا")
    assert str(caught.value) == "update takes a Message, not str; wrap the text: Message(text, sender)."


def test_an_empty_chat():
    verdict = classify(Chat([]))
    assert (verdict.label, verdict.flagged, verdict.probability, verdict.risk) == (Label.BENIGN, False, 0.0, ())


def test_a_chat_as_frame_and_dict(sample):
    verdict = classify(sample)
    frame = verdict.to_frame()
    assert len(frame) == len(sample.messages)
    assert frame["flagged"].sum() == sum(message.flagged for message in verdict.messages)
    assert json.loads(json.dumps(verdict.to_dict()))["offender"] == "لين"


def test_a_verdict_is_frozen():
    verdict = classify("هلا")
    assert isinstance(verdict, Verdict)
    with pytest.raises(AttributeError):
        verdict.label = Label.BLACKMAIL


@pytest.mark.parametrize(
    "text",
    [
        "عندي صورك حول ٥٠٠ دولار والا بنشرها لاهلك",
        "صباح الخير يا جماعة",
        "اخويا بيتعرض لابتزاز من واحد هددوه بصوره",
        "",
    ],
)
@pytest.mark.parametrize(
    "copied",
    [
        lambda one: Verdict(one.label, one.flagged, one.action, one.scores, one.tactics, one.evidence),
        lambda one: pickle.loads(pickle.dumps(one)),
        copy.copy,
        copy.deepcopy,
        dataclasses.replace,
    ],
)
def test_a_verdict_made_later_is_like_any_other(text, copied):
    """Scores and tactics that nobody looked at yet are not told apart from those that were given."""
    copies = [copied(classify(text)), copied(classify([text, text])[1])]
    for one in copies:
        assert one == classify(text)
        assert repr(one) == repr(classify(text))
        assert one.to_dict() == classify(text).to_dict()
        assert one.scores is one.scores
        assert list(one.scores) == list(Label)
        assert hash(one) == hash(classify(text))
        with pytest.raises(dataclasses.FrozenInstanceError):
            one.scores = {}


@pytest.mark.parametrize("name", ["scores", "tactics", "evidence", "_packed", "other"])
def test_a_verdict_without_contents_has_none(name):
    with pytest.raises(AttributeError, match="has no attribute"):
        getattr(object.__new__(Verdict), name)
