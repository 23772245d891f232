"""How the command line behaves: help, pipes, JSON, quiet, colors, completion, exit codes, doctor, and Arabic errors."""

import ast
import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import zipfile

import pytest
import typer
from conftest import CANARY, ROOT, SAMPLE
from test_cli import BAD, COMMAND, THREAT, run

from sextortion_detect import classify, errors, read_chat
from sextortion_detect.cli.app import app
from sextortion_detect.cli.printing import locale_language
from sextortion_detect.wording import _twins, in_arabic

ARABIC = re.compile("[\u0621-\u064a]")
ERRORS = {name for name, kind in vars(errors).items() if isinstance(kind, type)}
SPEAKERS = {"complain", "inform"}


def run_with(environment, *arguments, stdin=None):
    return subprocess.run(
        [COMMAND, *map(str, arguments)],
        input=stdin,
        capture_output=True,
        env={**os.environ, "COLUMNS": "200", **environment},
    )


@pytest.mark.parametrize("command", ["classify", "scan", "train", "evaluate", "lexicon", "serve", "doctor"])
def test_help_shows_an_example(command):
    out = run(command, "--help").stdout.decode()
    assert re.search("Examples?:", out)
    assert f"sextortion-detect {command} " in out


def test_help_documents_the_exit_codes():
    out = run("--help").stdout.decode()
    assert "0 done, 1 doctor or corpus check found a fault, 2 something given cannot be used, 130 interrupted" in out


EXIT_CODES = [
    (0, ["classify", "هلا"]), (0, ["doctor"]), (0, ["scan", SAMPLE]), (1, ["doctor", "--model", "none"]),
    (2, ["scan", "none.txt"]), (2, ["classify", "هلا", "--lang", "fr"]), (2, ["nonsense"]), (2, ["classify", "--nonsense"]),
]  # fmt: skip


