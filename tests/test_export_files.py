"""Files, zip archives and folders: what is found in them, and one sentence for each that cannot be read."""

import io
import os
import struct
import zipfile

import pytest

from sextortion_detect import read_chat, read_chats
from sextortion_detect.errors import InputError, UnknownExport

CHAT = "15/03/2024, 21:41 - سارة: مرحبا\n"
TELEGRAM = (
    '{"name": "سارة", "type": "personal_chat", "id": 1, "messages": '
    '[{"id": 1, "type": "message", "date": "2024-03-15T21:41:07", "from": "سارة", "text": "مرحبا"}]}'
)


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


NO_CHAT = (
    "No chat was found in {path}; give an export of WhatsApp, Telegram, Instagram, Messenger, Discord, Snapchat, Google "
    "Chat or Signal as it is, or a table with a column of texts."
)
NOT_UTF_8 = "{path} is not UTF-8 text; export the chat again, or save the file as UTF-8."
BOMB = "{path} is packed more tightly than any chat (a zip bomb?); it was not read."
REFUSED = [
    ("empty", b"", InputError, "{path} is empty; export the chat again."),
    ("binary", bytes(range(256)), InputError, NOT_UTF_8),
    ("other encoding", CHAT.encode("cp1256"), InputError, NOT_UTF_8),
    ("other text", "سلام عليكم\n".encode(), UnknownExport, NO_CHAT),
    ("numbered list", "[1] قائمة\n".encode(), UnknownExport, NO_CHAT),
    ("other JSON", b'{"a": [1, 2]}', UnknownExport, NO_CHAT),
    ("a list in JSON", b'[{"a": 1}, {"b": 2}]', UnknownExport, NO_CHAT),
    ("JSON Lines without a text", b'{"a": 1}\n{"a": 2}\n', UnknownExport, NO_CHAT),
    ("other table", b"a,b\n1,2\n", UnknownExport, NO_CHAT),
    ("zip without a chat", zipped(("photo.jpg", b"x")), UnknownExport, NO_CHAT),
    ("zip without entries", zipped(), UnknownExport, NO_CHAT),
    ("zip of zeros, which is no chat", zipped(("_chat.txt", b"0" * 50_000_000)), UnknownExport, NO_CHAT),
    ("encrypted zip", encrypted(zipped(("_chat.txt", CHAT))), InputError,
     "{path} is protected with a password; unpack it first and read the folder or file."),
    ("truncated zip", zipped(("_chat.txt", CHAT))[:60], InputError, "{path} is a damaged zip file; export the chat again."),
    ("damaged zip", damaged(zipped(("_chat.txt", CHAT * 50))), InputError,
     "{path} is a damaged zip file; export the chat again."),
    ("text in a zip in another encoding", zipped(("_chat.txt", CHAT.encode("cp1256"))), InputError,
     "{path}/_chat.txt is not UTF-8 text; export the chat again, or save the file as UTF-8."),
    ("a zip in a zip", zipped(("a.zip", zipped(("_chat.txt", CHAT)))), UnknownExport,
     "{path}/a.zip is a zip within a zip; unpack it first and give it by itself."),
    ("PDF", b"%PDF-1.7\n\xe2\xe3", UnknownExport, "{path} is a PDF; export the chat again as text or JSON."),
    ("picture", b"\x89PNG\r\n\x1a\n\0\0", UnknownExport,
     "{path} is a picture; pictures are not read, give the export of the chat itself."),
    ("photo", b"\xff\xd8\xff\xe0\0", UnknownExport,
     "{path} is a picture; pictures are not read, give the export of the chat itself."),
    ("database", b"SQLite format 3\0\x10", UnknownExport,
     "{path} is a database of the app; use the app's own export of the chat instead."),
    ("gzip", b"\x1f\x8b\x08\0", UnknownExport, "{path} is packed with gzip; unpack it first."),
    ("7z", b"7z\xbc\xaf\x27\x1c\0", UnknownExport, "{path} is a 7z archive; unpack it first and give the folder."),
    ("RAR", b"Rar!\x1a\x07\x01\0", UnknownExport, "{path} is a RAR archive; unpack it first and give the folder."),
    ("old Office", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0", UnknownExport,
     "{path} is an old Office file; save it as .xlsx or .csv."),
    ("web page", b"<!DOCTYPE html><html><body>x", UnknownExport,
     "{path} is a web page; export the chats again and choose JSON as the format."),
    ("zip of web pages", zipped(("messages/inbox/x/message_1.html", "<html>x")), UnknownExport,
     "{path} holds web pages alone; export the chats again and choose JSON as the format."),
    ("JSON that breaks off before a message", TELEGRAM[:80].encode(), InputError,
     "{path} breaks off in the middle; export it again."),
    ("JSON that is none", b'{"name": "x", "messages": [@]}', InputError,
     "{path} is damaged: it is no valid JSON; export it again."),
    ("JSON nested too deeply", b'{"a":' * 100_000, InputError,
     "{path} is nested more deeply than any chat; it was not read further."),
    ("JSON with an endless string", b'{"a": "' + b"x" * 11 * 2**20, InputError,
     "{path} holds a record of more than 10 MB, which no chat has; it was not read further."),
    ("JSON with an endless record", b'{"messages": [{"id": [' + b'"", ' * 3 * 2**20, InputError,
     "{path} holds a record of more than 10 MB, which no chat has; it was not read further."),
]  # fmt: skip


