"""Many texts at once are read into the very words that one by one are read: not a token may differ."""

import csv
from itertools import pairwise

import numpy as np
import pytest
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st

from sextortion_detect.model import alone, chunks, features, reading, sections
from sextortion_detect.model.alone import Alone
from sextortion_detect.model.keys import KeyTable, keys_of
from sextortion_detect.model.reading import Reading
from sextortion_detect.model.words import Words
from sextortion_detect.text.lexicon import listed


def new_reading():
    return Reading(Words(KeyTable(keys_of(["صورك", "ابعت"])), KeyTable(keys_of(["صو", "ور", " ص"]))))


REMEMBERING = new_reading()
ALONE = Alone(REMEMBERING.words)


def read_by(reader, texts):
    numbers, places = reader.read(texts)
    described = list(reader.words.numbers)
    read = [[] for _ in texts]
    for number, place in zip(numbers.tolist(), places.tolist(), strict=True):
        read[place].append(described[number])
    return read


def read_alone(reader, words, texts):
    read = [reader.read(text) for text in texts]
    described = list(words.numbers)
    return [[described[number] for number in numbers] for numbers in read]


def plainly(text):
    words = features.read_words(text)
    return [
        word.text if word.concepts == features.describe(word.text)[2] else (word.text, word.concepts) for word in words
    ]


