"""Telegram Desktop's result.json: single chats, accounts, every kind of record, and files that break off."""

import gc
import json
import subprocess
import sys
import tracemalloc
import zipfile
from datetime import UTC, datetime

import pytest
from chat_writers import MEDIA, SYSTEM, TEXT, telegram, telegram_record
from conftest import ROOT

from sextortion_detect import open_chats, read_chat, read_chats
from sextortion_detect.errors import InputError
from sextortion_detect.readers.telegram import TELEGRAM

AT = datetime(2024, 3, 15, 21, 41, 7)
BASE = {"id": 1, "type": "message", "date": "2024-03-15T21:41:07", "from": "سارة", "from_id": "user1", "text": ""}

RECORDS = [
    ("a plain text", {"text": "هلا"}, ("سارة", "هلا", TEXT)),
    ("a text in parts", {"text": ["شوف ", {"type": "link", "text": "example.org"}, "\nهلا"]}, ("سارة", "شوف example.org\nهلا", TEXT)),
    ("parts of unknown form", {"text": ["ا", {"type": "x"}, 3, None, {"text": 4}]}, ("سارة", "ا", TEXT)),
    ("forwarded, a reply", {"text": "هلا", "forwarded_from": "منى", "reply_to_message_id": 5}, ("سارة", "هلا", TEXT)),
    ("a photo", {"photo": "photos/1.jpg", "width": 3, "height": 4}, ("سارة", "", MEDIA)),
    ("a photo with a caption", {"photo": "photos/1.jpg", "text": "شوفي"}, ("سارة", "شوفي", TEXT)),
    ("a voice message", {"file": "(File not included.)", "media_type": "voice_message"}, ("سارة", "", MEDIA)),
    ("a sticker", {"file": "x.webp", "media_type": "sticker", "sticker_emoji": "👍"}, ("سارة", "", MEDIA)),
    ("a place", {"location_information": {"latitude": 1.5, "longitude": 2.5}}, ("سارة", "", MEDIA)),
    ("a contact", {"contact_information": {"first_name": "م", "phone_number": ""}}, ("سارة", "م", TEXT)),
    ("a contact without a name", {"contact_information": {"first_name": "", "phone_number": "1"}}, ("سارة", "", MEDIA)),
    ("a place with a name", {"location_information": {}, "place_name": "حول", "address": "الفلوس"}, ("سارة", "حول\nالفلوس", TEXT)),
    ("a game", {"game_title": "ا", "game_description": "ب"}, ("سارة", "ا\nب", TEXT)),
    ("an invoice", {"invoice_information": {"title": "ا", "description": "ب", "amount": 5}}, ("سارة", "ا\nب", TEXT)),
    ("buttons", {"text": "هلا", "inline_bot_buttons": [[{"type": "url", "text": "حول", "data": "x"}, 5], "x"]}, ("سارة", "هلا\nحول", TEXT)),
    ("buttons that are none", {"text": "هلا", "inline_bot_buttons": 5}, ("سارة", "هلا", TEXT)),
    ("a poll", {"poll": {"question": "متى؟", "answers": [{"text": "بكرا", "voters": 1}, {"text": "اليوم"}]}}, ("سارة", "متى؟\nبكرا\nاليوم", TEXT)),
    ("a poll whose parts are in styles", {"poll": {"question": ["متى", {"type": "bold", "text": "؟"}], "answers": [{"text": ["بكرا"]}]}}, ("سارة", "متى؟\nبكرا", TEXT)),
    ("a poll with a text", {"text": "شوفي", "poll": {"question": "متى؟", "answers": "x"}}, ("سارة", "شوفي\nمتى؟", TEXT)),
    ("a to-do list", {"todo_list": {"title": ["قائ", "مة"], "answers": [{"text": "حول", "id": 1}, {"text": ["ال", "فلوس"]}, 5]}}, ("سارة", "قائمة\nحول\nالفلوس", TEXT)),
    ("a file with a name", {"file": "(File not included.)", "file_name": "راح انشر صورك.pdf", "mime_type": "application/pdf"}, ("سارة", "راح انشر صورك.pdf", TEXT)),
    ("a file with a name and a caption", {"text": "افتح", "file": "x", "file_name": "ab3at_elfelos.txt"}, ("سارة", "افتح\nab3at_elfelos.txt", TEXT)),
    ("a file that a camera named", {"file": "x", "file_name": "IMG_20240315_214107.jpg"}, ("سارة", "", MEDIA)),
    ("a file that an app named", {"file": "x", "file_name": "video_2024-03-15_21-41-07.mp4", "media_type": "video_file"}, ("سارة", "", MEDIA)),
    ("another one", {"file": "x", "file_name": "VID-20240315-WA0012.mp4", "media_type": "video_file"}, ("سارة", "", MEDIA)),
    ("a song", {"file": "x", "file_name": "audio_3.mp3", "media_type": "audio_file", "performer": "x", "title": "هلا"}, ("سارة", "هلا", TEXT)),
    ("a sticker with a name", {"file": "x", "file_name": "cats_and_dogs.webp", "media_type": "sticker"}, ("سارة", "", MEDIA)),
    ("a deleted account", {"from": None, "text": "هلا"}, ("deleted account (user1)", "هلا", TEXT)),
    ("nobody", {"from": None, "from_id": None, "text": "هلا"}, (None, "هلا", TEXT)),
    ("a call", {"type": "service", "actor": "سارة", "action": "phone_call"}, (None, "phone_call", SYSTEM)),
    ("the title of a group", {"type": "service", "actor": "سارة", "action": "edit_group_title", "title": "راح انشر صورك"}, ("سارة", "راح انشر صورك", TEXT)),
    ("the title of a topic", {"type": "service", "actor": None, "actor_id": "user1", "action": "topic_edit", "new_title": "هلا"}, ("deleted account (user1)", "هلا", TEXT)),
    ("a group that was made", {"type": "service", "actor": "سارة", "action": "create_group", "title": "شلة البحر", "members": ["سارة", None]}, (None, "create_group\nشلة البحر", SYSTEM)),
    ("a larger group", {"type": "service", "actor": "سارة", "action": "migrate_from_group", "title": "شلة البحر"}, (None, "migrate_from_group\nشلة البحر", SYSTEM)),
    ("somebody who joined", {"type": "service", "actor": None, "actor_id": "user9", "action": "join_group_by_link", "inviter": "Group"}, (None, "join_group_by_link", SYSTEM)),
    ("tasks", {"type": "service", "actor": "سارة", "action": "todo_append_tasks", "items": [{"text": "حول", "id": 3}]}, ("سارة", "حول", TEXT)),
    ("the card of a gift", {"type": "service", "actor": "سارة", "action": "send_star_gift", "gift_text": ["ه", "لا"]}, ("سارة", "هلا", TEXT)),
    ("a bot's notice", {"type": "service", "information_text": "you allowed this bot"}, (None, "you allowed this bot", SYSTEM)),
    ("unsupported", {"type": "unsupported"}, None),
    ("a text that is none", {"text": 5}, None),
    ("another type", {"type": "strange"}, None),
]  # fmt: skip


