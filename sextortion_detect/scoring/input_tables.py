"""Tables of messages, row by row: CSV, JSON Lines and Parquet, packed with gzip or not, from a file or a pipe.

A row that cannot be read costs no other: it comes out as a `BadRow` with its line and the reason.
"""

import gzip
import io
import json
import zlib
from collections.abc import Iterator
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple

from sextortion_detect.errors import InputError, needing
from sextortion_detect.readers.decode import LONGEST_LINE, bounded_lines
from sextortion_detect.readers.table_rows import ROWS_AT_ONCE, csv_records
from sextortion_detect.verdict_files import STANDARD

FORMATS: Final = (".csv", ".jsonl", ".ndjson", ".parquet")

_TOO_LONG: Final = f"longer than {LONGEST_LINE // 2**20} MB"


class GoodRow(NamedTuple):
    """A message and where it stood: the line of the file, for Parquet the row, counted from 1."""

    line: int
    text: str

    def __repr__(self) -> str:
        return f"GoodRow({self.line}, {len(self.text)} characters)"


class BadRow(NamedTuple):
    """A row without a message that could be read, and why; `reason` never quotes the row."""

    line: int
    reason: str


class Table:
    """One table: `name` as it was given, the column with the messages, and how far it has been read, in bytes.

    `-` names standard input. Raises `InputError` where there is none that could be read.
    """

    def __init__(self, name: str, column: str) -> None:
        self.name, self.column, self.kind = name, column, ""
        self.size: int | None = None
        self._raw: BinaryIO | None = None
        if name == STANDARD:
            return
        path = Path(name)
        self.kind = (path.with_suffix("") if path.suffix == ".gz" else path).suffix
        if self.kind not in FORMATS or (self.kind == ".parquet" and path.suffix == ".gz"):
            raise InputError(f"{name} is no table that can be read; its name must end in {', '.join(FORMATS)} or .gz.")
        try:
            with path.open("rb"):
                self.size = path.stat().st_size
        except OSError as error:
            raise InputError(f"{name} cannot be read ({error.strerror}); check the name and its permissions.") from None

    @property
    def read(self) -> int:
        """How many bytes have been read so far."""
        if self._raw is None or self.size is None:
            return 0
        return self.size if self._raw.closed else self._raw.tell()

    def rows(self) -> Iterator[GoodRow | BadRow]:
        """The rows in order; `InputError` where the file as a whole breaks off or has no such column."""
        try:
            with open(0, "rb", closefd=False) if self.name == STANDARD else Path(self.name).open("rb") as self._raw:
                yield from self._parquet(self._raw) if self.kind == ".parquet" else self._lines(self._raw)
        except (EOFError, gzip.BadGzipFile, zlib.error):
            raise InputError(f"{self.name} breaks off or is damaged; what came before was read.") from None
        except OSError as error:
            raise InputError(f"{self.name} cannot be read any further ({error.strerror}).") from None

    def _lines(self, stream: Any) -> Iterator[GoodRow | BadRow]:
        """The rows of a text; standard input says by its first bytes what it is: gzip, JSON Lines or else CSV."""
        if self.name.endswith(".gz") or (not self.kind and stream.peek(2)[:2] == b"\x1f\x8b"):
            stream = gzip.GzipFile(fileobj=stream)
        kind = self.kind or stream.peek(64).removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
        yield from self._json(stream) if kind in (".jsonl", ".ndjson", b"{") else self._csv(stream)

    def _json(self, stream: Any) -> Iterator[GoodRow | BadRow]:
        for number, line in enumerate(bounded_lines(stream), start=1):
            if line is None:
                yield BadRow(number, _TOO_LONG)
                continue
            try:
                text = line.decode("utf-8-sig" if number == 1 else "utf-8")
                if text.strip():
                    yield self._of_json(number, json.loads(text))
            except UnicodeDecodeError:
                yield BadRow(number, "not UTF-8")
            except (ValueError, RecursionError):
                yield BadRow(number, "not JSON")

    def _of_json(self, number: int, record: object) -> GoodRow | BadRow:
        if not isinstance(record, dict):
            return BadRow(number, "not a JSON object")
        return self._checked(number, record.get(self.column))

    def _csv(self, stream: Any) -> Iterator[GoodRow | BadRow]:
        with io.TextIOWrapper(stream, encoding="utf-8-sig", errors="surrogateescape", newline="") as text:
            records = csv_records(bounded_lines(text), ",")
            header, _, number = next(records, ([], True, 0))
            if header is None or self.column not in header:
                raise self._without_column()
            place = header.index(self.column)
            for row, fits, lines in records:
                begin, number = number + 1, number + lines
                if row is None:
                    yield BadRow(begin, _TOO_LONG)
                elif len(row) != len(header):
                    if row:
                        yield BadRow(begin, f"{len(row)} fields where the header has {len(header)}")
                elif not fits:
                    yield BadRow(begin, "quotation marks that do not fit")
                else:
                    message = row[place]
                    escaped = not message.isascii() and any("\udc80" <= letter <= "\udcff" for letter in message)
                    yield BadRow(begin, "not UTF-8") if escaped else GoodRow(begin, message)

    def _parquet(self, stream: BinaryIO) -> Iterator[GoodRow | BadRow]:
        with needing(f"Reading {self.name} needs", "tables-io"):
            import pyarrow.parquet
        with suppress(pyarrow.ArrowException, UnicodeDecodeError):
            file = pyarrow.parquet.ParquetFile(stream)
            if self.column not in file.schema_arrow.names:
                raise self._without_column()
            batches = file.iter_batches(ROWS_AT_ONCE, columns=[self.column])
            values = chain.from_iterable(batch.column(0).to_pylist() for batch in batches)
            for number, value in enumerate(values, start=1):
                yield self._checked(number, value)
            return
        # Raised outside, since errors of decoding hold the bytes of a text.
        raise InputError(f"{self.name} breaks off or is damaged; what came before was read.")

    def _without_column(self) -> InputError:
        return InputError(f"{self.name} has no column {self.column}; name that of the messages with --text-column.")

    def _checked(self, number: int, value: object) -> GoodRow | BadRow:
        if isinstance(value, str):
            return GoodRow(number, value)
        if value is None:
            return BadRow(number, "no text")
        return BadRow(number, f"the text is of type {type(value).__name__}")
