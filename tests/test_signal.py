"""The three texts that sigtop and signal-export write, told apart from WhatsApp's."""

from datetime import datetime, timedelta, timezone

import pytest

from sextortion_detect import read_chat
from sextortion_detect.readers.read_counter import ReadCounter
from sextortion_detect.readers.signal import is_signal, read_signal
from sextortion_detect.records import MessageKind

TEXT, MEDIA, SYSTEM, DELETED = MessageKind.TEXT, MessageKind.MEDIA, MessageKind.SYSTEM, MessageKind.DELETED
AT = datetime(2024, 3, 15, 21, 41)
SENT = "Fri, 15 Mar 2024 21:41:07 +0300"
SENT_AT = datetime(2024, 3, 15, 21, 41, 7, tzinfo=timezone(timedelta(hours=3)))
BLOCK = f"Type: incoming\nSent: {SENT}\nReceived: {SENT}\n"


def read(text):
    counter = ReadCounter()
    return [(message.sender, message.text, message.kind) for message in read_signal(text, counter)], counter.report()


SHORT = [
    ("2024-03-15 21:41 سارة: هلا", ("سارة", "هلا", TEXT)),
    ("2024-03-15 21:41 You: سطر\n\n  ثالث: x", ("You", "سطر\n\n  ثالث: x", TEXT)),
    ("2024-03-15 21:41 سارة: [1 attachment]", ("سارة", "", MEDIA)),
    ("2024-03-15 21:41 سارة: [2 attachments] شوفي", ("سارة", "شوفي", TEXT)),
    ("2024-03-15 21:41 سارة: [reply to You on 2024-03-15 21:40, edited] نعم", ("سارة", "نعم", TEXT)),
    ("2024-03-15 21:41 سارة: [call-history message]", (None, "[call-history message]", SYSTEM)),
    ("2024-03-15 21:41 سارة: [معي صورك] حول", ("سارة", "[معي صورك] حول", TEXT)),
    ("unknown سارة: هلا", ("سارة", "هلا", TEXT)),
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
    ("a reply", f"From: سارة\n{BLOCK}\n> From: You\n> Sent: {SENT}\n>\n> سؤال\n\nجواب\n", ("سارة", "جواب", TEXT)),
    ("what only looks like a reply", f"From: سارة\n{BLOCK}\n> From: You\n> معي صورك\n", ("سارة", "> From: You\n> معي صورك", TEXT)),
    ("an edited one", f"From: سارة\n{BLOCK}Edited: 2 versions\n\n| Version: 2\n| Sent: {SENT}\n|\n| جديد\n|\n| Version: 1\n| Sent: {SENT}\n|\n| قديم\n", ("سارة", "جديد", TEXT)),
    ("a call", f"Type: call-history\nSent: {SENT}\nReceived: {SENT}\n", (None, "", SYSTEM)),
    ("a change of a name", f"From: سارة\nType: profile-change\nSent: {SENT}\nReceived: {SENT}\n", (None, "", SYSTEM)),
]  # fmt: skip


@pytest.mark.parametrize(("_why", "block", "expected"), BLOCKS, ids=[case[0] for case in BLOCKS])
def test_long_form(_why, block, expected):
    text = f"Conversation: سارة (+00 000)\n\n{block}\nFrom: منى\n{BLOCK}\nتمام\n\n"
    counter = ReadCounter()
    messages = list(read_signal(text, counter))
    assert [(message.sender, message.text, message.kind) for message in messages] == [expected, ("منى", "تمام", TEXT)]
    assert {message.sent_at for message in messages} == {SENT_AT}
    assert counter.report().not_understood == ()


def test_lines_before_the_first_block_are_accounted_for():
    entries, report = read(f"Conversation: سارة\nشيء\n\nFrom: منى\n{BLOCK}\nتمام\n\n")
    assert entries == [("منى", "تمام", TEXT)]
    assert report.not_understood == (2,)


def test_a_time_that_cannot_be_read_costs_no_message():
    entries, report = read("Conversation: سارة\n\nFrom: منى\nType: incoming\nSent: unknown\n\nتمام\n\n")
    assert entries == [("منى", "تمام", TEXT)]
    assert report.notes == ("1 entries bear a date that cannot be read; they are kept without a time",)


MARKDOWN = [
    ("هلا", ("سارة", "هلا", TEXT)),
    ("سطر\n\nثالث", ("سارة", "سطر\n\nثالث", TEXT)),
    ("(This message was deleted)", ("سارة", "(This message was deleted)", DELETED)),
    ("![a.jpg](./media/a.jpg)  ", ("سارة", "![a.jpg](./media/a.jpg)  ", MEDIA)),
    ("شوفي![a.jpg](./media/a.jpg)  ", ("سارة", "شوفي![a.jpg](./media/a.jpg)  ", TEXT)),
    ("\n\n> معي صورك\n\nشو", ("سارة", "\n\n> معي صورك\n\nشو", TEXT)),
]


@pytest.mark.parametrize(("body", "expected"), MARKDOWN)
def test_signal_export(body, expected):
    entries, report = read(f"[2024-03-15 21:41:07] سارة: {body}\n\n[2024-03-15 21:42:00] منى: تمام\n\n")
    assert entries == [expected, ("منى", "تمام", TEXT)]
    assert report.not_understood == ()


OTHERS = [
    "[2024-03-15 21:41:07] سارة: هلا\n[2024-03-15 21:42:07] منى: هلا\n", "15/03/2024, 21:41 - سارة: هلا\n",
    "[2024-03-15 21:41:07] سارة: هلا\n", "Conversation: x\n", "2024-03-15 21:41\n", "سلام", "",
]  # fmt: skip


@pytest.mark.parametrize("text", OTHERS)
def test_other_texts_are_not_of_signal(text):
    assert not is_signal(text)


def test_a_whatsapp_that_puts_the_year_first_is_read_as_such(tmp_path):
    (tmp_path / "chat.txt").write_text(
        "[2024-03-15 21:41:07] سارة: هلا\n[2024-03-15 21:42:07] منى: null\n", encoding="utf-8"
    )
    chat = read_chat(tmp_path / "chat.txt")
    assert [message.kind for message in chat.messages] == [TEXT, MEDIA]
