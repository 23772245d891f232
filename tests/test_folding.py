"""Many texts are folded at once into the very texts that `normalize` makes of each."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_reading import ANY, MADE, PIECES, TEXTS

from sextortion_detect.model import folding
from sextortion_detect.model.folding import normalize_many
from sextortion_detect.model.keys import keys_of
from sextortion_detect.model.pairs import PairMemory
from sextortion_detect.model.repeats import more_than_once
from sextortion_detect.text.normalize import normalize


def plainly(texts):
    return [normalize(text).text for text in texts]


def test_the_corpus_is_folded_the_same():
    assert normalize_many(TEXTS) == plainly(TEXTS)


@given(st.lists(MADE | ANY, max_size=6))
@settings(max_examples=1500, deadline=None)
def test_any_texts_are_folded_the_same(texts):
    assert normalize_many(texts) == plainly(texts)


def test_random_neighbors_are_folded_the_same():
    rng = np.random.default_rng(20261126)
    words = [*PIECES * 8, *(word for text in TEXTS[::11] for word in text.split())]
    texts = [" ".join(rng.choice(words, rng.integers(1, 16))) for _ in range(4_000)]
    assert normalize_many(texts) == plainly(texts)


@pytest.mark.parametrize(
    "texts",
    [[], [""], ["", " ", "\n"], ["\0", "و", "الله"], ["a \0 b"], ["…", "و …", "الله"], ["ابتـ … ـزاز"], ["ه" * 70, "هلا"], ["ٮبتصل معوٮ"]],
)  # fmt: skip
def test_edges(texts):
    assert normalize_many(texts) == plainly(texts)
    assert normalize_many(iter([*texts, "صورك", *texts])) == plainly([*texts, "صورك", *texts])


@pytest.mark.parametrize("bound", ["MOST_PIECES", "MOST_PAIRS"])
def test_what_is_remembered_is_bounded(monkeypatch, bound):
    monkeypatch.setattr(folding, bound, 200)
    memory = folding._Folding()
    for start in range(0, 1_500, 50):
        texts = TEXTS[start : start + 50]
        assert memory.fold(texts) == plainly(texts)
        assert len(memory._pieces) < 200 + 50 * 60


def test_many_threads_fold_the_same():
    parts = [TEXTS[start : start + 40] for start in range(0, 800, 40)]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(normalize_many, parts)) == list(map(plainly, parts))


@pytest.mark.parametrize("size", [0, 1, 1_000, 40_000])
@pytest.mark.parametrize("values", [10, 300, 10**9])
@pytest.mark.parametrize("kind", [np.int64, np.uint32])
def test_integers_that_come_up_more_than_once(size, values, kind):
    keys = np.random.default_rng(size).integers(0, values, size).astype(kind)
    ordered = np.sort(keys)
    assert np.array_equal(np.sort(more_than_once(keys)), ordered[1:][ordered[1:] == ordered[:-1]])


def test_pairs_are_remembered_by_what_they_are():
    memory = PairMemory()
    left, right = keys_of(["lih", "lih", "ص"]), keys_of(["a", "b", "ورك"])  # keys of "a" and "b" differ in the last bit
    assert not memory.find(left, right)[0].any()
    memory.put(left, right, np.array([True, False, True]))
    known, broken = memory.find(left, right)
    assert known.all()
    assert broken.tolist() == [True, False, True]
    assert not memory.find(right, left)[0].any()
