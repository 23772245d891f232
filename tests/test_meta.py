"""Instagram and Messenger downloads: mojibake undone, files of a thread joined, every kind of record."""

import json
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
from chat_writers import DELETED, MEDIA, SYSTEM, TEXT, meta_document, meta_record, mojibake
from hypothesis import given
from hypothesis import strategies as st

from sextortion_detect import read_chat, read_chats
from sextortion_detect.readers.meta import META, META_ENCRYPTED, repaired

AT = datetime(2024, 3, 15, 21, 41, 7)
BASE = {"sender_name": mojibake("سارة"), "timestamp_ms": 1_710_538_867_123}

RECORDS = [
    ("a text", {"content": mojibake("هلا 🌙")}, ("سارة", "هلا 🌙", TEXT)),
    ("reactions are no messages", {"content": "x", "reactions": [{"reaction": mojibake("❤"), "actor": "A"}]}, ("سارة", "x", TEXT)),
    ("unsent", {"is_unsent": True}, ("سارة", "", DELETED)),
    ("unsent, and there all the same", {"content": mojibake("حول"), "is_unsent": True}, ("سارة", "حول", TEXT)),
    ("not unsent", {"content": "x", "is_unsent": False}, ("سارة", "x", TEXT)),
    ("photos", {"photos": [{"uri": "1.jpg"}]}, ("سارة", "", MEDIA)),
    ("a photo with a caption", {"photos": [{"uri": "1.jpg"}], "content": "x"}, ("سارة", "x", TEXT)),
    ("a voice message", {"audio_files": [{"uri": "1.mp4"}]}, ("سارة", "", MEDIA)),
    ("a sticker", {"sticker": {"uri": "1.png"}}, ("سارة", "", MEDIA)),
    ("a shared post", {"content": mojibake("سارة sent an attachment."), "share": {"link": "https://example.org"}}, ("سارة", "سارة sent an attachment.", MEDIA)),
    ("a shared post of one's own", {"content": "You sent an attachment."}, ("سارة", "You sent an attachment.", MEDIA)),
    ("words that end as such", {"content": "I have your photos and sent an attachment.", "share": {"share_text": "x"}}, ("سارة", "I have your photos and sent an attachment.", TEXT)),
    ("a shared post with words", {"content": "You sent an attachment.", "share": {"share_text": mojibake("شوفي")}}, ("سارة", "شوفي", TEXT)),
    ("a link with words", {"content": "x", "share": {"link": "https://example.org", "share_text": "y"}}, ("سارة", "x", TEXT)),
    ("a like", {"content": "Liked a message"}, (None, "Liked a message", SYSTEM)),
    ("a reaction", {"content": mojibake("Reacted 😂 to your message ")}, (None, "Reacted 😂 to your message ", SYSTEM)),
    ("words in the form of a reaction", {"content": mojibake("Reacted معي_صورك to your message")}, ("سارة", "Reacted معي_صورك to your message", TEXT)),
    ("words behind a like", {"content": "Liked a message: pay"}, ("سارة", "Liked a message: pay", TEXT)),
    ("a call", {"content": "Sara called you.", "call_duration": 12}, (None, "Sara called you.", SYSTEM)),
    ("somebody joined", {"type": "Subscribe", "content": "x", "users": []}, (None, "x", SYSTEM)),
    ("nothing at all", {}, None),
    ("a content that is none", {"content": 5}, None),
]  # fmt: skip


@pytest.mark.parametrize(("_why", "record", "expected"), RECORDS, ids=[case[0] for case in RECORDS])
def test_records(_why, record, expected):
    message = META.read({**BASE, **record})
    assert (None if message is None else (message.sender, message.text, message.kind)) == expected
    assert message is None or message.sent_at == AT.replace(tzinfo=UTC, microsecond=123_000)


ENCRYPTED = [
    ("a text", {"text": "Ø³ stays", "type": "text"}, ("سارة", "Ø³ stays", TEXT)),
    ("unsent", {"text": "", "isUnsent": True}, ("سارة", "", DELETED)),
    ("unsent, and there all the same", {"text": "حول", "isUnsent": True}, ("سارة", "حول", TEXT)),
    ("not there any more", {"text": "Message unavailable", "type": "placeholder"}, ("سارة", "Message unavailable", DELETED)),
    ("a picture", {"text": "", "type": "media", "media": [{"uri": "./media/1.jpg"}]}, ("سارة", "", MEDIA)),
    ("a link", {"text": "https://example.org", "type": "link"}, ("سارة", "https://example.org", TEXT)),
    ("nothing", {"text": None}, None),
]  # fmt: skip


