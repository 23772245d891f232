"""The card from files to Markdown: every figure by program, pictures the same to the byte, no text of anybody."""

import dataclasses
import json
import re
import xml.etree.ElementTree as ET

import pytest
from conftest import CANARY, ROOT
from test_cli import run

from sextortion_detect.errors import InputError
from sextortion_detect.taxonomy import Label
from sextortion_detect.training import kept, workshop
from sextortion_detect.training.attacks import ATTACKS
from sextortion_detect.training.card import write_card
from sextortion_detect.training.card_errors import evasion_table
from sextortion_detect.training.card_peers import peers_section
from sextortion_detect.training.card_tables import reliability_by_variety_table
from sextortion_detect.training.corpus import read_chats
from sextortion_detect.training.evaluate import evaluate
from sextortion_detect.training.evasion import Robustness
from sextortion_detect.training.experiments import TRIED, WITHOUT, Plan, corpus_digest, run_experiments
from sextortion_detect.training.fit import Settings, fit
from sextortion_detect.training.plots import write_plots
from sextortion_detect.training.thresholds import BUDGETS
from sextortion_detect.training.traffic import TrafficText

SMALL = Settings(background_frequency=20, written_copies=0.0, background_copies=0.0, snippets=1_000)


@pytest.fixture(scope="module")
def rows(corpus_rows):
    """An eighteenth of the train rows, a third of the others."""
    train = [row for row in corpus_rows if row.split == "train"]
    return [*train[::18], *[row for row in corpus_rows if row.split != "train"][::3]]


@pytest.fixture(scope="module")
def ordinary(corpus_rows):
    texts = [row.text for row in corpus_rows if row.split == "train" and row.label is Label.BENIGN]
    return [" ".join(text.split()[:length]) for text in texts[::3] for length in (3, 6)]


@pytest.fixture(scope="module")
def traffic(ordinary):
    return [TrafficText(f"{text} {CANARY}", source) for text in ordinary for source in ("one", "two")]


@pytest.fixture(scope="module")
def fitted(rows, ordinary):
    model = fit(rows, ordinary, (), SMALL)
    files = [{"file": "b", "texts": len(ordinary), "sources": {"own": len(ordinary)}, "bad_lines": 3}]
    return dataclasses.replace(
        model,
        manifest={
            **model.manifest,
            "name": "small",
            "data": {"background": files, "traffic": files},
            "traffic": {**model.manifest["traffic"], "left_out": ["0" * 16]},
        },
    )


@pytest.fixture(scope="module")
def figures(fitted, rows, traffic):
    return evaluate(fitted, rows, "test", traffic, read_chats(ROOT / "datasets"))


RESULTS = {
    "corpus": "of the day", "background_texts": 20_000, "traffic_texts": 10_000,
    "learning_curve": [{"share": "1/2", "rows": 50, "average_precision": 0.5, "macro_f1": 0.4, "recall": 0.1},
                       {"share": "1/1", "rows": 100, "average_precision": 0.6, "macro_f1": 0.5, "recall": 0.2}],
    "parts": [{"what": "the whole model", "average_precision": 0.6, "macro_f1": 0.5, "recall": 0.2}],
    "varieties": [{"variety": "egy", "rows": 9, **{kind: {"average_precision": 0.6, "macro_f1": 0.5} for kind in
                   ("seen", "unseen", "unseen_without_concepts")}}],
    "authors": [{"fold": 1, "authors": 2, "rows": 9, "average_precision": 0.6, "macro_f1": 0.5, "recall": 0.2}],
    "tried": [{"what": "two stages", "average_precision": 0.6, "macro_f1": 0.5, "recall": 0.2}],
}  # fmt: skip
COUNTS = {"train": {"benign": 5}, "dev": {}, "test": {"blackmail": 7}}


def test_figures_agree_with_each_other(figures, rows):
    assert sum(map(sum, figures.whole.confusion)) == figures.whole.rows == sum(row.split == "test" for row in rows)
    for parted in figures.slices.values():
        assert sum(part.rows for part in parted.values()) == figures.whole.rows
    assert set(figures.slices["variety"]) | {"all"} == set(figures.reliability)
    assert sum(one.rows for one in figures.kinds.values()) == sum(figures.whole.confusion[0])
    for name, point in figures.budgets.items():
        assert figures.whole.caught_at[name] == point.recall
        assert figures.whole.intervals[f"recall {name}"].value == point.recall.value
    assert list(figures.chats) == ["this model", "highest message", "5 of the last 10 messages"]


