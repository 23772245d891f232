"""Text out of files and zip archives, with limits, since exports come from strangers.

A zip is never unpacked to disk and the sizes that it states are not believed: entries are read up to a limit.
"""

import codecs
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

from sextortion_detect.errors import InputError

LARGEST_TEXT: Final = 256 * 2**20
"""Bytes of text that one export may hold: about 3 million messages, far over the longest chat that WhatsApp exports."""

LARGEST_RATIO: Final = 200
"""How many times smaller an entry may be packed; chat text packs 3 to 20 times, a zip bomb over 1,000 times."""

_RATIO_APPLIES_FROM: Final = 2**20  # a short text of one repeated line may pack very well
_MOST_ENTRIES: Final = 100_000
_ZIP_SIGNATURES: Final = (b"PK\x03\x04", b"PK\x05\x06")  # with entries, without (APPNOTE 4.3.7, 4.3.16)


def read_texts(path: Path) -> Iterator[tuple[str, str]]:
    """The (place, text) pairs of a text file (one) or of a zip's text entries (in their order there).

    Raises `InputError` for a file that is missing, empty, too large, packed to a degree that no chat is, encrypted,
    damaged or not text; the sentence says what to do.
    """
    try:
        with path.open("rb") as file:
            beginning = file.read(4)
            file.seek(0)
            if not beginning:
                raise InputError(f"{path} is empty; export the chat again.")
            if beginning in _ZIP_SIGNATURES:
                yield from _read_zip(file, path)
            else:
                yield str(path), _decode(_checked_size(file.read(LARGEST_TEXT + 1), str(path), LARGEST_TEXT), str(path))
    except FileNotFoundError:
        raise InputError(f"There is no file at {path}; check the path.") from None
    except IsADirectoryError:
        raise InputError(f"{path} is a folder; name the exported file in it.") from None
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}); check the path and its permissions.") from None


def _read_zip(file: IO[bytes], path: Path) -> Iterator[tuple[str, str]]:
    left = LARGEST_TEXT
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            if len(entries) > _MOST_ENTRIES:
                raise InputError(f"{path} has more than {_MOST_ENTRIES:,} entries; a chat export has far fewer.")
            for entry in entries:
                if entry.is_dir() or not entry.filename.lower().endswith(".txt"):
                    continue
                if entry.flag_bits & 0x1:  # bit 0: encrypted (APPNOTE 4.4.4)
                    raise InputError(f"{path} is protected with a password; unpack it first and read the text file.")
                place = f"{path}/{Path(entry.filename).name}"
                data = _read_entry(archive, entry, path, left)
                left -= len(data)
                yield place, _decode(data, place)
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, UnicodeDecodeError, OSError):
        raise InputError(f"{path} is a damaged zip file; export the chat again.") from None


def _read_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: Path, left: int) -> bytes:
    most = max(LARGEST_RATIO * entry.compress_size, _RATIO_APPLIES_FROM)
    with archive.open(entry) as packed:
        data = packed.read(min(most, left) + 1)
    if len(data) > most:
        raise InputError(f"{path} is packed more tightly than any chat (a zip bomb?); it was not read.")
    return _checked_size(data, str(path), left)


def _checked_size(data: bytes, place: str, most: int) -> bytes:
    if len(data) > most:
        raise InputError(f"{place} holds more than {LARGEST_TEXT // 2**20} MB of text; split it and read the parts.")
    return data


def _decode(data: bytes, place: str) -> str:
    encoding = "utf-16" if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise InputError(f"{place} is not UTF-8 text; export the chat again, or save the file as UTF-8.")
    return text
