"""Google Chat's `messages.json` out of a Takeout.

takeout.google.com, Google Chat: `Google Chat/Groups/DM …/messages.json` holds `{"messages": [{"creator": {"name",
"email"}, "created_date", "text", "attached_files", "message_state", "previous_message_versions"}]}`, oldest first. Each
version of an edited message was sent, and is read. The date is English prose in UTC, `Friday, March 15, 2024 at
9:41:07 PM UTC`. As read by GoogleChatDirectoryLoader and other Takeout readers.
"""

import re
from datetime import datetime
from typing import Any, Final

from sextortion_detect.readers.json_family import Family, Record, in_lines, inner, kind_of, listed, string
from sextortion_detect.readers.times import from_iso, from_mail
from sextortion_detect.records import Message, MessageKind

_DATE: Final = re.compile(
    r"\w+, (?P<month>[A-Z][a-z]+) (?P<day>\d\d?), (?P<year>\d{4}),? at "
    r"(?P<hour>\d\d?)(?P<rest>:\d\d:\d\d)[ \u00a0\u202f](?P<half>[AP])M UTC"
)
_MEDIA: Final = ("attached_files", "annotations")


def _matches(record: Record) -> bool:
    return "created_date" in record and ("creator" in record or "topic_id" in record or "message_id" in record)


def _read(record: Record) -> Message | None:
    if not _matches(record):
        return None
    creator = inner(record, "creator")
    sender = string(creator.get("name")) or string(creator.get("email"))
    sent_at = parsed_date(record["created_date"])
    earlier = (version.get("text") for version in listed(record, "previous_message_versions"))
    text = in_lines(dict.fromkeys(one for one in (record.get("text"), *earlier) if isinstance(one, str)))
    if not text and (record.get("message_state") == "DELETED" or record.get("deletion_metadata")):
        return Message(text, sender, sent_at, MessageKind.DELETED)
    kind = kind_of(text, media=any(record.get(key) for key in _MEDIA))
    return None if kind is None else Message(text, sender, sent_at, kind)


def parsed_date(text: Any) -> datetime | None:
    """The moment that Takeout's English prose names, in UTC.

    >>> parsed_date("Friday, March 15, 2024 at 9:41:07 PM UTC").isoformat()
    '2024-03-15T21:41:07+00:00'
    """
    match = _DATE.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        return from_iso(text)
    hour = int(match["hour"]) % 12 + (12 if match["half"] == "P" else 0)
    return from_mail(f"{match['day']} {match['month']} {match['year']} {hour}{match['rest']} +0000")


GOOGLE_CHAT: Final = Family("Google Chat", _matches, _read)
