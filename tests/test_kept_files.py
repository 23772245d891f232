"""No command destroys a file that it was not asked to replace, and none leaves a chat where nobody looks for it."""

import json
import os
import shutil
import signal
import subprocess
import time

import pytest
from conftest import ROOT, SAMPLE
from test_cli import COMMAND
from typer.testing import CliRunner

from sextortion_detect.cli.app import app
from sextortion_detect.errors import OutputError
from sextortion_detect.verdict_files import check_writable

TABLE = "text,sender\nصباح الخير,سارة\nوينك,منى\n"
LINES = '{"text": "هلا"}\n'
FOREIGN = "<!doctype html><title>Somebody else's page</title>"


@pytest.fixture
def corner(tmp_path, monkeypatch):
    """A folder with input of every kind, and other names of it."""
    monkeypatch.chdir(tmp_path)
    for name, text in (
        ("chat.csv", TABLE),
        ("t.jsonl", LINES),
        ("b.json", LINES),
        ("r.json", "{}"),
        ("f.html", FOREIGN),
    ):
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "linked.csv").symlink_to("chat.csv")
    (tmp_path / "same.jsonl").hardlink_to("t.jsonl")
    (tmp_path / "same.html").hardlink_to("chat.csv")
    for folder in ("tables", "corpus/messages/egy", "corpus/chats", "model"):
        (tmp_path / folder).mkdir(parents=True)
    shutil.copy("chat.csv", "tables/a.csv")
    shutil.copy("chat.csv", "corpus/messages/egy/a.csv")
    shutil.copy("t.jsonl", "model/manifest.json")
    (tmp_path / "experiments.json").write_text("{}")
    return tmp_path


def run(*arguments):
    """A command in this process, where the model is loaded already; its error is in `exception`."""
    return CliRunner().invoke(app, [*map(str, arguments)])


def contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


READ = [
    (["scan", "chat.csv", "--out", "chat.csv"], "chat.csv"),
    (["scan", "t.jsonl", "chat.csv", "--out", "linked.csv"], "linked.csv"),
    (["scan", "tables", "--out", "tables/a.csv"], "tables/a.csv"),
    (["scan", "chat.csv", "--facts", "chat.csv"], "chat.csv"),
    (["scan", "chat.csv", "--html", "same.html", "--force"], "same.html"),
    (["score", "t.jsonl", "--out", "t.jsonl"], "t.jsonl"),
    (["score", "t.jsonl", "--out", "same.jsonl"], "same.jsonl"),
    (["score", "chat.csv", "t.jsonl", "--out", "./chat.csv"], "chat.csv"),
    (["thresholds", "chat.csv", "--out", "chat.csv"], "chat.csv"),
    (["train", "--background", "model/manifest.json", "--out", "model"], "model/manifest.json"),
    (["evaluate", "--traffic", "b.json", "--card", "b.json"], "b.json"),
    (["evaluate", "--model", "model", "--card", "model/manifest.json"], "model/manifest.json"),
    (["experiment", "experiments.json", "--out", "."], "experiments.json"),
    (["lexicon", "--background", "b.json", "--out", "b.json"], "b.json"),
    (["lexicon", "--corpus", "corpus", "--out", "corpus/messages/egy/a.csv"], "corpus/messages/egy/a.csv"),
    (["corpus", "check", "--corpus", "corpus", "--markdown", "corpus/messages/egy/a.csv"], "corpus/messages/egy/a.csv"),
    (["corpus", "check", "--corpus", "corpus", "--markdown", "r.json", "--readme", "r.json"], "r.json"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "target"), READ, ids=[" ".join(case[0]) for case in READ])
def test_what_is_read_is_never_written_to(corner, arguments, target):
    before = contents(corner)
    done = run(*arguments)
    assert isinstance(done.exception, OutputError)
    assert str(done.exception) == f"{target} is being read; choose another place."
    assert contents(corner) == before


@pytest.mark.parametrize(
    "arguments",
    [["scan", "-", "--out", "chat.csv"], ["score", "-", "--out", "chat.csv"], ["thresholds", "-", "--out", "chat.csv"]],
    ids=lambda arguments: arguments[0],
)
def test_nor_is_a_file_that_comes_by_standard_input(corner, arguments):
    with (corner / "chat.csv").open("rb") as file:
        done = subprocess.run([COMMAND, *arguments], stdin=file, capture_output=True)
    assert done.stderr.decode() == "chat.csv is being read; choose another place.\n"
    assert (corner / "chat.csv").read_text(encoding="utf-8") == TABLE


def test_a_named_file_of_verdicts_is_replaced(corner):
    (corner / "v.csv").write_text("older")
    assert run("scan", SAMPLE, "--out", "v.csv").exit_code == 0
    assert "older" not in (corner / "v.csv").read_text(encoding="utf-8")


# Pages


