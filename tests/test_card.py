"""The card from files to Markdown: every figure by program, its picture the same to the byte, no text of anybody."""

import dataclasses
import json
import xml.etree.ElementTree as ET

import pytest
from conftest import CANARY, ROOT
from test_cli import run

from sextortion_detect.errors import InputError
from sextortion_detect.model.shipped import shipped_folder
from sextortion_detect.taxonomy import OFFENSES
from sextortion_detect.training.card import describe, draw_curve, keep_run, read_kept, write_card, write_kept
from sextortion_detect.training.corpus import corpus_digest, load_chats
from sextortion_detect.training.experiments import SMALL, experiments_table, padded, run_experiments, standard_recipes
from sextortion_detect.training.intervals import plain
from sextortion_detect.training.measure import evaluate
from sextortion_detect.training.recipe import Recipe
from sextortion_detect.training.thresholds import BUDGETS
from sextortion_detect.training.traffic import TrafficText

TINY = Recipe(background_frequency=20, written_copies=0.0, background_copies=0.0, snippets=0, rows=0.5)


@pytest.fixture(scope="module")
def manifest(fitted, ordinary):
    """Of a model that was trained from files and saved."""
    files = [{"file": "b", "texts": len(ordinary), "sources": {"own": len(ordinary)}, "bad_lines": 3}]
    return {
        **fitted.manifest, "name": "small", "sha256": "m", "blocks": {"word": 1000, "concept": 2},
        "thresholds": fitted.thresholds, "data": {"background": files, "traffic": files},
        "background": {**fitted.manifest["background"], "left_out": ["1" * 16] * 2},
        "traffic": {**fitted.manifest["traffic"], "left_out": ["0" * 16]},
    }  # fmt: skip


@pytest.fixture(scope="module")
def figures(fitted, small, ordinary):
    counts = {"train": {"benign": 5}, "dev": {}, "test": {"blackmail": 7}}
    texts = [TrafficText(f"{text} {CANARY}", source) for text in ordinary for source in ("one", "two")]
    measured = evaluate(fitted, small, "test", texts, load_chats(ROOT / "datasets")[::5])
    return plain({"model": "m", "corpus": {"sha256": "c", "rows": counts}, **measured})


def tried(what, value):
    of_set = dict.fromkeys(("average_precision", "macro_f1", "caught", "victims_flagged", "calibration_error"), value)
    return {"what": what, "recipe": {}, "dev": of_set, "unseen authors": of_set, "padded": value, "strata": {"": 0.001},
            "varieties": {"egy": value}, "minutes": 1.0}  # fmt: skip


RUN = {"corpus": "c", "traffic_texts": 9, "tried": [tried("the default recipe", 0.5), tried("two stages", 0.6)]}
RUN["tried"][1]["recipe"] = {"without_varieties": ["egy"]}
EVASION = {
    "model": "m",
    "split": "test",
    "attacks": [
        {"attack": name, "recall": recall, "macro_f1": 0.5}
        for name, recall in ((None, 0.5), ("tatweel", 0.499), ("dotless letters", 0.4))
    ],
}
PEER = {
    "average_precision": 0.9, "macro_f1": 0.8, "worst_variety": ["mgr", 0.7], "arabizi": 0.6, "messages_per_second": 4471,
    "megabytes": 6.12, "traffic_texts": 50, "blind": {"front": [0.8, 0.7, 0.9], "wrapped": [0.6, 0.5, 0.7]},
    "budgets": {name: {"recall": [0.5, 0.4, 0.6], "false_alarms": [0.001, 0.0, 0.002]} for name in BUDGETS},
}  # fmt: skip
PEERS = {"ours": {"model": "m", **PEER}, "corpus": "c", "peers": {"fastText": {"fitted_on": 1234, **PEER}}}


def test_figures_agree_with_each_other(figures, small):
    whole = figures["whole"]
    assert sum(map(sum, whole["confusion"])) == whole["rows"] == sum(row.split == "test" for row in small)
    for name in ("variety", "script", "length"):
        parted = figures["slices"][name]
        assert sum(part["rows"] for part in parted.values()) == whole["rows"]
    assert sum(one["rows"] for one in figures["reliability"]) == whole["rows"]
    assert sum(one["rows"] for one in figures["slices"]["kind"].values()) == sum(whole["confusion"][0])
    for name, point in figures["budgets"].items():
        assert whole["caught_at"][name] == point["recall"]
        assert whole["intervals"][f"recall {name}"][0] == point["recall"][0]
    assert figures["chats"]["flagged"][0] >= figures["chats"]["within_two_messages"][0]


