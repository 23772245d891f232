"""`thresholds`: what a budget of false alarms means on a platform's own ordinary texts."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from sextortion_detect.budget_thresholds import thresholds_for
from sextortion_detect.cli.options import ModelOption, QuietOption, model_at
from sextortion_detect.cli.printing import inform
from sextortion_detect.errors import InputError
from sextortion_detect.verdict_files import check_writable


def thresholds(
    file: Annotated[Path, typer.Argument(help="Ordinary messages: one a line, or JSON Lines with the field text.")],
    *,
    budget: Annotated[float, typer.Option("--budget", help="The share of them that may be flagged.")] = 1e-3,
    strike: Annotated[
        list[int] | None, typer.Option("--strike", help="Number of a line to leave out, an offense; may be repeated.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Also write the thresholds to this JSON file.")] = None,
    model: ModelOption = None,
    quiet: QuietOption = False,
) -> None:
    """Set thresholds on ordinary messages of your own; commands take the file as --thresholds own.json.

    The lines that score highest are named by number: read them, and strike out with --strike what is an offense.
    """
    if out is not None:
        check_writable(out)
    numbers, texts = zip(*_lines(file), strict=True) if file.exists() and file.stat().st_size else ((), ())
    if not texts:
        raise InputError(f"There is no message in {file}; give a file with one a line.")
    place_of = {number: place for place, number in enumerate(numbers)}
    if unknown := [number for number in strike or () if number not in place_of]:
        raise InputError(f"There is no message on line {unknown[0]}; name lines that have one.")
    own = thresholds_for(texts, budget, without={place_of[number] for number in strike or ()}, model=model_at(model))
    chosen = json.dumps(own.thresholds)
    if out is not None:
        out.write_text(chosen + "\n", encoding="utf-8")
    typer.echo(chosen)
    inform(f"Lines that score highest: {', '.join(str(numbers[place]) for place in own.highest)}.", quiet=quiet)


def _lines(file: Path) -> Iterator[tuple[int, str]]:
    """The messages of a file, each with the number of its line, from 1; what is no message is passed over."""
    with file.open(encoding="utf-8", errors="replace") as lines:
        for number, line in enumerate(lines, start=1):
            text = line.strip()
            if text.startswith("{"):
                try:
                    text = json.loads(text)["text"]
                except (ValueError, KeyError, TypeError):
                    continue
            if isinstance(text, str) and text.strip():
                yield number, text
