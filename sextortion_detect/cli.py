"""The command line: `sextortion-detect classify | scan | train | evaluate`.

Data goes to standard output, progress and complaints to standard error. Exit codes: 0 done, 2 something given cannot
be used (one sentence on standard error says what to do; what could be done was done).
"""

import json
import sys
from collections.abc import Iterator
from importlib.metadata import version
from io import TextIOWrapper
from pathlib import Path
from types import ModuleType
from typing import Annotated, BinaryIO, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from sextortion_detect.classify import classify as judge_texts
from sextortion_detect.errors import DetectError, InputError
from sextortion_detect.export import check_folder, check_target, check_writable, write_verdicts
from sextortion_detect.model.linear import Model
from sextortion_detect.model.shipped import shipped_model
from sextortion_detect.model.storage import load_model, save_model
from sextortion_detect.readers.open import read_chats
from sextortion_detect.records import Chat, ChatVerdict
from sextortion_detect.report import show_chat, show_verdict

BAD_INPUT: Final = 2

_READ_AT_ONCE: Final = 1 << 16  # bytes of standard input
_LONG_WORK: Final = 2_000  # messages; shorter chats are done before a bar could be read

app = typer.Typer(
    help="Find blackmail and grooming in Arabic messages. Exit codes: 0 done, 2 something given cannot be used.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # they print local variables: messages
    rich_markup_mode="rich",
)

ModelOption = Annotated[Path | None, typer.Option("--model", help="A model folder instead of the shipped model.")]
ColumnOption = Annotated[str | None, typer.Option(help="Name of this column, where a table of messages is read.")]
CorpusOption = Annotated[Path, typer.Option("--corpus", help="The folder with messages/ and chats/.")]
TrafficOption = Annotated[
    Path | None,
    typer.Option("--traffic", help="JSON Lines of real text (.gz too) to set thresholds and count false alarms."),
]


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(version("sextortion-detect"))
        raise typer.Exit


@app.callback()
def options(
    *,
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Find blackmail and grooming in Arabic messages. Exit codes: 0 done, 2 something given cannot be used."""


def main() -> None:
    """Run the command line; an error that we foresaw becomes one sentence and exit code 2."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(
            stream, TextIOWrapper
        ):  # Arabic must come out on every machine, and odd file names must not stop it
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        app()
    except DetectError as error:
        _complain(str(error))
        sys.exit(BAD_INPUT)


@app.command()
def classify(
    text: Annotated[
        str | None, typer.Argument(help="The message; without it, lines are read from standard input.")
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print the verdict as JSON.")] = False,
    model: ModelOption = None,
) -> None:
    """Judge one message, or each line of standard input (then JSON Lines are printed, one verdict a line).

    Examples:  sextortion-detect classify "معي صورك"  ·  sextortion-detect classify < messages.txt > verdicts.jsonl
    A message that begins with a dash goes after two dashes:  sextortion-detect classify -- "- معي صورك"
    """
    used = _model(model)
    if text is None:
        sys.exit(_classify_lines(sys.stdin.buffer, used))
    verdict = judge_texts(text, model=used)
    if as_json:
        _print_json(verdict.to_dict())
    else:
        console = _output()
        console.print(show_verdict(text, verdict, styled=console.is_terminal))


@app.command()
def scan(
    exports: Annotated[
        list[Path], typer.Argument(help="Exported chats, zips, folders, or tables of messages.", show_default=False)
    ],
    *,
    out: Annotated[
        Path | None, typer.Option("--out", help="Also write every verdict to this .jsonl or .csv file.")
    ] = None,
    text_column: ColumnOption = None,
    sender_column: ColumnOption = None,
    time_column: ColumnOption = None,
    model: ModelOption = None,
) -> None:
    """Read exported chats and show the flagged messages, with sender, time, label, tactics and the evidence marked.

    Example:  sextortion-detect scan "WhatsApp Chat with Sara.zip" --out verdicts.csv
    """
    if out is not None:
        check_target(out)
    used = _model(model)
    console = _output()
    columns = {"text_column": text_column, "sender_column": sender_column, "time_column": time_column}
    verdicts: list[ChatVerdict] = []
    failed = False
    for export in exports:
        try:
            for chat in read_chats(export, **columns):
                verdict = _judge_with_progress(chat, used)
                for part in show_chat(verdict, styled=console.is_terminal):
                    console.print(part)
                if out is not None:
                    verdicts.append(verdict)
        except InputError as error:
            _complain(str(error))
            failed = True
    if out is not None:
        written = write_verdicts(verdicts, out)
        _inform(f"{written} verdicts written to {out}.")
    if failed:
        raise typer.Exit(BAD_INPUT)


@app.command()
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
) -> None:
    """Fit a model on the corpus; with --background against ordinary traffic, with --traffic to set thresholds.

    Example:  sextortion-detect train --background mine.jsonl.gz --traffic other.jsonl.gz --out models/mine
    """
    workshop = _workshop()
    check_folder(out)
    with _errors().status("Reading, fitting and setting thresholds (minutes with a large background)"):
        model, notes = workshop.train(out.resolve().name, corpus, background or [], traffic, n_jobs)
    save_model(model, out)
    for note in notes:
        _complain(note)
    _inform(f"Model written to {out}: {len(model.vectorizer.idf):,} features.")


