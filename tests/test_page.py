"""The page of a chat: what it says, that it escapes everything, and that a redacted one names nobody."""

import hashlib
import html
import json
import re
from datetime import UTC, datetime

import pytest
from conftest import ROOT, SAMPLE
from hypothesis import given, settings
from hypothesis import strategies as st

from sextortion_detect import Chat, Message, classify, read_chat
from sextortion_detect.errors import InputError
from sextortion_detect.model.shipped import shipped_folder
from sextortion_detect.page.report_files import HtmlReports
from sextortion_detect.page.risk_curve import HEIGHT, WIDTH, draw
from sextortion_detect.page.source_files import fingerprints
from sextortion_detect.records import MessageKind, ReadReport
from sextortion_detect.support import advice_html
from sextortion_detect.wording import wording

GROUP = ROOT / "tests" / "browser" / "group.txt"


def judged(path, **options):
    """The verdict on a chat, at a threshold that it reaches."""
    chat = read_chat(path)
    return classify(chat, thresholds={"conversation": 0.9 * classify(chat).probability, **options})


@pytest.fixture(scope="module")
def verdict():
    return judged(SAMPLE)


def spoken(page):
    """What a page says, without its markup, style and script."""
    bare = re.sub(r"<(style|script)>.*?</\1>", "", page, flags=re.DOTALL)
    return html.unescape(re.sub(r"<[^>]+>", "", bare))


@pytest.mark.parametrize(("lang", "direction", "says"), [("ar", "rtl", "أول تنبيه"), ("en", "ltr", "First flagged")])
def test_a_page_in_each_language(verdict, lang, direction, says):
    page = verdict.to_html(lang=lang)
    assert f'<html lang="{lang}" dir="{direction}">' in page
    assert says in page
    assert page.count('<li class="entry') == len(verdict.messages)
    assert page.count('id="m') == len(verdict.messages)
    assert f"<bdi>{verdict.offender}</bdi>" in page
    assert f'href="#m{verdict.first_flagged + 1}"' in page
    assert "<mark" in page
    assert hashlib.sha256(SAMPLE.read_bytes()).hexdigest() in page
    assert wording(lang).say("advice") in page


def test_the_pages_language_is_arabic_unless_told(verdict):
    assert 'lang="ar"' in verdict.to_html()[:80]


def test_another_language_is_refused(verdict):
    with pytest.raises(InputError, match=r"^There is no report in 'fr'; choose one of ar, en\.$"):
        verdict.to_html(lang="fr")


def test_every_text_stands_whole_in_the_page(verdict):
    text = spoken(verdict.to_html())
    for message in verdict.chat.messages:
        assert message.text in text


def test_a_page_escapes_what_the_chat_says():
    bad = '<script>alert(1)</script><img src=x onerror="alert(2)">'
    report = ReadReport(notes=(bad,))
    page = classify(Chat([Message(bad, bad, kind=kind) for kind in MessageKind], bad, report)).to_html()
    assert page.count("<script") == 1
    assert "<img" not in page


def test_a_page_asks_for_nothing_from_outside(verdict):
    page = html.unescape(verdict.to_html())
    assert "default-src 'none'" in page
    assert "unsafe" not in page
    assert not re.search(r"<(link|img|iframe|object|embed)|@import|url\(|src=|style=|\son\w+=", page)
    assert not re.search(r'href="(?!#|tel:|mailto:|https?:)', page)  # these only when a reader follows them
    assert not re.search(r'href="(?!#)', page.replace(html.unescape(str(advice_html(verdict.advice()))).strip(), ""))


@pytest.mark.parametrize("lang", ["ar", "en"])
def test_what_is_said_of_redaction_stands_in_the_page(verdict, lang):
    assert wording(lang).say("redacted") in verdict.to_html(lang=lang, redact=True)
    assert wording(lang).say("redacted") not in verdict.to_html(lang=lang)


