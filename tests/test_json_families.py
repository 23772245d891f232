"""Discord, Snapchat and Google Chat: every kind of record; and no record of any family, however strange, stops a reader."""

import json
from datetime import UTC, datetime

import pytest
from chat_writers import DELETED, MEDIA, SYSTEM, TEXT
from hypothesis import given
from hypothesis import strategies as st

from sextortion_detect import read_chats
from sextortion_detect.readers.discord import DISCORD
from sextortion_detect.readers.google_chat import GOOGLE_CHAT
from sextortion_detect.readers.json_chats import FAMILIES
from sextortion_detect.readers.snapchat import SNAPCHAT

AT = datetime(2024, 3, 15, 21, 41, 7, tzinfo=UTC)
SAID_ON_DISCORD = {
    "type": "Default",
    "timestamp": "2024-03-15T21:41:07+00:00",
    "content": "هلا",
    "author": {"id": "5", "name": "sara"},
}
SAID_ON_SNAPCHAT = {
    "From": "sara",
    "Media Type": "TEXT",
    "Created": "2024-03-15 21:41:07 UTC",
    "Content": "هلا",
    "IsSender": False,
}
SAID_ON_GOOGLE = {
    "creator": {"name": "سارة"},
    "created_date": "Friday, March 15, 2024 at 9:41:07 PM UTC",
    "text": "هلا",
    "topic_id": "a",
}

RECORDS = [
    (DISCORD, SAID_ON_DISCORD, {}, ("sara", "هلا", TEXT)),
    (DISCORD, SAID_ON_DISCORD, {"type": "Reply"}, ("sara", "هلا", TEXT)),
    (DISCORD, SAID_ON_DISCORD, {"type": "ChatInputCommand"}, ("sara", "هلا", TEXT)),
    (DISCORD, SAID_ON_DISCORD, {"type": "Call", "content": "Started a call."}, (None, "Started a call.", SYSTEM)),
    (DISCORD, SAID_ON_DISCORD, {"content": "", "attachments": [{"id": "1"}]}, ("sara", "", MEDIA)),
    (DISCORD, SAID_ON_DISCORD, {"content": "", "stickers": [{"id": "1"}]}, ("sara", "", MEDIA)),
    (DISCORD, SAID_ON_DISCORD, {"content": ""}, ("sara", "", TEXT)),
    (DISCORD, SAID_ON_DISCORD, {"content": "", "reference": {"type": "Forward"}, "forwardedMessage": {"content": "راح انشر صورك", "attachments": [], "embeds": []}},
     ("sara", "راح انشر صورك", TEXT)),
    (DISCORD, SAID_ON_DISCORD, {"content": "", "forwardedMessage": {"content": "", "attachments": [{"id": "1"}]}}, ("sara", "", MEDIA)),
    (DISCORD, SAID_ON_DISCORD, {"content": "شوفي", "forwardedMessage": {"content": "حول", "embeds": [{"title": "ا"}]}}, ("sara", "شوفي\nحول\nا", TEXT)),
    (DISCORD, SAID_ON_DISCORD, {"content": "", "embeds": [{
        "title": "ا", "description": "ب", "author": {"name": "ت"}, "footer": {"text": "ث"}, "fields": [{"name": "ج", "value": "ح"}],
    }]}, ("sara", "ت\nا\nب\nج\nح\nث", TEXT)),
    (DISCORD, SAID_ON_DISCORD, {"content": "", "embeds": [{"title": "", "description": "", "image": {"url": "x"}}]}, ("sara", "", MEDIA)),
    (DISCORD, SAID_ON_DISCORD, {"embeds": [5, {"fields": 3, "author": [], "title": 4}], "forwardedMessage": "x"}, ("sara", "هلا", TEXT)),
    (DISCORD, SAID_ON_DISCORD, {"author": {"id": "5"}}, ("5", "هلا", TEXT)),
    (DISCORD, SAID_ON_DISCORD, {"content": None}, None),
    (SNAPCHAT, SAID_ON_SNAPCHAT, {}, ("sara", "هلا", TEXT)),
    (SNAPCHAT, SAID_ON_SNAPCHAT, {"Media Type": "MEDIA", "Content": ""}, ("sara", "", MEDIA)),
    (SNAPCHAT, SAID_ON_SNAPCHAT, {"Media Type": "SHARE", "Content": "شوفي"}, ("sara", "شوفي", TEXT)),
    (SNAPCHAT, SAID_ON_SNAPCHAT, {"Media Type": "STATUSERASEDMESSAGE", "Content": ""}, ("sara", "", DELETED)),
    (SNAPCHAT, SAID_ON_SNAPCHAT, {"Media Type": "STATUSSAVETOCAMERAROLL", "Content": None}, (None, "", SYSTEM)),
    (SNAPCHAT, SAID_ON_SNAPCHAT, {"Created": "?", "Created(microseconds)": 1_710_538_867_000}, ("sara", "هلا", TEXT)),
    (SNAPCHAT, SAID_ON_SNAPCHAT, {"Media Type": "STATUSERASEDMESSAGE"}, ("sara", "هلا", TEXT)),
    (SNAPCHAT, SAID_ON_SNAPCHAT, {"Media Type": "STATUSSAVETOCAMERAROLL"}, ("sara", "هلا", TEXT)),
    (SNAPCHAT, SAID_ON_SNAPCHAT, {"Content": None, "Text": "شوفي"}, ("sara", "شوفي", TEXT)),
    (SNAPCHAT, SAID_ON_SNAPCHAT, {"Media Type": 3}, None),
    (GOOGLE_CHAT, SAID_ON_GOOGLE, {}, ("سارة", "هلا", TEXT)),
    (GOOGLE_CHAT, SAID_ON_GOOGLE, {"creator": {"email": "s@example.org"}}, ("s@example.org", "هلا", TEXT)),
    (GOOGLE_CHAT, SAID_ON_GOOGLE, {"text": None, "attached_files": [{"export_name": "a"}]}, ("سارة", "", MEDIA)),
    (GOOGLE_CHAT, SAID_ON_GOOGLE, {"text": None, "message_state": "DELETED"}, ("سارة", "", DELETED)),
    (GOOGLE_CHAT, SAID_ON_GOOGLE, {"created_date": "Friday, March 15, 2024, at 9:41:07\u202fPM UTC"}, ("سارة", "هلا", TEXT)),
    (GOOGLE_CHAT, SAID_ON_GOOGLE, {"message_state": "DELETED"}, ("سارة", "هلا", TEXT)),
    (GOOGLE_CHAT, SAID_ON_GOOGLE, {"previous_message_versions": [{"text": "حول"}, {"text": "هلا"}, {}]}, ("سارة", "هلا\nحول", TEXT)),
    (GOOGLE_CHAT, SAID_ON_GOOGLE, {"text": None, "message_state": "DELETED", "previous_message_versions": [{"text": "حول"}]},
     ("سارة", "حول", TEXT)),
    (GOOGLE_CHAT, SAID_ON_GOOGLE, {"text": None}, None),
]  # fmt: skip


