"""Tables whose columns are named by the caller or guessed; every row accounted for."""

import io
import json
import subprocess
import sys
from datetime import UTC, datetime

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import CANARY

from sextortion_detect import open_chats, read_chat, read_chats
from sextortion_detect.errors import InputError, UnknownExport
from sextortion_detect.readers.times import from_any

AT = datetime(2024, 3, 15, 21, 41, 7)


def read(tmp_path, data, **columns):
    path = tmp_path / "table.bin"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return read_chat(path, **columns)


GUESSED = [
    "sender,time,text\nسارة,2024-03-15 21:41:07,هلا\n",
    "\ufeffText;Author;Timestamp\r\nهلا;سارة;2024-03-15T21:41:07\r\n",
    "message\tfrom\tdate\nهلا\tسارة\t2024-03-15 21:41:07\n",
    "المرسل,الوقت,النص\nسارة,2024-03-15 21:41:07,هلا\n",
    '{"content": "هلا", "user": "سارة", "created_at": "2024-03-15T21:41:07"}\n',
    '[\n {"body": "هلا", "username": "سارة", "datetime": "2024-03-15T21:41:07", "more": {"a": [1]}}\n]',
]


@pytest.mark.parametrize("table", GUESSED)
def test_usual_names_are_found(tmp_path, table):
    (message,) = read(tmp_path, table).messages
    assert (message.sender, message.sent_at, message.text) == ("سارة", AT, "هلا")


def test_columns_that_the_caller_names(tmp_path):
    chat = read(
        tmp_path, "a,b,c,text\nهلا,سارة,2024-03-15 21:41:07,لا\n", text_column="a", sender_column="b", time_column="c"
    )
    assert [(m.sender, m.sent_at, m.text) for m in chat.messages] == [("سارة", AT, "هلا")]
    assert [m.text for m in read(tmp_path, "only\nهلا\nوين\n", text_column="only").messages] == ["هلا", "وين"]


@pytest.mark.parametrize("what", ["text_column", "sender_column", "time_column"])
def test_a_column_that_is_not_there(tmp_path, what):
    with pytest.raises(InputError) as caught:
        read(tmp_path, f"text,b\n{CANARY},{CANARY}\n", **{what: "z"})
    assert str(caught.value) == f"{tmp_path}/table.bin has no column named z; its first row must name the columns."


def test_a_text_alone_is_no_table(tmp_path):
    with pytest.raises(UnknownExport):
        read(tmp_path, "text\nهلا\n")


