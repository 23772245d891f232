"""Whatever happens to an export on its way, its reader gives what is left or says a sentence; nothing else comes out."""

import io
import zipfile
from datetime import datetime

import pytest
from chat_writers import DELETED, MEDIA, SYSTEM, TEXT, WRITERS
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from sextortion_detect import read_chats
from sextortion_detect.errors import InputError
from sextortion_detect.records import Chat

AT = datetime(2024, 3, 31, 21, 41, 7)
ENTRIES = [
    ("سارة", AT, "هلا", TEXT),
    ("منى", AT, "سطر\nثان", TEXT),
    *(("س", AT, "x", kind) for kind in (MEDIA, DELETED, SYSTEM)),
]
EXPORTS = {form: write(ENTRIES)[0] for form, write in WRITERS.items()}


def packed(data):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inbox/x/1", data)
    return file.getvalue()


BYTES = st.binary(max_size=4) | st.sampled_from(
    [b"\0", b'"', b"\\", b"{", b"[", b"]}", b"\n", b"\xff", b"\xe2\x80", b"99999999"]
)
DAMAGE = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 9), BYTES), max_size=4)


def damaged(data, damage):
    for where, length, instead in damage:
        at = int(where * len(data))
        data = data[:at] + instead + data[at + length :]
    return data


def chats_or_a_sentence(path):
    chats, sentence = [], "."
    try:
        chats.extend(read_chats(path))
    except InputError as error:
        sentence = str(error)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    return chats


@pytest.mark.parametrize("form", EXPORTS)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(damage=DAMAGE, zipped=st.booleans())
def test_a_damaged_export(tmp_path, form, damage, zipped):
    data = EXPORTS[form]
    path = tmp_path / "x"
    path.write_bytes(damaged(packed(data) if zipped else data, damage))
    for chat in chats_or_a_sentence(path):
        assert isinstance(chat, Chat)
        assert sum(chat.report.entries.values()) == len(chat.messages)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.binary(min_size=1, max_size=300) | st.text(min_size=1).map(str.encode))
@example(data=b"text,b\n\r\n")
@example(data=b"\xff\xfe")
@example(data=b"[[")
@example(data=b'[{"text": 1}]')
@example(data=rb"""{"name": "x", "messages": [{"id": 0, "text": "\ud83d\uffff"}]}""")
@example(data="Conversation: س (+00 000)\n\nx\nType: incoming\n".encode())
@example(data=f"Conversation: س\n\nFrom: س\nType: incoming\nSent: Sun, 31 Mar {10**20} 21:41:07 +0300\n\nx\n".encode())
def test_any_bytes_at_all(tmp_path, data):
    path = tmp_path / "x"
    path.write_bytes(data)
    chats_or_a_sentence(path)


@pytest.mark.parametrize("form", [form for form in EXPORTS if form not in {"Parquet", "Excel"}])
@pytest.mark.parametrize("part", [0.5, 0.8, 0.95])
def test_a_part_of_an_export_gives_the_messages_before_the_break(tmp_path, form, part):
    whole = EXPORTS[form]
    path = tmp_path / "x"
    path.write_bytes(whole)
    (before,) = read_chats(path)
    path.write_bytes(whole[: int(len(whole) * part)])
    chats = chats_or_a_sentence(path)
    assert chats or part == 0.5 or "WhatsApp" not in form  # a short export may break off before a whole message
    for chat in chats:
        kept = [message for message in chat.messages if message in before.messages]
        assert len(kept) >= len(chat.messages) - 1  # the last may be cut
