"""Tables whose columns are named by the caller or guessed; every row accounted for."""

import io
import json
import subprocess
import sys
import time
import zipfile
from datetime import UTC, date, datetime
from datetime import time as time_of_day

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
    ("JSON Lines with a second line that is none", b'{"text": "A"}\nx\n{"text": "B"}\n{"text": "C"}\n', ["A", "B", "C"], (2,), 4),
    ("JSON Lines whose first line is none", b'{"text": \n{"text": "A"}\n{"text": "B"}\n', ["A", "B"], (1,), 3),
    ("JSON Lines whose first object has no text", b'{"chat_type": "x"}\n{"text": "A"}\n{"text": "B"}\n', ["A", "B"], (1,), 3),
    ("JSON array", b'[{"text": "A"}, 5, {"text": "B"}, {"text": null}]', ["A", "B"], (2, 4), 4),
    ("CSV whose first row is short", b"sender,text\nx\ns,A\ns,B\n", ["A", "B"], (2,), 3),
]  # fmt: skip


@pytest.mark.parametrize(("_form", "data", "texts", "skipped", "rows"), BAD_ROWS, ids=[case[0] for case in BAD_ROWS])
def test_a_bad_row_costs_no_good_one(tmp_path, _form, data, texts, skipped, rows):
    chat = read(tmp_path, data)
    assert [message.text for message in chat.messages] == texts
    assert chat.report.not_understood == skipped
    assert (chat.report.lines, chat.report.unit) == (rows, "row")


GUESSED_CELLS = [
    ("the mark in a text at the end", "sender;text\nس;هلا; حول الان\nم;B\n", [("س", "هلا; حول الان"), ("م", "B")], (2,)),
    ("the mark in a text in the middle", "sender,text,time\nس,a, b,2024-03-15 21:41:07\n", [("س", "a, b")], (2,)),
    ("the mark in a text at the beginning", "text\tsender\na\tb\tس\n", [("س", "a\tb")], (2,)),
    ("a mark after the last cell", "text;sender\nA;س;\nB;م;;\n", [("س", "A"), ("م", "B")], ()),
    ("a quotation mark that never closes", 'sender,text\nس,"A\nم,B\nم,C\n', [("س", '"A'), ("م", "B"), ("م", "C")], (2,)),
    ("one that runs into the next", 'sender,text\nس,"A\nم,B\nم,"C, D"\nم,E\n',
     [("س", '"A'), ("م", "B"), ("م", "C, D"), ("م", "E")], (2,)),
    ("one with words behind it", 'sender,text\nس,"A" B\nم,C\n', [("س", '"A" B'), ("م", "C")], (2,)),
    ("a cell of several lines behind one", 'sender,text\nس,"A\nم,"B\nC"\nم,D\n', [("س", '"A'), ("م", "B\nC"), ("م", "D")], (2,)),
    ("inches", 'sender,text\nس,5" A\nم,"B ""C"""\n', [("س", '5" A'), ("م", 'B "C"')], ()),
]  # fmt: skip


@pytest.mark.parametrize(
    ("_why", "data", "entries", "doubtful"), GUESSED_CELLS, ids=[case[0] for case in GUESSED_CELLS]
)
def test_a_row_that_is_no_proper_csv_keeps_its_text_and_is_told(tmp_path, _why, data, entries, doubtful):
    report = (chat := read(tmp_path, data)).report
    assert [(message.sender, message.text) for message in chat.messages] == entries
    assert (report.not_understood, report.lines) == (doubtful, len(entries))
    told = "1 rows have too many cells or quotation marks that do not fit; their texts are kept as they stand"
    assert report.notes == ((told,) if doubtful else ())


def test_quotation_marks_that_never_close_cost_no_time(tmp_path):
    """Each line would otherwise be read again and again to the end of the file: a bomb of a few MB."""
    rows = 40_000
    began = time.perf_counter()
    chat = read(tmp_path, "sender,text\n" + 'x",b,"c\n' * rows)
    assert len(chat.messages) == rows
    assert time.perf_counter() - began < 10


