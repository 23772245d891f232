"""Whole tables judged, block by block, in a way that outlives a crash: nothing is scored twice, and nothing is lost.

After each block its verdicts, then the rejected rows, then a journal are on the disk, in that order, the journal by an
atomic rename. Whatever happens in between, `resume` cuts both files to what the journal says and goes on behind it,
once it has seen that the tables begin with the same rows as before, by a digest of all that were read.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any, Final, NamedTuple

from sextortion_detect.classify import classify
from sextortion_detect.decision_thresholds import ThresholdChoice, Thresholds
from sextortion_detect.errors import InputError, needing
from sextortion_detect.model.linear import Model
from sextortion_detect.model.shipped import checked_model
from sextortion_detect.scoring.input_tables import BadRow, GoodRow, Table
from sextortion_detect.verdict_files import SCORED, LineFile, check_writable, replacing, verdict_row, write_parquet

_BLOCK: Final = 4_000  # rows between two journal entries
_BLOCK_OF_JOB: Final = 16_000  # for each process, so that all of them have enough to do


class HowFar(NamedTuple):
    """How far a run has come: rows so far, and bytes read of all bytes, where the tables have sizes."""

    rows: int
    read: int
    size: int | None


@dataclass(slots=True)
class Done:
    """What a run, or several that went on with each other, have written: rows with a verdict, and rows rejected.

    The sizes are those of the two files, `rows` the SHA-256 of all rows that were read.
    """

    judged: int = 0
    rejected: int = 0
    size: int = 0
    rejected_size: int = 0
    rows: str = hashlib.sha256().hexdigest()


def score_tables(
    tables: Sequence[str],
    out: Path,
    *,
    column: str = "text",
    model: Model | None = None,
    thresholds: ThresholdChoice | None = None,
    resume: bool = False,
    force: bool = False,
    n_jobs: int = 1,
    progress: Callable[[HowFar], object] | None = None,
) -> Done:
    """Write a verdict for each row of some tables to `out`, and rows that cannot be read to `out` + `.rejected`.

    `out` ends in `.parquet`, `.csv` or `.jsonl`; columns: `source`, `line`, the fields of the verdict. Rejected rows
    are JSON Lines with `source`, `line` and `reason`. `thresholds` as in `classify`. `resume` goes on with a run
    that was interrupted, given the same tables, model and thresholds; where none was, it begins anew. `force` replaces
    files that this program did not write.

    Raises `InputError` where a table or the target cannot be used, which says what was kept, and where there is no
    going on: the tables, the model, the thresholds or the verdicts are others than they were.
    """
    opened = [Table(name, column) for name in tables]
    used = checked_model(model)
    limits = Thresholds.of(used, thresholds)  # what does not exist is told before anything is written
    run = _Run(tables, out, [column, used.manifest, repr(limits)], resume=resume, force=force)
    sizes = [table.size for table in opened]
    size = None if None in sizes else sum(size or 0 for size in sizes)
    rows = ((table.name, row) for table in opened for row in table.rows())
    run.begin(islice(rows, run.done.judged + run.done.rejected))
    for block in _blocks(rows, _BLOCK if n_jobs == 1 else abs(n_jobs) * _BLOCK_OF_JOB):
        run.write(block, _verdict_rows(block, used, thresholds, n_jobs))
        if progress is not None:
            progress(HowFar(run.done.judged + run.done.rejected, sum(table.read for table in opened), size))
    run.finish()
    return run.done


Placed = tuple[str, GoodRow | BadRow]
"""A row behind the name of its table."""

Block = list[Placed]


def _blocks(rows: Iterable[Placed], size: int) -> Iterator[Block]:
    """The rows in blocks; a table that breaks off gives what came before."""
    damage: list[InputError] = []

    def whole() -> Iterator[Placed]:
        try:
            yield from rows
        except InputError as error:
            damage.append(error)

    kept = whole()
    while block := list(islice(kept, size)):
        yield block
    for error in damage:
        raise error


def _verdict_rows(block: Block, model: Model, thresholds: ThresholdChoice | None, n_jobs: int) -> list[dict[str, Any]]:
    good = [(source, row) for source, row in block if isinstance(row, GoodRow)]
    verdicts = classify([row.text for _, row in good], model=model, thresholds=thresholds, n_jobs=n_jobs)
    return [verdict_row(source, row.line, verdict) for (source, row), verdict in zip(good, verdicts, strict=True)]


class _Run:
    """The files of a run and its journal; rows of Parquet wait beside it as JSON Lines until all are there."""

    def __init__(self, tables: Sequence[str], out: Path, how: Sequence[object], *, resume: bool, force: bool) -> None:
        if out.suffix not in SCORED:
            raise InputError(f"{out} must end in {', '.join(SCORED)}, which says how to write the verdicts.")
        self._out, self._journal = out, out.with_name(f"{out.name}.progress")
        self._rejected = LineFile(out.with_name(f"{out.name}.rejected"))
        is_parquet = out.suffix == ".parquet"
        self._rows = LineFile(out.with_name(f"{out.name}.rows") if is_parquet else out)
        for path in (out, self._journal, self._rejected.path, self._rows.path):
            check_writable(path, tables)
        self._same = hashlib.sha256(json.dumps([*tables, *how], sort_keys=True).encode()).hexdigest()
        self._seen = hashlib.sha256()
        self.done = Done()
        if self._journal.exists():
            if not resume:
                raise InputError(
                    f"{out} was begun and not finished; go on with --resume, or delete {self._journal} first."
                )
            self._read_journal()
        else:
            for path in (out, self._rejected.path, self._rows.path):
                check_writable(path, force=force)
        if is_parquet:  # told before anything is written
            with needing(f"Writing {out} needs", "tables-io"):
                import_module("pyarrow.parquet")
        if not (self._rows.holds(self.done.size) and self._rejected.holds(self.done.rejected_size)):
            raise InputError(f"{out} or {out}.rejected was cut since; delete {self._journal} and begin anew.")

    def begin(self, passed: Iterable[Placed]) -> None:
        """Make the files ready, once the rows that a run before has done have gone by; `InputError` if they differ."""
        self._see(passed)
        if self._seen.hexdigest() != self.done.rows:
            raise InputError(
                f"The rows that {self._out} has verdicts of are others now; give those back, or name another --out."
            )
        with self._complaining():
            self._note(self.done)  # first of all: a target without a journal belongs to no run that could go on
            self._rows.cut(self.done.size)
            self._rejected.cut(self.done.rejected_size)

    def _see(self, rows: Iterable[Placed]) -> None:
        for source, row in rows:
            self._seen.update(repr((source, *row)).encode())

    def write(self, block: Block, rows: list[dict[str, Any]]) -> None:
        """Put a block on the disk: all of it, or nothing that a later run would see."""
        bad = [{"source": source, **row._asdict()} for source, row in block if isinstance(row, BadRow)]
        self._see(block)
        with self._complaining():
            if rows:
                self._rows.add(rows)
            if bad:
                self._rejected.add(bad)
            judged, rejected = self.done.judged + len(rows), self.done.rejected + len(bad)
            self._note(Done(judged, rejected, self._rows.size, self._rejected.size, self._seen.hexdigest()))

    def finish(self) -> None:
        """Make the file of verdicts complete; a file of no rejected rows is not left behind."""
        with self._complaining():
            if self._rows.path != self._out:
                write_parquet(self._rows.path, self._out)
            if not self._rejected.size:
                self._rejected.path.unlink(missing_ok=True)
            self._journal.unlink()
            if self._rows.path != self._out:
                self._rows.path.unlink()

    def _note(self, done: Done) -> None:
        with replacing(self._journal) as file:
            file.write(json.dumps({"of": self._same, **asdict(done)}).encode("ascii"))
        self.done = done

    def _read_journal(self) -> None:
        try:
            record = json.loads(self._journal.read_text(encoding="ascii"))
            same = record.pop("of")
            self.done = Done(**record)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            raise InputError(f"{self._journal} is damaged; delete it and begin anew.") from None
        if same != self._same:
            raise InputError(
                f"{self._out} was begun with other tables, another column, another model or other thresholds; name "
                "those, or another --out."
            )

    @contextmanager
    def _complaining(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise InputError(
                f"{self._out} cannot be written any further ({error.strerror}); {self.done.judged} verdicts are kept: "
                "make room and go on with --resume."
            ) from None
