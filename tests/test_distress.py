"""Distress: heard in every variety, never in idioms, and apart from the label; nobody in need is left without a route."""

import csv

import pytest
from conftest import ROOT

from sextortion_detect import classify
from sextortion_detect.distress import in_distress
from sextortion_detect.taxonomy import Action, Label

CASES = list(csv.DictReader((ROOT / "tests" / "cases" / "distress.csv").read_text(encoding="utf-8").splitlines()))
TABLE = (ROOT / "sextortion_detect" / "distress.tsv").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"])
def test_distress_is_heard_and_idioms_are_none(case):
    assert in_distress([case["text"]]) == [case["distress"] == "1"]


@pytest.mark.parametrize("text", [case["text"] for case in CASES if case["distress"] == "1"])
def test_it_is_heard_inside_a_message(text):
    assert in_distress([f"والله تعبت يا اختي، {text}، وما اعرف لمن احكي"]) == [True]


def test_each_row_of_the_table_has_its_columns_and_its_english():
    assert TABLE[0].split("\t") == ["varieties", "phrase", "unless_next", "english"]
    for line in TABLE[1:]:
        fields = line.split("\t")
        assert len(fields) == 4
        assert fields[1]
        assert fields[3]


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


def test_harmless_lines_are_hardly_ever_distress(corpus_rows):
    """At most one in 5,000: of those, idioms and jokes are many."""
    harmless = [row.text for row in corpus_rows if row.label is Label.BENIGN]
    assert sum(in_distress(harmless)) <= len(harmless) / 5_000
