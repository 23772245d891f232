"""`sextortion-detect score`: whole tables, row by row, whatever happens in between."""

import contextlib
import csv
import dataclasses
import gzip
import json
import resource
import shutil
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import CANARY

from sextortion_detect import classify
from sextortion_detect.errors import InputError
from sextortion_detect.scoring.input_tables import BadRow, GoodRow, Table
from sextortion_detect.scoring.score_tables import score_tables

COMMAND = [sys.executable, "-c", "from sextortion_detect.cli import main; main()", "score"]
THREAT = "معي تسجيلك كامل. حول ٥٠٠ دولار قبل الليل والا بيوصل لكل اهلك"
TEXTS = [THREAT, "صباح الخير", "", "وينك يا غالي، مرّ علينا\nبكرا", "=cmd"]


def run(*arguments, stdin=b"", **options):
    return subprocess.run([*COMMAND, *map(str, arguments)], input=stdin, capture_output=True, **options)


def write(path, texts=TEXTS):
    """A table of the kind that the name asks for."""
    rows = [{"id": number, "text": text} for number, text in enumerate(texts)]
    if path.suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
        return path
    plain = path.with_suffix("") if path.suffix == ".gz" else path
    with (gzip.open if path.suffix == ".gz" else open)(path, "wt", encoding="utf-8", newline="") as file:
        if plain.suffix == ".csv":
            writer = csv.DictWriter(file, ["id", "text"])
            writer.writeheader()
            writer.writerows(rows)
        else:
            file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    return path


