"""Real text of other people: the background that is fitted against, and the traffic that sets thresholds.

Both are JSON Lines files with a `text` field, packed with gzip or not. What enters a model from the background is
n-gram statistics, never text; traffic is never fitted on.
"""

import gzip
import hashlib
import json
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from sextortion_detect.errors import InputError


@dataclass(frozen=True, slots=True)
class TrafficText:
    """One text, and the source that the file names for it (empty where it names none)."""

    text: str = field(repr=False)
    source: str

    @property
    def sets_thresholds(self) -> bool:
        """Whether the text is of the half that sets thresholds (by its hash); the other half only measures."""
        return hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).digest()[0] % 2 == 0


@dataclass(frozen=True, slots=True)
class TrafficFile:
    """The texts of a file, its SHA-256, and the numbers of the lines that could not be read."""

    name: str
    sha256: str
    texts: tuple[TrafficText, ...]
    bad_lines: tuple[int, ...]


def read_traffic(path: Path) -> TrafficFile:
    """Read one file; lines that are no JSON object with a text are skipped and listed.

    Raises `InputError` where the file is missing, damaged, or has no text at all.
    """
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        with _open(path) as lines:
            texts, bad_lines = _parse(lines)
    except FileNotFoundError:
        raise InputError(f"There is no file at {path}; check the path.") from None
    except (OSError, EOFError, UnicodeDecodeError, zlib.error):
        raise InputError(f"{path} cannot be read as JSON Lines in UTF-8; check that it is complete.") from None
    if not texts:
        raise InputError(f"{path} has no line with a text; each line must be a JSON object with the field text.")
    return TrafficFile(path.name, digest, tuple(texts), tuple(bad_lines))


def _open(path: Path) -> IO[str]:
    return gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8")


def _parse(lines: Iterable[str]) -> tuple[list[TrafficText], list[int]]:
    texts: list[TrafficText] = []
    bad_lines: list[int] = []
    for number, line in enumerate(lines, start=1):
        try:
            record: Any = json.loads(line)
        except (ValueError, RecursionError):
            record = None
        if isinstance(record, dict) and isinstance(record.get("text"), str):
            texts.append(TrafficText(record["text"], str(record.get("source", ""))))
        elif line.strip():
            bad_lines.append(number)
    return texts, bad_lines