@app.command()
def evaluate(
    *,
    corpus: CorpusOption = Path("datasets"),
    traffic: TrafficOption = None,
    split: Annotated[str, typer.Option("--split", help="Which rows to measure on: dev or test.")] = "test",
    model: ModelOption = None,
    card: Annotated[Path | None, typer.Option("--card", help="Write the model card to this file.")] = None,
) -> None:
    """Measure a model on one split of the corpus and on real traffic, and write the figures into its card.

    Example:  sextortion-detect evaluate --traffic other.jsonl.gz --card models/ar-1/CARD.md
    """
    workshop = _workshop()
    if card is not None:
        check_writable(card)
    with _errors().status("Measuring"):
        text = workshop.describe(_model(model), corpus, traffic, split)
    if card is not None:
        card.write_text(text, encoding="utf-8")
        _inform(f"Card written to {card}.")
    else:
        typer.echo(text)


def _classify_lines(stream: BinaryIO, model: Model) -> int:
    """A JSON line for each line of a stream as it comes in; lines that are not UTF-8 are reported and passed over."""
    code = 0
    number = 0
    for lines in _line_batches(stream):
        texts: list[tuple[int, str]] = []
        for line in lines:
            number += 1
            try:
                texts.append((number, line.decode("utf-8").rstrip("\r")))
            except UnicodeDecodeError:
                _complain(f"Line {number} is not UTF-8 text and was passed over; convert the input to UTF-8.")
                code = BAD_INPUT
        verdicts = judge_texts([text for _, text in texts], model=model)
        for (place, _), verdict in zip(texts, verdicts, strict=True):
            _print_json({"line": place, **verdict.to_dict()})
        sys.stdout.flush()
    return code


def _line_batches(stream: BinaryIO) -> Iterator[list[bytes]]:
    """The lines that have come in so far, again and again: large batches from a file, single lines from a live pipe."""
    pieces: list[bytes] = []  # of a line whose end has not come yet
    read = getattr(stream, "read1", stream.read)
    while data := read(_READ_AT_ONCE):
        first, *lines = data.split(b"\n")
        pieces.append(first)
        if lines:
            yield [b"".join(pieces), *lines[:-1]]
            pieces = [lines[-1]]
    if rest := b"".join(pieces):
        yield [rest]


def _judge_with_progress(chat: Chat, model: Model) -> ChatVerdict:
    if len(chat.messages) < _LONG_WORK:
        return judge_texts(chat, model=model)
    columns = (TextColumn("messages"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=_errors(), transient=True) as bar:
        task = bar.add_task("", total=len(chat.messages))
        return judge_texts(chat, model=model, progress=lambda done: bar.update(task, completed=done))


def _model(path: Path | None) -> Model:
    return shipped_model() if path is None else load_model(path)


def _workshop() -> ModuleType:
    try:
        from sextortion_detect.training import workshop
    except ImportError as error:
        raise InputError(
            f"Training needs {error.name}, which is not installed; run: pip install 'sextortion-detect[train]'"
        ) from None
    return workshop


def _print_json(record: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(record, ensure_ascii=False) + "\n")


def _output() -> Console:
    return Console(highlight=False)


def _errors() -> Console:
    return Console(stderr=True, highlight=False)


def _inform(sentence: str) -> None:
    _errors().print(sentence, markup=False, soft_wrap=True)


def _complain(sentence: str) -> None:
    _errors().print(sentence, style="red", markup=False, soft_wrap=True)