def verdicts(path):
    """The rows of a file of verdicts, as plain values."""
    if path.suffix == ".parquet":
        return pq.read_table(path).to_pylist()
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def rejected(out):
    return [json.loads(line) for line in out.with_name(f"{out.name}.rejected").read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("name", ["t.csv", "t.csv.gz", "t.jsonl", "t.jsonl.gz", "t.ndjson", "t.parquet"])
@pytest.mark.parametrize("target", ["v.jsonl", "v.csv", "v.parquet"])
def test_every_kind_of_table_gives_a_verdict_a_row(tmp_path, name, target):
    done = score_tables([str(write(tmp_path / name))], tmp_path / target)
    assert (done.judged, done.rejected) == (len(TEXTS), 0)
    rows = verdicts(tmp_path / target)
    expected = classify(TEXTS)
    assert [row["label"] for row in rows] == [verdict.label.value for verdict in expected]
    assert [float(row["probability"]) for row in rows] == [verdict.probability for verdict in expected]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([name, target])


def test_columns_and_their_values(tmp_path):
    write(tmp_path / "t.csv")
    for target in ("v.jsonl", "v.csv", "v.parquet"):
        score_tables([str(tmp_path / "t.csv")], tmp_path / target)
    exact, table, columns = (verdicts(tmp_path / name) for name in ("v.jsonl", "v.csv", "v.parquet"))
    names = ["source", "line", "label", "flagged", "action", "probability", "score_benign", "score_grooming",
             "score_blackmail", "score_victim_report", "tactics", "evidence", "distress"]  # fmt: skip
    assert [list(rows[0]) for rows in (exact, table, columns)] == [names] * 3
    plain = classify(THREAT).to_dict()
    assert exact[0]["tactics"] == plain["tactics"]
    assert list(plain["tactics"]) == table[0]["tactics"].split(";") == columns[0]["tactics"]
    spans = [{key: span[key] for key in ("start", "end", "tactic", "weight")} for span in plain["evidence"]]
    assert exact[0]["evidence"] == json.loads(table[0]["evidence"]) == json.loads(columns[0]["evidence"]) == spans
    assert [row["line"] for row in exact] == [2, 3, 4, 5, 7]  # a text over two lines


def test_no_text_is_copied_into_the_verdicts(tmp_path):
    write(tmp_path / "t.csv", [f"{THREAT} {CANARY}"])
    for target in ("v.jsonl", "v.csv"):
        score_tables([str(tmp_path / "t.csv")], tmp_path / target)
        assert CANARY not in (tmp_path / target).read_text(encoding="utf-8")


BAD = [
    ("t.jsonl", b'{"text":"a"}\n{x\n[1]\n{"text":3}\n{"y":1}\n\n{"text":"\xff"}\n{"text":"b"}',
     [(2, "not JSON"), (3, "not a JSON object"), (4, "the text is of type int"), (5, "no text"), (7, "not UTF-8")], 2),
    ("t.csv", b"\xef\xbb\xbfid,text\n1,a\n2\n3,b,c\n4,\xff\xfe\n5,d\n",
     [(3, "1 fields where the header has 2"), (4, "3 fields where the header has 2"), (5, "not UTF-8")], 2),
    ("t.csv", b'id,text\n1,a\n2,"b\n3,c\n4,d\n', [(3, "quotation marks that do not fit")], 3),
]  # fmt: skip


@pytest.mark.parametrize(("name", "data", "bad", "good"), BAD, ids=["jsonl", "csv", "csv with a stray quotation mark"])
def test_a_bad_row_costs_no_good_one(tmp_path, name, data, bad, good):
    (tmp_path / name).write_bytes(data)
    done = run(tmp_path / name, "--out", tmp_path / "v.jsonl", "--quiet")
    assert [(row["line"], row["reason"]) for row in rejected(tmp_path / "v.jsonl")] == bad
    assert len(verdicts(tmp_path / "v.jsonl")) == good
    assert done.returncode == 2
    assert done.stderr.decode() == (
        f"{len(bad)} rows could not be read; {tmp_path / 'v.jsonl'}.rejected says which and why.\n"
    )


@pytest.mark.parametrize("name", ["t.csv.gz", "t.jsonl.gz"])
def test_an_endless_line_costs_no_other_and_no_memory(tmp_path, name):
    rows = (
        ["text", "هلا", "x" * 30 * 2**20, "وينك"]
        if "csv" in name
        else ['{"text":"هلا"}', "x" * 30 * 2**20, '{"text":"وينك"}']
    )
    (tmp_path / name).write_bytes(gzip.compress("\n".join(rows).encode()))
    tracemalloc.start()
    read = list(Table(str(tmp_path / name), "text").rows())
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    first = 2 if "csv" in name else 1
    assert read == [GoodRow(first, "هلا"), BadRow(first + 1, "longer than 10 MB"), GoodRow(first + 2, "وينك")]
    assert most < 90 * 2**20


def test_missing_values_of_parquet_are_rejected(tmp_path):
    pq.write_table(pa.table({"body": ["هلا", None]}), tmp_path / "t.parquet")
    assert list(Table(str(tmp_path / "t.parquet"), "body").rows()) == [GoodRow(1, "هلا"), BadRow(2, "no text")]


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("data", ["text\nهلا\n", '{"text": "هلا"}\n', '\ufeff{"text": "هلا"}\n'])
def test_standard_input_says_itself_what_it_is(tmp_path, data, packed):
    raw = gzip.compress(data.encode()) if packed else data.encode()
    done = run("-", "--out", tmp_path / "v.jsonl", stdin=raw)
    assert done.stderr.decode().endswith(f"1 verdicts written to {tmp_path / 'v.jsonl'}.\n")
    assert [row["label"] for row in verdicts(tmp_path / "v.jsonl")] == ["benign"]


REFUSED = [
    ("t.txt", b"", "v.csv", "t.txt is no table that can be read; its name must end in .csv, .jsonl, .ndjson, .parquet or .gz."),
    ("t.parquet", b"", "v.csv", "t.parquet breaks off or is damaged; what came before was read."),
    ("t.csv", b"a,b\n", "v.csv", "t.csv has no column text; name that of the messages with --text-column."),
    ("t.csv", b"text\n", "v.xml", "v.xml must end in .parquet, .csv, .jsonl, which says how to write the verdicts."),
    ("t.csv", b"text\n", "no/v.csv", "There is no folder no; make it first."),
    ("t.csv.gz", gzip.compress(b"text\n" + b"a\n" * 9)[:-9], "v.csv", "t.csv.gz breaks off or is damaged; what came before was read."),
]  # fmt: skip


@pytest.mark.parametrize(("name", "data", "target", "sentence"), REFUSED, ids=range(len(REFUSED)))
def test_refused_tables_and_targets(tmp_path, monkeypatch, name, data, target, sentence):
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError) as caught:
        score_tables([name], Path(target))
    assert str(caught.value) == sentence


def test_a_missing_table_is_told_before_anything_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "t.csv")
    done = run("t.csv", "no.csv", "--out", "v.csv")
    assert (
        done.stderr.decode()
        == "no.csv cannot be read (No such file or directory); check the name and its permissions.\n"
    )
    assert not (tmp_path / "v.csv").exists()


def test_parquet_without_pyarrow(tmp_path):
    write(tmp_path / "t.csv")
    code = "import sys; sys.modules['pyarrow'] = None; from sextortion_detect.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "score", tmp_path / "t.csv", "--out", tmp_path / "v.parquet"], capture_output=True
    )
    assert done.stderr.decode() == (
        f"Writing {tmp_path / 'v.parquet'} needs pyarrow, which is not installed; "
        "run: pip install 'sextortion-detect[tables-io]'\n"
    )