@pytest.mark.parametrize(("_why", "record", "expected"), RECORDS, ids=[case[0] for case in RECORDS])
def test_records(_why, record, expected):
    message = TELEGRAM.read({**BASE, **record})
    read = None if message is None else (message.sender, message.text, message.kind)
    assert read == expected
    assert message is None or message.sent_at == AT


ORIGINS = [
    ({}, None), ({"forwarded_from": "Karim ⚫"}, "Karim ⚫"), ({"forwarded_from": "Karim", "forwarded_from_id": "user7"}, "Karim"),
    ({"forwarded_from": None}, ""), ({"forwarded_from": None, "forwarded_from_id": "user7"}, "deleted account (user7)"),
    ({"forwarded_from": ""}, None), ({"saved_from": "Karim"}, None),
]  # fmt: skip


@pytest.mark.parametrize(("record", "origin"), ORIGINS)
def test_a_forwarded_message_is_of_whoever_wrote_it(record, origin):
    message = TELEGRAM.read({**BASE, "text": "بكرا بوريهم الصور", **record})
    assert (message.sender, message.forwarded_from) == ("سارة", origin)
    assert message.author == ("سارة" if origin is None else origin)


def test_an_origin_is_told_from_a_member_of_its_name_and_forges_no_line(tmp_path):
    records = [
        {**BASE, "text": "هلا"},
        {
            **BASE,
            "from": "منى",
            "from_id": "user2",
            "forwarded_from": "سارة",
            "forwarded_from_id": "user8",
            "text": "ب",
        },
        {
            **BASE,
            "from": "منى",
            "from_id": "user2",
            "forwarded_from": "سارة",
            "forwarded_from_id": "user1",
            "text": "ت",
        },
        {**BASE, "from": "منى", "from_id": "user2", "forwarded_from": "سارة\nمنى", "text": "ث"},
    ]
    (tmp_path / "result.json").write_text(json.dumps({"messages": records}), encoding="utf-8")
    read = [message.author for message in read_chat(tmp_path / "result.json").messages]
    assert read == ["سارة", "سارة (user8)", "سارة", "سارة منى"]


