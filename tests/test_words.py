"""Placeholders, arabizi and concepts: tables of cases."""

from collections import defaultdict
from importlib import resources

import pytest
from feature_names import feature_names
from hypothesis import given, settings
from hypothesis import strategies as st

from sextortion_detect.model.feature_keys import LAUGHTER
from sextortion_detect.model.features import read_features
from sextortion_detect.taxonomy import Variety
from sextortion_detect.text.concepts import concepts_of, read_concepts
from sextortion_detect.text.latin import read, transliterate
from sextortion_detect.text.lexicon import known
from sextortion_detect.text.placeholders import NAMES
from sextortion_detect.text.words import read_words

PLACEHOLDERS = [
    ("https://t.co/x شوف", ["<url>"]), ("شوف www.site.com/a", ["<url>"]), ("t.me/joinx", ["<url>"]),
    ("راسلني a.b@mail.com", ["<email>"]), ("تابع @user_1", ["<handle>"]),
    ("الساعة ٩:٤١", ["<time>"]), ("at 21:41", ["<time>"]),
    ("٥٠٠ دولار", ["<money>"]), ("٥٠٠ ﺩﻭﻟﺎﺭ", ["<money>"]), ("500 درهمک", []), ("٥ ساعۃ", ["<duration>"]), ("500$", ["<money>"]), ("$500", ["<money>"]), ("5,000 ريال", ["<money>"]),
    ("٣ ملاين", ["<money>"]), ("2 دفتر", ["<money>"]), ("200 usdt", ["<money>"]), ("1000 dh", ["<money>"]),
    ("50%", ["<percentage>"]), ("+966 50 000 0000", ["<phone>"]), ("٠٥٠٠٠٠٠٠٠٠", ["<phone>"]),
    ("عندي 3 اخوان", []), ("maq6a3k kamel", []), ("ب500 دولار", ["<money>"]), ("و٥٠٠﷼", ["<money>"]), ("5ـ00 دولار", ["<money>"]), ("صباح الخير", []), ("سنة 2024", []),
    ("ma 7da y3ref", []), ("3an el mawdo3", []), ("5da el floos", []), ("3dt marra", []), ("15an", ["<age>"]), ("1 an", ["<age>"]),
    ("500da", ["<money>"]), ("5 da", ["<money>"]), ("20 dt", ["<money>"]), ("T" + "a1b" * 11, ["<wallet>"]),
    ("1.5da", ["<money>"]), ("12,5an", ["<age>"]), ("T" + "a1b" * 3 + "\u200f" + "a1b" * 8, ["<wallet>"]),
]  # fmt: skip


def placeholders(text):
    return read_words([text], with_placeholders=True).strings()


def names_of(text, *blocks):
    return [name for block, name in feature_names(read_features([text]), 0) if block in blocks]


@pytest.mark.parametrize(("text", "names"), PLACEHOLDERS)
def test_placeholders(text, names):
    assert [word for word in placeholders(text) if word in NAMES] == names


def test_a_placeholder_stands_where_its_value_does_and_runs_over_no_message():
    texts = ["حول 5", "دولار", "1.5\nمليون", "على https://t.co/x"]
    words = read_words(texts, with_placeholders=True)
    assert words.by_text() == [["حول", "5"], ["دولار"], ["<money>"], ["علي", "<url>"]]
    assert (int(words.starts[-1]), int(words.ends[-1])) == (4, 18)


@given(st.lists(st.text(alphabet="0123456789٠٥$.,:@/+% ابusdt-wht\n", max_size=100), max_size=4))
@settings(deadline=None)
def test_placeholders_are_those_of_each_text(texts):
    assert read_words(texts, with_placeholders=True).by_text() == list(map(placeholders, texts))


def test_values_never_become_features():
    names = names_of(
        "حول 512 دولار على https://t.co/abc او 0501234567 قبل 9:41 عمري 17", "word", "character", "concept"
    )
    assert not any(letter.isdigit() for name in names for letter in name)
    assert not any("abc" in name or "t.co" in name for name in names)


