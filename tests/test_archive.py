"""Files that cannot be read: one sentence each that says what to do."""

import io
import os
import struct
import zipfile

import pytest

from sextortion_detect import read_chat, read_chats
from sextortion_detect.errors import InputError, UnknownExport
from sextortion_detect.readers import archive

CHAT = "15/03/2024, 21:41 - سارة: مرحبا\n"


def zipped(*entries, compression=zipfile.ZIP_DEFLATED):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as file:
        for name, data in entries:
            file.writestr(name, data)
    return buffer.getvalue()


def encrypted(data):
    """Set the flag that says so in both headers of a zip with one entry."""
    packed = bytearray(data)
    packed[6] |= 1
    packed[packed.index(b"PK\x01\x02") + 8] |= 1
    return bytes(packed)


def damaged(data):
    return data[:40] + bytes(byte ^ 0xFF for byte in data[40:60]) + data[60:]


REFUSED = [
    ("empty", b"", InputError, "{path} is empty; export the chat again."),
    ("binary", bytes(range(256)), InputError, "{path} is not UTF-8 text; export the chat again, or save the file as UTF-8."),
    ("other encoding", CHAT.encode("cp1256"), InputError,
     "{path} is not UTF-8 text; export the chat again, or save the file as UTF-8."),
    ("other text", "سلام عليكم\n".encode(), UnknownExport,
     "No chat was found in {path}; use Export chat in WhatsApp and give the .txt or .zip as it is."),
    ("zip without a chat", zipped(("photo.jpg", b"x")), UnknownExport,
     "No chat was found in {path}; use Export chat in WhatsApp and give the .txt or .zip as it is."),
    ("zip without entries", zipped(), UnknownExport,
     "No chat was found in {path}; use Export chat in WhatsApp and give the .txt or .zip as it is."),
    ("zip bomb", zipped(("_chat.txt", b"0" * 50_000_000)), InputError,
     "{path} is packed more tightly than any chat (a zip bomb?); it was not read."),
    ("encrypted zip", encrypted(zipped(("_chat.txt", CHAT))), InputError,
     "{path} is protected with a password; unpack it first and read the text file."),
    ("truncated zip", zipped(("_chat.txt", CHAT))[:60], InputError, "{path} is a damaged zip file; export the chat again."),
    ("damaged zip", damaged(zipped(("_chat.txt", CHAT * 50))), InputError,
     "{path} is a damaged zip file; export the chat again."),
    ("text in a zip in another encoding", zipped(("_chat.txt", CHAT.encode("cp1256"))), InputError,
     "{path}/_chat.txt is not UTF-8 text; export the chat again, or save the file as UTF-8."),
]  # fmt: skip


@pytest.mark.parametrize(("_name", "data", "error", "sentence"), REFUSED, ids=[case[0] for case in REFUSED])
def test_refused_files(tmp_path, _name, data, error, sentence):
    path = tmp_path / "export.bin"
    path.write_bytes(data)
    with pytest.raises(error) as caught:
        read_chat(path)
    assert str(caught.value) == sentence.format(path=path)


def test_missing_file(tmp_path):
    with pytest.raises(InputError) as caught:
        read_chat(tmp_path / "none.txt")
    assert str(caught.value) == f"There is no file at {tmp_path / 'none.txt'}; check the path."


def test_folder(tmp_path):
    with pytest.raises(InputError) as caught:
        read_chat(tmp_path)
    assert str(caught.value) == f"{tmp_path} is a folder; name the exported file in it."


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read any file")
def test_unreadable_file(tmp_path):
    path = tmp_path / "chat.txt"
    path.write_text(CHAT)
    path.chmod(0)
    with pytest.raises(InputError) as caught:
        read_chat(path)
    assert str(caught.value) == f"{path} cannot be read (Permission denied); check the path and its permissions."


def test_a_zip_that_understates_its_size_is_still_bounded(tmp_path):
    data = bytearray(zipped(("_chat.txt", b"0" * 50_000_000)))
    central = data.index(b"PK\x01\x02")
    struct.pack_into("<L", data, 22, 100)
    struct.pack_into("<L", data, central + 24, 100)
    path = tmp_path / "liar.zip"
    path.write_bytes(data)
    with pytest.raises(InputError):
        read_chat(path)


def test_too_much_text(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "LARGEST_TEXT", 2**20)
    path = tmp_path / "chat.txt"
    path.write_bytes(CHAT.encode() * 30_000)
    with pytest.raises(InputError) as caught:
        read_chat(path)
    assert str(caught.value) == f"{path} holds more than 1 MB of text; split it and read the parts."


@pytest.mark.parametrize("name", ["_chat.txt", "دردشة واتساب مع سارة.txt", "../../etc/chat.txt"])
def test_a_chat_in_a_zip_is_found_whatever_its_name(tmp_path, name):
    path = tmp_path / "any.zip"
    path.write_bytes(zipped(("photo.jpg", b"\xff\xd8"), ("note.txt", "ملاحظة"), (name, CHAT)))
    (message,) = read_chat(path).messages
    assert message.text == "مرحبا"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings_of_unicode(tmp_path, encoding):
    path = tmp_path / "chat.txt"
    path.write_text(CHAT, encoding=encoding)
    (message,) = read_chat(path).messages
    assert (message.sender, message.text) == ("سارة", "مرحبا")


def test_several_chats_in_one_file(tmp_path):
    path = tmp_path / "two.zip"
    path.write_bytes(zipped(("a.txt", CHAT), ("b.txt", CHAT)))
    assert [chat.source for chat in read_chats(path)] == [f"{path}/a.txt", f"{path}/b.txt"]
    with pytest.raises(InputError) as caught:
        read_chat(path)
    assert str(caught.value) == f"{path} holds several chats; use read_chats to go through them."
