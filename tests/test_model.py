"""The model file, its scores beside scikit-learn's, and evidence that adds up."""

import ast
import csv
import dataclasses
import gc
import gzip
import hashlib
import io
import json
import pickle
import random
import shutil
import time

import numpy as np
import pytest
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st

from sextortion_detect import load_model
from sextortion_detect.errors import ModelMismatch, ModelMissing
from sextortion_detect.model import features, reading, storage
from sextortion_detect.model.evidence import explain
from sextortion_detect.model.linear import CONTEXT, LABELS
from sextortion_detect.model.shipped import shipped_folder, shipped_model
from sextortion_detect.taxonomy import Label


@pytest.fixture(scope="module")
def some_texts(corpus_rows):
    return [row.text for row in corpus_rows if row.split == "dev"]


@pytest.fixture
def folder(tmp_path):
    copy = tmp_path / "model"
    shutil.copytree(shipped_folder(), copy)
    return copy


def merged(pipeline, probabilities):
    """The pipeline's five classes as the four labels: ordinary traffic counts as benign."""
    by_class = dict(zip(pipeline.classes_, probabilities.T, strict=True))
    by_class["benign"] = by_class["benign"] + by_class["ordinary"]
    return np.column_stack([by_class[label.value] for label in LABELS])


def test_scores_equal_those_of_scikit_learn(model, some_texts):
    pipeline = model.to_sklearn()
    ours = model.score(features.read_words(text) for text in some_texts).labels
    assert np.abs(ours - merged(pipeline, pipeline.predict_proba(some_texts))).max() < 1e-9


GENERATED = [
    *("".join(random.Random(seed).choices("ابتصوركمي ةىأؤئءـ .،'5٥؟!😂abوg\u0640\n", k=60)) for seed in range(300)),
    "", " ", "؟", "500$", "https://t.co/x", "ههههههههه", "صورك " * 400, "a" * 300, "صص" * 200, "ر ر ر ر", "12 34 ساعات",
]  # fmt: skip


