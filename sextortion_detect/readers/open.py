"""Recognizes exports by their content, never by their names, and opens the conversations in them."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import chain, islice
from os import PathLike
from pathlib import Path
from typing import Final, TypedDict, Unpack

from sextortion_detect.errors import InputError, UnknownExport
from sextortion_detect.readers.decode import text_beginning, text_lines
from sextortion_detect.readers.export_files import Source, find_sources
from sextortion_detect.readers.json_chats import Thread, read_document, read_thread, recognize
from sextortion_detect.readers.json_family import Family
from sextortion_detect.readers.line_entries import LineReader
from sextortion_detect.readers.message_tables import read_table
from sextortion_detect.readers.read_counter import ReadCounter
from sextortion_detect.readers.signal import signal_reader
from sextortion_detect.readers.table_columns import Columns
from sextortion_detect.readers.table_rows import recognize_table
from sextortion_detect.readers.whatsapp import whatsapp_reader
from sextortion_detect.records import Chat, ChatStream

_ADVICE: Final = (
    "give an export of WhatsApp, Telegram, Instagram, Messenger, Discord, Snapchat, Google Chat or Signal as it is, "
    "or a table with a column of texts"
)


def open_chats(
    path: str | PathLike[str],
    *,
    text_column: str | None = None,
    sender_column: str | None = None,
    time_column: str | None = None,
    chat_column: str | None = None,
) -> Iterator[ChatStream]:
    """Every chat of an exported file, zip archive or folder, each to be read while it is there.

    A stream is read before the next one is asked for; exports of WhatsApp, Signal, Telegram and Discord, and tables,
    are read in flat memory however large they are. The columns are those of a table (CSV, TSV, JSON Lines, Parquet,
    Excel); where they are not named, usual names are looked for.

    Raises `InputError` where the file cannot be read and `UnknownExport` where no chat is found in it, when the first
    stream is asked for. Where only some files of a zip or folder cannot be read, the others come first.
    """
    search = _Search(Columns(text_column, sender_column, time_column, chat_column))
    with ExitStack() as archives:
        sources = find_sources(Path(path), search.problems, archives)
        for stream in chain(chain.from_iterable(map(search.known, sources)), search.rest()):
            search.found = True
            yield stream
    if search.problems:
        raise search.problems[0]
    if not search.found:
        raise _unknown(Path(path), search.advice)


class ColumnNames(TypedDict, total=False):
    """The columns of a table, as `open_chats` takes them."""

    text_column: str | None
    sender_column: str | None
    time_column: str | None
    chat_column: str | None


def read_chats(path: str | PathLike[str], **columns: Unpack[ColumnNames]) -> Iterator[Chat]:
    """Every chat of an exported file, zip archive or folder, in the order in which they lie there.

    The formats, the columns and the errors are those of `open_chats`; each chat is held in memory as a whole.
    """
    return (stream.read() for stream in open_chats(path, **columns))


def read_chat(path: str | PathLike[str], **columns: Unpack[ColumnNames]) -> Chat:
    """The only chat of an exported file, zip archive or folder; the columns are those of `open_chats`.

    Raises `InputError` where the file cannot be read or holds several chats, `UnknownExport` where it holds none.
    """
    chat, *others = islice(read_chats(path, **columns), 2)
    if others:
        raise InputError(f"{path} holds several chats; use read_chats to go through them.")
    return chat


@dataclass
class _Search:
    """What is found while the files of an export are gone through, and what has to wait until all have been seen."""

    columns: Columns
    problems: list[InputError] = field(default_factory=list)
    threads: dict[tuple[Family, Thread], list[Source]] = field(default_factory=dict)
    others: list[tuple[Source, InputError | None]] = field(default_factory=list)
    advice: dict[str, str] = field(default_factory=dict)
    found: bool = False

    def known(self, source: Source) -> Iterator[ChatStream]:
        """The conversations of a file of a family with a reader of its own, or of a table whose columns are named."""
        damage: InputError | None = None
        for opens in (self._table, self._family) if self.columns.named else (self._family,):
            try:
                if (streams := opens(source)) is not None:
                    yield from streams
                    return
            except InputError as error:  # JSON Lines, too, are damaged when seen as one document
                damage = damage or error
        self.others.append((source, damage))

    def rest(self) -> Iterator[ChatStream]:
        """The conversations whose parts lie in several files, and, where nothing else was found, those of tables.

        A table beside a chat is something that was sent in it.
        """
        yield from (read_thread(parts, family) for (family, _), parts in self.threads.items())
        found = self.found
        for source, damage in self.others:
            try:
                streams = None if found else self._table(source)
                if streams is not None:
                    yield from streams
                    continue
                if damage is not None and recognize_table(source, self.columns) is None:
                    raise damage
                if _is_chat_in_another_encoding(source.head):
                    raise InputError(
                        f"{source.place} is not UTF-8 text; export the chat again, or save the file as UTF-8."
                    )
                self._advise(source)
            except InputError as error:
                self.problems.append(error)

    def _family(self, source: Source) -> Iterator[ChatStream] | None:
        beginning = text_beginning(source.head)
        if beginning is None:
            return None
        if (reader := signal_reader(beginning) or whatsapp_reader(beginning)) is not None:
            return iter((_text_stream(source, reader),))
        known = recognize(source) if beginning.lstrip("\ufeff").lstrip()[:1] in {"{", "["} else None
        if known is None:
            return None
        if known[0].in_parts:
            self.threads.setdefault(known, []).append(source)
            return iter(())
        return read_document(source, known[0], self.problems)

    def _table(self, source: Source) -> Iterator[ChatStream] | None:
        streams = read_table(source, recognize_table(source, self.columns) or (), self.columns)
        first = next(streams, None)
        return None if first is None else chain([first], streams)

    def _advise(self, source: Source) -> None:
        wrong = _what_is_wrong(source.head)
        if wrong is None and text_beginning(source.head) is None:
            wrong = _NOT_TEXT if recognize_table(source, self.columns) is None else _WITHOUT_TEXTS
        if wrong is not None:
            self.advice[source.place] = wrong


_NOT_TEXT: Final = "is not UTF-8 text; export the chat again, or save the file as UTF-8"

_WITHOUT_TEXTS: Final = (
    "is a table in which no column bears a usual name for texts; name it with text_column (--text-column)"
)


def _text_stream(source: Source, reader: LineReader) -> ChatStream:
    counter = ReadCounter(notes=list(source.notes))

    def lines() -> Iterator[str | None]:
        try:
            with source.open() as file:
                yield from text_lines(file, "replace")
        except InputError as error:  # a file that breaks off costs nothing that came before
            counter.broke(error)

    return ChatStream(reader(lines, counter), counter.report, source.place)


def _is_chat_in_another_encoding(head: bytes) -> bool:
    """Whether the bytes are no UTF-8, and have all the same the heads of entries, whose signs every encoding shares."""
    return text_beginning(head) is None and b"\0" not in head and whatsapp_reader(head.decode("latin-1")) is not None


def _unknown(path: Path, advice: dict[str, str]) -> InputError:
    """The sentence for an export without a chat: what the one file is, or that web pages were exported."""
    if str(path) in advice:
        return (UnknownExport if advice[str(path)] != _NOT_TEXT else InputError)(f"{path} {advice[str(path)]}.")
    if _HTML_ADVICE in advice.values():
        return UnknownExport(f"{path} holds web pages alone; export the chats again and choose JSON as the format.")
    return UnknownExport(f"No chat was found in {path}; {_ADVICE}.")


_SIGNATURES: Final[tuple[tuple[bytes | tuple[bytes, ...], str], ...]] = (
    (b"%PDF-", "is a PDF; export the chat again as text or JSON"),
    (
        (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8"),
        "is a picture; pictures are not read, give the export of the chat itself",
    ),
    (b"SQLite format 3\0", "is a database of the app; use the app's own export of the chat instead"),
    (b"\x1f\x8b", "is packed with gzip; unpack it first"),
    (b"7z\xbc\xaf\x27\x1c", "is a 7z archive; unpack it first and give the folder"),
    (b"Rar!\x1a\x07", "is a RAR archive; unpack it first and give the folder"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "is an old Office file; save it as .xlsx or .csv"),
)

_HTML_ADVICE: Final = "is a web page; export the chats again and choose JSON as the format"
"""Telegram and Meta offer HTML first, so it is the file that people bring most often."""


def _what_is_wrong(head: bytes) -> str | None:
    """What a file is that no reader reads, with what to do instead, or None where nothing better is known.

    >>> _what_is_wrong(b"%PDF-1.7")
    'is a PDF; export the chat again as text or JSON'
    """
    for signature, sentence in _SIGNATURES:
        if head.startswith(signature):
            return sentence
    beginning = (text_beginning(head) or "").lstrip()[:200].lower()
    return _HTML_ADVICE if beginning.startswith(("<!doctype html", "<html")) else None