@pytest.mark.parametrize("redact", [False, True])
def test_facts_stand_in_a_page_with_who_and_which_message(redact):
    page = judged(GROUP).to_html(lang="en", redact=redact)
    box = page.split('class="card facts"')[1].split("</section>")[0]
    cells = [" ".join(spoken(cell).split()) for cell in re.findall(r"<d[dt]>(.*?)</d[dt]>", box, flags=re.DOTALL)]
    who = "«Person 4»" if redact else "+966 50 000 0000"
    assert cells[:3] == ["Sum", "١٥ ريال هدى السالم · #5 2025-10-12 18:09".replace("هدى السالم", "«Person 1»" if redact else "هدى السالم"),
                         f"٣٠٠٠ ريال {who} · #13 2025-10-13 01:07"]  # fmt: skip
    assert cells[3:5] == ["Deadline", f"قبل الفجر {who} · #13 2025-10-13 01:07"]
    iban, account = ("«Number 1»", "«Account 1»") if redact else ("SA03 8000 0000 6080 1016 7519", "@nazzam_league")
    assert f"{iban} {who} · #13 2025-10-13 01:07" in cells
    assert f"{account} {who} · #8 2025-10-12 18:20" in cells


def test_a_page_says_when_it_was_made_and_of_a_chat_without_a_file_that_there_is_none(verdict):
    assert re.search(r"on 20\d\d-\d\d-\d\d \d\d:\d\d UTC", spoken(verdict.to_html(lang="en")))
    assert "UTC UTC" not in spoken(verdict.to_html(lang="en"))
    alone = spoken(classify(Chat([Message("صباح الخير", "س")])).to_html(lang="en", redact=True))
    assert "not read from a file" in alone
    assert "SHA-256" not in alone
    assert hashlib.sha256(SAMPLE.read_bytes()).hexdigest() in verdict.to_html(redact=True)


def test_a_quiet_chat_has_no_facts():
    assert "card facts" not in classify(Chat([Message("السعر 500 ريال", "سارة")])).to_html()


def test_days_and_silence():
    days = [datetime(2025, 3, 1, 22), datetime(2025, 3, 1, 23), datetime(2025, 3, 2), datetime(2025, 3, 7), None]
    page = classify(Chat([Message("صباح الخير", "س", day) for day in days])).to_html(lang="en")
    found = re.findall(r'<li class="(day|silence)">(?:<bdi dir="ltr">)?([^<]*)', page)
    assert found == [
        ("day", "2025-03-01"),
        ("day", "2025-03-02"),
        ("silence", "Days without a message: 4"),
        ("day", "2025-03-07"),
    ]


def test_times_are_told_as_the_export_has_them():
    times = [datetime(2025, 3, 1, 22, 5), datetime(2025, 3, 1, 22, 5, 7), datetime(2025, 3, 1, 22, 5, tzinfo=UTC)]
    assert [wording("en").time(one) for one in times] == [
        "2025-03-01 22:05",
        "2025-03-01 22:05:07",
        "2025-03-01 22:05 UTC",
    ]
    assert wording("ar").time(times[1]) == "٢٠٢٥/٠٣/٠١ ٢٢:٠٥:٠٧"


@pytest.mark.parametrize("lang", ["ar", "en"])
def test_pages_of_odd_chats(lang):
    alone = Message("\udcff صباح", None, datetime(2025, 1, 1))
    for messages in ([], [alone], [Message("", "س", kind=MessageKind.MEDIA)] * 500):
        page = classify(Chat(messages)).to_html(lang=lang, redact=True)
        assert page.count('<li class="entry') == len(messages)


def test_what_is_not_marked_is_folded():
    messages = [Message("صباح الخير", "سارة")] * 2000
    page = classify(Chat(messages)).to_html(lang="en")
    assert page.count('<details class="fold">') == 5


@pytest.mark.parametrize("lang", ["ar", "en"])
def test_a_redacted_page_names_nobody(lang):
    verdict = judged(GROUP)
    shown = verdict.to_html(lang=lang, redact=True).replace(verdict.model.split()[-1], "")  # a digest has any digits
    page = re.sub(r"<section class=\"advice.*?</section>", "", shown, flags=re.DOTALL)
    for secret in ("هدى", "السالم", "نادر", "Omar", "966", "0555000111", "nazzam", "SA03", "7519", "group.txt"):
        assert secret not in page, secret
    assert "٣٠٠٠ ريال" in spoken(page)
    assert "عمر" not in page
    assert page.count('<li class="entry') == 20


