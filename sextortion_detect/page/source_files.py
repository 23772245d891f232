"""Which file a report was made from: its name, and the SHA-256 by which anybody can tell that it is the same file."""

import hashlib
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

_MOST_FILES: Final = 20


class Fingerprint(NamedTuple):
    """A file by its name and the SHA-256 of its bytes (64 hexadecimal digits)."""

    name: str
    sha256: str


def fingerprints(source: str | None) -> tuple[list[Fingerprint], int]:
    """The files that the source of a chat names, and how many more there are; none where they are gone.

    A source is the path of a file; or that and the name of an entry in an archive or of a chat in an account; or a
    folder over whose files a chat is spread. The digest is of the file on disk, so of the whole archive.
    """
    files = [] if source is None else _files(source)
    found: list[Fingerprint] = []
    for path in files[:_MOST_FILES]:
        with suppress(OSError), path.open("rb") as file:
            found.append(Fingerprint(path.name, hashlib.file_digest(file, "sha256").hexdigest()))
    return found, max(len(files) - _MOST_FILES, 0)


def _files(named: str) -> list[Path]:
    while named:
        with suppress(OSError):  # of a name that no file can have
            if Path(named).is_dir():
                return sorted(path for path in Path(named).iterdir() if path.is_file())
            for path in (Path(named), *Path(named).parents):
                if path.is_file():
                    return [path]
        named = named.rpartition("#")[0]  # behind it stand the number and the name of a chat in an account
    return []
