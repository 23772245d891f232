"""Advice for people: every fact keeps its shape, every tactic is answered in both languages, and nobody is blamed."""

import json
import re
from datetime import date

import pytest
from conftest import CANARY, SAMPLE

from sextortion_detect import Chat, Message, classify, read_chat
from sextortion_detect.errors import InputError
from sextortion_detect.records import Verdict
from sextortion_detect.support import (
    CONFIRMED,
    INTERNATIONAL,
    Advice,
    Topic,
    advice_html,
    advise,
    advise_on,
    countries,
    help_lines,
)
from sextortion_detect.taxonomy import OFFENSES, Action, Label, Tactic
from sextortion_detect.wording import LANGUAGES, rows_of, wording

THREAT = "معي تسجيلك كامل. حول ٥٠٠ دولار قبل الليل والا بيوصل لكل اهلك"
VICTIM = "واحد يهددني ينشر صوري وش اسوي"
FACTS = rows_of("support.tsv")
STEPS = rows_of("advice.tsv")
NAMES = {*(label.value for label in Label), *(tactic.value for tactic in Tactic)}
ARABIC = re.compile("[\u0621-\u064a]")


def fact_id(row):
    return f"{row['country']}-{row['name_en']}"


@pytest.mark.parametrize("row", FACTS, ids=fact_id)
def test_every_fact_keeps_the_shape(row):
    assert None not in row
    assert None not in row.values()
    assert re.fullmatch(r"[A-Z]{2}|INT", row["country"])
    assert row["topic"] in list(Topic)
    assert ARABIC.search(row["name_ar"])
    assert row["name_en"]
    assert not ARABIC.search(row["name_en"] + row["note_en"])
    assert row["channel"]
    assert re.fullmatch(r"(20\d\d(-[01]\d(-[0-3]\d)?)?)?", row["source_date"])
    assert date(2026, 1, 1) <= date.fromisoformat(row["checked"])
    assert row["source_date"] <= row["checked"]
    assert row["confidence"] in ("1", "2")
    assert row["sources"]
    assert all(re.fullmatch(r"https?://[^/\s]+\.[^/\s]+(/\S*)?", source) for source in row["sources"].split())
    assert bool(row["note_ar"]) == bool(row["note_en"])
    assert not re.search("none printed", row["contact"])


@pytest.mark.parametrize("row", [row for row in FACTS if not row["contact"]], ids=fact_id)
def test_no_number_where_none_was_printed(row):
    told = " ".join(row[key] for key in ("name_ar", "name_en", "contact_ar", "note_ar", "note_en"))
    assert not re.search(r"\d", told)
    assert row["contact_ar"] == ""


def test_a_contact_in_arabic_has_the_numbers_and_addresses_of_the_other():
    for row in FACTS:
        if row["contact_ar"]:
            assert re.findall(r"\d+|[\w.]+@[\w.]+", row["contact_ar"]) == re.findall(
                r"\d+|[\w.]+@[\w.]+", row["contact"]
            )


def test_which_facts_there_are():
    assert len(FACTS) == 83
    assert sum(row["confidence"] == "2" for row in FACTS) == 51
    assert countries() == (
        "AE", "BH", "DZ", "EG", "IQ", "JO", "KW", "LB", "LY", "MA", "MR", "OM", "PS", "QA", "SA", "SD", "SY", "TN", "YE"
    )  # fmt: skip
    assert len({(row["country"], row["name_en"]) for row in FACTS}) == len(FACTS)


@pytest.mark.parametrize("row", STEPS, ids=lambda row: row["step"])
def test_every_step_is_in_both_languages_and_for_something(row):
    assert set(row["given_for"].split()) <= NAMES - {"benign"} | {"distress"}
    assert row["given_for"]
    assert ARABIC.search(row["ar"])
    assert row["en"].endswith(".")
    assert row["ar"].endswith(".")
    assert not re.search(r"\d", row["ar"] + row["en"].replace("18", ""))
    assert len({step["ar"] for step in STEPS}) == len(STEPS)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("tactic", Tactic)
def test_every_tactic_has_advice_of_its_own(tactic, lang):
    for label in OFFENSES:
        without, with_it = advise(label, lang=lang).steps, advise(label, [tactic], lang).steps
        assert set(without) < set(with_it)


