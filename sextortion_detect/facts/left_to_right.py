"""Numbers, addresses, links and dates in Arabic text: what must run from left to right, as it is dialed and typed.

Else an Arabic line shows the parts of 01-293293 in the opposite order, and the sign of @name behind it.

>>> [run.text for run in runs("الرقم 01-293293 او isf.gov.lb") if run.kind is not None]
['01-293293', 'isf.gov.lb']
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from sextortion_detect.facts.extract import find_facts

_LATIN_RUN: Final = re.compile(
    r"\+?(?:[A-Za-z]|\d)(?:[.,:/_٫٬'-]?(?:[A-Za-z]|\d)|(?<=[A-Za-z]) (?=\+?\d)\+?| (?=[A-Za-z]))*"
)
"""Digits, and the Latin words around them: parted from these, a number would change places with them."""

_ARABIC: Final = re.compile("[\u0621-\u064a]")
_LEAST_DIALED: Final = 3  # digits
_ISOLATE: Final = "\N{LEFT-TO-RIGHT ISOLATE}{}\N{POP DIRECTIONAL ISOLATE}"


class Run(NamedTuple):
    """A part of a text; what runs from left to right has a `kind`, that of its fact, or "" for any number."""

    text: str
    kind: str | None = None

    @property
    def link(self) -> str | None:
        """What to open for it (`tel:`, `https:`, `mailto:`), if anything."""
        if self.kind == "email":
            return f"mailto:{self.text}"
        if self.kind == "link":
            return self.text if "//" in self.text else f"https://{self.text}"
        digits = re.sub(r"[^\d+]", "", self.text)
        is_number = self.kind in ("", "phone", "number", "wallet") and len(digits) >= _LEAST_DIALED
        is_dialed = is_number and re.match(r"[\d+][^A-Za-z]*$", self.text)  # in 1-800-THE-LOST letters are digits too
        return f"tel:{digits}" if is_dialed else None


def runs(text: str) -> Iterator[Run]:
    """The text from left to right in parts; no character is lost."""
    found = [(fact.start, fact.end, fact.kind) for fact in find_facts(text) if not _ARABIC.search(fact.shown)]
    found += [(*run.span(), "") for run in _LATIN_RUN.finditer(text) if re.search(r"\d", run[0])]
    whole = list[tuple[int, int, str]]()
    for start, end, kind in sorted(found):
        if whole and start < whole[-1][1]:
            whole[-1] = (whole[-1][0], max(end, whole[-1][1]), whole[-1][2] or kind)
        else:
            whole.append((start, end, kind))
    position = 0
    for start, end, kind in whole:
        yield Run(text[position:start])
        yield Run(text[start:end], kind)
        position = end
    yield Run(text[position:])


def isolated_runs(text: str) -> str:
    """Running text with isolates around what runs from left to right."""
    return "".join(_ISOLATE.format(run.text) if run.kind is not None else run.text for run in runs(text))
