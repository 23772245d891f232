"""The command line as a person uses it, good input and bad: data on standard output, one sentence on standard error."""

import csv
import json
import os
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pandas as pd
import pytest
from conftest import CANARY, ROOT, SAMPLE

from sextortion_detect import classify, read_chat

COMMAND = Path(sys.executable).with_name("sextortion-detect")
THREAT = "معي تسجيلك كامل. حول ٥٠٠ دولار قبل الليل والا بيوصل لكل اهلك"


def run(*arguments, stdin=None, cwd=None):
    return subprocess.run(
        [COMMAND, *map(str, arguments)],
        input=stdin.encode() if isinstance(stdin, str) else stdin,
        capture_output=True,
        cwd=cwd,
        env={**os.environ, "COLUMNS": "200", "NO_COLOR": "1"},
    )


def test_classify_shows_label_and_marks_evidence():
    done = run("classify", THREAT)
    out = done.stdout.decode()
    assert done.returncode == 0
    assert "blackmail" in out
    assert "payment_demand" in out
    assert "«" in out


def test_classify_json_is_the_verdict():
    assert json.loads(run("classify", "--json", THREAT).stdout) == classify(THREAT).to_dict()


@pytest.mark.parametrize("budget", ["1e-2", "1e-4"])
def test_a_budget_moves_the_flags(budget):
    texts = ["شوفي لو ما بعتي بفضحك", THREAT, "صباح الخير"]
    done = run("classify", "--thresholds", budget, stdin="\n".join(texts))
    flagged = [json.loads(line)["flagged"] for line in done.stdout.splitlines()]
    assert flagged == [verdict.flagged for verdict in classify(texts, thresholds=budget)]
    rows = run("scan", SAMPLE, "--out", "-", "--thresholds", budget, "-q").stdout.splitlines()
    assert [json.loads(row)["flagged"] for row in rows] == [
        verdict.flagged for verdict in classify(read_chat(SAMPLE), thresholds=budget).messages
    ]


def test_classify_lines():
    done = run("classify", stdin=f"{THREAT}\n\nصباح الخير")
    records = [json.loads(line) for line in done.stdout.decode().splitlines()]
    assert [(record["line"], record["label"]) for record in records] == [(1, "blackmail"), (2, "benign"), (3, "benign")]
    assert done.stderr == b""


def test_a_bad_line_costs_no_good_one():
    done = run("classify", stdin="هلا\n".encode() + b"\xff\xfe\n" + "هلا\n".encode())
    assert [json.loads(line)["line"] for line in done.stdout.splitlines()] == [1, 3]
    assert done.returncode == 2
    assert done.stderr.decode() == "Line 2 is not UTF-8 text and was passed over; convert the input to UTF-8.\n"


def test_output_is_utf_8_on_every_machine():
    done = subprocess.run(
        [COMMAND, "classify", THREAT], capture_output=True, env={**os.environ, "PYTHONIOENCODING": "cp1252"}
    )
    assert "ابتزاز" in done.stdout.decode("utf-8")


def test_a_strangers_text_commands_neither_terminal_nor_spreadsheet(tmp_path):
    chat = tmp_path / "chat.txt"
    chat.write_text(
        f"15/03/2024, 21:41 - @S\x1b[31m: {THREAT}\x1b[2J\u202e\n15/03/2024, 21:42 - م: =1+1\n", encoding="utf-8"
    )
    done = run("scan", chat, "--out", tmp_path / "v.csv")
    assert b"\x1b" not in done.stdout
    assert "\u202e" not in done.stdout.decode()
    rows = list(csv.DictReader((tmp_path / "v.csv").read_text(encoding="utf-8-sig").splitlines(keepends=True)))
    assert [(row["sender"][:3], row["text"][:2]) for row in rows] == [("'@S", "مع"), ("م", "'=")]


