"""What a report to a hotline or the police asks for: found in three long exports, marked by hand, and written out.

The exports are fiction; what is marked in them stands as {kind|text}, the kinds those of `extract.KINDS` and `time`.
These protect a victim who reports: nothing that the police need is left out, and nothing is invented.
"""

import csv
import json
import re
import time

import pytest
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st
from test_cli import THREAT, run

from sextortion_detect import Chat, Message, classify, read_chat
from sextortion_detect.chat_summary import summarize
from sextortion_detect.facts import extract
from sextortion_detect.facts.case_facts import FactTable
from sextortion_detect.facts.extract import find_facts, fold_signs
from sextortion_detect.facts.redact import Redactor
from sextortion_detect.page import chat_page
from sextortion_detect.training.corpus import load_chats
from sextortion_detect.wording import wording

EXPORTS = sorted((ROOT / "tests" / "cases" / "exports").glob("*.txt"))
MARK = re.compile(r"\{(\w+)\|(.*?)\}")
STAY = ("sum", "date", "time", "deadline", "payment")


def unmarked(path, folder):
    """The export as an app would have written it, and for each message its marks: kind, start, end."""
    marked = [message.text for message in read_chat(path).messages]
    plain = folder / path.name
    plain.write_text(MARK.sub(r"\2", path.read_text(encoding="utf-8")), encoding="utf-8")
    marks = []
    for text in marked:
        shift, found = 0, []
        for mark in MARK.finditer(text):
            start = mark.start() - shift
            found.append((mark[1], start, start + len(mark[2])))
            shift += len(mark[0]) - len(mark[2])
        marks.append(found)
    return plain, marks


@pytest.fixture(scope="module")
def exports(tmp_path_factory):
    folder = tmp_path_factory.mktemp("exports")
    return {path.stem: unmarked(path, folder) for path in EXPORTS}


def test_the_exports_are_long(exports):
    assert len(exports) == 3
    assert sum(len(marks) for _, marks in exports.values()) > 230


def test_what_is_marked_is_found_and_nothing_is_invented(exports):
    missed, invented, marked = [], [], 0
    for path, marks in exports.values():
        chat = read_chat(path)
        for message, wanted in zip(chat.messages, marks, strict=True):
            found = find_facts(message.text)
            wanted_facts = [one for one in wanted if one[0] != "time"]
            marked += len(wanted_facts)
            missed += [
                (kind, message.text[start:end]) for kind, start, end in wanted_facts
                if not any(fact.kind == kind and fact.start < end and start < fact.end for fact in found)
            ]  # fmt: skip
        told = {(fact.kind, fact.value, fact.index) for fact in summarize(classify(chat)).facts}
        invented += [
            (fact.kind, fact.shown) for index, message in enumerate(chat.messages) for fact in find_facts(message.text)
            if (fact.kind, fact.shown, index) in told and fact.kind != "number"
            and not any(fact.start < end and start < fact.end for _, start, end in marks[index])
        ]  # fmt: skip
    assert len(missed) <= 0.1 * marked, missed
    assert invented == []


def test_sums_dates_and_times_survive_redaction_and_what_leads_to_somebody_does_not(exports):
    lost, kept, left = [], 0, []
    for path, marks in exports.values():
        chat = read_chat(path)
        redactor = Redactor([message.sender for message in chat.messages], wording("ar"))
        for message, wanted in zip(chat.messages, marks, strict=True):
            hidden = redactor.find(message.text)
            for kind, start, end in wanted:
                touched = any(one.start < end and start < one.end for one in hidden)
                kept += kind in STAY
                lost += [message.text[start:end]] if touched and kind in STAY else []
                left += [message.text[start:end]] if not touched and kind not in (*STAY, "app") else []
    assert len(lost) <= 0.02 * kept, lost
    assert left == []