def pages(folder):
    return sorted(path.name for path in folder.iterdir() if "report" in path.name)


FORCE = "{} is no report that this program wrote; choose another place, or replace it with --force."


@pytest.mark.parametrize("taken", ["report.html", "report-1.html", "report-2.html"])
def test_a_page_of_somebody_else_stays(tmp_path, monkeypatch, taken):
    monkeypatch.chdir(tmp_path)
    (tmp_path / taken).write_text(FOREIGN)
    done = run("scan", SAMPLE, SAMPLE, "--html", "report.html")
    assert isinstance(done.exception, OutputError)
    assert str(done.exception) == FORCE.format(taken)
    assert contents(tmp_path) == {tmp_path / taken: FOREIGN.encode()}
    assert run("scan", SAMPLE, SAMPLE, "--html", "report.html", "--force").exit_code == 0
    assert FOREIGN not in (tmp_path / taken).read_text(encoding="utf-8")
    assert pages(tmp_path) == ["report-1.html", "report-2.html", "report.html"]


def test_a_numbered_page_is_in_nobodys_way_where_there_is_one_chat(tmp_path):
    (tmp_path / "report-1.html").write_text(FOREIGN)
    assert run("scan", SAMPLE, "--html", tmp_path / "report.html").exit_code == 0
    assert (tmp_path / "report-1.html").read_text() == FOREIGN


def test_own_pages_are_replaced(tmp_path):
    for exports in ([SAMPLE], [SAMPLE, SAMPLE, SAMPLE]):
        assert run("scan", *exports, "--html", tmp_path / "report.html", "--quiet").stderr == ""
    assert pages(tmp_path) == ["report-1.html", "report-2.html", "report-3.html", "report.html"]
    assert len(list(tmp_path.iterdir())) == 4


def test_an_export_that_cannot_be_read_costs_no_page(tmp_path):
    done = run("scan", SAMPLE, tmp_path / "none.txt", SAMPLE, "--html", tmp_path / "report.html")
    assert done.exit_code == 2
    assert pages(tmp_path) == ["report-1.html", "report-2.html", "report.html"]


@pytest.mark.parametrize("also", [["--out", "v.jsonl"], []])
def test_whoever_reads_the_first_line_alone_gets_the_whole_report(tmp_path, also):
    with subprocess.Popen(
        [COMMAND, "scan", SAMPLE, SAMPLE, "--html", "report.html", "--quiet", *also],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path,
    ) as process:  # fmt: skip
        process.stdout.close()
        assert (process.wait(timeout=60), process.stderr.read()) == (0, b"")
    assert pages(tmp_path) == ["report-1.html", "report-2.html", "report.html"]
    if also:
        assert len((tmp_path / "v.jsonl").read_text(encoding="utf-8").splitlines()) == 34


# Temporary folders


def until(condition):
    for _ in range(600):
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("it never came to that")


pytestmark = pytest.mark.skipif(os.name == "nt", reason="links and signals as POSIX has them")


@pytest.fixture
def hangups_heard():
    """Processes started here end when the terminal does, also where `nohup` started the tests."""
    kept = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, kept)


@pytest.mark.usefixtures("hangups_heard")
@pytest.mark.parametrize("number", [signal.SIGTERM, getattr(signal, "SIGHUP", None), signal.SIGINT])
def test_a_chat_that_was_piped_in_is_not_left_behind(tmp_path, number):
    """While it is laid into a temporary folder, and while pages of other chats wait for theirs."""
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    with subprocess.Popen(
        [COMMAND, "scan", SAMPLE, "-", "--html", tmp_path / "report.html"],
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(temporary)},
    ) as process:  # fmt: skip
        process.stdin.write(SAMPLE.read_bytes())
        process.stdin.flush()
        until(lambda: list(temporary.rglob("standard input")))
        process.send_signal(number)
        code = process.wait(timeout=90)
        assert b"Traceback" not in process.stderr.read()
    assert code == (130 if number == signal.SIGINT else -number)
    assert [path.name for path in tmp_path.iterdir()] == ["tmp"]
    assert list(temporary.rglob("*")) == []


def test_a_signal_that_is_ignored_stays_ignored():
    """As by `nohup`: the terminal is closed, and the scan goes on."""
    with subprocess.Popen(
        ["nohup", COMMAND, "classify"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        process.stdin.write("هلا\n".encode())
        process.stdin.flush()
        process.stdout.readline()
        process.send_signal(signal.SIGHUP)
        process.stdin.write("هلا\n".encode())
        process.stdin.close()
        assert json.loads(process.stdout.readline())["line"] == 2
    assert process.returncode == 0


def test_files_beside_the_corpus_may_be_written():
    """As the project itself does: `corpus check --markdown datasets/CHECKS.md`."""
    check_writable(ROOT / "datasets" / "CHECKS.md", [ROOT / "datasets" / "messages", ROOT / "datasets" / "chats"])
