"""Messages out of tables whose columns the caller names, or whose names tell what they hold."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import astuple
from itertools import chain, islice
from typing import Any, Final

from sextortion_detect.errors import InputError
from sextortion_detect.readers.export_files import Source
from sextortion_detect.readers.read_counter import ReadCounter
from sextortion_detect.readers.table_columns import Columns
from sextortion_detect.readers.table_rows import Row, Rows, Tables
from sextortion_detect.readers.times import from_any, from_day_and_clock
from sextortion_detect.records import ChatStream, Message, Unit

_ROWS_LOOKED_AT: Final = 100  # for the names of columns: objects of JSON need not all have the same


def read_table(source: Source, tables: Tables, columns: Columns) -> Iterator[ChatStream]:
    """The conversations of a table: one, as it comes, or one a value of the column of conversations, read as a whole.

    Raises `InputError` where a column that the caller named is missing; gives nothing where no column holds texts.
    """
    for number, (title, items) in enumerate(tables, start=1):
        place = f"{source.place}#{number} {title}" if title else source.place
        counter = ReadCounter(Unit.ROW, notes=list(source.notes))
        rows = _rows(items, counter)
        first = list(islice(rows, _ROWS_LOOKED_AT))
        names = list(dict.fromkeys(name for row in first for name in row.cells or ()))
        found = columns.among(names)
        for wanted, there in zip(astuple(columns), astuple(found), strict=True):
            if names and wanted is not None and there is None:
                raise InputError(f"{source.place} has no column named {wanted}; its first row must name the columns.")
        if found.text is None:
            continue
        messages = _messages(chain(first, rows), found, columns.texts_among(names), counter)
        if found.chat is None:
            yield ChatStream((message for _, message in messages), counter.report, place)
        else:
            yield from _by_chat(messages, counter, place)


def _rows(items: Rows, counter: ReadCounter) -> Iterator[Row]:
    """The rows; notes are put to the others. What breaks off costs no row before it, and raises where there is none."""
    item: Row | str = ""
    try:
        for item in items:
            if isinstance(item, str):
                counter.notes.append(item)
            else:
                yield item
    except InputError as error:
        if isinstance(item, str):
            raise
        counter.broke(error)


def _by_chat(messages: Iterator[tuple[str, Message]], of_all: ReadCounter, place: str) -> Iterator[ChatStream]:
    chats: dict[str, tuple[list[Message], ReadCounter]] = {}
    for name, message in messages:
        kept, counter = chats.setdefault(name, ([], ReadCounter(Unit.ROW)))
        counter.lines += 1
        kept.append(counter.count(message, counter.lines, has_date=False))
    lost = of_all.report()
    for number, (name, (kept, counter)) in enumerate(chats.items(), start=1):
        if number == 1:  # what belongs to no conversation is accounted for with the first
            counter.lines += lost.lines - sum(lost.entries.values())
            for row in lost.not_understood:
                counter.skip(row)
            counter.notes.extend(lost.notes)
            counter.is_damaged = lost.is_damaged
        yield ChatStream(kept, counter.report, f"{place}#{number} {' '.join(name.splitlines())}")


def _messages(
    rows: Iterator[Row], found: Columns, text_columns: list[str], counter: ReadCounter
) -> Iterator[tuple[str, Message]]:
    for number, cells, is_doubtful in rows:
        counter.lines += 1
        texts = [text for name in text_columns if cells and (text := _as_text(cells.get(name))) is not None]
        if cells is None or not texts:
            counter.skip(number)
            continue
        text, *others = dict.fromkeys(filter(None, texts)) or [""]
        if others:
            counter.note(f"texts stand in several columns ({', '.join(text_columns)}); of each row the first was read")
        if is_doubtful:
            counter.doubtful += 1
            counter.skip(number)
        named = (found.sender, found.time, found.day, found.chat)
        sender, time, day, chat = (cells.get(name) if name else None for name in named)
        sent_at = from_any(time) or from_day_and_clock(day, time) or from_any(day)
        has_date = any(cell not in (None, "") for cell in (time, day))
        message = Message(text, _as_text(sender) or None, sent_at)
        yield _as_text(chat) or "", counter.count(message, number, has_date=has_date)


def _as_text(cell: Any) -> str | None:
    """A cell as text; None for a missing one (also what is not equal to itself, a float's NaN), and for no UTF-8."""
    if isinstance(cell, bytes):
        with suppress(UnicodeDecodeError):
            return cell.decode()
        return None
    return None if cell is None or cell != cell else str(cell)  # noqa: PLR0124