CASES = [
    ("حول 500 0551234567", ["sum 500", "phone 0551234567"]),
    ("0551234567 500 ريال", ["phone 0551234567", "sum 500 ريال"]),
    ("966 50 123 4567 ريال", ["phone 966 50 123 4567"]),
    ("كلميني 0501234 الف", ["number 0501234"]),
    ("خمسمية دولار قبل الفجر", ["sum خمسمية دولار", "deadline قبل الفجر"]),
    ("الف دولار وخمسين الف دينار", ["sum الف دولار", "sum وخمسين الف دينار"]),
    ("5,000,000 دينار و10 000 دولار", ["sum 5,000,000 دينار", "sum 10 000 دولار"]),
    ("معك ساعة وحدة", ["deadline معك ساعة وحدة"]),
    ("رحت قبل يومين", []),
    ("حولت لك 300 دولار", ["payment حولت لك 300 دولار", "sum 300 دولار"]),
    ("حولت 300 دولار؟", ["sum 300 دولار"]),
    ("فيه ٣٤٠ صورة و ١٢٠٠ متابع", []),
    ("الرقم المرجعي 99812044", ["number 99812044"]),
    ("يوم 15 مارس 2024 او 2024-03-15", ["date 15 مارس 2024", "date 2024-03-15"]),
    ("insta ba3at el sowar", ["app insta"]),
    ("محفظة TJRabPrwbZy45sbavfcjinPJC18kjpRTv8", ["wallet TJRabPrwbZy45sbavfcjinPJC18kjpRTv8"]),
    ("0x52908400098527886E0F7030069857D2E4169EE7", ["wallet 0x52908400098527886E0F7030069857D2E4169EE7"]),
    ("4111-1111-1111-1111", ["card 4111-1111-1111-1111"]),
    ("SA00 8000 0000 0000 0014 7258", ["iban SA00 8000 0000 0000 0014 7258"]),
    ("AE00-0330-0000-0000-0147-258", ["iban AE00-0330-0000-0000-0147-258"]),
    ("الجواز A1234567", ["number A1234567"]),
    ("المكتب 011 400 0119 تحويلة 204", ["phone 011 400 0119", "number تحويلة 204"]),
    ("0014725 clé 83", ["number 0014725", "number clé 83"]),
    ("يبدأ 055 وآخره 223", ["number 055", "number 223"]),
    ("الرقم السري اللي وراها ٠٠٠", ["number ٠٠٠"]),
    ("O55 OOO OI48", ["phone O55 OOO OI48"]),
    ("صفر خمسة خمسة ثلاث أصفار واحد أربعة سبعة اثنين", ["phone صفر خمسة خمسة ثلاث أصفار واحد أربعة سبعة اثنين"]),
    ("زيرو عشرة 12345 678", ["phone زيرو عشرة 12345 678"]),
    ("r e e m @ example . net", ["email r e e m @ example . net"]),
    ("www .example. net/reem", ["link www .example. net/reem"]),
    ("example نقطة نت سلاش ريم", ["link example نقطة نت سلاش ريم"]),
    ("tiktok reem..zzq00 insta dyali reem.q00", ["app tiktok", "account reem..zzq00", "app insta", "account reem.q00"]),
    ("انستاباي reem00zz@instapay", ["app انستاباي", "account reem00zz@instapay"]),
    ("انستاباي adham_pay@instapay", ["app انستاباي", "account adham_pay@instapay"]),
    ("dfa3o 20$ w nousslo 10k", ["sum 20$", "sum 10k"]),
    ("ab3atlo ala telegram 3ashan el whatsapp beta3o 3atlan", ["app telegram", "app whatsapp"]),
    ("فاضلك تلات ايام وبعدها", ["deadline فاضلك تلات ايام"]),
    ("ضل ساعتين وبنشر", ["deadline ضل ساعتين"]),
    ("باقيلك ربع ساعة", ["deadline باقيلك ربع ساعة"]),
    ("ادفع بكرا الصبح", ["deadline بكرا الصبح"]),
    ("معك لبكرا", ["deadline معك لبكرا"]),
    ("9bel tnin f lil", ["deadline 9bel tnin f lil"]),
    ("b9at nhar wa7ed", ["deadline b9at nhar wa7ed"]),
    ("sift lflous ghda f sba7", ["deadline ghda f sba7"]),
    ("كيفك اليوم", []),
    ("نزلت الصور اليوم", []),
    ("باقي ٤ صور", []),
    ("دفعت له يوم ٣ مايو", ["payment دفعت له يوم ٣ مايو", "date ٣ مايو"]),
    ("تم تحويل مبلغ 250.00 دينار", ["payment تم تحويل مبلغ 250.00 دينار", "sum 250.00 دينار"]),
    ("خمسطعش الف ريال", ["sum خمسطعش الف ريال"]),
    ("الفين وخمسمية درهم", ["sum الفين وخمسمية درهم"]),
    ("مليون ونص بس", ["sum مليون ونص"]),
    ("بمية وخمسين دينار", ["sum بمية وخمسين دينار"]),
    ("ادفع ال٢٠ الحين", ["sum ٢٠"]),
    ("ايميلي rami-shop@site.test", ["email rami-shop@site.test"]),
    ("راسلني على rami.shop.test", ["account rami.shop.test"]),
    ("رقم الحساب 4477120093", ["account 4477120093"]),
    ("محفظتي كليك 0791234567", ["app كليك", "wallet 0791234567"]),
    ("شارع 9 مارس", []),
    ("بالفيس وبالواتس", ["app فيس", "app واتس"]),
    ("الكود 123-456-7890", ["number 123-456-7890"]),
    ("شو رأيك.انا تمام", []),
    ("هات خمس تلاف وانا اسكت", ["sum خمس تلاف"]),
    ("سبعتلاف مش اقل", ["sum سبعتلاف"]),
    ("عايز الاربع تلاف بتوعي", ["sum الاربع تلاف"]),
    ("ثمن الاف لا غير", ["sum ثمن الاف"]),
    ("بدي نص مليون ليرة", ["sum نص مليون ليرة"]),
    ("ابيها بألفين درهم", ["sum بألفين درهم"]),
    ("اعطيته الف وستميته", ["sum الف وستميته"]),
    ("bghit tlata d lmlayn", ["sum tlata d lmlayn"]),
    ("melyoun w nos", ["sum melyoun w nos"]),
    ("trois mille dirhams", ["sum trois mille dirhams"]),
    ("مليون شخص شافها", []),
    ("الف مبروك", []),
    ("الفين وعشرين كانت سنة صعبة", []),
    ("رمضان ١٥ الف", ["sum ١٥ الف"]),
    ("حول له 50 في بنكك", ["sum 50", "app بنكك"]),
    ("٣٠٠ دولار كروت النهارده", ["sum ٣٠٠ دولار", "deadline النهارده"]),
    ("الف ونص الحين والباقي ليلة الجمعة", ["sum الف ونص", "deadline الحين", "deadline ليلة الجمعة"]),
    ("nhar 20 tsifet 900", ["deadline nhar 20", "sum 900"]),
    ("ljem3a m3a 9 d sbah", ["deadline ljem3a m3a 9 d sbah"]),
    ("3titek 2 iyam", ["deadline 3titek 2 iyam"]),
    ("معك للخميس", ["deadline معك للخميس"]),
    ("قبل ما البنك يقفل", ["deadline قبل ما البنك يقفل"]),
    ("المهلة تنتهي الساعة ٨ الليل", ["deadline المهلة تنتهي الساعة ٨ الليل"]),
    ("24 ساعة وانشرها", ["deadline 24 ساعة"]),
    ("bghiti 800dh avant vendredi 18h", ["sum 800dh", "deadline avant vendredi 18h"]),
    ("اليوم الجو حلو", []),
    ("ايوه حولت", ["payment ايوه حولت"]),
    ("وصل", ["payment وصل"]),
    ("وصل القطار", []),
    ("حولتله من امبارح", ["payment حولتله"]),
    ("ابوي دفع له", ["payment ابوي دفع له"]),
    ("وصلت الفلوس", ["payment وصلت الفلوس"]),
    ("safi qbedthom", ["payment safi qbedthom"]),
    ("j'ai déjà payé", ["payment j'ai déjà payé"]),
    ("استلمت الشغل الجديد", []),
    ("شحنت الجوال", []),
    ("خويا حول الطاولة", []),
    ("على اورنچ كاش ولا ڤودافون", ["app اورنچ كاش", "app ڤودافون"]),
    ("بالستسي او كروت جوجل بلاي", ["app ستسي", "app كروت جوجل بلاي"]),
    ("wafacash wla cih", ["app wafacash", "app cih"]),
    ("نروح سوا", []),
    ("اكونت Rima Test", ["account Rima Test"]),
    ("الاسم ناصر علي ورقم الحساب 200300400500", ["account ناصر علي", "account 200300400500"]),
    ("عشرة باكو مرة واحدة", ["sum عشرة باكو"]),
    ("خصم من حسابي 9,000", ["payment خصم من حسابي", "sum 9,000"]),
    ("7000 nhar ltnin w 2000 nhar lkhmis", ["sum 7000", "deadline ltnin", "sum 2000", "deadline lkhmis"]),
    ("mlyounin d lewla", ["sum mlyounin"]),
    ("آخر فرصة ٦ الاف", ["sum ٦ الاف"]),
    ("لغاية ٨ ونص", ["deadline لغاية ٨ ونص"]),
    ("b9a 3lik 2 iyam", ["deadline b9a 3lik 2 iyam"]),
    ("gcash wla payoneer wla لينكدان", ["app gcash", "app payoneer", "app لينكدان"]),
    ("بالبيبال احسن", ["app بيبال"]),
    ("ادفع من البريد", ["app البريد"]),
    ("البريد الالكتروني ما يشتغل", []),
    ("صفحة «ريم للعطور»", ["account ريم للعطور"]),
    ("ماشي وصلوا", ["payment ماشي وصلوا"]),
    ("الايصال اهو", ["payment الايصال اهو"]),
    ("هذا الرقم اللي حولت عليه", ["payment الرقم اللي حولت عليه"]),
    ("التحويل كان امس", ["payment التحويل كان"]),
    ("التحويل كان لازم يوصل", []),
    ("صباح الخير", []),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_facts_of_a_text(text, expected):
    assert [f"{fact.kind} {fact.shown}" for fact in find_facts(text)] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("كلمني بكرة بليل", ["when بكرة بليل"]),
        ("بعد العيد", ["when بعد العيد"]),
        ("in 3 hours", ["when in 3 hours"]),
        ("48 ساعة", ["deadline 48 ساعة"]),
        ("مساء الخير", []),
        ("رمضان كريم", []),
        ("كل يوم", []),
        ("لا ١٢ ولا ٣٠", ["few ١٢", "few ٣٠"]),
        ("فيه ٣ صور", []),
    ],
)
def test_weak_facts_are_found_if_asked_for(text, expected):
    assert [f"{fact.kind} {fact.shown}" for fact in find_facts(text, weak=True)] == expected


