"""Discord, as DiscordChatExporter writes it in JSON.

As its `JsonMessageWriter.cs` has it: `{"guild", "channel", "messages": [{"type", "timestamp", "content", "author":
{"name", "nickname"}, "attachments", "embeds", "stickers"}]}`, oldest first, times in ISO 8601 with their zone.
"""

from typing import Final

from sextortion_detect.readers.json_family import Family, Record, inner, kind_of, string
from sextortion_detect.readers.times import from_iso
from sextortion_detect.records import Message, MessageKind

_NOTICES: Final = (
    "RecipientAdd", "RecipientRemove", "Call", "ChannelNameChange", "ChannelIconChange", "ChannelPinnedMessage",
    "GuildMemberJoin", "ThreadCreated",
)  # fmt: skip
_MEDIA: Final = ("attachments", "stickers", "embeds")


def _matches(record: Record) -> bool:
    return isinstance(record.get("author"), dict) and "timestamp" in record and "content" in record


def _read(record: Record) -> Message | None:
    text = record.get("content")
    if not isinstance(text, str):
        return None
    sent_at = from_iso(record.get("timestamp"))
    if record.get("type") in _NOTICES:
        return Message(text, None, sent_at, MessageKind.SYSTEM)
    author = inner(record, "author")
    kind = kind_of(text, media=any(record.get(key) for key in _MEDIA)) or MessageKind.TEXT
    return Message(text, string(author.get("name")) or string(author.get("id")), sent_at, kind)


DISCORD: Final = Family("Discord", _matches, _read)
