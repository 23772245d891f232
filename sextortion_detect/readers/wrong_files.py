"""Names the files that people give by mistake, each with the sentence that leads to the right one."""

from typing import Final

from sextortion_detect.readers.decode import text_beginning

_SIGNATURES: Final[tuple[tuple[bytes | tuple[bytes, ...], str], ...]] = (
    (b"%PDF-", "is a PDF; export the chat again as text or JSON"),
    (
        (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8"),
        "is a picture; pictures are not read, give the export of the chat itself",
    ),
    (b"SQLite format 3\0", "is a database of the app; use the app's own export of the chat instead"),
    (b"\x1f\x8b", "is packed with gzip; unpack it first"),
    (b"7z\xbc\xaf\x27\x1c", "is a 7z archive; unpack it first and give the folder"),
    (b"Rar!\x1a\x07", "is a RAR archive; unpack it first and give the folder"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "is an old Office file; save it as .xlsx or .csv"),
)

HTML_ADVICE: Final = "is a web page; export the chats again and choose JSON as the format"
"""Telegram and Meta offer HTML first, so it is the file that people bring most often."""


def what_is_wrong(head: bytes) -> str | None:
    """What a file is that no reader reads, with what to do instead, or None where nothing better is known.

    >>> what_is_wrong(b"%PDF-1.7")
    'is a PDF; export the chat again as text or JSON'
    """
    for signature, sentence in _SIGNATURES:
        if head.startswith(signature):
            return sentence
    beginning = (text_beginning(head) or "").lstrip()[:200].lower()
    return HTML_ADVICE if beginning.startswith(("<!doctype html", "<html")) else None
