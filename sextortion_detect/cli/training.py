"""`train` and `evaluate`: the workshop, which needs the extra `train`."""

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any

import typer

from sextortion_detect.cli.shared import ModelOption, QuietOption, model_at
from sextortion_detect.cli.voice import complain, errors, inform
from sextortion_detect.errors import InputError
from sextortion_detect.export import check_folder, check_writable
from sextortion_detect.model.storage import save_model

CorpusOption = Annotated[Path, typer.Option("--corpus", help="The folder with messages/ and chats/.")]
TrafficOption = Annotated[
    Path | None,
    typer.Option("--traffic", help="JSON Lines of real text (.gz too) to set thresholds and count false alarms."),
]


def train(
    out: Annotated[Path, typer.Option("--out", help="The folder to write the model to.")],
    *,
    corpus: CorpusOption = Path("datasets"),
    background: Annotated[
        list[Path] | None,
        typer.Option("--background", help="JSON Lines of ordinary messages (.gz too) to fit against; may be repeated."),
    ] = None,
    traffic: TrafficOption = None,
    n_jobs: Annotated[int, typer.Option("--jobs", help="Processes that read texts.")] = 2,
    quiet: QuietOption = False,
) -> None:
    """Fit a model on the corpus; with --background against ordinary traffic, with --traffic to set thresholds."""
    workshop = _workshop()
    check_folder(out)
    with _status("Reading, fitting and setting thresholds (minutes with a large background)", quiet=quiet):
        model, notes = workshop.train(out.resolve().name, corpus, background or [], traffic, n_jobs)
    save_model(model, out)
    for note in notes:
        complain(note)
    inform(f"Model written to {out}: {len(model.vectorizer.idf):,} features.", quiet=quiet)


def evaluate(
    *,
    corpus: CorpusOption = Path("datasets"),
    traffic: TrafficOption = None,
    split: Annotated[str, typer.Option("--split", help="Which rows to measure on: dev or test.")] = "test",
    model: ModelOption = None,
    card: Annotated[Path | None, typer.Option("--card", help="Write the model card to this file.")] = None,
    quiet: QuietOption = False,
) -> None:
    """Measure a model on one split of the corpus and on real traffic, and write the figures into its card."""
    workshop = _workshop()
    if card is not None:
        check_writable(card)
    with _status("Measuring", quiet=quiet):
        text = workshop.describe(model_at(model), corpus, traffic, split)
    if card is not None:
        card.write_text(text, encoding="utf-8")
        inform(f"Card written to {card}.", quiet=quiet)
    else:
        typer.echo(text)


def _status(saying: str, *, quiet: bool) -> AbstractContextManager[Any]:
    return nullcontext() if quiet else errors().status(saying)


def _workshop() -> ModuleType:
    try:
        from sextortion_detect.training import workshop
    except ImportError as error:
        raise InputError(
            f"Training needs {error.name}, which is not installed; run: pip install 'sextortion-detect[train]'"
        ) from None
    return workshop
