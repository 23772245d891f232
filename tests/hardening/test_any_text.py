"""Arbitrary Unicode through every public door: what comes back is whole, and nothing but a sentence is raised."""

import json
import math
from itertools import pairwise

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from sextortion_detect import Chat, ChatMonitor, Message, classify, classify_iter
from sextortion_detect.cli.app import app
from sextortion_detect.errors import InputError
from sextortion_detect.estimators import ArabicNormalizer, SextortionClassifier
from sextortion_detect.facts.redact import Redactor
from sextortion_detect.integrations import coop, perspective
from sextortion_detect.records import MessageKind
from sextortion_detect.scoring.score_tables import score_tables
from sextortion_detect.wording import wording

pytestmark = pytest.mark.harden

THREAT = "معي صورك حول ٥٠٠ دولار قبل الليل والا بيوصل لكل اهلك"
PIECES = [*THREAT.split(), "ab3atly", "ﷺ", "ﻻ", "ـ", "\u200f", "😂", "\ufeff", "@a.b", "+966 50 000 0000", "<script>", "=1+1", "\x1b[31m", "\ud800", "\x85", "\n"]  # fmt: skip
ANY = st.text(st.characters(exclude_categories=[]), max_size=120)  # lone surrogates too
TEXT = ANY | st.lists(st.sampled_from(PIECES), max_size=12).map(" ".join)
WELL_FORMED = TEXT.map(lambda text: text.encode("utf-8", "replace").decode())
TEXTS = st.lists(TEXT, max_size=6)
SENDER = st.none() | st.text(max_size=12) | st.sampled_from(["س", "+966 50 000 0000", "\ud800", ""])
MESSAGES = st.lists(
    st.builds(Message, TEXT, SENDER, st.none() | st.datetimes(), st.sampled_from(MessageKind)), max_size=6
)
MANY = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
FEWER = settings(MANY, max_examples=100)


def assert_whole(verdict, text):
    assert math.isclose(sum(verdict.scores.values()), 1.0, abs_tol=1e-9)
    assert all(0.0 <= number <= 1.0 for number in (*verdict.scores.values(), verdict.probability))
    assert all(text[span.start : span.end] == span.text for span in verdict.evidence)
    json.dumps(verdict.to_dict())
    assert text not in repr(verdict) or len(text) < 20  # short ones are like anything


@MANY
@given(texts=TEXTS)
def test_lists_and_iterators(texts):
    several = classify(texts, thresholds={"offense": 0.1})
    for text, verdict in zip(texts, several, strict=True):
        assert_whole(verdict, text)
    assert list(classify_iter(iter(texts), thresholds={"offense": 0.1})) == several
    assert [classify(text, thresholds={"offense": 0.1}) for text in texts] == several


@FEWER
@given(texts=st.lists(st.none() | WELL_FORMED, max_size=6))
def test_columns(texts):
    probabilities = [0.0 if text is None else classify(text).probability for text in texts]
    frame = classify(pd.Series(texts, dtype=object, index=[f"{place}" for place in range(len(texts))]))
    assert frame["probability"].fillna(0.0).tolist() == pytest.approx(probabilities)
    for column in (pl.Series(texts, dtype=pl.String), pa.array(texts, pa.string())):
        found = classify(column)["probability"]
        known = found.to_pylist() if isinstance(found, pa.ChunkedArray) else found.to_list()
        assert [number or 0.0 for number in known] == pytest.approx(probabilities)


@FEWER
@given(messages=MESSAGES, lang=st.sampled_from(["ar", "en"]), redact=st.booleans())
def test_conversations_and_their_pages(messages, lang, redact):
    verdict = classify(Chat(messages), thresholds={"offense": 0.1, "conversation": 0.1})
    monitor = ChatMonitor(thresholds={"offense": 0.1, "conversation": 0.1})
    states = [monitor.update(message) for message in messages]
    assert [state.risk for state in states] == list(verdict.risk)
    assert all(0.0 <= risk <= 1.0 for risk in verdict.risk)
    json.dumps(verdict.to_dict())
    frame = verdict.to_frame()
    assert frame["text"].str.len().tolist() == [len(message.text) for message in messages]
    page = verdict.to_html(lang=lang, redact=redact)
    assert page.count("<script") == 1  # its own, which a policy lets run alone


@MANY
@given(texts=TEXTS)
def test_estimators(texts):
    normalizer = ArabicNormalizer().fit([])
    folded = list(normalizer.transform(texts))
    assert list(normalizer.transform(folded)) == folded
    probabilities = SextortionClassifier().predict_proba(texts)
    assert probabilities.shape == (len(texts), 4)
    assert probabilities.sum(axis=1) == pytest.approx([1.0] * len(texts))


@MANY
@given(text=TEXT)
def test_perspective(text):
    request = {"comment": {"text": text}, "requestedAttributes": {"SEXTORTION": {}}, "spanAnnotations": True}
    units = len(text.encode("utf-16-le", "surrogatepass")) // 2
    answer = perspective.analyze(request)
    json.dumps(answer)
    for span in answer["attributeScores"]["SEXTORTION"].get("spanScores", ()):
        assert 0 <= span["begin"] < span["end"] <= units


JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=True) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
KEYS = (
    "comment",
    "requestedAttributes",
    "languages",
    "spanAnnotations",
    "clientToken",
    "text",
    "SEXTORTION",
    "value",
    "type",
)
REQUEST = st.dictionaries(st.sampled_from(KEYS), JSON | st.dictionaries(st.sampled_from(KEYS), JSON, max_size=3))


@MANY
@given(request=REQUEST)
def test_requests_of_any_shape(request):
    for answers in (perspective.analyze, lambda given: coop.run_signal("SEXTORTION_SCORE", given)):
        try:
            json.dumps(answers(request))
        except InputError:
            continue


@MANY
@given(text=TEXT)
def test_coop(text):
    for name in coop.SIGNALS:
        json.dumps(coop.run_signal(name, {"value": {"type": "STRING", "value": text}}))


@FEWER
@given(
    lines=st.lists(st.binary(max_size=60) | TEXT.map(lambda text: text.encode("utf-8", "surrogatepass")), max_size=4)
)
def test_the_command_line(lines):
    done = CliRunner().invoke(app, ["classify", "-", "--json"], input=b"\n".join(lines))
    assert done.exception is None or isinstance(done.exception, SystemExit | InputError), done.exception
    assert b"\x1b" not in done.stdout_bytes
    for line in filter(None, done.stdout_bytes.split(b"\n")):  # what else ends a line for Python may stand in a text
        json.loads(line)


@FEWER
@given(texts=st.lists(WELL_FORMED, min_size=1, max_size=5), target=st.sampled_from(["csv", "jsonl", "parquet"]))
def test_tables(tmp_path_factory, texts, target):
    folder = tmp_path_factory.mktemp("tables")
    lines = [json.dumps({"text": text}, ensure_ascii=len(text) % 2 == 0) for text in texts]
    (folder / "in.jsonl").write_text("\n".join(lines), encoding="utf-8", newline="\n")
    done = score_tables([str(folder / "in.jsonl")], folder / f"out.{target}", column="text")
    assert (done.judged, done.rejected) == (len(texts), 0)


@MANY
@given(names=st.lists(SENDER, max_size=3), text=TEXT)
def test_redaction(names, text):
    redactor = Redactor(names, wording("en"))
    hidden = redactor.find(text)
    assert all(one.start < one.end for one in hidden)
    assert all(before.end <= after.start for before, after in pairwise(hidden))
    assert "+966 50 000 0000" not in redactor.told(text)[0]
