r"""Telegram Desktop's `result.json`, of a single chat or of a whole account.

Telegram Desktop > a chat > Export chat history, or Settings > Advanced > Export Telegram data; format: JSON. As its
`export_output_json.cpp` writes it: a chat is `{"name", "type", "id", "messages": [...]}`, an account keeps its chats
under `chats.list` and `left_chats.list`. A message has `type` (`message`, `service` or `unsupported`), `date` (the
local time of the computer, without a zone) and `date_unixtime`, `from` (null for a deleted account) and `from_id`, and
`text`: a string, or a list of strings and of `{"type", "text"}` objects, whose texts follow each other without a gap.
"""

from datetime import datetime
from typing import Any, Final

from sextortion_detect.readers.json_family import Family, Record, inner, kind_of, string
from sextortion_detect.readers.times import from_any, from_iso
from sextortion_detect.records import Message, MessageKind

_TYPES: Final = ("message", "service", "unsupported")
_MEDIA: Final = (
    "photo", "file", "media_type", "location_information", "contact_information", "game_title", "invoice_information",
)  # fmt: skip


def _matches(record: Record) -> bool:
    return record.get("type") in _TYPES and "id" in record and ("date" in record or record["type"] == "unsupported")


def _read(record: Record) -> Message | None:
    kind = record.get("type")
    if kind == "service":
        # No person wrote it; the export names what happened by `action`.
        what = string(record.get("information_text")) or string(record.get("action")) or ""
        return Message(what, None, _time(record), MessageKind.SYSTEM)
    if kind != "message":
        return None
    text = joined_text(record.get("text"))
    if text is None:
        return None
    text = text or _poll(record)
    entry = kind_of(text, media=any(key in record for key in _MEDIA)) or MessageKind.TEXT
    sender = string(record.get("from")) or string(record.get("from_id"))
    return Message(text, sender, _time(record), entry)


def joined_text(text: Any) -> str | None:
    """The text of a message, be it a string or a list of parts; None where it is neither.

    >>> joined_text(["شوف ", {"type": "link", "text": "example.org"}, " هلا"])
    'شوف example.org هلا'
    """
    if isinstance(text, str):
        return text
    if not isinstance(text, list):
        return None
    parts = [part.get("text") if isinstance(part, dict) else part for part in text]
    return "".join(part for part in parts if isinstance(part, str))


def _poll(record: Record) -> str:
    """A poll's question and answers, one a line: a person wrote them."""
    poll = inner(record, "poll")
    answers = poll.get("answers")
    lines = [poll.get("question"), *(answers if isinstance(answers, list) else [])]
    texts = [line.get("text") if isinstance(line, dict) else line for line in lines]
    return "\n".join(text for text in texts if isinstance(text, str))


def _time(record: Record) -> datetime | None:
    return from_iso(record.get("date")) or from_any(record.get("date_unixtime"))


TELEGRAM: Final = Family("Telegram", _matches, _read)
