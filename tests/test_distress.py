"""Distress: heard in every variety, never in idioms, and apart from the label; nobody in need is left without a route."""

import csv
import dataclasses
import re
from time import process_time

import pytest
from conftest import ROOT
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.console import Console

from sextortion_detect import Chat, Message, classify
from sextortion_detect.chat_summary import summarize
from sextortion_detect.distress import with_phrase
from sextortion_detect.taxonomy import Action, Label
from sextortion_detect.terminal import Look, show_summary

THREAT = "هنشر صورك لو مدفعتش 500 دولار دلوقتي"

TABLE = (ROOT / "sextortion_detect" / "distress.tsv").read_text(encoding="utf-8").splitlines()
PARTS = {name: words for name, words, *_ in (line.split("\t") for line in TABLE) if name.startswith("<")}
PHRASES = [line.split("\t") for line in TABLE[1:] if not line.startswith("<")]
PART = re.compile("<[a-z]+>")
CASES = list(csv.DictReader((ROOT / "tests" / "cases" / "distress.csv").read_text(encoding="utf-8").splitlines()))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"])
def test_distress_is_heard_and_idioms_are_none(case):
    assert classify(case["text"]).distress is (case["distress"] == "1")
    assert with_phrase([case["text"]]) == [case["distress"] == "1"]


@pytest.mark.parametrize("text", [case["text"] for case in CASES if case["distress"] == "1"])
def test_it_is_heard_inside_a_message(text):
    assert classify(f"والله تعبت يا اختي، {text}، وما اعرف لمن احكي").distress


def test_each_row_of_the_table_has_its_columns_and_its_english():
    assert TABLE[0].split("\t") == ["needs", "phrase", "unless_next", "english"]
    for line in TABLE[1:]:
        fields = line.split("\t")
        assert len(fields) == 4
        assert fields[1]
        assert fields[3]


@pytest.mark.parametrize(
    "text", ["عمري ١٧ وحاسة حياتي وقفت هون وما في بكرا، كل يوم بفكر اخلص", "bghit nmout ou nehenni kolchi"]
)
def test_what_no_phrase_has_is_heard_where_the_model_is_sure(text):
    assert classify(text, thresholds={"distress": 0.05}).distress
    assert not classify(text, thresholds={"distress": 1.0, "distress_phrase": 1.0}).distress


def test_a_model_that_learnt_nothing_of_distress_goes_by_phrases(model):
    own = {name: value for name, value in model.thresholds.items() if not name.startswith("distress")}
    told = classify(["عايزة أموت", "أموت فيك"], model=dataclasses.replace(model, distress=None, thresholds=own))
    assert [verdict.distress for verdict in told] == [True, False]


def test_who_is_not_flagged_is_routed_to_support_and_keeps_the_label():
    verdict = classify("عايزة أموت")
    assert (verdict.label, verdict.flagged, verdict.action, verdict.distress) == (
        Label.BENIGN, False, Action.SUPPORT, True,
    )  # fmt: skip
    assert verdict.to_dict()["distress"] is True
    assert "now" in verdict.advice("en").steps[0]
    assert not classify("أموت فيك").advice("en")


def test_a_flagged_one_is_shown_in_danger_without_a_route(model):
    verdict = classify("هنشر صورك لو مدفعتش 500 دولار دلوقتي وبعدها هموت نفسي", thresholds={"offense": 0.01})
    assert (verdict.flagged, verdict.action, verdict.distress) == (True, Action.FLAG, True)


def in_terminal(verdict, lang):
    console = Console(width=100, highlight=False)
    with console.capture() as capture:
        for part in show_summary(summarize(verdict), Look(lang=lang)):
            console.print(part)
    return capture.get()


@pytest.mark.parametrize(
    ("lang", "told"), [("en", "First message to read: message 2"), ("ar", "أول رسالة تنبغي قراءتها: الرسالة ٢")]
)
def test_one_message_to_read_is_told_in_the_terminal_and_on_the_page(lang, told):
    verdict = classify(Chat([Message("صباح الخير", "سارة"), Message(THREAT, "رقم")]), thresholds={"conversation": 1.0})
    assert (verdict.flagged, verdict.to_read, verdict.label) == (False, 1, Label.BLACKMAIL)
    assert verdict.advice()
    assert told in in_terminal(verdict, lang)
    assert told in verdict.to_html(lang=lang)
    assert verdict.to_dict()["to_read"] == 1


@pytest.mark.parametrize(("lang", "told"), [("en", "Speaks of harming oneself"), ("ar", "كلام عن إيذاء النفس")])
def test_distress_is_told_in_the_terminal_and_on_the_page(lang, told):
    verdict = classify(Chat([Message("صباح الخير", "رقم"), Message("عايزة أموت", "سارة")]))
    assert (verdict.label, verdict.messages[1].action) == (Label.BENIGN, Action.SUPPORT)
    assert verdict.advice()
    assert told in in_terminal(verdict, lang)
    assert told in verdict.to_html(lang=lang)


def test_harmless_lines_are_hardly_ever_distress(corpus_rows):
    """At most one in 5,000: of those, idioms and jokes are many."""
    harmless = [row.text for row in corpus_rows if row.label is Label.BENIGN]
    assert sum(verdict.distress for verdict in classify(harmless)) <= len(harmless) / 5_000


@pytest.mark.parametrize("word", ["لا ", "ما ", "مش قادر ", "عايز ", "حياتي ", "انا "])
def test_the_work_grows_linearly_with_the_text(word):
    flood = "موت " + word * 25_000
    started = process_time()
    with_phrase([flood])
    assert process_time() - started < 5


@settings(max_examples=1000, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_no_phrase_is_without_the_letters_that_it_needs(data):
    needs, phrase, *_ = data.draw(st.sampled_from(PHRASES))
    text = data.draw(st.from_regex(PART.sub(lambda part: PARTS[part[0]], phrase), fullmatch=True))
    assert any(letters in text for letters in needs.split("|"))