def test_a_fact_shows_no_text_in_its_repr():
    assert repr(find_facts("رقمي 0551234567")[0]) == "Fact(phone, 5 to 15)"


@pytest.mark.parametrize("country", ["+966 50 123 4567", "+971 50 123 4567", "+965 500 12345", "+974 3312 3456", "+973 3600 1234",
                                     "+968 9212 3456", "+967 712 345 678", "+964 790 123 4567", "+962 7 9012 3456", "+961 71 123 456",
                                     "+970 599 123 456", "+963 944 567 890", "+20 100 123 4567", "+249 91 123 1234", "+218 91 234 5678",
                                     "+216 20 123 456", "+213 551 23 45 67", "+212 650 123456", "+222 22 12 34 56", "+252 7 1123456",
                                     "+253 77 83 10 01", "+269 321 23 45"])  # fmt: skip
def test_phones_of_every_arab_country(country):
    assert [fact.kind for fact in find_facts(f"رقمي {country} تمام")] == ["phone"]


@pytest.mark.parametrize(
    "flood",
    [
        "a.",
        "باقي ",
        "بكرة ابعت ",
        "1/1 دفعت ",
        "1 ",
        "5",
        "5-",
        "a.b",
        "@",
        "حول ",
        "1,000 ",
        "سناب حساب ",
        "صفر ",
        "z ",
        "0 oo",
        "رمز اللي ",
        "خالي حول ",
        "الفلوس ",
        "الف و 500 ",
        "0551234567 باسم ",
        "قبل بعد ",
        "صفحة «",
        "ال٩ ",
        "ادفع البريد ",
    ],
)
def test_a_flood_takes_linear_time(flood):
    started = time.process_time()
    find_facts(flood * 10_000, weak=True)
    assert time.process_time() - started < 8


