"""Rows out of tables, one at a time: CSV and its kin, JSON Lines and JSON arrays, Parquet, Excel."""

import csv
import io
import json
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import chain, islice, zip_longest
from typing import IO, Any, Final, NamedTuple

from sextortion_detect.errors import InputError, UnknownExport, needing
from sextortion_detect.readers.decode import LARGEST_TEXT, LONGEST_LINE, text_beginning, text_lines, too_large
from sextortion_detect.readers.export_files import DAMAGE, WORKBOOK, Source
from sextortion_detect.readers.json_walk import walk
from sextortion_detect.readers.table_columns import MOST_TITLES, Columns


class Row(NamedTuple):
    """Its number as the file counts, and its cells by column; None for a row that cannot be read.

    Where it is doubtful, its cells were guessed, and that of texts holds all that may be text.
    """

    number: int
    cells: dict[str, Any] | None
    is_doubtful: bool = False


Rows = Iterator[Row | str]
"""Rows as they are read, and among them notes on the whole."""

Tables = Iterable[tuple[str, Rows]]
"""The tables of a file: their titles, where there are several, and their rows."""

DELIMITERS: Final = (",", "\t", ";", "|")
ROWS_AT_ONCE: Final = 4096
"""Rows of Parquet that are held at a time."""


def header_of(line: str) -> tuple[list[str], str]:
    r"""The names of the columns that a line holds, and what parts them.

    >>> header_of("sender;text\r\n")
    (['sender', 'text'], ';')
    """
    cuts: list[tuple[list[str], str]] = []
    for delimiter in DELIMITERS:
        with suppress(csv.Error):  # of a line that no table has
            cuts.append((next(csv.reader([line], delimiter=delimiter), []), delimiter))
    names, delimiter = max(cuts, key=lambda cut: len(cut[0]), default=([], DELIMITERS[0]))
    return [name.strip() for name in names], delimiter


def recognize_table(source: Source, columns: Columns) -> Tables | None:
    """The tables of a file, or None for one that is none; two names, one of them usual, make a text file a table."""
    if source.head.startswith(b"PAR1"):
        return [("", parquet_rows(source))]
    if source.head.startswith(b"PK\x03\x04"):
        return excel_sheets(source, columns)
    beginning = (text_beginning(source.head) or "").lstrip("\ufeff").lstrip()
    if beginning.startswith("["):
        return [("", json_array_rows(source))] if beginning[1:].lstrip().startswith("{") else None
    lines = [line for line in beginning.split("\n") if line.strip()]
    if beginning.startswith("{"):
        objects = sum(parsed_object(line) is not None for line in lines)
        return [("", json_line_rows(source))] if objects * 2 >= len(lines) else None
    heads = [header_of(line)[0] for line in lines[: MOST_TITLES + 1]] or [[]]
    names = heads[columns.header_among(heads)]
    if columns.named or (len(names) > 1 and columns.among(names).text is not None):
        return [("", csv_rows(source, columns))]
    return None


def csv_rows(source: Source, columns: Columns) -> Rows:
    """The rows below that which names the columns; numbered as a spreadsheet does, the first of the file being 1."""
    with source.open() as file:
        lines = text_lines(file)
        first = list(islice(lines, MOST_TITLES + 1))
        heads = [header_of(line or "") for line in first] or [header_of("")]
        at = columns.header_among([names for names, _ in heads])
        names, delimiter = heads[at]
        yield from _notes_on(names, at)
        text = columns.among(names).text
        place = 0 if text is None else names.index(text)
        for number, (cells, fits, _) in enumerate(csv_records(chain(first[at + 1 :], lines), delimiter), at + 2):
            if cells is None:
                yield Row(number, None)
            elif cells:
                while len(cells) > len(names) and not cells[-1]:
                    cells.pop()
                if more := max(len(cells) - len(names), 0):  # the mark between cells stands in the text
                    cells[place : place + more + 1] = [delimiter.join(cells[place : place + more + 1])]
                yield Row(number, _by_name(names, cells), not fits or more > 0)


def csv_records(lines: Iterator[str | None], delimiter: str) -> Iterator[tuple[list[str] | None, bool, int]]:
    """The cells of each row, None for one that cannot be read; whether its quotation marks fit together; its lines.

    Where they do not, the row is its first line, and the marks in it belong to the text; so with each line that they
    swallowed. Every line is read three times at most, however the marks stand.
    """
    held: list[str | None] = []  # the line at which the marks of those before it were seen not to fit
    taken: list[str | None] = []

    def taking() -> Iterator[str]:
        length = 0
        while length <= LONGEST_LINE and (line := held.pop() if held else next(lines, "")) != "":
            taken.append(line)
            length += len(line or "")
            yield line or "\n"  # a line that cannot be read must not tear those around it apart
        taken.append("")

    while True:
        taken.clear()
        try:
            cells = _next_row(csv.reader(taking(), delimiter=delimiter, strict=True))
        except StopIteration:
            return
        except csv.Error:
            if len(taken) > 1 and (last := taken.pop()) != "":
                held.append(last)
            for line in taken:
                parts = (line or "").rstrip("\r\n")
                yield None if line is None else parts.split(delimiter) if parts else [], '"' not in parts, 1
        else:
            yield (None if None in taken else cells), True, sum(line != "" for line in taken)


def _notes_on(names: list[str], above: int) -> Iterator[str]:
    if above:
        yield f"{above} rows above the one that names the columns were passed over"
    if len(named := list(filter(None, names))) > len(set(named)):
        yield "several columns bear one name; the first of each is read"


