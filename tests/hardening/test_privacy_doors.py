"""Canaries go in by every public door, as good input and as bad, and come out nowhere but where a text was asked for.

Looked at are standard output and error, log records from DEBUG on, warnings, tracebacks with all that they are chained
to, reprs, and every file that a run leaves in its folder, in the home folder and among temporary files.
"""

import io
import json
import logging
import os
import re
import subprocess
import sys
import traceback
import warnings
import zipfile
from datetime import datetime

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from chat_writers import TEXT, WRITERS
from conftest import CANARY
from sklearn.pipeline import make_pipeline

from sextortion_detect import (
    Chat,
    ChatMonitor,
    Message,
    classify,
    classify_iter,
    load_model,
    open_chats,
    read_chat,
    thresholds_for,
)
from sextortion_detect.estimators import ArabicNormalizer, SextortionClassifier
from sextortion_detect.integrations import coop, perspective
from sextortion_detect.scoring.input_tables import GoodRow
from sextortion_detect.scoring.score_tables import score_tables

pytestmark = pytest.mark.harden

FLAGGED = f"معي تسجيلك كامل يا {CANARY} حول ٥٠٠ دولار قبل الليل والا بيوصل لكل اهلك"
# As it stands, as JSON escapes it, as a repr of its bytes shows it, and folded as the features have it.
FORMS = [
    CANARY,
    json.dumps(CANARY)[1:-1],
    repr(CANARY.encode())[2:-1],
    repr(CANARY.encode("utf-16-le"))[2:-1],
    CANARY.removesuffix("٤٢"),
]


def assert_silent(shown, where):
    for form in FORMS:
        assert form not in shown, where


@pytest.fixture
def watched(tmp_path, monkeypatch, capfd):
    """Calls work, catches what it raises, and looks through all that it left."""
    home, folder, temporary = (tmp_path / name for name in ("home", "cwd", "tmp"))
    for place in (home, folder, temporary):
        place.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setenv("JOBLIB_TEMP_FOLDER", str(temporary))  # where other processes map the arrays of the model from
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    monkeypatch.chdir(folder)
    log = io.StringIO()
    handler = logging.StreamHandler(log)
    root = logging.getLogger()
    root.addHandler(handler)
    monkeypatch.setattr(root, "level", logging.DEBUG)

    def look(work, where):
        shown = []
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            try:
                shown.append(repr(work()))
            except Exception as error:
                shown.append("".join(traceback.format_exception(error)))
                chained = error
                while chained is not None:
                    shown.append(repr(chained) + repr(chained.args) + repr(getattr(chained, "__notes__", "")))
                    chained = chained.__cause__ or chained.__context__
        shown += [str(one.message) for one in warned]
        shown += [log.getvalue(), *capfd.readouterr()]
        for place in (home, folder, temporary):
            for path in (path for path in place.rglob("*") if path.is_file()):
                assert (where, path.match("joblib_memmapping_folder_*/*")) == ("processes", True), path
                assert not any(form.encode() in path.read_bytes() for form in FORMS), where
        assert_silent("\n".join(shown), where)

    yield look
    root.removeHandler(handler)


class Strange:
    """No text, though it looks like one where it is shown."""

    def __repr__(self):
        return CANARY

    __str__ = __repr__