@pytest.mark.parametrize(("_name", "data", "error", "sentence"), REFUSED, ids=[case[0] for case in REFUSED])
def test_refused_files(tmp_path, _name, data, error, sentence):
    path = tmp_path / "export.bin"
    path.write_bytes(data)
    with pytest.raises(InputError) as caught:
        read_chat(path)
    assert str(caught.value) == sentence.format(path=path)
    assert isinstance(caught.value, UnknownExport) == (error is UnknownExport)


def test_missing_file(tmp_path):
    with pytest.raises(InputError) as caught:
        read_chat(tmp_path / "none.txt")
    assert str(caught.value) == f"There is no file at {tmp_path / 'none.txt'}; check the path."


def test_neither_a_file_nor_a_folder(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError) as caught:
        read_chat(tmp_path / "pipe")
    assert str(caught.value) == f"{tmp_path / 'pipe'} is neither a file nor a folder; name the exported file."


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read any file")
def test_unreadable_file(tmp_path):
    path = tmp_path / "chat.txt"
    path.write_text(CHAT)
    path.chmod(0)
    with pytest.raises(InputError) as caught:
        read_chat(path)
    assert str(caught.value) == f"{path} cannot be read (Permission denied); check the path and its permissions."


def test_a_zip_that_understates_its_size_is_still_bounded(tmp_path):
    data = bytearray(zipped(("_chat.txt", CHAT.encode() + b"0" * 50_000_000)))
    central = data.index(b"PK\x01\x02")
    struct.pack_into("<L", data, 22, 100)
    struct.pack_into("<L", data, central + 24, 100)
    path = tmp_path / "liar.zip"
    path.write_bytes(data)
    with pytest.raises(InputError):
        read_chat(path)


def test_a_bomb_of_text_ends_its_chat_with_a_sentence(tmp_path):
    path = tmp_path / "bomb.zip"
    path.write_bytes(zipped(("_chat.txt", CHAT.encode() + b"0" * 20_000_000)))
    chat = read_chat(path)
    assert [message.text for message in chat.messages] == ["مرحبا"]
    assert chat.report.notes[0] == BOMB.format(path=path).removesuffix(".")


def test_a_bomb_of_json_ends_its_chat_with_a_sentence(tmp_path):
    bomb = TELEGRAM[:-2].encode() + b"," + b" " * 5_000_000 + b'{"id": 2}]}'
    path = tmp_path / "bomb.zip"
    path.write_bytes(zipped(("result.json", bomb)))
    chat = read_chat(path)
    assert [message.text for message in chat.messages] == ["مرحبا"]
    assert chat.report.notes == (BOMB.format(path=path).removesuffix("."),)


def test_too_many_entries(tmp_path, monkeypatch):
    monkeypatch.setattr("sextortion_detect.readers.export_files._MOST_ENTRIES", 1_000)
    path = tmp_path / "many.zip"
    path.write_bytes(zipped(*((str(number), b"") for number in range(1_001)), compression=zipfile.ZIP_STORED))
    with pytest.raises(InputError) as caught:
        read_chat(path)
    assert str(caught.value) == f"{path} has more than 1,000 entries; a chat export has far fewer."


def test_a_line_of_more_than_10_mb_costs_no_other(tmp_path):
    path = tmp_path / "chat.txt"
    path.write_text(f"{CHAT}{'x' * (10 * 2**20 + 1)}\n15/03/2024, 21:42 - منى: هلا\n", encoding="utf-8")
    chat = read_chat(path)
    assert [message.text for message in chat.messages] == ["مرحبا", "هلا"]
    assert chat.report.not_understood == (2,)
    assert chat.report.notes == ("1 lines of more than 10 MB, or in messages of more, were passed over",)


