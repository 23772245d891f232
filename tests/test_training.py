"""The workshop on a small setting: what the corpus check refuses, and a fit that is the same to the byte."""

import csv
import dataclasses
import gzip
import json
from collections import Counter
from functools import partial

import numpy as np
import pytest
from conftest import CANARY, ROOT, SMALL
from feature_names import feature_names
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import average_precision_score

from sextortion_detect import classify, load_model
from sextortion_detect.budget_thresholds import offense_probabilities, threshold_for_budget
from sextortion_detect.errors import CorpusError, InputError
from sextortion_detect.model.features import read_features
from sextortion_detect.model.linear import LABELS
from sextortion_detect.model.storage import save_model
from sextortion_detect.taxonomy import OFFENSES, Kind, Label, Tactic, Variety
from sextortion_detect.training.card import describe
from sextortion_detect.training.corpus import (
    COLUMNS,
    SPLITS,
    chat_rows,
    find_problems,
    load_chats,
    load_distress,
    load_messages,
)  # fmt: skip
from sextortion_detect.training.corpus_check import (
    check_corpus,
    counts_table,
    to_markdown,
    with_counts,
)
from sextortion_detect.training.fit import fit, gather, train
from sextortion_detect.training.intervals import rate
from sextortion_detect.training.label_head import Origin
from sextortion_detect.training.recipe import Recipe, read_recipe
from sextortion_detect.training.thresholds import (
    choose_thresholds,
    score_all,
    strata_thresholds,
)
from sextortion_detect.training.traffic import (
    STRATA,
    TrafficFile,
    TrafficText,
    read_left_out,
    read_traffic,
    set_thresholds,
)
from sextortion_detect.training.vocabulary import KINDS, NOT_LEARNT, choose_vectorizer, count_words, matrix

# --- the shipped corpus


@pytest.mark.slow
def test_the_corpus_keeps_its_bounds_and_the_page_says_so(corpus_rows):
    """`sextortion-detect corpus check --markdown datasets/CHECKS.md` writes the page."""
    checks = check_corpus(corpus_rows, load_chats(ROOT / "datasets"), ROOT / "datasets")
    assert [check.name for check in checks if not check.holds] == []
    assert to_markdown(checks) in (ROOT / "datasets" / "CHECKS.md").read_text(encoding="utf-8")


def test_the_readme_counts_the_corpus(corpus_rows):
    """`sextortion-detect corpus check --readme datasets/README.md` writes it."""
    readme = (ROOT / "datasets" / "README.md").read_text(encoding="utf-8")
    counts = counts_table(corpus_rows, load_chats(ROOT / "datasets"))
    assert counts in readme
    assert with_counts(readme, counts) == readme
    assert with_counts(readme, "x") != readme
    assert with_counts("no marks", "x") == "no marks"


def test_every_variety_stands_in_every_split(corpus_rows):
    assert len({(row.variety, row.split) for row in corpus_rows}) == len(Variety) * 3


def test_the_chats():
    chats = load_chats(ROOT / "datasets")
    assert min(Counter(chat.variety for chat in chats).values()) >= 80
    assert {(chat.variety, chat.split) for chat in chats} == {
        (variety, split) for variety in Variety for split in SPLITS
    }
    for chat in chats:
        assert 10 <= len(chat.chat.messages) <= 400
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
    assert not [*find_problems([plain])]


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


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_row_of_pairs_without_another_beside_it_is_no_pair(one, tmp_path, count):
    rows = [
        dataclasses.replace(one, id=f"pairs-1-{place}", author="pairs-1", text=f"نص عن {place}")
        for place in range(count)
    ]
    checks = check_corpus(rows, [], tmp_path)
    assert next(check for check in checks if check.name == "minimal pairs").value == count // 2


