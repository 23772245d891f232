"""The workshop on a small setting: what the corpus check refuses, and a fit that is the same to the byte."""

import csv
import dataclasses
import gzip
import json
from collections import Counter

import numpy as np
import pytest
from conftest import CANARY, ROOT

from sextortion_detect import load_model
from sextortion_detect.errors import CorpusError, InputError
from sextortion_detect.model.linear import LABELS
from sextortion_detect.model.storage import save_model
from sextortion_detect.taxonomy import OFFENSES, Kind, Label, Tactic, Variety
from sextortion_detect.training import fit as fitting
from sextortion_detect.training import workshop
from sextortion_detect.training.corpus import COLUMNS, SPLITS, chat_rows, find_problems, read_chats, read_messages
from sextortion_detect.training.corpus_check import SECOND_READING_OF_CHATS, check_corpus, to_markdown
from sextortion_detect.training.fit import Settings, fit
from sextortion_detect.training.intervals import rate
from sextortion_detect.training.label_head import Origin
from sextortion_detect.training.thresholds import threshold_for_budget
from sextortion_detect.training.traffic import read_traffic

# --- the shipped corpus


@pytest.mark.slow
def test_the_corpus_keeps_its_bounds(corpus_rows):
    broken = [
        check.name
        for check in check_corpus(corpus_rows, read_chats(ROOT / "datasets"), ROOT / "datasets")
        if not check.holds
    ]
    assert broken == []


def test_every_variety_stands_in_every_split(corpus_rows):
    assert len({(row.variety, row.split) for row in corpus_rows}) == len(Variety) * 3


def test_the_chats():
    chats = read_chats(ROOT / "datasets")
    assert min(Counter(chat.variety for chat in chats).values()) >= 80
    assert {(chat.variety, chat.split) for chat in chats} == {
        (variety, split) for variety in Variety for split in SPLITS
    }
    for chat in chats:
        assert 10 <= len(chat.chat.messages) <= 40
        assert (chat.first_flag is None) is (chat.label not in OFFENSES)
        assert (chat.offender is None) is (chat.label not in OFFENSES)
        assert chat.offender is None or chat.offender in {message.sender for message in chat.chat.messages}
        for label, tactics in zip(chat.labels, chat.tactics, strict=True):
            assert not tactics or label in OFFENSES


# --- what the check refuses


@pytest.fixture(scope="module")
def one(corpus_rows):
    return dataclasses.replace(
        corpus_rows[0], text="نص طويل بما يكفي ليقارن", place="a.csv:2", split="train", author="x"
    )


def changed(row, **changes):
    return dataclasses.replace(row, **{"id": f"{row.id}+", "place": "b.csv:3", **changes})


PROBLEMS = [
    ({"text": " \u200f "}, "b.csv:3: the text is empty"),
    ({"text": "آخر", "label": Label.BENIGN, "kind": Kind.JOKE, "tactics": (Tactic.SECRECY,)},
     "b.csv:3: a benign message bears tactics"),
    ({"text": "آخر", "label": Label.BENIGN, "kind": None, "tactics": ()},
     "b.csv:3: kind is for benign messages, and each of them needs one"),
    ({"text": "نصّ طويل بمـا يكفي ليقارن!"}, "b.csv:3: repeats the text of a.csv:2"),
    ({"text": "آخر", "split": "test"}, "b.csv:3: author x stands in two splits"),
    ({"text": "نص طويل بما يكفي ليقارنه", "split": "test", "author": "y"},
     "a.csv:2: nearly repeats b.csv:3, which is in another split"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "sentence"), PROBLEMS, ids=[problem[1] for problem in PROBLEMS])
def test_problems(one, changes, sentence):
    plain = dataclasses.replace(one, label=Label.BLACKMAIL, kind=None, tactics=())
    assert sentence in find_problems([plain, changed(plain, **changes)])
    assert not find_problems([plain])


