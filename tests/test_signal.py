"""The three texts that sigtop and signal-export write, told apart from WhatsApp's."""

import io
from datetime import datetime, timedelta, timezone

import pytest

from sextortion_detect import read_chat
from sextortion_detect.readers.read_counter import ReadCounter
from sextortion_detect.readers.signal import signal_reader
from sextortion_detect.records import MessageKind

TEXT, MEDIA, SYSTEM, DELETED = MessageKind.TEXT, MessageKind.MEDIA, MessageKind.SYSTEM, MessageKind.DELETED
AT = datetime(2024, 3, 15, 21, 41)
SENT = "Fri, 15 Mar 2024 21:41:07 +0300"
SENT_AT = datetime(2024, 3, 15, 21, 41, 7, tzinfo=timezone(timedelta(hours=3)))
BLOCK = f"Type: incoming\nSent: {SENT}\nReceived: {SENT}\n"


def read(text):
    messages, report = read_messages(text)
    return [(message.sender, message.text, message.kind) for message in messages], report


def read_messages(text):
    counter = ReadCounter()
    lines = io.StringIO(text, newline="\n").readlines()
    return list(signal_reader(text)(lambda: iter(lines), counter)), counter.report()


SHORT = [
    ("2024-03-15 21:41 سارة: هلا", ("سارة", "هلا", TEXT)),
    ("2024-03-15 21:41 You: سطر\n\n  ثالث: x", ("You", "سطر\n\n  ثالث: x", TEXT)),
    ("2024-03-15 21:41 سارة: [1 attachment]", ("سارة", "", MEDIA)),
    ("2024-03-15 21:41 سارة: [2 attachments] شوفي", ("سارة", "شوفي", TEXT)),
    ("2024-03-15 21:41 سارة: [reply to You on 2024-03-15 21:40, edited] نعم", ("سارة", "نعم", TEXT)),
    ("2024-03-15 21:41 سارة: [call-history message]", (None, "[call-history message]", SYSTEM)),
    ("2024-03-15 21:41 سارة: [معي صورك] حول", ("سارة", "[معي صورك] حول", TEXT)),
    ("unknown سارة: هلا", ("سارة", "هلا", TEXT)),
    ("2024-03-15 21:41 محمود:أحمد: هلا", ("محمود:أحمد", "هلا", TEXT)),
    ("2024-03-15 21:41 سارة: [معي_صورك_حول_الف message]", ("سارة", "[معي_صورك_حول_الف message]", TEXT)),
    ("2024-03-15 21:41 سارة: [i-have-your-photos message]", ("سارة", "[i-have-your-photos message]", TEXT)),
    ("2024-03-15 21:41 سارة: [group-v2-change message] حول", ("سارة", "[group-v2-change message] حول", TEXT)),
    ("2024-03-15 21:41 سارة:\nهلا", ("سارة", "\nهلا", TEXT)),
    ("2024-03-15 21:41 سارة:", ("سارة", "", TEXT)),
]  # fmt: skip


@pytest.mark.parametrize(("line", "expected"), SHORT)
def test_short_form(line, expected):
    entries, report = read(f"{line}\n2024-03-15 21:42 منى: تمام\n")
    assert entries == [expected, ("منى", "تمام", TEXT)]
    assert report.not_understood == ()
    assert report.lines == line.count("\n") + 2


BLOCKS = [
    ("a text", f"From: سارة (+00 000)\n{BLOCK}\nهلا\n\nسطر\n", ("سارة", "هلا\n\nسطر", TEXT)),
    ("mine", f"From: You\nType: outgoing\nSent: {SENT}\n\nهلا\n", ("You", "هلا", TEXT)),
    ("a picture", f"From: سارة\n{BLOCK}Attachment: a.jpg (image/jpeg, 5 bytes)\n", ("سارة", "", MEDIA)),
    ("a picture with words", f"From: سارة\n{BLOCK}Attachment: a.jpg (image/jpeg, 5 bytes)\n\nشوفي\n", ("سارة", "شوفي", TEXT)),
    ("a reaction to it", f"From: سارة\n{BLOCK}Reaction: ❤ from You\n\nهلا\n", ("سارة", "هلا", TEXT)),
    ("what only looks like a reply", f"From: سارة\n{BLOCK}\n> From: You\n> معي صورك\n", ("سارة", "> From: You\n> معي صورك", TEXT)),
    ("a notice with words", f"From: سارة\nType: call-history\nSent: {SENT}\n\nمعي صورك\n", ("سارة", "معي صورك", TEXT)),
    ("words without the empty line", f"From: سارة\n{BLOCK}معي صورك\n", ("سارة", "معي صورك", TEXT)),
    ("an edited one", f"From: سارة\n{BLOCK}Edited: 2 versions\n\n| Version: 2\n| Sent: {SENT}\n|\n| جديد\n|\n| Version: 1\n| Sent: {SENT}\n|\n| قديم\n", ("سارة", "جديد\nقديم", TEXT)),
    ("a call", f"Type: call-history\nSent: {SENT}\nReceived: {SENT}\n", (None, "", SYSTEM)),
    ("a change of a name", f"From: سارة\nType: profile-change\nSent: {SENT}\nReceived: {SENT}\n", (None, "", SYSTEM)),
]  # fmt: skip


