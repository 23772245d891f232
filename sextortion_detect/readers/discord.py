"""Discord, as DiscordChatExporter writes it in JSON.

As its `JsonMessageWriter.cs` has it: `{"guild", "channel", "messages": [{"type", "timestamp", "content", "author":
{"name", "nickname"}, "attachments", "embeds", "stickers", "forwardedMessage"}]}`, oldest first, times in ISO 8601 with
their zone. What stands in embeds is read as the words of who sends it: to whom they are sent, they say the same. Of
what is forwarded the export does not say who wrote it.
"""

from collections.abc import Iterator
from typing import Any, Final

from sextortion_detect.readers.json_family import Family, Record, in_lines, inner, kind_of, listed, string
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
    text = in_lines(_words(record))
    has_media = any(holder.get(key) for holder in (record, inner(record, "forwardedMessage")) for key in _MEDIA)
    kind = kind_of(text, media=has_media) or MessageKind.TEXT
    origin = "" if inner(record, "forwardedMessage") else None
    return Message(text, string(author.get("name")) or string(author.get("id")), sent_at, kind, origin)


def _words(record: Record) -> Iterator[Any]:
    yield record.get("content")
    for embed in listed(record, "embeds"):
        yield from (inner(embed, "author").get("name"), embed.get("title"), embed.get("description"))
        yield from (field.get(key) for field in listed(embed, "fields") for key in ("name", "value"))
        yield inner(embed, "footer").get("text")
    if forwarded := inner(record, "forwardedMessage"):
        yield from _words(forwarded)


DISCORD: Final = Family("Discord", _matches, _read, lambda record: inner(record, "author").get("id"))
