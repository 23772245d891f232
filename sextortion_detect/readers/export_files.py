"""The files that an export is made of: one file, the entries of a zip archive, or what lies in a folder.

Nothing is unpacked to disk, no symbolic link in a folder is followed, and what may be read of each file is limited.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import IO, Final

from sextortion_detect.errors import InputError
from sextortion_detect.readers.archive import ZIP_SIGNATURES, read_zip
from sextortion_detect.readers.decode import SNIFFED, text_beginning

_GLANCE: Final = 4096  # bytes that tell a picture from a text


@dataclass(frozen=True)
class Source:
    """One file of an export, which may be opened several times.

    `place` is its name in reports and errors; `folder` is where it lies within the export, since the files of one
    conversation lie together; `notes` are for the report of whatever is read from it.
    """

    place: str
    folder: str
    opener: Callable[[], IO[bytes]]
    notes: tuple[str, ...] = ()

    def open(self) -> IO[bytes]:
        """The bytes from the beginning; raises `InputError` where they cannot be read, while reading too."""
        return self.opener()

    @cached_property
    def head(self) -> bytes:
        """The first bytes: at most 4 KB of a binary file, at most 64 KB of a text."""
        with self.open() as file:
            data = file.read(_GLANCE)
            return data if text_beginning(data) is None else data + file.read(SNIFFED - len(data))


def find_sources(path: Path, problems: list[InputError], archives: ExitStack) -> Iterator[Source]:
    """The files of an export in their order; those that cannot be read go to `problems`, and the others go on.

    Zip archives stay open until `archives` is closed; their entries can be read that long.

    Raises `InputError` where `path` itself cannot be read or is an empty file.
    """
    try:
        is_folder = path.is_dir()
        is_neither = path.exists() and not is_folder and not path.is_file()
    except OSError as error:  # of a name that no file can have
        raise _unreadable(path, error) from None
    if is_folder:
        yield from _read_folder(path, problems, archives)
        return
    if is_neither:
        raise InputError(f"{path} is neither a file nor a folder; name the exported file.")
    with _open_file(path) as file:
        beginning = file.read(4)
    if not beginning:
        raise InputError(f"{path} is empty; export the chat again.")
    yield from _read_file(path, "", (), problems, archives)


def _read_file(
    path: Path, folder: str, notes: tuple[str, ...], problems: list[InputError], archives: ExitStack
) -> Iterator[Source]:
    plain = Source(str(path), folder, partial(_open_file, path), notes)
    with _open_file(path) as file:
        is_zip = file.read(4) in ZIP_SIGNATURES
    if not is_zip:
        yield plain
        return
    for entry in read_zip(archives.enter_context(_open_file(path)), path, problems):
        if entry.opener is None:  # a spreadsheet: a zip, and one file all the same
            yield plain
        else:
            yield Source(entry.place, f"{folder}/{entry.folder}", entry.opener, notes + entry.notes)


def _read_folder(path: Path, problems: list[InputError], archives: ExitStack) -> Iterator[Source]:
    files, links = _list_folder(path, problems)
    notes = (f"symbolic links in the folder were not followed: {links}",) if links else ()
    for file in files:
        try:
            yield from _read_file(file, str(file.parent.relative_to(path)), notes, problems, archives)
        except InputError as error:
            problems.append(error)
    if links and not files:
        problems.append(InputError(f"{path} holds symbolic links alone; name the exported file itself."))


def _list_folder(path: Path, problems: list[InputError]) -> tuple[list[Path], int]:
    files: list[Path] = []
    links = 0

    def note(error: OSError) -> None:
        problems.append(_unreadable(Path(error.filename), error))

    for folder, folders, names in os.walk(path, onerror=note):
        folders.sort()
        links += sum((Path(folder) / name).is_symlink() for name in folders)  # os.walk does not follow these
        for name in sorted(names):
            file = Path(folder) / name
            if file.is_symlink():
                links += 1
            elif file.is_file():
                files.append(file)
    return files, links


def _open_file(path: Path) -> IO[bytes]:
    try:
        return path.open("rb")
    except FileNotFoundError:
        raise InputError(f"There is no file at {path}; check the path.") from None
    except OSError as error:
        raise _unreadable(path, error) from None


def _unreadable(path: Path, error: OSError) -> InputError:
    return InputError(f"{path} cannot be read ({error.strerror}); check the path and its permissions.")
