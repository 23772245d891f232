"""Which family a JSON export is of, and the conversations in it, one record at a time."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain, islice, pairwise
from typing import Any, Final

from sextortion_detect.errors import InputError
from sextortion_detect.readers.discord import DISCORD
from sextortion_detect.readers.export_files import Source
from sextortion_detect.readers.google_chat import GOOGLE_CHAT
from sextortion_detect.readers.json_family import Family
from sextortion_detect.readers.json_walk import DamagedJson, Path, walk
from sextortion_detect.readers.meta import META, META_ENCRYPTED, participants
from sextortion_detect.readers.read_counter import ReadCounter
from sextortion_detect.readers.snapchat import SNAPCHAT
from sextortion_detect.readers.telegram import TELEGRAM
from sextortion_detect.records import ChatStream, Message, Unit

FAMILIES: Final = (TELEGRAM, META, META_ENCRYPTED, DISCORD, SNAPCHAT, GOOGLE_CHAT)

Thread = tuple[str, tuple[str, ...]]
"""What the files of one conversation have in common: their folder, and who takes part."""


def recognize(source: Source) -> tuple[Family, Thread] | None:
    """The family of a JSON document by its first record that any family knows, or None.

    Raises `InputError` for a document that breaks off or is damaged before that; one that is no JSON from its first
    character on is None.
    """
    begun = False
    names: list[Any] = []
    with source.open() as file:
        try:
            for path, found in walk(file, source.place):
                begun = True
                if not path:  # no family keeps its records right at the root
                    return None
                for record in found if isinstance(found, Iterator) else ():
                    if path == ("participants",):
                        names.append(record)
                    for family in FAMILIES if isinstance(record, dict) else ():
                        if _is_conversation(family, path) and family.matches(record):
                            return family, (source.folder, participants(names))
        except DamagedJson:
            if begun:
                raise
    return None


def _is_conversation(family: Family, path: Path) -> bool:
    return len(path) == 1 if family.by_key else path[-1:] == ("messages",)


def read_document(source: Source, family: Family, problems: list[InputError]) -> Iterator[ChatStream]:
    """The conversations of one document, in its order.

    Each is read from the file while its messages are gone through; what of it has not been read when the next is asked
    for is passed over. A document that breaks off ends its last conversation with a note.
    """
    with source.open() as file:
        walked = walk(file, source.place)
        holder: Path | None = None  # of the name: what lies before in another object is no name of this conversation
        name: Any = None
        number = 0
        try:
            for path, found in walked:
                outer, key = path[:-1], path[-1:]
                if not isinstance(found, Iterator):
                    if key == ("name",) or (key == ("type",) and holder != outer):
                        holder, name = outer, found  # a chat that has no name is called by its type
                elif _is_conversation(family, path):
                    name, holder = name if holder == outer else None, None
                    for first in islice(found, 1):  # where anything was said in it
                        number += 1
                        stream = _conversation(chain([first], found), walked, path, family, source, number, name)
                        yield stream
                        for _ in stream.messages():
                            pass
        except InputError as error:  # between two conversations
            problems.append(error)


def _conversation(
    records: Iterator[Any], behind: Iterator[object], path: Path, family: Family, source: Source, number: int, name: Any
) -> ChatStream:
    counter = ReadCounter(Unit.RECORD, notes=list(source.notes))
    is_alone = path == ("messages",) and not family.by_key
    messages = _messages(_to_end(records, behind) if is_alone else records, family, counter)
    title = path[0] if family.by_key else name
    named = f" {' '.join(title.splitlines())}" if isinstance(title, str) else ""
    ordered = _in_order_of_time(messages) if family.newest_first else messages
    return ChatStream(ordered, counter.report, source.place if is_alone else f"{source.place}#{number}{named}")


def _to_end(records: Iterator[Any], behind: Iterator[object]) -> Iterator[Any]:
    """The records of a document of one conversation, walked to its end, so that a break after the last one shows."""
    yield from records
    for _ in behind:
        pass


def read_thread(sources: list[Source], family: Family) -> ChatStream:
    """A conversation of which each file holds a part, in the order of time; its records are numbered through."""
    counter = ReadCounter(Unit.RECORD, notes=list(dict.fromkeys(note for source in sources for note in source.notes)))

    def messages() -> Iterator[Message]:
        for source in reversed(sources):  # the first file is the newest
            with source.open() as file:
                walked = walk(file, source.place)
                arrays = (one for path, one in walked if isinstance(one, Iterator) and _is_conversation(family, path))
                yield from _in_order_of_time(_messages(chain.from_iterable(arrays), family, counter))

    place = sources[0].place if len(sources) == 1 else sources[0].place.rpartition("/")[0]
    return ChatStream(_in_order_of_time(messages()), counter.report, place)


def _messages(records: Iterable[Any], family: Family, counter: ReadCounter) -> Iterator[Message]:
    people: dict[str, Any] = {}  # who bore a name first

    def told_apart(name: str | None, who: Any) -> str | None:
        return f"{name} ({who})" if name and who and people.setdefault(name, who) != who else name

    try:
        for record in records:
            counter.lines += 1
            message = family.read(record) if isinstance(record, dict) else None
            if message is None:
                counter.skip(counter.lines)
                continue
            sender = told_apart(message.sender, family.identity(record))
            origin = told_apart(message.forwarded_from, family.origin(record))
            if (sender, origin) != (message.sender, message.forwarded_from):
                message = replace(message, sender=sender, forwarded_from=origin)
            yield counter.count(message, counter.lines)
    except InputError as error:
        counter.broke(error)


def _in_order_of_time(messages: Iterable[Message]) -> Iterator[Message]:
    """Oldest first; those of one moment stay in the order of sending, and those without a time in their place."""
    kept = list(messages)
    times = [message.sent_at.timestamp() for message in kept if message.sent_at is not None]
    if sum((before < after) - (before > after) for before, after in pairwise(times)) < 0:  # it falls more often
        kept.reverse()
    latest = float("-inf")
    keys = [latest := latest if one.sent_at is None else one.sent_at.timestamp() for one in kept]
    yield from map(kept.__getitem__, sorted(range(len(kept)), key=keys.__getitem__))