def test_a_card_holds_all_sections_and_no_text(manifest, figures):
    kept = {"figures": figures, "evasion": EVASION, "experiments": [RUN], "peers": PEERS}
    card = write_card(manifest, kept, pictures=True)
    for heading in ("Intended use", "Misuse", "Limits", "A person decides", "By variety", "By script", "By length",
                    "Calibration", "Whole conversations", "Precision at base rates", "The commonest kinds of error",
                    "Evasion", "What won and what lost"):  # fmt: skip
        assert heading in card
    assert card.startswith("---\nlanguage: ar\nlicense: mit\n")  # the head that model hubs read
    assert "\n- name: small\n" in card.partition("\n---\n")[0]
    assert "](curve.svg)" in card
    assert "3 lines without a text" in card
    assert "| two |" in card  # the half that sets thresholds is not counted
    assert "a reader took 1 for offenses" in card
    for absent in ("nan", "None", "{", "$", CANARY, "earlier state", "earlier fit", "has changed since", "\n\n\n"):
        assert absent not in card
    for table in card.split("\n\n"):  # each line of a table has as many cells
        lines = [line for line in table.splitlines() if line.startswith("|")]
        assert len({line.count("|") for line in lines}) <= 1, table
    ours, peer = (line for line in card.splitlines() if "4,471" in line)
    assert ours.startswith("| small | 0.900 | 50.0% (40.0% – 60.0%) |")
    assert "| 0.700 (mgr) | 0.600 | 4,471 | 6.1 | 1,234 | 50 |" in peer
    assert "| tatweel | unseen | 0.500 | 0.499 | +0.001 | ≤ 0.005 | yes | 0.500 |" in card
    assert "| dotless letters | noticed | 0.500 | 0.400 | +0.100 | ≤ 0.020 | **no** | 0.500 |" in card


def test_what_was_measured_on_another_day_says_so(manifest, figures):
    other = {**figures, "corpus": {**figures["corpus"], "sha256": "d"}}
    kept = {"figures": other, "evasion": {**EVASION, "model": "n"}, "experiments": [RUN], "peers": PEERS}
    card = write_card({**manifest, "sha256": "n2"}, kept, pictures=False)
    assert "This run was made on an earlier state of the corpus." in card
    assert "small is of an earlier fit" in card
    assert "The corpus has changed since" in card
    assert "`sextortion-detect evaluate --evasion`" in card
    assert "curve.svg" not in card
    bare = write_card(manifest, {"figures": figures}, pictures=False)
    assert "`sextortion-detect experiment`" in bare
    assert "Not measured yet: `python tests/benchmarks/peers.py` does." in bare


def test_the_shipped_card_is_that_of_its_figures(model):
    """`sextortion-detect evaluate --card` writes both; a card that was changed by hand, or left behind, is stale."""
    folder = shipped_folder()
    assert write_card(model.manifest, read_kept(folder), pictures=True) == (folder / "CARD.md").read_text("utf-8")


def test_the_shipped_figures_are_of_this_model_and_this_corpus(model, corpus_rows):
    """Who trains or changes a row measures again; what is beside the card of another model is stale."""
    kept = read_kept(shipped_folder())
    assert {kept[name]["model"] for name in ("figures", "evasion")} == {model.manifest["sha256"]}
    assert kept["figures"]["corpus"]["sha256"] == corpus_digest(corpus_rows)


def test_the_picture_is_the_same_to_the_byte(tmp_path, figures):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        draw_curve(figures, tmp_path / name)
    drawn = (tmp_path / "one" / "curve.svg").read_bytes()
    assert drawn == (tmp_path / "two" / "curve.svg").read_bytes()
    assert ET.fromstring(drawn).tag.endswith("svg")
    assert b"dc:date" not in drawn
    assert len(drawn) < 150_000


def test_what_is_kept_beside_the_card(tmp_path, figures):
    assert read_kept(tmp_path) == {}
    write_kept({"figures": figures, "evasion": {"a": float("nan")}}, tmp_path)
    assert read_kept(tmp_path) == {"figures": figures, "evasion": {"a": None}}
    assert CANARY not in (tmp_path / "figures.json").read_text(encoding="utf-8")
    for number in (1, 2):
        keep_run({**RUN, "traffic_texts": number}, tmp_path)
    assert [run["traffic_texts"] for run in read_kept(tmp_path)["experiments"]] == [1, 2]
    assert {*read_kept(tmp_path)} == {"figures", "evasion", "experiments"}


# --- experiments


def test_experiments_need_background(fitted):
    with pytest.raises(InputError) as caught:
        describe(fitted, ROOT / "datasets", experiments=True)
    assert str(caught.value) == "The experiments need ordinary messages to fit against; give --background."


