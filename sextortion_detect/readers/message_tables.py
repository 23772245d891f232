"""Messages out of tables whose columns the caller names, or whose names tell what they hold."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final

from sextortion_detect.errors import InputError
from sextortion_detect.readers.decode import text_beginning
from sextortion_detect.readers.export_files import Source
from sextortion_detect.readers.read_counter import ReadCounter
from sextortion_detect.readers.table_rows import (
    Row,
    csv_rows,
    excel_rows,
    header_of,
    json_array_rows,
    json_line_rows,
    parquet_rows,
    parsed_object,
)
from sextortion_detect.readers.times import from_any
from sextortion_detect.records import ChatStream, Message, Unit

# The names under which data sets, chat tools and spreadsheets in English and Arabic keep each, likeliest first.
_USUAL: Final[Mapping[str, tuple[str, ...]]] = {
    "text": (
        "text", "message", "content", "body", "message_text", "msg", "tweet", "comment", "النص", "نص", "الرسالة",
        "رسالة",
    ),
    "sender": (
        "sender", "from", "author", "user", "username", "sender_name", "from_user", "name", "المرسل", "مرسل",
    ),
    "time": (
        "time", "sent_at", "timestamp", "date", "datetime", "created_at", "timestamp_ms", "الوقت", "التاريخ", "تاريخ",
    ),
    "chat": (
        "chat", "chat_id", "conversation", "conversation_id", "thread", "thread_id", "channel", "room", "المحادثة",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns that hold texts, senders, times and conversations; None for one that was not named."""

    text: str | None = None
    sender: str | None = None
    time: str | None = None
    chat: str | None = None

    @property
    def named(self) -> bool:
        """Whether the caller named any, so that the file is to be read as a table."""
        return self != Columns()


def recognize_table(source: Source, columns: Columns) -> Callable[[Source], Iterator[Row]] | None:
    """What reads the rows of a table, or None for a file that is none; two usual names make a text file a table."""
    if source.head.startswith(b"PAR1"):
        return parquet_rows
    if source.head.startswith(b"PK\x03\x04"):
        return excel_rows
    beginning = (text_beginning(source.head) or "").lstrip("\ufeff").lstrip()
    if beginning.startswith("["):
        return json_array_rows if beginning[1:].lstrip().startswith("{") else None
    first, _, rest = beginning.partition("\n")
    if first.startswith("{"):
        lines = parsed_object(first) is not None and (not rest.strip() or rest.lstrip().startswith("{"))
        return json_line_rows if lines else None
    names, _ = header_of(first[:10_000])
    if columns.named or (len(names) > 1 and _find("text", None, names) is not None):
        return csv_rows
    return None


def read_table(source: Source, rows_of: Callable[[Source], Iterator[Row]], columns: Columns) -> Iterator[ChatStream]:
    """The conversations of a table: one, as it comes, or one a value of the column of conversations, read as a whole.

    Raises `InputError` where a column that the caller named is missing; gives nothing where no column holds texts.
    """
    rows = rows_of(source)
    before: list[int] = []
    first: dict[str, Any] | None = None
    number = 0
    for number, first in rows:
        if first is not None:
            break
        before.append(number)
    found = None if first is None else _found(columns, list(first), source.place)
    if found is None:
        return
    counter = ReadCounter(Unit.ROW, lines=len(before), notes=list(source.notes))
    for skipped in before:
        counter.skip(skipped)
    rest = chain([(number, first)], rows)
    if found.chat is None:
        yield ChatStream((message for _, message in _messages(rest, found, counter)), counter.report, source.place)
    else:
        yield from _by_chat(rest, found, counter, source)


def _by_chat(rows: Iterator[Row], found: Columns, first: ReadCounter, source: Source) -> Iterator[ChatStream]:
    chats: dict[str, tuple[list[Message], ReadCounter]] = {}
    of_all = ReadCounter(Unit.ROW)
    for name, message in _messages(rows, found, of_all):
        kept, counter = chats.setdefault(name, ([], ReadCounter(Unit.ROW, notes=list(source.notes))))
        counter.lines += 1
        kept.append(counter.count(message, counter.lines))
    lost = of_all.report()
    for number, (name, (kept, counter)) in enumerate(chats.items(), start=1):
        if number == 1:  # what belongs to no conversation is accounted for with the first
            skipped = (*first.report().not_understood, *lost.not_understood)
            counter.lines += len(skipped)
            for row in skipped:
                counter.skip(row)
            counter.notes.extend(lost.notes)
        yield ChatStream(kept, counter.report, f"{source.place}#{number} {name}")


def _found(columns: Columns, names: list[str], place: str) -> Columns | None:
    text = _find("text", columns.text, names, place)
    if text is None:
        return None
    others = {what: _find(what, getattr(columns, what), names, place) for what in ("sender", "time", "chat")}
    return Columns(text, **others)


def _find(what: str, wanted: str | None, names: list[str], place: str = "") -> str | None:
    if wanted is not None:
        if wanted not in names:
            raise InputError(f"{place} has no column named {wanted}; its first row must name the columns.")
        return wanted
    plain = {name.strip().lower().replace(" ", "_"): name for name in reversed(names)}
    return next((plain[usual] for usual in _USUAL[what] if usual in plain), None)


def _messages(rows: Iterator[Row], found: Columns, counter: ReadCounter) -> Iterator[tuple[str, Message]]:
    try:
        for number, cells in rows:
            counter.lines += 1
            text = None if cells is None else _as_text(cells.get(found.text or ""))
            if cells is None or text is None:
                counter.skip(number)
                continue
            sender = _as_text(cells.get(found.sender)) if found.sender else None
            time = cells.get(found.time) if found.time else None
            sent_at = from_any(time)
            counter.undated += sent_at is None and time not in (None, "")
            chat = _as_text(cells.get(found.chat)) if found.chat else None
            yield chat or "", counter.count(Message(text, sender or None, sent_at), number)
    except InputError as error:  # a document that breaks off costs nothing that came before
        counter.notes.append(str(error))


def _as_text(cell: Any) -> str | None:
    """A cell as text; None for a missing one (that is also what is not equal to itself, a float's NaN)."""
    if cell is None or cell != cell:  # noqa: PLR0124
        return None
    return cell if isinstance(cell, str) else str(cell)
