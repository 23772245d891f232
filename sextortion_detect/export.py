"""Verdicts as rows for other programs: JSON Lines or CSV, one row a message, with the text."""

import csv
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from sextortion_detect.errors import InputError
from sextortion_detect.records import ChatVerdict

FORMATS: Final = (".jsonl", ".csv")

_FORMULA_BEGINNINGS: Final = ("=", "+", "-", "@", "\t", "\r")


def check_target(path: Path) -> None:
    """Raise `InputError` early where a file of that name could not be written."""
    if path.suffix not in FORMATS:
        raise InputError(f"{path} must end in {' or '.join(FORMATS)}, which says how to write the verdicts.")
    check_writable(path)


def check_writable(path: Path) -> None:
    """Raise `InputError` early where a file could not be written."""
    if not path.parent.is_dir():
        raise InputError(f"There is no folder {path.parent}; make it first.")
    if path.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK):
        raise InputError(f"{path} cannot be written; choose another place.")


def check_folder(path: Path) -> None:
    """Raise `InputError` early where a folder of that name could not be made or written into."""
    if path.exists() and not path.is_dir():
        raise InputError(f"{path} is a file; name a folder for the model.")
    nearest = next(folder for folder in (path.resolve(), *path.resolve().parents) if folder.exists())
    if not os.access(nearest, os.W_OK):
        raise InputError(f"{path} cannot be written; choose another place.")


def write_verdicts(verdicts: Iterable[ChatVerdict], path: Path) -> int:
    """Write a row for each message of some chats, and return how many there were.

    CSV is made for spreadsheet programs: it begins with a byte-order mark, so that they show Arabic rightly, lists are
    joined by `;`, and a cell that they would run as a formula gets an apostrophe in front. JSON Lines are exact.
    Raises `InputError` where the file cannot be written.
    """
    rows = [row for verdict in verdicts for row in verdict_rows(verdict)]
    try:
        if path.suffix == ".csv":
            _write_csv(rows, path)
        else:
            with path.open("w", encoding="utf-8", errors="backslashreplace") as file:
                file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    except OSError as error:
        raise InputError(f"{path} cannot be written ({error.strerror}); choose another place.") from None
    return len(rows)


def verdict_rows(verdict: ChatVerdict) -> Iterator[dict[str, Any]]:
    """A row of plain JSON types for each message of a chat, with the text."""
    for number, (message, judged) in enumerate(zip(verdict.chat.messages, verdict.to_dict()["messages"], strict=True)):
        yield {"source": verdict.chat.source, "index": number, **judged, "text": message.text}


def _write_csv(rows: list[dict[str, Any]], path: Path) -> None:
    flat = [{key: _cell(value) for key, value in _flatten(row).items()} for row in rows]
    with path.open("w", encoding="utf-8-sig", errors="backslashreplace", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(flat[0]) if flat else [])
        writer.writeheader()
        writer.writerows(flat)


def _cell(value: object) -> object:
    """A value that no spreadsheet program runs as a formula (OWASP, CSV Injection)."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA_BEGINNINGS) else value


def _flatten(row: dict[str, Any]) -> dict[str, Any]:
    evidence = ";".join(span["text"] for span in row["evidence"])
    scores = {f"score_{label}": score for label, score in row["scores"].items()}
    rest = {key: value for key, value in row.items() if key not in ("scores", "text")}
    return {**rest, "tactics": ";".join(row["tactics"]), "evidence": evidence, **scores, "text": row["text"]}