@pytest.mark.parametrize("splits", [[], ["train"], ["train", "test"]], ids=len)
def test_the_checks_of_a_corpus_with_empty_parts(one, tmp_path, splits):
    rows = [dataclasses.replace(one, id=split, split=split, text=f"نص عن {split}") for split in splits]
    (tmp_path / "second_reading.csv").write_text(
        "id,label,tactics,first_label,first_tactics\n" + "".join(f"{split},benign,,benign,\n" for split in splits)
    )
    checks = check_corpus(rows, [], tmp_path)
    assert not next(check for check in checks if check.name == "unique messages").holds
    assert all(np.isfinite(check.value) for check in checks)
    assert to_markdown(checks)


def test_a_second_reading_of_conversations(tmp_path):
    chats = [chat for chat in read_chats(ROOT / "datasets") if chat.label in OFFENSES][:4]
    lines = [
        {"id": chat.id, "label": chat.label.value, "offender": chat.offender, "first_flag": chat.first_flag + late}
        for chat, late in zip(chats, (0, 2, 3, 0), strict=True)
    ]
    lines[0]["offender"], lines[3]["label"] = "x", "benign"
    with (tmp_path / SECOND_READING_OF_CHATS).open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, lines[0])
        table.writeheader()
        table.writerows([*lines, {**lines[0], "id": "of no conversation"}])
    values = {check.name: check.value for check in check_corpus([], chats, tmp_path)}
    assert values["chats read a second time"] == 4
    assert values["kappa of labels, chats"] < 1.0
    assert (
        values["share of offenders on whom both agree"] == values["share of marks at most two messages apart"] == 2 / 3
    )


def test_a_repeated_id(one):
    plain = dataclasses.replace(one, label=Label.BLACKMAIL, kind=None, tactics=())
    again = dataclasses.replace(plain, text="آخر", place="b.csv:3")
    assert find_problems([plain, again]) == ["b.csv:3: the id stands already at a.csv:2"]


GOOD = {"id": "1", "text": f"نص {CANARY}", "label": "blackmail", "tactics": "", "variety": "egy", "script": "arabic",
        "kind": "", "author": "x", "split": "train"}  # fmt: skip

BAD_ROWS = [
    ({"label": CANARY}, "the label must be of benign, grooming, blackmail, victim_report"),
    ({"variety": CANARY}, "the variety must be of msa, egy, glf, lev, irq, mgr, sdy"),
    ({"script": CANARY}, "the script must be of arabic, arabizi, mixed"),
    ({"split": CANARY}, "the split must be one of train, dev, test"),
    ({"country": CANARY}, "the country must be empty or one where egy is spoken: EG"),
    ({"variety": "sdy", "country": "EG"}, "the country must be empty or one where sdy is spoken: SD, YE"),
    ({"variety": "msa", "country": "EG"}, "the country must be empty; msa is spoken in none alone"),
]


@pytest.mark.parametrize(("changes", "sentence"), BAD_ROWS, ids=[row[1] for row in BAD_ROWS])
def test_bad_rows_are_named_by_file_and_line_never_by_text(tmp_path, changes, sentence):
    write_corpus(tmp_path, [GOOD, {**GOOD, "id": "2", **changes}])
    with pytest.raises(CorpusError) as caught:
        read_messages(tmp_path)
    assert str(caught.value) == f"1 problems in the corpus, mend them first: x.csv:3: {sentence}"


def test_no_corpus(tmp_path):
    with pytest.raises(CorpusError) as caught:
        read_messages(tmp_path)
    assert str(caught.value) == (
        f"There are no messages under {tmp_path / 'messages'}; name the folder that datasets/ is in."
    )


