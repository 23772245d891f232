"""`scan`: exported chats, and what a person should read in them."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from glob import escape
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Final

import typer
from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

import sextortion_detect.cli.options as common
from sextortion_detect.chat_summary import ChatSummary, scan_chat
from sextortion_detect.cli.printing import BAD_INPUT, complain, go_on_unread, inform, output, passing_bar, print_json
from sextortion_detect.decision_thresholds import Thresholds
from sextortion_detect.errors import InputError, OutputError
from sextortion_detect.page.chat_page import MARK
from sextortion_detect.page.report_files import HtmlReports
from sextortion_detect.readers.open import open_chats
from sextortion_detect.records import ChatStream, ChatVerdict
from sextortion_detect.support import advise_on
from sextortion_detect.terminal import look_of, show_summary
from sextortion_detect.verdict_files import FORMATS, STANDARD, VerdictWriter, check_writable, writing
from sextortion_detect.wording import wording

ColumnOption = Annotated[str | None, typer.Option(help="Name of this column, where a table of messages is read.")]
RedactOption = Annotated[bool, typer.Option("--redact", help="Replace names, numbers and links in all that is shown.")]
FactsOption = Annotated[
    Path | None,
    typer.Option(
        help="Also write sums, deadlines, numbers and accounts to this .jsonl or .csv file (message counts from 1)."
    ),
]

_LONG_WORK: Final = 4_000  # messages; shorter chats are done before a number could be read


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
        typer.Option(
            help="Also write every verdict to this .jsonl or .csv file (index counts messages from 0); - prints JSON "
            "Lines alone."
        ),
    ] = None,
    text_column: ColumnOption = None,
    sender_column: ColumnOption = None,
    time_column: ColumnOption = None,
    html: Annotated[Path | None, typer.Option(help="Also write a report to this .html file.")] = None,
    facts: FactsOption = None,
    redact: RedactOption = False,
    force: common.ForceOption = False,
    everything: Annotated[bool, typer.Option("--all", help="Show every message of each chat.")] = False,
    plain: Annotated[bool, typer.Option("--plain", help="Print no styles and no marks of writing direction.")] = False,
    as_json: common.JsonOption = False,
    lang: common.LangOption = None,
    country: common.CountryOption = None,
    unconfirmed: common.UnconfirmedOption = False,
    thresholds: common.ThresholdsOption = None,
    quiet: common.QuietOption = False,
    model: common.ModelOption = None,
) -> None:
    """Read exported chats and show how the risk grew and which messages are flagged, with the evidence marked.

    With --json a JSON object a chat is printed; with --out - a JSON object a message; with --html a report is written:
    for one chat a page, for several one each (report-1.html, …) and an index of them. --facts writes what a hotline or
    the police ask for; --redact hides names and numbers in all of these. --thresholds moves which messages are flagged,
    and not from which risk a chat is. Reports and facts count the messages of a chat from 1; in the other files and in
    JSON, index, first_flagged and to_read count from 0.
    """
    language = common.advice_language(lang, country)
    to_output = str(out) == STANDARD
    if to_output and as_json:
        raise InputError("Verdicts go to standard output as JSON Lines already; leave out --json or --out -.")
    if sum(str(export) == STANDARD for export in exports) > 1:
        raise InputError("Standard input can be named only once.")
    targets = {noun: path for noun, path in (("verdicts", None if to_output else out), ("facts", facts)) if path}
    _check_outputs(targets, html, exports, force=force)
    used = common.model_at(model)
    chosen = common.thresholds_at(thresholds)
    Thresholds.of(used, chosen)  # a budget that does not exist is told before anything is read
    columns = {"text_column": text_column, "sender_column": sender_column, "time_column": time_column}
    console = output(plain=plain)
    look = look_of(console.is_terminal, lang=language, plain=plain)

    def take(verdict: ChatVerdict, shown: ChatVerdict, summary: ChatSummary) -> None:
        if as_json:
            told = {"source": shown.chat.source, **shown.to_dict(), "facts": [fact.to_dict() for fact in summary.facts]}
            if lang or country:
                told["advice"] = verdict.advice(language, country, unconfirmed=unconfirmed).to_dict()
            print_json(told)
        if reports:
            reports.add(verdict)

    def judge(stream: ChatStream) -> bool:
        with passing_bar(SpinnerColumn(), TextColumn("{task.completed:,.0f}"), TimeElapsedColumn(), quiet=quiet) as bar:
            task = bar.add_task("", total=None, visible=False)
            summary = scan_chat(
                stream,
                used,
                thresholds=chosen,
                row=row,
                whole=take if as_json or reports else None,
                everything=everything,
                progress=lambda done: bar.update(task, completed=done, visible=done >= _LONG_WORK),
                nobody=(ui, ui.say("chat_number", number=next(numbers))) if redact else None,
            )
        for fact in summary.facts if "facts" in writers else ():
            writers["facts"].write({"source": summary.source, **fact.to_dict()})
        is_whole = _tell_lost(summary)
        if as_json or to_output:
            return is_whole
        advice = advise_on(summary, language, country, unconfirmed=unconfirmed)
        parts = common.advice_parts(advice, country, look) if advice and not quiet else ("", "")
        for part in show_summary(summary, look, *parts):
            console.print(part)
        return is_whole

    ui, numbers = wording(language), count(1)
    with ExitStack() as files:
        pages = html and HtmlReports(html, lang=language, redact=redact, country=country, force=force)
        reports = files.enter_context(pages) if pages else None
        writers = {noun: files.enter_context(VerdictWriter(path)) for noun, path in targets.items()}
        row = print_json if to_output else writers["verdicts"].write if "verdicts" in writers else None
        if reports or writers:
            go_on_unread()
        read_whole = [_judge_export(export, columns, judge) for export in exports]
        reported = reports.close() if reports else []
    _tell_written(writers, quiet=quiet)
    if reported:
        inform(f"Report written to {html}.", quiet=quiet)
    if not all(read_whole):
        raise typer.Exit(BAD_INPUT)


def _check_outputs(targets: Mapping[str, Path], html: Path | None, exports: list[Path], *, force: bool) -> None:
    """Raise `OutputError` where a table or a page could not be written, or would take the place of what is not ours.

    A page takes no place of a chat; an older page in a folder of chats is none.
    """
    for noun, path in targets.items():
        if path.suffix not in FORMATS:
            raise OutputError(f"{path} must end in {' or '.join(FORMATS)}, which says how to write the {noun}.")
        check_writable(path, exports, force=force)
    every = [path.resolve() for path in (*targets.values(), html) if path]
    if len({*every}) < len(every):
        raise InputError("Verdicts, facts and the report cannot go to one file; name one for each.")
    if html is None:
        return
    files = [export for export in exports if not export.is_dir()]
    check_writable(html, files)
    numbered = html.parent.glob(f"{escape(html.stem)}-*{escape(html.suffix)}")
    for page in (html, *numbered):
        check_writable(page, files if page.is_file() and MARK.encode() in page.read_bytes() else exports)


def _tell_lost(summary: ChatSummary) -> bool:
    """Say what of a chat could not be read; whether nothing had to be said."""
    source, report = summary.source, summary.report
    if report.is_damaged:
        complain(f"{source} breaks off or is damaged; what came before was read.")
    if lost := len(report.not_understood):
        complain(
            f"{source}: {lost} of {report.lines} lines, records or rows were not understood, or not as a whole; "
            "scan without --json and --out - names them."
        )
    return not (report.is_damaged or lost)


def _tell_written(writers: Mapping[str, VerdictWriter], *, quiet: bool) -> None:
    if verdicts := writers.get("verdicts"):
        inform(f"{verdicts.count} verdicts written to {verdicts.path}.", quiet=quiet)
    if facts := writers.get("facts"):
        inform(f"{facts.count} facts written to {facts.path}.", quiet=quiet)


def _judge_export(export: Path, columns: Mapping[str, str | None], judge: Callable[[ChatStream], bool]) -> bool:
    """Judge the chats of an export; whether it could be read as a whole, which else is said."""
    try:
        with _opened(export, columns) as streams:
            return all([*map(judge, streams)])  # none is left out where one is not whole
    except OutputError:  # not of this export: the next ones would fare no better
        raise
    except InputError as error:
        complain(str(error))
    except OSError as error:
        complain(f"{export} cannot be read ({error.strerror}); check the path and its permissions.")
    return False


@contextmanager
def _opened(export: Path, columns: Mapping[str, str | None]) -> Iterator[Iterator[ChatStream]]:
    """The chats of an export; what comes by standard input is laid into a folder of this user's alone meanwhile.

    Readers look into zip files, which a pipe does not allow.
    """
    if str(export) != STANDARD:
        yield open_chats(export, **columns)
        return
    with TemporaryDirectory() as folder:
        path = Path(folder) / "standard input"
        with writing(path), path.open("wb") as file:
            file.writelines(common.standard_input())
        try:
            yield _without_folder(open_chats(path, **columns), path)
        except InputError as error:
            raise type(error)(str(error).replace(str(path), path.name)) from None


def _without_folder(streams: Iterator[ChatStream], path: Path) -> Iterator[ChatStream]:
    for stream in streams:
        stream.source = (stream.source or path.name).replace(str(path), path.name)
        yield stream