def test_deadlines_are_those_of_who_was_flagged():
    threat = "معي تسجيلك كامل. حول ٥٠٠ دولار قبل الليل والا بيوصل لكل اهلك"
    verdict = classify(Chat([Message("بوصل خلال ساعة", "سارة"), Message(threat, "لين"), Message(threat, "لين")]))
    facts = [(fact.kind, fact.value, fact.sender, fact.index, fact.times) for fact in summarize(verdict).facts]
    assert facts == [("sum", "٥٠٠ دولار", "لين", 1, 2), ("deadline", "قبل الليل", "لين", 1, 2)]


def test_a_joke_of_a_friend_sets_no_deadline_and_the_facts_of_the_case_come_first():
    threat = "معي تسجيلك كامل. حول ٥٠٠ دولار قبل الليل والا بيوصل لكل اهلك"
    rent = [Message("الإيجار ٩٠٠ ريال قبل المغرب", "عم"), Message("تمام", "خال")]
    case = [Message(threat, "لين"), Message("معي ٥٠٠ دولار بس", "سامر"), Message(threat, "لين")]
    facts = [(fact.kind, fact.sender, fact.indices) for fact in summarize(classify(Chat([*rent, *case]))).facts]
    assert facts == [("sum", "لين", [2, 4]), ("sum", "سامر", [3]), ("sum", "عم", [0]), ("deadline", "لين", [2, 4])]


