"""Files of verdicts that can be gone on with after a crash: rows are added in blocks, and a block is there or not."""

import csv
import io
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Final

from sextortion_detect.records import Verdict
from sextortion_detect.taxonomy import Label
from sextortion_detect.verdict_files import harmless_cell

FORMATS: Final = (".parquet", ".csv", ".jsonl")
_ROWS_AT_ONCE: Final = 16_000  # of Parquet

_SCORES: Final = [f"score_{label.value}" for label in Label]
_COLUMNS: Final = (
    "source", "line", "label", "flagged", "action", "probability", *_SCORES, "tactics", "evidence", "distress",
)  # fmt: skip

Row = dict[str, Any]


def verdict_row(source: str, line: int, verdict: Verdict) -> Row:
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

    def add(self, rows: Sequence[Row]) -> None:
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

    def _as_csv(self, rows: Sequence[Row]) -> str:
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
