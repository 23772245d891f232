"""Exports of lines: the entries that lines make up, each of which begins with a head and goes on until the next."""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain, pairwise
from typing import Final, TypeVar

from sextortion_detect.readers.decode import LONGEST_LINE
from sextortion_detect.readers.read_counter import ReadCounter
from sextortion_detect.records import Message

Lines = Callable[[], Iterator[str | None]]
"""Gives the lines of a text with their ends, from its beginning at each call; None for one that is too long."""

LineReader = Callable[[Lines, ReadCounter], Iterator[Message]]
"""Reads the messages of a text, and counts each."""

GAP: Final = r"[ \u00a0\u202f]"
"""The spaces that apps put between the parts of a head."""

WHO_SAYS_WHAT: Final = (
    r"(?P<sender>(?:[^:\n\"“«]++|\"[^\"\n]*\"|“[^“”\n]*”|«[^«»\n]*»|\"(?![^\"\n]*\")|“(?![^“”\n]*”)|«(?![^«»\n]*»)"
    rf"|:(?!{GAP}|\r?\n|\r?\Z))++):(?:{GAP}|(?=\r?\n|\r?\Z))(?P<text>.*)"
)
"""A sender and a text, for `re.DOTALL`. A colon without a space behind it belongs to a name, and so does one between
quotation marks, such as that in the name of a group in a notice; further colons belong to what is said."""

Head = TypeVar("Head")


def gather(
    lines: Iterable[str | None],
    head_of: Callable[[str, str, str], Head | None],
    counter: ReadCounter,
    first: int = 1,
) -> Iterator[tuple[int, Head, list[str]]]:
    """The entries of a text: the number of the first line, its head, and the lines after it without their ends.

    `lines` begin with line `first`. `head_of` is given the line before, the line and the line after, and answers None
    where no entry begins. Lines before the first entry are skipped unless they are blank, and so is what would make an
    entry longer than `LONGEST_LINE`. No more than one entry is held.
    """
    entry: tuple[int, Head, list[str]] | None = None
    before, size, too_long, unread = "", 0, 0, 0
    bare = (None if line is None else line.removesuffix("\n") for line in lines)
    for number, (line, after) in enumerate(pairwise(chain(bare, ("",))), start=first):
        counter.lines = number
        unread += line is not None and "\N{REPLACEMENT CHARACTER}" in line
        if line is not None and (head := head_of(before, line, after or "")) is not None:
            if entry is not None:
                yield entry
            entry, size = (number, head, []), 0
        elif line is None or size + len(line) > LONGEST_LINE:
            too_long += 1
            counter.skip(number)
        elif entry is not None:
            entry[2].append(line)
            size += len(line) + 1
        elif line.strip():
            counter.skip(number)
        before = line or ""
    if entry is not None:
        yield entry
    most = LONGEST_LINE // 2**20
    if too_long:
        counter.note(f"{too_long} lines of more than {most} MB, or in messages of more, were passed over")
    if unread:
        counter.note(f"{unread} lines hold characters that cannot be read; \N{REPLACEMENT CHARACTER} stands for them")
