"""Placeholders, arabizi and concepts: tables of cases."""

from collections import defaultdict
from importlib import resources
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sextortion_detect.model.features import LAUGHTER, read_words
from sextortion_detect.taxonomy import Variety
from sextortion_detect.text import latin
from sextortion_detect.text.arabizi import skeleton, transliterate
from sextortion_detect.text.concepts import concepts_of, phrases_in, read_concepts
from sextortion_detect.text.latin import reading
from sextortion_detect.text.lexicon import is_known
from sextortion_detect.text.placeholders import find_placeholders

PLACEHOLDERS = [
    ("https://t.co/x شوف", ["<url>"]), ("شوف www.site.com/a", ["<url>"]), ("t.me/joinx", ["<url>"]),
    ("راسلني a.b@mail.com", ["<email>"]), ("تابع @user_1", ["<handle>"]),
    ("الساعة ٩:٤١", ["<time>"]), ("at 21:41", ["<time>"]),
    ("٥٠٠ دولار", ["<money>"]), ("٥٠٠ ﺩﻭﻟﺎﺭ", ["<money>"]), ("500 درهمک", []), ("٥ ساعۃ", ["<duration>"]), ("500$", ["<money>"]), ("$500", ["<money>"]), ("5,000 ريال", ["<money>"]),
    ("٣ ملاين", ["<money>"]), ("2 دفتر", ["<money>"]), ("200 usdt", ["<money>"]), ("1000 dh", ["<money>"]),
    ("50%", ["<percentage>"]), ("+966 50 000 0000", ["<phone>"]), ("٠٥٠٠٠٠٠٠٠٠", ["<phone>"]),
    ("عندي 3 اخوان", []), ("maq6a3k kamel", []), ("ب500 دولار", ["<money>"]), ("و٥٠٠﷼", ["<money>"]), ("5ـ00 دولار", ["<money>"]), ("صباح الخير", []), ("سنة 2024", []),
    ("ma 7da y3ref", []), ("3an el mawdo3", []), ("5da el floos", []), ("3dt marra", []), ("15an", ["<age>"]), ("1 an", ["<age>"]),
    ("500da", ["<money>"]), ("5 da", ["<money>"]), ("20 dt", ["<money>"]), ("T" + "a" * 33, ["<wallet>"]),
    ("1.5da", ["<money>"]), ("12,5an", ["<age>"]), ("T" + "a" * 9 + "\u200f" + "a" * 24, ["<wallet>"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "names"), PLACEHOLDERS)
def test_placeholders(text, names):
    assert [found.name for found in find_placeholders(text)] == names


@given(st.text(alphabet="0123456789٠٥$.,:@/+% ابusdt-wht", max_size=300))
def test_placeholders_never_overlap(text):
    found = find_placeholders(text)
    assert all(before.end <= after.start for before, after in pairwise(found))
    assert all(0 <= one.start < one.end <= len(text) for one in found)


def test_values_never_become_features():
    words = [word.text for word in read_words("حول 512 دولار على https://t.co/abc او 0501234567 قبل 9:41 عمري 17")]
    assert not any(letter.isdigit() or (letter.isascii() and letter.isalpha() and not word.startswith("<"))
                   for word in words for letter in word)  # fmt: skip


ARABIZI = [("sowar", "صور"), ("7awel", "حول"), ("video", "فيديو"), ("3adi", "عدي"), ("5ali", "خلي"), ("khali", "خلي"),
           ("flous", "فلوس"), ("floos", "فلوس"), ("2ana", "انا"), ("chouf", "شوف"), ("shoof", "شوف")]  # fmt: skip


@pytest.mark.parametrize(("latin", "arabic"), ARABIZI)
def test_transliterate(latin, arabic):
    assert transliterate(latin) == arabic


@pytest.mark.parametrize(
    ("latin", "arabic"), [("flous", "فلوس"), ("kamera", "كاميرا"), ("sowar", "صور"), ("masari", "مصاري")]
)
def test_a_word_and_its_latin_spelling_share_a_skeleton(latin, arabic):
    assert skeleton(latin) == skeleton(arabic)


CONCEPTS = [
    ("صور", "pictures"), ("تصاور", "pictures"), ("تصاويرك", "pictures"), ("وصورها", "pictures"),
    ("فلوس", "money"), ("مصاري", "money"), ("زلط", "money"), ("flous", "money"), ("والفلوس", "money"),
    ("كاميرا", "camera"), ("camera", "camera"), ("اخوك", "brother"), ("ابوك", "father"), ("واتساب", "private_channel"),
]  # fmt: skip


@pytest.mark.parametrize(("word", "concept"), CONCEPTS)
def test_concepts(word, concept):
    assert concept in concepts_of(word)


@pytest.mark.parametrize("word", ["شجره", "كتاب", "بحر", "the", "x", "ا"])
def test_words_of_no_concept(word):
    assert concepts_of(word) == ()


def test_phrases_are_found_at_their_first_word():
    assert [(first, "secret" in concepts) for first, concepts in phrases_in(["خليها", "بيني", "وبينك"])] == [(1, True)]


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


READINGS = [
    ("7awel", "حول"), ("sowarek", "صورك"), ("flousek", "فلوسك"), ("m3ak", "معاك"), ("ktebli", "كتبلي"),
    ("9abl", "قبل"), ("4dan", None), ("strangers", None),
    ("2albi", "قلبي"), ("alikabira", "الكبيره"), ("gheiri", "غيري"), ("esket", "اسكت"),
    ("3an", "عن"), ("7da", "حدا"), ("inam", "ينام"), ("ikoun", "يكون"), ("ismi", "اسمي"),
]  # fmt: skip


@pytest.mark.parametrize(("latin", "arabic"), READINGS)
def test_latin_words_are_read_as_the_listed_words_they_spell(latin, arabic):
    assert reading(latin) == arabic


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789'", max_size=40))
def test_a_reading_is_a_known_arabic_word_or_none(word):
    read = reading(word)
    assert read is None or (is_known(read) and not read.isascii())


@given(st.lists(st.text(alphabet="ابتصضذظثزگچويهءa9", max_size=9), min_size=1, max_size=6))
def test_consonants_of_many_words_are_those_of_each(words):
    assert latin._keys(words) == [latin._single(word.translate(latin._MERGED)) for word in words]


@pytest.mark.parametrize("text", ["هههههه", "😂😂", "hahaha", "خخخخخ", "lol"])
def test_laughter_has_no_feature_that_a_model_learns(text):
    assert {word.text for word in read_words(text)} == {LAUGHTER}
    assert not any(word.concepts or word.spellings for word in read_words(text))