def write_corpus(folder, rows):
    (folder / "messages").mkdir()
    with (folder / "messages" / "x.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)


# --- traffic files


@pytest.mark.parametrize("pack", [False, True])
def test_traffic_files_skip_and_list_bad_lines(tmp_path, pack):
    text = '{"text": "هلا", "source": "a"}\n{\n\n{"text": 3}\n[1]\n{"text": "وين"}\n'
    path = tmp_path / ("x.jsonl.gz" if pack else "x.jsonl")
    path.write_bytes(gzip.compress(text.encode()) if pack else text.encode())
    traffic = read_traffic(path)
    assert [(one.text, one.source) for one in traffic.texts] == [("هلا", "a"), ("وين", "")]
    assert traffic.bad_lines == (2, 4, 5)


BAD_TRAFFIC = [
    (None, "There is no file at {path}; check the path."),
    (b"\x1f\x8b\x08", "{path} cannot be read as JSON Lines in UTF-8; check that it is complete."),
    (gzip.compress(b"{}\n" * 100)[:20], "{path} cannot be read as JSON Lines in UTF-8; check that it is complete."),
    (gzip.compress(b"\xff\xfe"), "{path} cannot be read as JSON Lines in UTF-8; check that it is complete."),
    (gzip.compress(b"{}\n"), "{path} has no line with a text; each line must be a JSON object with the field text."),
]


@pytest.mark.parametrize(("data", "sentence"), BAD_TRAFFIC, ids=range(len(BAD_TRAFFIC)))
def test_bad_traffic_files(tmp_path, data, sentence):
    path = tmp_path / "x.jsonl.gz"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(InputError) as caught:
        read_traffic(path)
    assert str(caught.value) == sentence.format(path=path)


def test_the_halves_of_traffic_are_about_equal(tmp_path):
    path = tmp_path / "x.jsonl"
    path.write_text("".join(json.dumps({"text": str(number)}) + "\n" for number in range(1000)))
    assert 450 < sum(text.sets_thresholds for text in read_traffic(path).texts) < 550


# --- thresholds


@pytest.mark.parametrize("budget", [0.0, 0.001, 0.01, 0.1])
def test_a_budget_is_kept(budget):
    scores = np.random.default_rng(1).random(5_000)
    threshold = threshold_for_budget(scores, budget)
    assert (scores >= threshold).sum() == int(5_000 * budget)


@pytest.mark.parametrize(
    ("count", "total", "low", "high"),
    [(0, 100, 0.0, 0.0362), (5, 100, 0.0164, 0.1128), (100, 100, 0.9638, 1.0)],  # tables of Clopper and Pearson
)
def test_exact_intervals(count, total, low, high):
    assert [round(end, 4) for end in rate(count, total)] == [count / total, low, high]


# --- fitting


@pytest.fixture(scope="module")
def small(corpus_rows):
    """A twentieth of the train rows, half of the others: enough for every tactic, little enough for seconds."""
    train = [row for row in corpus_rows if row.split == "train"][::20]
    return [*train, *[row for row in corpus_rows if row.split != "train"][::2]]


@pytest.fixture(scope="module")
def ordinary(corpus_rows):
    """Our own stand-in for ordinary traffic: plain benign chat, repeated in fragments."""
    texts = [row.text for row in corpus_rows if row.split == "train" and row.label is Label.BENIGN]
    return [" ".join(text.split()[:length]) for text in texts[::2] for length in (3, 6)]


SMALL = Settings(background_frequency=20)


def test_training_twice_gives_the_same_bytes(tmp_path, small, ordinary):
    for name in ("one", "two"):
        save_model(fit(small, ordinary, ordinary[::2], SMALL), tmp_path / name)
    for path in sorted((tmp_path / "one").iterdir()):
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes(), path.name


def test_training_does_not_look_at_the_test_split(tmp_path, small):
    without = [row for row in small if row.split != "test"]
    save_model(fit(small), tmp_path / "with")
    save_model(fit(without), tmp_path / "without")
    assert (tmp_path / "with" / "weights.npz").read_bytes() == (tmp_path / "without" / "weights.npz").read_bytes()


def test_background_text_enters_by_frequency_alone(small, ordinary):
    model = fit(small, [*ordinary, *["زغضطفق"] * 20, "قفطضغز"], (), SMALL)
    assert "زغضطفق" in model.vectorizer.vocabularies["word"]
    assert "قفطضغز" not in model.vectorizer.vocabularies["word"]


def test_background_makes_its_like_less_suspect(small):
    text = "عرض خاص كاميرا مراقبة تحويل مجاني"
    plain, adapted = fit(small), fit(small, [text, "عرض اليوم كاميرا مجاني"] * 50, (), SMALL)
    assert judged(adapted, text) < judged(plain, text)


def judged(model, text):
    from sextortion_detect import classify

    return classify(text, model=model).probability


class Reached(Exception):
    """Fitting has come to the label head."""


def test_lines_of_conversations_are_told_from_rows_and_copies(small, ordinary, monkeypatch):
    chats = read_chats(ROOT / "datasets")[::40]
    lines = chat_rows(chats)
    seen = {}

    def reached(vectorizer, written, labels, ordinary, settings, origins):
        seen.update(written=written, labels=labels, origins=origins)
        raise Reached

    monkeypatch.setattr(fitting, "fit_label_head", reached)
    with pytest.raises(Reached):
        fit(small, ordinary, (), SMALL, chats=chats)
    assert lines
    assert [LABELS[label] for label in seen["labels"][seen["origins"] == Origin.LINE]] == [row.label for row in lines]
    train = [row for row in small if row.split == "train"]
    assert [LABELS[label] for label in seen["labels"][: len(train)]] == [row.label for row in train]
    assert (seen["origins"][: len(train)] == Origin.ROW).all()
    assert seen["written"].shape[0] == len(seen["labels"]) > 2 * len(train) + len(lines)  # copies of rows alone


def test_a_corpus_without_a_tactic_but_in_conversations(small):
    rows = [row for row in small if Tactic.SECRECY not in row.tactics]
    with pytest.raises(CorpusError) as caught:
        fit(rows, chats=read_chats(ROOT / "datasets")[:9])
    assert str(caught.value) == "No train row is annotated with secrecy; add some and train again."


@pytest.mark.harden
def test_train_and_describe_from_files(tmp_path, small, ordinary):
    folder = tmp_path / "corpus"
    folder.mkdir()
    write_corpus(folder, [as_record(row) for row in small])
    traffic = tmp_path / "traffic.jsonl"
    traffic.write_text("".join(json.dumps({"text": text, "source": "own"}) + "\n" for text in ordinary) + "{\n")
    model, notes = workshop.train("small", folder, [traffic], traffic, settings=SMALL)
    assert notes == [f"traffic.jsonl: 1 lines without a text were passed over: {len(ordinary) + 1}"] * 2
    save_model(model, tmp_path / "model")
    assert set(model.manifest["thresholds_by_budget"]) == {"1e-2", "1e-3", "1e-4"}
    assert model.manifest["thresholds_by_budget"]["1e-3"]["offense"] == pytest.approx(model.thresholds["offense"])
    card = workshop.describe(load_model(tmp_path / "model"), workshop.Task(folder, traffic, folder=tmp_path))
    assert (tmp_path / "figures.json").exists()
    assert "| own |" in card
    assert "nan" not in card
    assert "$" not in card
    assert model.manifest["data"]["background"][0]["sources"] == {"own": len(ordinary)}


def as_record(row):
    return {
        "id": row.id, "text": row.text, "label": row.label, "tactics": ";".join(row.tactics), "variety": row.variety,
        "script": row.script, "kind": row.kind or "", "author": row.author, "split": row.split,
    }  # fmt: skip


def test_an_unknown_split(model):
    with pytest.raises(InputError) as caught:
        workshop.describe(model, workshop.Task(ROOT / "datasets", split="validation"))
    assert str(caught.value) == "There is no split 'validation'; name one of train, dev, test."
