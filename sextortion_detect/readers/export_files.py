"""The files that an export is made of: one file, the entries of a zip archive, or what lies in a folder.

Exports come from strangers: nothing is unpacked to disk, no symbolic link in a folder is followed, what may be read of
each file is limited, and the sizes that a zip states are not believed: its entries are read up to a limit.
"""

import io
import lzma
import os
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import IO, Final

from sextortion_detect.errors import InputError
from sextortion_detect.readers.decode import ENCODINGS, SNIFFED, RawFile, encoding_of, in_utf8

LARGEST_RATIO: Final = 200
"""How many times smaller an entry may be packed; chat text packs 3 to 20 times, a zip bomb over 1,000 times."""

ZIP_SIGNATURES: Final = (b"PK\x03\x04", b"PK\x05\x06")
"""How zip files begin: with entries, without (APPNOTE 4.3.7, 4.3.16)."""

_RATIO_APPLIES_FROM: Final = 2**20  # a short text of one repeated line may pack very well
_MOST_ENTRIES: Final = 100_000
DAMAGE: Final = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, OSError, RuntimeError)
"""What `zipfile` raises for a damaged archive, when it is opened or read."""
_LEADS_OUT: Final = "its name in the zip leads out of the archive; it was read in place, and nothing was unpacked"

WORKBOOK: Final = "xl/workbook.xml"
"""What every Excel file has (ECMA-376 part 1, 12.3.23, where Excel puts it)."""

_GLANCE: Final = 4096  # bytes that tell a picture from a text


@dataclass(frozen=True)
class Source:
    """One file of an export, which may be opened several times; a text is read as UTF-8, whatever its encoding is.

    `place` is its name in reports and errors; `folder` is where it lies within the export, since the files of one
    conversation lie together; `remarks` tell how it was found.
    """

    place: str
    folder: str
    opener: Callable[[], IO[bytes]]
    remarks: tuple[str, ...] = ()

    def open(self) -> IO[bytes]:
        """The bytes from the beginning; raises `InputError` where they cannot be read, while reading too."""
        file = self.opener()
        encoding, ends_in_cr = self._form
        if encoding in {None, "utf-8"} and not ends_in_cr:
            return file
        return in_utf8(file, encoding or "", cr=ends_in_cr)

    @cached_property
    def head(self) -> bytes:
        """The first bytes: at most 4 KB of a binary file, at most 64 KB of a text."""
        with self.open() as file:
            return file.read(_GLANCE if self._form[0] is None else SNIFFED)

    @property
    def notes(self) -> tuple[str, ...]:
        """What is to be told in the report of whatever is read from it."""
        name = ENCODINGS.get(self._form[0] or "")
        return self.remarks if name is None else (*self.remarks, f"the text is not UTF-8; it was read as {name}")

    @cached_property
    def _form(self) -> tuple[str | None, bool]:
        """The encoding of a text, and whether a carriage return alone ends its lines; None and False of other files."""
        with self.opener() as file:
            head = file.read(_GLANCE)
            if encoding_of(head) is None:
                return None, False
            head += file.read(SNIFFED - len(head))
        encoding = encoding_of(head)
        return encoding, encoding is not None and b"\r" in head and b"\n" not in head


def find_sources(path: Path, problems: list[InputError], archives: ExitStack) -> Iterator[Source]:
    """The files of an export in their order; those that cannot be read go to `problems`, and the others go on.

    Zip archives stay open until `archives` is closed; their entries can be read that long.

    Raises `InputError` where `path` itself cannot be read or is an empty file.
    """
    try:
        is_folder = path.is_dir()
        is_neither = path.exists() and not is_folder and not path.is_file()
    except OSError as error:  # of a name that no file can have
        raise _unreadable(error) from None
    if is_folder:
        yield from _read_folder(path, problems, archives)
        return
    if is_neither:
        raise InputError(f"{path} is neither a file nor a folder; name the exported file.")
    with _open_file(path) as file:
        if not file.read(1):
            raise InputError(f"{path} is empty; export the chat again.")
    yield from _read_file(path, "", (), problems, archives)


