"""A platform sets thresholds on its own ordinary messages: the budget holds on others like them, and offenses go."""

import json

import pytest
from typer.testing import CliRunner

from sextortion_detect import classify, thresholds_for
from sextortion_detect.cli.app import app
from sextortion_detect.errors import InputError
from sextortion_detect.taxonomy import Label

OFFENSE = "صورك كلها عندي واذا ما حولت الفلوس بنشرها لاهلك"


@pytest.fixture(scope="module")
def ordinary(corpus_rows):
    """Harmless lines, half to set on and half to see."""
    lines = [row.text for row in corpus_rows if row.label is Label.BENIGN and row.split == "train"]
    return lines[:6_000:2], lines[1:6_000:2]


def test_the_budget_holds_on_texts_that_set_nothing(ordinary):
    own = thresholds_for(ordinary[0], budget=1e-2)
    flagged = sum(verdict.flagged for verdict in classify(ordinary[1], thresholds=own.thresholds))
    assert flagged <= 2e-2 * len(ordinary[1])
    assert (
        sum(verdict.flagged for verdict in classify(ordinary[0], thresholds=own.thresholds)) <= len(ordinary[0]) // 100
    )


def test_the_highest_are_listed_and_struck_out(ordinary):
    texts = [*ordinary[0][:1_500], OFFENSE, *ordinary[0][1_500:]]
    found = thresholds_for(texts, budget=1e-2)
    assert found.highest[0] == 1_500
    struck = thresholds_for(texts, budget=1e-2, without=[1_500])
    assert 1_500 not in struck.highest
    assert struck.thresholds == thresholds_for(ordinary[0], budget=1e-2).thresholds


BAD = [
    (999, 1e-2, "A budget of 0.01 needs 1000 texts, and there are 999; give more."),
    (0, 1e-3, "A budget of 0.001 needs 10000 texts, and there are 0; give more."),
    (9, 0.2, "The budget must lie between 0 and 0.1, not 0.2."),
    (9, "1e-3", "The budget must lie between 0 and 0.1, not a str."),
]


@pytest.mark.parametrize(("count", "budget", "sentence"), BAD)
def test_what_cannot_set_a_threshold(count, budget, sentence):
    with pytest.raises(InputError) as caught:
        thresholds_for(["هلا"] * count, budget)
    assert str(caught.value) == sentence


def test_the_command_writes_what_other_commands_take(tmp_path, ordinary):
    lines, own = tmp_path / "lines.jsonl", tmp_path / "own.json"
    written = [json.dumps({"text": text}) for text in [*ordinary[0][:1_101], OFFENSE]]
    lines.write_text("\n".join(written), encoding="utf-8")
    done = CliRunner().invoke(app, ["thresholds", str(lines), "--budget", "1e-2", "--out", str(own)])
    assert done.exit_code == 0
    assert json.loads(done.stdout) == json.loads(own.read_text(encoding="utf-8"))
    assert "Lines that score highest: 1102, " in done.stderr
    struck = CliRunner().invoke(app, ["thresholds", str(lines), "--budget", "1e-2", "--strike", "1102"])
    assert struck.exit_code == 0
    assert "1102" not in struck.stderr
    judged = CliRunner().invoke(app, ["classify", "--thresholds", str(own), OFFENSE])
    assert judged.exit_code == 0


@pytest.mark.parametrize(
    ("name", "content", "arguments", "sentence"),
    [
        (
            "x.txt",
            "",
            [],
            "{} is no table that can be read; its name must end in .csv, .jsonl, .ndjson, .parquet or .gz.",
        ),
        ("none.jsonl", None, [], "{} cannot be read (No such file or directory); check the name and its permissions."),
        ("x.jsonl", '{"text": "a"}', ["--strike", "7"], "There is no message on line 7; name lines that have one."),
    ],
)
def test_what_the_command_refuses(tmp_path, name, content, arguments, sentence):
    path = tmp_path / name
    if content is not None:
        path.write_text(content, encoding="utf-8")
    done = CliRunner().invoke(app, ["thresholds", str(path), *arguments])
    assert str(done.exception) == sentence.format(path)


def test_a_row_that_cannot_be_read_costs_no_other(tmp_path, ordinary):
    path = tmp_path / "lines.jsonl"
    path.write_text("{\n" + "\n".join(json.dumps({"text": text}) for text in ordinary[0][:1_000]), encoding="utf-8")
    done = CliRunner().invoke(app, ["thresholds", str(path), "--budget", "1e-2"])
    assert done.exit_code == 2
    assert json.loads(done.stdout) == thresholds_for(ordinary[0][:1_000], budget=1e-2).thresholds
    assert "1 rows could not be read and set no threshold." in done.stderr