def test_a_number_of_any_size_costs_no_message(tmp_path):
    more = {"views": 10**25, "ratio": 1.5}
    (tmp_path / "result.json").write_text(json.dumps({"messages": [{**BASE, "text": text, **more} for text in "اب"]}))
    chat = read_chat(tmp_path / "result.json")
    assert ([message.text for message in chat.messages], chat.report.is_damaged) == (["ا", "ب"], False)


@pytest.mark.parametrize("number", ["1e" + "9" * 30, "NaN"])
def test_a_number_that_is_none_ends_the_chat_with_a_sentence(tmp_path, number):
    path = tmp_path / "result.json"
    path.write_text(
        json.dumps({"messages": [{**BASE, "text": text} for text in "اب"]})[:-3] + f', "views": {number}}}]}}'
    )
    chat = read_chat(path)
    assert [message.text for message in chat.messages] == ["ا"]
    assert chat.report.is_damaged
    assert chat.report.notes == (f"{path} is damaged: it is no valid JSON; export it again",)


def test_a_date_that_is_missing_is_taken_from_the_epoch():
    record = {key: value for key, value in BASE.items() if key != "date"} | {
        "text": "هلا",
        "date_unixtime": "1710538867",
    }
    assert TELEGRAM.read(record).sent_at == AT.replace(tzinfo=UTC)
    assert TELEGRAM.read(record | {"date_unixtime": "x"}).sent_at is None


OF_OTHER_TOOLS = [
    {"type": "message", "date": "2024-03-15T21:41:07", "from": "سارة", "text": "هلا"},
    {"type": "message", "id": 1, "date_unixtime": "1710538867", "from": "سارة", "text": "هلا"},
    {"type": "message", "date_unixtime": 1710538867, "from": "سارة", "text": "هلا"},
    {"type": "message", "id": 1, "date": 1710538867.0, "from": "سارة", "text": "هلا"},
    {"type": "message", "id": 1, "date": 1710538867, "from": "سارة", "text": "هلا"},
]


@pytest.mark.parametrize(
    "record", OF_OTHER_TOOLS, ids=[" ".join(map(str, record.values())) for record in OF_OTHER_TOOLS]
)
def test_what_other_tools_leave_out(tmp_path, record):
    path = tmp_path / "result.json"
    path.write_text(json.dumps({"messages": [record]}), encoding="utf-8")
    (message,) = read_chat(path).messages
    assert (message.sender, message.text, message.sent_at.replace(tzinfo=None)) == ("سارة", "هلا", AT)


def test_two_people_of_one_name_are_two(tmp_path):
    said = [("user1", "ا"), ("user2", "ب"), ("user1", "ت"), ("user2", "ث"), (None, "ج")]
    records = [{**BASE, "id": number, "from_id": who, "text": text} for number, (who, text) in enumerate(said)]
    records.append(
        {**BASE, "type": "service", "from": None, "from_id": None, "actor": "سارة", "actor_id": "user2", "title": "ح"}
    )
    path = tmp_path / "result.json"
    path.write_text(json.dumps({"messages": records}), encoding="utf-8")
    other = "سارة (user2)"
    assert [message.sender for message in read_chat(path).messages] == ["سارة", other, "سارة", other, "سارة", other]