def _read_file(
    path: Path, folder: str, remarks: tuple[str, ...], problems: list[InputError], archives: ExitStack
) -> Iterator[Source]:
    plain = Source(str(path), folder, partial(_open_file, path), remarks)
    with _open_file(path) as file:
        is_zip = file.read(4) in ZIP_SIGNATURES
    if is_zip:
        yield from _read_zip(plain, archives.enter_context(_open_file(path)), path, problems)
    else:
        yield plain


def _read_folder(path: Path, problems: list[InputError], archives: ExitStack) -> Iterator[Source]:
    files: list[Path] = []
    links = 0
    for folder, folders, names in os.walk(path, onerror=lambda error: problems.append(_unreadable(error))):
        folders.sort()
        entries = [Path(folder, name) for name in sorted(names)]
        links += sum(entry.is_symlink() for entry in (*(Path(folder, name) for name in folders), *entries))
        files += [entry for entry in entries if entry.is_file() and not entry.is_symlink()]
    remarks = (f"symbolic links in the folder were not followed: {links}",) if links else ()
    for file in files:
        try:
            yield from _read_file(file, str(file.parent.relative_to(path)), remarks, problems, archives)
        except InputError as error:
            problems.append(error)
    if links and not files:
        problems.append(InputError(f"{path} holds symbolic links alone; name the exported file itself."))


def _open_file(path: Path) -> IO[bytes]:
    try:
        return path.open("rb")
    except FileNotFoundError:
        raise InputError(f"There is no file at {path}; check the path.") from None
    except OSError as error:
        raise _unreadable(error) from None


def _unreadable(error: OSError) -> InputError:
    return InputError(f"{error.filename} cannot be read ({error.strerror}); check the path and its permissions.")


def _read_zip(plain: Source, file: IO[bytes], path: Path, problems: list[InputError]) -> Iterator[Source]:
    """The entries of a zip in their order there, to be opened as long as `file` is open; or a spreadsheet, as it is.

    Raises `InputError` for a damaged zip or one of too many entries. Entries behind a password go to `problems`, once.
    """
    try:
        archive = zipfile.ZipFile(file)
        entries = archive.infolist()
    except (*DAMAGE, UnicodeDecodeError, ValueError):
        raise _damaged(path) from None
    if len(entries) > _MOST_ENTRIES:
        raise InputError(f"{path} has more than {_MOST_ENTRIES:,} entries; a chat export has far fewer.")
    if any(entry.filename == WORKBOOK for entry in entries):
        yield plain
        return
    if any(entry.flag_bits & 0x1 for entry in entries):  # bit 0: encrypted (APPNOTE 4.4.4)
        problems.append(
            InputError(f"{path} is protected with a password; unpack it first and read the folder or file.")
        )
    for entry in entries:
        if not entry.filename.endswith("/") and not entry.flag_bits & 0x1:
            parts = entry.filename.replace("\\", "/").split("/")
            inner = [part for part in parts if part not in {"", ".", ".."}] or ["file"]
            remarks = plain.remarks if inner == parts else (*plain.remarks, _LEADS_OUT)
            folder = f"{plain.folder}/{'/'.join(inner[:-1])}"
            yield Source(f"{path}/{'/'.join(inner)}", folder, partial(_open_entry, archive, entry, path), remarks)


def _open_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: Path) -> IO[bytes]:
    """The bytes of an entry up to a limit; what is wrong with the zip becomes a sentence when it shows."""
    try:
        packed = archive.open(entry)
    except (*DAMAGE, ValueError):
        raise _damaged(path) from None
    left = max(LARGEST_RATIO * entry.compress_size, _RATIO_APPLIES_FROM)

    def read(size: int) -> bytes:
        nonlocal left
        try:
            data = packed.read(size)
        except DAMAGE:
            raise _damaged(path) from None
        left -= len(data)
        if left < 0:
            raise InputError(f"{path} is packed more tightly than any chat (a zip bomb?); it was not read.")
        return data

    return io.BufferedReader(RawFile(read, packed.close), 1 << 16)


def _damaged(path: Path) -> InputError:
    return InputError(f"{path} is a damaged zip file; export the chat again.")