OWN_WORDS = [
    ("ar", Label.BLACKMAIL, ["المسؤول الوحيد هو من يهددك", "ولا لوم عليك", "يتوقف كل تواصل", "رقم بطاقة", "حفظ الأدلة",
                             "لقطات شاشة", "شخص موثوق", "كلمات المرور", "الإبلاغ"]),
    ("en", Label.BLACKMAIL, ["not to blame", "Stop all contact", "no card number", "Keep the evidence",
                             "someone you trust", "Secure your accounts", "Report it at once"]),
    ("ar", Label.GROOMING, ["طلبات الصداقة", "مكالمات مرئية مع الغرباء", "البيانات الشخصية", "مرسل مجهول"]),
    ("en", Label.GROOMING, ["Refuse friend requests", "no video calls from strangers", "no personal data",
                            "unknown senders"]),
]  # fmt: skip


@pytest.mark.parametrize(("lang", "label", "words"), OWN_WORDS, ids=[f"{case[0]}-{case[1]}" for case in OWN_WORDS])
def test_what_must_be_said(lang, label, words):
    said = str(advise(label, lang=lang))
    assert [word for word in words if word not in said] == []
    if label is Label.BLACKMAIL:
        assert advise(Label.VICTIM_REPORT, lang=lang).steps[:7] == advise(label, lang=lang).steps[:7]


FIRST = [
    ("إيذاء نفسك", "harming yourself"), ("لا لوم عليك", "not to blame"), ("يتوقف كل تواصل", "Stop all contact"),
    ("رقم بطاقة", "no card number"), ("حفظ الأدلة", "Keep the evidence"), ("لدى الشرطة", "to the police"),
    ("خطوط الدعم", "support line"),
]  # fmt: skip


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("label", [Label.BLACKMAIL, Label.GROOMING, Label.VICTIM_REPORT])
def test_seven_steps_stand_open_in_the_order_of_need(label, lang):
    """A person in danger reads that first, and what is open is all that is urgent."""
    advice = advise(label, Tactic, lang)
    assert len(FIRST) == Advice.OPEN_STEPS
    words = [pair[LANGUAGES.index(lang)] for pair in FIRST]
    assert [word for word, step in zip(words, advice.steps, strict=False) if word not in step] == []
    now, later = advice.parts()
    assert all(step in now for step in advice.steps[: Advice.OPEN_STEPS])
    assert not any(step in now for step in advice.steps[Advice.OPEN_STEPS :])
    assert sum(line.startswith("- ") for line in now.splitlines()) == Advice.OPEN_LINES
    assert advice.sources in later.replace("\u2066", "").replace("\u2069", "")
    html = str(advice_html(advice))
    opened, folded = html.split("<details>")
    assert opened.count("<li>") == Advice.OPEN_STEPS + Advice.OPEN_LINES
    assert folded.count("<li>") == len(advice.steps) + len(advice.lines) - Advice.OPEN_STEPS - Advice.OPEN_LINES


BLAMES = re.compile(
    r"الذنب|ذنبك|تمنع نشرها|صور للمحادثة|(?<![\u0621-\u064a])(?:عليكَ|قم|اتصل|أبلغ|احذر|توقف|لا تدفع)(?![\u0621-\u064a])"
)


@pytest.mark.parametrize("row", STEPS, ids=lambda row: row["step"])
def test_no_step_commands_a_man_or_speaks_of_guilt(row):
    assert not BLAMES.search(row["ar"])


@pytest.mark.parametrize("country", ["KW", "SY", "YE", "MR", "SD", "LY", "TN"])
@pytest.mark.parametrize(("lang", "station"), [("ar", "أقرب مركز شرطة"), ("en", "the nearest police station")])
def test_a_country_without_a_place_to_reach_names_the_police_and_says_so(country, lang, station):
    advice = advise(Label.BLACKMAIL, lang=lang, country=country)
    assert (advice.lines[0].contact, advice.lines[0].country) == (station, country)
    assert any(line.country == INTERNATIONAL for line in advice.lines)
    assert advice.lines[0].note in str(advice)
    assert advice.lines[0].to_dict()["sources"] == []


