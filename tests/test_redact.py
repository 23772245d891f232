"""What redaction hides in a text, by which aliases, and where its evidence stands then.

These protect people who pass a report on: whoever reads it must not learn who it is of, and must learn what happened.
"""

import re
from itertools import pairwise

import pytest
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st
from redaction_share import left_over, rows_of_table

from sextortion_detect import Chat, Message, classify
from sextortion_detect.evidence import Evidence
from sextortion_detect.facts.redact import Redactor, redacted
from sextortion_detect.marked_text import pieces
from sextortion_detect.wording import wording

DISGUISES = rows_of_table(ROOT / "tests" / "cases" / "identifiers.csv")
BY_OTHER_HANDS = ["identifiers_by_another_hand.csv", "identifiers_by_a_third_hand.csv"]
HARMLESS = ROOT / "datasets" / "messages" / "harmless"

SENDERS = ["سامر العلي", "لين", "+963 944 123 456", None, "أحمد علي", "احمد سعيد", "sara_99", "🌹"]
HIDDEN = [
    ("يا سَامـر وينك؟ قول للين", "يا «شخص ١» وينك؟ قول «شخص ٢»"),
    ("سامر العلي بنفسه", "«شخص ١» بنفسه"),
    ("وسامر وبسامر والعلي", "و«شخص ١» وب«شخص ١» و«شخص ١»"),
    ("لأحمد سعيد لا لأحمد", "ل«شخص ٥» لا ل«اسم ١»"),
    ("كلمني ٠٩٤٤١٢٣٤٥٦ او @963944123456", "كلمني «شخص ٣» او @«شخص ٣»"),
    ("@\u2068لين\u2069 و @sara_99 و Sara", "«شخص ٢»\u2069 و «شخص ٦» و «شخص ٦»"),
    ("055 123 4567 ثم 0551234567", "«رقم ١» ثم «رقم ١»"),
    ("حول 10,000 دولار او ٧٠٠ ريال قبل 21:30", "حول 10,000 دولار او ٧٠٠ ريال قبل 21:30"),
    ("الرمز 4821", "الرمز «رقم ١»"),
    ("SA03 8000 0000 6080 1016 7519", "«رقم ١»"),
    ("bc1qxy2kgdygjrsqtzq2n0yrf2493p83kkfjhx0wlh", "«رقم ١»"),
    ("https://t.me/abc و instagram.com/x و snap.com", "«رابط ١» و «رابط ٢» و «رابط ٣»"),
    ("a.b@c.com و @laila.x", "«بريد ١» و «حساب ١»"),
    ("بسامراء مسامير لينة", "بسامراء مسامير لينة"),
    ("@sara.shop11 و @leen_77 و sara77@instapay", "«حساب ١» و «حساب ٢» و «حساب ٣»"),
    ("هو sara-x.shots", "هو «شخص ٦»"),
    ("حساب البنك 4477120093", "حساب البنك «حساب ١»"),
    ("", ""),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), HIDDEN)
def test_what_is_hidden(text, expected):
    assert Redactor(SENDERS, wording("ar")).told(text)[0] == expected


@pytest.mark.parametrize("row", DISGUISES, ids=lambda row: row["id"])
def test_no_disguise_leaves_a_letter_of_an_identifier(row):
    assert left_over(row) == []


@pytest.mark.parametrize("name", BY_OTHER_HANDS)
def test_disguises_by_other_hands(name):
    """Tables written without sight of the code; causes found in the first were mended, nobody mended by the last."""
    table = rows_of_table(ROOT / "tests" / "cases" / name)
    assert len(table) >= 100
    assert sum(not left_over(row) for row in table) >= 0.85 * len(table)


NAMED = [
    ("سارة", "س*ارة سا🌸رة س❤️ا❤️ر❤️ة s#ra"), ("خالد", "خ*لد حالد الخالد"), ("Sara", "S*ra سارا"), ("زينب", "رينب ز💔نب"),
    ("Qasim", "گاسم"), ("قاسم", "گاسم Gasem"), ("Rania", "رانيا Ranya"), ("Zahra", "الزهراء"), ("مثنى", "متنى"),
    ("Abdelaziz", "عبدالعزيز"), ("Abderrahmane", "عبدالرحمان"), ("أبو_خالد", "بو_خالد"), ("هناء", "هناء"),
]  # fmt: skip


@pytest.mark.parametrize(("sender", "spellings"), NAMED)
def test_a_name_in_other_spellings_is_of_nobody(sender, spellings):
    for spelling in spellings.split():
        assert Redactor([sender], wording("ar")).told(f"يا {spelling} تعال")[0] == "يا «شخص ١» تعال"


@pytest.mark.parametrize(("sender", "text"), [
    ("نور", "صباح النور"), ("كريم", "رمضان كريم"), ("Nour", "sabah el nour"), ("غادة", "مثل العادة عادة"), ("Rania", "زنه"), ("سارة", "شارة"), ("شيخة", "شي حتى"), ("هناء", "بالهنا"),
    ("شذى", "شدي حيلك"), ("ثامر", "تامر"), ("سلام", "السلام عليكم"), ("حنان", "جنان"), ("حسن", "حسين وحسان"),
])  # fmt: skip
def test_another_word_is_no_spelling_of_a_name(sender, text):
    assert Redactor([sender], wording("ar")).told(text)[0] == text