@pytest.mark.parametrize(("family", "base", "change", "expected"), RECORDS)
def test_records(family, base, change, expected):
    message = family.read({**base, **change})
    assert (None if message is None else (message.sender, message.text, message.kind)) == expected
    assert message is None or message.sent_at == AT


@pytest.mark.parametrize(
    ("family", "base", "key"),
    [(DISCORD, SAID_ON_DISCORD, "timestamp"), (SNAPCHAT, SAID_ON_SNAPCHAT, "Created"), (GOOGLE_CHAT, SAID_ON_GOOGLE, "created_date")],
)  # fmt: skip
@pytest.mark.parametrize(
    "date", ["vendredi 15 mars 2024", "Friday, February 31, 2024 at 9:41:07 PM UTC", "2024-02-31 10:00:00 UTC", None, 7]
)
def test_a_date_that_cannot_be_read_costs_no_message(family, base, key, date):
    message = family.read({**base, key: date})
    assert (message.text, message.sent_at) == ("هلا", None)


def test_two_people_of_one_name_on_discord_are_two(tmp_path):
    """Before names were unique there, a number told them apart, which is no part of the name in the export."""
    records = [{**SAID_ON_DISCORD, "author": {"id": number, "name": "sara"}} for number in ("5", "6", "5")]
    path = tmp_path / "x.json"
    path.write_text(json.dumps({"messages": records}), encoding="utf-8")
    (chat,) = read_chats(path)
    assert [message.sender for message in chat.messages] == ["sara", "sara (6)", "sara"]


def test_conversations_of_snapchat_are_the_keys(tmp_path):
    path = tmp_path / "chat_history.json"
    path.write_text(
        json.dumps({"messages": [SAID_ON_SNAPCHAT], "nobody": [], "b": [SAID_ON_SNAPCHAT] * 2}), encoding="utf-8"
    )
    assert [(chat.source, len(chat.messages)) for chat in read_chats(path)] == [
        (f"{path}#1 messages", 1),
        (f"{path}#2 b", 2),
    ]


KEYS = st.sampled_from(sorted({
    "id", "type", "date", "date_unixtime", "from", "from_id", "text", "photo", "poll", "question", "answers", "sender_name",
    "timestamp_ms", "content", "is_unsent", "photos", "share", "share_text", "senderName", "timestamp", "isUnsent", "media",
    "author", "name", "attachments", "From", "Media Type", "Created", "Created(microseconds)", "Content", "creator",
    "created_date", "topic_id", "message_state", "action", "actor", "title", "items", "todo_list", "file_name", "forwardedMessage",
    "embeds", "fields", "description", "previous_message_versions", "inline_bot_buttons", "contact_information", "Text",
}))  # fmt: skip
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["message", "service", "TEXT"])
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=8
)


@given(st.dictionaries(KEYS, VALUES))
@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_a_strange_record_never_stops_a_reader(family, record):
    family.matches(record)
    family.read(record)


@pytest.mark.parametrize(
    ("forwarded", "origin"), [({"content": "عندي صورك", "embeds": []}, ""), (None, None), ("x", None)]
)
def test_of_what_discord_forwards_nobody_knows_who_wrote_it(forwarded, origin):
    message = DISCORD.read({**SAID_ON_DISCORD, "content": "", "forwardedMessage": forwarded})
    assert (message.sender, message.forwarded_from) == ("sara", origin)
