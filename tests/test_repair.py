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
    ("an article that is part of a word", "المشاوي المعماري", "المشاوي المعماري"),
    ("Latin letters that spell an Arabic word with its article", "elwejh jami3atiki", "elwejh jami3atiki"),
    ("three letters apart", "ب ن ك هنا", "بنك هنا"),
    ("letters apart, over a word nobody knows", "ق ر ط ف ص و ر ك", "قرطف صورك"),
    ("letters apart, of a word nobody knows", "ك م ا و س", "كماوس"),
    ("letters of arabizi apart", "3 a l i", "3ali"),
    ("a digit apart that is no letter of arabizi", "1 a b c", "1 abc"),
    ("marks apart behind letters apart", "ب ن ك ! ! ! ! هنا", "بنك ! ! هنا"),
    ("a mark in a word of three letters", "صو.ر", "صور"),
    ("a mark in a Latin word nobody knows", "kas.tar.you", "kastar you"),
    ("marks between very short parts of a word nobody knows", "قس.طر.ينه", "قسطرينه"),
    ("a mark before a word nobody knows", "صورك.قزط photo.kastarin", "صورك قزط photo kastarin"),
    ("a mark between two scripts", "قرطف.kastarin", "قرطف kastarin"),
    ("a digit in a word nobody knows", "قر5طف", "قر 5 طف"),
    ("a mark behind the longest of words", f"{'قسطر' * 10}.ط", f"{'قسطر' * 10} ط"),
    ("a mark between a short word and one nobody knows", "من.قرطف", "من قرطف"),
    ("a lone and before a word of two letters", "انا و هو", "انا وهو"),
    ("a word broken with tatweel that nobody knows", "قسطـ ـرينه", "قسطرينه"),
    ("a word broken with tatweel among others", "photo قسطـ ـرينه،صورك", "photo قسطرينه صورك"),
    ("a word broken with tatweel behind a flood", f"{'قسطر' * 20} قسطـ ـرينه", f"{'قسطر' * 20} قسطرينه"),
    ("tatweel before the first of two words", "ـصورك،هنا", "صورك هنا"),
    ("a space in a short word", "ر يال", "ريال"),
    ("glued words with an article or short ones", "الفلوسبكرا مابديصورك", "الفلوس بكرا ما بدي صورك"),
    ("glued words with a short one nobody knows", "صوركقرطفعندي", "صورك قرطف عندي"),
    ("a word nobody knows glued to one", "قسطرينعندي", "قسطرين عندي"),
    ("glued words that one letter parts from another word", "بلاكتير ومشحد راحمن", "بلا كتير ومش حد راح من"),
    ("letters doubled all over", "صصوورركك صصووررتتككمم", "صورك صورتكم"),
    ("a letter doubled among what is written as part of a word", "وبصوورتكم", "وبصورتكم"),
    ("neighbors swapped in short words", "مبغل تحيول فلسو", "مبلغ تحويل فلوس"),
    ("a space in a word of which a half is a word", "الانس ان", "الانسان"),
    ("a space behind what is written as part of a word", "وبن اتها وبر وحك", "وبناتها وبروحك"),
]  # fmt: skip

LEFT = [
    ("two words that are one word too", "شو في كل شي ما شي"),
    ("a rare word", "قسطرينه"),
    ("Latin and Arabic side by side", "صورك photo"),
    ("a number", "500"),
    ("a short word that nobody knows, glued to a word", "عنديقسطر"),
    ("words with what is written as part of them", "ياصاحبي ماعنديش"),
    ("two words often said together", "قالت لي"),
    ("three letters in two words", "من ي"),
    ("an article before a Latin word", "ال sowar"),
    ("laughter before a word", "لول دي"),
    ("a lone and before a number, a Latin word, a mark or a letter", "انا و 5 شباب و sara و ! صورك و ك"),
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
        ("صوركك هنا", ["صوركك", "هنا"]),
        ("الفلوسبكرا", ["الفلوس", "بكرا"]),
        ("انستغارم هنا", ["انستغارم", "هنا"]),
    ],
)
def test_words_made_whole_know_where_they_stood(text, spans):
    assert [text[token.start : token.end] for token in tokenize(text)] == spans


def test_a_short_word_nobody_knows_is_a_part_only_where_borders_were_lost():
    assert part("قرطفصورك") == ()
    assert [found.text for found in part("قرطفصورك", with_unknown=True)] == ["قرطف", "صورك"]


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
