"""Verdicts as rows for other programs: JSON Lines or CSV, one row a message, with the text."""

import csv
import io
import json
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from itertools import islice
from pathlib import Path
from shutil import copymode
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO, Final

from sextortion_detect.errors import OutputError
from sextortion_detect.records import Entry, Verdict
from sextortion_detect.taxonomy import Label

FORMATS: Final = (".jsonl", ".csv")
STANDARD: Final = "-"
"""Names standard input in place of a file to read, and standard output in place of one to write."""

# Where a cell may begin, and what makes a formula of it (OWASP, CSV Injection). In Arabic and many European settings
# programs part cells at `;` and take quotation marks inside for text, so that lines within a cell begin cells as well.
_FORMULA: Final = re.compile(r'(?:^|(?<=[;\t\r\n]))(?="*[=+\-@\t\r＝＋－＠])')

# How rows of verdicts, facts and rejected rows begin, and thresholds.
_OURS: Final = re.compile(
    rb'\{"source": (?:null|"(?:[^"\\]|\\.)*+"), "(?:index|line|kind)": |\{"offense": '
    rb"|(?:\xef\xbb\xbf)?source,(?:index|line|kind),"
)
_HEAD: Final = 1 << 16  # bytes; also of the end of a Parquet file, where it names its columns


def check_writable(path: Path, inputs: Iterable[str | Path] = (), *, force: bool = True) -> None:
    """Raise `OutputError` early where a file could not be written, or is read: one of `inputs`, or in a folder there.

    An input may be `-`, and need not exist. Unless by `force`, no file is replaced that this program did not write.
    """
    if not path.parent.is_dir():
        raise OutputError(f"There is no folder {path.parent}; make it first.")
    if path.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK):
        raise OutputError(f"{path} cannot be written; choose another place.")
    if any(_is_within(path, source) for source in inputs):
        raise OutputError(f"{path} is being read; choose another place.")
    if force or not path.is_file():
        return
    with writing(path), path.open("rb") as file:
        head = file.read(_HEAD)
        file.seek(max(path.stat().st_size - _HEAD, 0))
        is_ours = not head or _OURS.match(head) or (head[:4] == b"PAR1" and b"score_victim_report" in file.read(_HEAD))
    if not is_ours:
        raise OutputError(
            f"{path} is no file that this program wrote; choose another place, or replace it with --force."
        )


def _is_within(path: Path, source: str | Path) -> bool:
    """Whether a file is the source, by whatever name, or lies in it; false where either is not there."""
    try:
        read = os.stat(0 if str(source) == STANDARD else source)  # noqa: PTH116  # 0 is standard input
        return os.path.samestat(path.stat(), read) or path.resolve().is_relative_to(Path(source).resolve())
    except (OSError, ValueError):  # also of a name that no file can have
        return False


def check_folder(path: Path, names: Iterable[str], inputs: Iterable[str | Path]) -> None:
    """Raise `OutputError` early where a folder could not be made, or files of these names not be written into it."""
    if path.exists() and not path.is_dir():
        raise OutputError(f"{path} is a file; name a folder for the model.")
    nearest = next(folder for folder in (path.resolve(), *path.resolve().parents) if folder.exists())
    if not os.access(nearest, os.W_OK):
        raise OutputError(f"{path} cannot be written; choose another place.")
    for name in names if path.exists() else ():
        check_writable(path / name, inputs)


@contextmanager
def writing(place: str | Path) -> Iterator[None]:
    """Make an `OutputError` that names the place of what the system refuses."""
    try:
        yield
    except OSError as error:
        raise OutputError(f"{place} cannot be written ({error.strerror}); choose another place.") from None


def write_text(path: Path, text: str) -> None:
    """Write a whole file, `?` in place of lone surrogates; `OutputError` where it cannot be written."""
    with writing(path):
        path.write_text(text, encoding="utf-8", errors="replace")


def message_row(source: str | None, entry: Entry) -> dict[str, Any]:
    """The row of one message: where it stands, who sent it and when, what is said of it, and its text.

    `index` counts from 0, as in `ChatVerdict`; reports and lists of facts count from 1.
    """
    return {"source": source, "index": entry.index, **entry.to_dict(), "text": entry.message.text}


