"""`score`: whole tables of messages, with a bar, and a way to go on after an interruption."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

import sextortion_detect.cli.options as common
from sextortion_detect.cli.printing import BAD_INPUT, complain, errors, inform
from sextortion_detect.scoring.score_tables import HowFar, score_tables


def score(
    tables: Annotated[
        list[str], typer.Argument(help="CSV, JSON Lines or Parquet, .gz too; - is standard input.", show_default=False)
    ],
    *,
    out: Annotated[Path, typer.Option("--out", help="Where verdicts go: .parquet, .csv or .jsonl.")],
    text_column: Annotated[str, typer.Option("--text-column", help="The column with the messages.")] = "text",
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a run that was interrupted.")] = False,
    n_jobs: Annotated[int, typer.Option("--jobs", min=1, help="Processes that judge.")] = 1,
    force: common.ForceOption = False,
    thresholds: common.ThresholdsOption = None,
    quiet: common.QuietOption = False,
    model: common.ModelOption = None,
) -> None:
    """Judge every row of some tables; rows that cannot be read go to a .rejected file beside the verdicts."""
    used = common.model_at(model)
    with _bar(quiet=quiet) as progress:
        done = score_tables(
            tables,
            out,
            column=text_column,
            model=used,
            thresholds=common.thresholds_at(thresholds),
            resume=resume,
            force=force,
            n_jobs=n_jobs,
            progress=progress,
        )
    inform(f"{done.judged} verdicts written to {out}.", quiet=quiet)
    if done.rejected:
        complain(f"{done.rejected} rows could not be read; {out}.rejected says which and why.")
        raise typer.Exit(BAD_INPUT)


@contextmanager
def _bar(*, quiet: bool) -> Iterator[Callable[[HowFar], None]]:
    """A callback that shows rows and their rate; the share that is done and the time left where sizes are known."""
    console = errors()
    if quiet or not console.is_terminal:
        yield lambda _far: None
        return
    columns = (
        TextColumn("{task.fields[rows]:,} rows"),
        TextColumn("{task.fields[rate]:,.0f}/s"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=None, rows=0, rate=0.0)
        first: list[int] = []  # rows after the first block: a run that goes on does not count those of the one before

        def show(far: HowFar) -> None:
            first[:] = first or [far.rows]
            elapsed = bar.tasks[task].elapsed or 0.0
            rate = (far.rows - first[0]) / elapsed if elapsed else 0.0
            bar.update(task, completed=far.read, total=far.size, rows=far.rows, rate=rate)

        yield show
