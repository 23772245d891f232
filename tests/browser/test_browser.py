"""Reports in a real Chromium: they open in silence, ask for nothing, run no stranger's script, and filter."""

import re
import sys
import time

import pytest
from browsing import MISSING, Browser
from conftest import ROOT

from sextortion_detect import Chat, Message, classify, read_chat
from sextortion_detect.page.report_files import HtmlReports

pytestmark = [
    pytest.mark.skipif(MISSING is not None, reason=str(MISSING)),
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),  # Selenium leaves its sockets to the collector
]

GROUP = ROOT / "tests" / "browser" / "group.txt"
THREAT = "معي تسجيلك كامل. حول ٥٠٠ دولار قبل الليل والا بيوصل لكل اهلك"
EVIL = "<script>window.ran = 1</script><img src=x onerror='window.ran = 2'></p></li><b>سارة</b>"


@pytest.fixture(scope="module")
def browser():
    opened = Browser()
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def verdict():
    chat = read_chat(GROUP)
    return classify(chat, thresholds={"conversation": 0.9 * classify(chat).probability})


@pytest.fixture(scope="module")
def page(verdict, tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(verdict.to_html(), encoding="utf-8")
    return path


def texts(browser):
    return browser.run("return [...document.querySelectorAll('.entry .text')].map(text => text.textContent)")


def visible(browser):
    """The numbers of the messages that a reader would see, folds opened."""
    return browser.run("return [...document.querySelectorAll('.entry:not([hidden])')].map(one => +one.id.slice(1))")


def choose(browser, name, value):
    browser.run(
        "const box = document.querySelector('.filters').elements[arguments[0]];"
        "if (box.type === 'checkbox') box.checked = arguments[1]; else box.value = arguments[1];"
        "box.dispatchEvent(new Event('input', {bubbles: true}));",
        name, value,
    )  # fmt: skip


@pytest.mark.parametrize("redact", [False, True])
@pytest.mark.parametrize(("lang", "direction"), [("ar", "rtl"), ("en", "ltr")])
def test_a_page_opens_in_silence(browser, verdict, tmp_path, lang, direction, redact):
    path = tmp_path / "report.html"
    path.write_text(verdict.to_html(lang=lang, redact=redact), encoding="utf-8")
    browser.open(path)
    browser.run("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    browser.run("window.scrollTo(0, document.documentElement.scrollHeight)")
    assert browser.requests() == [path.as_uri()]
    assert browser.complaints() == []
    assert browser.run("return getComputedStyle(document.body).direction") == direction
    border = browser.run(
        f"return getComputedStyle(document.querySelector('.verdict')).border{'Right' if lang == 'ar' else 'Left'}Width"
    )
    assert float(border.removesuffix("px")) > 3
    assert browser.run("return document.documentElement.scrollWidth <= innerWidth")
    if not redact:
        assert texts(browser) == [message.text for message in verdict.chat.messages]


def test_an_index_opens_in_silence(browser, verdict, tmp_path):
    reports = HtmlReports(tmp_path / "all.html")
    reports.add(verdict)
    reports.add(classify(Chat([Message("صباح الخير", "س")])))
    index = reports.close()[0]
    browser.open(index)
    assert browser.complaints() == []
    browser.run("document.querySelector('h2 a').click()")
    deadline = time.monotonic() + 10
    while "entry" not in browser.run("return document.body.innerHTML") and time.monotonic() < deadline:
        time.sleep(0.05)
    assert browser.run("return location.pathname").endswith("all-1.html")


def test_a_strangers_markup_stays_text(browser, tmp_path):
    path = tmp_path / "evil.html"
    path.write_text(classify(Chat([Message(EVIL, EVIL)], EVIL)).to_html(), encoding="utf-8")
    browser.open(path)
    assert texts(browser) == [EVIL]
    assert browser.run("return document.querySelector('.who').textContent") == EVIL
    assert browser.run("return [window.ran, document.querySelectorAll('script, img, b:not(.says b)').length]") == [
        None,
        1,
    ]
    assert browser.complaints() == []
    assert browser.requests() == [path.as_uri()]


def test_the_policy_runs_no_script_but_our_own(browser, page, tmp_path):
    path = tmp_path / "tampered.html"
    text = page.read_text(encoding="utf-8")
    path.write_text(
        text.replace("</main>", "<script>window.ran = 1</script><img src='http://127.0.0.1:9/x.png'></main>"),
        encoding="utf-8",
    )
    browser.open(path)
    assert browser.run("return window.ran") is None
    said = "\n".join(browser.complaints())
    assert "script-src" in said
    assert "127.0.0.1:9" in said
    assert not browser.run("return document.querySelector('.filters').hidden")


def test_filters(browser, page, verdict):
    browser.open(page)
    messages = list(zip(verdict.chat.messages, verdict.messages, strict=True))
    everything = list(range(1, len(messages) + 1))
    senders = list(dict.fromkeys(message.sender for message in verdict.chat.messages if message.sender))
    assert visible(browser) == everything
    for number, sender in enumerate(senders):
        choose(browser, "sender", str(number))
        assert visible(browser) == [place for place, (message, _) in enumerate(messages, 1) if message.sender == sender]
    choose(browser, "sender", "")
    for tactic in {tactic for one in verdict.messages for tactic in one.tactics}:
        choose(browser, "tactic", tactic.value)
        wanted = [place for place, (_, judged) in enumerate(messages, 1) if tactic in judged.tactics]
        assert visible(browser) == wanted
        assert browser.run("return document.querySelector('.filters output').textContent") != ""
    browser.run("document.querySelector('.filters [name=clear]').click()")
    assert visible(browser) == everything
    choose(browser, "marked", True)
    assert visible(browser) == [place for place, (_, judged) in enumerate(messages, 1) if judged.action.value != "none"]
    browser.run("location.hash = '#m1'")
    deadline = time.monotonic() + 5
    while visible(browser) != everything and time.monotonic() < deadline:
        time.sleep(0.02)
    assert visible(browser) == everything  # a link to a message that is filtered out shows it


CUT = """
const letter = /[\\p{L}\\p{M}\\p{Nd}]/u;
return [...document.querySelectorAll('.text mark')].filter(mark => {
  const text = mark.closest('.text').textContent;
  const range = document.createRange();
  range.setStart(mark.closest('.text'), 0);
  range.setEndBefore(mark);
  const start = range.toString().length, end = start + mark.textContent.length;
  const inside = place => place > 0 && place < text.length && letter.test(text[place - 1]) && letter.test(text[place]);
  return inside(start) || inside(end);
}).map(mark => mark.textContent);
"""

JOINED = """
const width = node => { const range = document.createRange(); range.selectNodeContents(node); return [...range.getClientRects()].length
  && Math.max(...[...range.getClientRects()].map(box => box.right)) - Math.min(...[...range.getClientRects()].map(box => box.left)); };
return [...document.querySelectorAll('.text')].filter(text => text.querySelector('mark')).map(text => {
  text.style.whiteSpace = 'pre'; text.style.display = 'inline-block';
  const bare = text.cloneNode(); bare.textContent = text.textContent;
  text.after(bare);
  const widths = [width(text), width(bare)];
  bare.remove();
  return widths;
});
"""


ORDER = """
const text = document.querySelector('.text');
const place = part => { const at = text.textContent.indexOf(part); const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
  for (let seen = 0, node; (node = walker.nextNode()); seen += node.length) if (at < seen + node.length) {
    const range = document.createRange(); range.setStart(node, at - seen); range.setEnd(node, at - seen + part.length);
    return range.getBoundingClientRect().left; } };
return arguments[0].map(place);
"""


RUNS = """
return [...document.querySelectorAll('.advice li bdi[dir=ltr]')].map(run => {
  const walker = document.createTreeWalker(run, NodeFilter.SHOW_TEXT), node = walker.nextNode(), places = [];
  for (let at = 0; at < node.length; at++) if (/[\\dA-Za-z]/.test(node.data[at])) {
    const range = document.createRange(); range.setStart(node, at); range.setEnd(node, at + 1);
    const box = range.getBoundingClientRect(); places.push([box.top, box.left]); }
  return [run.textContent, run.querySelector('a')?.getAttribute('href') ?? '', places]; });
"""


def test_numbers_of_help_lines_run_from_left_to_right_and_can_be_dialed(browser, verdict, tmp_path):
    path = tmp_path / "lines.html"
    path.write_text(verdict.to_html(lang="ar", country="LB"), encoding="utf-8")
    browser.open(path)
    browser.run("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    found = browser.run(RUNS)
    for text, _, places in found:
        lines = [
            [left for top, left in places if abs(top - line) < 3] for line in dict.fromkeys(top for top, _ in places)
        ]
        assert all(line == sorted(line) for line in lines), text
    links = {text: link for text, link, _ in found}
    assert links["01-293293"] == "tel:01293293"
    assert links["+961 81 633 133"] == "tel:+96181633133"
    assert links["http://isf.gov.lb"] == "http://isf.gov.lb"
    assert links["stopncii@swgfl.org.uk"] == "mailto:stopncii@swgfl.org.uk"
    assert "٢٠٢٦/١١/٢٤" in browser.run(
        "return [...document.querySelectorAll('.advice .meta time')].map(one => one.textContent)"
    )


@pytest.mark.parametrize(
    "parts",
    [
        ["055", "123", "4567"],
        ["@", "name_1"],
        ["SA03", "8000", "6080"],
        ["2025", "-03", "-15"],
        ["01-", "293293"],
        ["t.me", "abc"],
    ],
)
def test_numbers_and_accounts_run_from_left_to_right_in_an_arabic_line(browser, tmp_path, parts):
    path = tmp_path / "codes.html"
    path.write_text(
        classify(
            Chat(
                [
                    Message(
                        "رقمي 055 123 4567 او الحساب @name_1 او SA03 8000 0000 6080 1016 7519 تمام 2025-03-15 و 01-293293 و t.me/abc شوف",
                        "س",
                    )
                ]
            )
        ).to_html(),
        encoding="utf-8",
    )
    browser.open(path)
    places = browser.run(ORDER, parts)
    assert places == sorted(places)


def test_highlights_cut_no_word_and_leave_letters_joined(browser, page):
    browser.open(page)
    browser.run("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    assert browser.run("return document.querySelectorAll('.text mark').length") > 5
    assert browser.run(CUT) == []
    for marked, bare in browser.run(JOINED):
        assert marked > 0
        assert marked == pytest.approx(bare, abs=1.0)


CONTRAST = """
const parse = color => color.match(/[\\d.]+/g).map(Number);
const light = color => { const [r, g, b] = parse(color).map(c => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
const behind = node => { for (; node; node = node.parentElement) { const color = getComputedStyle(node).backgroundColor;
  if (parse(color)[3] !== 0) return color; } return 'rgb(255, 255, 255)'; };
const worst = {};
for (const node of document.querySelectorAll('main *')) {
  if (![...node.childNodes].some(child => child.nodeType === 3 && child.textContent.trim()) || node.closest('svg')) continue;
  const [one, other] = [light(getComputedStyle(node).color), light(behind(node))].sort((a, b) => b - a);
  const ratio = (one + 0.05) / (other + 0.05);
  if (ratio < 4.5) worst[node.className || node.tagName] = ratio;
}
return worst;
"""


@pytest.mark.parametrize("dark", [False, True])
def test_contrast_is_that_of_wcag_aa(browser, page, dark):
    browser.open(page, dark=dark)
    browser.run("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    assert browser.run(CONTRAST) == {}


def test_print_hides_nothing(browser, tmp_path):
    messages = [Message(f"صباح الخير {number}", "سارة") for number in range(300)]
    messages[150] = Message(THREAT, "لين")
    path = tmp_path / "long.html"
    path.write_text(classify(Chat(messages)).to_html(), encoding="utf-8")
    browser.open(path)
    choose(browser, "marked", True)
    assert len(visible(browser)) == 1
    browser.emulate(media="print")
    assert browser.run("return [...document.querySelectorAll('.entry .text')].every(text => text.offsetHeight > 0)")
    assert browser.run("return getComputedStyle(document.querySelector('.filters')).display") == "none"
    browser.pdf(tmp_path / "long.pdf")
    pages = len(re.findall(rb"/Type\s*/Page\b", (tmp_path / "long.pdf").read_bytes()))
    assert pages > 10  # 300 messages on about 15 to a page
    browser.emulate()


ODD = [("سارة", "صباح الخير"), ("سارة", "❤️❤️"), ("Sam", "ok see you"), ("Sam", THREAT), ("سارة", "عايزة أموت")]

ENDS = """
return [...document.querySelectorAll('.entry .text')].map(text => {
  const range = document.createRange(); range.selectNodeContents(text);
  return Math.abs(range.getBoundingClientRect().right - text.getBoundingClientRect().right); });
"""


@pytest.fixture
def phone(browser):
    size = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": False}
    browser.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    yield browser
    browser.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


@pytest.mark.parametrize("lang", ["ar", "en"])
def test_on_a_phone_all_can_be_read_without_moving_sideways(phone, tmp_path, lang):
    path = tmp_path / "odd.html"
    path.write_text(classify(Chat([Message(text, who) for who, text in ODD])).to_html(lang=lang), encoding="utf-8")
    phone.open(path)
    assert phone.run("return [innerWidth, document.documentElement.scrollWidth]") == [390, 390]
    wide = (
        "return [...document.querySelectorAll('.chip, .advice li, .advice p, td, th')].filter(one => one.offsetWidth &&"
    )
    assert (
        phone.run(f"{wide} (one.getBoundingClientRect().left < 0 || one.getBoundingClientRect().right > 390)).length")
        == 0
    )
    size = "const svg = document.querySelector('svg'); return svg.getBoundingClientRect().width / svg.viewBox.baseVal.width *"
    assert phone.run(f"{size} parseFloat(getComputedStyle(svg.querySelector('text')).fontSize)") > 8.5
    if lang == "ar":  # what has no Arabic letter begins at the right like all the rest
        assert max(phone.run(ENDS)) < 2


def test_advice_stands_open_on_the_screen_and_all_of_it_in_print(browser, verdict, tmp_path):
    path = tmp_path / "advice.html"
    path.write_text(verdict.to_html(country="EG"), encoding="utf-8")
    browser.open(path)
    steps = "return [...document.querySelectorAll('.advice ol li')].filter(step => step.checkVisibility()).length"
    assert browser.run(steps) == 7
    browser.emulate(media="print")
    assert browser.run(steps.replace("step.checkVisibility()", "step.offsetHeight")) == len(verdict.advice().steps)
    browser.emulate()


def test_a_flagged_chat_has_no_green_edge(browser, verdict, tmp_path):
    calm = classify(Chat([Message("صباح الخير", "سارة")] * 2))
    some = classify(Chat([Message(THREAT, "رقم"), Message("هلا", "سارة")]), thresholds={"conversation": 1.0})
    edges = []
    for one in (calm, some, verdict):
        path = tmp_path / "edge.html"
        path.write_text(one.to_html(), encoding="utf-8")
        browser.open(path)
        edges.append(browser.run("return getComputedStyle(document.querySelector('.verdict')).borderRightColor"))
    assert edges[0] != edges[1] == edges[2]


@pytest.mark.harden
@pytest.mark.slow
def test_fifty_thousand_messages_do_not_freeze(browser, tmp_path, capsys):
    messages = [
        Message(f"صباح الخير {number % 500}، وين صرت؟", ("سارة", "منى")[number % 2]) for number in range(50_000)
    ]
    for number in range(500, 50_000, 1000):
        messages[number] = Message(THREAT, "لين")
    path = tmp_path / "huge.html"
    started = time.perf_counter()
    verdict = classify(Chat(messages))
    judged = time.perf_counter()
    path.write_text(verdict.to_html(), encoding="utf-8")
    written = time.perf_counter()
    browser.open(path)
    assert not browser.run("return document.querySelector('.filters').hidden")
    opened = time.perf_counter()
    choose(browser, "tactic", "payment_demand")
    browser.run("return new Promise(done => requestAnimationFrame(() => setTimeout(done)))")
    filtered = time.perf_counter()
    assert len(visible(browser)) == sum("payment_demand" in one.tactics for one in verdict.messages)
    folded = browser.run("return document.querySelectorAll('.fold').length")
    with capsys.disabled():
        sys.stdout.write(
            f"\n50,000 messages: judged in {judged - started:.1f} s, page of {path.stat().st_size / 2**20:.0f} MB and "
            f"{folded} folds written in {written - judged:.1f} s, open in {opened - written:.1f} s, "
            f"filtered in {filtered - opened:.1f} s\n"
        )
    assert opened - written < 15
    assert filtered - opened < 5
    assert browser.complaints() == []


def test_the_pictures_of_the_documents_are_there():
    script = (ROOT / "tests" / "browser" / "screenshots.py").read_text(encoding="utf-8")
    named = re.findall(r'^    "([\w-]+)": \(', script, flags=re.MULTILINE)
    folder = ROOT / "tests" / "browser" / "screenshots"
    assert len(named) > 3
    assert {path.stem for path in folder.iterdir()} == set(named)