def test_a_column_of_conversations(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("text,chat_id,sender\nا,7,س\nب,8,م\nت,7,م\n,7,س\nث,,س\n", encoding="utf-8")
    chats = list(read_chats(path))
    assert [(chat.source, [m.text for m in chat.messages]) for chat in chats] == [
        (f"{path}#1 7", ["ا", "ت", ""]), (f"{path}#2 8", ["ب"]), (f"{path}#3 ", ["ث"]),
    ]  # fmt: skip
    named = list(read_chats(path, chat_column="sender"))
    assert [[m.text for m in chat.messages] for chat in named] == [["ا", "", "ث"], ["ب", "ت"]]


BAD_ROWS = [
    ("CSV", b"text,sender\nA,s\n\xff,s\nB,s\n\nC\n", ["A", "B", "C"], (3,), 4),
    ("CSV with a line break in a cell", b'text,sender\n"A\nB",s\nC,s\n', ["A\nB", "C"], (), 2),
    ("CSV with a cell too long", b"text,sender\nA,s\n" + b"x" * (10 * 2**20 + 1) + b",s\nB,s\n", ["A", "B"], (3,), 3),
    ("JSON Lines", b'{"text": "A"}\n{"text": \n[]\n\n{"text": null}\n{"other": 1}\n{"text": "B"}\n', ["A", "B"], (2, 3, 5, 6), 6),
    ("JSON Lines, too deep", b'{"text": "A"}\n{"text": ' + b"[" * 100_000 + b'\n{"text": "B"}\n', ["A", "B"], (2,), 3),
    ("JSON Lines with another encoding", b'{"text": "A"}\n{"text": "\xc7"}\n{"text": "B"}\n{"text": "C"}', ["A", "B", "C"], (2,), 4),
    ("JSON array", b'[{"text": "A"}, 5, {"text": "B"}, {"text": null}]', ["A", "B"], (2, 4), 4),
]  # fmt: skip


@pytest.mark.parametrize(("_form", "data", "texts", "skipped", "rows"), BAD_ROWS, ids=[case[0] for case in BAD_ROWS])
def test_a_bad_row_costs_no_good_one(tmp_path, _form, data, texts, skipped, rows):
    chat = read(tmp_path, data)
    assert [message.text for message in chat.messages] == texts
    assert chat.report.not_understood == skipped
    assert (chat.report.lines, chat.report.unit) == (rows, "row")


def test_a_json_array_that_breaks_off(tmp_path):
    chat = read(tmp_path, '[{"text": "A"}, {"text": "B"}, {"te')
    assert [message.text for message in chat.messages] == ["A", "B"]
    assert chat.report.notes == (f"{tmp_path}/table.bin breaks off in the middle; export it again.",)


def test_numbers_and_missing_cells(tmp_path):
    table = pa.table({"text": ["A", None, "B"], "sender": [5, 6, None], "time": [1_710_538_867, None, 1_710_538_867]})
    file = io.BytesIO()
    pq.write_table(table, file)
    chat = read(tmp_path, file.getvalue())
    at = AT.replace(tzinfo=UTC)
    assert [(m.sender, m.sent_at, m.text) for m in chat.messages] == [("5", at, "A"), (None, at, "B")]
    assert chat.report.not_understood == (2,)


def test_an_excel_sheet_of_numbers_and_gaps(tmp_path):
    workbook = openpyxl.Workbook()
    for row in (["text", "time"], [500, AT], [None, AT], [], ["هلا", None]):
        workbook.active.append(row)
    workbook.save(tmp_path / "t.xlsx")
    chat = read_chat(tmp_path / "t.xlsx")
    assert [(m.text, m.sent_at) for m in chat.messages] == [("500", AT), ("هلا", None)]
    assert chat.report.not_understood == (3,)
    assert chat.report.notes == ()


TIMES = [
    ("2024-03-15 21:41:07", AT), ("2024-03-15T21:41:07Z", AT.replace(tzinfo=UTC)), ("2024-03-15 21:41", AT.replace(second=0)),
    (1_710_538_867, AT.replace(tzinfo=UTC)), (1_710_538_867.0, AT.replace(tzinfo=UTC)), ("1710538867", AT.replace(tzinfo=UTC)),
    (1_710_538_867_000, AT.replace(tzinfo=UTC)), (1_710_538_867_000_000, AT.replace(tzinfo=UTC)),
    (1_710_538_867_000_000_000, AT.replace(tzinfo=UTC)), (AT, AT), ("15/03/2024", None), ("", None), (None, None), (True, None),
    (10**30, None), ("9" * 5000, None), (float("nan"), None), ([], None),
]  # fmt: skip


@pytest.mark.parametrize(("cell", "time"), TIMES, ids=range(len(TIMES)))
def test_times_in_cells(cell, time):
    assert from_any(cell) == time


def test_times_that_cannot_be_read_are_counted(tmp_path):
    chat = read(tmp_path, "text,time\nA,15/03/2024\nB,\n")
    assert chat.report.notes == ("1 entries bear a date that cannot be read; they are kept without a time",)


DAMAGED = [
    (b"PAR1\x15\x04" + b"x" * 50, "{path} is a damaged Parquet file; write it again."),
]


@pytest.mark.parametrize(("data", "sentence"), DAMAGED)
def test_damaged_tables(tmp_path, data, sentence):
    with pytest.raises(InputError) as caught:
        read(tmp_path, data)
    assert str(caught.value) == sentence.format(path=tmp_path / "table.bin")


def test_a_damaged_excel_file(tmp_path):
    from test_export_files import zipped

    with pytest.raises(InputError) as caught:
        read(tmp_path, zipped(("xl/workbook.xml", "<x"), ("[Content_Types].xml", "<x")))
    assert str(caught.value) == f"{tmp_path}/table.bin is a damaged Excel file; save it again as .xlsx."


@pytest.mark.parametrize(("library", "data"), [("pyarrow", b"PAR1"), ("openpyxl", None)])
def test_a_library_that_is_missing(tmp_path, library, data):
    path = tmp_path / "t"
    if data is None:
        openpyxl.Workbook().save(path)
    else:
        path.write_bytes(data)
    code = (
        f"import sys; sys.modules[{library!r}] = None\nfrom sextortion_detect import read_chat\n"
        f"try: read_chat({str(path)!r})\nexcept ValueError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == (
        f"Reading {path} needs {library}, which is not installed; run: pip install 'sextortion-detect[tables-io]'\n"
    )


def test_a_table_without_conversations_is_read_row_by_row(tmp_path):
    path = tmp_path / "t.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for number in range(1000):
            file.write(json.dumps({"text": str(number)}) + "\n")
    (first, reports) = (None, [])
    for stream in open_chats(path):
        first = next(stream.messages())
        reports.append(stream.report.lines)
        assert len(stream.read().messages) == 999
        reports.append(stream.report.lines)
    assert (first.text, reports) == ("0", [1, 1000])


def test_a_table_that_was_sent_in_a_chat_is_no_chat(tmp_path):
    (tmp_path / "a.csv").write_text("text,sender\nA,s\n", encoding="utf-8")
    assert read_chat(tmp_path).messages[0].text == "A"
    (tmp_path / "b.txt").write_text("15/03/2024, 21:41 - سارة: هلا\n", encoding="utf-8")
    assert read_chat(tmp_path).messages[0].text == "هلا"


def test_a_chat_beside_a_table_whose_columns_are_named(tmp_path):
    (tmp_path / "a.csv").write_text("x,text\n15/03/2024,A\n", encoding="utf-8")
    (tmp_path / "b.txt").write_text("15/03/2024, 21:41 - سارة: هلا\n", encoding="utf-8")
    assert [chat.messages[0].text for chat in read_chats(tmp_path, text_column="x")] == ["15/03/2024", "هلا"]


def test_a_spreadsheet_that_is_far_larger_than_it_looks(tmp_path, monkeypatch):
    monkeypatch.setattr("sextortion_detect.readers.table_rows.LARGEST_TEXT", 100)
    openpyxl.Workbook().save(tmp_path / "t")
    with pytest.raises(InputError) as caught:
        read_chat(tmp_path / "t")
    assert str(caught.value) == f"{tmp_path}/t holds more than 256 MB of text; split it and read the parts."


def test_a_time_in_no_year_costs_no_message(tmp_path):
    path = tmp_path / "t.parquet"
    times = pa.array([0, 2**62, -(2**62), None], pa.timestamp("us"))
    pq.write_table(pa.table({"text": ["أ", "ب", "ت", "ث"], "time": times}), path)
    chat = read_chat(path)
    assert [message.text for message in chat.messages] == ["أ", "ب", "ت", "ث"]
    assert [message.sent_at is None for message in chat.messages] == [False, True, True, True]