def test_a_json_array_that_breaks_off(tmp_path):
    chat = read(tmp_path, '[{"text": "A"}, {"text": "B"}, {"te')
    assert [message.text for message in chat.messages] == ["A", "B"]
    assert chat.report.notes == (f"{tmp_path}/table.bin breaks off in the middle; export it again",)


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


HEADS = [
    ("a line that names the mark between cells", "sep=;\r\nsender;text;time\r\nسارة;هلا;2024-03-15 21:41:07\r\n", AT, 1),
    ("titles above the names", 'Chat, March,\n\n"المرسل",الوقت,النص\nسارة,2024-03-15 21:41:07,هلا\n', AT, 2),
    ("a day and a clock", "Date,Time,From,Message\n2024-03-15,21:41:07,سارة,هلا\n", AT, 0),
    ("a day and a clock of one digit", "التاريخ;الوقت;المرسل;النص\n2024-03-15;9:41;سارة;هلا\n", datetime(2024, 3, 15, 9, 41), 0),
    ("a day, and a clock with it", "date,time,sender,text\n2024-03-15,2024-03-15 21:41:07,سارة,هلا\n", AT, 0),
    ("a clock that was left out", "date,time,sender,text\n2024-03-15 21:41:07,,سارة,هلا\n", AT, 0),
]  # fmt: skip


@pytest.mark.parametrize(("_why", "data", "at", "above"), HEADS, ids=[case[0] for case in HEADS])
def test_where_columns_are_named_and_times_stand(tmp_path, _why, data, at, above):
    chat = read(tmp_path, data)
    assert [(m.sender, m.sent_at, m.text) for m in chat.messages] == [("سارة", at, "هلا")]
    told = f"{above} rows above the one that names the columns were passed over"
    assert chat.report.notes == ((told,) if above else ())


def test_columns_of_one_name(tmp_path):
    data = "sender,text,sender,text\nس,A,,\nم,B,x,y\n"
    chat = read(tmp_path, data)
    assert [(m.sender, m.text) for m in chat.messages] == [("س", "A"), ("م", "B")]
    assert chat.report.notes == ("several columns bear one name; the first of each is read",)


def test_a_line_of_a_text_is_no_head_of_a_table(tmp_path):
    """Prose that holds a usual name between two marks is no table; two such names below the first row are asked for."""
    with pytest.raises(UnknownExport):
        read(tmp_path, "هلا\nوين, text\nهلا\n")