@pytest.mark.parametrize(("code", "arguments"), EXIT_CODES, ids=[" ".join(map(str, case[1])) for case in EXIT_CODES])
def test_exit_codes(code, arguments):
    assert run(*arguments).returncode == code


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT to send")
def test_an_interruption_is_130_without_a_traceback():
    with subprocess.Popen(
        [COMMAND, "classify", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        process.stdin.write("هلا\n".encode())
        process.stdin.flush()
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        code = process.wait(timeout=20)
        assert b"Traceback" not in process.stderr.read()
    assert code == 130


@pytest.mark.parametrize(
    "arguments",
    [["classify"], ["classify", "هلا", "--json"], ["scan", SAMPLE, "--out", "-"], ["--help"]],
    ids=lambda arguments: " ".join(map(str, arguments)),
)  # fmt: skip
def test_a_reader_that_goes_away_has_read_enough(arguments):
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as closed:
        done = subprocess.run(
            [COMMAND, *arguments], input="هلا\n".encode() * 100, stdout=closed, stderr=subprocess.PIPE
        )
    assert (done.returncode, done.stderr) == (0, b"")


def test_an_endless_stream_ends_when_nobody_reads_on():
    with subprocess.Popen([COMMAND, "classify"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.stdin.write("هلا\n".encode())
        process.stdin.flush()
        process.stdout.readline()
        process.stdout.close()
        with contextlib.suppress(BrokenPipeError):
            for _ in range(200):
                os.write(process.stdin.fileno(), "هلا\n".encode())
                time.sleep(0.05)
        assert process.wait(timeout=90) == 0


OUT = "Standard output cannot be written (Bad file descriptor); choose another place.\n"
IN = "Standard input cannot be read (Bad file descriptor); name a file.\n"
CLOSED = [
    (f"classify {THREAT!r} >&-", 2, OUT), ("scan chat.txt >&-", 2, OUT),
    ("--version >&-", 2, OUT), ("classify <&-", 2, IN), ("scan - <&-", 2, IN),
    ("score - --out v.csv -q <&-", 2, "- cannot be read any further (Bad file descriptor).\n"),
    ("score t.csv --out v.csv -q >&- <&-", 0, ""),
    ("scan none.txt 2>/dev/full", 2, ""), ("scan chat.txt >&- <&- 2>&-", 2, ""),
    ("scan /proc/self/mem chat.txt -q >/dev/null", 2,
     "/proc/self/mem cannot be read (Input/output error); check the path and its permissions.\n"),
    ("thresholds many.csv --budget 1e-2 -q --out /dev/full", 2,
     "/dev/full cannot be written (No space left on device); choose another place.\n"),
]  # fmt: skip


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a shell and files as Linux has them")
@pytest.mark.parametrize(("line", "code", "sentence"), CLOSED, ids=[case[0] for case in CLOSED])
def test_streams_that_are_closed_or_fail(tmp_path, line, code, sentence):
    shutil.copy(SAMPLE, tmp_path / "chat.txt")
    (tmp_path / "t.csv").write_text("text\nهلا\n", encoding="utf-8")
    (tmp_path / "many.csv").write_text("text\n" + "هلا\n" * 1_000, encoding="utf-8")
    done = subprocess.run(["sh", "-c", f"{COMMAND} {line}"], cwd=tmp_path, capture_output=True)
    assert (done.stderr.decode(), done.returncode) == (sentence, code)
    assert done.stdout == b""


def test_a_file_name_commands_no_terminal(tmp_path):
    """Names of files and of what lies in archives are a stranger's, and complaints name them."""
    archive = tmp_path / "x.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("\x1b]0;owned\x07\x9b2J\u202e.txt", b"\xff\xfe\xd8" * 99)
        file.writestr("result\x1b[31m.json", b'{"messages": [' + b"[" * 99)
    for export in (archive, tmp_path / "\x1b[31mno\x9b2J"):
        done = run("scan", export, tmp_path / "\x1b[2J\u202e.txt", "--out", tmp_path / "v.csv")
        assert done.returncode == 2
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", done.stderr.decode())
    done = run("scan", tmp_path / "\x1b[2J.txt", "--nonsense\x1b[2J")
    assert b"\x1b" not in done.stderr + done.stdout
    assert done.returncode == 2


def test_a_dash_is_standard_input():
    assert run("classify", "-", stdin="هلا\n").stdout == run("classify", stdin="هلا\n").stdout
    done = run("scan", "-", "--json", stdin=SAMPLE.read_bytes())
    (chat,) = map(json.loads, done.stdout.splitlines())
    assert chat["source"] == "standard input"
    judged = classify(read_chat(SAMPLE))
    assert (chat["label"], chat["offender"], len(chat["messages"])) == (judged.label, judged.offender, 17)


def test_a_dash_is_standard_output():
    done = run("scan", SAMPLE, "--out", "-")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(rows) == 17
    assert {"index", "label", "text"} <= set(rows[0])
    assert done.stderr == b""


def test_an_error_about_standard_input_names_it():
    done = run("scan", "-", stdin=b"")
    assert done.returncode == 2
    assert done.stderr.decode() == "standard input is empty; export the chat again.\n"


REFUSED = [
    (["scan", SAMPLE, "--json", "--out", "-"],
     "Verdicts go to standard output as JSON Lines already; leave out --json or --out -.\n"),
    (["scan", "-", "-"], "Standard input can be named only once.\n"),
    (["classify", CANARY, "--lang", "fr"], "There is no advice in 'fr'; choose one of ar, en.\n"),
    (["scan", SAMPLE, "--country", "XX"], "There are no lines of help for 'XX'; the countries are AE, BH, DZ, EG, IQ, "
     "JO, KW, LB, LY, MA, MR, OM, PS, QA, SA, SD, SY, TN, YE.\n"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "sentence"), REFUSED, ids=[case[1][:20] for case in REFUSED])
def test_what_does_not_go_together(arguments, sentence):
    done = run(*arguments, stdin=b"")
    assert (done.returncode, done.stdout, done.stderr.decode()) == (2, b"", sentence)


def test_advice_is_shown_in_the_language_of_the_locale():
    english = run_with({"LC_ALL": "C.UTF-8"}, "classify", THREAT).stdout.decode()
    assert "What to do now" in english
    assert "--country EG" in english
    arabic = run_with({"LC_ALL": "ar_EG.UTF-8"}, "classify", THREAT).stdout.decode()
    assert "ما يمكن فعله الآن" in arabic
    assert "What to do now" not in arabic
    asked = run_with({"LC_ALL": "C.UTF-8"}, "scan", SAMPLE, "--lang", "ar", "--country", "eg").stdout.decode()
    assert "الخط الساخن لجرائم الإنترنت: 108" in asked
    assert "What to do now" not in run("classify", "صباح الخير").stdout.decode()
    assert "What to do now" not in run("classify", THREAT, "--quiet").stdout.decode()


def test_unconfirmed_lines_are_shown_when_asked_for():
    assert "[unconfirmed]" not in run("classify", THREAT, "--country", "LY").stdout.decode()
    assert (
        "IT Crimes Department [unconfirmed]"
        in run("classify", THREAT, "--country", "LY", "--unconfirmed").stdout.decode()
    )
    assert "[unconfirmed]" in run("scan", SAMPLE, "--country", "LY", "--unconfirmed").stdout.decode()


def test_json_holds_advice_where_it_is_asked_for():
    record = json.loads(run("classify", "--json", "--lang", "ar", "--country", "EG", THREAT).stdout)
    assert record.pop("advice") == classify(THREAT).advice("ar", "EG").to_dict()
    assert record == classify(THREAT).to_dict()
    chat = json.loads(run("scan", SAMPLE, "--json", "--country", "EG").stdout)
    assert chat["advice"]["lines"][0]["country"] == "EG"


def test_quiet_is_silent_on_success_and_not_on_failure(tmp_path):
    out = tmp_path / "v.csv"
    assert run("scan", SAMPLE, "--out", out).stderr.decode() == f"17 verdicts written to {out}.\n"
    done = run("scan", SAMPLE, "--out", out, "--quiet")
    assert done.stderr == b""
    assert "exposure threat" in done.stdout.decode()
    assert run("scan", "none.txt", "-q").stderr.decode() == "There is no file at none.txt; check the path.\n"


COLOR = re.compile(rb"\x1b\[[0-9;]*3[0-9][0-9;]*m")


def test_no_color():
    terminal = {"FORCE_COLOR": "1", "TERM": "xterm-256color"}
    assert COLOR.search(run_with(terminal, "classify", THREAT).stdout)
    assert not COLOR.search(run_with({**terminal, "NO_COLOR": "1"}, "classify", THREAT).stdout)
    assert not COLOR.search(run_with({**terminal, "NO_COLOR": "1"}, "scan", "none.txt").stderr)


@pytest.mark.parametrize(
    ("words", "expected"),
    [("sextortion-detect cl", {"classify"}), ("sextortion-detect classify --lang ", {"ar", "en"}),
     ("sextortion-detect scan --country E", {"EG"})],
)  # fmt: skip
def test_completion(words, expected):
    done = run_with(
        {"_SEXTORTION_DETECT_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    )
    assert set(done.stdout.decode().split()) == expected


def test_doctor():
    done = run("doctor")
    out = done.stdout.decode()
    assert done.returncode == 0
    for shown in ("numpy", "ar-16", "self test", "healthy"):
        assert shown in out
    found = json.loads(run("doctor", "--json").stdout)
    assert found["healthy"] is True
    assert found["self_test"]["passed"] == found["self_test"]["of"] == 4
    assert set(found["extras"]) == {"train", "pandas", "spark", "dask", "serve"}


def test_doctor_speaks_arabic():
    done = run_with({"LC_ALL": "ar_EG.UTF-8"}, "doctor")
    names = [line.split("  ")[0].strip() for line in done.stdout.decode().splitlines() if line[:1].strip()]
    assert [name for name in names if re.search("[a-z]", name)] == []
    assert "الفحص الذاتي" in names


def test_doctor_finds_a_fault(tmp_path):
    (tmp_path / "manifest.json").write_text("{")
    done = run("doctor", "--json", "--model", tmp_path)
    assert json.loads(done.stdout)["healthy"] is False
    assert done.returncode == 1
    assert done.stderr.decode() == f"{tmp_path}/manifest.json is damaged; install the model again.\n"


LOCALES = [
    ({}, "en"), ({"LANG": "ar"}, "ar"), ({"LANG": "ar_SA.UTF-8"}, "ar"), ({"LANG": "arn_CL"}, "en"),
    ({"LC_MESSAGES": "ar_EG", "LANG": "en_US"}, "ar"), ({"LC_ALL": "C", "LC_MESSAGES": "ar_EG"}, "en"),
    ({"LC_ALL": "ar@latin"}, "ar"), ({"LANGUAGE": "ar"}, "en"),
]  # fmt: skip


@pytest.mark.parametrize(("environment", "language"), LOCALES)
def test_language_of_the_locale(environment, language):
    assert locale_language(environment) == language


def template(node):
    """The sentence of a call, with `{}` for each value; None where it is not written out."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return None


def sentences():
    found, passed_on = set(), set()
    for path in sorted((ROOT / "sextortion_detect").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
            if called == "needing":
                asked, extra = map(template, node.args)
                found.add(f"{asked} {{}}, which is not installed; run: pip install 'sextortion-detect[{extra}]'")
            elif called in ERRORS | SPEAKERS:
                sentence = template(node.args[0])
                found.add(sentence) if sentence else passed_on.add(path.name)
    return sorted(found), passed_on


def test_sentences_are_written_out_where_they_are_raised():
    found, passed_on = sentences()
    assert len(found) > 40
    assert passed_on <= {
        "app.py",
        "errors.py",
        "printing.py",
        "scan_command.py",
        "training.py",
        "doctor_command.py",
    }  # these hand on what was raised elsewhere


# One value of these is a phrase in English, which the twin says in its own words.
ENGLISH_VALUES = {"No chat was found in {}; {}.", "{} {}; export it again."}


@pytest.mark.parametrize("sentence", sentences()[0])
def test_every_error_sentence_has_an_arabic_twin(sentence):
    values = [f"v{number}" for number in range(sentence.count("{}"))]
    twin = in_arabic(sentence.format(*values))
    assert ARABIC.search(twin), "add a line to cli/errors_ar.tsv"
    assert sentence in ENGLISH_VALUES or all(value in twin for value in values)


def test_every_twin_can_be_filled_in():
    for pattern, twin in _twins():
        numbers = set(map(int, re.findall(r"\{(\d)\}", twin)))
        assert numbers <= set(range(pattern.groups))
        assert ARABIC.search(twin)
    assert len({pattern.pattern for pattern, _ in _twins()}) == len(_twins())


@pytest.mark.parametrize(("_name", "arguments", "sentence"), BAD, ids=[case[0] for case in BAD])
def test_an_arabic_locale_gets_arabic_errors(tmp_path, monkeypatch, _name, arguments, sentence):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty.txt").touch()
    (tmp_path / "binary.txt").write_bytes(bytes(range(256)))
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "manifest.json").write_text("{")
    (tmp_path / "deep.json").write_text("[" * 100_000)
    (tmp_path / "true.json").write_text('{"offense": true}')
    done = run_with({"LC_ALL": "", "LC_MESSAGES": "ar_EG.UTF-8"}, *arguments)
    assert done.returncode == 2
    assert done.stderr.decode() == f"{in_arabic(sentence.rstrip())}\n"
    assert ARABIC.search(done.stderr.decode())


USAGE = [
    (["scan", SAMPLE, "--nonsense"],
     "{0} scan has no such option; see {0} scan --help, and put -- before a message or name that begins with a dash."),
    (["scan"], "{0} scan needs exports; see {0} scan --help."),
    (["nonsense"], "{0} cannot be called so; put a message in quotation marks, and see {0} --help."),
    (["classify", "a", "b"], "{0} classify cannot be called so; put a message in quotation marks, and see {0} classify --help."),
    (["serve", "--port", "x"], "The value of --port cannot be used; see {0} serve --help."),
    (["serve", "--port", "70000"], "The value of --port cannot be used; see {0} serve --help."),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "sentence"), USAGE, ids=[" ".join(map(str, case[0])) for case in USAGE])
def test_a_call_that_is_not_understood_is_told_in_a_sentence_of_the_language(arguments, sentence):
    """What was given is left out of it: it may be a message that somebody forgot to quote."""
    said = sentence.format("sextortion-detect")
    for language, told in (("C.UTF-8", said), ("ar", in_arabic(said))):
        done = run_with({"LC_ALL": language}, *arguments)
        assert (done.stderr.decode(), done.returncode, done.stdout) == (f"{told}\n", 2, b"")
    assert ARABIC.search(in_arabic(said))


LANGUAGE_ASKED = [
    (["scan", "none.txt", "--lang", "ar"], "C.UTF-8", True), (["scan", "none.txt", "--lang=ar"], "C.UTF-8", True),
    (["scan", "none.txt", "--lang", "en"], "ar_EG.UTF-8", False), (["scan", "none.txt"], "ar_EG.UTF-8", True),
    (["scan", "--lang", "ar", "--nonsense"], "C.UTF-8", True), (["classify", "--", "--lang", "ar"], "C.UTF-8", False),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "locale", "arabic"), LANGUAGE_ASKED)
def test_the_language_that_is_asked_for_is_that_of_errors_too(arguments, locale, arabic):
    done = run_with({"LC_ALL": locale}, *arguments)
    assert done.returncode == 2
    assert bool(ARABIC.search(done.stderr.decode())) is arabic


def test_help_is_all_arabic_where_arabic_is_asked_for():
    """Every text of every command has its Arabic, and typer's own words have theirs."""
    english = typer.main.get_command(app)
    untold = [text for command in commands(english) for text in texts_of(command) if in_arabic(text) == text]
    assert [text for text in untold if not text.startswith(("sextortion-detect", "unzip", "zcat"))] == []
    for arguments in ([], ["--help"], ["scan", "--help", "--lang", "ar"], ["score", "--help"], ["corpus", "--help"]):
        said = run_with({"LC_ALL": "ar"}, *arguments)
        words = (said.stdout + said.stderr).decode()
        assert not re.search(r"Usage|Options|Arguments|Commands|required|default|Show |Examples?:", words)
        assert "الاستعمال:" in words


def commands(command):
    yield command
    for below in getattr(command, "commands", {}).values():
        yield from commands(below)


def texts_of(command):
    for part in (command, *command.params):
        for text in (getattr(part, "help", None), getattr(part, "epilog", None)):
            yield from (" ".join(paragraph.split()) for paragraph in (text or "").split("\n\n") if paragraph)


def test_a_message_is_judged_in_arabic_words_alone():
    out = run("classify", THREAT, "--lang", "ar", "--country", "EG").stdout.decode()
    verdict = out.split("ما يمكن فعله الآن")[0].replace(THREAT, "")
    assert not re.search("[A-Za-z0-9,;]", verdict)
    assert "ابتزاز" in verdict


ONE_FILE = [
    (["--out", "a.csv", "--facts", "a.csv"], "Verdicts, facts and the report cannot go to one file; name one for each."),
    (["--out", "a.csv", "--facts", "./b/../a.csv"], "Verdicts, facts and the report cannot go to one file; name one for each."),
    (["--facts", "a.txt"], "a.txt must end in .jsonl or .csv, which says how to write the facts."),
    (["--out", "a.txt"], "a.txt must end in .jsonl or .csv, which says how to write the verdicts."),
]  # fmt: skip


@pytest.mark.parametrize(("options", "sentence"), ONE_FILE)
def test_one_file_for_two_things_or_of_an_unknown_kind_is_refused_before_anything_is_written(
    tmp_path, monkeypatch, options, sentence
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "b").mkdir()
    for locale, told in (("C.UTF-8", sentence), ("ar", in_arabic(sentence))):
        done = run_with({"LC_ALL": locale}, "scan", SAMPLE, *options)
        assert (done.returncode, done.stdout, done.stderr.decode()) == (2, b"", f"{told}\n")
    assert [path.name for path in tmp_path.iterdir()] == ["b"]


def test_a_sentence_without_a_twin_stays():
    assert in_arabic("Something new.") == "Something new."


def test_a_live_terminal_is_told_that_it_is_being_read_from():
    import pty

    leader, follower = pty.openpty()
    with subprocess.Popen(
        [COMMAND, "classify"], stdin=follower, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        os.write(leader, "هلا\n".encode())
        assert json.loads(process.stdout.readline())["line"] == 1
        os.write(leader, b"\x04")
        time.sleep(0.1)
        os.write(leader, b"\x04")
        process.wait(timeout=20)
        assert process.stderr.read().decode() == "Reading messages from standard input, one a line; Ctrl-D ends it.\n"
    os.close(leader)
    os.close(follower)
