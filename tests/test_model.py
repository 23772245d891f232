"""The model file, its scores beside scikit-learn's, and evidence that adds up."""

import ast
import dataclasses
import gc
import hashlib
import io
import json
import pickle
import random
import shutil
import time
import tracemalloc
from collections import Counter

import numpy as np
import pytest
from conftest import ROOT
from feature_names import feature_names, word_names
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from sextortion_detect import classify, load_model
from sextortion_detect.errors import ModelMismatch, ModelMissing
from sextortion_detect.model import contributions, sparse, storage, vectorizer
from sextortion_detect.model.contributions import MOST_WORDS, explain
from sextortion_detect.model.feature_keys import keys_of_names
from sextortion_detect.model.features import read_features
from sextortion_detect.model.linear import CONTEXT, LABELS, ORDINARY
from sextortion_detect.model.shipped import shipped_folder, shipped_model
from sextortion_detect.model.stretches import highest, strongest, terms
from sextortion_detect.model.vectorizer import Vectorizer
from sextortion_detect.taxonomy import OFFENSES, Label
from sextortion_detect.text import keys
from sextortion_detect.text.keys import KeyTable, keys_of

THREAT = "معي تسجيلك كامل. حول ٥٠٠ دولار قبل الليل والا بيوصل لكل اهلك"
GENERATED = [
    *("".join(random.Random(seed).choices("ابتصوركمي ةىأؤئءـ .،'5٥؟!😂abوg\u0640\n", k=60)) for seed in range(300)),
    "", " ", "؟", "500$", "https://t.co/x", "ههههههههه", "صورك " * 400, "a" * 300, "صص" * 200, "ر ر ر ر", "12 34 ساعات",
]  # fmt: skip


def each(texts):
    """Windows of one text each, of which the columns of conversations are told as well."""
    return np.arange(len(texts))[:, None] + [[0, 1]]


@pytest.fixture(scope="module")
def texts(corpus_rows):
    """Rows of the corpus, every table of cases of the tests, and generated ones."""
    cases = [text for path in sorted((ROOT / "tests").rglob("test_*.py")) for text in strings_in(path)]
    return list(dict.fromkeys([*cases, *(row.text for row in corpus_rows[::20]), *GENERATED]))


