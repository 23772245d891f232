"""What a terminal shows of a chat: the summary that is made in one pass, the lines, and their directions."""

import json
import os
import re
import subprocess
import tracemalloc
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from conftest import CANARY, SAMPLE
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console
from test_cli import COMMAND, THREAT, run

from sextortion_detect import Chat, ChatStream, Message, classify, open_chats, read_chat
from sextortion_detect.chat_summary import ROOM, SUREST, scan_chat, summarize
from sextortion_detect.records import MessageKind
from sextortion_detect.taxonomy import Label
from sextortion_detect.terminal import Look, harmless, look_of, show_summary, turns_arabic_around
from sextortion_detect.verdict_files import VerdictWriter
from sextortion_detect.wording import in_arabic, wording

ISOLATE, END = "\N{FIRST STRONG ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"


def printed(shown, look=Look(), width=100):  # noqa: B008  # a frozen value
    console = Console(width=width, highlight=False, force_terminal=look.styled, color_system=None)
    with console.capture() as capture:
        for part in show_summary(shown, look):
            console.print(part)
    return capture.get()


def judged(chat):
    """The verdict on a chat at a threshold that it reaches."""
    return classify(chat, thresholds={"conversation": 0.9 * classify(chat).probability})


@pytest.fixture(scope="module")
def verdict():
    return judged(read_chat(SAMPLE))


@pytest.fixture(scope="module")
def long_chat():
    """A quiet chat of a thousand messages, into which the sample's messages fall far apart."""
    sample = read_chat(SAMPLE).messages
    start = datetime(2025, 1, 1)
    messages = [Message("تمام ان شاء الله", "منى", start + timedelta(minutes=number)) for number in range(1000)]
    for place, message in enumerate(sample, start=2):
        messages[place * 50] = message
    return judged(Chat(messages, "long.txt"))


def test_the_header_says_what_who_when_and_how_much(verdict):
    out = printed(summarize(verdict), width=200)
    first = verdict.first_flagged
    assert f"Flagged: {verdict.label.value} · {verdict.label.arabic}" in out
    assert "Riskiest sender: لين" in out
    assert f"First flagged: message {first + 1}, {verdict.chat.messages[first].sent_at:%Y-%m-%d %H:%M}" in out
    assert "It is no proof" in out
    points = out.split("Key messages\n")[1].split("\n\n")[0].splitlines()
    assert len(points) == len(summarize(verdict).key_messages)
    assert all(re.search(r"  لين  (blackmail|grooming) \d+%( · [\w ]+ \d+%)*", line) for line in points)


@pytest.mark.parametrize("lang", ["ar", "en"])
def test_advice_stands_beside_the_verdict_and_the_rest_of_it_last(verdict, lang):
    with_advice = [*show_summary(summarize(verdict), Look(lang=lang), "URGENT", "THE REST")]
    texts = [str(part) for part in with_advice]
    assert texts.index("URGENT") < texts.index(f"\n{wording(lang).say('key_messages')}")
    assert texts[-1] == "THE REST"


def test_key_messages_are_the_surest_flagged_ones_and_the_first_with_each_tactic(long_chat):
    """What a reader sees first is never a message that the program itself holds for harmless."""
    flagged = [entry for entry in long_chat.entries() if entry.verdict.flagged]
    wanted = {entry.index for entry in sorted(flagged, key=lambda entry: (-entry.sureness, entry.index))[:SUREST]}
    for tactic in {tactic for entry in flagged for tactic in entry.verdict.tactics}:
        wanted.add(next(entry.index for entry in flagged if tactic in entry.verdict.tactics))
    found = [entry.index for entry in summarize(long_chat).key_messages]
    assert found == sorted(wanted | {long_chat.first_flagged})


NEEDS = [  # (messages, whether the chat may be flagged, what is said, what is not)
    ([("سارة", "واحد يهددني ينشر صوري وش اسوي")], ["A person here needs support", "Needs support: سارة, message 1"],
     ["No message flagged"]),
    ([("رقم", THREAT)], ["Not flagged as a whole; some messages are", "First message to read: message 1"],
     ["No message flagged", "Needs support"]),
    ([("رقم", THREAT), ("سارة", "عايزة أموت")], ["A person here needs support", "Needs support: سارة, message 2",
     "First message to read: message 1"], ["No message flagged"]),
    ([("سارة", "صباح الخير")], ["No message flagged among 1 entries."], ["Needs support"]),
]  # fmt: skip