@pytest.mark.parametrize(("_why", "record", "expected"), ENCRYPTED, ids=[case[0] for case in ENCRYPTED])
def test_records_of_encrypted_chats(_why, record, expected):
    message = META_ENCRYPTED.read({"senderName": "سارة", "timestamp": 1_710_538_867_123, "reactions": [], **record})
    assert (None if message is None else (message.sender, message.text, message.kind)) == expected


@given(st.text())
def test_mojibake_is_undone(text):
    assert repaired(mojibake(text)) == text


@pytest.mark.parametrize("stray", ["\xff", "\xd8", "\x80"])
def test_a_stray_byte_costs_no_other(stray):
    assert repaired(f"{mojibake('معي')}{stray} {mojibake('صورك')}") == f"معي{stray} صورك"


@pytest.mark.parametrize("text", ["سر", "café", "£5 ok", "a\ud800"])
def test_what_is_no_mojibake_is_left_alone(text):
    assert repaired(text) == text


def thread(count, first=0):
    return [meta_record("سارة", AT + timedelta(minutes=first + n), f"رسالة {first + n}", TEXT) for n in range(count)][
        ::-1
    ]


def write_download(folder, packed, tmp_path):
    """Two threads, one of them in two files of which the first is the newest, among other files of a download."""
    files = {
        "messages/inbox/sara_1/message_1.json": meta_document(thread(3, first=3)),
        "messages/inbox/sara_1/message_2.json": meta_document(thread(3)),
        "messages/inbox/sara_2/message_1.json": meta_document(thread(1, first=9)),
        "messages/inbox/sara_1/photos/1.jpg": b"\xff\xd8\xff\xe0",
        "connections/followers.json": b'[{"string_list_data": [{"value": "x"}]}]',
        "ads/ads.json": b'{"label_values": [{"label": "x"}]}',
    }
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    if not packed:
        return folder
    with zipfile.ZipFile(tmp_path / "download.zip", "w") as archive:
        for name in files:
            archive.write(folder / name, name)
    return tmp_path / "download.zip"


@pytest.mark.parametrize("packed", [True, False])
def test_files_of_a_thread_are_joined_in_the_order_of_time(tmp_path, packed):
    path = write_download(tmp_path / "download", packed, tmp_path)
    chats = {chat.source: [message.text for message in chat.messages] for chat in read_chats(path)}
    assert chats == {
        f"{path}/messages/inbox/sara_1": [f"رسالة {number}" for number in range(6)],
        f"{path}/messages/inbox/sara_2/message_1.json": ["رسالة 9"],
    }


def test_messages_of_one_moment_stay_in_their_order(tmp_path):
    (tmp_path / "message_1.json").write_bytes(
        meta_document([meta_record("سارة", AT, str(number), TEXT) for number in (2, 1, 0)]
                      + [meta_record("سارة", AT - timedelta(days=1), "قبل", TEXT)])
    )  # fmt: skip
    assert [message.text for message in read_chat(tmp_path).messages] == ["قبل", "0", "1", "2"]


def test_a_part_that_breaks_off_costs_no_other(tmp_path):
    (tmp_path / "message_1.json").write_bytes(meta_document(thread(3, first=3))[:-400])
    (tmp_path / "message_2.json").write_bytes(meta_document(thread(3)))
    chat = read_chat(tmp_path)
    assert [message.text for message in chat.messages][:3] == ["رسالة 0", "رسالة 1", "رسالة 2"]
    assert len(chat.messages) >= 4
    assert chat.report.notes == (f"{tmp_path}/message_1.json breaks off in the middle; export it again",)


def test_a_bad_record_costs_no_good_one(tmp_path):
    records = [*thread(1), {"sender_name": "x"}, 5, {**BASE, "content": "x", "timestamp_ms": "?"}]
    (tmp_path / "message_1.json").write_bytes(meta_document(records))
    chat = read_chat(tmp_path)
    assert [message.text for message in chat.messages] == ["رسالة 0", "x"]
    assert chat.report.not_understood == (2, 3)
    assert chat.report.notes == ("1 entries bear a date that cannot be read; they are kept without a time",)


def test_encrypted_chats_are_one_a_file(tmp_path):
    for name in ("Sara_1.json", "Mona_2.json"):
        document = {"participants": ["a", "b"], "threadName": name, "messages": [
            {"senderName": "a", "timestamp": 1_710_538_867_000, "text": name, "type": "text", "isUnsent": False},
        ]}  # fmt: skip
        (tmp_path / name).write_text(json.dumps(document), encoding="utf-8")
    assert [chat.messages[0].text for chat in read_chats(tmp_path)] == ["Mona_2.json", "Sara_1.json"]