def workbook(path, **sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def test_messages_on_a_second_sheet_below_a_title(tmp_path):
    path = workbook(
        tmp_path / "t.xlsx", info=[["about", "x"]], empty=[],
        chat=[["Export of March"], [], ["Date", "Time", "From", "Message"], [date(2024, 3, 15), time_of_day(21, 41, 7), "سارة", "هلا"]],
    )  # fmt: skip
    chat = read_chat(path)
    assert chat.source == str(path)
    assert [(m.sender, m.sent_at, m.text) for m in chat.messages] == [("سارة", AT, "هلا")]
    assert chat.report.notes == (
        "1 sheets without a column of texts were not read",
        "2 rows above the one that names the columns were passed over",
    )


def test_each_sheet_of_messages_is_a_conversation(tmp_path):
    path = workbook(
        tmp_path / "t.xlsx", one=[["text", "sender"], ["A", "س"], [None, "س"]], two=[["body", "id"], ["B", 1]]
    )
    chats = list(read_chats(path))
    assert [(chat.source, [m.text for m in chat.messages]) for chat in chats] == [
        (f"{path}#1 one", ["A"]), (f"{path}#2 two", ["B"]),
    ]  # fmt: skip
    assert [chat.report.not_understood for chat in chats] == [(3,), ()]


def test_a_sheet_that_is_a_chart_costs_no_message(tmp_path):
    book = openpyxl.load_workbook(workbook(tmp_path / "t.xlsx", one=[["text", "sender"], ["A", "س"]]))
    book.create_chartsheet("chart", 0)
    book.save(tmp_path / "t.xlsx")
    assert [m.text for m in read_chat(tmp_path / "t.xlsx").messages] == ["A"]


def test_a_name_of_several_lines_is_one_line(tmp_path):
    """Else a name could forge the lines of a report."""
    path = tmp_path / "t.csv"
    path.write_text('chat,sender,text\n"A\nB","C\r\nNo message flagged\u2028D",هلا\n', encoding="utf-8", newline="")
    (chat,) = read_chats(path, chat_column="chat")
    assert chat.source == f"{path}#1 A B"
    assert [m.sender for m in chat.messages] == ["C No message flagged D"]


@pytest.mark.parametrize("name", ["t.xlsx", "t.parquet"])
def test_a_table_without_a_column_of_texts(tmp_path, name):
    path = tmp_path / name
    if name == "t.xlsx":
        workbook(path, one=[["a", "b"], ["x", CANARY]])
    else:
        pq.write_table(pa.table({"a": ["x"], "b": [CANARY]}), path)
    with pytest.raises(UnknownExport) as caught:
        read_chat(path)
    assert str(caught.value) == (
        f"{path} is a table in which no column bears a usual name for texts; name it with text_column (--text-column)."
    )


def test_a_sheet_that_states_too_small_a_size(tmp_path):
    """Some programs write that the sheet has one cell; what it holds counts."""
    path = workbook(tmp_path / "t.xlsx", one=[["text", "sender"], ["A", "س"]])
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data.replace(b'<dimension ref="A1:B2"', b'<dimension ref="A1"'))
    assert [(m.sender, m.text) for m in read_chat(path).messages] == [("س", "A")]


def test_a_parquet_text_that_is_no_utf8_costs_no_other(tmp_path):
    texts = pa.Array.from_buffers(pa.string(), 3, pa.array([b"A", b"\xff", b"B"], pa.binary()).buffers())
    pq.write_table(pa.table({"text": texts}), tmp_path / "t.parquet")
    chat = read_chat(tmp_path / "t.parquet")
    assert ([m.text for m in chat.messages], chat.report.not_understood) == (["A", "B"], (2,))


def test_a_parquet_text_in_bytes_is_read(tmp_path):
    pq.write_table(pa.table({"text": pa.array(["حول".encode(), b"\xff", None], pa.binary())}), tmp_path / "t.parquet")
    chat = read_chat(tmp_path / "t.parquet")
    assert ([m.text for m in chat.messages], chat.report.not_understood) == (["حول"], (2, 3))


SEVERAL = "texts stand in several columns (text, message); of each row the first was read"


@pytest.mark.parametrize(
    ("data", "texts", "notes"),
    [
        ("sender,text,message\nA,,حول\nB,هلا,\nC,,\n", ["حول", "هلا", ""], ()),
        ("sender,caption,body\nA,حول,\nB,,هلا\n", ["حول", "هلا"], ()),
        ("sender,text,message\nA,هلا,هلا\n", ["هلا"], ()),
        ("sender,text,message\nA,هلا,حول\nA,هلا,حول\n", ["هلا", "هلا"], (SEVERAL,)),
    ],
)
def test_whichever_column_of_texts_is_filled_is_read(tmp_path, data, texts, notes):
    chat = read(tmp_path, data)
    assert ([m.text for m in chat.messages], chat.report.notes) == (texts, notes)


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


def test_a_table_whose_names_stand_in_an_empty_row_is_no_chat(tmp_path):
    """More lines than titles may take stand between; nobody gets a traceback for it."""
    path = tmp_path / "chat.csv"
    path.write_bytes(b"sender,time,text\r24-03-31T21:41" + b"\n" * 31 + ",text\r\nسارة,1012-0\n\n\n3-31T21\n".encode())
    with pytest.raises(UnknownExport):
        read_chat(path)
