r"""Telegram Desktop's `result.json`, of a single chat or of a whole account.

Telegram Desktop > a chat > Export chat history, or Settings > Advanced > Export Telegram data; format: JSON. As its
`export_output_json.cpp` writes it: a chat is `{"name", "type", "id", "messages": [...]}`, an account keeps its chats
under `chats.list` and `left_chats.list`. A message has `type` (`message`, `service` or `unsupported`), `date` (the
local time of the computer, without a zone) and `date_unixtime`, `from` (null for a deleted account) and `from_id`,
`forwarded_from` where it passes on what another one wrote (newer versions add `forwarded_from_id`), and `text`: a
string, or a list of strings and of `{"type", "text"}` objects, whose texts follow each other without a gap.
Polls, to-do lists, new titles of groups, cards of gifts, contacts, places, buttons and names of files are written by
people too; the title that a group is made with stands in the notice of that. Other tools write the same form, and may
leave out `id` or one of the dates.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from sextortion_detect.readers.app_sentences import DELETED_ACCOUNT
from sextortion_detect.readers.json_family import Family, Record, in_lines, inner, kind_of, listed, string
from sextortion_detect.readers.times import from_any
from sextortion_detect.records import Message, MessageKind

_TYPES: Final = ("message", "service", "unsupported")
_FOUNDING: Final = ("create_group", "create_channel", "migrate_from_group")
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
    action = record.get("action")
    sent_at = from_any(record.get("date")) or from_any(record.get("date_unixtime"))
    if kind == "service" and written and action not in _FOUNDING:
        return Message(written, _name(record, "actor"), sent_at)
    if kind == "service":
        # No person wrote it; the export names what happened by `action`.
        what = in_lines([string(record.get("information_text")) or action, written])
        return Message(what, None, sent_at, MessageKind.SYSTEM)
    text = joined_text(record.get("text"))
    if kind != "message" or text is None:
        return None
    text = in_lines([text, written])
    entry = kind_of(text, media=any(key in record for key in _MEDIA)) or MessageKind.TEXT
    origin = None if record.get("forwarded_from", "") == "" else _name(record, "forwarded_from") or ""
    return Message(text, _name(record, "from"), sent_at, entry, origin)


def _name(record: Record, key: str) -> str | None:
    """Who is named there; a deleted account, which has no name any more, by its number."""
    name, number = string(record.get(key)), string(record.get(f"{key}_id"))
    is_deleted = number and key in record and record[key] is None
    return f"{DELETED_ACCOUNT} ({number})" if is_deleted else name or number


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


TELEGRAM: Final = Family(
    "Telegram",
    _matches,
    _read,
    identity=lambda record: record.get("from_id") or record.get("actor_id"),
    origin=lambda record: record.get("forwarded_from_id"),
)
