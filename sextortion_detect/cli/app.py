"""The commands put together, and the one place where an error becomes a sentence and an exit code."""

import signal
import sys
from collections.abc import Callable
from importlib.metadata import version
from typing import Annotated, Any, Final, NoReturn

import typer

from sextortion_detect.cli.classify_command import classify
from sextortion_detect.cli.doctor_command import doctor
from sextortion_detect.cli.printing import BAD_INPUT, complain, go_on_unread, speak, take_streams
from sextortion_detect.cli.scan_command import scan
from sextortion_detect.cli.serve_command import serve
from sextortion_detect.cli.table_commands import score, thresholds
from sextortion_detect.cli.training import check, evaluate, experiment, lexicon, train
from sextortion_detect.errors import DetectError

_USAGE_ERROR: Final[Any] = typer.BadParameter.__base__  # typer raises it for a call that it does not understand

_HELP: Final = """Find blackmail and grooming in Arabic messages.

Exit codes: 0 done, 1 doctor or corpus check found a fault, 2 something given cannot be used, 130 interrupted."""

_EXAMPLES: Final[dict[Callable[..., None], tuple[str, ...]]] = {
    classify: (
        'sextortion-detect classify "معي صورك"',
        "sextortion-detect classify - < messages.txt > verdicts.jsonl",
        'sextortion-detect classify --lang ar --country EG "معي صورك"',
        'A message that begins with a dash goes after two dashes: sextortion-detect classify -- "- معي صورك"',
    ),
    scan: (
        'sextortion-detect scan "WhatsApp Chat with Sara.zip" --out verdicts.csv',
        "sextortion-detect scan chat.txt --json > chat.jsonl",
        "unzip -p export.zip | sextortion-detect scan - --out - > verdicts.jsonl",
    ),
    score: (
        "sextortion-detect score messages.csv.gz --text-column body --out verdicts.parquet",
        "zcat messages.jsonl.gz | sextortion-detect score - --out verdicts.jsonl --resume",
    ),
    thresholds: (
        "sextortion-detect thresholds ordinary.csv --budget 1e-2 --out own.json",
        "sextortion-detect thresholds ordinary.csv --budget 1e-2 --strike 17 --strike 40 --out own.json",
    ),
    train: ("sextortion-detect train --background mine.jsonl.gz --traffic other.jsonl.gz --out models/mine",),
    evaluate: (
        "sextortion-detect evaluate --traffic other.jsonl.gz --card models/ar-16/CARD.md",
        "sextortion-detect evaluate --traffic other.jsonl.gz --card models/ar-16/CARD.md --evasion",
        "sextortion-detect evaluate --card models/ar-16/CARD.md --traffic other.jsonl.gz --experiments "
        "--background mine.jsonl",
    ),
    experiment: (
        """sextortion-detect experiment '{"without": ["concepts"]}' 'label_c = 1' --background b.jsonl.gz """
        "--traffic t.jsonl.gz",
        "sextortion-detect experiment 'peer = \"tests/benchmarks/examples.py:words\"' --background b.jsonl.gz "
        "--out models/ar-16",
    ),
    lexicon: ("sextortion-detect lexicon --background mine.jsonl.gz --out sextortion_detect/text/lexicon.txt --force",),
    serve: ("sextortion-detect serve --port 8765",),
    doctor: ("sextortion-detect doctor --json",),
    check: ("sextortion-detect corpus check --markdown datasets/CHECKS.md",),
}


app: typer.Typer = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # they print local variables: messages
    rich_markup_mode="rich",
)
_corpus: Final = typer.Typer(help="The annotated corpus.", no_args_is_help=True, rich_markup_mode="rich")
app.add_typer(_corpus, name="corpus")
for _command, _examples in _EXAMPLES.items():
    _epilog = "\n\n".join(["Examples:" if len(_examples) > 1 else "Example:", *_examples])
    (_corpus if _command is check else app).command(epilog=_epilog)(_command)


def _show_version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(version("sextortion-detect") + "\n")
        raise typer.Exit


@app.callback(help=_HELP)
def options(
    *,
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Options before the command."""


def main() -> None:
    """Run the command line; an error that we foresaw becomes one sentence and exit code 2."""
    take_streams()
    command = typer.main.get_command(app)
    speak(sys.argv, command)
    for number in {signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)}:
        if signal.getsignal(number) is signal.SIG_DFL:  # else it is ignored, as under nohup
            signal.signal(number, _unwind)
    code: str | int | None = BAD_INPUT
    try:
        try:
            done = command(standalone_mode=False)
        except SystemExit as ended:
            done = ended.code
        go_on_unread()
        sys.stdout.flush()
        code = done
    except DetectError as error:
        complain(str(error))
    except _USAGE_ERROR as error:
        _complain_of_usage(error)
    except OSError as error:
        complain(f"{error.filename or 'A file'} cannot be used ({error.strerror}); check the path and its permissions.")
    except _Signaled as ended:
        signal.raise_signal(ended.args[0])
    sys.exit(code)


def _complain_of_usage(error: Any) -> None:
    """Say in one sentence what is wrong with the command line, without what was given: it may be a message."""
    command = error.ctx.command_path if error.ctx else "sextortion-detect"
    kind = type(error).__name__
    if kind == "NoArgsIsHelpError":
        error.show()
    elif kind == "NoSuchOption":
        complain(
            f"{command} has no such option; see {command} --help, and put -- before a message or name that begins with "
            "a dash."
        )
    elif kind == "MissingParameter":
        complain(f"{command} needs {error.param.opts[-1]}; see {command} --help.")
    elif kind == "BadParameter" and error.param:
        complain(f"The value of {error.param.opts[-1]} cannot be used; see {command} --help.")
    else:
        complain(f"{command} cannot be called so; put a message in quotation marks, and see {command} --help.")


class _Signaled(BaseException):
    """The process is to end by the signal of this number."""


def _unwind(number: int, _frame: object) -> NoReturn:
    """End by the signal as one does, but for the temporary folders: a chat may lie in them."""
    signal.signal(number, signal.SIG_DFL)
    raise _Signaled(number)