@pytest.mark.parametrize(("messages", "said", "unsaid"), NEEDS)
def test_the_summary_says_who_needs_support_and_never_that_nothing_is_flagged_above_what_is(messages, said, unsaid):
    chat = Chat([Message(text, sender) for sender, text in messages])
    verdict = classify(chat, thresholds={"conversation": 1.0})
    out, page = printed(summarize(verdict)), verdict.to_html(lang="en")
    assert [one for one in said if one not in out] == []
    assert [one for one in unsaid if one in out] == []
    assert ("Nothing flagged" in page) is ("No message flagged" in out)
    if "Needs support: سارة" in " ".join(said):
        assert re.search(r'<dt>Needs support</dt><dd><bdi>سارة</bdi> · <a href="#m\d">message \d</a>', page)


def test_a_short_flagged_chat_is_shown_whole(verdict):
    assert [entry.index for entry in summarize(verdict).shown] == list(range(17))
    assert "left out" not in printed(summarize(verdict))


def test_a_long_chat_is_shown_around_its_turning_points(long_chat):
    shown = summarize(long_chat)
    indices = [entry.index for entry in shown.shown]
    assert indices == sorted(set(indices))
    assert len(indices) <= ROOM
    assert long_chat.first_flagged in indices
    for point in shown.key_messages:
        assert {point.index - 1, point.index, point.index + 1} <= set(indices)
    out = printed(shown)
    left_out = [int(count.replace(",", "")) for count in re.findall(r"… ([\d,]+) messages left out", out)]
    assert sum(left_out) + len(indices) == 1000
    assert (
        f"Shown: {len(indices)} of 1,000 messages. Of the others, {shown.notable - sum(e.is_notable for e in shown.shown)}"
        in out
    )


def test_all_of_it_is_shown_when_asked_for(long_chat):
    shown = summarize(long_chat, everything=True)
    assert [entry.index for entry in shown.shown] == list(range(1000))
    assert "left out" not in printed(shown)


def test_more_flagged_messages_than_there_is_room_for():
    shown = summarize(judged(Chat([Message(f"{THREAT} {number}", "لين") for number in range(80)])))
    assert len(shown.shown) == ROOM
    assert "of 80 messages. Of the others, 50 are flagged" in printed(shown)


def test_a_quiet_chat_is_one_line_and_its_totals():
    out = printed(summarize(classify(Chat([Message("صباح الخير", "سارة")] * 100))))
    assert "No message flagged among 100 entries." in out
    assert "Timeline" not in out


def test_many_senders_are_summed_up():
    chat = Chat([Message("صباح الخير", f"عضو {number}") for number in range(25)])
    assert "… 5" in printed(summarize(classify(chat)))


@given(st.lists(st.tuples(st.sampled_from([THREAT, "صباح الخير", "واحد يهددني ينشر صوري وش اسوي", ""]),
                          st.sampled_from(["لين", "سامر", None])), max_size=60))  # fmt: skip
@settings(deadline=None, max_examples=30)
def test_a_stream_is_shown_as_the_whole_is(model, entries):
    chat = Chat([Message(text, sender) for text, sender in entries], "x")
    whole = classify(chat)
    streamed = scan_chat(ChatStream(chat.messages, lambda: chat.report, "x"), model)
    assert printed(streamed) == printed(summarize(whole))
    assert (streamed.label, streamed.offender) == (whole.label, whole.offender)
    assert (streamed.first.index if streamed.first else None) == whole.first_flagged


# Arabic in terminals


def test_arabic_stays_in_its_logical_order_and_words_are_not_cut(verdict):
    out = printed(summarize(verdict), width=60)
    words = set(" ".join(message.text for message in verdict.chat.messages).split())
    shown = set(out.replace("«", "").replace("»", "").split())
    assert words <= shown