def test_a_run_that_was_begun_is_neither_overwritten_nor_mixed_up(tmp_path):
    first, second = write(tmp_path / "a.csv"), write(tmp_path / "b.csv")
    out = tmp_path / "v.csv"
    (tmp_path / "c.jsonl.gz").write_bytes(gzip.compress(b'{"text":"a"}\n' * 9)[:-9])
    with pytest.raises(InputError):
        score_tables([str(first), str(tmp_path / "c.jsonl.gz")], out)
    with pytest.raises(InputError) as caught:
        score_tables([str(first)], out)
    assert str(caught.value) == (
        f"{out} was begun and not finished; go on with --resume, or delete {out}.progress first."
    )
    with pytest.raises(InputError) as caught:
        score_tables([str(second)], out, resume=True)
    assert str(caught.value) == OTHER_RUN.format(out=out)
    with pytest.raises(InputError, match="another model or other thresholds"):
        score_tables([str(first), str(tmp_path / "c.jsonl.gz")], out, resume=True, thresholds="1e-4")
    (tmp_path / "v.csv.progress").write_text("{")
    with pytest.raises(InputError) as caught:
        score_tables([str(first)], out, resume=True)
    assert str(caught.value) == f"{out}.progress is damaged; delete it and begin anew."


OTHER_ROWS = "The rows that {out} has verdicts of are others now; give those back, or name another --out."
CUT = "{out} or {out}.rejected was cut since; delete {out}.progress and begin anew."
OTHER_RUN = "{out} was begun with other tables, another column, another model or other thresholds; name those, or another --out."


FIRST, SECOND = "a.jsonl", "b.csv.gz"


def packed(numbers):
    return gzip.compress("".join(f"{line}\n" for line in ("text", *numbers)).encode())


WHOLE = packed(range(6_000))


@pytest.fixture(scope="module", params=["v.jsonl", "v.csv", "v.parquet"])
def broken_off(tmp_path_factory, request):
    """Two tables, of which the second breaks off, and what a run has made of them: one row of the first is bad."""
    folder = tmp_path_factory.mktemp("begun")
    lines = [json.dumps({"text": text}) + "\n" for text in TEXTS]
    (folder / FIRST).write_text("".join([*lines, "{broken\n"]))
    (folder / SECOND).write_bytes(WHOLE[:-9])
    with contextlib.chdir(folder), pytest.raises(InputError, match="breaks off"):
        score_tables([FIRST, SECOND], Path(request.param))
    return folder, Path(request.param)


@pytest.fixture
def begun(broken_off, tmp_path, monkeypatch):
    """The file of verdicts of such a run, with all that lies beside it."""
    folder, out = broken_off
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return out


def kept(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def reordered(out):
    lines = Path(FIRST).read_text().splitlines(keepends=True)
    Path(FIRST).write_text("".join([lines[1], lines[0], *lines[2:]]))


def a_row_less(out):
    Path(FIRST).write_text("".join(Path(FIRST).read_text().splitlines(keepends=True)[:-1]))
    Path(SECOND).write_bytes(WHOLE)


def the_second_reordered(out):
    Path(SECOND).write_bytes(packed(range(5_999, -1, -1)))


def far_shorter(out):
    Path(SECOND).write_bytes(packed(range(1)))


def cut(out):
    rows = Path(f"{out}.rows") if out.suffix == ".parquet" else out
    rows.write_bytes(rows.read_bytes()[:100])


def gone(out):
    (Path(f"{out}.rows") if out.suffix == ".parquet" else out).unlink()


def rejected_rows_gone(out):
    Path(f"{out}.rejected").unlink()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [(reordered, OTHER_ROWS), (a_row_less, OTHER_ROWS), (the_second_reordered, OTHER_ROWS), (far_shorter, OTHER_ROWS),
     (cut, CUT), (gone, CUT), (rejected_rows_gone, CUT)],
)  # fmt: skip
def test_verdicts_of_two_inputs_are_never_mixed(begun, tmp_path, change, sentence):
    change(begun)
    before = kept(tmp_path)
    with pytest.raises(InputError) as caught:
        score_tables([FIRST, SECOND], begun, resume=True)
    assert str(caught.value) == sentence.format(out=begun)
    assert kept(tmp_path) == before


def test_a_table_that_was_made_whole_is_gone_on_with(begun):
    Path(SECOND).write_bytes(WHOLE)
    done = score_tables([FIRST, SECOND], begun, resume=True)
    assert (done.judged, done.rejected) == (len(TEXTS) + 6_000, 1)
    fresh = begun.with_stem("fresh")
    score_tables([FIRST, SECOND], fresh)
    assert verdicts(fresh) == verdicts(begun)


def test_a_run_goes_on_with_its_own_model_alone(begun, model):
    Path(SECOND).write_bytes(WHOLE)
    other = dataclasses.replace(model, manifest={**model.manifest, "name": "another"})
    with pytest.raises(InputError) as caught:
        score_tables([FIRST, SECOND], begun, resume=True, model=other)
    assert str(caught.value) == OTHER_RUN.format(out=begun)