class VerdictWriter(AbstractContextManager["VerdictWriter"]):
    """Writes rows to a `.jsonl` or `.csv` file, its `path`, as they come; `count` is how many there were.

    CSV is made for spreadsheet programs: it begins with a byte-order mark, so that they show Arabic rightly, lists are
    joined by `;`, and what they would run as a formula gets an apostrophe in front. JSON Lines are exact.
    They lie in a temporary folder beside it until the end of the `with`; where that fails, an older file stays.
    Rows of another make than `message_row` are written as they are. Raises `OutputError` where the file cannot be
    written.
    """

    def __init__(self, path: Path) -> None:
        self.count = 0
        self.path = path
        self._as_table = path.suffix == ".csv"
        encoding = "utf-8-sig" if self._as_table else "utf-8"
        self._target = path.resolve()
        in_place = (path.exists() and not path.is_file()) or not os.access(self._target.parent, os.W_OK)
        with writing(path):
            self._folder = None if in_place else TemporaryDirectory(dir=self._target.parent, prefix=".")
            place = Path(self._folder.name, path.name) if self._folder else path
            self._file = place.open("w", encoding=encoding, errors="backslashreplace", newline="")
            self._table = csv.writer(self._file)

    def write(self, row: dict[str, Any]) -> None:
        """Write one row."""
        with writing(self.path):
            if self._as_table:
                cells = _flatten(row) if "evidence" in row else row
                if not self.count:
                    self._table.writerow(cells)
                self._table.writerow(map(harmless_cell, cells.values()))
            else:
                self._file.write(json.dumps(row, ensure_ascii=False) + "\n")
        self.count += 1

    def __exit__(self, kind: object, *_: object) -> None:
        with writing(self.path), self._folder or nullcontext():
            self._file.close()
            if self._folder and kind is None:
                if self._target.exists():
                    copymode(self._target, self._file.name)
                Path(self._file.name).replace(self._target)


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


SCORED: Final = (".parquet", ".csv", ".jsonl")
"""What rows of whole tables are written as."""

_ROWS_AT_ONCE: Final = 16_000  # of Parquet

_SCORES: Final = [f"score_{label.value}" for label in Label]
_COLUMNS: Final = (
    "source", "line", "label", "flagged", "action", "probability", *_SCORES, "tactics", "evidence", "distress",
)  # fmt: skip


def verdict_row(source: str, line: int, verdict: Verdict) -> dict[str, Any]:
    """One row: where the message stood, the verdict, and its evidence as ranges of the message, without its text."""
    plain = verdict.to_dict()
    scores = zip(_SCORES, plain["scores"].values(), strict=True)
    spans = [{key: value for key, value in span.items() if key != "text"} for span in plain["evidence"]]
    told = {**plain, **dict(scores), "evidence": spans, "source": source, "line": line}
    return {column: told[column] for column in _COLUMNS}


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A new file to write into, which takes the place of `path` when it is whole and on the disk."""
    new = path.with_name(f"{path.name}.new")
    with new.open("wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


class LineFile:
    """JSON Lines, or CSV where the name ends so; sizes are bytes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = 0

    def holds(self, size: int) -> bool:
        """Whether so many bytes are there."""
        return size <= (self.path.stat().st_size if self.path.exists() else 0)

    def cut(self, size: int) -> None:
        """Drop all bytes from `size` on; 0 begins the file anew."""
        with self.path.open("r+b" if size else "wb") as file:
            file.truncate(size)
        self.size = size

    def add(self, rows: Sequence[dict[str, Any]]) -> None:
        """Write rows behind those before, and wait for the disk."""
        lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        text = self._as_csv(rows) if self.path.suffix == ".csv" else "".join(lines)
        encoded = text.encode("utf-8", "backslashreplace")
        with self.path.open("r+b") as file:
            file.seek(self.size)
            file.write(encoded)
            file.flush()
            os.fsync(file.fileno())
        self.size += len(encoded)

    def _as_csv(self, rows: Sequence[dict[str, Any]]) -> str:
        text = io.StringIO()
        writer = csv.DictWriter(text, _COLUMNS)
        if not self.size:
            writer.writeheader()
        for row in rows:
            cells = {**row, "tactics": ";".join(row["tactics"]), "evidence": _compact(row["evidence"])}
            writer.writerow({**cells, "source": harmless_cell(row["source"])})
        return text.getvalue()


def write_parquet(lines: Path, path: Path) -> None:
    """Make a Parquet file of rows in JSON Lines."""
    import pyarrow.parquet

    types = {
        "line": pyarrow.int64(),
        **dict.fromkeys(["flagged", "distress"], pyarrow.bool_()),
        "tactics": pyarrow.list_(pyarrow.string()),
        **dict.fromkeys(["probability", *_SCORES], pyarrow.float64()),
    }
    schema = pyarrow.schema([(name, types.get(name, pyarrow.string())) for name in _COLUMNS])
    with (
        lines.open(encoding="utf-8") as file,
        replacing(path) as target,
        pyarrow.parquet.ParquetWriter(target, schema, compression="zstd") as writer,
    ):
        while rows := [json.loads(line) for line in islice(file, _ROWS_AT_ONCE)]:
            cells = [{**row, "tactics": list(row["tactics"]), "evidence": _compact(row["evidence"])} for row in rows]
            writer.write_table(pyarrow.Table.from_pylist(cells, schema=schema))


def _compact(evidence: list[dict[str, Any]]) -> str:
    return json.dumps(evidence, ensure_ascii=False) if evidence else ""
