"""What a JSON export family is: how to know its records, and how to make a message of one."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sextortion_detect.records import Message, MessageKind

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Family:
    """A kind of JSON export.

    `matches` says whether a record is of this family; `read` makes a message of one, or gives None where it is none.
    `identity` is what tells a record's sender from others of the same name, where the export has that, and `origin`
    what tells whom a record is forwarded from.
    Where `newest_first`, a conversation is read whole and put in the order of time. Where `in_parts`, several files of
    one folder make a conversation. Where `by_key`, each array right below the root is a conversation, and otherwise
    the arrays named `messages` are.
    """

    name: str
    matches: Callable[[Record], bool]
    read: Callable[[Record], Message | None]
    identity: Callable[[Record], Any] = lambda _: None
    origin: Callable[[Record], Any] = lambda _: None
    newest_first: bool = False
    in_parts: bool = False
    by_key: bool = False


def string(value: Any) -> str | None:
    """A string that is not empty, or None for anything else."""
    return value if isinstance(value, str) and value else None


def inner(record: Record, key: str) -> Record:
    """The object that lies in a record, or an empty one."""
    value = record.get(key)
    return value if isinstance(value, Mapping) else {}


def listed(record: Record, key: str) -> list[Record]:
    """The objects in a list that lies in a record; of anything else, none."""
    value = record.get(key)
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def in_lines(texts: Iterable[Any]) -> str:
    """What is text among several values, a line each."""
    return "\n".join(filter(None, map(string, texts)))


def kind_of(text: str, *, media: bool) -> MessageKind | None:
    """TEXT where there are words, of the sender or under a picture; MEDIA without; None for nothing at all."""
    if text:
        return MessageKind.TEXT
    return MessageKind.MEDIA if media else None
