"""Text out of bytes: what of a file is text at all, its lines, and its whole."""

import codecs
from collections.abc import Iterator
from typing import IO, Final

from sextortion_detect.errors import InputError

LARGEST_TEXT: Final = 256 * 2**20
"""Bytes of a text that is read as a whole: about 3 million messages, far more than WhatsApp puts into an export."""

LONGEST_LINE: Final = 10 * 2**20
"""Bytes, or characters, that one line or one JSON record may have; the longest message of any app has 1/100 of it."""

SNIFFED: Final = 1 << 16
"""Bytes of a file that its format is recognized by."""

_UTF16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def text_beginning(head: bytes) -> str | None:
    r"""The text that a file begins with, UTF-8 or UTF-16 with its mark, or None for a file that is not text.

    A character that is cut off at the end of `head` is left away; a few bad bytes make no other file of a text.

    >>> text_beginning("سلام".encode()[:-1]), text_beginning(b"PAR1\x15\xff")
    ('سلا', None)
    """
    try:
        text = codecs.getincrementaldecoder(_encoding(head))().decode(head)
    except UnicodeDecodeError:
        text, _ = _mended(head)
    return None if "\0" in text else text


def whole_text(file: IO[bytes], place: str) -> tuple[str, list[str]]:
    """The text of a file, and notes on it; raises `InputError` for one that is too large or not text.

    A few lines with bad bytes do not cost the others: U+FFFD stands for what cannot be read.
    """
    data = file.read(LARGEST_TEXT + 1)
    if len(data) > LARGEST_TEXT:
        raise too_large(place)
    notes: list[str] = []
    try:
        text = data.decode(_encoding(data))
    except UnicodeDecodeError:
        text, bad = _mended(data)
        notes.append(f"{bad} lines hold bytes that are no UTF-8; \N{REPLACEMENT CHARACTER} stands for them")
    if "\0" in text:
        raise not_text(place)
    return text, notes


def _mended(data: bytes) -> tuple[str, int]:
    """What is UTF-8 in 3 of 4 lines, with the bad bytes replaced, and how many lines are bad; else a NUL.

    A text in another encoding of Arabic has bad bytes in nearly every line.
    """
    lines = [line for line in data.split(b"\n") if line]
    bad = sum(not _is_utf8(line) for line in lines)
    if b"\0" in data or bad * 4 > len(lines):
        return "\0", bad
    return data.decode("utf-8-sig", errors="replace"), bad


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def text_lines(file: IO[bytes], head: bytes, place: str) -> Iterator[str | None]:
    """Line by line, with their ends; None for a line that is not text or is longer than `LONGEST_LINE`.

    UTF-8 is read line by line, UTF-16 (which `head` shows) as a whole.
    """
    if head.startswith(_UTF16):
        for text in whole_text(file, place)[0].splitlines(keepends=True):
            yield text if len(text) <= LONGEST_LINE else None
        return
    encoding = "utf-8-sig"
    while line := file.readline(LONGEST_LINE + 1):
        if len(line) > LONGEST_LINE:
            while line and not line.endswith(b"\n"):
                line = file.readline(LONGEST_LINE)
            yield None
            continue
        try:
            yield line.decode(encoding)
        except UnicodeDecodeError:
            yield None
        encoding = "utf-8"


def too_large(place: str) -> InputError:
    """The error for a text that is larger than `LARGEST_TEXT`."""
    return InputError(f"{place} holds more than {LARGEST_TEXT // 2**20} MB of text; split it and read the parts.")


def not_text(place: str) -> InputError:
    """The error for a file whose bytes are no text."""
    return InputError(f"{place} is not UTF-8 text; export the chat again, or save the file as UTF-8.")


def _encoding(head: bytes) -> str:
    return "utf-16" if head.startswith(_UTF16) else "utf-8-sig"
