"""What redaction hides in a text, by which aliases, and where a text is cut for them and for evidence."""

import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sextortion_detect.evidence import Evidence
from sextortion_detect.marked_text import pieces
from sextortion_detect.redact import Hidden, Redactor
from sextortion_detect.wording import wording

SENDERS = ["سامر العلي", "لين", "+963 944 123 456", None, "أحمد علي", "احمد سعيد", "sara_99", "🌹"]
HIDDEN = [
    ("يا سَامـر وينك؟ قول للين", "يا «شخص ١» وينك؟ قول ل«شخص ٢»"),
    ("سامر العلي بنفسه", "«شخص ١» بنفسه"),
    ("وسامر وبسامر والعلي", "و«شخص ١» وب«شخص ١» و«شخص ١»"),
    ("لأحمد سعيد لا لأحمد", "ل«شخص ٥» لا ل«اسم ١»"),
    ("كلمني ٠٩٤٤١٢٣٤٥٦ او @963944123456", "كلمني «شخص ٣» او «شخص ٣»"),
    ("@\u2068لين\u2069 و @sara_99 و Sara", "«شخص ٢»\u2069 و «شخص ٦» و «شخص ٦»"),
    ("055 123 4567 ثم 0551234567", "«رقم ١» ثم «رقم ١»"),
    ("حول 10,000 دولار او ٧٠٠ ريال قبل 21:30", "حول 10,000 دولار او ٧٠٠ ريال قبل 21:30"),
    ("الرمز 4821", "الرمز «رقم ١»"),
    ("SA03 8000 0000 6080 1016 7519", "«رقم ١»"),
    ("bc1qxy2kgdygjrsqtzq2n0yrf2493p83kkfjhx0wlh", "«رقم ١»"),
    ("https://t.me/abc و instagram.com/x و snap.com", "«رابط ١» و «رابط ٢» و «رابط ٣»"),
    ("a.b@c.com و @laila.x", "«بريد ١» و «حساب ١»"),
    ("بسامراء مسامير لينة", "بسامراء مسامير لينة"),
    ("", ""),
]  # fmt: skip


def redacted(redactor, text):
    return "".join(piece.text for piece in pieces(text, (), redactor.find(text)))


@pytest.mark.parametrize(("text", "expected"), HIDDEN)
def test_what_is_hidden(text, expected):
    assert redacted(Redactor(SENDERS, wording("ar")), text) == expected


def test_aliases_in_english_and_for_names_without_letters():
    redactor = Redactor(SENDERS, wording("en"))
    assert redactor.person("🌹") == "«Person 7»"
    assert redactor.person(None) is None


@given(st.text(alphabet=st.sampled_from("لينسامر 0912345@.:/-+٠٩\u0640\u064e\u2068ab_"), max_size=80))
@settings(deadline=None)
def test_hidden_ranges_are_in_order_and_leave_no_long_number(text):
    redactor = Redactor(SENDERS, wording("ar"))
    found = redactor.find(text)
    assert all(0 <= one.start < one.end <= len(text) for one in found)
    assert all(one.end <= other.start for one, other in pairwise(found))
    assert not re.search(r"\d{8}", re.sub("[\u0640\u064e\u2068]", "", redacted(redactor, text)))


# Pieces

TEXT = "اب جد هو"
PIECES = [
    ([], [], [TEXT]),
    ([(3, 5)], [], ["اب ", "*جد", " هو"]),
    ([(0, 8)], [(3, 5)], ["*اب ", "*#", "* هو"]),
    ([(0, 4)], [(3, 5)], ["*اب ", "*#", " هو"]),
    ([(4, 8), (0, 4)], [(3, 5)], ["*اب ", "*#", "* هو"]),
    ([(0, 2)], [(3, 5)], ["*اب", " ", "#", " هو"]),
]  # fmt: skip


@pytest.mark.parametrize(("spans", "hidden", "expected"), PIECES)
def test_pieces(spans, hidden, expected):
    evidence = [Evidence(start, end, TEXT[start:end], None, 1.0) for start, end in spans]
    found = pieces(TEXT, evidence, [Hidden(start, end, "#") for start, end in hidden])
    assert [f"{'*' if piece.is_evidence else ''}{piece.text}" for piece in found] == expected