def test_a_card_holds_all_sections_and_no_text(fitted, figures):
    measured = [
        Robustness(None, 0.5, 0.5),
        Robustness(ATTACKS["tatweel"], 0.499, 0.5),
        Robustness(ATTACKS["dotless letters"], 0.4, 0.5),
    ]
    card = write_card(fitted, figures, COUNTS, corpus="of the day", evasion=measured, experiments=RESULTS,
                      pictures={"curve": "curve.svg", "learning": "learning.svg"})  # fmt: skip
    for heading in ("Intended use", "Misuse", "Limits", "A person decides", "By variety", "By script", "By length",
                    "Calibration", "Whole conversations", "Precision at base rates", "The commonest kinds of error",
                    "Evasion", "Learning curve", "Varieties that were never seen", "What lost in fitting"):  # fmt: skip
        assert heading in card
    assert "![Learning curve](learning.svg)" in card
    assert "confusion.svg" not in card
    assert "3 lines without a text" in card
    assert "| two |" in card  # the half that sets thresholds is not counted
    assert "a reader took 1 for offenses" in card
    for absent in ("nan", "$", CANARY, "earlier state"):
        assert absent not in card
    stale = write_card(fitted, figures, COUNTS, corpus="of another day", experiments=RESULTS)
    assert "They were run on an earlier state of the corpus." in stale
    assert "`sextortion-detect evaluate --evasion`" in stale
    assert "`sextortion-detect evaluate --experiments`" in write_card(fitted, figures, COUNTS)


def test_reliability_by_variety_counts_every_row(figures):
    shown = reliability_by_variety_table(figures).splitlines()[2:]
    assert [line.split(" | ")[0].removeprefix("| ") for line in shown] == list(figures.slices["variety"])
    counted = [sum(int(cell.replace(",", "")) for cell in re.findall(r"% of ([\d,]+)", line)) for line in shown]
    assert counted == [part.rows for part in figures.slices["variety"].values()]


PEER = {
    "average_precision": 0.9, "macro_f1": 0.8, "worst_variety": ["mgr", 0.7], "arabizi": 0.6, "messages_per_second": 4471,
    "megabytes": 6.12, "traffic_texts": 50,
    "budgets": {name: {"recall": [0.5, 0.4, 0.6], "false_alarms": [0.001, 0.0, 0.002]} for name in BUDGETS},
}  # fmt: skip
PEERS = {"ours": {"model": "m", **PEER}, "corpus": "c", "peers": {"fastText": {"fitted_on": 1234, **PEER}}}


def test_peers_stand_beside_the_model():
    section = peers_section(PEERS, "mine", "m", "c")
    first, _, ours, peer = section.splitlines()
    assert first.count("|") == ours.count("|") == peer.count("|")
    assert ours.startswith("| mine | 0.900 | 50.0% (40.0% – 60.0%) |")
    assert "| 0.700 (mgr) | 0.600 | 4,471 | 6.1 | 1,234 | 50 |" in peer


def test_peers_of_another_day_say_so():
    assert "mine is of an earlier fit" in peers_section(PEERS, "mine", "other", "c")
    assert "The corpus has changed since" in peers_section(PEERS, "mine", "m", "other")
    assert peers_section(None, "mine", "m", "c").startswith("Not measured yet")


def test_evasion_against_the_bound():
    measured = [Robustness(None, 0.5, 0.5), Robustness(ATTACKS["tatweel"], 0.499, 0.5), Robustness(ATTACKS["dotless letters"], 0.4, 0.5)]  # fmt: skip
    lines = evasion_table(measured).splitlines()[2:]
    assert lines == [
        "| tatweel | unseen | 0.500 | 0.499 | +0.001 | ≤ 0.005 | yes | 0.500 |",
        "| dotless letters | noticed | 0.500 | 0.400 | +0.100 | ≤ 0.020 | **no** | 0.500 |",
    ]