def account(*chats):
    """An account with much beside its chats; each chat is (name, records)."""
    return {
        "about": "Here is the data you requested.",
        "personal_information": {"user_id": 1, "first_name": "س", "bio": "x"},
        "profile_pictures": [{"date": "2024-03-15T21:41:07", "photo": "1.jpg"}],
        "contacts": {"about": "x", "list": [{"first_name": "م", "date": "2024-03-15T21:41:07"}] * 3},
        "sessions": {"about": "x", "list": [{"last_active": "2024-03-15T21:41:07"}]},
        "chats": {"about": "x", "list": [
            {"name": name, "type": "personal_chat", "id": number, "messages": records}
            for number, (name, records) in enumerate(chats[:-1])
        ]},
        "left_chats": {"about": "x", "list": [{"name": chats[-1][0], "type": "private_group", "id": 9, "messages": chats[-1][1]}]},
    }  # fmt: skip


def said(*texts):
    return [telegram_record(2 * number + 1, "سارة", AT, text, TEXT) for number, text in enumerate(texts)]


ACCOUNT = account(("سارة", said("ا", "ب")), ("خالية", []), (None, said("ت")), ("مجموعة", said("ث")))
READ = [("#1 سارة", ["ا", "ب"]), ("#2", ["ت"]), ("#3 مجموعة", ["ث"])]


def test_an_account(tmp_path):
    path = tmp_path / "result.json"
    path.write_text(json.dumps(ACCOUNT), encoding="utf-8")
    chats = [(chat.source, [message.text for message in chat.messages]) for chat in read_chats(path)]
    assert chats == [(f"{path}{source}", texts) for source, texts in READ]
    with pytest.raises(InputError, match="holds several chats"):
        read_chat(path)


def test_a_chat_without_a_name_is_called_by_its_type(tmp_path):
    document = account(("G", said("ا")), ("خالية", []), (None, said("ب")), ("x", said("ت")))
    saved = {"type": "saved_messages", "id": 5, "messages": said("ث")}
    document["chats"]["list"][1:1] = [saved, {"type": "replies", "id": 6, "messages": []}, saved]
    path = tmp_path / "result.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    names = ["#1 G", "#2 saved_messages", "#3 saved_messages", "#4", "#5 x"]
    assert [chat.source for chat in read_chats(path)] == [f"{path}{name}" for name in names]


def test_a_stream_that_is_not_read_is_passed_over(tmp_path):
    path = tmp_path / "result.json"
    path.write_text(json.dumps(ACCOUNT), encoding="utf-8")
    assert [stream.source for stream in open_chats(path)] == [f"{path}{source}" for source, _ in READ]
    half = [next(stream.messages()).text for stream in open_chats(path)]
    assert half == ["ا", "ت", "ث"]


