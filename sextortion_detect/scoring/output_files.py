"""Files of verdicts that can be gone on with after a crash: rows are added in blocks, and a block is there or not."""

import csv
import io
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from typing import Any, BinaryIO, Final

from sextortion_detect.readers.table_rows import needed
from sextortion_detect.records import Verdict
from sextortion_detect.taxonomy import Action, Label
from sextortion_detect.verdict_files import harmless_cell

FORMATS: Final = (".parquet", ".csv", ".jsonl")

_SCORES: Final = [f"score_{label.value}" for label in Label]

Row = dict[str, Any]


def verdict_row(source: str, line: int, verdict: Verdict) -> Row:
    """One row: where the message stood, the verdict, and its evidence as ranges of the message, without its text."""
    row: Row = {"source": source, "line": line}
    for name, value in verdict.to_dict().items():
        if name == "scores":
            row |= zip(_SCORES, value.values(), strict=True)
        else:
            row[name] = value
    row["evidence"] = [{key: value for key, value in span.items() if key != "text"} for span in row["evidence"]]
    return row


_COLUMNS: Final = [*verdict_row("", 0, Verdict(Label.BENIGN, False, Action.NONE, dict.fromkeys(Label, 0.0)))]


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
        self._path = path
        self._is_csv = path.suffix == ".csv"
        self.size = 0

    def holds(self, size: int) -> bool:
        """Whether so many bytes are there."""
        return size <= (self._path.stat().st_size if self._path.exists() else 0)

    def cut(self, size: int) -> None:
        """Drop all bytes from `size` on; 0 begins the file anew."""
        with self._path.open("r+b" if size else "wb") as file:
            file.truncate(size)
        self.size = size

    def add(self, rows: Sequence[Row]) -> None:
        """Write rows behind those before, and wait for the disk."""
        lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        encoded = (self._as_csv(rows) if self._is_csv else "".join(lines)).encode("utf-8", "backslashreplace")
        with self._path.open("r+b") as file:
            file.seek(self.size)
            file.write(encoded)
            file.flush()
            os.fsync(file.fileno())
        self.size += len(encoded)

    def finish(self) -> None:
        """Nothing is left to do."""

    def clear(self) -> None:
        """Nothing is left over."""

    def remove(self) -> None:
        """Remove the file."""
        self._path.unlink(missing_ok=True)

    def _as_csv(self, rows: Sequence[Row]) -> str:
        text = io.StringIO()
        writer = csv.DictWriter(text, _COLUMNS)
        if not self.size:
            writer.writeheader()
        for row in rows:
            cells = {**row, "tactics": ";".join(row["tactics"]), "evidence": _compact(row["evidence"])}
            writer.writerow({**cells, "source": harmless_cell(row["source"])})
        return text.getvalue()


class ParquetFile:
    """Parquet: blocks are files of their own in a folder beside it until `finish` makes them one; sizes are blocks."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._folder = path.with_name(f"{path.name}.parts")
        self._pyarrow = needed("pyarrow.parquet", "Writing", str(path))
        self.size = 0

    def holds(self, size: int) -> bool:
        """Whether so many blocks are there."""
        return all(self._part(number).exists() for number in range(size))

    def cut(self, size: int) -> None:
        """Drop all blocks from that number on."""
        self._folder.mkdir(exist_ok=True)
        for part in self._folder.iterdir():
            if not part.stem.isdigit() or int(part.stem) >= size:
                part.unlink()
        self.size = size

    def add(self, rows: Sequence[Row]) -> None:
        """Write one more block, whole or not at all."""
        cells = [{**row, "tactics": list(row["tactics"]), "evidence": _compact(row["evidence"])} for row in rows]
        with replacing(self._part(self.size)) as file:
            table = self._pyarrow.Table.from_pylist(cells, schema=self._schema())
            self._pyarrow.parquet.write_table(table, file, compression="zstd")
        self.size += 1

    def finish(self) -> None:
        """Make one file of the blocks."""
        parquet = self._pyarrow.parquet
        with replacing(self._path) as file, parquet.ParquetWriter(file, self._schema(), compression="zstd") as writer:
            for number in range(self.size):
                writer.write_table(parquet.read_table(self._part(number)))

    def _part(self, number: int) -> Path:
        return self._folder / f"{number:08}.parquet"

    def clear(self) -> None:
        """Remove the blocks."""
        rmtree(self._folder, ignore_errors=True)

    def _schema(self) -> Any:
        pyarrow = self._pyarrow
        types = {
            "line": pyarrow.int64(),
            **dict.fromkeys(["flagged", "distress"], pyarrow.bool_()),
            "tactics": pyarrow.list_(pyarrow.string()),
            **dict.fromkeys(["probability", *_SCORES], pyarrow.float64()),
        }
        return pyarrow.schema([(name, types.get(name, pyarrow.string())) for name in _COLUMNS])


def _compact(evidence: list[dict[str, Any]]) -> str:
    return json.dumps(evidence, ensure_ascii=False) if evidence else ""


Sink = LineFile | ParquetFile
"""Where rows go. `size` tells how much was added; `cut` takes back what was added after it was that size."""
