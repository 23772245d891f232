"""`score`: whole tables of messages, with a bar, and a way to go on after an interruption."""

from pathlib import Path
from typing import Annotated, Final

import typer
from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn

import sextortion_detect.cli.options as common
from sextortion_detect.cli.printing import BAD_INPUT, complain, inform, passing_bar
from sextortion_detect.scoring.score_tables import HowFar, score_tables

_COLUMNS: Final = (
    TextColumn("{task.fields[rows]:,} rows"), TextColumn("{task.fields[rate]:,.0f}/s"),
    BarColumn(), TaskProgressColumn(), TimeRemainingColumn(),
)  # fmt: skip
"""Rows and their rate; the share that is done and the time left where sizes are known."""


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
    with passing_bar(*_COLUMNS, quiet=quiet) as bar:
        task = bar.add_task("", total=None, rows=0, rate=0.0)
        first: list[int] = []  # rows after the first block: a run that goes on does not count those of the one before

        def show(far: HowFar) -> None:
            first[:] = first or [far.rows]
            elapsed = bar.tasks[task].elapsed or 0.0
            rate = (far.rows - first[0]) / elapsed if elapsed else 0.0
            bar.update(task, completed=far.read, total=far.size, rows=far.rows, rate=rate)

        done = score_tables(
            tables,
            out,
            column=text_column,
            model=used,
            thresholds=common.thresholds_at(thresholds),
            resume=resume,
            force=force,
            n_jobs=n_jobs,
            progress=show,
        )
    inform(f"{done.judged} verdicts written to {out}.", quiet=quiet)
    if done.rejected:
        complain(f"{done.rejected} rows could not be read; {out}.rejected says which and why.")
        raise typer.Exit(BAD_INPUT)