def test_pictures_are_the_same_to_the_byte(tmp_path, figures):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        names = write_plots(figures, RESULTS, tmp_path / name)
    assert set(names) == {"curve", "reliability", "confusion", "varieties", "learning"}
    for name in names.values():
        drawn = (tmp_path / "one" / name).read_bytes()
        assert drawn == (tmp_path / "two" / name).read_bytes()
        assert ET.fromstring(drawn).tag.endswith("svg")
        assert b"dc:date" not in drawn
        assert len(drawn) < 150_000


def test_what_is_kept_beside_the_card(tmp_path, figures):
    assert kept.load_experiments(tmp_path) is None
    kept.save_experiments(RESULTS, tmp_path)
    assert kept.load_experiments(tmp_path) == RESULTS
    measured = [Robustness(None, 0.5, 0.4), Robustness(ATTACKS["tatweel"], 0.25, 0.5)]
    kept.save_evasion(measured, "sha", "test", tmp_path)
    assert kept.load_evasion("sha", "test", tmp_path) == measured
    assert kept.load_evasion("another", "test", tmp_path) is None
    assert kept.load_evasion("sha", "dev", tmp_path) is None
    kept.save_figures(figures, "sha", tmp_path)
    written = json.loads((tmp_path / kept.FIGURES).read_text(encoding="utf-8"), parse_constant=pytest.fail)  # no NaN
    assert written["whole"]["rows"] == figures.whole.rows
    assert CANARY not in (tmp_path / kept.FIGURES).read_text(encoding="utf-8")


def test_experiments_need_background(fitted):
    with pytest.raises(InputError) as caught:
        workshop.describe(fitted, workshop.Task(ROOT / "datasets", experiments=True))
    assert str(caught.value) == "The experiments need ordinary messages to fit against; give --background."


@pytest.mark.harden
@pytest.mark.slow
def test_experiments(rows, ordinary, traffic):
    plan = Plan(background=300, traffic=400, settings=SMALL)
    results = run_experiments(rows, ordinary, traffic, plan)
    assert results == json.loads(json.dumps(results))
    assert results["corpus"] == corpus_digest(rows)
    assert [one["share"] for one in results["learning_curve"]] == ["1/8", "1/4", "1/2", "1/1"]
    assert len(results["parts"]) == 2 + len(WITHOUT)
    assert len(results["varieties"]) == 7
    assert sum(one["rows"] for one in results["authors"]) == sum(row.split == "train" for row in rows)
    assert len(results["tried"]) == 1 + len(TRIED)
    whole = results["parts"][0]
    assert results["learning_curve"][-1]["average_precision"] == whole["average_precision"] > 0.6
    for found in (*results["parts"][1:4], *results["tried"][1:]):  # each part and each setting does change something
        assert found["average_precision"] not in (whole["average_precision"], results["tried"][0]["average_precision"])


# --- corpus check and lexicon


def test_corpus_check_says_by_its_exit_code_whether_all_holds(tmp_path, rows):
    from test_training import as_record, write_corpus

    write_corpus(tmp_path, [as_record(row) for row in rows[::8]])
    done = run("corpus", "check", "--corpus", tmp_path, "--markdown", tmp_path / "CHECKS.md")
    assert done.returncode == 1, done.stderr.decode()
    out = done.stdout.decode()
    assert "| unique messages |" in out
    assert "**no**" in out
    assert out.strip() in (tmp_path / "CHECKS.md").read_text(encoding="utf-8")
    assert run("corpus", "check", "--corpus", tmp_path / "none").returncode == 2


def test_lexicon(tmp_path, rows):
    from test_training import as_record, write_corpus

    write_corpus(tmp_path, [as_record(row) for row in rows[::8]])
    background = tmp_path / "b.jsonl"
    background.write_text('{"text": "كلمهغريبه"}\n' * 5 + '{"text": "كلمهوحيده"}\n', encoding="utf-8")
    done = run("lexicon", "--corpus", tmp_path, "--background", background, "--out", tmp_path / "words.txt")
    assert done.returncode == 0, done.stderr.decode()
    words = (tmp_path / "words.txt").read_text(encoding="utf-8").split("\n")
    assert words.pop() == ""
    assert len(words) == len(set(words)) > 1_000
    assert "كلمهغريبه" in words
    assert "كلمهوحيده" not in words
