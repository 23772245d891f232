"""What several commands take and need: the common options, and the model that they ask for."""

import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Final

import typer

from sextortion_detect.cli.printing import locale_language
from sextortion_detect.decision_thresholds import ThresholdChoice
from sextortion_detect.errors import InputError
from sextortion_detect.model.linear import Model
from sextortion_detect.model.shipped import shipped_model
from sextortion_detect.model.storage import load_model
from sextortion_detect.readers.table_rows import parsed_object
from sextortion_detect.support import Advice, advise, countries
from sextortion_detect.taxonomy import Label
from sextortion_detect.terminal import Look, harmless
from sextortion_detect.wording import LANGUAGES, wording

_READ_AT_ONCE: Final = 1 << 16  # bytes of standard input

ModelOption = Annotated[Path | None, typer.Option(help="A model folder instead of the shipped model.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no notes; data and errors alone.")]
ForceOption = Annotated[bool, typer.Option("--force", help="Replace files that this program did not write.")]
CountryOption = Annotated[
    str | None,
    typer.Option(help="Two letters: also show this country's lines of help.", autocompletion=lambda: [*countries()]),
]
UnconfirmedOption = Annotated[
    bool, typer.Option("--unconfirmed", help="Also show lines of help that one unofficial source alone names, marked.")
]
LangOption = Annotated[
    str | None,
    typer.Option(
        help="Language of what is shown: ar or en; that of the locale by default.", autocompletion=lambda: [*LANGUAGES]
    ),
]
ThresholdsOption = Annotated[
    str | None,
    typer.Option(
        help="Budget of false alarms among real texts for flagging messages: 1e-2, 1e-3 or 1e-4; or a JSON "
        "file of thresholds by name, as the command thresholds writes it.",
        autocompletion=lambda: ["1e-2", "1e-3", "1e-4"],
    ),
]


def thresholds_at(given: str | None) -> ThresholdChoice | None:
    """The name of a budget as it is, or the thresholds in a JSON file of that name; `InputError` where it has none."""
    if given is None or not given.endswith(".json"):
        return given
    with suppress(OSError):
        if (read := parsed_object(Path(given).read_bytes())) is not None:
            return read
    raise InputError(f"{given} holds no thresholds; name a JSON file that the command thresholds wrote.")


def standard_input() -> Iterator[bytes]:
    """Standard input as it comes in, in large pieces from a file; `InputError` where it cannot be read."""
    try:
        while data := sys.stdin.buffer.read1(_READ_AT_ONCE):  # type: ignore[union-attr]  # its buffer is a BufferedReader
            yield data
    except OSError as error:
        raise InputError(f"Standard input cannot be read ({error.strerror}); name a file.") from None


def model_at(path: Path | None) -> Model:
    """The model of a folder, or the shipped one."""
    return shipped_model() if path is None else load_model(path)


def advice_language(lang: str | None, country: str | None) -> str:
    """The language that advice is asked for in; `InputError` early where there is none in it, or for the country."""
    chosen = lang or locale_language()
    advise(Label.BENIGN, lang=chosen, country=country)
    return chosen


def advice_parts(advice: Advice, country: str | None, look: Look) -> tuple[str, str]:
    """Advice for a terminal: what goes beside the verdict, and what further down; with isolates where these help."""
    say = wording(advice.lang).say
    now, later = advice.parts()
    hint = "" if country else f"\n{say('advice_country')}"
    shown = str if look.isolates else harmless
    return shown(f"\n{say('advice')}\n{now}{hint}"), shown(f"\n{say('more_advice')}\n{later}")