def test_everyday_words_stay():
    """A page that hides words of every day tells nobody what happened."""
    rows = (row["text"] for path in sorted(HARMLESS.glob("*.csv")) for row in rows_of_table(path))
    texts = [text for text in rows if not re.search(r"\d", text)]
    redactor = Redactor([], wording("ar"))
    assert len(texts) > 500
    assert sum(redactor.told(text)[0] != text for text in texts) < len(texts) / 1_000


def test_aliases_in_english_and_for_names_without_letters():
    redactor = Redactor(SENDERS, wording("en"))
    assert redactor.person("🌹") == "«Person 7»"
    assert redactor.person(None) is None
    assert redactor.find("🌹") == []


def test_nothing_of_a_redacted_verdict_names_anybody():
    threat = "سااارة معي تسجيلك كامل. حول ٥٠٠ دولار على 055/123/4567 قبل الليل والا بيوصل لكل اهلك"
    verdict = classify(Chat([Message(threat, "Sara"), Message("طيب", "خالد")], "خالد.txt"))
    shown, facts = redacted(verdict, wording("en"), "Chat 1")
    plain = (
        f"{shown.to_dict()} {shown.chat.source} {[message.text for message in shown.chat.messages]} {shown.offender}"
    )
    without_odds = re.sub(r"\d\.\d+", "", plain)
    assert not re.search("سا|خالد|Sara|055|4567", without_odds)
    assert "٥٠٠ دولار" in plain
    assert {fact.kind: fact.shown for fact in facts[0]} == {
        "sum": "٥٠٠ دولار", "phone": "«Number 1»", "deadline": "قبل الليل",
    }  # fmt: skip
    assert shown.messages[0].evidence
    for span in shown.messages[0].evidence:
        assert shown.chat.messages[0].text[span.start : span.end] == span.text
    assert wording("en").say("redacted") in shown.chat.report.notes


@given(st.text(alphabet=st.sampled_from("لينسامر 0912345@.:/-+٠٩\u0640\u064e\u2068ab_"), max_size=80))
@settings(deadline=None)
def test_hidden_ranges_are_in_order_and_leave_no_long_number(text):
    redactor = Redactor(SENDERS, wording("ar"))
    found = redactor.find(text)
    assert all(0 <= one.start < one.end <= len(text) for one in found)
    assert all(one.end <= other.start for one, other in pairwise(found))
    assert not re.search(r"\d{8}", re.sub("[\u0640\u064e\u2068]", "", redactor.told(text)[0]))


# Evidence in a text whose names are gone, and pieces

EVIDENCE = [
    ((0, 8), "يا «شخص ٢» هو"), ((0, 4), "يا «شخص ٢»"), ((4, 8), "«شخص ٢» هو"), ((0, 2), "يا"),
]  # fmt: skip


@pytest.mark.parametrize(("span", "expected"), EVIDENCE)
def test_evidence_spans_wholly_what_it_cut_into(span, expected):
    text = "يا لين هو"
    start, end = span[0], len(text) if span[1] == 8 else span[1]
    told, moved = Redactor(SENDERS, wording("ar")).told(text, [Evidence(start, end, text[start:end], None, 1.0)])
    assert [one.text for one in moved] == [told[one.start : one.end] for one in moved] == [expected]


TEXT = "اب جد هو"
PIECES = [
    ([], [TEXT]),
    ([(3, 5)], ["اب ", "*جد", " هو"]),
    ([(0, 4)], ["*اب ج", "د هو"]),
    ([(4, 8), (0, 5)], ["*اب جد", "* هو"]),
    ([(0, 8), (3, 5)], ["*اب جد هو"]),
]


@pytest.mark.parametrize(("spans", "expected"), PIECES)
def test_pieces(spans, expected):
    evidence = [Evidence(start, end, TEXT[start:end], None, 1.0) for start, end in spans]
    found = list(pieces(TEXT, evidence))
    assert [f"{'*' if piece.is_evidence else ''}{piece.text}" for piece in found] == expected
    assert "".join(piece.text for piece in found) == TEXT


def test_whom_a_message_is_forwarded_from_is_of_nobody_too():
    chat = Chat([
        Message("شوفوا وش ارسل زياد", "هند"), Message("عندي صورك كلها", "هند", forwarded_from="زياد الحربي"),
        Message("وين account حقك يا هند", "deleted account (user77)"),
    ])  # fmt: skip
    told = redacted(classify(chat), wording("ar")).verdict.chat.messages
    assert [message.text for message in told[:2]] == ["شوفوا وش ارسل «شخص ٢»", "عندي صورك كلها"]
    assert [(message.sender, message.forwarded_from) for message in told] == [
        ("«شخص ١»", None), ("«شخص ١»", "«شخص ٢»"), ("«شخص ٣»", None),
    ]  # fmt: skip
    assert told[2].text == "وين account حقك يا «شخص ١»"