MESSAGE = Message(FLAGGED, CANARY)
CALLS = {
    "str": lambda: classify(FLAGGED, thresholds={"offense": 0.1}),
    "list": lambda: classify([FLAGGED, "x"]),
    "generator": lambda: list(classify_iter(text for text in [FLAGGED] * 3)),
    "series": lambda: classify(pd.Series([FLAGGED], index=["x"]))[["label", "probability"]],
    "polars": lambda: classify(pl.Series([FLAGGED])).select("label", "probability"),
    "arrow": lambda: classify(pa.array([FLAGGED])).select(["label", "probability"]),
    "chat": lambda: classify(Chat([MESSAGE], source="x")),
    "processes": lambda: classify([FLAGGED] * 9, n_jobs=2),
    "monitor": lambda: ChatMonitor().update(MESSAGE),
    "classifier": lambda: SextortionClassifier().predict_proba([FLAGGED]),
    "perspective": lambda: perspective.analyze({"comment": {"text": FLAGGED}, "requestedAttributes": {"SEXTORTION": {}}}),
    "coop": lambda: coop.run_signal(next(iter(coop.SIGNALS)), FLAGGED),
    "advice": lambda: classify(FLAGGED).advice("en"),
    "bytes": lambda: classify(FLAGGED.encode()),
    "mapping": lambda: classify({FLAGGED: 1}),
    "number in a list": lambda: classify([FLAGGED, 3]),
    "strange thing": lambda: classify(Strange()),
    "strange thing in a list": lambda: classify([FLAGGED, Strange()]),
    "strange thing in a generator": lambda: list(classify_iter([FLAGGED, Strange()])),
    "strange thing in a series": lambda: classify(pd.Series([FLAGGED, Strange()])),
    "bytes in arrow": lambda: classify(pa.array([FLAGGED.encode()])),
    "bytes in polars": lambda: classify(pl.Series([FLAGGED.encode()])),
    "structs in polars": lambda: classify(pl.Series([{"text": FLAGGED}])),
    "frame": lambda: classify(pd.DataFrame({"text": [FLAGGED]})),
    "string for iter": lambda: classify_iter(FLAGGED),
    "no message to a monitor": lambda: ChatMonitor().update(FLAGGED),
    "chat of strings": lambda: classify(Chat([FLAGGED])),
    "estimator with a number": lambda: SextortionClassifier().predict([FLAGGED, 3]),
    "estimator with labels that do not fit": lambda: SextortionClassifier().fit([FLAGGED], [CANARY]),
    "estimator with a background": lambda: SextortionClassifier(background=[FLAGGED] * 3),
    "estimator with a background in a pipeline": lambda: make_pipeline(ArabicNormalizer(), SextortionClassifier(background=[FLAGGED])),
    "estimator with a background as HTML": lambda: SextortionClassifier(background=[FLAGGED])._repr_html_(),
    "estimator with a background, wrong": lambda: SextortionClassifier(background=[FLAGGED]).set_params(nothing=1),
    "row of a table": lambda: GoodRow(1, FLAGGED),
    "thresholds of a wrong kind": lambda: classify("x", thresholds=[FLAGGED]),
    "processes of a wrong kind": lambda: classify(["x"], n_jobs=FLAGGED),
    "prefix of a wrong kind": lambda: classify("x", prefix=[FLAGGED]),
    "thresholds for one text": lambda: thresholds_for(FLAGGED),
    "thresholds for a number in a list": lambda: thresholds_for([FLAGGED, 3]),
    "normalizer with a number": lambda: ArabicNormalizer().transform([FLAGGED, 3]),
    "perspective, wrong": lambda: perspective.analyze({"comment": {"text": [FLAGGED]}, "requestedAttributes": {"SEXTORTION": {}}}),
    "perspective, unknown": lambda: perspective.analyze({"comment": {"text": FLAGGED}, "requestedAttributes": {"NO": {}}}),
    "perspective, strange": lambda: perspective.analyze({"comment": FLAGGED}),
    "coop, wrong": lambda: coop.run_signal(next(iter(coop.SIGNALS)), [FLAGGED]),
    "coop, unknown": lambda: coop.run_signal("no", FLAGGED),
    "the text as a model": lambda: classify("x", model=FLAGGED),
}  # fmt: skip


@pytest.mark.parametrize("door", CALLS)
def test_a_door_of_the_library(watched, door, record):
    watched(CALLS[door], door)
    record("privacy", "doors of the library, with good and bad input", 1, "no canary outside")


ENTRIES = [(f"{CANARY}", datetime(2024, 3, 15, 21, minute), FLAGGED, TEXT) for minute in range(20)]


