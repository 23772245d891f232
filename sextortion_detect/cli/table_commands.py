"""`score` and `thresholds`: whole tables of messages judged, and what a budget of false alarms means on one's own."""

import json
import sys
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn

import sextortion_detect.cli.options as common
from sextortion_detect.budget_thresholds import thresholds_for
from sextortion_detect.cli.printing import BAD_INPUT, complain, inform, locale_language, passing_bar
from sextortion_detect.errors import InputError
from sextortion_detect.scoring.input_tables import GoodRow, Table
from sextortion_detect.scoring.score_tables import HowFar, score_tables
from sextortion_detect.verdict_files import check_writable, write_text
from sextortion_detect.wording import wording

_COLUMNS: Final = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
"""Rows and their rate; the share that is done and the time left where sizes are known."""


def score(
    tables: Annotated[
        list[str], typer.Argument(help="CSV, JSON Lines or Parquet, .gz too; - is standard input.", show_default=False)
    ],
    *,
    out: Annotated[Path, typer.Option(help="Where verdicts go: .parquet, .csv or .jsonl.")],
    text_column: Annotated[str, typer.Option(help="The column with the messages.")] = "text",
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
        task, ui = bar.add_task("", total=None), wording(locale_language())
        first: list[int] = []  # rows after the first block: a run that goes on does not count those of the one before

        def show(far: HowFar) -> None:
            first[:] = first or [far.rows]
            elapsed = bar.tasks[task].elapsed or 0.0
            rate = round((far.rows - first[0]) / elapsed) if elapsed else 0
            told = ui.told(f"{ui.number(far.rows)} rows, {ui.number(rate)} a second")
            bar.update(task, completed=far.read, total=far.size, description=told)

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


def thresholds(
    table: Annotated[
        str, typer.Argument(help="Ordinary messages: CSV, JSON Lines or Parquet, .gz too; - is standard input.")
    ],
    *,
    text_column: Annotated[str, typer.Option(help="The column with the messages.")] = "text",
    budget: Annotated[float, typer.Option(help="The share of them that may be flagged.")] = 1e-3,
    strike: Annotated[
        list[int] | None, typer.Option(help="Number of a line to leave out, an offense; may be repeated.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Also write the thresholds to this JSON file.")] = None,
    force: common.ForceOption = False,
    model: common.ModelOption = None,
    quiet: common.QuietOption = False,
) -> None:
    """Set thresholds on ordinary messages of your own; commands take the file as --thresholds own.json.

    The lines that score highest are named by number: read them, and strike out with --strike what is an offense.
    """
    if out is not None:
        check_writable(out, [table], force=force)
    rows = [*Table(table, text_column).rows()]
    good = [row for row in rows if isinstance(row, GoodRow)]
    place_of = {row.line: place for place, row in enumerate(good)}
    if unknown := [line for line in strike or () if line not in place_of]:
        raise InputError(f"There is no message on line {unknown[0]}; name lines that have one.")
    left_out = {place_of[line] for line in strike or ()}
    own = thresholds_for([row.text for row in good], budget, without=left_out, model=common.model_at(model))
    chosen = json.dumps(own.thresholds)
    if out is not None:
        write_text(out, chosen + "\n")
    sys.stdout.write(chosen + "\n")
    inform(f"Lines that score highest: {', '.join(str(good[place].line) for place in own.highest)}.", quiet=quiet)
    if len(good) < len(rows):
        complain(f"{len(rows) - len(good)} rows could not be read and set no threshold.")
        raise typer.Exit(BAD_INPUT)
