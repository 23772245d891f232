"""Text out of bytes: what of a file is text at all, its encoding, and its lines."""

import codecs
import io
import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import IO, AnyStr, Final

from sextortion_detect.errors import InputError

LARGEST_TEXT: Final = 256 * 2**20
"""Bytes that a file which is read as a whole may unpack to."""

LONGEST_LINE: Final = 10 * 2**20
"""Bytes, or characters, that one line or one JSON record may have; the longest message of any app has 1/100 of it."""

SNIFFED: Final = 1 << 16
"""Bytes of a file that its format is recognized by."""

ENCODINGS: Final = {
    "cp1256": "Windows-1256",
    "iso8859_6": "ISO 8859-6",
    "utf_16_le": "UTF-16 without a byte-order mark",
    "utf_16_be": "UTF-16 without a byte-order mark",
}
"""What a text may be in that does not say so itself, and its usual name."""

_ARABIC: Final = r"\u0621-\u065f\u066e-\u06d3"
_ARABIC_LETTER: Final = re.compile(rf"[{_ARABIC}]")
_TWO_SCRIPTS: Final = re.compile(rf"[{_ARABIC}][^\W\d_{_ARABIC}]|[^\W\d_{_ARABIC}][{_ARABIC}]")
_FEW: Final = 20  # one in so many may be odd


def encoding_of(head: bytes) -> str | None:
    r"""The encoding of a text that begins with these bytes, or None for what is no text, or in doubt.

    >>> encoding_of("سلام".encode()[:-1]), encoding_of("مرحبا، كيف حالك اليوم؟ ان شاء الله بخير".encode("cp1256"))
    ('utf-8', 'cp1256')
    >>> encoding_of("Привет, как дела?".encode("cp1251")), encoding_of(b"PAR1\x15\xff")
    (None, None)
    """
    if text_beginning(head) is not None:
        return "utf-8"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = codecs.getincrementaldecoder("utf-16")("replace").decode(head)
        return None if "\0" in text else "utf-16"
    from charset_normalizer import from_bytes

    whole = head[: len(head) // 2 * 2] if b"\0" in head else head  # characters of UTF-16
    best = from_bytes(whole).best()
    if best is None or best.encoding not in ENCODINGS or not _is_plausible(str(best)):
        return None
    return best.encoding


def _is_plausible(text: str) -> bool:
    """Whether a decoded text is what people write: no controls, letters that are Arabic or ASCII, not both in a word.

    Bytes of any other script, decoded as Arabic, put Arabic and Latin letters into one word.
    """
    if any(unicodedata.category(sign) == "Cc" for sign in set(text) - set("\t\r\n")):
        return False
    arabic = len(_ARABIC_LETTER.findall(text))
    letters = sum(sign.isalpha() and not sign.isascii() for sign in text)
    return (letters - arabic) * _FEW <= arabic and len(_TWO_SCRIPTS.findall(text)) * _FEW <= arabic


def text_beginning(head: bytes) -> str | None:
    r"""The text that a file in UTF-8 begins with, or None for a file that is not text.

    A character that is cut off at the end of `head` is left away. Bad bytes in a quarter of the lines make no other
    file of a text: U+FFFD stands for them; nor do NULs. A text in another encoding has them in nearly every line.

    >>> text_beginning("سلام".encode()[:-1]), text_beginning(b"PAR1\x15\xff")
    ('سلا', None)
    """
    try:
        text = codecs.getincrementaldecoder("utf-8-sig")().decode(head)
        bad = "\0" if "\0" in text else ""
    except UnicodeDecodeError:
        text = codecs.getincrementaldecoder("utf-8-sig")("replace").decode(head)
        bad = "\N{REPLACEMENT CHARACTER}\0"
    lines = [line for line in text.split("\n") if line] if bad else []
    return None if sum(not set(bad).isdisjoint(line) for line in lines) * 4 > len(lines) else text


def in_utf8(file: IO[bytes], encoding: str, *, cr: bool) -> IO[bytes]:
    r"""A text in UTF-8, whatever its file is encoded in; U+FFFD stands for what cannot be read.

    With `cr`, lines that end with a carriage return alone end with a line feed.

    >>> in_utf8(io.BytesIO("هلا\rوين".encode("cp1256")), "cp1256", cr=True).read().decode()
    'هلا\nوين'
    """
    text = io.TextIOWrapper(file, encoding, "replace", newline=None if cr else "")
    # No character takes more than 4 bytes.
    return io.BufferedReader(RawFile(lambda size: text.read(size // 4).encode(), text.close), SNIFFED)


class RawFile(io.RawIOBase):
    """A file of the bytes that `read` gives, at most so many at a time; with it `close_source` is called."""

    def __init__(self, read: Callable[[int], bytes], close_source: Callable[[], object]) -> None:
        super().__init__()
        self._read = read
        self._close_source = close_source

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: "memoryview | bytearray") -> int:  # type: ignore[override]
        """Fill a buffer as far as one reading goes."""
        data = self._read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Close it, and where its bytes come from."""
        self._close_source()
        super().close()


def text_lines(file: IO[bytes], errors: str = "strict") -> Iterator[str | None]:
    """Line by line in UTF-8, with their ends; None for a line longer than `LONGEST_LINE`.

    A line with bad bytes is None too where `errors` are "strict"; where they are "replace", U+FFFD stands for them.
    """
    encoding = "utf-8-sig"
    for line in bounded_lines(file):
        try:
            yield None if line is None else line.decode(encoding, errors)
        except UnicodeDecodeError:
            yield None
        encoding = "utf-8"


def bounded_lines(file: IO[AnyStr]) -> Iterator[AnyStr | None]:
    """Line by line, with their ends; None for a line longer than `LONGEST_LINE`."""
    while line := file.readline(LONGEST_LINE + 1):
        is_long = len(line) > LONGEST_LINE
        while is_long and line and line[-1:] not in (b"\n", "\n"):
            line = file.readline(LONGEST_LINE)
        yield None if is_long else line


def too_large(place: str) -> InputError:
    """The error for a text that is larger than `LARGEST_TEXT`."""
    return InputError(f"{place} holds more than {LARGEST_TEXT // 2**20} MB of text; split it and read the parts.")
