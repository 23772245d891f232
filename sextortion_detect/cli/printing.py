"""How the command line speaks: data on standard output; progress, notes and complaints on standard error.

What it says on standard error is said in Arabic where the locale is, or `--lang`, and so is the help.
"""

import errno
import json
import os
import re
import sys
from collections.abc import Callable, Mapping
from io import TextIOWrapper
from itertools import takewhile
from typing import Any, Final

import typer
from rich.console import Console
from rich.progress import Progress, ProgressColumn
from typer import rich_utils

from sextortion_detect.errors import OutputError
from sextortion_detect.terminal import harmless
from sextortion_detect.wording import in_arabic, wording

FAULT: Final = 1
BAD_INPUT: Final = 2


class StandardStream(TextIOWrapper):
    """Standard output or error: where it cannot be written it says so once, and takes all in vain from then on.

    It says so by `OutputError`. Where whoever read has read enough, and it `is_all` that a command writes, the command
    is done. Standard error says nothing, since there is nobody left to tell.
    """

    is_all = True

    def write(self, text: str) -> int:
        """Write text."""
        self._or_in_vain(super().write, text)
        return len(text)

    def flush(self) -> None:
        """Hand over what was written."""
        self._or_in_vain(super().flush)

    def _or_in_vain(self, work: Callable[..., object], *given: str) -> None:
        try:
            work(*given)
        except OSError as error:
            os.dup2(os.open(os.devnull, os.O_WRONLY), self.fileno())  # else what is left fails again at the end
            is_closed = error.errno == errno.EPIPE
            if self is sys.stderr or (is_closed and not self.is_all):
                return
            if is_closed:
                raise SystemExit(0) from None
            raise OutputError(f"Standard output cannot be written ({error.strerror}); choose another place.") from None


def take_streams() -> None:
    """Make the standard streams such that Arabic comes out on every machine, and odd file names do not stop it.

    One that was closed by whoever began us is opened the wrong way round: using it fails then, like any other file.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        wrong_way = os.O_RDONLY if name == "stdout" else os.O_WRONLY
        stream = getattr(sys, name) or os.fdopen(os.open(os.devnull, wrong_way), mode)
        if mode == "w" and isinstance(stream, TextIOWrapper):
            buffered = (stream.line_buffering, stream.write_through)
            stream = StandardStream(stream.detach(), "utf-8", "backslashreplace", None, *buffered)
        setattr(sys, name, stream)


def go_on_unread() -> None:
    """Let a command that writes files as well come to its end where nobody reads its standard output on."""
    if isinstance(sys.stdout, StandardStream):
        sys.stdout.is_all = False


_CONTROLS: Final = re.compile(r"[\x7f-\x9f]")  # which command some terminals, and JSON leaves as they are


def print_json(record: Mapping[str, Any]) -> None:
    """One JSON object on a line of standard output, control characters escaped."""
    line = json.dumps(record, ensure_ascii=False)
    sys.stdout.write(_CONTROLS.sub(lambda found: f"\\u{ord(found[0]):04x}", line) + "\n")


def output(*, plain: bool = False) -> Console:
    """Standard output, for people; it keeps to NO_COLOR, and has no styles at all where it is to be plain."""
    return Console(highlight=False, color_system=None if plain else "auto")


def errors() -> Console:
    """Standard error; it keeps to NO_COLOR."""
    return Console(stderr=True, highlight=False)


def passing_bar(*columns: ProgressColumn, quiet: bool) -> Progress:
    """A bar on standard error that goes when the work is done; none where it is not wanted, or nobody would see it."""
    console = errors()
    console.quiet = quiet or not console.is_terminal
    return Progress(*columns, console=console, transient=True, disable=console.quiet)


def inform(sentence: str, *, quiet: bool) -> None:
    """Say something that went well, unless asked to be quiet."""
    if not quiet:
        complain(sentence, style=None)


def complain(sentence: str, *, style: str | None = "red") -> None:
    """Say that something cannot be used, also when asked to be quiet; a stranger may have given the names in it."""
    errors().print(harmless(wording(locale_language()).told(sentence)), style=style, markup=False, soft_wrap=True)


def locale_language(environment: Mapping[str, str] = os.environ) -> str:
    """`ar` where the locale of messages is Arabic, else `en`; the first that is set of LC_ALL, LC_MESSAGES and LANG.

    >>> locale_language({"LC_ALL": "", "LANG": "ar_EG.UTF-8"}), locale_language({"LC_ALL": "C", "LANG": "ar_EG.UTF-8"})
    ('ar', 'en')
    """
    named = next((value for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (value := environment.get(name))), "")
    return "ar" if re.match(r"ar(?:[_.@]|$)", named, re.ASCII) else "en"


def speak(arguments: list[str], command: Any) -> None:
    """Take the language that `--lang` names for that of the locale, and give a command of typer its words in it."""
    options = "\n".join(takewhile(lambda argument: argument != "--", arguments))
    if named := re.findall(r"^--lang[\n=](ar|en)$", options, re.MULTILINE):
        os.environ["LC_ALL"] = named[-1]
    if locale_language() == "ar":
        words = {name: word for name, word in vars(rich_utils).items() if name.isupper() and isinstance(word, str)}
        vars(rich_utils).update({name: in_arabic(word) for name, word in words.items()})
        _put_in_arabic(command)


def _put_in_arabic(command: Any) -> None:
    for part in (command, *command.params, command.get_help_option(typer.Context(command))):
        for name in {"help", "epilog"} & vars(part).keys():
            said = (" ".join(paragraph.split()) for paragraph in (getattr(part, name) or "").split("\n\n"))
            setattr(part, name, "\n\n".join(map(in_arabic, said)) or None)
    usage = command.get_usage
    command.get_usage = lambda context: usage(context).replace("Usage:", in_arabic("Usage:"))
    for below in getattr(command, "commands", {}).values():
        _put_in_arabic(below)