# Curve, source files


@given(st.lists(st.floats(0, 1), min_size=2, max_size=3000), st.booleans())
@settings(deadline=None, max_examples=25)
def test_a_curve_stays_in_its_drawing_and_keeps_its_peak(risk, mirrored):
    peak = max(range(len(risk)), key=risk.__getitem__)
    curve = draw(risk, 0.5, [0, len(risk) - 1], peak, mirrored=mirrored)
    heights = [float(step) for step in re.findall(r"V([\d.]+)", curve.line)] + [curve.points[0].y]
    assert min(heights) == curve.first.y
    assert all(0 <= y <= HEIGHT for y in heights)
    assert all(0 <= float(x) <= WIDTH for x in re.findall(r"H([\d.]+)", curve.line))
    assert (curve.start > curve.end) == mirrored
    assert len(heights) < 800


def test_one_message_has_no_curve():
    assert draw([0.5], 0.5, [], None, mirrored=False) is None


def test_fingerprints(tmp_path):
    zipped, folder = tmp_path / "a#b.zip", tmp_path / "thread"
    zipped.write_bytes(b"x")
    folder.mkdir()
    for number in range(22):
        (folder / f"message_{number:02}.json").write_bytes(b"x")
    digest = hashlib.sha256(b"x").hexdigest()
    for source in (f"{zipped}", f"{zipped}/chat.txt", f"{zipped}#2 سارة"):
        assert fingerprints(source) == ([("a#b.zip", digest)], 0)
    found, more = fingerprints(str(folder))
    assert (len(found), more) == (20, 2)
    assert fingerprints(None) == fingerprints(str(tmp_path / "gone" / "x.txt")) == ([], 0)


# Several chats


def test_one_chat_makes_one_file_and_several_an_index(tmp_path, verdict):
    alone = HtmlReports(tmp_path / "one.html")
    alone.add(verdict)
    assert alone.close() == [tmp_path / "one.html"]
    several = HtmlReports(tmp_path / "all.html", lang="en")
    several.add(classify(Chat([Message("صباح الخير", "س")], "quiet.txt")))
    several.add(verdict)
    written = several.close()
    assert [path.name for path in written] == ["all.html", "all-1.html", "all-2.html"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["all-1.html", "all-2.html", "all.html", "one.html"]
    index = written[0].read_text(encoding="utf-8")
    assert re.findall(r'href="([^"]+)"', index) == ["all-2.html", "all-1.html"]  # the one in need first
    assert "quiet.txt" in index
    assert HtmlReports(tmp_path / "none.html").close() == []


def test_a_redacted_index_names_no_file(tmp_path, verdict):
    reports = HtmlReports(tmp_path / "all.html", redact=True)
    reports.add(verdict)
    reports.add(verdict)
    assert SAMPLE.name not in reports.close()[0].read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("x.txt", "{} must end in .html; give the report such a name."), ("no/x.html", "There is no folder {}; make it first.")],
)  # fmt: skip
def test_a_report_that_cannot_be_written_is_refused_early(tmp_path, name, sentence):
    path = tmp_path / name
    with pytest.raises(InputError) as caught:
        HtmlReports(path)
    assert str(caught.value) == sentence.format(path if path.suffix == ".txt" else path.parent)


def test_an_index_is_in_the_order_of_need(tmp_path):
    """Whoever is in danger is read first, however sure the program is of others."""
    threat = "معي تسجيلك كامل. حول ٥٠٠ دولار قبل الليل والا بيوصل لكل اهلك"
    chats = {
        "quiet": ["صباح الخير"], "threat": [threat], "victim": ["واحد يهددني ينشر صوري وش اسوي"],
        "danger": ["صباح الخير", "عايزة أموت"],
    }  # fmt: skip
    reports = HtmlReports(tmp_path / "all.html", lang="en")
    for name, texts in chats.items():
        reports.add(classify(Chat([Message(text, "س") for text in texts], name), thresholds={"conversation": 1.0}))
    index = reports.close()[0].read_text(encoding="utf-8")
    assert re.findall(r"<bdi>(\w+)</bdi></a></h2>", index) == ["danger", "victim", "threat", "quiet"]
    assert re.findall(r'class="card verdict (\w+)"', index) == ["support", "support", "some", "none"]


