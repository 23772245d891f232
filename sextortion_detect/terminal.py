"""What a terminal can show: styles, and Arabic from right to left; and strangers' texts made harmless for it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_COMMANDS: Final = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_ISOLATE: Final = "\N{FIRST STRONG ISOLATE}"
_END: Final = "\N{POP DIRECTIONAL ISOLATE}"

_VTE_WITH_BIDI: Final = 5700
"""GNOME Terminal and its kin turn Arabic around since VTE 0.58, which calls itself by this number and higher."""


@dataclass(frozen=True, slots=True)
class Look:
    """How to print: with styles or without, with isolates around strangers' texts or without, and in which language."""

    styled: bool = False
    isolates: bool = False
    lang: str = "en"

    @property
    def opening(self) -> str:
        """What goes before a text whose direction is its own."""
        return _ISOLATE if self.isolates else ""

    @property
    def closing(self) -> str:
        """What goes behind it."""
        return _END if self.isolates else ""


def look_of(is_terminal: bool, environment: Mapping[str, str], *, lang: str, plain: bool = False) -> Look:
    """The look for an output: isolates for a terminal that needs them alone; with `plain` neither these nor styles."""
    styled = is_terminal and not plain
    return Look(styled=styled, isolates=styled and turns_arabic_around(environment), lang=lang)


def harmless(text: str) -> str:
    """A stranger's text without what commands a terminal: escape sequences and overrides of the writing direction."""
    return _COMMANDS.sub("", text)


def isolated(text: str, look: Look) -> str:
    """A name or another short text of a stranger, harmless, and kept from turning the rest of the line around."""
    return f"{look.opening}{harmless(text)}{look.closing}" if text else ""


def turns_arabic_around(environment: Mapping[str, str]) -> bool:
    """Whether the terminal that describes itself in this environment shows Arabic from right to left by itself.

    >>> turns_arabic_around({"VTE_VERSION": "7600"}), turns_arabic_around({"TERM": "xterm-256color"})
    (True, False)
    """
    version = environment.get("VTE_VERSION", "")
    return (
        (version.isdecimal() and int(version) >= _VTE_WITH_BIDI)
        or any(name in environment for name in ("KONSOLE_VERSION", "MLTERM"))
        or environment.get("TERM_PROGRAM") == "Apple_Terminal"
    )
