"""Words that were disguised, made whole again; and words that must be left as they are."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sextortion_detect.text.keys import keys_of
from sextortion_detect.text.lexicon import known, ranks
from sextortion_detect.text.words import normalized, read_words

WHOLE = [
    ("glued words of eight letters", "عنديصورك", "عندي صورك"),
    ("stretched", "صوووورك عنديييي", "صورك عندي"),
    ("doubled at the beginning", "ععندي ححول", "عندي حول"),
    ("a mark inside", "عن-دي صو*رك", "عندي صورك"),
    ("an emoji inside", "عن😈دي صو📸رك", "عندي صورك"),
    ("letters apart, over two words", "ا ن ش ر ص و ر ك", "انشر صورك"),
    ("glued words", "عنديصورتك", "عندي صورتك"),
    ("glued words with one nobody knows", "عنديقسطرينهصورك", "عندي قسطرينه صورك"),
    ("arabizi broken with tatweel", "7aـ ـmaky", "7amaky"),
    ("no dots", "ڡلوس ٯرىٮ", "فلوس قريب"),
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
    ("letters apart, of a word nobody knows", "ك م ا و س", "كماوس"),
    ("letters of arabizi apart", "3 a l i", "3ali"),
    ("a digit apart that is no letter of arabizi", "1 a b c", "1 abc"),
    ("a mark in a word of three letters", "صو.ر", "صور"),
    ("a mark in a Latin word nobody knows", "kas.tar.you", "kastar you"),
    ("a mark before a word nobody knows", "صورك.قزط photo.kastarin", "صورك قزط photo kastarin"),
    ("a mark between two scripts", "قرطف.kastarin", "قرطف kastarin"),
    ("a digit in a word nobody knows", "قر5طف", "قر 5 طف"),
    ("a mark behind the longest of words", f"{'قسطر' * 10}.ط", f"{'قسطر' * 10} ط"),
    ("a mark between a short word and one nobody knows", "من.قرطف", "من قرطف"),
    ("a word broken with tatweel that nobody knows", "قسطـ ـرينه", "قسطرينه"),
    ("a word broken with tatweel among others", "photo قسطـ ـرينه،صورك", "photo قسطرينه صورك"),
    ("a word broken with tatweel behind a flood", f"{'قسطر' * 20} قسطـ ـرينه", f"{'قسطر' * 20} قسطرينه"),
    ("tatweel before the first of two words", "ـصورك،هنا", "صورك هنا"),
    ("glued words with an article or short ones", "الفلوسبكرا مابديصورك", "الفلوس بكرا ما بدي صورك"),
    ("glued words with a short one nobody knows", "صوركقرطفعندي", "صورك قرطف عندي"),
    ("a word nobody knows glued to one", "قسطرينعندي", "قسطرين عندي"),
    ("letters doubled all over", "صصوورركك صصووررتتككمم", "صورك صورتكم"),
]  # fmt: skip

LEFT = [
    ("two words that are one word too", "شو في كل شي ما شي"),
    ("a rare word", "قسطرينه"),
    ("Latin and Arabic side by side", "صورك photo"),
    ("a number", "500"),
    ("glued words of six letters: n-grams hear both", "معيصور"),
    ("a short word that nobody knows, glued to a word", "عنديقسطر"),
    ("words with what is written as part of them", "ياصاحبي ماعنديش"),
    ("two words often said together", "قالت لي"),
    ("three letters in two words", "من ي"),
    ("an article before a Latin word", "ال sowar"),
    ("laughter before a word", "لول دي"),
    ("a lone and before a number, a Latin word, a mark or a letter", "انا و 5 شباب و sara و ! صورك و ك"),
    ("an article that is part of a word", "المشاوي المعماري"),
    ("names that no list has", "بشاير تولين ملاذ"),
    ("a space inside: n-grams hear it", "دين ار"),
    ("an article apart: n-grams hear it", "ال بيت وال مدرسه"),
    ("an article that is part of a word: n-grams hear it", "المشاوي المعماري"),
    ("Latin letters that spell an Arabic word with its article: n-grams hear it", "elwejh jami3atiki"),
    ("a lone and before a word of two letters: n-grams hear it", "انا و هو"),
    ("a space in a short word: n-grams hear it", "ر يال"),
    ("a letter doubled among what is written as part of a word: n-grams hear it", "وبصوورتكم"),
    ("neighbors swapped in short words: n-grams hear it", "مبغل تحيول فلسو"),
    ("a space in a word of which a half is a word: n-grams hear it", "الانس ان"),
    ("a space behind what is written as part of a word: n-grams hear it", "وبن اتها وبر وحك"),
]  # fmt: skip


@pytest.mark.parametrize(("_why", "text", "expected"), WHOLE, ids=[case[0] for case in WHOLE])
def test_disguised_words_are_made_whole(_why, text, expected):
    assert normalized([text])[0] == expected


@pytest.mark.parametrize(("_why", "text"), LEFT, ids=[case[0] for case in LEFT])
def test_plain_words_are_left(_why, text):
    assert normalized([text])[0] == text


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("يا عن😈دي ", ["يا", "عن😈دي"]),
        ("عنديصورتك", ["عندي", "صورتك"]),
        ("ص و ر ك!", ["ص و ر ك", "!"]),
        ("صوووورك", ["صوووورك"]),
        ("صوركك هنا", ["صوركك", "هنا"]),
        ("الفلوسبكرا", ["الفلوس", "بكرا"]),
    ],
)
def test_words_made_whole_know_where_they_stood(text, spans):
    words = read_words([text])
    assert [text[start:end] for start, end in zip(words.starts, words.ends, strict=True)] == spans


def test_a_word_is_known_with_what_arabic_writes_as_part_of_it():
    assert known("صورك", "وبصورك", "قسطرينه").tolist() == [True, True, False]
    assert ranks(keys_of(["صورك", "وبصورتكم"])).tolist()[1] == -1


WORDS = st.text(alphabet="ابتصوركميعندهسلوق", min_size=1, max_size=30)


@given(WORDS)
@settings(max_examples=500, deadline=None)
def test_parts_cover_the_word_in_order(word):
    words = read_words([word])
    assert words.starts[0] == 0
    assert words.ends[-1] == len(word)
    assert (words.starts[1:] <= words.ends[:-1]).all()