def test_a_run_says_what_is_better_than_the_default():
    lines = experiments_table(RUN).splitlines()
    assert lines[2].startswith("| the default recipe | 0.500 |")
    assert lines[2].endswith("| 0.500 | 1.00 |  | 1.0 |  |")
    assert lines[3].endswith(
        "| 0.600 | 1.00 | 0.600 (fitted with it 0.500) | 1.0 | 7 of 11 |"
    )  # of victims flagged and calibration error less is better


def test_every_standard_recipe_can_be_made():
    assert all(recipe != SMALL for recipe in standard_recipes().values())


def test_padding_stands_beside_a_text():
    before, behind, around = padded(["اهلا بك"] * 3, ["كلمة " * 100], 25, seed=1)
    assert before.split() == ["كلمة"] * 25 + ["اهلا", "بك"]
    assert behind.split() == ["اهلا", "بك"] + ["كلمة"] * 25
    assert around.split() == ["كلمة"] * 12 + ["اهلا", "بك"] + ["كلمة"] * 13
    assert padded(["x"], [], 25, seed=1) == ["x"]


PEER_CODE = """
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

def words():
    return make_pipeline(TfidfVectorizer(min_df=3), LogisticRegression())
"""


def test_recipes_beside_the_default(tmp_path, small, ordinary, traffic):
    """An ablation and a peer, each through the same measurement, on rows never fitted on."""
    code = tmp_path / "own.py"
    code.write_text(PEER_CODE, encoding="utf-8")
    changes = [{"without": ("characters",)}, {"peer": f"{code}:words"}]
    recipes = {str(place): dataclasses.replace(TINY, **some) for place, some in enumerate(changes)}
    offending = {row.author for row in small if row.label in OFFENSES}
    rows = [row for row in small if row.split != "dev" or row.author in offending]  # of chance it is their share
    result = run_experiments(recipes, rows, ordinary, traffic, default=TINY)
    assert result == json.loads(json.dumps(result))
    assert result["corpus"] == corpus_digest(rows)
    assert [one["what"] for one in result["tried"]] == ["the default recipe", "0", "1"]
    figures = [one["dev"]["average_precision"] for one in result["tried"]]
    assert len({*figures}) == 3
    assert min(figures) > 0.6
    assert experiments_table(result).count("\n") == 4
    gone = dataclasses.replace(TINY, peer=f"{code}:nothing")
    with pytest.raises(InputError) as caught:
        run_experiments({"gone": gone}, small, ordinary, traffic, default=gone)
    assert str(caught.value) == f"There is no {code}:nothing; name a function in a Python file as FILE.py:NAME."


# --- corpus check and lexicon


def test_corpus_check_says_by_its_exit_code_whether_all_holds(tmp_path, small):
    from test_training import as_record, write_corpus

    write_corpus(tmp_path, [as_record(row) for row in small])
    done = run("corpus", "check", "--corpus", tmp_path, "--markdown", tmp_path / "CHECKS.md")
    assert done.returncode == 1, done.stderr.decode()
    out = done.stdout.decode()
    assert "| unique messages |" in out
    assert "**no**" in out
    assert out.strip() in (tmp_path / "CHECKS.md").read_text(encoding="utf-8")
    assert run("corpus", "check", "--corpus", tmp_path / "none").returncode == 2


def test_lexicon(tmp_path, small):
    from test_training import as_record, write_corpus

    write_corpus(tmp_path, [as_record(row) for row in small])
    background = tmp_path / "b.jsonl"
    background.write_text('{"text": "كلمهغريبه"}\n' * 5 + '{"text": "كلمهوحيده"}\n', encoding="utf-8")
    done = run("lexicon", "--corpus", tmp_path, "--background", background, "--out", tmp_path / "words.txt")
    assert done.returncode == 0, done.stderr.decode()
    words = (tmp_path / "words.txt").read_text(encoding="utf-8").split("\n")
    assert words.pop() == ""
    assert len(words) == len(set(words)) > 1_000
    assert "كلمهغريبه" in words
    assert "كلمهوحيده" not in words


@pytest.mark.parametrize(
    ("recipe", "sentence"),
    [
        ("snippets = 'many'", "The field snippets of a recipe must be a whole number."),
        ("snippets = 0", "The experiments need ordinary messages to fit against; give --background."),
    ],
)
def test_the_command_experiment_says_what_is_wrong(tmp_path, small, recipe, sentence):
    from test_training import as_record, write_corpus

    write_corpus(tmp_path, [as_record(row) for row in small[:9]])
    done = run("experiment", recipe, "--corpus", tmp_path)
    assert (done.returncode, done.stderr.decode().strip()) == (2, sentence)
    assert not done.stdout
