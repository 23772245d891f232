"""Snapchat's `chat_history.json`.

accounts.snapchat.com > My Data, with JSON files: `{"friend": [{"From", "Media Type", "Created", "Content", "IsSender",
"Created(microseconds)"}]}`, a key a conversation, newest first; `Created` is `2024-03-15 21:41:07 UTC`, and the last
number counts milliseconds in spite of its name. Newer ones keep the text as `Text`. `snap_history.json` has the same
form without texts. As described in the schema notes of Memoria and read by snaparser. A message that was not
saved in the chat is no part of the export.
"""

from typing import Final

from sextortion_detect.readers.json_family import Family, Record, kind_of, string
from sextortion_detect.readers.times import from_any, from_iso
from sextortion_detect.records import Message, MessageKind


def _matches(record: Record) -> bool:
    return "From" in record and "Media Type" in record


def _read(record: Record) -> Message | None:
    media_type = record.get("Media Type")
    if not isinstance(media_type, str) or not _matches(record):
        return None
    text = string(record.get("Content")) or string(record.get("Text")) or ""
    sender = string(record["From"])
    sent_at = from_iso(record.get("Created")) or from_any(record.get("Created(microseconds)"))
    if media_type == "STATUSERASEDMESSAGE" and not text:
        return Message(text, sender, sent_at, MessageKind.DELETED)
    if media_type.startswith("STATUS") and not text:
        return Message(text, None, sent_at, MessageKind.SYSTEM)
    return Message(text, sender, sent_at, kind_of(text, media=media_type != "TEXT") or MessageKind.TEXT)


SNAPCHAT: Final = Family("Snapchat", _matches, _read, newest_first=True, by_key=True)
