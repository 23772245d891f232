"""The commands put together, and the one place where an error becomes a sentence and an exit code."""

import errno
import os
import sys
from collections.abc import Callable
from importlib.metadata import version
from io import TextIOWrapper
from typing import Annotated, Final

import typer

from sextortion_detect.cli.classify import classify
from sextortion_detect.cli.doctor import doctor
from sextortion_detect.cli.scan import scan
from sextortion_detect.cli.score import score
from sextortion_detect.cli.serve import serve
from sextortion_detect.cli.training import check, evaluate, experiment, lexicon, train
from sextortion_detect.cli.voice import BAD_INPUT, FAULT, complain
from sextortion_detect.errors import DetectError

_HELP: Final = """Find blackmail and grooming in Arabic messages.

Exit codes: 0 done, 1 doctor or corpus check found a fault, 2 something given cannot be used, 130 interrupted."""

_EXAMPLES: Final[dict[Callable[..., None], str]] = {
    classify: """Examples:

sextortion-detect classify "معي صورك"

sextortion-detect classify - < messages.txt > verdicts.jsonl

sextortion-detect classify --lang ar --country EG "معي صورك"

A message that begins with a dash goes after two dashes: sextortion-detect classify -- "- معي صورك" """,
    scan: """Examples:

sextortion-detect scan "WhatsApp Chat with Sara.zip" --out verdicts.csv

sextortion-detect scan chat.txt --json > chat.jsonl

unzip -p export.zip | sextortion-detect scan - --out - > verdicts.jsonl""",
    score: """Examples:

sextortion-detect score messages.csv.gz --text-column body --out verdicts.parquet

zcat messages.jsonl.gz | sextortion-detect score - --out verdicts.jsonl --resume""",
    train: """Example:

sextortion-detect train --background mine.jsonl.gz --traffic other.jsonl.gz --out models/mine""",
    evaluate: """Examples:

sextortion-detect evaluate --traffic other.jsonl.gz --card models/ar-2/CARD.md

sextortion-detect evaluate --traffic other.jsonl.gz --card models/ar-2/CARD.md --evasion

sextortion-detect evaluate --card models/ar-2/CARD.md --traffic other.jsonl.gz --experiments --background mine.jsonl""",
    experiment: """Examples:

sextortion-detect experiment '{"without": ["concepts"]}' 'label_c = 1' --background b.jsonl.gz --traffic t.jsonl.gz

sextortion-detect experiment 'peer = "tests/benchmarks/examples.py:words"' --background b.jsonl.gz --out models/ar-2""",
    lexicon: """Example:

sextortion-detect lexicon --background mine.jsonl.gz --out sextortion_detect/text/lexicon.txt""",
    serve: """Example:

sextortion-detect serve --port 8765""",
    doctor: """Example:

sextortion-detect doctor --json""",
}

app: typer.Typer = typer.Typer(
    help=_HELP,
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # they print local variables: messages
    rich_markup_mode="rich",
)
for _command, _examples in _EXAMPLES.items():
    app.command(epilog=_examples)(_command)

_corpus: Final = typer.Typer(help="The annotated corpus.", no_args_is_help=True, rich_markup_mode="rich")
_corpus.command(
    epilog="""Example:

sextortion-detect corpus check --markdown datasets/CHECKS.md"""
)(check)
app.add_typer(_corpus, name="corpus")


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(version("sextortion-detect"))
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
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # Arabic must come out on every machine, and odd file names must not stop it.
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        try:
            app()
        finally:
            sys.stdout.flush()
    except DetectError as error:
        complain(str(error))
        sys.exit(BAD_INPUT)
    except OSError as error:
        if error.filename is not None:  # of a file, not of a stream: nobody foresaw it
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else what is left fails again at the end
        if error.errno != errno.EPIPE:  # who closes a pipe has read enough
            complain(f"Standard output cannot be written ({error.strerror}); choose another place.")
        sys.exit(FAULT if error.errno == errno.EPIPE else BAD_INPUT)