def test_a_second_reading_of_conversations(tmp_path):
    chats = [chat for chat in load_chats(ROOT / "datasets") if chat.label in OFFENSES][:4]
    lines = [
        {"id": chat.id, "label": chat.label.value, "offender": chat.offender, "first_flag": chat.first_flag + late}
        for chat, late in zip(chats, (0, 2, 3, 0), strict=True)
    ]
    lines[0]["offender"], lines[3]["label"] = "x", "benign"
    with (tmp_path / "second_reading_chats.csv").open("w", encoding="utf-8", newline="") as file:
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
    assert [*find_problems([plain, again])] == ["b.csv:3: the id stands already at a.csv:2"]


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
        load_messages(tmp_path)
    assert str(caught.value) == f"1 problems in the corpus, mend them first: x.csv:3: {sentence}"


def test_rows_of_messages_alone_are_told_by_their_folder(tmp_path):
    write_corpus(tmp_path, [GOOD])
    (tmp_path / "messages" / "alone").mkdir()
    (tmp_path / "messages" / "x.csv").rename(tmp_path / "messages" / "alone" / "x.csv")
    write_corpus(tmp_path, [{**GOOD, "id": "2", "text": "كلام آخر تماما", "author": "y"}])
    assert {row.id: row.alone for row in load_messages(tmp_path)} == {"1": True, "2": False}


def test_no_corpus(tmp_path):
    with pytest.raises(CorpusError) as caught:
        load_messages(tmp_path)
    assert str(caught.value) == (
        f"There are no messages under {tmp_path / 'messages'}; name the folder that datasets/ is in."
    )