def corpus_texts():
    for path in sorted((ROOT / "datasets" / "messages").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            yield from (row["text"] for row in csv.DictReader(file))


TEXTS = list(corpus_texts())


def test_the_corpus_is_read_the_same():
    for start in range(0, len(TEXTS), 500):
        texts = TEXTS[start : start + 500]
        assert read_by(REMEMBERING, texts) == [plainly(text) for text in texts]
        assert read_alone(ALONE, REMEMBERING.words, texts) == [plainly(text) for text in texts]


# What makes neighbors change each other, and pieces of real messages around it.
PIECES = [
    "و", "وَ", "وـ", "ص", "ب", "ا", "l", "3", "9", "!", "؟؟", "؟؟؟؟", "ـ", "ابتـ", "ـزاز", "500", "٥٠٠", "$", "€5", "دولار", "k",
    "%", "٪", "+966", "50", "000", "0000", "9:41", "سنة", "عمري", "ساعات", "يوم", "ans", "SA03", "8000", "AB12", "0000", "x1",
    "😂", "😂😂", "😂😂😂", "...", "،", "\u200f", "\u200f5\u200f", "@x", "@user_1", "https://t.co/x", "www.", "a@b.com", "خليها",
    "بيني", "وبينك", "ال", "كتاب", "صو", "رك", "صوورتتك", "عنديصورك", "ڡ", "ں", "ok", "ab3atly", "3'aly", "صgرك", "f\u043et\u043e",
    "الاف", "الف", "مليون", "bare7", "و20", "و5", "دينار", "hhh",
    "و😂", "(و", "و،كذا", "ف.ض.ي.ح.ة", "T" + "a" * 33, "ه" * 70, "1" * 80, "1234", "5678", "-", "5,000", "ﷲ", "\ud800", "\0", "\x1c",
]  # fmt: skip
PIECE = st.sampled_from(PIECES) | st.sampled_from(TEXTS[::7]).map(lambda text: text.split()[0] if text.split() else "")
SPACE = st.sampled_from([" ", " ", " ", "  ", "\n", "\u00a0", "\u3000", ""])
MADE = st.lists(st.tuples(PIECE, SPACE), max_size=14).map(lambda parts: "".join(map("".join, parts)))
ANY = st.text(alphabet=st.characters(exclude_categories=()), max_size=60)


# Amounts in figures and words run over several spaces, and what only looks like one stays apart.
RUNS_OVER = [
    ("3 الاف دينار", ["<money>", "دينار"]),
    ("خلال 24 ساعة 500 دولار", ["خلال", "<duration>", "<money>"]),
    ("ب 2 مليون دينار", ["ب", "<money>", "دينار"]),
    ("اجي bare7 k", ["اجي", "bare7", "k"]),
    ("قبل 7 hsan", ["قبل", "<number>", "hsan"]),
    ("عندي و20 دولار", ["عندي", "و", "<money>"]),
]


@pytest.mark.parametrize(("text", "words"), RUNS_OVER)
def test_what_runs_over_spaces(text, words):
    read = [word if isinstance(word, str) else word[0] for word in read_by(new_reading(), [text])[0]]
    assert read == words
    assert read_by(REMEMBERING, [text]) == [plainly(text)]


@given(st.lists(MADE | ANY, max_size=6))
@settings(max_examples=1500, deadline=None)
def test_any_texts_are_read_the_same(texts):
    assert read_by(REMEMBERING, texts) == [plainly(text) for text in texts]
    assert read_alone(ALONE, REMEMBERING.words, texts) == [plainly(text) for text in texts]


@pytest.mark.parametrize("text", ["وقا ل وا حد", "بال ر س اعة", "عمر و ه بال", "ٮبتصل معوٮ ٮ3aa"])
def test_words_that_several_spaces_break_are_read_the_same(text):
    texts = [text, f"{text} {text}", f"هلا {text}", f"{text} صورك"]
    assert read_by(new_reading(), texts) == [plainly(text) for text in texts]


def test_random_neighbors_are_read_the_same():
    rng = np.random.default_rng(20261124)
    words = [*PIECES * 8, *(word for text in TEXTS[::11] for word in text.split())]
    for _ in range(20):
        texts = [" ".join(rng.choice(words, rng.integers(1, 16))) for _ in range(200)]
        assert read_by(REMEMBERING, texts) == [plainly(text) for text in texts]
        assert read_alone(ALONE, REMEMBERING.words, texts) == [plainly(text) for text in texts]


def test_long_texts_are_read_the_same_in_sections():
    rng = np.random.default_rng(20261127)
    ordinary = [word for text in TEXTS[::5] for word in text.split()]
    for _ in range(40):
        texts = []
        for length in (9, sections.LONG, 0, 700):
            words = rng.choice(ordinary, length).astype(object)
            odd = rng.random(length) < 0.05
            words[odd] = rng.choice(np.array(PIECES, dtype=object), odd.sum())
            kept = [word for word in words if rng.random() < 0.01 or word not in "ڡں"]
            texts.append("".join(f"{word}{rng.choice([' ', ' ', chr(10), '  '])}" for word in kept))
        assert read_by(REMEMBERING, texts) == [plainly(text) for text in texts]


# What runs over many pieces, wherever a cut might fall.
RUNNING_ON = [
    "AB12 this that with from home week send bank", "SA03 8000 0000 6080 1016 7519", "MH17 also went over from here",
    "ال كو م نت ات", "comm e nt aire s", "مكا ن بعيد عن الانظار", "كا ني اعرفج صارلي هواي", "عنـ ـدي صو ـرك", "ص و ر ك",
    "3 الاف دينار كويتي", "5 T" + "a" * 10 + "\u200f" + "a" * 23, "و و و بس", "!! !! !!", "😂 😂 😂 😂",
]  # fmt: skip


@pytest.mark.parametrize("running", RUNNING_ON)
def test_no_cut_parts_what_runs_on(running):
    texts = [" ".join([*["شباك"] * before, running, *["شباك"] * 140]) for before in range(40)]
    assert read_by(new_reading(), texts) == [plainly(text) for text in texts]


@pytest.mark.parametrize("text", ["1." * 400, "x" * 300, "\u200f " * 300, "", " " * 900])
def test_long_texts_of_no_words_come_first(text):
    assert read_by(new_reading(), [text]) == [plainly(text)]
    assert read_by(REMEMBERING, [text, "هلا"]) == [plainly(text), ["هلا"]]


def test_no_cut_parts_a_broken_word():
    rng = np.random.default_rng(20261128)
    long = [word for word in listed() if len(word) > 7 and word.isalpha()]
    texts = []
    for word in rng.choice(long, 300):
        borders = [0, *sorted(rng.choice(np.arange(1, len(word)), 4, replace=False).tolist()), len(word)]
        broken = " ".join(word[start:end] for start, end in pairwise(borders))
        texts.append(" ".join([*["شباك"] * int(rng.integers(8, 40)), broken, *["شباك"] * 120]))
    assert read_by(new_reading(), texts) == [plainly(text) for text in texts]


def test_long_texts_are_looked_at_whole_around_odd_places_alone(monkeypatch):
    text = " ".join([*TEXTS[:400], "ص و ر", *TEXTS[400:800]])
    whole = []
    monkeypatch.setattr(reading.features, "read_words", lambda text: whole.append(len(text)) or [])
    new_reading().read([text])
    assert 0 < sum(whole) < 0.2 * len(text)


def test_most_texts_are_read_piece_by_piece(monkeypatch):
    whole = []
    monkeypatch.setattr(reading.features, "read_words", lambda text: whole.append(text) or [])
    new_reading().read(TEXTS)
    assert len(whole) < 0.03 * len(TEXTS)
    whole.clear()
    one_by_one = Alone(new_reading().words)
    for text in TEXTS[::3]:
        one_by_one.read(text)
    assert len(whole) < 0.03 * len(TEXTS[::3])


def test_a_swept_memory_still_reads_the_same(monkeypatch):
    monkeypatch.setattr(reading, "MOST_CHUNKS", 300)
    reader = new_reading()
    for start in range(0, 2_000, 50):
        texts = TEXTS[start : start + 50]
        assert read_by(reader, texts) == [plainly(text) for text in texts]
        assert len(reader.chunks) < 300 + 50 * 60
    assert reader.words.version > 0


def test_a_swept_memory_keeps_what_comes_again(monkeypatch):
    monkeypatch.setattr(reading, "MOST_CHUNKS", 300)
    reader = new_reading()
    reader.read(["صباح الخير"] * 3)
    reader.read([f"كلمة{number}" for number in range(400)])
    reader.read([""])
    assert {"صباح", "الخير"} <= set(reader.chunks.names)
    assert len(reader.chunks) < 10


@pytest.mark.parametrize("count", [0, 1, 5])
def test_texts_without_words(count):
    numbers, places = new_reading().read([" \u200f"] * count)
    assert len(numbers) == len(places) == 0


def test_long_pieces_are_not_remembered():
    reader = new_reading()
    reader.read(["صور" * 30, "س" * (chunks.LONGEST + 1)])
    assert len(reader.chunks) == 1


def test_alone_reads_the_same_after_it_has_forgotten(monkeypatch):
    monkeypatch.setattr(alone, "MOST_PIECES", 40)
    monkeypatch.setattr(alone, "MOST_PAIRS", 40)
    reader = new_reading()
    one_by_one = Alone(reader.words)
    for text in [*TEXTS[:300], *TEXTS[:300]]:
        assert read_alone(one_by_one, reader.words, [text]) == [plainly(text)]


def test_alone_reads_the_same_once_words_have_other_numbers(monkeypatch):
    monkeypatch.setattr(reading, "MOST_WORDS", 300)
    reader = new_reading()
    one_by_one = Alone(reader.words)
    for start in range(0, 1_000, 50):
        texts = TEXTS[start : start + 50]
        reader.read(texts)
        assert read_alone(one_by_one, reader.words, texts) == [plainly(text) for text in texts]
    assert reader.words.version > 0
