"""`train`, `evaluate`, `experiment`, `lexicon` and `corpus check`: the workshop, which needs the extra `train`."""

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from importlib import import_module
from json import JSONDecodeError
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any, Final

import typer

from sextortion_detect.cli.options import ForceOption, ModelOption, QuietOption, model_at
from sextortion_detect.cli.printing import FAULT, complain, errors, inform
from sextortion_detect.errors import InputError, needing
from sextortion_detect.model.shipped import shipped_folder
from sextortion_detect.model.storage import MANIFEST, VOCABULARY, WEIGHTS, save_model
from sextortion_detect.verdict_files import check_folder, check_writable, write_text

CorpusOption = Annotated[Path, typer.Option(help="The folder with messages/ and chats/.")]
TrafficOption = Annotated[
    Path | None, typer.Option(help="JSON Lines of real text (.gz too) to set thresholds and count false alarms.")
]


BackgroundOption = Annotated[
    list[Path] | None, typer.Option(help="JSON Lines of ordinary messages (.gz too) to fit against; may be repeated.")
]


def train(
    out: Annotated[Path, typer.Option(help="The folder to write the model to.")],
    *,
    corpus: CorpusOption = Path("datasets"),
    background: BackgroundOption = None,
    traffic: TrafficOption = None,
    n_jobs: Annotated[int, typer.Option("--jobs", help="Processes that read texts.")] = 2,
    quiet: QuietOption = False,
) -> None:
    """Fit a model on the corpus; with --background against ordinary traffic, with --traffic to set thresholds."""
    workshop = _workshop("fit")
    check_folder(out, _MODEL_FILES, _read(corpus, background, traffic))
    with _status("Reading, fitting and setting thresholds (minutes with a large background)", quiet=quiet):
        model, notes = workshop.train(out.resolve().name, corpus, background or [], traffic, n_jobs)
    save_model(model, out)
    for note in notes:
        complain(note)
    inform(f"Model written to {out}: {len(model.vectorizer):,} features.", quiet=quiet)


def evaluate(
    *,
    corpus: CorpusOption = Path("datasets"),
    traffic: TrafficOption = None,
    split: Annotated[str, typer.Option(help="Which rows to measure on: dev or test.")] = "test",
    model: ModelOption = None,
    card: Annotated[
        Path | None, typer.Option(help="Write the model card to this file, its picture and figures.json beside it.")
    ] = None,
    evasion: Annotated[
        bool, typer.Option("--evasion", help="Also measure on every disguise (minutes); kept in evasion.json.")
    ] = False,
    experiments: Annotated[
        bool,
        typer.Option(
            "--experiments",
            help="Also fit small models to compare (half an hour; needs --background); kept in experiments.json.",
        ),
    ] = False,
    background: BackgroundOption = None,
    quiet: QuietOption = False,
) -> None:
    """Measure a model on one split of the corpus and on real traffic, and write the figures into its card.

    What --evasion and --experiments found is kept beside the card and shown again when it is written without them.
    """
    workshop = _workshop("card")
    if card is not None:
        used = [(model or shipped_folder()) / name for name in _MODEL_FILES]
        check_writable(card, [*_read(corpus, background, traffic), *used])
    folder = None if card is None else card.parent
    with _status("Measuring", quiet=quiet), _kept_beside(card):
        text = workshop.describe(
            model_at(model), corpus, traffic, split, background or [], folder, evasion=evasion, experiments=experiments
        )
    if card is not None:
        write_text(card, text)
        inform(f"Card written to {card}.", quiet=quiet)
    else:
        sys.stdout.write(text + "\n")


