"""Words that were disguised or mistyped, made whole again; and words that must be left as they are."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sextortion_detect.text.homographs import unmask
from sextortion_detect.text.lexicon import cost, is_known, is_settled, light_stem, outline
from sextortion_detect.text.normalize import normalize, tokenize
from sextortion_detect.text.repair import is_whole, part, repair

WHOLE = [
    ("stretched", "صوووورك عنديييي", "صورك عندي"),
    ("doubled at the beginning", "ععندي ححول", "عندي حول"),
    ("a mark inside", "عن-دي صو*رك", "عندي صورك"),
    ("an emoji inside", "عن😈دي صو📸رك", "عندي صورك"),
    ("a space inside", "دين ار", "دينار"),
    ("an article apart", "ال بيت وال مدرسه", "البيت والمدرسه"),
    ("letters apart, over two words", "ا ن ش ر ص و ر ك", "انشر صورك"),
    ("glued words", "عنديصورك", "عندي صورك"),
    ("glued words with one nobody knows", "عنديقسطرينهصورك", "عندي قسطرينه صورك"),
    ("arabizi broken with tatweel", "7aـ ـmaky", "7amaky"),
    ("neighbors swapped", "الفضحيه", "الفضيحه"),
    ("a letter left out", "المكلمه والمبغ", "المكالمه والمبلغ"),
    ("no dots", "صورں عىدى", "صوري عندي"),
    ("Greek and Cyrillic letters in Latin words", "vide\N{CYRILLIC SMALL LETTER O} whats\N{GREEK SMALL LETTER ALPHA}pp", "video whatsapp"),
    ("Latin letters in Arabic words", "صgرك", "صورك"),
    ("stretched over words nobody knows", "قسطررررينه", "قسطرينه"),
    ("noon and yeh keep their forms without dots", "اںى مںى", "اني مني"),
    ("Latin letters in words nobody knows", "قسطرlن gقسطرن", "قسطران وقسطرن"),
    ("short words with Latin letters", "مl لι مg", "ما لا مو"),
    ("Cyrillic letters in arabizi", "3\N{CYRILLIC SMALL LETTER A}la b\N{CYRILLIC SMALL LETTER A}\N{CYRILLIC SMALL LETTER DZE}", "3ala bas"),
    ("an emoji in a word nobody knows", "قسطر😈ژنه", "قسطرزنه"),
    ("Kurdish, Sindhi and Pashto letters", "صوڕك مڼك ڤيديۆ", "صورك منك فيديو"),
]  # fmt: skip

LEFT = [
    ("two words that are one word too", "شو في كل شي ما شي"),
    ("a rare word", "قسطرينه"),
    ("Latin and Arabic side by side", "صورك photo"),
    ("a number", "500"),
]


@pytest.mark.parametrize(("_why", "text", "expected"), WHOLE, ids=[case[0] for case in WHOLE])
def test_disguised_words_are_made_whole(_why, text, expected):
    assert normalize(text).text == expected


@pytest.mark.parametrize(("_why", "text"), LEFT, ids=[case[0] for case in LEFT])
def test_plain_words_are_left(_why, text):
    assert normalize(text).text == text


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("يا عن😈دي ", ["يا", "عن😈دي"]),
        ("عنديصورك", ["عندي", "صورك"]),
        ("ص و ر ك!", ["ص و ر ك", "!"]),
        ("صوووورك", ["صوووورك"]),
        ("دين ار", ["دين ار"]),
    ],
)
def test_words_made_whole_know_where_they_stood(text, spans):
    assert [text[token.start : token.end] for token in tokenize(text)] == spans


def test_a_known_word_is_cheaper_than_the_same_behind_clitics():
    assert cost("صورك") < cost("وبصورك") < cost("قسطرينه") == float("inf")
    assert light_stem("وبصورتها") in {"صورتها", "صورت", "صوره"}
    assert is_known("وبصورتك")
    assert not is_settled("ععندي")


def test_an_outline_is_shared_by_letters_that_differ_in_dots():
    assert outline("نبي") == outline("بني") == outline("تبن")
    assert outline("حول") == outline("جول") == outline("خول")


def test_unmasking_leaves_words_of_one_alphabet():
    assert unmask("google") == "google"
    assert unmask("\u0436\u0443\u043a") == "\u0436\u0443\u043a"  # a Cyrillic word


WORDS = st.text(alphabet="ابتصوركميعندهسلوq7a", min_size=1, max_size=30)


@given(WORDS)
@settings(max_examples=500)
def test_what_comes_out_is_known_or_stood_there_and_stays(word):
    parts = repair(word)
    assert all(is_settled(found.text) or found.text in word for found in parts)
    assert all(is_settled(found.text) or is_whole(found.text) for found in parts)


@given(WORDS)
@settings(max_examples=500)
def test_parts_cover_the_word_in_order(word):
    for found in (repair(word), part(word, with_unknown=True)):
        starts = [start for one in found for start in one.starts]
        ends = [end for one in found for end in one.ends]
        assert starts == sorted(starts)
        assert ends == sorted(ends)
        assert not ends or (starts[0], ends[-1]) == (0, len(word))
