"""Rows out of tables, one at a time: CSV and its kin, JSON Lines and JSON arrays, Parquet, Excel."""

import csv
import io
import json
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from typing import IO, Any, Final

from sextortion_detect.errors import InputError
from sextortion_detect.readers.decode import LARGEST_TEXT, LONGEST_LINE, text_lines, too_large
from sextortion_detect.readers.export_files import DAMAGE, Source
from sextortion_detect.readers.json_walk import Step, walk

Row = tuple[int, dict[str, Any] | None]
"""Its number as the file counts, and its cells by column; None for a row that cannot be read."""

DELIMITERS: Final = (",", "\t", ";", "|")
_ROWS_AT_ONCE: Final = 4096


def header_of(line: str) -> tuple[list[str], str]:
    r"""The names of the columns that a first line holds, and what parts them.

    >>> header_of("sender;text\r\n")
    (['sender', 'text'], ';')
    """
    cuts: list[tuple[list[str], str]] = []
    for delimiter in DELIMITERS:
        with suppress(csv.Error):  # of a first line that no table has
            cuts.append((next(csv.reader([line], delimiter=delimiter), []), delimiter))
    names, delimiter = max(cuts, key=lambda cut: len(cut[0]), default=([], DELIMITERS[0]))
    return [name.strip() for name in names], delimiter


def csv_rows(source: Source) -> Iterator[Row]:
    """The rows after the first, which names the columns; numbered as a spreadsheet does, the first being 1."""
    with source.open() as file:
        lines = text_lines(file)
        names, delimiter = header_of(next(lines) or "")
        unread: list[int] = []
        number = 1
        # A line that cannot be read must not tear the rows around it apart: it becomes an empty one, without cells.
        rows = csv.reader((_or_nothing(line, unread) for line in lines), delimiter=delimiter)
        while True:
            try:
                cells = _next_row(rows)
            except StopIteration:
                return
            except csv.Error:
                cells = []
                unread.append(1)
            number += 1
            if unread:
                unread.clear()
                yield number, None
            elif cells:
                yield number, dict(zip(names, cells, strict=False))


def _or_nothing(line: str | None, unread: list[int]) -> str:
    if line is None:
        unread.append(1)
        return "\n"
    return line


def _next_row(rows: Iterator[list[str]]) -> list[str]:
    before = csv.field_size_limit(LONGEST_LINE)  # of the whole process: it is put back at once
    try:
        return next(rows)
    finally:
        csv.field_size_limit(before)


def json_line_rows(source: Source) -> Iterator[Row]:
    """A JSON object a line; empty lines are none."""
    with source.open() as file:
        for number, line in enumerate(text_lines(file), start=1):
            if line is None or line.strip():
                yield number, None if line is None else parsed_object(line)


def parsed_object(line: str) -> dict[str, Any] | None:
    """The JSON object that a line holds, or None."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def json_array_rows(source: Source) -> Iterator[Row]:
    """The objects of a JSON document that is one array; raises `InputError` where it breaks off."""
    number = 0
    with source.open() as file:
        for found in walk(file, source.place):
            if found.step is Step.RECORD and not found.path:
                number += 1
                yield number, found.value if isinstance(found.value, dict) else None


def parquet_rows(source: Source) -> Iterator[Row]:
    """The rows of a Parquet file, counted from 1; raises `InputError` without pyarrow and for a damaged file."""
    pyarrow = needed("pyarrow.parquet", "Reading", source.place)
    number, damaged = 0, False
    with source.open() as file:
        try:
            for batch in pyarrow.parquet.ParquetFile(_seekable(file)).iter_batches(_ROWS_AT_ONCE):
                for cells in _rows_of(batch):
                    number += 1
                    yield number, cells
        except (pyarrow.ArrowException, OSError, UnicodeDecodeError):
            damaged = True
    if damaged:  # outside, since errors of decoding hold the bytes of a text
        raise InputError(f"{source.place} is a damaged Parquet file; write it again.")


def _rows_of(batch: Any) -> list[dict[str, Any]]:
    """The rows of a batch of Parquet; a cell that Python has no value for, such as a time in no year, is missing."""
    try:
        return list(batch.to_pylist())
    except (OverflowError, ValueError) as error:
        if type(error) not in _NO_VALUE:
            raise
        columns = [[_cell(scalar) for scalar in column] for column in batch.columns]
        return [dict(zip(batch.schema.names, cells, strict=True)) for cells in zip(*columns, strict=True)]


def _cell(scalar: Any) -> Any:
    try:
        return scalar.as_py()
    except (OverflowError, ValueError) as error:
        if type(error) not in _NO_VALUE:
            raise
        return None


_NO_VALUE: Final = (OverflowError, ValueError)
"""What pyarrow raises of a value beyond Python's types; damage raises kinds of `ValueError`."""


def excel_rows(source: Source) -> Iterator[Row]:
    """The rows of the first sheet after its first, which names the columns; numbered as Excel does.

    Raises `InputError` without openpyxl, and for a file that is damaged or far larger than it looks.
    """
    openpyxl = needed("openpyxl", "Reading", source.place)
    with source.open() as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of styles and the like
        try:
            with zipfile.ZipFile(file) as packed:
                size = sum(entry.file_size for entry in packed.infolist())
            rows: Iterator[Any] = iter(())
            if size <= LARGEST_TEXT:
                book = openpyxl.load_workbook(file, read_only=True, data_only=True)
                rows = book.worksheets[0].iter_rows(values_only=True)
            names = ["" if name is None else str(name).strip() for name in next(rows, ())]
            for number, cells in enumerate(rows, start=2):
                if any(cell is not None for cell in cells):
                    yield number, dict(zip(names, cells, strict=False))
        except (*DAMAGE, AttributeError, LookupError, SyntaxError, TypeError, ValueError):  # openpyxl checks little
            raise InputError(f"{source.place} is a damaged Excel file; save it again as .xlsx.") from None
    if size > LARGEST_TEXT:
        raise too_large(source.place)


def _seekable(file: IO[bytes]) -> IO[bytes]:
    return file if file.seekable() else io.BytesIO(file.read(LARGEST_TEXT))


def needed(module: str, work: str, place: str) -> Any:
    """The library of a module that reads or writes tables; `InputError` with what to install where it is missing."""
    library = module.partition(".")[0]
    try:
        return __import__(module)  # that is the library, also for a module within it
    except ImportError:
        raise InputError(
            f"{work} {place} needs {library}, which is not installed; run: pip install 'sextortion-detect[tables-io]'"
        ) from None
