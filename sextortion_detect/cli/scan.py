"""`scan`: exported chats, and what a person should read in them."""

import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Final

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from sextortion_detect.classify import classify as judge_texts
from sextortion_detect.cli.shared import (
    STANDARD,
    CountryOption,
    JsonOption,
    LangOption,
    ModelOption,
    QuietOption,
    UnconfirmedOption,
    advice_language,
    advice_text,
    model_at,
)
from sextortion_detect.cli.voice import BAD_INPUT, complain, errors, inform, output, print_json
from sextortion_detect.errors import InputError
from sextortion_detect.export import check_target, verdict_rows, write_verdicts
from sextortion_detect.model.linear import Model
from sextortion_detect.readers.open import read_chats
from sextortion_detect.records import Chat, ChatVerdict
from sextortion_detect.report import show_chat
from sextortion_detect.support import Advice

Columns = Mapping[str, str | None]
ColumnOption = Annotated[str | None, typer.Option(help="Name of this column, where a table of messages is read.")]

_LONG_WORK: Final = 2_000  # messages; shorter chats are done before a bar could be read


def scan(
    exports: Annotated[
        list[Path],
        typer.Argument(
            help="Exported chats, zips, folders, or tables of messages; - reads one from standard input.",
            show_default=False,
        ),
    ],
    *,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Also write every verdict to this .jsonl or .csv file; - prints JSON Lines alone."),
    ] = None,
    text_column: ColumnOption = None,
    sender_column: ColumnOption = None,
    time_column: ColumnOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
    country: CountryOption = None,
    unconfirmed: UnconfirmedOption = False,
    quiet: QuietOption = False,
    model: ModelOption = None,
) -> None:
    """Read exported chats and show the flagged messages, with sender, time, label, tactics and the evidence marked.

    With --json a JSON object a chat is printed; with --out - a JSON object a message.
    """
    language = advice_language(lang, country)
    to_output = str(out) == STANDARD
    if to_output and as_json:
        raise InputError("Verdicts go to standard output as JSON Lines already; leave out --json or --out -.")
    if sum(str(export) == STANDARD for export in exports) > 1:
        raise InputError("Standard input can be named only once.")
    if out is not None and not to_output:
        check_target(out)
    used = model_at(model)
    columns = {"text_column": text_column, "sender_column": sender_column, "time_column": time_column}
    verdicts: list[ChatVerdict] = []

    def say(verdict: ChatVerdict) -> None:
        if to_output:
            for row in verdict_rows(verdict):
                print_json(row)
            return
        if as_json:
            asked = (
                {"advice": verdict.advice(language, country, unconfirmed=unconfirmed).to_dict()}
                if lang or country
                else {}
            )
            print_json({"source": verdict.chat.source, **verdict.to_dict(), **asked})
        else:
            _show(verdict, None if quiet else verdict.advice(language, country, unconfirmed=unconfirmed), country)
        if out is not None:
            verdicts.append(verdict)

    failed = False
    for export in exports:
        try:
            for verdict in _judged(export, columns, used, quiet=quiet):
                say(verdict)
        except InputError as error:
            complain(str(error))
            failed = True
    if out is not None and not to_output:
        written = write_verdicts(verdicts, out)
        inform(f"{written} verdicts written to {out}.", quiet=quiet)
    if failed:
        raise typer.Exit(BAD_INPUT)


def _judged(export: Path, columns: Columns, model: Model, *, quiet: bool) -> Iterator[ChatVerdict]:
    with _on_disk(export) as path:
        for chat in read_chats(path, **columns):
            if path is not export and chat.source is not None:
                chat = Chat(chat.messages, chat.source.replace(str(path), path.name), chat.report)  # noqa: PLW2901
            yield _judge_with_progress(chat, model, quiet=quiet)


def _show(verdict: ChatVerdict, advice: Advice | None, country: str | None) -> None:
    console = output()
    for part in show_chat(verdict, styled=console.is_terminal):
        console.print(part)
    if advice:
        console.print(advice_text(advice, country), markup=False, soft_wrap=True)


@contextmanager
def _on_disk(export: Path) -> Iterator[Path]:
    """The file itself; what comes by standard input is laid into a folder of this user's alone while it is read.

    Readers look into zip files, which a pipe does not allow.
    """
    if str(export) != STANDARD:
        yield export
        return
    with TemporaryDirectory() as folder:
        path = Path(folder) / "standard input"
        with path.open("wb") as file:
            shutil.copyfileobj(sys.stdin.buffer, file)
        try:
            yield path
        except InputError as error:
            raise type(error)(str(error).replace(str(path), path.name)) from None


def _judge_with_progress(chat: Chat, model: Model, *, quiet: bool) -> ChatVerdict:
    if quiet or len(chat.messages) < _LONG_WORK:
        return judge_texts(chat, model=model)
    columns = (TextColumn("messages"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=errors(), transient=True) as bar:
        task = bar.add_task("", total=len(chat.messages))
        return judge_texts(chat, model=model, progress=lambda done: bar.update(task, completed=done))