def test_a_time_and_a_number_take_their_meaning_from_the_conversation():
    threat = "معي تسجيلك كامل. حول ٥ الاف قبل الليل والا بيوصل لكل اهلك"
    before = [Message("بكرة ٥ كراسي", "لين"), Message("بكرة ٩ بليل", "سامر")]
    case = [Message(threat, "لين"), Message(threat, "لين"), Message("مش ٥", "لين"), Message("الخميس بعد العصر", "لين")]
    facts = [
        (fact.kind, fact.value, fact.sender, fact.indices)
        for fact in summarize(classify(Chat([*before, *case, Message("بكرة", "سامر")]))).facts
    ]
    assert facts == [
        ("sum", "٥ الاف", "لين", [2, 3]), ("sum", "٥", "لين", [4]),
        ("deadline", "قبل الليل", "لين", [2, 3]), ("deadline", "الخميس بعد العصر", "لين", [5]),
    ]  # fmt: skip


def test_a_table_looks_for_the_facts_that_it_was_given_before():
    """Weak ones are looked for of those alone who have offended: nobody else's change a report."""
    for chat in load_chats(ROOT / "datasets")[::60]:
        verdict = classify(chat.chat)
        looking, given = FactTable(), FactTable()
        for entry in verdict.entries():
            looking.add(entry)
            given.add(entry, find_facts(entry.message.text, weak=True))
        assert looking.facts(verdict.offender) == given.facts(verdict.offender)


SIGNS = "www . example . com|name (at) mail (dot) com|t.me / ab12|حسابي: ab_cd|اكتب لي. بعد صلاة العشاء|تمام.كوم|رقمي ٠٥٥-١٢٣ ٤٥٦٧"


def test_what_lets_a_text_be_searched_hides_no_fact(corpus_rows, monkeypatch):
    some = [*SIGNS.split("|"), *(row.text for row in corpus_rows[::90])]
    found = [find_facts(text) for text in some]
    searches = {**extract._searches(), "any": [extract._Search("", "", re.compile(""))]}
    monkeypatch.setattr(extract, "_searches", lambda: searches)
    assert [find_facts(text) for text in some] == found


@given(st.text("اأـ٥ﻻ①.,@ aB\u200d\u064b㎏ẞ\n", max_size=30))
def test_a_text_is_folded_letter_by_letter(text):
    """Whether or not each becomes just one, the range that a fact is shown by is its own."""
    folded, letters = fold_signs(text), [fold_signs(letter).text for letter in text]
    assert folded.text == "".join(letters)
    assert [*folded.starts] == [place for place, letter in enumerate(letters) for _ in letter]
    assert [*folded.ends] == [place + 1 for place in folded.starts]