def _by_name(names: list[str], cells: Sequence[Any]) -> dict[str, Any]:
    """The cells by their columns, the first of each name; None where the row is too short, no more than have a name."""
    return dict(reversed([*zip_longest(names, cells[: len(names)])]))


def _next_row(rows: Iterator[list[str]]) -> list[str]:
    before = csv.field_size_limit(LONGEST_LINE)  # of the whole process: it is put back at once
    try:
        return next(rows)
    finally:
        csv.field_size_limit(before)


def json_line_rows(source: Source) -> Rows:
    """A JSON object a line; empty lines are none."""
    with source.open() as file:
        for number, line in enumerate(text_lines(file), start=1):
            if line is None or line.strip():
                yield Row(number, None if line is None else parsed_object(line))


def parsed_object(text: str | bytes) -> dict[str, Any] | None:
    """The JSON object that a text is, or None."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def json_array_rows(source: Source) -> Rows:
    """The objects of a JSON document that is one array; raises `InputError` where it breaks off."""
    with source.open() as file:
        items = chain.from_iterable(records for path, records in walk(file, source.place) if not path)
        for number, item in enumerate(items, start=1):
            yield Row(number, item if isinstance(item, dict) else None)


def parquet_rows(source: Source) -> Rows:
    """The rows of a Parquet file, counted from 1; raises `InputError` without pyarrow and for a damaged file."""
    with needing(f"Reading {source.place} needs", "tables-io"):
        import pyarrow.parquet
    with source.open() as file, suppress(pyarrow.ArrowException, OSError, UnicodeDecodeError):
        batches = pyarrow.parquet.ParquetFile(_seekable(file)).iter_batches(ROWS_AT_ONCE)
        for number, cells in enumerate(chain.from_iterable(map(_rows_of, batches)), start=1):
            yield Row(number, cells)
        return
    # Raised outside, since errors of decoding hold the bytes of a text.
    raise InputError(f"{source.place} is a damaged Parquet file; write it again.")


def _rows_of(batch: Any) -> list[dict[str, Any]]:
    """The rows of a batch of Parquet; a cell that Python has no value for is missing: a time in no year, no UTF-8."""
    try:
        return list(batch.to_pylist())
    except (OverflowError, ValueError):
        columns = [[_cell(scalar) for scalar in column] for column in batch.columns]
        return [dict(zip(batch.schema.names, cells, strict=True)) for cells in zip(*columns, strict=True)]


def _cell(scalar: Any) -> Any:
    with suppress(OverflowError, ValueError):
        return scalar.as_py()
    return None


def excel_sheets(source: Source, columns: Columns) -> Iterator[tuple[str, Rows]]:
    """The sheets that have a column of texts, else the first, with their titles where there are several.

    One is read at a time; rows are numbered as Excel does. Raises `InputError` without openpyxl, and for a file that is
    damaged or far larger than it looks.
    """
    with needing(f"Reading {source.place} needs", "tables-io"):
        import openpyxl.reader.excel
    with source.open() as opened, warnings.catch_warnings():
        file = _seekable(opened)
        warnings.simplefilter("ignore")  # of styles and the like
        with _complaining_of_excel(source.place), zipfile.ZipFile(file) as packed:
            size = sum(entry.file_size for entry in packed.infolist())
            is_workbook = WORKBOOK in packed.namelist()
        if not is_workbook:
            raise UnknownExport(f"{source.place} is a zip within a zip; unpack it first and give it by itself.")
        if size > LARGEST_TEXT:
            raise too_large(source.place)
        with _complaining_of_excel(source.place):
            reader = openpyxl.reader.excel.ExcelReader(file, read_only=True, data_only=True)
            reader.read_chartsheet = lambda *_: None  # it fails on them where it reads only
            reader.read()
            sheets = reader.wb.worksheets
            tops = [[_as_names(row) for row in islice(_cells_of(sheet), MOST_TITLES + 1)] or [[]] for sheet in sheets]
            heads = [(sheet, columns.header_among(top), top) for sheet, top in zip(sheets, tops, strict=True)]
            found = [head for head in heads if columns.among(head[2][head[1]]).text is not None] or heads[:1]
        left = sum(any(map(any, top)) for top in tops) - len(found)
        for number, (sheet, at, top) in enumerate(found):
            notes = [f"{left} sheets without a column of texts were not read"] if left > 0 and not number else []
            rows = _excel_rows(sheet, top[at], at, source.place)
            yield sheet.title if len(found) > 1 else "", chain(notes, _notes_on(top[at], at), rows)


def _excel_rows(sheet: Any, names: list[str], at: int, place: str) -> Rows:
    with _complaining_of_excel(place):
        for number, cells in enumerate(islice(_cells_of(sheet), at + 1, None), start=at + 2):
            if any(cell is not None for cell in cells):
                yield Row(number, _by_name(names, cells[: len(names)]))


def _cells_of(sheet: Any) -> Iterator[tuple[Any, ...]]:
    sheet.reset_dimensions()  # which some programs state wrongly
    return iter(sheet.iter_rows(values_only=True))


def _as_names(cells: Iterable[Any]) -> list[str]:
    return ["" if cell is None else str(cell).strip() for cell in cells]


@contextmanager
def _complaining_of_excel(place: str) -> Iterator[None]:
    try:
        yield
    except (*DAMAGE, AttributeError, LookupError, SyntaxError, TypeError, ValueError):  # openpyxl checks little
        raise InputError(f"{place} is a damaged Excel file; save it again as .xlsx.") from None


def _seekable(file: IO[bytes]) -> IO[bytes]:
    return file if file.seekable() else io.BytesIO(file.read(LARGEST_TEXT))
