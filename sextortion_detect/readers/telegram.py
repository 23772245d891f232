r"""Telegram Desktop's `result.json`, of a single chat or of a whole account.

Telegram Desktop > a chat > Export chat history, or Settings > Advanced > Export Telegram data; format: JSON. As its
`export_output_json.cpp` writes it: a chat is `{"name", "type", "id", "messages": [...]}`, an account keeps its chats
under `chats.list` and `left_chats.list`. A message has `type` (`message`, `service` or `unsupported`), `date` (the
local time of the computer, without a zone) and `date_unixtime`, `from` (null for a deleted account) and `from_id`, and
`text`: a string, or a list of strings and of `{"type", "text"}` objects, whose texts follow each other without a gap.
Polls, to-do lists, titles of groups, cards of gifts, contacts, places, buttons and names of files are written by people
too. Other tools write the
same form, and may leave out `id` or one of the dates.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from sextortion_detect.readers.json_family import Family, Record, in_lines, inner, kind_of, listed, string
from sextortion_detect.readers.times import from_any
from sextortion_detect.records import Message, MessageKind

_TYPES: Final = ("message", "service", "unsupported")
_HOLDERS: Final = ("poll", "todo_list", "contact_information", "invoice_information")
_NAMES: Final = (
    "question", "title", "new_title", "gift_text", "place_name", "address", "game_title", "game_description",
    "description", "first_name", "last_name",
)  # fmt: skip
_ELSEWHERE: Final = frozenset({*_HOLDERS, *_NAMES, "items", "inline_bot_buttons", "file_name"})
# What phones and apps call a file by themselves, such as IMG-20240315-WA0001.jpg, video_2024-03-15_21-41-07.mp4.
_NAMED_BY_A_DEVICE: Final = re.compile(
    r"(?:img|vid|aud|ptt|doc|dsc|pxl|photo|video|audio|voice|image|file|document)?[\d_@. -]*(?:wa\d+)?\.\w{2,5}",
    re.IGNORECASE | re.ASCII,
)
_MEDIA: Final = (
    "photo", "file", "media_type", "location_information", "contact_information", "game_title", "invoice_information",
)  # fmt: skip


def _matches(record: Record) -> bool:
    return record.get("type") in _TYPES and not {"id", "date", "date_unixtime"}.isdisjoint(record)


def _read(record: Record) -> Message | None:
    kind = record.get("type")
    written = in_lines(_written(record))
    if kind == "service" and written:
        return Message(written, string(record.get("actor")) or string(record.get("actor_id")), _time(record))
    if kind == "service":
        # No person wrote it; the export names what happened by `action`.
        what = string(record.get("information_text")) or string(record.get("action")) or ""
        return Message(what, None, _time(record), MessageKind.SYSTEM)
    if kind != "message":
        return None
    text = joined_text(record.get("text"))
    if text is None:
        return None
    text = in_lines([text, written])
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


def _written(record: Record) -> Iterator[str | None]:
    """What stands elsewhere than in the text: questions, tasks, titles, names of contacts, places, files; buttons."""
    if _ELSEWHERE.isdisjoint(record):  # as in most
        return
    for holder in (*(inner(record, key) for key in _HOLDERS), record):
        yield from (joined_text(holder.get(key)) for key in _NAMES)
        yield from (joined_text(item.get("text")) for key in ("answers", "items") for item in listed(holder, key))
    for row in rows if isinstance(rows := record.get("inline_bot_buttons"), list) else ():
        yield from (button.get("text") for button in listed({"row": row}, "row"))
    name = string(record.get("file_name"))
    is_file = record.get("media_type") in (None, "video_file", "audio_file")  # others bear no name that a person gave
    if name and is_file and not _NAMED_BY_A_DEVICE.fullmatch(name):
        yield name


def _time(record: Record) -> datetime | None:
    return from_any(record.get("date")) or from_any(record.get("date_unixtime"))


TELEGRAM: Final = Family("Telegram", _matches, _read, lambda record: record.get("from_id") or record.get("actor_id"))