@pytest.mark.parametrize(
    ("name", "place"),
    [("_chat.txt", "_chat.txt"), ("دردشة واتساب مع سارة.txt", "دردشة واتساب مع سارة.txt"), ("سارة", "سارة"),
     ("../../etc/chat.txt", "etc/chat.txt"), ("/etc/chat.txt", "etc/chat.txt"), ("..", "file"),
     ("..\\..\\windows\\chat.txt", "windows/chat.txt")],
)  # fmt: skip
def test_a_chat_in_a_zip_is_found_whatever_its_name(tmp_path, name, place):
    path = tmp_path / "any.zip"
    path.write_bytes(zipped(("photo.jpg", b"\xff\xd8"), ("note.txt", "ملاحظة"), (name, CHAT)))
    chat = read_chat(path)
    assert [message.text for message in chat.messages] == ["مرحبا"]
    assert chat.source == f"{path}/{place}"
    leads_out = "its name in the zip leads out of the archive; it was read in place, and nothing was unpacked"
    assert chat.report.notes == ((leads_out,) if place != name else ())
    assert [file.name for file in tmp_path.iterdir()] == ["any.zip"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings_of_unicode(tmp_path, encoding):
    path = tmp_path / "chat.txt"
    path.write_text(CHAT, encoding=encoding)
    (message,) = read_chat(path).messages
    assert (message.sender, message.text) == ("سارة", "مرحبا")


SAID = [
    "السلام عليكم ورحمة الله، كيف حالك؟", "الحمد لله بخير، وانت شلونك اليوم؟", "معي صورك كلها وارقام اهلك",
    "حول 500 دولار قبل الليل والا انشرها", "خلاص لا تنشر شي، راح ادبر المبلغ", "ok عندك ساعة واحدة بس",
]  # fmt: skip
WRITTEN = "".join(f"15/03/2024, 21:4{n} - {'منى' if n % 2 else 'لين'}: {said}\n" for n, said in enumerate(SAID))
TABLE = "sender,text\n" + "".join(f'لين,"{said}"\n' for said in SAID)
LINES = "".join(f'{{"text": "{said}"}}\n' for said in SAID)
WITHOUT_MARK = {
    "cp1256": "Windows-1256", "iso8859_6": "ISO 8859-6", "utf_16_le": "UTF-16 without a byte-order mark",
    "utf_16_be": "UTF-16 without a byte-order mark",
}  # fmt: skip


@pytest.mark.parametrize("text", [WRITTEN, TABLE, LINES], ids=["chat", "CSV", "JSON Lines"])
@pytest.mark.parametrize(("encoding", "name"), WITHOUT_MARK.items())
def test_arabic_of_other_programs_is_read_and_the_report_says_so(tmp_path, text, encoding, name):
    path = tmp_path / "chat.txt"
    path.write_bytes(text.encode(encoding))
    chat = read_chat(path)
    assert [message.text for message in chat.messages] == SAID
    assert chat.report.notes == (f"the text is not UTF-8; it was read as {name}",)
    assert chat.report.not_understood == ()


FOREIGN = [
    ("cp1251", "Привет, как дела? Что ты делаешь сегодня вечером?"), ("cp1251", "ПРИВЕТ, КАК ДЕЛА? ЧТО ДЕЛАЕШЬ СЕГОДНЯ ВЕЧЕРОМ?"),
    ("koi8_r", "Привет, как дела? Что ты делаешь сегодня вечером?"), ("cp1253", "Καλημέρα, τι κάνεις; Πάμε σινεμά το βράδυ."),
    ("cp1255", "שלום מה שלומך. אנחנו הולכים לקולנוע הערב."), ("cp1252", "Ça va très bien, à bientôt à l'été, mon élève."),
    ("gbk", "你好你怎么样，我们今天晚上去看电影"), ("shift_jis", "こんにちは元気ですか。今夜映画に行きます"), ("mac_arabic", SAID[0]),
]  # fmt: skip


@pytest.mark.parametrize(("encoding", "text"), FOREIGN)
@pytest.mark.parametrize("times", [1, 5])
def test_what_is_in_doubt_is_refused(tmp_path, encoding, text, times):
    path = tmp_path / "chat.txt"
    path.write_bytes(f"15/03/2024, 21:41 - Sara: {text}\n".encode(encoding) * times)
    with pytest.raises(InputError) as caught:
        read_chat(path)
    assert str(caught.value) == NOT_UTF_8.format(path=path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1256"])
def test_lines_that_end_with_a_carriage_return_alone(tmp_path, encoding):
    path = tmp_path / "chat.txt"
    for text in (WRITTEN, TABLE):
        path.write_bytes(text.replace("\n", "\r").encode(encoding))
        assert [message.text for message in read_chat(path).messages] == SAID


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf_16_le"])
def test_a_file_whose_last_byte_is_cut_loses_one_character(tmp_path, encoding):
    path = tmp_path / "chat.txt"
    path.write_bytes(CHAT[:-1].encode(encoding)[:-1])
    chat = read_chat(path)
    assert [(message.sender, message.text) for message in chat.messages] == [("سارة", "مرحب\ufffd")]
    assert chat.report.notes[-1] == "1 lines hold characters that cannot be read; \ufffd stands for them"


def test_a_few_nuls_cost_no_message(tmp_path):
    (tmp_path / "chat.txt").write_text(CHAT * 5 + CHAT.replace("مرحبا", "مر\0حبا"), encoding="utf-8")
    assert len(read_chat(tmp_path / "chat.txt").messages) == 6 * len(CHAT.splitlines())


def test_several_chats_in_one_file(tmp_path):
    path = tmp_path / "two.zip"
    path.write_bytes(zipped(("a.txt", CHAT), ("b.txt", CHAT)))
    assert [chat.source for chat in read_chats(path)] == [f"{path}/a.txt", f"{path}/b.txt"]
    with pytest.raises(InputError) as caught:
        read_chat(path)
    assert str(caught.value) == f"{path} holds several chats; use read_chats to go through them."


def test_a_folder_is_read_like_a_zip(tmp_path):
    (tmp_path / "b").mkdir()
    (tmp_path / "a.txt").write_text(CHAT, encoding="utf-8")
    (tmp_path / "b" / "result.json").write_text(TELEGRAM, encoding="utf-8")
    (tmp_path / "b" / "photo.jpg").write_bytes(b"\xff\xd8\xff\xe0\0")
    (tmp_path / "c.zip").write_bytes(zipped(("x/_chat.txt", CHAT)))
    assert [chat.source for chat in read_chats(tmp_path)] == [
        f"{tmp_path}/a.txt", f"{tmp_path}/c.zip/x/_chat.txt", f"{tmp_path}/b/result.json",
    ]  # fmt: skip


def test_an_empty_folder(tmp_path):
    with pytest.raises(UnknownExport) as caught:
        read_chat(tmp_path)
    assert str(caught.value) == NO_CHAT.format(path=tmp_path)


def test_links_in_a_folder_are_not_followed(tmp_path):
    outside = tmp_path / "outside.txt"
    outside.write_text(CHAT, encoding="utf-8")
    folder = tmp_path / "export"
    folder.mkdir()
    (folder / "link.txt").symlink_to(outside)
    (folder / "up").symlink_to(tmp_path)
    with pytest.raises(InputError) as caught:
        read_chat(folder)
    assert str(caught.value) == f"{folder} holds symbolic links alone; name the exported file itself."
    (folder / "chat.txt").write_text(CHAT, encoding="utf-8")
    assert read_chat(folder).report.notes == ("symbolic links in the folder were not followed: 2",)


def test_what_cannot_be_read_costs_no_other_chat(tmp_path):
    path = tmp_path / "mixed.zip"
    path.write_bytes(zipped(("1.txt", CHAT.encode("cp1256")), ("2.txt", CHAT), ("3.json", TELEGRAM)))
    read = []
    with pytest.raises(InputError) as caught:
        read.extend(chat.source for chat in read_chats(path))
    assert str(caught.value) == NOT_UTF_8.format(path=f"{path}/1.txt")
    read.clear()
    chats = read_chats(path)
    assert [next(chats).source, next(chats).source] == [f"{path}/2.txt", f"{path}/3.json"]


def test_a_note_in_another_encoding_beside_a_chat_is_no_matter(tmp_path):
    path = tmp_path / "chat.zip"
    path.write_bytes(zipped(("_chat.txt", CHAT), ("notes.txt", "ملاحظة".encode("cp1256"))))
    assert len(read_chat(path).messages) == 1


def test_a_few_bad_bytes_cost_no_message(tmp_path):
    path = tmp_path / "chat.txt"
    path.write_bytes(CHAT.encode() * 8 + "15/03/2024, 21:42 - منى: ها".encode() + b"\xff\n" + CHAT.encode()[:-2])
    chat = read_chat(path)
    assert [message.text for message in chat.messages] == ["مرحبا"] * 8 + ["ها\ufffd", "مرحب\ufffd"]
    assert chat.report.notes == ("2 lines hold characters that cannot be read; \ufffd stands for them",)
