"""How the command line speaks: data on standard output; progress, notes and complaints on standard error.

What it says on standard error is said in Arabic where the locale is; `errors_ar.tsv` pairs each sentence with its
Arabic twin, the values that stand in it as `{}` and `{0}`, `{1}`, ….
"""

import json
import os
import re
import sys
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from rich.console import Console

from sextortion_detect.wording import rows_of

FAULT: Final = 1
BAD_INPUT: Final = 2


def print_json(record: Mapping[str, Any]) -> None:
    """One JSON object on a line of standard output."""
    sys.stdout.write(json.dumps(record, ensure_ascii=False) + "\n")


def output(*, plain: bool = False) -> Console:
    """Standard output, for people; it keeps to NO_COLOR, and has no styles at all where it is to be plain."""
    return Console(highlight=False, color_system=None if plain else "auto")


def errors() -> Console:
    """Standard error; it keeps to NO_COLOR."""
    return Console(stderr=True, highlight=False)


def inform(sentence: str, *, quiet: bool) -> None:
    """Say something that went well, unless asked to be quiet."""
    if not quiet:
        errors().print(spoken(sentence), markup=False, soft_wrap=True)


def complain(sentence: str) -> None:
    """Say that something cannot be used, also when asked to be quiet."""
    errors().print(spoken(sentence), style="red", markup=False, soft_wrap=True)


def locale_language(environment: Mapping[str, str] = os.environ) -> str:
    """`ar` where the locale of messages is Arabic, else `en`; the first that is set of LC_ALL, LC_MESSAGES and LANG.

    >>> locale_language({"LC_ALL": "", "LANG": "ar_EG.UTF-8"}), locale_language({"LC_ALL": "C", "LANG": "ar_EG.UTF-8"})
    ('ar', 'en')
    """
    named = next((value for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (value := environment.get(name))), "")
    return "ar" if re.match(r"ar(?:[_.@]|$)", named, re.ASCII) else "en"


def spoken(sentence: str) -> str:
    """The sentence in the language of the locale; as it is where it has no twin."""
    return in_arabic(sentence) if locale_language() == "ar" else sentence


def in_arabic(sentence: str) -> str:
    """The Arabic twin of an English sentence, with the same values in it; the sentence itself where there is none.

    >>> in_arabic("chat.txt is empty; export the chat again.")
    '«chat.txt» فارغ؛ يُرجى تصدير المحادثة من جديد.'
    """
    for pattern, twin in _twins():
        if found := pattern.fullmatch(sentence):
            return twin.format(*found.groups())
    return sentence


@cache
def _twins() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Patterns of the English sentences beside their twins; those with most words of their own first."""
    rows = sorted(rows_of("errors_ar.tsv", "sextortion_detect.cli"), key=lambda row: -len(row["en"]))
    return tuple(
        (re.compile("(.*?)".join(map(re.escape, row["en"].split("{}"))), re.DOTALL), row["ar"]) for row in rows
    )
