"""Entries of zip archives, with limits, since exports come from strangers.

A zip is never unpacked to disk and the sizes that it states are not believed: entries are read up to a limit.
"""

import io
import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Final

from sextortion_detect.errors import InputError

LARGEST_RATIO: Final = 200
"""How many times smaller an entry may be packed; chat text packs 3 to 20 times, a zip bomb over 1,000 times."""

ZIP_SIGNATURES: Final = (b"PK\x03\x04", b"PK\x05\x06")
"""How zip files begin: with entries, without (APPNOTE 4.3.7, 4.3.16)."""

_RATIO_APPLIES_FROM: Final = 2**20  # a short text of one repeated line may pack very well
_MOST_ENTRIES: Final = 100_000
_WORKBOOK: Final = "xl/workbook.xml"  # every Excel file has it (ECMA-376 part 1, 12.3.23, where Excel puts it)
DAMAGE: Final = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, OSError, RuntimeError)
"""What `zipfile` raises for a damaged archive, when it is opened or read."""


@dataclass(frozen=True)
class Entry:
    """A file in a zip; `opener` is None for the one entry that stands for a whole spreadsheet."""

    place: str
    folder: str
    opener: Callable[[], IO[bytes]] | None
    notes: tuple[str, ...] = ()


def read_zip(file: IO[bytes], path: Path, problems: list[InputError]) -> Iterator[Entry]:
    """The entries of a zip in their order there, to be opened as long as `file` is open.

    Raises `InputError` for a damaged zip or one of too many entries. Entries behind a password go to `problems`, once.
    """
    try:
        archive = zipfile.ZipFile(file)
        entries = archive.infolist()
    except (*DAMAGE, UnicodeDecodeError, ValueError):
        raise _damaged(path) from None
    if len(entries) > _MOST_ENTRIES:
        raise InputError(f"{path} has more than {_MOST_ENTRIES:,} entries; a chat export has far fewer.")
    if any(entry.filename == _WORKBOOK for entry in entries):
        yield Entry(str(path), "", None)
        return
    if any(entry.flag_bits & 0x1 for entry in entries):  # bit 0: encrypted (APPNOTE 4.4.4)
        problems.append(
            InputError(f"{path} is protected with a password; unpack it first and read the folder or file.")
        )
    for entry in entries:
        if not entry.filename.endswith("/") and not entry.flag_bits & 0x1:
            yield _describe(entry, path, partial(_open_entry, archive, entry, path))


def _describe(entry: zipfile.ZipInfo, path: Path, opener: Callable[[], IO[bytes]]) -> Entry:
    parts = entry.filename.replace("\\", "/").split("/")
    plain = [part for part in parts if part not in {"", ".", ".."}] or ["file"]
    leads_out = plain != parts
    notes = ("its name in the zip leads out of the archive; it was read in place, and nothing was unpacked",)
    return Entry(f"{path}/{'/'.join(plain)}", "/".join(plain[:-1]), opener, notes if leads_out else ())


def _open_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: Path) -> IO[bytes]:
    try:
        packed = archive.open(entry)
    except (*DAMAGE, ValueError):
        raise _damaged(path) from None
    most = max(LARGEST_RATIO * entry.compress_size, _RATIO_APPLIES_FROM)
    return io.BufferedReader(_Limited(packed, path, most), 1 << 16)


class _Limited(io.RawIOBase):
    """Bytes of an entry up to a limit; what is wrong with the zip becomes a sentence when it shows."""

    def __init__(self, packed: IO[bytes], path: Path, most: int) -> None:
        super().__init__()
        self._packed = packed
        self._path = path
        self._left = most

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview | bytearray") -> int:  # type: ignore[override]
        try:
            data = self._packed.read(len(buffer))
        except DAMAGE:
            raise _damaged(self._path) from None
        self._left -= len(data)
        if self._left < 0:
            raise InputError(f"{self._path} is packed more tightly than any chat (a zip bomb?); it was not read.")
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._packed.close()
        super().close()


def _damaged(path: Path) -> InputError:
    return InputError(f"{path} is a damaged zip file; export the chat again.")