def test_a_live_pipe_is_answered_line_by_line():
    with subprocess.Popen([COMMAND, "classify"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.stdin.write("هلا\n".encode())
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["line"] == 1
        process.stdin.write("وين\n".encode())
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["line"] == 2
        process.stdin.close()


def test_scan_shows_the_flagged_messages():
    done = run("scan", SAMPLE)
    out = done.stdout.decode()
    assert done.returncode == 0
    assert "لين" in out
    assert "2025-03-08 00:10" in out
    assert "exposure threat" in out
    assert "«" in out
    assert "18 lines read" in out


def test_scan_shows_whom_to_help(tmp_path):
    chat = tmp_path / "chat.txt"
    report = "واحد يهددني ينشر صوري وش اسوي"
    chat.write_text(f"15/03/2024, 21:41 - منى: {report}\n15/03/2024, 21:42 - سارة: بلغي الشرطة\n", encoding="utf-8")
    out = run("scan", chat).stdout.decode()
    assert report in out
    assert "action: support" in out
    assert "A person here needs support" in out


def test_version():
    assert run("--version").stdout.decode().strip() == version("sextortion-detect")


@pytest.mark.parametrize("suffix", [".jsonl", ".csv"])
def test_scan_writes_every_verdict(tmp_path, suffix):
    target = tmp_path / f"verdicts{suffix}"
    assert run("scan", SAMPLE, "--out", target).returncode == 0
    if suffix == ".jsonl":
        rows = [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()]
    else:
        rows = list(csv.DictReader(target.read_text(encoding="utf-8-sig").splitlines(keepends=True)))
    assert len(rows) == 17
    assert {"source", "index", "sender", "sent_at", "label", "tactics", "evidence", "text"} <= set(rows[0])
    assert "blackmail" in {row["label"] for row in rows}
    assert rows[1]["sent_at"] == "2025-03-07T21:02:00"


def test_a_bad_export_costs_no_good_one(tmp_path):
    bad = tmp_path / "bad.txt"
    bad.write_text(f"{CANARY}\n", encoding="utf-8")
    done = run("scan", bad, SAMPLE)
    assert "لين" in done.stdout.decode()
    assert done.returncode == 2
    assert done.stderr.decode() == (
        f"No chat was found in {bad}; give an export of WhatsApp, Telegram, Instagram, Messenger, Discord, Snapchat, "
        "Google Chat or Signal as it is, or a table with a column of texts.\n"
    )


LOST = [
    ("rows", '{"text": "هلا"}\n{x\n[1]\n{"text": "هلا"}\n', 2,
     "{path}: 2 of 4 lines, records or rows were not understood, or not as a whole; scan without --json and --out - "
     "names them.\n"),
    ("a break", '{"messages": [{"id": 1, "type": "message", "date": "2024-03-15T21:41:07", "text": "هلا"}, {"views": NaN',
     1, "{path} breaks off or is damaged; what came before was read.\n"),
]  # fmt: skip


@pytest.mark.parametrize(("_name", "data", "count", "sentence"), LOST, ids=[case[0] for case in LOST])
@pytest.mark.parametrize("arguments", [[], ["--json"], ["--out", "-"], ["--quiet"]], ids=" ".join)
def test_what_was_lost_is_told_first_whatever_is_printed(tmp_path, _name, data, count, sentence, arguments):
    path = tmp_path / "x.json"
    path.write_text(data, encoding="utf-8")
    done = run("scan", path, *arguments)
    assert (done.returncode, done.stderr.decode()) == (2, sentence.format(path=path))
    out = done.stdout.decode()
    assert ".." not in out
    assert out.count("\n") == count if arguments == ["--out", "-"] else out


def test_no_control_character_comes_out_raw(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("sender,text\nA\u009b31m,هلا\x7f\u009b2J\n", encoding="utf-8")
    for arguments in (["--json"], ["--out", "-"]):
        out = run("scan", path, *arguments).stdout.decode()
        assert "A\\u009b31m" in out
        assert not re.search("[\x7f-\x9f]", out)
        assert "A\u009b31m" in json.dumps(json.loads(out), ensure_ascii=False)


def test_scan_reads_a_table_whose_columns_are_named(tmp_path):
    table = tmp_path / "table.csv"
    table.write_text(f"who,when,what,text\nلين,2024-03-15 21:41:07,{THREAT},لا\n", encoding="utf-8")
    columns = ("--text-column", "what", "--sender-column", "who", "--time-column", "when")
    done = run("scan", table, *columns, "--out", tmp_path / "v.jsonl")
    assert done.returncode == 0
    (record,) = [json.loads(line) for line in (tmp_path / "v.jsonl").read_text(encoding="utf-8").splitlines()]
    assert (record["sender"], record["sent_at"], record["label"]) == ("لين", "2024-03-15T21:41:07", "blackmail")
    done = run("scan", table, "--text-column", "nothing")
    assert done.returncode == 2
    assert done.stderr.decode() == f"{table} has no column named nothing; its first row must name the columns.\n"


USAGE = "{} cannot be called so; put a message in quotation marks, and see {} --help.\n"
DASHES = "{} has no such option; see {} --help, and put -- before a message or name that begins with a dash.\n"
C, S = "sextortion-detect classify", "sextortion-detect scan"
BAD = [
    ("a message without quotation marks", ["classify", *CANARY.split(), "x", CANARY], USAGE.format(C, C)),
    ("a message that begins with dashes", ["classify", f"--{CANARY}"], DASHES.format(C, C)),
    ("a message as an option", ["classify", f"-{CANARY}"], DASHES.format(C, C)),
    ("a file that begins with a dash", ["scan", "-x.txt"], DASHES.format(S, S)),
    ("a message as the command", [CANARY], USAGE.format(*["sextortion-detect"] * 2)),
    ("a message as a number", ["serve", "--port", CANARY],
     "The value of --port cannot be used; see sextortion-detect serve --help.\n"),
    ("an option without a value", ["classify", "--lang"], USAGE.format(*["sextortion-detect"] * 2)),
    ("nothing to scan", ["scan"], f"{S} needs exports; see {S} --help.\n"),
    ("thresholds nested too deeply", ["classify", CANARY, "--thresholds", "deep.json"],
     "deep.json holds no thresholds; name a JSON file that the command thresholds wrote.\n"),
    ("thresholds that are none", ["classify", CANARY, "--thresholds", "true.json"],
     "The threshold 'offense' must lie between 0 and 1, not True.\n"),
    ("missing export", ["scan", "none.txt"], "There is no file at none.txt; check the path.\n"),
    ("empty export", ["scan", "empty.txt"], "empty.txt is empty; export the chat again.\n"),
    ("binary export", ["scan", "binary.txt"],
     "binary.txt is not UTF-8 text; export the chat again, or save the file as UTF-8.\n"),
    ("unknown form of the verdicts", ["scan", SAMPLE, "--out", "x.xml"],
     "x.xml must end in .jsonl or .csv, which says how to write the verdicts.\n"),
    ("no folder for the verdicts", ["scan", SAMPLE, "--out", "none/x.csv"], "There is no folder none; make it first.\n"),
    ("missing model", ["classify", CANARY, "--model", "none"],
     "There is no model file none/manifest.json; name a model folder, or install the package again.\n"),
    ("damaged model", ["classify", CANARY, "--model", "broken"],
     "broken/manifest.json is damaged; install the model again.\n"),
    ("a file where the model should go", ["train", "--out", "empty.txt"],
     "empty.txt is a file; name a folder for the model.\n"),
    ("no folder for the card", ["evaluate", "--card", "none/x.md"], "There is no folder none; make it first.\n"),
    ("a name that no file can have", ["scan", "x" * 300],
     f"{'x' * 300} cannot be read (File name too long); check the path and its permissions.\n"),
    ("no corpus", ["train", "--corpus", "none", "--out", "m"],
     "There are no messages under none/messages; name the folder that datasets/ is in.\n"),
    ("no such budget", ["classify", CANARY, "--thresholds", "1e-5"],
     "There are no thresholds for that budget; the budgets are 1e-2, 1e-3, 1e-4.\n"),
    ("no such budget for a scan", ["scan", SAMPLE, "--thresholds", "x"],
     "There are no thresholds for that budget; the budgets are 1e-2, 1e-3, 1e-4.\n"),
    ("a file that is not there to be completed", ["corpus", "check", "--readme", "no.md"],
     "no.md cannot be used (No such file or directory); check the path and its permissions.\n"),
    ("no split", ["evaluate", "--split", "validation"],
     "There is no split 'validation'; name one of train, dev, test.\n"),
]  # fmt: skip


@pytest.mark.parametrize(("_name", "arguments", "sentence"), BAD, ids=[case[0] for case in BAD])
def test_bad_input_is_one_sentence_and_exit_code_2(tmp_path, _name, arguments, sentence):
    (tmp_path / "empty.txt").touch()
    (tmp_path / "binary.txt").write_bytes(bytes(range(256)))
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "manifest.json").write_text("{")
    (tmp_path / "deep.json").write_text("[" * 100_000)
    (tmp_path / "true.json").write_text('{"offense": true}')
    done = run(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.decode() == sentence
    assert CANARY not in done.stdout.decode()


def test_training_names_the_extra_that_is_missing(tmp_path):
    (tmp_path / "threadpoolctl").mkdir()
    (tmp_path / "threadpoolctl" / "__init__.py").write_text("raise ImportError(name='threadpoolctl')")
    done = subprocess.run(
        [COMMAND, "train", "--out", tmp_path / "m"],
        capture_output=True,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
    )
    assert done.returncode == 2
    assert done.stderr.decode() == (
        "Training needs threadpoolctl, which is not installed; run: pip install 'sextortion-detect[train]'\n"
    )


@pytest.mark.parametrize("arguments", [[], ["--help"], ["classify", "--help"], ["scan", "--help"], ["train", "--help"]])
def test_help(arguments):
    done = run(*arguments)
    assert "Usage" in done.stdout.decode() + done.stderr.decode()
    assert done.returncode == (0 if arguments else 2)


def part_of_the_corpus(folder):
    """Every sixteenth message, and of every third file of conversations every sixteenth: the whole takes long to fit."""
    for kind in ("messages", "chats/alone"):
        (folder / kind).mkdir(parents=True)
    for path in (ROOT / "datasets" / "messages").rglob("*.csv"):
        rows = pd.read_csv(path, dtype=str, keep_default_na=False)
        rows[::16].to_csv(folder / "messages" / path.name, index=False)
    for path in sorted((ROOT / "datasets" / "chats").rglob("*.jsonl"))[::3]:
        chats = path.read_text(encoding="utf-8").strip("\n").split("\n")
        own = folder / path.relative_to(ROOT / "datasets")
        own.write_text("\n".join(chats[::16]) + "\n", encoding="utf-8")
    return folder


@pytest.mark.harden
@pytest.mark.slow
def test_train_and_evaluate_without_any_traffic(tmp_path):
    corpus = part_of_the_corpus(tmp_path / "corpus")
    trained = run("train", "--corpus", corpus, "--out", tmp_path / "m")
    assert trained.returncode == 0, trained.stderr.decode()
    done = run("evaluate", "--corpus", corpus, "--model", tmp_path / "m", "--card", tmp_path / "CARD.md")
    assert done.returncode == 0, done.stderr.decode()
    assert "average precision" in (tmp_path / "CARD.md").read_text(encoding="utf-8")