ARABIZI = [("sowar", "صور"), ("7awel", "حول"), ("video", "فيديو"), ("3adi", "عدي"), ("5ali", "خلي"), ("khali", "خلي"),
           ("flous", "فلوس"), ("floos", "فلوس"), ("2ana", "انا"), ("chouf", "شوف"), ("shoof", "شوف")]  # fmt: skip


@pytest.mark.parametrize(("latin", "arabic"), ARABIZI)
def test_transliterate(latin, arabic):
    assert transliterate(latin) == arabic


CONCEPTS = [
    ("صور", "pictures"), ("تصاور", "pictures"), ("تصاويرك", "pictures"), ("وصورها", "pictures"),
    ("فلوس", "money"), ("مصاري", "money"), ("زلط", "money"), ("flous", "money"), ("والفلوس", "money"),
    ("كاميرا", "camera"), ("camera", "camera"), ("اخوك", "brother"), ("ابوك", "father"), ("واتساب", "private_channel"),
]  # fmt: skip


@pytest.mark.parametrize(("word", "concept"), CONCEPTS)
def test_concepts(word, concept):
    assert concept in names_of(word, "concept")


@pytest.mark.parametrize("word", ["شجره", "كتاب", "بحر", "the", "x", "ا"])
def test_words_of_no_concept(word):
    assert concepts_of(word) == ()


@pytest.mark.parametrize(
    ("word", "other"),
    [("صورتك", "sortik"), ("تصاويرك", "tsawrek"), ("صورتك", "سورتك"), ("اللقاء", "اللقا"), ("ذهب", "دهب")],
)
def test_words_that_sound_alike_share_a_feature(word, other):
    (sound,) = (name for name in names_of(word, "word") if name[0] == "~")
    assert sound in names_of(other, "word")


@pytest.mark.parametrize(
    ("before", "text"), [("videogroup3579", "3579"), ("x 5", "tabcdefghjkmnabcdefghjkmnabcdefghj"), ("كاميرا", "سرا")]
)
def test_a_text_is_read_the_same_behind_any_other(before, text):
    together = read_features([before, text])
    assert [*feature_names(together, 1)] == [*feature_names(read_features([text]), 0)]


def test_phrases_are_one_concept():
    assert "secret" in names_of("خليها بيني وبينك", "concept")
    assert "secret" not in names_of("خليها بيني، وبين", "concept")


def test_concepts_that_stand_near_each_other_are_paired():
    assert "camera>secret" in names_of("كاميرا سرا", "concept")
    assert "camera>secret" not in names_of("كاميرا بيت شجره بحر كتاب سرا", "concept")


def test_the_table_is_broad():
    entries = list(read_concepts())
    assert len({concept for concept, _ in entries}) >= 60
    assert len({word for _, word in entries}) >= 2_400


def test_most_notions_have_words_of_every_variety_and_in_latin_letters():
    varieties = defaultdict(set)
    table = resources.files("sextortion_detect.text").joinpath("concepts.tsv").read_text(encoding="utf-8")
    for line in table.splitlines()[1:]:
        concept, variety, *_ = line.split("\t")
        varieties[concept].update(Variety if variety == "all" else {variety})
    assert sum(found >= {*Variety, "az"} for found in varieties.values()) >= 60


def test_latin_words_are_features_by_the_arabic_word_that_they_spell():
    assert names_of("flousek", "word") == ["فلوسك", "~فلسك"]
    assert {" فلو", " flo"} <= {*names_of("flousek", "character")}
    assert names_of("qwrtx", "word") == ["qwrtx", "~قرتكس"]


@pytest.mark.parametrize("word", ["flousek", "sowarek", "whatsapp", "3ala"])
def test_common_words_are_read(word):
    (spelled,), (is_word,) = read([word])
    assert is_word
    assert known(spelled)[0]


@pytest.mark.parametrize("text", ["هههههه", "😂😂", "hahaha", "خخخخخ", "lol"])
def test_laughter_has_no_feature_that_a_model_learns(text):
    assert {*names_of(text, "word")} <= {LAUGHTER, f"{LAUGHTER} {LAUGHTER}"}
    assert not names_of(text, "character", "concept")