def test_standard_input_must_be_the_same_too(tmp_path):
    out, lines = tmp_path / "v.jsonl", [json.dumps({"text": f"رسالة {number}"}) + "\n" for number in range(5_000)]
    whole, other = (gzip.compress("".join(rows).encode()) for rows in (lines, lines[::-1]))
    assert run("-", "--out", out, stdin=whole[:-9]).returncode == 2
    done = run("-", "--out", out, "--resume", "--quiet", stdin=other)
    assert (done.returncode, done.stderr.decode()) == (2, OTHER_ROWS.format(out=out) + "\n")
    assert run("-", "--out", out, "--resume", "--quiet", stdin=whole).returncode == 0
    assert len(verdicts(out)) == 5_000


@pytest.mark.parametrize("thresholds", ["1e-2", "1e-4", {"offense": 1.0}])
def test_thresholds_reach_every_row(tmp_path, corpus_rows, thresholds):
    texts = [row.text for row in corpus_rows if row.split == "train"][::50]
    (tmp_path / "t.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
    score_tables([str(tmp_path / "t.jsonl")], tmp_path / "v.jsonl", thresholds=thresholds)
    flagged = [json.loads(line)["flagged"] for line in (tmp_path / "v.jsonl").read_text().splitlines()]
    assert flagged == [verdict.flagged for verdict in classify(texts, thresholds=thresholds)]


def test_a_budget_that_does_not_exist_is_told_before_anything_is_written(tmp_path):
    with pytest.raises(InputError, match="There are no thresholds for that budget"):
        score_tables([str(write(tmp_path / "a.csv"))], tmp_path / "v.csv", thresholds="1e-5")
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]


@pytest.mark.parametrize("change", ["a longer table", "other thresholds", "verdicts that are torn"])
def test_a_finished_run_is_not_taken_for_one_of_what_is_given_now(tmp_path, change):
    table, out = tmp_path / "t.csv", tmp_path / "v.csv"
    write(table)
    score_tables([str(table)], out)
    write(table, [*TEXTS, THREAT]) if change == "a longer table" else None
    out.write_bytes(out.read_bytes()[:-9] if change == "verdicts that are torn" else out.read_bytes())
    limits = {"offense": 1.0} if change == "other thresholds" else None
    done = score_tables([str(table)], out, resume=True, thresholds=limits)
    score_tables([str(table)], tmp_path / "anew.csv", thresholds=limits)
    assert (done.judged, out.read_bytes()) == (len(verdicts(out)), (tmp_path / "anew.csv").read_bytes())


def test_a_finished_run_is_left_as_it_is(tmp_path):
    write(tmp_path / "t.csv")
    score_tables([str(tmp_path / "t.csv")], tmp_path / "v.csv")
    before = (tmp_path / "v.csv").read_bytes()
    score_tables([str(tmp_path / "t.csv")], tmp_path / "v.csv", resume=True)
    assert (tmp_path / "v.csv").read_bytes() == before


@pytest.fixture(scope="module")
def long_tables(tmp_path_factory):
    folder = tmp_path_factory.mktemp("long")
    texts = [THREAT if number % 97 == 0 else f"رسالة رقم {number} عن موعد بكرا" for number in range(30_000)]
    first, second = write(folder / "a.csv.gz", texts[:18_000]), write(folder / "b.jsonl", texts[18_000:])
    with second.open("a") as file:
        file.write("{broken\n")
    return [str(first), str(second)]


def test_a_full_disk_is_one_sentence_and_the_rest_goes_on(tmp_path, long_tables):
    """The system's limit on the size of a file stands for the disk: writes fail in the same place."""
    out = tmp_path / "v.jsonl"

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (3_000_000, resource.RLIM_INFINITY))

    done = run(*long_tables, "--out", out, "--quiet", preexec_fn=limit)
    assert done.returncode == 2
    assert done.stderr.decode() == (
        f"{out} cannot be written any further (File too large); 4000 verdicts are kept: "
        "make room and go on with --resume.\n"
    )
    assert run(*long_tables, "--out", out, "--resume", "--quiet").returncode == 2  # the broken line
    lines = [(row["source"], row["line"]) for row in verdicts(out)]
    assert len(lines) == len(set(lines)) == 30_000


def test_progress_tells_rows_and_bytes(tmp_path, long_tables):
    seen = []
    done = score_tables(long_tables, tmp_path / "v.jsonl", progress=seen.append)
    size = sum(Path(name).stat().st_size for name in long_tables)
    assert [far.rows for far in seen] == sorted(far.rows for far in seen)
    assert seen[-1].rows == done.judged + done.rejected == 30_001
    assert all(0 < far.read <= far.size == size for far in seen)
    assert seen[-1].read == size