def test_a_table_of_facts_does_not_grow_without_end():
    table = FactTable()
    entry = next(classify(Chat([Message("x", "س")])).entries())
    for number in range(6_000):
        table.add(entry, find_facts(f"{number + 10_000} ريال"))
    table.add(entry, find_facts("0551234567"))
    assert [fact.kind for fact in table.facts(None)] == ["sum"] * 5_000 + ["phone"]


# The command


def test_facts_are_written_and_no_cell_is_a_formula(exports, tmp_path):
    done = run("scan", exports["gulf"][0], "--facts", tmp_path / "facts.csv", "--json")
    assert done.returncode == 0
    with (tmp_path / "facts.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert done.stderr.decode() == f"{len(rows)} facts written to {tmp_path / 'facts.csv'}.\n"
    facts = json.loads(done.stdout)["facts"]
    assert len(facts) == len(rows) > 20
    columns = ["source", "kind", "value", "sender", "sent_at", "message", "times", "messages"]
    assert list(rows[0]) == ["source", *facts[0]] == columns
    assert {fact["kind"] for fact in facts} >= {"sum", "deadline", "payment", "phone", "iban", "wallet", "account"}
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())
    assert any(row["value"].startswith("'@") for row in rows)


def test_another_ending_is_refused(exports, tmp_path):
    done = run("scan", exports["gulf"][0], "--facts", tmp_path / "facts.txt")
    assert done.returncode == 2
    assert (
        done.stderr.decode()
        == f"{tmp_path / 'facts.txt'} must end in .jsonl or .csv, which says how to write the facts.\n"
    )


@pytest.mark.parametrize("options", [[], ["--json"], ["--all"], ["--out", "-"]])
def test_no_output_of_a_redacted_scan_names_anybody(exports, tmp_path, options):
    path, _ = exports["gulf"]
    out = [] if "-" in options else ["--out", tmp_path / "v.csv"]
    done = run("scan", path, "--redact", "--html", tmp_path / "r.html", "--facts", tmp_path / "f.csv", *out, *options)
    assert done.returncode == 0
    written = [file.read_text(encoding="utf-8") for file in tmp_path.iterdir()]
    assert len(written) == 2 + bool(out)
    advice = (
        r"(?s)<section class=\"advice.*?</section>|What to do now\n.*?(?=\nKey messages|\Z)|More steps, and where.*"
    )
    for text in (*written, done.stdout.decode()):
        for secret in (
            "ريان",
            "منير",
            "rayan",
            "kk88",
            "0551234567",
            "٩٨٧",
            "SA03",
            "6080 1016",
            "//t.me/",
            "example.com",
            "gulf",
        ):
            assert secret not in re.sub(advice, "", text), secret


@pytest.mark.parametrize("lang", ["ar", "en"])
def test_facts_that_there_was_no_room_for_are_told(lang, monkeypatch):
    """A flood of numbers hides none of the first ones, and nobody believes that the list is whole."""
    monkeypatch.setattr("sextortion_detect.facts.case_facts.MOST", 3)
    monkeypatch.setitem(chat_page._environment().globals, "most_kept", 3)
    texts = [f"{THREAT} رقمي 05512345{number:02}" for number in range(10)]
    verdict = classify(Chat([Message(text, "لين") for text in texts]))
    summary = summarize(verdict)
    assert sum(fact.kind == "phone" for fact in summary.facts) == 3
    assert summary.facts_dropped == 7
    dropped = wording(lang).say("facts_dropped", count=7, most=3)
    assert dropped in verdict.to_html(lang=lang)


NOT_PAID = ["يقول بينشر صوري اذا ما حولت له ٢٠٠٠ ريال", "لو ما دفعت ٥٠٠ دولار بنشرها", "لم ادفع 300 جنيه", "لو حولتله هيطلب تاني",
            "ما وصلت الفلوس", "حولت له ولا لسه", "ولا دفعت له", "ابوي لو دفع له", "متى وصل المبلغ"]  # fmt: skip


@pytest.mark.parametrize("text", NOT_PAID)
def test_what_was_not_paid_is_no_payment(text):
    """A false payment would mislead the police about what was lost."""
    assert "payment" not in [fact.kind for fact in find_facts(text)]


def test_what_was_paid_is_a_payment():
    assert "payment" in [fact.kind for fact in find_facts("حولت له ٥٠٠ ريال امس")]
