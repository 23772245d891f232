"""Recognizes exports by their content, never by their names, and opens the conversations in them."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import islice
from os import PathLike
from pathlib import Path
from typing import Final

from sextortion_detect.errors import InputError, UnknownExport
from sextortion_detect.readers.decode import not_text, text_beginning, whole_text
from sextortion_detect.readers.families import Family
from sextortion_detect.readers.json_exports import Thread, read_document, read_thread, recognize
from sextortion_detect.readers.signal import is_signal, read_signal
from sextortion_detect.readers.sources import Source, find_sources
from sextortion_detect.readers.tables import Columns, read_table, recognize_table
from sextortion_detect.readers.tally import Tally
from sextortion_detect.readers.whatsapp import is_whatsapp, whatsapp_messages
from sextortion_detect.readers.wrong_files import HTML_ADVICE, what_is_wrong
from sextortion_detect.records import Chat, ChatStream, Message

_ADVICE: Final = (
    "give an export of WhatsApp, Telegram, Instagram, Messenger, Discord, Snapchat, Google Chat or Signal as it is, "
    "or a table with a column of texts"
)

Threads = dict[tuple[Family, Thread], list[Source]]


def open_chats(
    path: str | PathLike[str],
    *,
    text_column: str | None = None,
    sender_column: str | None = None,
    time_column: str | None = None,
    chat_column: str | None = None,
) -> Iterator[ChatStream]:
    """Every chat of an exported file, zip archive or folder, each to be read while it is there.

    A stream is read before the next one is asked for; Telegram and Discord exports and tables are read in flat memory
    however large they are. The columns are those of a table (CSV, TSV, JSON Lines, Parquet, Excel); where they are not
    named, usual names are looked for.

    Raises `InputError` where the file cannot be read and `UnknownExport` where no chat is found in it, when the first
    stream is asked for. Where only some files of a zip or folder cannot be read, the others come first.
    """
    columns = Columns(text_column, sender_column, time_column, chat_column)
    problems: list[InputError] = []
    threads: Threads = {}
    advice: dict[str, str] = {}
    found = False
    with ExitStack() as archives:
        for source in find_sources(Path(path), problems, archives):
            try:
                for stream in _read(source, columns, threads, problems, advice):
                    found = True
                    yield stream
            except InputError as error:
                problems.append(error)
        for (family, _), parts in threads.items():
            found = True
            yield read_thread(parts, family)
    if problems:
        raise problems[0]
    if not found:
        raise _unknown(Path(path), advice)


def read_chats(
    path: str | PathLike[str],
    *,
    text_column: str | None = None,
    sender_column: str | None = None,
    time_column: str | None = None,
    chat_column: str | None = None,
) -> Iterator[Chat]:
    """Every chat of an exported file, zip archive or folder, in the order in which they lie there.

    The formats, the columns and the errors are those of `open_chats`; each chat is held in memory as a whole.
    """
    for stream in open_chats(
        path,
        text_column=text_column,
        sender_column=sender_column,
        time_column=time_column,
        chat_column=chat_column,
    ):
        yield stream.read()


def read_chat(
    path: str | PathLike[str],
    *,
    text_column: str | None = None,
    sender_column: str | None = None,
    time_column: str | None = None,
) -> Chat:
    """The only chat of an exported file, zip archive or folder.

    Raises `InputError` where the file cannot be read or holds several chats, `UnknownExport` where it holds none.
    """
    chats = read_chats(path, text_column=text_column, sender_column=sender_column, time_column=time_column)
    chat, *others = islice(chats, 2)
    if others:
        raise InputError(f"{path} holds several chats; use read_chats to go through them.")
    return chat


def _read(
    source: Source, columns: Columns, threads: Threads, problems: list[InputError], advice: dict[str, str]
) -> Iterator[ChatStream]:
    beginning = text_beginning(source.head)
    damage: InputError | None = None
    if beginning is not None and not columns.named:
        try:
            known = _known(source, beginning, threads, problems)
        except InputError as error:  # JSON Lines, too, are damaged when seen as one document
            known, damage = None, error
        if known is not None:
            yield from known
            return
    rows = recognize_table(source, columns)
    streams = iter(()) if rows is None else read_table(source, rows, columns)
    read = False
    for stream in streams:
        read = True
        yield stream
    if read:
        return
    if damage is not None:
        raise damage
    if _is_chat_in_another_encoding(source.head):
        raise not_text(source.place)
    wrong = what_is_wrong(source.head) or ("" if beginning is not None else _NOT_TEXT)
    if wrong:
        advice[source.place] = wrong


def _known(source: Source, beginning: str, threads: Threads, problems: list[InputError]) -> Iterator[ChatStream] | None:
    """The conversations of a file of a family that has a reader of its own; parts of one conversation are gathered."""
    for recognizes, messages in _TEXTS:
        if recognizes(beginning):
            return iter((_text_stream(source, messages),))
    known = recognize(source) if beginning.lstrip("\ufeff").lstrip()[:1] in {"{", "["} else None
    if known is None:
        return None
    if known[0].in_parts:
        threads.setdefault(known, []).append(source)
        return iter(())
    return read_document(source, known[0], problems)


_NOT_TEXT: Final = "is not UTF-8 text; export the chat again, or save the file as UTF-8"

_TEXTS: Final[tuple[tuple[Callable[[str], bool], Callable[[str, Tally], Iterator[Message]]], ...]] = (
    (is_signal, read_signal),
    (is_whatsapp, whatsapp_messages),
)


def _text_stream(source: Source, messages: Callable[[str, Tally], Iterator[Message]]) -> ChatStream:
    with source.open() as file:
        text, notes = whole_text(file, source.place)
    tally = Tally(notes=[*source.notes, *notes])
    return ChatStream(messages(text, tally), tally.report, source.place)


def _is_chat_in_another_encoding(head: bytes) -> bool:
    """Whether the bytes are no UTF-8, and have all the same the heads of entries, whose signs every encoding shares."""
    return text_beginning(head) is None and b"\0" not in head and is_whatsapp(head.decode("latin-1"))


def _unknown(path: Path, advice: dict[str, str]) -> InputError:
    """The sentence for an export without a chat: what the one file is, or that web pages were exported."""
    if str(path) in advice:
        return (UnknownExport if advice[str(path)] != _NOT_TEXT else InputError)(f"{path} {advice[str(path)]}.")
    if HTML_ADVICE in advice.values():
        return UnknownExport(f"{path} holds web pages alone; export the chats again and choose JSON as the format.")
    return UnknownExport(f"No chat was found in {path}; {_ADVICE}.")