@pytest.mark.parametrize(("_why", "block", "expected"), BLOCKS, ids=[case[0] for case in BLOCKS])
def test_long_form(_why, block, expected):
    text = f"Conversation: سارة (+00 000)\n\n{block}\nFrom: منى\n{BLOCK}\nتمام\n\n"
    messages, report = read_messages(text)
    assert [(message.sender, message.text, message.kind) for message in messages] == [expected, ("منى", "تمام", TEXT)]
    assert {message.sent_at for message in messages} == {SENT_AT}
    assert report.not_understood == ()


QUOTATION = "messages quote what the file does not hold; the quotation is left in their text"
QUOTING = [
    ("an earlier text", f"> From: منى (+00 1)\n> Sent: {SENT}\n>\n> معي صورك\n> حول\n\nلا", "لا", 0),
    ("one of one's own", f"> From: You\n> Sent: {SENT}\n>\n> معي صورك\n> حول\n\nلا", "لا", 0),
    ("nothing of the file", "> From: x\n> Sent: y\n> معي صورك\n\nهلا", None, 1),
    ("nothing of the file, in its form", f"> From: منى (+00 1)\n> Sent: {SENT}\n>\n> معي تسجيلك\n\nهلا", None, 1),
    ("words where a name stands", f"> From: معي تسجيلك\n> Sent: {SENT}\n>\n> معي صورك\n> حول\n\nلا", "> From: معي تسجيلك\n\nلا", 1),
    ("words where a time stands", "> From: You\n> Sent: معي تسجيلك\n>\n> معي صورك\n> حول\n\nلا", "> Sent: معي تسجيلك\n\nلا", 1),
    ("a picture", f"> From: منى (+00 1)\n> Sent: {SENT}\n> Attachment: no filename (image/jpeg)\n\nلا", "لا", 0),
    ("words where a file stands", f"> From: You\n> Sent: {SENT}\n> Attachment: معي.jpg (image/jpeg)\n\nلا", "> Attachment: معي.jpg (image/jpeg)\n\nلا", 1),
    ("words behind it", f"> From: You\n> Sent: {SENT}\n>\n> معي صورك\n> حول\nمعي تسجيلك", "معي تسجيلك", 0),
]  # fmt: skip


@pytest.mark.parametrize(("_why", "text", "left", "noted"), QUOTING, ids=[case[0] for case in QUOTING])
def test_a_quotation_leaves_a_text_only_where_its_original_was_read(_why, text, left, noted):
    first = f"Conversation: x\n\nFrom: منى (+00 1)\n{BLOCK}\nمعي صورك\nحول\n\n"
    entries, report = read(f"{first}From: سارة\n{BLOCK}\n{text}\n\n")
    assert entries == [("منى", "معي صورك\nحول", TEXT), ("سارة", left or text, TEXT)]
    assert report.notes == ((f"{noted} {QUOTATION}",) if noted else ())


@pytest.mark.parametrize(("whom", "is_known"), [("منى", True), ("You", True), ("معي صورك حول الف", False)])
def test_details_of_the_short_form_leave_a_text_only_where_they_name_a_sender(whom, is_known):
    reply = f"[reply to {whom} on 2024-03-15 21:40, 1 attachment] لا"
    entries, report = read(f"2024-03-15 21:40 منى: هلا\n2024-03-15 21:41 سارة: {reply}\n")
    assert entries[1] == ("سارة", "لا" if is_known else reply, TEXT)
    assert report.notes == (() if is_known else (f"1 {QUOTATION}",))