def write_corpus(folder, rows):
    (folder / "messages").mkdir(exist_ok=True)
    with (folder / "messages" / "x.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)


# --- traffic files


@pytest.mark.parametrize("pack", [False, True])
def test_traffic_files_skip_and_list_bad_lines(tmp_path, pack):
    text = '{"text": "هلا", "source": "a", "kind": "chat"}\n{\n\n{"text": 3}\n[1]\n{"text": "وين"}\n'
    path = tmp_path / ("x.jsonl.gz" if pack else "x.jsonl")
    path.write_bytes(gzip.compress(text.encode()) if pack else text.encode())
    traffic = read_traffic(path)
    assert [(one.text, one.source, one.kind) for one in traffic.texts] == [("هلا", "a", "chat"), ("وين", "", "")]
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


HALVES = [  # sources and kinds, and for each text whether it sets thresholds
    ("nothing", "", "", ""),
    ("the largest source here, the others there", "aaabbc", "TTTTTT", "yyynnn"),
    ("the smaller half gets the next source", "aaabbcd", "TTTTTTT", "yyynnny"),
    ("each stratum by itself", "aabbccdd", "TTTTDDDD", "yynnyynn"),
    ("a source of two strata goes by the commoner one", "aaabbcc", "TTDTTDD", "yyynnyn"),
    ("a stratum of one source", "aaaa", "TTTT", "ynyn"),
    ("two strata of one source each, in turn", "abababab", "TDTDTDTD", "yynnyynn"),
    ("kinds of no stratum are one", "aabb", "?!?!", "yynn"),
]  # fmt: skip


@pytest.mark.parametrize(("_name", "sources", "kinds", "halves"), HALVES, ids=[case[0] for case in HALVES])
def test_the_halves_of_traffic_are_split_by_source(_name, sources, kinds, halves):
    of_kind = {"T": "tweet", "D": "dialogue"}
    texts = [TrafficText("هلا", source, of_kind.get(kind, kind)) for source, kind in zip(sources, kinds, strict=True)]
    assert "".join("y" if sets else "n" for sets in set_thresholds(texts)) == halves


def test_every_kind_has_a_stratum_of_its_own():
    kinds = [kind for kinds in STRATA.values() for kind in kinds]
    assert len({*kinds}) == len(kinds)
    assert {TrafficText("", "", kind).stratum for kind in kinds} == {*STRATA}
    assert TrafficText("", "", "of no such kind").stratum == TrafficText("", "").stratum == ""


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


def test_training_again_in_two_processes_gives_the_same_bytes(tmp_path, fitted, small, ordinary, traffic, distress):
    save_model(fitted, tmp_path / "one")
    save_model(fit(small, ordinary, traffic, SMALL, n_jobs=2, distress=distress), tmp_path / "two")
    for path in sorted((tmp_path / "one").iterdir()):
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes(), path.name


def test_a_fresh_model_is_served_as_it_was_fitted(tmp_path, fitted, small):
    """What its file holds says the same as what thresholds were set on, and so does its scikit-learn twin."""
    save_model(fitted, tmp_path / "model")
    again, texts = load_model(tmp_path / "model"), [row.text for row in small[::5]]
    assert np.array_equal(again.score(texts).labels, fitted.score(texts).labels)
    assert np.array_equal(again.score(texts).tactic_scores, fitted.score(texts).tactic_scores)
    assert again.thresholds == fitted.thresholds
    twin = fitted.to_sklearn()
    told = dict(zip(twin.classes_, twin.predict_proba(texts).T, strict=True))
    blackmail = fitted.score(texts).labels[:, LABELS.index(Label.BLACKMAIL)]
    assert np.abs(told["blackmail"] - blackmail).max() < 1e-5


def test_thresholds_keep_the_budget_in_the_worst_stratum(fitted, small, traffic):
    labels = score_all(fitted, [text.text for text in traffic]).labels
    strata = [text.stratum for text in traffic]
    assert len({*strata}) == 3
    dev = [row for row in small if row.split == "dev"]
    found = choose_thresholds(fitted, dev, traffic, 0.02)
    assert {**found, **strata_thresholds(labels, strata, 0.02)} == found
    flagged = offense_probabilities(labels) >= found["offense"]
    by_stratum = [flagged[np.array(strata) == name].mean() for name in sorted({*strata})]
    assert 0.0 < max(by_stratum) <= 0.02
    assert {*found} == {"offense", "victim_report", "distress", "distress_phrase", *Tactic}
    assert {**fitted.thresholds, **choose_thresholds(fitted, dev, traffic, SMALL.budget)} == {**fitted.thresholds}


def test_distress_is_told_from_idioms_in_lines_that_were_not_fitted_on(fitted, small):
    """Whoever adds lines for a dialect must see them heard, and a model without any must hear nothing."""
    lines = load_distress(ROOT / "datasets")[10::20]
    told = fitted.score([line.text for line in lines]).distress
    truth = np.array([line.is_distress for line in lines])
    assert average_precision_score(truth, told) > 0.75  # of 277 lines fitted on; half of these are true
    without = fit(small, recipe=SMALL)
    assert (without.distress, "distress" in without.thresholds) == (None, False)
    assert [verdict.distress for verdict in classify(["عايزة أموت", "أموت فيك"], model=without)] == [True, False]


def test_what_hears_distress_sees_no_row_of_messages_alone(small, distress, monkeypatch):
    seen = []
    monkeypatch.setattr(
        "sextortion_detect.training.fit.fit_distress", lambda _, __, rows, *___: seen.append(rows.shape[0])
    )
    mixed = [dataclasses.replace(row, alone=False) for row in small]
    apart = [dataclasses.replace(row, alone=place % 2 == 0) for place, row in enumerate(mixed)]
    for rows in (mixed, apart):
        fit(rows, recipe=SMALL, distress=distress)
    left_out = [row for row in apart if row.alone and row.split == "train" and row.label is not Label.VICTIM_REPORT]
    assert seen[0] - seen[1] == len(left_out) > 0


@pytest.mark.parametrize("line", ["x,,1,egy,arabic", "x,نص,2,egy,arabic", "x,نص,,egy,arabic"])
def test_a_line_of_distress_that_cannot_be_is_named_by_its_place(tmp_path, line):
    (tmp_path / "distress").mkdir()
    file = tmp_path / "distress" / "own.csv"
    file.write_text(f"id,text,distress,variety,script\nx,نص,1,egy,arabic\n{line}\n", encoding="utf-8")
    with pytest.raises(CorpusError) as error:
        load_distress(tmp_path)
    assert str(error.value) == "own.csv:3: a line of distress needs a text, and 0 or 1; mend it first."


def test_without_traffic_harmless_dev_rows_set_the_thresholds(fitted, small):
    dev = [row for row in small if row.split == "dev"]
    found = choose_thresholds(fitted, dev, [], 1e-9)
    harmless = fitted.score([row.text for row in dev if row.label is Label.BENIGN]).labels
    assert (offense_probabilities(harmless) >= found["offense"]).mean() <= 0.01


def test_training_does_not_look_at_the_test_split(tmp_path, small):
    without = [row for row in small if row.split != "test"]
    save_model(fit(small, recipe=SMALL), tmp_path / "with")
    save_model(fit(without, recipe=SMALL), tmp_path / "without")
    assert (tmp_path / "with" / "weights.npz").read_bytes() == (tmp_path / "without" / "weights.npz").read_bytes()


def test_background_text_enters_by_frequency_alone(small, ordinary):
    recipe = Recipe(written_frequency=5, background_frequency=20)
    words = choose_vectorizer(
        [row.text for row in small[::4]], [*ordinary, *["زغضطفق"] * 20, "قفطضغز"], recipe
    ).vocabularies["word"]
    assert "زغضطفق" in words
    assert "قفطضغز" not in words


def test_background_makes_its_like_less_suspect(small, fitted):
    text = "عرض خاص كاميرا مراقبة تحويل مجاني"
    adapted = fit(small, [text, "عرض اليوم كاميرا مجاني"] * 50, (), SMALL)
    assert classify(text, model=adapted).probability < classify(text, model=fitted).probability


# --- the vocabulary


def test_frequencies_are_those_of_scikit_learn(small):
    """Each block: the names that stand in three texts or more, in the order of the alphabet, and their idf."""
    texts = [row.text for row in small[:150]]
    found = choose_vectorizer(texts[:100], texts[100:], Recipe(written_frequency=3, background_frequency=3))
    names, idf, first = found.vocabularies, found.idf, 0
    for block in names:
        theirs = TfidfVectorizer(analyzer=partial(names_of, block=block)).fit(texts)
        counts = Counter(name for text in texts for name in {*names_of(text, block)})
        in_each = [
            Counter(name for text in some for name in {*names_of(text, block)}) for some in (texts[:100], texts[100:])
        ]
        chosen = sorted(name for name in counts if max(some[name] for some in in_each) >= 3)
        assert names[block] == [name for name in chosen if not any(mark in name for mark in NOT_LEARNT)]
        expected = [theirs.idf_[theirs.vocabulary_[name]] for name in names[block]]
        np.testing.assert_allclose(idf[first : first + len(expected)], expected, rtol=1e-6)
        first += len(expected)


def names_of(text, block):
    return [name for of, name in feature_names(read_features([text]), 0) if of == block]


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_of_feature_can_be_left_out(small, kind):
    texts = [row.text for row in small[:300]]
    recipes = (Recipe(written_frequency=3, without=left_out) for left_out in ((), (kind,)))
    whole, without = (choose_vectorizer(texts, [], recipe).vocabularies for recipe in recipes)
    for block in whole:
        assert without[block] == [name for name in whole[block] if not KINDS[kind](block, name)]
    assert sum(map(len, without.values())) < sum(map(len, whole.values()))


def test_rows_of_a_matrix_are_those_of_the_vectorizer(fitted, small):
    texts = [row.text for row in small[:50]]
    theirs = fitted.vectorizer.transform(texts).to_matrix(len(fitted.vectorizer))
    assert (matrix(fitted.vectorizer, texts) != theirs).nnz == 0
    assert matrix(fitted.vectorizer, []).shape == (0, len(fitted.vectorizer))


# --- lists of words


def test_words_are_listed_by_how_many_texts_have_them(corpus_rows):
    one = dataclasses.replace(corpus_rows[0], split="train")
    rows = [dataclasses.replace(one, text=text) for text in ("قرطف قرطف كركم", "قرطف 500", "هههه", "هههه ا")]
    rows += [dataclasses.replace(one, text="زنبرك", split=split) for split in ("dev", "test") for _ in range(9)]
    ordinary = ["كركم قرطف", *["كركم دنقل"] * 4, *["فستق"] * 4, *["قررطف"] * 5, *["بندق"] * 30]
    words = count_words(rows, ordinary)
    assert [word for word in words if word in {"كركم", "قرطف", "بندق"}] == ["بندق", "قرطف", "كركم"]  # 30, 21, 15
    assert not {"دنقل", "فستق", "قررطف", "زنبرك", "500", "هه", "ا"} & {*words}


# --- how a fit is put together


def test_lines_of_conversations_are_told_from_rows_and_copies(small, ordinary):
    written = load_chats(ROOT / "datasets")
    assert max(len(chat.chat.messages) for chat in written if not chat.alone) <= 35  # as the guide has it
    chats = written[::40]
    lines = [*chat_rows(chats)]
    alone = {chat.id for chat in chats if chat.alone}  # these teach the conversation part and no message
    assert alone
    assert not alone & {row.author for row in lines}
    made = gather(small, ordinary, dataclasses.replace(SMALL, padded_copies=0.0), chats=chats)
    train = [row for row in small if row.split == "train"]
    assert lines
    assert [row for row, origin in zip(made.train, made.origins, strict=True) if origin == Origin.LINE] == lines
    assert [*made.train[: len(train)]] == train
    assert (made.origins[: len(train)] == Origin.ROW).all()
    copies = int((made.origins == Origin.COPY).sum())
    assert 0 < copies <= len(train)  # of rows alone
    assert [LABELS[label] for label in made.labels] == [row.label for row in made.train]
    assert len(made.train) == len(made.origins) == len(train) + len(lines) + copies


@pytest.mark.parametrize(
    ("changes", "rows", "ordinary_texts"),
    [({}, 1.0, 55), ({"rows": 0.5}, 0.5, 55), ({"background": 20}, 1.0, 18)],
)
def test_a_recipe_says_what_is_fitted_on(small, ordinary, changes, rows, ordinary_texts):
    plain = dataclasses.replace(
        SMALL, written_copies=0.0, padded_copies=0.0, background_copies=0.0, snippets=0, **changes
    )
    ordinary = [*dict.fromkeys(ordinary)][:60]
    made = gather(small, ordinary, plain)
    assert len(made.train) == int(rows * sum(row.split == "train" for row in small))
    assert len(made.ordinary) == ordinary_texts  # and one in twelve is kept for the rule on top
    assert not {*made.ordinary} & {*made.held_out}
    assert made.train == gather(small, ordinary, plain).train


def test_what_anybody_types_first_is_fitted_on_again_and_again(small, ordinary):
    made = gather(small, ordinary, dataclasses.replace(SMALL, written_copies=0.0, padded_copies=0.0, plain_cases=3))
    plain = Counter(row.id for row in made.train if row.author == "front-door")
    assert plain
    assert set(plain.values()) == {3}
    assert len(made.train) == sum(row.split == "train" for row in small) + 2 * len(plain)


@pytest.mark.parametrize("collection", ["traffic", "background"])
def test_texts_that_a_reader_left_out_are_left_out(tmp_path, collection):
    texts = [TrafficText(text, "own") for text in ("صباح الخير", "مساء النور")]
    assert read_left_out(tmp_path, collection) == frozenset()
    (tmp_path / f"{collection}_left_out.csv").write_text(f"hash,why\n{texts[0].digest},unclear\n", encoding="utf-8")
    left_out = read_left_out(tmp_path, collection)
    assert left_out == {texts[0].digest}
    assert TrafficFile("own", "", tuple(texts), ()).without(left_out) == [texts[1]]


def test_a_recipe_can_leave_a_variety_out(small):
    made = gather(small, [], dataclasses.replace(SMALL, without_varieties=("egy",)))
    assert {row.variety for row in [*made.train, *made.dev]} == {*Variety} - {Variety.EGY}


RECIPES = [
    ('{"label_c": 1}', {"label_c": 1.0}),
    ('without = ["concepts"]\nbackground = 5', {"without": ("concepts",), "background": 5}),
    ("", {}),
]


@pytest.mark.parametrize(("text", "fields"), RECIPES)
def test_a_recipe_is_read_from_text_or_file(tmp_path, text, fields):
    expected = Recipe(seed=1, **fields)
    assert Recipe(seed=1).but(read_recipe(text)) == expected
    path = tmp_path / "recipe.toml"
    path.write_text(text, encoding="utf-8")
    assert Recipe(seed=1).but(read_recipe(str(path))) == expected
    assert expected.changes(Recipe(seed=1)) == fields


BAD_RECIPES = [
    ("{", "A recipe must be JSON or TOML, as text or in a file named .json or .toml."),
    ("x", "A recipe must be JSON or TOML, as text or in a file named .json or .toml."),
    ("gone.toml", "There is no file at gone.toml; check the path."),
    ("rows = true", "The field rows of a recipe must be a number."),
    ("seed = 0.5", "The field seed of a recipe must be a whole number."),
    ("without = 'concepts'", "The field without of a recipe must be a list of texts."),
    (
        "colour = 1",
        f"A recipe has no field colour; its fields are {', '.join(one.name for one in dataclasses.fields(Recipe))}.",
    ),
]


@pytest.mark.parametrize(("text", "sentence"), BAD_RECIPES, ids=[case[0] for case in BAD_RECIPES])
def test_bad_recipes(text, sentence):
    with pytest.raises(InputError) as caught:
        Recipe().but(read_recipe(text))
    assert str(caught.value) == sentence


UNFIT = [
    ({"peer": "x.py:y"}, "A model holds no peer; such a recipe is for the command experiment."),
    ({"without": ("vowels",)}, f"There is no kind of features 'vowels' to leave out; name some of {', '.join(KINDS)}."),
]


@pytest.mark.parametrize(("changes", "sentence"), UNFIT, ids=[case[1] for case in UNFIT])
def test_recipes_of_what_there_is_not(small, changes, sentence):
    with pytest.raises(InputError) as caught:
        fit(small, recipe=dataclasses.replace(SMALL, **changes))
    assert str(caught.value) == sentence


AS_EVER = {"offense": 0.81308, "victim_report": 0.27851, "secrecy": 0.23836, "exposure_threat": 0.5087}
COLUMN_SUMS = [2805.68, 4318.35, 5664.91, 2071.34, 3039.0]  # of absolute weights


def test_a_fit_gives_what_it_always_gave(fitted):
    """Of this small setting, as the fit of `ar-10` gave it; rounded, since machines sum differently."""
    assert {name: fitted.thresholds[name] for name in AS_EVER} == pytest.approx(AS_EVER, abs=1e-3)
    assert np.abs(fitted.messages.weights).sum(axis=0)[:5].tolist() == pytest.approx(COLUMN_SUMS, rel=1e-3)


def test_a_corpus_without_a_tactic_but_in_conversations(small):
    rows = [row for row in small if Tactic.SECRECY not in row.tactics]
    with pytest.raises(CorpusError) as caught:
        fit(rows, chats=[chat for chat in load_chats(ROOT / "datasets") if not chat.alone][:9])
    assert str(caught.value) == "No train row is annotated with secrecy; add some and train again."


@pytest.mark.harden
def test_train_and_describe_from_files(tmp_path, small, ordinary):
    folder = tmp_path / "corpus"
    folder.mkdir()
    write_corpus(folder, [as_record(row) for row in small])
    traffic = tmp_path / "traffic.jsonl"
    traffic.write_text("".join(json.dumps({"text": text, "source": "own"}) + "\n" for text in ordinary) + "{\n")
    model, notes = train("small", folder, [traffic], traffic, recipe=SMALL)
    assert notes == [f"traffic.jsonl: 1 lines without a text were passed over: {len(ordinary) + 1}"] * 2
    save_model(model, tmp_path / "model")
    assert set(model.manifest["thresholds_by_budget"]) == {"1e-2", "1e-3", "1e-4"}
    assert model.manifest["thresholds_by_budget"]["1e-3"]["offense"] == pytest.approx(model.thresholds["offense"])
    card = describe(load_model(tmp_path / "model"), folder, traffic, folder=tmp_path)
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
        describe(model, ROOT / "datasets", split="validation")
    assert str(caught.value) == "There is no split 'validation'; name one of train, dev, test."
