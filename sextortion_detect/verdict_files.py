"""Verdicts as rows for other programs: JSON Lines or CSV, one row a message, with the text."""

import csv
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Self

from sextortion_detect.errors import InputError
from sextortion_detect.records import Entry

FORMATS: Final = (".jsonl", ".csv")

# Where a cell may begin, and what makes a formula of it (OWASP, CSV Injection). In Arabic and many European settings
# programs part cells at `;` and take quotation marks inside for text, so that lines within a cell begin cells as well.
_FORMULA: Final = re.compile(r'(?:^|(?<=[;\t\r\n]))(?="*[=+\-@\t\r＝＋－＠])')


def check_target(path: Path) -> None:
    """Raise `InputError` early where a file of that name could not be written."""
    if path.suffix not in FORMATS:
        raise InputError(f"{path} must end in {' or '.join(FORMATS)}, which says how to write the verdicts.")
    check_writable(path)


def check_writable(path: Path) -> None:
    """Raise `InputError` early where a file could not be written."""
    if not path.parent.is_dir():
        raise InputError(f"There is no folder {path.parent}; make it first.")
    if path.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK):
        raise InputError(f"{path} cannot be written; choose another place.")


def check_folder(path: Path) -> None:
    """Raise `InputError` early where a folder of that name could not be made or written into."""
    if path.exists() and not path.is_dir():
        raise InputError(f"{path} is a file; name a folder for the model.")
    nearest = next(folder for folder in (path.resolve(), *path.resolve().parents) if folder.exists())
    if not os.access(nearest, os.W_OK):
        raise InputError(f"{path} cannot be written; choose another place.")


def message_row(source: str | None, entry: Entry) -> dict[str, Any]:
    """The row of one message: where it stands, who wrote it and when, what is said of it, and its text."""
    return {"source": source, "index": entry.index, **entry.to_dict(), "text": entry.message.text}


class VerdictWriter:
    """Writes rows to a `.jsonl` or `.csv` file, its `path`, as they come; `count` of them, unless it `is_broken`.

    CSV is made for spreadsheet programs: it begins with a byte-order mark, so that they show Arabic rightly, lists are
    joined by `;`, and what they would run as a formula gets an apostrophe in front. JSON Lines are exact.
    Rows of another make than `message_row` are written as they are. Raises `InputError` where the file cannot be
    written.
    """

    def __init__(self, path: Path) -> None:
        self.count = 0
        self.is_broken = False
        self.path = path
        self._as_table = path.suffix == ".csv"
        self._table: csv.DictWriter[str] | None = None
        encoding = "utf-8-sig" if self._as_table else "utf-8"
        with self._complaining():
            self._file = path.open("w", encoding=encoding, errors="backslashreplace", newline="")

    def write(self, row: dict[str, Any]) -> None:
        """Write one row."""
        with self._complaining():
            if self._as_table:
                cells = _flatten(row) if "evidence" in row else row
                self._write_cells({key: harmless_cell(value) for key, value in cells.items()})
            else:
                self._file.write(json.dumps(row, ensure_ascii=False) + "\n")
        self.count += 1

    def _write_cells(self, cells: dict[str, Any]) -> None:
        if self._table is None:
            self._table = csv.DictWriter(self._file, fieldnames=list(cells))
            self._table.writeheader()
        self._table.writerow(cells)

    @contextmanager
    def _complaining(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self.is_broken = True
            raise InputError(f"{self.path} cannot be written ({error.strerror}); choose another place.") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._complaining():
            self._file.close()


def harmless_cell(value: object) -> object:
    """A value that no spreadsheet program runs as a formula, wherever it parts cells: with an apostrophe before each.

    >>> harmless_cell("=1+1"), harmless_cell("a;@x"), harmless_cell("1 + 1")
    ("'=1+1", "a;'@x", '1 + 1')
    """
    return _FORMULA.sub("'", value) if isinstance(value, str) else value


def _flatten(row: dict[str, Any]) -> dict[str, Any]:
    evidence = ";".join(span["text"] for span in row["evidence"])
    scores = {f"score_{label}": score for label, score in row["scores"].items()}
    rest = {key: value for key, value in row.items() if key not in ("scores", "text")}
    return {**rest, "tactics": ";".join(row["tactics"]), "evidence": evidence, **scores, "text": row["text"]}
