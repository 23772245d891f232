"""`thresholds`: what a budget of false alarms means on a platform's own ordinary texts."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from sextortion_detect.budget_thresholds import thresholds_for
from sextortion_detect.cli.options import ForceOption, ModelOption, QuietOption, model_at
from sextortion_detect.cli.printing import BAD_INPUT, complain, inform
from sextortion_detect.errors import InputError
from sextortion_detect.scoring.input_tables import GoodRow, Table
from sextortion_detect.verdict_files import check_ours, check_writable, write_text


def thresholds(
    table: Annotated[
        str, typer.Argument(help="Ordinary messages: CSV, JSON Lines or Parquet, .gz too; - is standard input.")
    ],
    *,
    text_column: Annotated[str, typer.Option("--text-column", help="The column with the messages.")] = "text",
    budget: Annotated[float, typer.Option("--budget", help="The share of them that may be flagged.")] = 1e-3,
    strike: Annotated[
        list[int] | None, typer.Option("--strike", help="Number of a line to leave out, an offense; may be repeated.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Also write the thresholds to this JSON file.")] = None,
    force: ForceOption = False,
    model: ModelOption = None,
    quiet: QuietOption = False,
) -> None:
    """Set thresholds on ordinary messages of your own; commands take the file as --thresholds own.json.

    The lines that score highest are named by number: read them, and strike out with --strike what is an offense.
    """
    if out is not None:
        check_writable(out, [table])
        check_ours(out, force=force)
    rows = [*Table.named(table, text_column).rows()]
    good = [row for row in rows if isinstance(row, GoodRow)]
    place_of = {row.line: place for place, row in enumerate(good)}
    if unknown := [line for line in strike or () if line not in place_of]:
        raise InputError(f"There is no message on line {unknown[0]}; name lines that have one.")
    left_out = {place_of[line] for line in strike or ()}
    own = thresholds_for([row.text for row in good], budget, without=left_out, model=model_at(model))
    chosen = json.dumps(own.thresholds)
    if out is not None:
        write_text(out, chosen + "\n")
    sys.stdout.write(chosen + "\n")
    inform(f"Lines that score highest: {', '.join(str(good[place].line) for place in own.highest)}.", quiet=quiet)
    if len(good) < len(rows):
        complain(f"{len(rows) - len(good)} rows could not be read and set no threshold.")
        raise typer.Exit(BAD_INPUT)
