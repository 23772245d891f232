"""Instagram and Messenger: `message_1.json`, `message_2.json` … of a download, and Messenger's end-to-end export.

Accounts Center > Your information > Download your information, format JSON. A conversation is a folder of files of
10,000 messages, newest first: `{"participants", "messages": [{"sender_name", "timestamp_ms", "content", …}], "title"}`.
The UTF-8 bytes of every string stand there as if each were a Latin-1 character; they are put back. Messenger's
encrypted chats come by another door (messenger.com/secure_storage/dyi): one file a conversation, in proper UTF-8,
`{"participants", "threadName", "messages": [{"senderName", "timestamp", "text", "type", "media", "isUnsent"}]}`.
Formats as described in facebook-json-schema, chat-analytics and timelinize.
"""

import re
from typing import Any, Final

from sextortion_detect.readers.app_sentences import kind_of_sentence
from sextortion_detect.readers.json_family import Family, Record, inner, kind_of, string
from sextortion_detect.readers.times import from_any
from sextortion_detect.records import Message, MessageKind

_MEDIA: Final = ("photos", "videos", "audio_files", "gifs", "sticker", "files", "share")
_CHARACTERS: Final = re.compile("(?:[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3})+")
_NOTICE_TYPES: Final = ("Subscribe", "Unsubscribe", "Call")


def repaired(text: str) -> str:
    r"""A string of a Meta download as it was written; one that is no UTF-8 in disguise is left alone.

    >>> repaired("Ø³Ø±"), repaired("سر"), repaired("caf\xe9")
    ('سر', 'سر', 'café')
    """
    if text.isascii():
        return text
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeEncodeError:
        return text
    except UnicodeDecodeError:  # a byte is missing somewhere: the others are put back
        return _CHARACTERS.sub(lambda found: found[0].encode("latin-1").decode("utf-8", "replace"), text)


def _read_classic(record: Record) -> Message | None:
    if not _matches_classic(record):
        return None
    text = repaired(string(record.get("content")) or "")
    sender = repaired(string(record.get("sender_name")) or "") or None
    sent_at = from_any(record.get("timestamp_ms"))
    if record.get("is_unsent") is True and not text:
        return Message(text, sender, sent_at, MessageKind.DELETED)
    # Instagram writes a line of its own for a like; in most languages it is not known, and is scored.
    kind: MessageKind | None = kind_of_sentence(text, sender)
    if record.get("type") in _NOTICE_TYPES or "call_duration" in record or kind is MessageKind.SYSTEM:
        return Message(text, None, sent_at, MessageKind.SYSTEM)
    shared = repaired(string(inner(record, "share").get("share_text")) or "")  # its caption: all the text that there is
    if shared and (not text or kind is MessageKind.MEDIA):
        text, kind = shared, MessageKind.TEXT
    elif not text:
        kind = kind_of(text, media=any(record.get(key) for key in _MEDIA))
    return None if kind is None else Message(text, sender, sent_at, kind)


def _read_encrypted(record: Record) -> Message | None:
    if not _matches_encrypted(record):
        return None
    text = string(record.get("text")) or ""
    sender, sent_at = string(record.get("senderName")), from_any(record.get("timestamp"))
    is_gone = record.get("isUnsent") is True or record.get("type") == "placeholder"
    if is_gone and (not text or kind_of_sentence(text) is MessageKind.DELETED):
        return Message(text, sender, sent_at, MessageKind.DELETED)
    kind = kind_of(text, media=bool(record.get("media")) or record.get("type") in ("media", "link"))
    return None if kind is None else Message(text, sender, sent_at, kind)


def _matches_classic(record: Record) -> bool:
    return "sender_name" in record and "timestamp_ms" in record


def _matches_encrypted(record: Record) -> bool:
    return "senderName" in record and "timestamp" in record


def participants(names: list[Any]) -> tuple[str, ...]:
    """Who takes part, in an order of its own, from the records or names of either form: the same in each file."""
    plain = [name.get("name") if isinstance(name, dict) else name for name in names]
    return tuple(sorted(name for name in plain if isinstance(name, str)))


META: Final = Family("Instagram or Messenger", _matches_classic, _read_classic, newest_first=True, in_parts=True)
META_ENCRYPTED: Final = Family("Messenger, encrypted", _matches_encrypted, _read_encrypted, newest_first=True)
