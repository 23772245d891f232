"""Recognizes an export by its content and reads the chats in it."""

from collections.abc import Iterator
from itertools import islice
from os import PathLike
from pathlib import Path

from sextortion_detect.errors import InputError, UnknownExport
from sextortion_detect.readers.archive import read_texts
from sextortion_detect.readers.whatsapp import is_whatsapp, read_whatsapp
from sextortion_detect.records import Chat


def read_chats(path: str | PathLike[str]) -> Iterator[Chat]:
    """Every chat of an exported file, a WhatsApp `.txt` or `.zip`, in the order of the file.

    Raises `InputError` where the file cannot be read and `UnknownExport` where no chat is found in it; both when the
    first chat is asked for.
    """
    file = Path(path)
    found = False
    for place, text in read_texts(file):
        if is_whatsapp(text):
            found = True
            yield read_whatsapp(text, source=place)
    if not found:
        raise UnknownExport(
            f"No chat was found in {file}; use Export chat in WhatsApp and give the .txt or .zip as it is."
        )


def read_chat(path: str | PathLike[str]) -> Chat:
    """The only chat of an exported file.

    Raises `InputError` where the file cannot be read or holds several chats, `UnknownExport` where it holds none.
    """
    chat, *others = islice(read_chats(path), 2)
    if others:
        raise InputError(f"{path} holds several chats; use read_chats to go through them.")
    return chat