@pytest.mark.parametrize(("lang", "said"), [("ar", "النموذج"), ("en", "Model")])
def test_the_model_its_fingerprint_and_its_error_rates_stand_under_about(verdict, model, lang, said):
    about = spoken(verdict.to_html(lang=lang)).rsplit(wording(lang).say("about"), 1)[1]
    assert said in about
    assert f"{model.manifest['name']} {model.manifest['sha256']}" in about
    figures = json.loads((shipped_folder() / "figures.json").read_text(encoding="utf-8"))
    if figures["model"] == model.manifest["sha256"]:
        missed = wording(lang).number(round(100 - 100 * figures["whole"]["caught"][0]))
        assert missed in about
    else:
        assert wording(lang).say("model_no_rates") in about


def forwarded_threats(origin="Ziad ♠"):
    return classify(Chat([
        Message("create_group\nبنات خالتي", None, datetime(2021, 5, 1, 9), MessageKind.SYSTEM),
        Message("يا جماعة شوفوا وش يرسل لي", "هند", datetime(2025, 3, 1, 22)),
        Message("عندي كل صورك وبنشرها لاهلك الليلة", "هند", datetime(2025, 3, 1, 22), forwarded_from=origin),
        Message("حولي ٣٠٠٠ على ٠٥٥٥٠٠٠١١١ قبل العشا والا وصلت لابوك", "هند", datetime(2025, 3, 1, 22), forwarded_from=origin),
    ]))  # fmt: skip


@pytest.mark.parametrize(("lang", "said"), [("en", "هند forwarded from Ziad ♠"), ("ar", "هند محوّلة من Ziad ♠")])
def test_a_page_tells_who_forwards_and_whose_words_they_are(lang, said):
    page = forwarded_threats().to_html(lang=lang)
    assert said in " ".join(spoken(page).split())
    assert f"<dt>{wording(lang).say('riskiest')}</dt><dd><bdi>Ziad ♠</bdi></dd>" in page
    assert "Ziad" not in forwarded_threats().to_html(lang=lang, redact=True)
    nobody = spoken(forwarded_threats("").to_html(lang=lang))
    assert f"{wording(lang).say('forwarded_from')} {wording(lang).say('unknown_author')}" in nobody


@pytest.mark.parametrize(("lang", "said"), [("en", "The group was made"), ("ar", "أُنشئت المجموعة")])
def test_a_notice_is_in_the_language_of_the_page_and_begins_no_period(lang, said):
    page = forwarded_threats().to_html(lang=lang)
    assert f"{said}\nبنات خالتي" in spoken(page)
    assert "create_group" not in page
    began = re.search(rf"<dt>{wording(lang).say('period')}</dt><dd>(.*?)</dd>", page)[1]
    assert "2021" not in began
    assert "2025-03-01" in began
    assert 'class="silence"' not in page


DESPAIR = [("ودي اموت وارتاح من هالدنيا", "ريم"), ("عايزه اموت خلاص", "سلمى")]


@pytest.mark.parametrize("lang", ["en", "ar"])
@pytest.mark.parametrize(("text", "who"), DESPAIR)
def test_words_of_self_harm_come_before_everything(lang, text, who):
    messages = [Message("صباح الخير", who)] * 60 + [Message(text, who)] + [Message("طيب", "منى")] * 60
    page = classify(Chat(messages)).to_html(lang=lang)
    first = page.split("<main>")[1].split("</p>")[0]
    assert wording(lang).say("distress_first") in first
    assert 'href="#m61"' in first
    assert page.index('href="#m61"') < page.index("<h1>")
    points = page.split('<ol class="points">')[1].split("</ol>")[0]
    assert wording(lang).say("distress") in points
    assert "distress_first" not in page


def test_no_line_of_self_harm_where_nobody_speaks_of_it(verdict):
    assert wording("ar").say("distress_first") not in verdict.to_html()