@pytest.mark.parametrize("packed", [True, False])
def test_in_a_zip_and_a_folder_beside_pictures(tmp_path, packed):
    folder = tmp_path / "DataExport"
    (folder / "photos").mkdir(parents=True)
    (folder / "photos" / "1.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    (folder / "result.json").write_bytes(telegram([("سارة", AT, "هلا", TEXT)])[0])
    path = folder
    if packed:
        path = tmp_path / "export.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for file in folder.rglob("*.*"):
                archive.write(file, file.relative_to(tmp_path))
    assert [message.text for message in read_chat(path).messages] == ["هلا"]


@pytest.mark.parametrize("cut", range(1, 40, 3))
def test_a_file_that_breaks_off_gives_what_came_before(tmp_path, cut):
    data, expected = telegram([("سارة", AT, f"رسالة {number}", TEXT) for number in range(5)])
    path = tmp_path / "result.json"
    path.write_bytes(data[:-cut])
    chat = read_chat(path)
    texts = [entry[2] for entry in expected]
    assert [message.text for message in chat.messages] in (texts, texts[:-1])
    assert chat.report.notes == (f"{path} breaks off in the middle; export it again",)


def test_what_breaks_off_between_two_chats_is_told_after_the_good_ones(tmp_path):
    path = tmp_path / "result.json"
    text = json.dumps(ACCOUNT)
    path.write_text(text[: text.index('"left_chats"')], encoding="utf-8")
    read = []
    with pytest.raises(InputError) as caught:
        read.extend(len(chat.messages) for chat in read_chats(path))
    assert read == [2, 1]
    assert str(caught.value) == f"{path} breaks off in the middle; export it again."


def test_a_bad_record_costs_no_good_one(tmp_path):
    records = [*said("ا"), "x", None, [], {"id": 2, "type": "unsupported"}, {**BASE, "text": 7}, *said("ب")]
    path = tmp_path / "result.json"
    path.write_text(json.dumps({"name": "x", "type": "personal_chat", "id": 1, "messages": records}), encoding="utf-8")
    chat = read_chat(path)
    assert [message.text for message in chat.messages] == ["ا", "ب"]
    assert chat.report.not_understood == (2, 3, 4, 5, 6)
    assert chat.report.to_dict() == {
        "unit": "record", "units": 7, "text": 2, "media": 0, "system": 0, "deleted": 0, "skipped": 5,
        "numbers": {"skipped": [2, 3, 4, 5, 6]}, "notes": [],
    }  # fmt: skip


def test_a_record_nested_too_deeply_ends_the_chat_with_a_sentence(tmp_path):
    path = tmp_path / "result.json"
    data = telegram([("سارة", AT, "هلا", TEXT)])[0].decode()
    path.write_text(data[: data.rindex("]")] + ', {"a": ' + "[" * 100_000, encoding="utf-8")
    chat = read_chat(path)
    assert [message.text for message in chat.messages] == ["هلا"]
    assert chat.report.notes == (f"{path} is nested more deeply than any chat; it was not read further",)


# Telegram Desktop writes control characters as \x0B, which no JSON parser takes.
ESCAPES = [
    (r"\x0Bهلا", "\x0bهلا"), (r"\\x0B", r"\x0B"), (r"\\\x0B", "\\\x0b"), (r"\x01\x02", "\x01\x02"), (r"\u200f", "\u200f"),
    (r"\n\"\\", '\n"\\'),
    # Half of an emoji, where an app has cut a text: no reason to refuse the others.
    (r"\uDE00هلا", "\ufffdهلا"), (r"\ud83d\ude00\ude00", "😀\ufffd"), (r"\ud83dهلا", "?هلا"), (r"\\ude00", r"\ude00"),
    (r"\\\ude00", "\\\ufffd"),
]  # fmt: skip


@pytest.mark.parametrize(("written", "meant"), ESCAPES)
@pytest.mark.parametrize("size", [1, 2, 3, 5, 1 << 16])
def test_escapes_that_only_telegram_writes(tmp_path, monkeypatch, written, meant, size):
    monkeypatch.setattr("sextortion_detect.readers.json_walk._READ_AT_ONCE", size)
    path = tmp_path / "result.json"
    path.write_text(json.dumps({"messages": said("TEXT")}).replace("TEXT", written), encoding="utf-8")
    assert [message.text for message in read_chat(path).messages] == [meant]


def test_a_mark_at_the_beginning_of_the_file(tmp_path):
    path = tmp_path / "result.json"
    path.write_bytes(b"\xef\xbb\xbf\n " + telegram([("سارة", AT, "هلا", TEXT)])[0])
    assert len(read_chat(path).messages) == 1


def test_reading_takes_no_more_memory_for_more_messages(tmp_path):
    peaks = []
    for count in (1_000, 8_000):
        path = tmp_path / f"{count}.json"
        path.write_bytes(telegram([("سارة", AT, "مرحبا كيف الحال", TEXT)] * count)[0])
        gc.collect()
        tracemalloc.start()
        for stream in open_chats(path):
            assert sum(1 for _ in stream.messages()) == count
            assert stream.report.entries == {TEXT: count}
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 2**18  # the records alone are twelve times that


@pytest.mark.slow
def test_the_benchmark_reads_in_flat_memory():
    script = ROOT / "tests" / "benchmarks" / "telegram_million.py"
    done = subprocess.run([sys.executable, script, "200000"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("200,000 messages, ")
    assert float(done.stdout.partition("grew by ")[2].split()[0]) < 8.0