def test_isolates_are_balanced_on_each_line_and_only_where_they_help(verdict):
    shown = replace(summarize(verdict), source="/a/folder/with/a/long/name/and/another/" + "محادثة" * 9 + ".txt")
    out = printed(shown, Look(styled=True, isolates=True), width=60)
    assert ISOLATE in out
    for line in out.splitlines():
        assert line.count(ISOLATE) == line.count(END)
        inside = re.sub(f"{ISOLATE}[^{END}]*{END}", "", line)
        assert not re.search("[\u0621-\u064a]", inside.replace(verdict.label.arabic, ""))
    plain = printed(summarize(verdict))
    assert not re.search("[\u2066-\u2069]", plain)


TERMINALS = [
    ({"VTE_VERSION": "7600"}, True), ({"VTE_VERSION": "5202"}, False), ({"VTE_VERSION": "x"}, False), ({"KONSOLE_VERSION": "230800"}, True),
    ({"MLTERM": "3.9"}, True), ({"TERM_PROGRAM": "Apple_Terminal"}, True), ({"TERM_PROGRAM": "vscode"}, False), ({}, False),
]  # fmt: skip


@pytest.mark.parametrize(("environment", "turns"), TERMINALS)
def test_which_terminals_turn_arabic_around(environment, turns):
    assert turns_arabic_around(environment) is turns
    assert look_of(True, environment, lang="ar").isolates is turns
    assert (
        look_of(False, environment, lang="ar") == look_of(True, environment, lang="ar", plain=True) == Look(lang="ar")
    )


def test_what_commands_a_terminal_is_left_out():
    assert harmless("a\x1b[2J\u202eb\u2067c\x07\nd") == "a[2Jbc\nd"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pseudo-terminals")
@pytest.mark.parametrize(("options", "marks"), [([], True), (["--plain"], False)])
def test_a_live_terminal(options, marks):
    import pty

    leader, follower = pty.openpty()
    environment = {**os.environ, "VTE_VERSION": "7600", "TERM": "xterm-256color", "COLUMNS": "90"}
    environment.pop("NO_COLOR", None)
    with subprocess.Popen([COMMAND, "scan", SAMPLE, *options], stdout=follower, env=environment) as process:
        os.close(follower)
        pieces = []
        while True:
            try:
                piece = os.read(leader, 65536)
            except OSError:  # Linux says so when the other side has closed
                break
            if not piece:
                break
            pieces.append(piece)
        assert process.wait(timeout=60) == 0
    os.close(leader)
    out = b"".join(pieces).decode()
    assert (ISOLATE in out) == marks
    assert ("\x1b[" in out) == marks
    assert ("«" in out) != marks


def test_the_timeline_in_arabic(verdict):
    out = printed(summarize(verdict), Look(lang="ar"))
    assert f"في المحادثة مؤشرات {verdict.label.arabic}" in out
    notes = out[out.rindex("الأسطر المقروءة") :]
    assert not re.search(r"[0-9,;]", notes)
    assert "٢٠٢٥/٠٣/٠٧ ٢١:٠٥" in out
    assert "exposure_threat" not in out


# The command


def test_scan_writes_a_report(tmp_path):
    page = tmp_path / "report.html"
    done = run("scan", SAMPLE, "--html", page, "--lang", "ar", "--redact")
    assert done.returncode == 0
    assert done.stderr.decode() == f"{in_arabic(f'Report written to {page}.')}\n"
    text = page.read_text(encoding="utf-8")
    assert '<html lang="ar" dir="rtl">' in text
    assert "سامر" not in text


def test_scan_writes_an_index_of_several_chats(tmp_path):
    other = tmp_path / "other.txt"
    other.write_text("15/03/2024, 21:41 - منى: صباح الخير\n", encoding="utf-8")
    page, rows = tmp_path / "report.html", tmp_path / "v.jsonl"
    assert run("scan", SAMPLE, other, "--html", page, "--out", rows, "--quiet").returncode == 0
    assert {path.name for path in tmp_path.glob("*.html")} == {"report.html", "report-1.html", "report-2.html"}
    assert len(rows.read_text(encoding="utf-8").splitlines()) == 18