def experiment(
    recipes: Annotated[
        list[str],
        typer.Argument(metavar="RECIPE...", help="JSON or TOML, as text or a file: only the fields that differ."),
    ],
    *,
    corpus: CorpusOption = Path("datasets"),
    background: BackgroundOption = None,
    traffic: TrafficOption = None,
    out: Annotated[
        Path | None, typer.Option(help="The folder of a card: append what was found to experiments.json in it.")
    ] = None,
    n_jobs: Annotated[int, typer.Option("--jobs", help="Recipes that are tried at once.")] = 2,
    quiet: QuietOption = False,
) -> None:
    """Try recipes on a small part of the corpus and of the background, beside the default one; prints one table.

    About two minutes a recipe. Needs --background; --traffic sets thresholds and counts false alarms. Conversations,
    tactics and budgets are not tried.
    """
    workshop = _workshop("experiments")
    if out is not None:
        check_writable(out / "experiments.json", [*recipes, *_read(corpus, background, traffic)])
    with _status("Fitting and measuring", quiet=quiet):
        run = workshop.try_recipes(recipes, corpus, background or [], traffic, n_jobs)
    if out is not None:
        with _kept_beside(out / "CARD.md"):
            _workshop("card").keep_run(run, out)
    sys.stdout.write(workshop.experiments_table(run) + "\n")
    if out is not None:
        inform(f"Appended to {out / 'experiments.json'}.", quiet=quiet)


def lexicon(
    out: Annotated[Path, typer.Option(help="The file to write the words to, one a line.")],
    *,
    corpus: CorpusOption = Path("datasets"),
    background: BackgroundOption = None,
    force: ForceOption = False,
    quiet: QuietOption = False,
) -> None:
    """List the words that people write, commonest first: of the train rows, the concepts, and ordinary messages.

    A model knows only the words that it was trained with, so train again after changing those of the package.
    """
    check_writable(out, _read(corpus, background), force=force)
    with _status("Counting words", quiet=quiet):
        words = _workshop("vocabulary").list_words(corpus, background or [])
    write_text(out, "\n".join(words) + "\n")
    inform(f"{len(words):,} words written to {out}.", quiet=quiet)


def check(
    *,
    corpus: CorpusOption = Path("datasets"),
    markdown: Annotated[Path | None, typer.Option(help="Also write the table to this file.")] = None,
    readme: Annotated[
        Path | None, typer.Option(help="Also write how many rows there are between the marks of this file.")
    ] = None,
    quiet: QuietOption = False,
) -> None:
    """Hold the corpus to its bounds: size, breadth, sameness, and agreement of two readings.

    Exit code 0 when every figure keeps its bound, 1 when one does not, 2 when the corpus cannot be read.
    """
    workshop = _workshop("corpus_check")
    for path, others in ((markdown, [readme] if readme else []), (readme, [])):
        if path is not None:
            check_writable(path, [*_read(corpus), *others])
    older = None if readme is None else readme.read_text(encoding="utf-8")
    with _status("Checking", quiet=quiet):
        checks, counts = workshop.check(corpus)
    if readme is not None:
        write_text(readme, workshop.with_counts(older, counts))
    table = workshop.to_markdown(checks)
    sys.stdout.write(table + "\n")
    if markdown is not None:
        write_text(markdown, f"# Checks of the corpus\n\nWritten by `sextortion-detect corpus check`.\n\n{table}\n")
    if not all(one.holds for one in checks):
        raise typer.Exit(FAULT)


_MODEL_FILES: Final = (MANIFEST, WEIGHTS, VOCABULARY)


def _read(corpus: Path, background: list[Path] | None = None, traffic: Path | None = None) -> list[Path]:
    """The files and folders that a command reads: of the corpus, without what is written about it, and of real text."""
    given = [*(background or []), *([traffic] if traffic else [])]
    return [*given, corpus / "messages", corpus / "chats", *corpus.glob("*.csv")]


@contextmanager
def _kept_beside(card: Path | None) -> Iterator[None]:
    """Make a sentence of what the parser says of the JSON files beside a card."""
    try:
        yield
    except (JSONDecodeError, RecursionError):
        raise InputError(f"A JSON file beside {card} is damaged; delete it, or name another place.") from None


def _status(saying: str, *, quiet: bool) -> AbstractContextManager[Any]:
    return nullcontext() if quiet else errors().status(saying)


def _workshop(module: str) -> ModuleType:
    with needing("Training needs", "train"):
        return import_module(f"sextortion_detect.training.{module}")