def strings_in(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


@pytest.fixture
def folder(tmp_path):
    copy = tmp_path / "model"
    shutil.copytree(shipped_folder(), copy)
    return copy


# --- scores


def test_scores_equal_those_of_scikit_learn(model, texts):
    """Rows of whole texts and of stretches, the scores of both, and the rule on top of them."""
    pipeline, some = model.to_sklearn(), texts[::5]
    theirs = dict(zip(pipeline.classes_, pipeline.predict_proba(some).T, strict=True))
    theirs["benign"] += theirs["ordinary"]
    assert np.abs(model.score(some).labels - np.column_stack([theirs[label.value] for label in LABELS])).max() < 1e-5


def test_an_offense_is_heard_among_ordinary_words(model):
    """Fifty words of small talk are most of the message, and none of its strongest stretch."""
    around = "الجو اليوم حلو وطلعنا مع الاولاد للسوق وجبنا خبز وحليب ورجعنا قبل المغرب والحمد لله كلنا بخير "
    text = "صورك كلها عندي واذا ما حولت الفلوس بنشرها لاهلك"
    alone, wrapped = model.score([text, around * 2 + text + " " + around]).labels[:, [1, 2]].sum(axis=1)
    assert alone > 0.9
    assert wrapped > 0.5


def test_one_text_gets_the_scores_of_a_batch_to_the_last_bit(model, texts):
    batch = model.score(texts, each(texts))
    for place in range(0, len(texts), 7):
        alone = model.score([texts[place]], each([0]))
        for name in ("labels", "tactic_scores", "known", "distress", "context"):
            assert np.array_equal(getattr(alone, name)[0], getattr(batch, name)[place]), name


def test_a_batch_that_is_read_in_several_turns_gets_the_scores_of_each_text_to_the_last_bit(model, texts, monkeypatch):
    def told(texts):
        judged = model.score(texts)
        return np.column_stack((judged.labels, judged.tactic_scores))

    some = [*texts[::15], "صورك عندي " * 400]
    whole = told(some)
    monkeypatch.setattr(vectorizer, "_MOST_AT_ONCE", 300)
    parted = told(some)
    assert np.array_equal(parted, np.concatenate([told([text]) for text in some]))
    short = [len(text) <= 300 for text in some]
    assert np.array_equal(parted[short], whole[short])
    assert not all(short)


def counted(model, text):
    return model.vectorizer.transform([text]).to_matrix(len(model.vectorizer))


def test_of_a_text_in_pieces_only_neighbors_across_a_cut_are_lost(model, monkeypatch):
    text = "صورك عندي وبوصلها لاهلك اذا ما حولت الفلوس " * 200
    monkeypatch.setattr(Vectorizer, "_weighed", lambda _, rows: rows)
    whole = counted(model, text)
    monkeypatch.setattr(vectorizer, "_MOST_AT_ONCE", 1_000)
    lost = (whole - counted(model, text)).tocoo()
    columns, names, sizes = lost.col[lost.data != 0], model.vectorizer.vocabularies["word"], model.vectorizer.sizes
    assert (lost.data >= 0).all()
    of_words = columns < sizes["word"]
    assert {" " in names[column] for column in columns[of_words].tolist()} == {True}
    assert (columns[~of_words] >= sizes["word"] + sizes["character"]).all()


def test_what_is_asked_for_in_context(model):
    assert model.score(["هلا"]).context.shape == (1, 0)
    assert model.score(["هلا"], each([0])).context.shape == (1, len(CONTEXT))
    assert dataclasses.replace(model, context=None).score(["هلا"], each([0])).context.shape == (1, 0)


def test_the_columns_of_conversations_are_of_whole_texts(model):
    """As they are fitted: what a stretch says at most made long windows of dull talk look like offenses."""
    long = [" ".join(["هلا وينك", "ابعث الفلوس والا بنشر صورك"] * 6)]
    found = model.score(long, each(long)).context
    assert np.allclose(found, model.context(model.vectorizer.transform(long)))
    rows, of_stretches = model.vectorizer.transform_stretches(long)
    assert (highest(model.context(rows), of_stretches) > found + 0.1).any()


@pytest.mark.parametrize("some", [[], [""], ["", "中文", " "]], ids=len)
def test_nothing_known_gets_the_scores_of_the_bias(model, some):
    judged = model.score(some, each(some))
    assert not judged.known.any()
    assert judged.labels.shape == (len(some), len(LABELS))
    assert np.allclose(judged.tactic_scores, model.messages.bias[ORDINARY + 1 :])
    assert np.allclose(judged.context, model.context.bias)


def test_a_model_by_way_of_pickle_says_the_same(model, texts):
    again = pickle.loads(pickle.dumps(model))
    assert np.array_equal(again.score(texts[:100]).labels, model.score(texts[:100]).labels)
    assert again.vectorizer.vocabularies == model.vectorizer.vocabularies


def test_new_texts_leave_nothing_behind(model):
    chance = random.Random(7)
    words = ["".join(chance.choices(letters, k=9)) for _ in range(8_000) for letters in ("ابتثجحخد", "abdkm357")]
    texts = [" ".join(words[place : place + 10]) for place in range(0, len(words), 10)]
    rounds = [texts[place : place + 400] for place in range(0, len(texts), 400)]
    classify(rounds[0], model=model)  # which loads what is built once
    tracemalloc.start()
    try:
        for some in rounds[1:]:
            classify(some, model=model)
            model.score([some[0] * 50])
        gc.collect()
        assert tracemalloc.get_traced_memory()[0] < 50_000  # bytes; 12,000 words alone would take ten times as many
    finally:
        tracemalloc.stop()


# --- two words that somebody made to share a key


def words_of_one_key():
    """Two words that differ everywhere and have one key, whatever the odd base.

    At each place one has a letter and the other the next one of the alphabet; which has which goes by the sequence of
    Thue and Morse.
    """
    pairs = ("تث", "كل", "جح", "من", "فق", "شص", "هو")
    turns = [(pairs[place * place % len(pairs)], place.bit_count() % 2) for place in range(2_048)]
    return "".join(pair[turn] for pair, turn in turns), "".join(pair[1 - turn] for pair, turn in turns)


def test_words_of_one_key_get_in_one_batch_the_verdicts_that_they_get_alone(model):
    one, other = words_of_one_key()
    assert keys_of([one])[0] == keys_of([other])[0]
    alone = {text: model.score([text]).tactic_scores[0] for text in (one, other)}
    assert np.abs(alone[one] - alone[other]).max() > 0.1  # so that it shows if one took the features of the other
    for some in ([one, other], [other, one], [one, other, one, other, one]):
        assert np.array_equal(model.score(some).tactic_scores, [alone[text] for text in some])
    some = [f"{THREAT} {one}", f"{THREAT} {other}", f"{one} {other}", THREAT, other]
    lax = {"offense": 0.0}  # so that all have evidence
    assert classify(some, thresholds=lax) == [classify(text, thresholds=lax) for text in some]


# --- features


LETTERS = st.text(alphabet="ابتثجحخدذرزسشصضطظعغفقكلمنهوي ", max_size=40)


@given(LETTERS)
@settings(deadline=None)
def test_character_ngrams_are_those_of_scikit_learn(text):
    from sklearn.feature_extraction.text import CountVectorizer

    features = read_features([text])
    ours = Counter(name for block, name in feature_names(features, 0) if block == "character")
    names = word_names(features)
    words = [names[place] for place in features.places if "<" not in names[place]]
    analyze = CountVectorizer(analyzer="char_wb", ngram_range=(3, 5), lowercase=False).build_analyzer()
    assert ours == Counter(ngram for word in words for ngram in analyze(word))


@given(LETTERS)
@settings(deadline=None)
def test_words_and_pairs_are_those_of_scikit_learn(text):
    from sklearn.feature_extraction.text import CountVectorizer

    features = read_features([text])
    names = word_names(features)
    words = " ".join(names[place] for place in features.places)
    analyze = CountVectorizer(ngram_range=(1, 2), token_pattern=r"\S+", lowercase=False).build_analyzer()
    ours = Counter(name for block, name in feature_names(features, 0) if block == "word" and name[0] != "~")
    assert ours == Counter(analyze(words))


def test_the_keys_of_the_shipped_vocabulary_are_those_of_its_names(model):
    vocabularies = model.vectorizer.vocabularies
    assert {block: len(names) for block, names in vocabularies.items()} == model.vectorizer.sizes
    of_names = [keys_of_names(block, names) for block, names in vocabularies.items()]
    assert np.array_equal(np.concatenate(of_names), model.vectorizer.keys)
    assert all(len({*names}) == len(names) for names in vocabularies.values())


def test_features_of_texts_have_the_keys_of_their_names(texts):
    for text in texts[::29]:
        features = read_features([text])
        by_block = {}
        for block, name in feature_names(features, 0):
            by_block.setdefault(block, []).append(name)
        named = [keys_of_names(block, names) for block, names in by_block.items()]
        assert {*np.concatenate([*named, features.keys[:0]])} == {*features.word_keys, *features.keys}


def test_a_vocabulary_made_to_collide_is_refused_at_once():
    """A folder that somebody signed anew must not take minutes to load."""
    spread = pow(int(keys._SPREAD), -1, 2**64)  # so all keys are of the first slot
    made = np.array([place * spread % 2**64 for place in range(100_000)], dtype=np.uint64)
    began = time.process_time()
    with pytest.raises(ValueError, match=r"^the keys of a table were made to collide$"):
        KeyTable(made)
    assert time.process_time() - began < 5.0


def test_a_word_made_for_the_end_of_every_chain_is_none_of_any_table():
    """Its key, spread, is the largest number there is, which stands behind the last key of each table."""
    made = "خجزحعظحصحطحضحشثصحطخصدظثضحطجطحضخطخطخضحضخضدض"
    assert (keys_of([made]) * keys._SPREAD).tolist() == [2**64 - 1]
    assert KeyTable(keys_of(["صورك", "معي"])).find(keys_of([made, "معي"])).tolist() == [-1, 1]
    assert [verdict.label for verdict in classify([made, f"و{made}"])] == [Label.BENIGN, Label.BENIGN]


def test_a_vocabulary_names_nothing_twice():
    with pytest.raises(ValueError, match=r"^two names of a table have the same key$"):
        Vectorizer.of_names({"word": ["صورك", "صورك"], "character": [], "concept": []}, np.ones(2))
    with pytest.raises(ValueError, match=r"^the vocabulary is of another length than its weights$"):
        Vectorizer.of_names({"word": ["صورك"], "character": [], "concept": []}, np.ones(2))


# --- sparse rows


def in_32_bits(matrix):
    known, places = sparse.placed(matrix.indices.astype(np.int32), matrix.shape[1])
    return sparse.Rows(matrix.indptr.astype(np.int32), places, matrix.data.astype(np.float32), known)


SHAPES = [(0, 5, 3), (1, 1, 1), (1, 400, 16), (7, 30, 1), (40, 300, 16)]


@pytest.mark.parametrize(("height", "width", "columns"), SHAPES)
@pytest.mark.parametrize("density", [0.0, 0.1, 0.9])
def test_a_product_is_that_of_scipy(height, width, columns, density):
    rng = np.random.default_rng(3)
    matrix = csr_matrix(np.where(rng.random((height, width)) < density, rng.random((height, width)), 0.0))
    weights = rng.normal(size=(width, columns)).astype(np.float32)
    rows = in_32_bits(matrix)
    assert rows.height == height
    assert np.allclose(sparse.product(rows, weights), matrix @ weights, atol=1e-5)
    assert (rows.to_matrix(width) != matrix.astype(np.float32)).nnz == 0
    assert np.array_equal(rows.of_entries(), matrix.tocoo().row)


@pytest.mark.parametrize(("height", "items", "width"), SHAPES)
def test_counts_are_a_product_too(height, items, width):
    rng = np.random.default_rng(4)
    sizes, known = rng.integers(0, 9, height), rng.integers(0, min(width, 4) + 1, items)
    entries = rng.integers(0, items, sizes.sum()).astype(np.int32)
    columns = np.concatenate([rng.permutation(width)[:count] for count in known]).astype(np.int32)
    row_ends, item_ends = (np.concatenate(([0], np.cumsum(some))).astype(np.int32) for some in (sizes, known))
    of_items = csr_matrix((np.ones(len(columns)), columns, item_ends), shape=(items, width))
    theirs = csr_matrix((np.ones(len(entries)), entries, row_ends), shape=(height, items)) @ of_items
    ours = sparse.counts(row_ends, entries, item_ends, columns, width)
    assert np.array_equal(ours.to_matrix(width).toarray(), theirs.toarray())
    assert len(ours.values) == theirs.nnz  # each column of a row once


@pytest.mark.parametrize(("count", "width"), [(0, 0), (1, 5), (9, 40)])
def test_columns_go_to_their_items_in_order(count, width):
    rng = np.random.default_rng(5)
    items = rng.integers(0, max(count, 1), width).astype(np.int32)
    columns, ends = sparse.by_items(items, np.arange(width, dtype=np.int32), count)
    assert [some.tolist() for some in np.split(columns, ends[1:-1])] == [
        np.flatnonzero(items == item).tolist() for item in range(max(count, 1))
    ]


# --- explanations


def log_odds(model, text, label):
    """Of a label against the nearer of the two harmless columns."""
    rows, of_stretches = model.vectorizer.transform_stretches([text])
    scores = model.messages(rows)
    (sums,) = (
        terms(scores, strongest(scores, of_stretches), np.diff(rows.ends)) @ model.labels.weights + model.labels.bias
    )
    return sums[LABELS.index(label)] - max(sums[LABELS.index(Label.BENIGN)], sums[ORDINARY])


def adds_up(model, text, label):
    told = explain(model, text, label)
    assert told.bias + told.words.sum() + told.rest == pytest.approx(told.log_odds, abs=1e-9)
    assert told.log_odds == pytest.approx(log_odds(model, text, label), abs=1e-4)
    assert len(told.words) == len(told.starts) == len(told.ends)
    return told


@pytest.mark.parametrize("label", OFFENSES)
def test_bias_and_words_add_up_to_the_log_odds(model, texts, label):
    for text in texts[::9]:
        adds_up(model, text, label)


@given(st.text(max_size=100))
@settings(max_examples=200, deadline=None)
def test_bias_and_words_add_up_for_any_text(text):
    adds_up(shipped_model(), text, Label.BLACKMAIL)


def test_of_a_long_text_the_heaviest_words_are_told_and_the_others_as_one_rest(model, corpus_rows, monkeypatch):
    text = " ".join(row.text for row in corpus_rows[:600])
    told = adds_up(model, text, Label.BLACKMAIL)
    assert (len(told.words), told.rest != 0.0) == (MOST_WORDS, True)
    assert (np.diff(told.starts) >= 0).all()
    monkeypatch.setattr(contributions, "MOST_WORDS", 10**6)
    whole = adds_up(model, text, Label.BLACKMAIL)
    assert (len(whole.words) > 2 * MOST_WORDS, whole.rest) == (True, 0.0)
    assert np.abs(told.words).min() >= np.sort(np.abs(whole.words))[-MOST_WORDS]
    assert {*zip(told.starts.tolist(), told.words.tolist(), strict=True)} <= {
        *zip(whole.starts.tolist(), whole.words.tolist(), strict=True)
    }
    assert told.rest == pytest.approx(whole.words.sum() - told.words.sum(), abs=1e-9)


def test_a_text_in_pieces_is_explained_by_words_of_the_whole(model, corpus_rows, monkeypatch):
    monkeypatch.setattr(vectorizer, "_MOST_AT_ONCE", 1_000)
    text = " ".join(row.text for row in corpus_rows[:60])
    told = adds_up(model, text, Label.BLACKMAIL)
    assert (np.diff(told.starts) >= 0).all()
    assert (told.starts < told.ends).all()
    assert not any(
        " " in text[start:end].strip()
        for start, end in zip(told.starts.tolist(), told.ends.tolist(), strict=True)
        if len(text[start:end]) < 8  # longer ones may be words that were written apart, or sums
    )
    for span in classify(text, thresholds={"offense": 0.0}).evidence:
        assert span.text == text[span.start : span.end]


def test_a_text_of_as_many_words_as_are_told_has_no_rest(model):
    for words, told in ((MOST_WORDS, MOST_WORDS), (MOST_WORDS + 1, MOST_WORDS)):
        explanation = adds_up(model, "صورك " * words, Label.BLACKMAIL)
        assert (len(explanation.words), explanation.rest == 0.0) == (told, words == MOST_WORDS)


# --- model folders


def test_a_saved_model_is_read_back_the_same(model, tmp_path, texts):
    storage.save_model(model, tmp_path / "copy")
    again = load_model(tmp_path / "copy")
    assert np.array_equal(again.score(texts[:100]).labels, model.score(texts[:100]).labels)
    for name in (storage.MANIFEST, storage.WEIGHTS, storage.VOCABULARY):
        assert (tmp_path / "copy" / name).read_bytes() == (shipped_folder() / name).read_bytes()
    assert again.manifest == model.manifest
    for name in ("messages", "labels", "context"):
        assert_same_head(getattr(again, name), getattr(model, name))


def assert_same_head(one, other):
    assert np.array_equal(one.weights, other.weights)
    assert np.array_equal(one.bias, other.bias)


def test_a_model_whose_manifest_says_nothing_yet_is_saved_whole(model, tmp_path):
    """As training has it: numbers of its own, no conversations, in a folder that is not there."""
    limits = dict.fromkeys(model.thresholds, 0.25)
    labels = dataclasses.replace(model.labels, bias=model.labels.bias + 1.0)
    fresh = dataclasses.replace(model, manifest={"name": "x"}, context=None, labels=labels, thresholds=limits)
    folder = tmp_path / "in" / "deep"
    storage.save_model(fresh, folder)
    again = load_model(folder)
    assert (again.thresholds, again.context) == (limits, None)
    assert_same_head(again.labels, labels)
    assert again.manifest == json.loads((folder / storage.MANIFEST).read_text(encoding="utf-8"))
    assert (again.manifest["name"], again.manifest["format"], again.manifest["context"]) == ("x", 11, None)
    assert_same_head(again.messages, model.messages)
    for name in ("keys", "idf"):
        assert np.array_equal(getattr(again.vectorizer, name), getattr(model.vectorizer, name))
    assert (again.vectorizer.vocabularies, again.vectorizer.sizes) == (
        model.vectorizer.vocabularies, model.vectorizer.sizes,
    )  # fmt: skip
    assert {path.name for path in folder.iterdir()} == {"manifest.json", "weights.npz", "vocabulary.txt.gz"}


@pytest.mark.parametrize("older", [True, False], ids=["older ones in it", "nothing in it"])
def test_files_that_have_not_yet_taken_their_place_are_found(model, folder, older):
    for name in (storage.WEIGHTS, storage.VOCABULARY):
        (folder / name).rename(folder / f"{name}.new")
        if older:
            (folder / name).write_bytes(b"of an older model")
    assert_same_head(load_model(folder).messages, model.messages)


def test_a_manifest_goes_by_what_it_says_and_not_by_its_order(folder):
    path = folder / storage.MANIFEST
    manifest = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(dict(reversed(manifest.items()))), encoding="utf-8")
    assert load_model(folder).manifest == manifest


