"""Tables of verdicts are opened in spreadsheet programs: nothing that a stranger wrote is run there as a formula."""

import csv
import io

import pytest

from sextortion_detect import Chat, Message, classify
from sextortion_detect.scoring.score_tables import score_tables
from sextortion_detect.verdict_files import VerdictWriter, message_row

THREAT = "معي تسجيلك كامل. حول ٥٠٠ دولار قبل الليل والا بيوصل لكل اهلك"
FORMULAS = [
    '=HYPERLINK("x")', "+1+1", "-1+1", "@SUM(1)", "\t=1+1", "\r=1+1", "＝1+1", "a;=1+1", "a;+1;-1", 'a;"=1+1', "a\n=1+1", "a\r\n@x", "a\t=1+1",
    '"=1+1', 'a","=1+1', 'a";"=1+1', ";=1+1", "a;\n;=1+1", '"";=1',
]  # fmt: skip
DANGEROUS = tuple("=+-@\t\r＝＋－＠")


def cells(path, delimiter):
    """What a program sees that parts cells by this mark, as most do in Arabic and European settings by `;`."""
    return [
        cell
        for row in csv.reader(io.StringIO(path.read_text("utf-8-sig"), newline=""), delimiter=delimiter)
        for cell in row
    ]


def is_number(cell):
    return cell.replace(".", "", 1).replace("-", "").replace("e", "").isdecimal()


@pytest.mark.parametrize("formula", FORMULAS)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_no_cell_is_a_formula(tmp_path, formula, delimiter):
    verdict = classify(Chat([Message(formula, sender=formula), Message(f"{formula}؛ {THREAT}", sender="x")]))
    with VerdictWriter(tmp_path / "v.csv") as writer:
        for entry in verdict.entries():
            writer.write(message_row(formula, entry))
    assert [
        cell for cell in cells(tmp_path / "v.csv", delimiter) if cell.startswith(DANGEROUS) and not is_number(cell)
    ] == []


def test_what_is_no_formula_stays_as_it_is(tmp_path):
    texts = ["a = b", "a-b; c", "1+1=2", "x@y.z", "هلا؛ =1", "a; -", "٥٠٠$"]
    with VerdictWriter(tmp_path / "v.csv") as writer:
        for entry in classify(Chat([Message(text) for text in texts])).entries():
            writer.write(message_row("x", entry))
    rows = csv.DictReader(io.StringIO((tmp_path / "v.csv").read_text("utf-8-sig"), newline=""))
    assert [row["text"] for row in rows] == texts


def test_names_of_scored_files_are_no_formulas(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("=1+1;@x.jsonl", "-x.jsonl"):
        (tmp_path / name).write_text(f'{{"text": "{THREAT}"}}\n', encoding="utf-8")
    score_tables(["=1+1;@x.jsonl", "-x.jsonl"], tmp_path / "v.csv")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "v.csv").read_text("utf-8"), newline="")))
    assert [row["source"] for row in rows] == ["'=1+1;'@x.jsonl", "'-x.jsonl"]