def test_a_country_with_a_place_to_reach_names_that():
    for country in ("SA", "AE", "EG", "LB", "IQ", "BH", "DZ", "MA"):
        assert advise(Label.BLACKMAIL, lang="en", country=country).lines[0].contact != "the nearest police station"
    assert "police station" not in str(advise(Label.BENIGN, lang="en", country="KW", distress=True).lines)


def test_without_a_country_lines_for_everybody_come_before_those_for_children_and_both_are_open():
    names = [line.name for line in advise(Label.BLACKMAIL, lang="en").lines]
    assert names[0] == "StopNCII.org"
    assert names.index("StopNCII.org") < names.index("CyberTipline") < names.index("Take It Down") < Advice.OPEN_LINES


DOUBTFUL = [
    (Label.BLACKMAIL, 0.7, True, "blackmail"), (Label.GROOMING, 0.4, True, "grooming"),
    (Label.BENIGN, 0.5, True, "grooming"), (Label.BENIGN, 0.49, False, None), (Label.VICTIM_REPORT, 0.1, True, None),
]  # fmt: skip


@pytest.mark.parametrize(("label", "offense", "given", "doubtful"), DOUBTFUL)
def test_advice_is_given_by_what_a_message_is_and_says_where_that_is_not_certain(label, offense, given, doubtful):
    """Who types a threat below the threshold is not left without help."""
    scores = {Label.BENIGN: 1 - offense, Label.GROOMING: 0.6 * offense, Label.BLACKMAIL: 0.4 * offense}
    advice = advise_on(Verdict(label, False, Action.NONE, {**scores, Label.VICTIM_REPORT: 0.0}), "en")
    assert bool(advice) is given
    assert advice.doubt == ((doubtful and f"Not certain: the program sees signs of {doubtful} and is not sure. What "
                            "follows does no harm in any case.") or "")  # fmt: skip
    assert str(advice).startswith(advice.doubt)
    assert advice.doubt in advice_html(advice)


def test_a_benign_verdict_has_none():
    for text in ("صباح الخير", ""):
        advice = classify(text).advice()
        assert (advice.steps, advice.lines, advice.note, str(advice), bool(advice)) == ((), (), "", "", False)
    assert not classify(Chat([Message("صباح الخير")])).advice("en", "EG")
    assert classify(THREAT, thresholds={"offense": 1.0}).advice("ar").doubt.startswith("ليس هذا مؤكدًا")
    assert classify(THREAT).advice().doubt == ""


def test_advice_fits_the_verdict():
    deadline = next(row["en"] for row in STEPS if row["step"] == "deadline_pressure")
    assert deadline in classify(THREAT).advice("en").steps
    assert deadline not in classify(VICTIM).advice("en").steps
    assert classify(VICTIM).advice()
    chat = classify(read_chat(SAMPLE))
    assert chat.flagged
    threat = next(row["en"] for row in STEPS if row["step"] == "exposure_threat")
    assert threat in chat.advice("en").steps
    assert chat.advice("ar", "eg") == chat.advice("ar", "EG")


def test_lines_of_the_country_come_first_and_unconfirmed_ones_only_when_asked_for():
    lines = classify(THREAT).advice("en", "EG").lines
    local = [line for line in lines if line.country == "EG"]
    assert list(lines[: len(local)]) == local
    assert {line.country for line in lines} == {"EG", INTERNATIONAL}
    assert {line.confidence for line in lines} == {CONFIRMED}
    assert "15008" not in [line.contact for line in lines]
    more = classify(THREAT).advice("en", "EG", unconfirmed=True).lines
    (marked,) = [line for line in more if line.contact == "15008"]
    assert "[unconfirmed]" in str(marked)
    assert not any("[unconfirmed]" in str(line) for line in lines)


def test_each_line_shows_its_source_and_date():
    for country in (*countries(), INTERNATIONAL):
        for lang, no_contact in (("ar", "لم يُنشر رقم ولا عنوان"), ("en", "no number or address was printed")):
            for line in help_lines(country, lang, unconfirmed=True):
                assert wording(lang).day(line.checked) in str(line)
                assert line.sources[0].split("/")[2].removeprefix("www.") in str(line)
                assert (no_contact in str(line)) is (line.contact == "")