def test_loading_runs_no_pickle(monkeypatch, folder):
    def refuse(*_args, **_kwargs):
        raise AssertionError("pickle was used")

    monkeypatch.setattr(pickle, "load", refuse)
    monkeypatch.setattr(pickle, "loads", refuse)
    monkeypatch.setattr(pickle, "Unpickler", refuse)
    load_model(folder)


def flip(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def rewrite(sign=True, **changes):
    """Changes the manifest, and signs it anew as somebody who knows how would."""

    def damage(folder):
        path = folder / storage.MANIFEST
        manifest = {**json.loads(path.read_text(encoding="utf-8")), **changes}
        if sign:
            manifest["sha256"] = storage._manifest_digest(manifest)
        path.write_text(json.dumps(manifest, ensure_ascii=False), encoding="utf-8")

    return damage


def swap(**changes):
    """Other arrays among the weights, with the right hash; what a name stands for is made from what is there."""

    def damage(folder):
        with np.load(folder / storage.WEIGHTS) as found:
            arrays = {name: found[name] for name in found.files}
        arrays |= {name: change(arrays[name]) for name, change in changes.items()}
        written = io.BytesIO()
        np.savez(written, **{name: array for name, array in arrays.items() if array is not None})
        (folder / storage.WEIGHTS).write_bytes(written.getvalue())
        files = json.loads((folder / storage.MANIFEST).read_text(encoding="utf-8"))["files"]
        digest = hashlib.sha256(written.getvalue()).hexdigest()
        rewrite(files={**files, storage.WEIGHTS: digest})(folder)

    return damage


def with_first(value):
    """The same array with another first element."""
    return lambda array: np.concatenate((np.full_like(array[:1], value), array[1:]))


PARTS = ("weights.npz", "vocabulary.txt.gz")
ALTERED = "{folder}/{part} is damaged or was altered; install the model again."
DAMAGED = "{folder}/manifest.json is damaged; install the model again."
RESIGNED = "{folder}/manifest.json was altered; install the model again."
ANOTHER = "The files of {folder} do not belong together; install the model again."
OTHERWISE_READ = "{folder} was trained with another way to read texts; train it again."
DAMAGES = [
    ("altered weights", lambda folder: flip(folder / PARTS[0]), ALTERED.replace("{part}", PARTS[0])),
    ("altered vocabulary", lambda folder: flip(folder / PARTS[1]), ALTERED.replace("{part}", PARTS[1])),
    ("truncated weights", lambda folder: (folder / PARTS[0]).write_bytes(b""), ALTERED.replace("{part}", PARTS[0])),
    ("altered threshold", rewrite(sign=False, thresholds={}), RESIGNED),
    ("broken manifest", lambda folder: (folder / "manifest.json").write_text("{"), DAMAGED),
    ("manifest of another kind", lambda folder: (folder / "manifest.json").write_text("[1]"), DAMAGED),
    ("an older format", rewrite(format=10), "{folder} has model format 10, this package reads 11; train it again."),
    ("a format to come", rewrite(format=12), "{folder} has model format 12, this package reads 11; train it again."),
    ("a format that is a text", rewrite(format="11"), DAMAGED),
    ("a file too many", rewrite(files=dict.fromkeys((*PARTS, "x"), "")), RESIGNED),
    ("a file too few", rewrite(files=dict.fromkeys(PARTS[1:], "")), RESIGNED),
    ("another way to read", rewrite(reading="0" * 64), OTHERWISE_READ),
    ("no way to read", rewrite(reading=None), OTHERWISE_READ),
    ("labels in another order", rewrite(labels=["a", "b", "c", "d"]), ANOTHER),
    ("a rule of another height", swap(labels_weights=lambda rule: rule[1:]), ANOTHER),
    ("a rule without end", swap(labels_bias=with_first(np.inf)), ANOTHER),
    ("no thresholds", rewrite(thresholds={}), ANOTHER),
    ("a block too few", rewrite(blocks={"word": 3, "character": 3}), ANOTHER),
    ("blocks of another length", rewrite(blocks={"word": 3, "character": 3, "concept": 3}), ANOTHER),
    ("a column too few", swap(idf=lambda idf: idf[1:]), ANOTHER),
    ("weights that are no numbers", swap(messages_weights=lambda halves: np.full_like(halves, 255)), ANOTHER),
    ("weights without end", swap(messages_bias=with_first(np.inf)), ANOTHER),
    ("an idf of nothing", swap(idf=with_first(0.0)), ANOTHER),
    ("a key twice", swap(keys=lambda keys: np.concatenate((keys[1:2], keys[1:]))), ANOTHER),
    ("keys of another kind", swap(keys=lambda keys: keys.astype(np.float64)), ANOTHER),
    ("a key too few", swap(keys=lambda keys: keys[1:]), ANOTHER),
    ("no keys", swap(keys=lambda _: None), ANOTHER),
    ("arrays that need pickle", swap(idf=lambda _: np.array([{}], dtype=object)), ANOTHER),
]  # fmt: skip


@pytest.mark.parametrize(("_name", "damage", "sentence"), DAMAGES, ids=[case[0] for case in DAMAGES])
def test_damaged_models(folder, _name, damage, sentence):
    damage(folder)
    with pytest.raises(ModelMismatch) as caught:
        load_model(folder)
    assert str(caught.value) == sentence.format(folder=folder)


def test_a_far_too_large_file(folder, monkeypatch):
    monkeypatch.setattr(storage, "LARGEST_FILE", 1000)
    with pytest.raises(ModelMismatch) as caught:
        load_model(folder)
    assert str(caught.value) == f"{folder}/manifest.json is far larger than a model file is; install the model again."


@pytest.mark.parametrize("name", ["manifest.json", "weights.npz", "vocabulary.txt.gz"])
def test_missing_files(folder, name):
    (folder / name).unlink()
    with pytest.raises(ModelMissing) as caught:
        load_model(folder)
    assert str(caught.value) == (
        f"There is no model file {folder / name}; name a model folder, or install the package again."
    )


def test_the_model_is_small():
    assert sum(path.stat().st_size for path in shipped_folder().iterdir()) <= 12 * 2**20


def test_the_shipped_model_has_learnt_conversations(model):
    assert model.context.weights.shape == (len(model.vectorizer), len(CONTEXT))


FLOODS = ["1.", "500$ ", "1", "a@", "www.", "و ", "ا ب ", "1.5,", "\u200f", "ـ", "ص", "https://", "😂", "ٮ ", "صgر "]


@pytest.mark.parametrize("piece", FLOODS)
def test_time_grows_with_length_alone(piece):
    def seconds(times):
        """Processor time, without the collector's walks over all that the other tests left: the work alone."""
        gc.disable()
        started = time.process_time()
        read_features([piece * times])
        spent = time.process_time() - started
        gc.enable()
        return spent

    seconds(1_000)
    short = min(seconds(5_000) for _ in range(3))
    assert min(seconds(40_000) for _ in range(3)) < 8 * 4 * short + 0.05  # quadratic would be 64 times