def damaged(data):
    """The export whole, cut, with bytes altered, with its braces gone, with NULs, in another encoding, doubled."""
    yield data
    yield from (data[: len(data) * part // 7] for part in range(1, 7))
    for place in range(5, len(data), max(len(data) // 12, 1)):
        yield data[:place] + b"\xff" + data[place + 1 :]
    yield data.replace(b"}", b"", 3)
    yield data.replace(b":", b"", 9)
    yield data.replace(b'"text"', b'"tixt"').replace(b'"messages"', b'"massages"')
    yield data.replace(b"\n", b"\0\n")
    yield data.decode("utf-8", "replace").encode("cp1256", "replace")
    yield data.decode("utf-8", "replace").encode("utf-16")
    yield data + data


@pytest.mark.parametrize("form", WRITERS)
def test_a_reader(watched, tmp_path, form, record):
    data, _ = WRITERS[form](ENTRIES)
    tried = 0
    path = tmp_path / "export"
    for number, altered in enumerate(damaged(data)):
        path.write_bytes(altered)

        def read():
            shown = []
            for stream in open_chats(path):
                shown.append(repr(stream))
                shown += [repr(message) for message in stream.messages()]
                shown.append(repr(stream.report))
            return shown

        watched(read, (form, number))
        watched(lambda: repr(read_chat(path)) + repr(classify(read_chat(path))), (form, number))
        tried += 2
    record("privacy", "exports of every reader, whole and damaged", tried, "no canary outside")


COMMAND = [sys.executable, "-c", "from sextortion_detect.cli import main; main()"]


@pytest.fixture
def corner(tmp_path):
    """A folder with input of all kinds, and nowhere else to write to."""
    (tmp_path / "in").mkdir()
    for name in ("home", "tmp", "cwd"):
        (tmp_path / name).mkdir()
    for name, form in (
        ("chat.txt", "WhatsApp, English Android"),
        ("result.json", "Telegram"),
        ("t.csv", "CSV"),
        ("t.jsonl", "JSON Lines"),
    ):
        data, _ = WRITERS[form](ENTRIES)
        (tmp_path / "in" / name).write_bytes(data)
        (tmp_path / "in" / f"cut-{name}").write_bytes(data[: len(data) * 2 // 3])
    (tmp_path / "in" / "bad.csv").write_text(f"text\n{CANARY},{CANARY}\n")
    (tmp_path / "in" / "bad.jsonl").write_text(f'{{"{CANARY}\n{{"text":["{CANARY}"]}}\n"{CANARY}"\n')
    return tmp_path


def run(corner, *arguments, stdin=""):
    environment = {**os.environ, "HOME": str(corner / "home"), "TMPDIR": str(corner / "tmp"), "PYTHONUNBUFFERED": "1"}
    return subprocess.run(
        [*COMMAND, *arguments], cwd=corner / "cwd", env=environment, input=stdin, capture_output=True, text=True
    )


def left(corner):
    return [path for name in ("home", "tmp", "cwd") for path in (corner / name).rglob("*") if path.is_file()]


def test_names_within_archives_command_no_terminal(corner, record):
    """Whatever an archive from a stranger calls what lies in it, whole or damaged, complaints are text alone."""
    for number, name in enumerate(("\x1b]0;a\x07.json", "\x9b2J\u202e.txt", "a\x1b[31m/result.json", "\r\x08.csv")):
        for text in (b'{"messages": [' + b"[" * 99, b"\xff\xd8\xfe" * 99, b"text\n", b'{"messages": [{"te'):
            path = corner / "in" / f"{number}.zip"
            with zipfile.ZipFile(path, "w") as archive:
                archive.writestr(name, text)
            shown = run(corner, "scan", str(path)).stderr
            assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", shown)
            record("privacy", "names within archives that hold commands for a terminal", 1, "text alone")


SILENT = [  # commands whose output has no place for a text either
    ["classify", "--json", "--model", "{in}", FLAGGED],
    ["doctor"],
    ["doctor", "--model", "{in}"],
    ["doctor", FLAGGED],
    ["score", "{in}/t.csv", "--out", "{cwd}/v.jsonl"],
    ["score", "{in}/t.jsonl", "--out", "{cwd}/v.parquet"],
    ["score", "{in}/bad.csv", "{in}/bad.jsonl", "--out", "{cwd}/v.csv"],
    ["score", "{in}/chat.txt", "--out", "{cwd}/v.csv"],
    ["score", "{in}/result.json", "--out", "{cwd}/v.csv"],
    ["scan", "{in}/bad.csv", "{in}/bad.jsonl", "--quiet", "--text-column", "no"],
    ["serve", "--port", "x", FLAGGED],
    ["corpus", "check", FLAGGED],
]  # fmt: skip


@pytest.mark.parametrize("arguments", SILENT, ids=lambda arguments: " ".join(arguments[:2]))
def test_a_command(corner, arguments, record):
    given = [one.replace("{in}", str(corner / "in")).replace("{cwd}", str(corner / "cwd")) for one in arguments]
    done = run(corner, *given)
    shown = done.stdout + done.stderr
    if FLAGGED not in arguments or "--model" in arguments:  # what was typed as an argument too many is named
        assert_silent(shown, arguments)
    assert "Traceback" not in shown
    for path in left(corner):
        assert_silent(path.read_bytes().decode("utf-8", "replace"), path)
    record("privacy", "commands", 1, "no canary on either stream, nor in a file")


ASKED = [  # standard output and the files that were named are the place for texts; nothing else is
    ["scan", "{in}/chat.txt"],
    ["scan", "{in}/cut-result.json", "--html", "{cwd}/asked.html"],
    ["scan", "{in}/t.csv", "--out", "{cwd}/asked.csv"],
    ["scan", "-", "--out", "{cwd}/asked.jsonl"],
    ["classify", "-"],
]


@pytest.mark.parametrize("arguments", ASKED, ids=" ".join)
def test_a_command_that_shows_messages(corner, arguments, record):
    given = [one.replace("{in}", str(corner / "in")).replace("{cwd}", str(corner / "cwd")) for one in arguments]
    done = run(corner, *given, stdin=(corner / "in" / "chat.txt").read_text(encoding="utf-8"))
    assert_silent(done.stderr, arguments)
    assert all(path.name.startswith("asked") for path in left(corner)), left(corner)
    record("privacy", "commands that show messages", 1, "on standard output and in named files alone")


def test_a_crash_shows_no_locals(corner):
    """An error that nobody foresaw, in the middle of a scan: its traceback has lines of code alone."""
    code = (
        "import sys\nfrom sextortion_detect.cli import main, scan_command\n"
        "def broken(stream, *_, **__):\n    texts = [message.text for message in stream.messages()]\n    raise ZeroDivisionError\n"
        "sys.modules['sextortion_detect.cli.scan_command'].scan_chat = broken\nmain()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "scan", corner / "in" / "chat.txt"], capture_output=True, text=True
    )
    assert "ZeroDivisionError" in done.stderr
    assert_silent(done.stdout + done.stderr, "crash")


def test_a_model_folder_holds_no_text(tmp_path, record):
    """Nor does loading one from a place whose files hold one say so."""
    (tmp_path / "manifest.json").write_text(json.dumps({"format": CANARY, "labels": CANARY}))
    with pytest.raises(Exception) as caught:  # noqa: PT011
        load_model(tmp_path)
    assert_silent("".join(traceback.format_exception(caught.value)), "manifest")


def test_tables_leave_verdicts_alone(tmp_path):
    (tmp_path / "t.csv").write_text(f"text\n{FLAGGED}\n", encoding="utf-8")
    score_tables([str(tmp_path / "t.csv")], tmp_path / "v.csv")
    assert_silent((tmp_path / "v.csv").read_text(encoding="utf-8"), "verdicts")