def test_in_arabic_numbers_and_addresses_stand_between_isolates():
    said = str(advise(Label.BLACKMAIL, lang="ar", country="LB"))
    for run in ("01-293293", "+961 81 633 133", "http://isf.gov.lb", "٢٠٢٦/١١/٢٤"):
        assert f"\u2066{run}\u2069" in said
    assert said.count("\u2066") == said.count("\u2069")
    assert "\u2066" not in str(advise(Label.BLACKMAIL, lang="en", country="LB"))


def test_the_note_says_that_numbers_change():
    assert "official site before relying" in classify(THREAT).advice("en").note
    assert "٢٠٢٦/١١/٢٤" in classify(THREAT).advice("ar").note
    assert "2026-11-24" in classify(THREAT).advice("en").note


def test_grooming_without_pictures_names_no_tool_for_pictures():
    assert Topic.IMAGES not in {line.topic for line in advise(Label.GROOMING, [Tactic.TRUST_BUILDING]).lines}
    assert Topic.IMAGES in {line.topic for line in advise(Label.GROOMING, [Tactic.INTIMATE_REQUEST]).lines}


def test_plain_dict_is_json():
    plain = classify(THREAT).advice("ar", "LB").to_dict()
    assert list(plain) == ["lang", "doubt", "steps", "lines", "note"]
    assert json.loads(json.dumps(plain)) == plain
    assert plain["lines"][0]["checked"] == "2026-11-24"


def test_html_is_escaped_and_turned_the_right_way():
    advice = advise(Label.BLACKMAIL, lang="ar", country="IQ")
    html = advice_html(advice)
    assert '<section class="advice" lang="ar" dir="rtl">' in html
    assert html.count("<li>") == len(advice.steps) + len(advice.lines)
    assert "اسم جهة الاتصال &gt; إبلاغ" in html
    assert advice_html(advise(Label.BENIGN)) == ""


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [({"lang": "fr"}, "There is no advice in 'fr'; choose one of ar, en."),
     ({"country": "XX"}, "There are no lines of help for 'XX'; the countries are AE, BH, DZ, EG, IQ, JO, KW, LB, LY, "
                         "MA, MR, OM, PS, QA, SA, SD, SY, TN, YE.")],
)  # fmt: skip
@pytest.mark.parametrize("text", [THREAT, "صباح الخير"])
def test_what_there_is_nothing_for(text, arguments, sentence):
    with pytest.raises(InputError) as caught:
        classify(text).advice(**arguments)
    assert str(caught.value) == sentence


def test_advice_holds_nothing_of_the_message():
    advice = classify(f"{THREAT} {CANARY}").advice()
    assert advice
    assert CANARY not in repr(advice) + str(advice) + str(advice.to_dict())


@pytest.mark.parametrize("lang", LANGUAGES)
def test_each_number_of_a_line_is_dialed_by_itself(lang):
    """Two numbers beside each other once made one that nobody could dial."""
    html = str(advice_html(advise(Label.BLACKMAIL, lang=lang, country="EG")))
    assert 'href="tel:15115"' in html
    assert 'href="tel:01007525600"' in html
    assert "1-800-THE-LOST" in html
    assert 'href="tel:1800"' not in html  # its letters are digits too


CALLS = {"ar": "الاتصال برقم الطوارئ", "en": "call the emergency number"}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("country", [None, *countries()])
@pytest.mark.parametrize(("label", "distress"), [(Label.BLACKMAIL, False), (Label.BENIGN, True)])
def test_no_step_asks_for_a_number_that_is_not_given(lang, country, label, distress):
    advice = advise(label, lang=lang, country=country, distress=distress)
    given = any(line.topic is Topic.EMERGENCY for line in advice.lines)
    assert given is (country in ("AE", "DZ", "IQ", "SA"))
    assert (CALLS[lang] in advice.steps[0]) is given
    station = {"ar": "أقرب مركز شرطة", "en": "the nearest police station"}[lang]
    assert (station in advice.steps[0]) is not given
    assert not any(CALLS[lang] in step or station in step for step in advice.steps[1:])