@pytest.fixture(scope="module")
def all_texts():
    """Every text in the corpus, in every table of cases of the tests, and generated ones."""
    cases = [text for path in (ROOT / "tests").rglob("*.py") for text in _strings(path)]
    messages = []
    for path in sorted((ROOT / "datasets" / "messages").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            messages.extend(row["text"] for row in csv.DictReader(file))
    return list(dict.fromkeys([*cases, *messages, *GENERATED]))


def _strings(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def test_raw_texts_get_the_scores_of_scikit_learn(model, all_texts):
    pipeline = model.to_sklearn()
    texts = all_texts[::2]
    ours = model.score_texts(texts)
    assert np.abs(ours.labels - merged(pipeline, pipeline.predict_proba(texts))).max() < 1e-9
    theirs = model.score(features.read_words(text) for text in texts)
    assert np.abs(ours.tactics - theirs.tactics).max() < 1e-9
    assert np.array_equal(ours.known, np.diff(theirs.rows.indptr) > 0)


def test_one_text_gets_the_scores_of_a_batch_to_the_last_bit(model, all_texts):
    texts = all_texts[::9]
    batch = model.score_texts(texts)
    for index, text in enumerate(texts):
        alone = model.score_alone(text)
        assert np.array_equal(alone.labels[0], batch.labels[index])
        assert np.array_equal(alone.tactics[0], batch.tactics[index])
        assert alone.known[0] == batch.known[index]


def test_rows_equal_those_of_scikit_learn(model, some_texts):
    words = [features.read_words(text) for text in some_texts]
    theirs = model.to_sklearn()[:2].transform(some_texts)
    assert np.abs((model.vectorizer.transform(words) - theirs).toarray()).max() < 1e-12


def test_one_by_one_equals_a_batch(model, some_texts):
    words = [features.read_words(text) for text in some_texts[:200]]
    batch = model.score(words)
    for index, document in enumerate(words):
        single = model.score([document])
        assert np.allclose(single.labels[0], batch.labels[index], atol=1e-12)
        assert np.allclose(single.tactics[0], batch.tactics[index], atol=1e-12)


def test_bias_and_words_add_up_to_the_log_odds(model, some_texts):
    for text in some_texts:
        words = features.read_words(text)
        scores = model.score([words])
        for label in (Label.BLACKMAIL, Label.GROOMING):
            explanation = explain(model, words, scores.rows[0], label)
            assert explanation.bias + explanation.words.sum() == pytest.approx(explanation.log_odds, abs=1e-9)


@given(st.text(max_size=100))
@settings(max_examples=200, deadline=None)
def test_bias_and_words_add_up_for_any_text(text):
    model = shipped_model()
    words = features.read_words(text)
    explanation = explain(model, words, model.score([words]).rows[0], Label.BLACKMAIL)
    assert explanation.bias + explanation.words.sum() == pytest.approx(explanation.log_odds, abs=1e-9)


@given(st.text(max_size=20))
def test_character_ngrams_are_those_of_scikit_learn(word):
    from sklearn.feature_extraction.text import CountVectorizer

    letters = "".join(word.split())
    if letters:
        theirs = CountVectorizer(analyzer="char_wb", ngram_range=features.CHARACTER_NGRAMS, lowercase=False)
        assert features.character_ngrams(letters) == theirs.build_analyzer()(letters)


def test_a_saved_model_is_read_back_the_same(model, tmp_path, some_texts):
    storage.save_model(model, tmp_path / "copy")
    again = load_model(tmp_path / "copy")
    words = [features.read_words(text) for text in some_texts[:100]]
    assert np.array_equal(again.score(words).labels, model.score(words).labels)
    for name in (storage.MANIFEST, storage.WEIGHTS, storage.VOCABULARY):
        assert (tmp_path / "copy" / name).read_bytes() == (shipped_folder() / name).read_bytes()
    assert again.manifest == model.manifest
    for name in ("label_head", "tactic_head", "context_head"):
        assert_same_head(getattr(again, name), getattr(model, name))


def assert_same_head(one, other):
    assert np.array_equal(one.weights, other.weights)
    assert np.array_equal(one.bias, other.bias)


def test_a_model_whose_manifest_says_nothing_yet_is_saved_whole(model, tmp_path):
    """As training has it: numbers of its own, no conversations, in a folder that is not there."""
    limits = dict.fromkeys(model.thresholds, 0.25)
    fresh = dataclasses.replace(model, manifest={"name": "x"}, context_head=None, temperature=2.0, thresholds=limits)
    folder = tmp_path / "in" / "deep"
    storage.save_model(fresh, folder)
    again = load_model(folder)
    assert (again.temperature, again.thresholds, again.context_head) == (2.0, limits, None)
    assert again.manifest == json.loads((folder / storage.MANIFEST).read_text(encoding="utf-8"))
    assert (again.manifest["name"], again.manifest["format"], again.manifest["context"]) == ("x", 3, None)
    assert_same_head(again.label_head, model.label_head)
    assert_same_head(again.tactic_head, model.tactic_head)
    assert np.array_equal(again.vectorizer.idf, model.vectorizer.idf)
    assert (again.vectorizer.names, again.vectorizer.sizes) == (model.vectorizer.names, model.vectorizer.sizes)
    assert {path.name for path in folder.iterdir()} == {"manifest.json", "weights.npz", "vocabulary.txt.gz"}


@pytest.mark.parametrize("older", [True, False], ids=["older ones in it", "nothing in it"])
def test_files_that_have_not_yet_taken_their_place_are_found(model, folder, older):
    for name in (storage.WEIGHTS, storage.VOCABULARY):
        (folder / name).rename(folder / f"{name}.new")
        if older:
            (folder / name).write_bytes(b"of an older model")
    assert_same_head(load_model(folder).label_head, model.label_head)


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


def rewrite(path, sign=True, **changes):
    """Change the manifest, and sign it anew as somebody who knows how would."""
    manifest = {**json.loads(path.read_text(encoding="utf-8")), **changes}
    if sign:
        manifest["sha256"] = storage._manifest_digest(manifest)
    path.write_text(json.dumps(manifest, ensure_ascii=False), encoding="utf-8")


def swap_weights(folder):
    """Weights of another shape, with the right hash: the files do not belong together."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, idf=np.ones(3))
    (folder / storage.WEIGHTS).write_bytes(buffer.getvalue())
    files = json.loads((folder / storage.MANIFEST).read_text(encoding="utf-8"))["files"]
    rewrite(folder / storage.MANIFEST, files={**files, storage.WEIGHTS: hashlib.sha256(buffer.getvalue()).hexdigest()})


def pickled_weights(folder):
    """An array of objects, which numpy could only read by running code."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, idf=np.array([{}], dtype=object))
    (folder / storage.WEIGHTS).write_bytes(buffer.getvalue())
    files = json.loads((folder / storage.MANIFEST).read_text(encoding="utf-8"))["files"]
    rewrite(folder / storage.MANIFEST, files={**files, storage.WEIGHTS: hashlib.sha256(buffer.getvalue()).hexdigest()})


PARTS = ("weights.npz", "vocabulary.txt.gz")
DAMAGES = [
    ("altered weights", lambda folder: flip(folder / "weights.npz"),
     "{folder}/weights.npz is damaged or was altered; install the model again."),
    ("altered vocabulary", lambda folder: flip(folder / "vocabulary.txt.gz"),
     "{folder}/vocabulary.txt.gz is damaged or was altered; install the model again."),
    ("truncated weights", lambda folder: (folder / "weights.npz").write_bytes(b""),
     "{folder}/weights.npz is damaged or was altered; install the model again."),
    ("altered threshold", lambda folder: rewrite(folder / "manifest.json", sign=False, temperature=9.0),
     "{folder}/manifest.json was altered; install the model again."),
    ("broken manifest", lambda folder: (folder / "manifest.json").write_text("{"),
     "{folder}/manifest.json is damaged; install the model again."),
    ("manifest of another kind", lambda folder: (folder / "manifest.json").write_text("[1]"),
     "{folder}/manifest.json is damaged; install the model again."),
    ("future format", lambda folder: rewrite(folder / "manifest.json", format=4),
     "{folder} has model format 4, this package reads 3; install one to match."),
    ("a format that is a text", lambda folder: rewrite(folder / "manifest.json", format="3"),
     "{folder}/manifest.json is damaged; install the model again."),
    ("a file too many", lambda folder: rewrite(folder / "manifest.json", files=dict.fromkeys((*PARTS, "x"), "")),
     "{folder}/manifest.json was altered; install the model again."),
    ("a file too few", lambda folder: rewrite(folder / "manifest.json", files=dict.fromkeys(PARTS[1:], "")),
     "{folder}/manifest.json was altered; install the model again."),
    ("other normalizer", lambda folder: rewrite(folder / "manifest.json", normalizer="0" * 64),
     "{folder} was trained with other text stages than this package has; train it again."),
    ("files of another model", swap_weights, "The files of {folder} do not belong together; install the model again."),
    ("labels in another order", lambda folder: rewrite(folder / "manifest.json", labels=["a", "b", "c", "d"]),
     "The files of {folder} do not belong together; install the model again."),
    ("a temperature of nothing", lambda folder: rewrite(folder / "manifest.json", temperature="nan"),
     "The files of {folder} do not belong together; install the model again."),
    ("no thresholds", lambda folder: rewrite(folder / "manifest.json", thresholds={}),
     "The files of {folder} do not belong together; install the model again."),
    ("no normalizer", lambda folder: rewrite(folder / "manifest.json", normalizer=None),
     "{folder} was trained with other text stages than this package has; train it again."),
    ("arrays that need pickle", pickled_weights, "The files of {folder} do not belong together; install the model again."),
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
    assert sum(path.stat().st_size for path in shipped_folder().iterdir()) <= 10 * 2**20


def test_the_shipped_model_has_learnt_conversations():
    assert load_model(shipped_folder()).context_head.weights.shape[1] == len(CONTEXT)


def as_first_format(folder):
    """Its vocabulary not packed, its heads two."""
    names = gzip.decompress((folder / storage.VOCABULARY).read_bytes())
    (folder / storage.VOCABULARY).unlink()
    (folder / "vocabulary.txt").write_bytes(names)
    files = json.loads((folder / storage.MANIFEST).read_text(encoding="utf-8"))["files"]
    files = {storage.WEIGHTS: files[storage.WEIGHTS], "vocabulary.txt": hashlib.sha256(names).hexdigest()}
    rewrite(folder / storage.MANIFEST, format=1, files=files)


def test_the_first_format_is_read_too(model, folder):
    as_first_format(folder)
    older = load_model(folder)
    assert older.vectorizer.names == model.vectorizer.names
    assert_same_head(older.label_head, model.label_head)


def test_a_model_of_the_first_format_is_read_too(model, folder, some_texts):
    as_first_format(folder)
    older = load_model(folder)
    assert np.array_equal(older.score_texts(some_texts[:50]).labels, model.score_texts(some_texts[:50]).labels)
    assert older.context_head is None
    storage.save_model(older, folder)
    assert (folder / storage.VOCABULARY).exists()
    assert not (folder / "vocabulary.txt").exists()


def test_a_model_of_the_second_format_is_read_too(model, folder):
    rewrite(folder / storage.MANIFEST, format=2)
    older = load_model(folder)
    assert_same_head(older.tactic_head, model.tactic_head)
    assert older.context_head is None


@pytest.mark.harden
def test_many_random_words_do_not_fill_the_memory(monkeypatch):
    model = load_model(shipped_folder())
    monkeypatch.setattr(reading, "MOST_WORDS", 20_000)
    rng = np.random.default_rng(7)
    for _ in range(8):
        words = ["".join(rng.choice(list("ابتثجحخد"), 12)) for _ in range(10_000)]
        model.score_texts([" ".join(words), "هلا"])
    assert len(model.vectorizer.reading.words) <= 20_000 + 2 * 10_000  # a word in pieces, and as it was written


def test_one_by_one_does_not_fill_the_memory(monkeypatch):
    model = load_model(shipped_folder())
    monkeypatch.setattr(reading, "MOST_WORDS", 500)
    rng = np.random.default_rng(7)
    for _ in range(3_000):
        model.score_alone("".join(rng.choice(list("ابتثجحخد"), 12)))
    assert len(model.vectorizer.reading.words) <= 501


def test_very_long_words_are_not_remembered(model):
    model.score_texts(["هلا", "صورك"])
    before = len(model.vectorizer.reading.words)
    scores = [model.score_texts(["ابتث" * 5_000, "هلا صورك"]).labels, model.score_alone("ابتث" * 5_000).labels]
    assert np.array_equal(scores[0][:1], scores[1])
    assert len(model.vectorizer.reading.words) == before


FLOODS = ["1.", "500$ ", "1", "a@", "www.", "و ", "ا ب ", "1.5,", "\u200f", "ـ", "ص", "https://", "😂"]


@pytest.mark.parametrize("piece", FLOODS)
def test_time_grows_with_length_alone(piece):
    def seconds(times):
        """Processor time, without the collector's walks over all that the other tests left: the work alone."""
        gc.disable()
        started = time.process_time()
        features.read_words(piece * times)
        spent = time.process_time() - started
        gc.enable()
        return spent

    seconds(1_000)
    short = min(seconds(10_000) for _ in range(3))
    assert min(seconds(80_000) for _ in range(3)) < 8 * 4 * short + 0.05  # quadratic would be 64 times