def test_a_report_where_no_chat_was_read(tmp_path):
    done = run("scan", "none.txt", "--html", tmp_path / "r.html")
    assert done.stderr.decode() == "There is no file at none.txt; check the path.\n"
    assert not list(tmp_path.iterdir())


def test_all_shows_every_message(tmp_path):
    chat = tmp_path / "chat.txt"
    chat.write_text("".join(f"15/03/2024, 21:41 - منى: صباح {number}\n" for number in range(50)), encoding="utf-8")
    assert "صباح 49" not in run("scan", chat).stdout.decode()
    assert "صباح 49" in run("scan", chat, "--all").stdout.decode()


def test_nothing_written_names_a_text_on_standard_error(tmp_path):
    chat = tmp_path / "chat.txt"
    chat.write_text(f"15/03/2024, 21:41 - منى: {CANARY}\n", encoding="utf-8")
    done = run("scan", chat, "--html", tmp_path / "r.html", "--out", tmp_path / "v.csv")
    assert CANARY not in done.stderr.decode()


# Long exports


def write_export(path, count):
    """A Telegram export in which a threat stands once in a thousand messages."""
    with path.open("w", encoding="utf-8") as file:
        file.write('{"name": "x", "type": "personal_chat", "id": 1, "messages": [')
        for number in range(count):
            text = THREAT if number % 1000 == 999 else f"صباح الخير {number % 50}"
            record = {"id": number, "type": "message", "date": "2024-03-15T21:41:07", "from": ("سارة", "لين")[number % 2],
                      "from_id": "user1", "text": text}  # fmt: skip
            file.write(("," if number else "") + json.dumps(record, ensure_ascii=False))
        file.write("]}")


@pytest.mark.harden
@pytest.mark.slow
def test_a_long_export_is_scanned_in_flat_memory(tmp_path, model):
    peaks = []
    for count in (4_000, 4_000, 30_000):  # the first one loads what is read once
        write_export(tmp_path / "result.json", count)
        with VerdictWriter(tmp_path / "rows.csv") as writer:
            tracemalloc.start()
            for stream in open_chats(tmp_path / "result.json"):
                shown = scan_chat(stream, model, row=writer.write)
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
        assert shown.count == writer.count == count
        assert shown.notable == count // 1000
        assert len(shown.shown) <= ROOM
    assert peaks[2] < peaks[1] + 2 * 2**20  # 80 bytes a message


def test_the_message_at_which_a_chat_was_flagged_is_to_be_read():
    quiet = classify(Chat([Message("صباح الخير", "منى"), Message("هلا والله", "منى"), Message("كيفك", "لين")] * 40))
    flagged = replace(quiet, flagged=True, first_flagged=57, label=Label.GROOMING, offender="منى")
    shown = summarize(flagged)
    assert shown.notable == 1
    out = printed(shown)
    assert "1 of 120 entries to be read" in out
    assert "Of the others, 0 are flagged" in out


@pytest.mark.parametrize(("lang", "who"), [("en", "deleted account (user77)"), ("ar", "حساب محذوف (user77)")])
def test_a_scan_tells_forwards_deleted_accounts_and_self_harm(lang, who):
    chat = Chat([
        Message("join_group_by_link", None, None, MessageKind.SYSTEM),
        Message("عندي كل صورك وبنشرها لاهلك الليلة", "هند", forwarded_from="deleted account (user77)"),
        Message("حولي ٣٠٠٠ قبل العشا والا وصلت لابوك", "هند", forwarded_from="deleted account (user77)"),
        Message("ودي اموت وارتاح من هالدنيا", "هند"),
    ])  # fmt: skip
    ui = wording(lang)
    out = printed(summarize(classify(chat)), Look(lang=lang), width=200)
    lines = out.splitlines()
    assert lines[1] == f"{ui.say('distress_first')}: {ui.say('message_number', number=ui.plain(4))}"
    assert f"{ui.say('riskiest')}: {who}" in out
    assert f"هند ({ui.say('forwarded_from')} {who})" in out
    assert ui.say("notice_join_group_by_link") in out
    assert "join_group" not in out
    key = out.split(f"{ui.say('key_messages')}\n")[1].split("\n\n")[0]
    assert ui.say("distress") in key