def test_files_that_an_editor_of_windows_has_saved():
    entries, report = read(f"Conversation: x\n\nFrom: منى\n{BLOCK}\nهلا\n\n".replace("\n", "\r\n"))
    assert entries == [("منى", "هلا", TEXT)]
    assert report.not_understood == ()


def test_lines_before_the_first_block_are_accounted_for():
    entries, report = read(f"Conversation: سارة\nشيء\n\nFrom: منى\n{BLOCK}\nتمام\n\n")
    assert entries == [("منى", "تمام", TEXT)]
    assert report.not_understood == (2,)


def test_a_time_that_cannot_be_read_costs_no_message():
    entries, report = read("Conversation: سارة\n\nFrom: منى\nType: incoming\nSent: unknown\n\nتمام\n\n")
    assert entries == [("منى", "تمام", TEXT)]
    assert report.notes == ("1 entries bear a date that cannot be read; they are kept without a time",)


PHOTO = "2024-03-15T21-41-07.123_00_signal-2024-03-15-21-41-07-123.jpg"
FILE = "2024-03-15T21-41-07.123_01_None.aac"
MARKDOWN = [
    ("هلا", ("سارة", "هلا", TEXT)),
    ("سطر\n\nثالث", ("سارة", "سطر\n\nثالث", TEXT)),
    ("(This message was deleted)", ("سارة", "(This message was deleted)", DELETED)),
    (f"![{PHOTO}](./media/{PHOTO})  ", ("سارة", f"![{PHOTO}](./media/{PHOTO})  ", MEDIA)),
    (
        f"  ![{PHOTO}](./media/{PHOTO})  [{FILE}](./media/{FILE})  ",
        ("سارة", f"  ![{PHOTO}](./media/{PHOTO})  [{FILE}](./media/{FILE})  ", MEDIA),
    ),
    (f"شوفي![{PHOTO}](./media/{PHOTO})  ", ("سارة", f"شوفي![{PHOTO}](./media/{PHOTO})  ", TEXT)),
    ("[معي صورك](.x)", ("سارة", "[معي صورك](.x)", TEXT)),
    ("[معي_صورك.jpg](./media/معي_صورك.jpg)  ", ("سارة", "[معي_صورك.jpg](./media/معي_صورك.jpg)  ", TEXT)),
    ("\n(( معي صورك ))", ("سارة", "\n(( معي صورك ))", TEXT)),
    ("Missed voice call  ", (None, "Missed voice call  ", SYSTEM)),
    ("Outgoing video call (accepted, 2m 3s)  ", (None, "Outgoing video call (accepted, 2m 3s)  ", SYSTEM)),
    ("Missed voice call معي صورك", ("سارة", "Missed voice call معي صورك", TEXT)),
    ("\n\n> معي صورك\n\nشو", ("سارة", "\n\n> معي صورك\n\nشو", TEXT)),
]


@pytest.mark.parametrize(("body", "expected"), MARKDOWN)
def test_signal_export(body, expected):
    entries, report = read(f"[2024-03-15 21:41:07] سارة: {body}\n\n[2024-03-15 21:42:00] منى: تمام\n\n")
    assert entries == [expected, ("منى", "تمام", TEXT)]
    assert report.not_understood == ()


OTHERS = [
    "[2024-03-15 21:41:07] سارة: هلا\n[2024-03-15 21:42:07] منى: هلا\n", "15/03/2024, 21:41 - سارة: هلا\n",
    "[2024-03-15 21:41:07] سارة: هلا\n", "Conversation: x\n", "2024-03-15 21:41 - سارة: هلا\n", "2024-03-15 21:41 سارة:هلا\n", "2024-03-15 21:41\n", "سلام", "",
]  # fmt: skip


@pytest.mark.parametrize("text", OTHERS)
def test_other_texts_are_not_of_signal(text):
    assert signal_reader(text) is None


@pytest.mark.parametrize("head", ["[2024-03-15 21:41:07] ", "2024-03-15 21:41 - "])
def test_a_whatsapp_that_puts_the_year_first_is_read_as_such(tmp_path, head):
    (tmp_path / "chat.txt").write_text(f"{head}سارة: هلا\n{head}منى: null\n", encoding="utf-8")
    chat = read_chat(tmp_path / "chat.txt")
    assert [(message.kind, message.sender) for message in chat.messages] == [(TEXT, "سارة"), (MEDIA, "منى")]
