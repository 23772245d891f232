import gc
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sextortion_detect.text import chars
from sextortion_detect.text.words import normalized, read_words


def normal(text):
    return normalized([text])[0]


CASES = [
    ("hamza forms fold", "أرسل إلى آخر ٱلناس", "ارسل الي اخر الناس"),
    ("teh marbuta and alef maksura fold", "فضيحة على", "فضيحه علي"),
    ("hamza on a carrier folds", "مسؤول رئيس", "مسوول رييس"),
    ("marks are dropped", "صُوَرُكِ", "صورك"),
    ("Quranic marks are dropped", "ٱللَّهِۖ", "الله"),
    ("tatweel is dropped", "صــورك", "صورك"),
    ("a word broken with tatweel and a space is joined", "ابتـ ـزاز", "ابتزاز"),
    ("a number is joined to no Arabic word by tatweel", "500ـ ـصورك", "500 صورك"),
    ("nor is a mark", "؟ـ ـصورك !ـ ـ5", "? صورك ! 5"),
    ("zero-width characters are dropped", "صو\u200bر\u200dك", "صورك"),
    ("direction marks are dropped", "\u200fصورك\u200e", "صورك"),
    ("variation selectors and skin tones are dropped", "👍🏽 ❤️", "👍 ❤"),
    ("presentation forms fold", "ﺻﻮﺭﻙ", "صورك"),
    ("ligatures open", "ﻻ ﷲ ﷺ", "لا الله صلي الله عليه وسلم"),
    ("Persian and Urdu letters fold", "صورکی ھنا ہنا", "صوركي هنا هنا"),
    ("peh and veh fold", "سناپ ڤيديو", "سناب فيديو"),
    ("gaf and tcheh stay", "گلي چان", "گلي چان"),
    ("Moroccan ng is gaf", "ڭاع", "گاع"),
    ("the lone hamza stays", "شيء", "شيء"),
    ("digits of three systems", "٥٠٠ ۵۰۰ 500", "500 500 500"),
    ("thousands separators are dropped", "5,000 5.000 ٥٬٠٠٠", "5000 5000 5000"),
    ("numbers part from Arabic letters", "ب500 ٣شهور 3ali", "ب 500 3 شهور 3ali"),
    ("a time stays two numbers", "9:41", "9 41"),
    ("laughter is cut to two letters, other stretched letters of unknown words to one", "هههههه قرطاااف", "هه قرطاف"),
    ("stretched letters of known words are cut to one", "حرااااام صوووورك", "حرام صورك"),
    ("digits are never cut", "1000000 aaa5555", "1000000 a5555"),
    ("stretched letters that are written twice stay two", "ممممتاز اللللله hellllo", "ممتاز الله hello"),
    ("a letter written twice beside a stretched one stays two", "قرططففف", "قرططف"),
    ("three letters of one word stretched", "صووورتتتكككم", "صورتكم"),
    ("letters apart by dots are joined", "ف.ض.ي.ح.ة", "فضيحه"),
    ("letters apart by spaces are joined", "ص و ر ك عندي", "صورك عندي"),
    ("letters apart by dashes and underscores are joined", "ص-و-ر ب_ن_ك", "صور بنك"),
    ("two letters apart are left", "ا ج كلام", "ا ج كلام"),
    ("spaces around words with marks between their letters are borders", "ف.ل.و.س ك.ل.ه.ا و ب-ن-ك", "فلوس كلها و بنك"),
    ("letters that are joined stay apart from a word with a mark", "صور.ك ت ب", "صور كتب"),
    ("lone letters stay", "انت و اهلك", "انت و اهلك"),
    ("punctuation parts words", "صورك،ابعت(الان)", "صورك ابعت الان"),
    ("question and exclamation marks stay, two at most", "وينك؟؟؟؟ هنا!!", "وينك ? ? هنا ! !"),
    ("emoji stand alone", "حلو😂😂😂😂جدا", "حلو 😂 😂 جدا"),
    ("apostrophes join Latin letters", "3'aly j'ai l’argent", "3aly jai largent"),
    ("an apostrophe before the last letter", "3'a", "3a"),
    ("apostrophes elsewhere part words", "a'ب ب'a 'ali' a''b", "a ب ب a ali a b"),
    ("marks of numbers elsewhere part words", "5. ,5 5,a", "5 5 5 a"),
    ("Latin letters fold", "ÉCRIS Straße", "ecris strasse"),
    ("full width folds", "ＯＫ", "ok"),
    ("currency signs stand alone", "500$", "500 $"),
    ("nothing to read between words", "صورك \u200b عندي", "صورك عندي"),
    ("nothing to read", " \u200b\u0640 ", ""),
    ("tatweel with a mark on it is dropped too", "صو\u0883رك", "صورك"),
    ("digits in circles", "ب❺⓿⓿ ❹Ĺ", "ب 500 4l"),
    ("look-alikes of a word that was broken", "أ!يоо", "ايه"),
    ("lone surrogates are dropped", "صور\ud800ك", "صورك"),
]  # fmt: skip


@pytest.mark.parametrize(("_why", "text", "expected"), CASES, ids=[case[0] for case in CASES])
def test_normalize(_why, text, expected):
    assert normal(text) == expected


def _places(text):
    words = read_words([text])
    return [text[start:end] for start, end in zip(words.starts, words.ends, strict=True)]


SPANS = [
    ("أرسل المـال", ["أرسل", "المـال"]),
    ("يا (صورك)!", ["يا", "صورك", "!"]),
    ("ﷲ معك", ["ﷲ", "معك"]),
    ("حرااااام عليك", ["حرااااام", "عليك"]),
    ("شششكرررررا جدااا", ["شششكرررررا", "جدااا"]),
    ("ف.ض.ي.ح.ة لك", ["ف.ض.ي.ح.ة", "لك"]),
    ("صُوَرُكِ هنا", ["صُوَرُكِ", "هنا"]),
]


@pytest.mark.parametrize(("text", "words"), SPANS)
def test_words_know_where_they_stand(text, words):
    assert _places(text) == words


# Mostly Arabic with all that is put between its letters, and now and then anything at all.
ARABIC = st.text(alphabet="ابتصوركمي ةىأؤئءـ\u064e\u0651\u200b\u200f.،,'5٥؟!😂abوgک\u0640 ")
ANY = st.text(alphabet=st.characters(exclude_categories=()))


@given(ARABIC | ANY)
@example("بـ ـȪ")  # tatweel between two scripts parts words, and joins none
@example("swarekحداl")  # letters of two scripts, the last of which is none of its word
@example("ال\x0cاٯ")  # a word that is one with the next only once it has its dots
@settings(max_examples=1000, deadline=None)
def test_normalizing_twice_changes_nothing(text):
    once = normal(text)
    assert normal(once) == once


@pytest.mark.parametrize("text", ["ٮبتصل", "معوٮ", "ٮ3aa"])
def test_letters_without_dots_are_given_theirs_once(text):
    once = normal(text)
    assert "ٮ" not in once
    assert normal(once) == once


@given(ARABIC | ANY)
@settings(max_examples=1000, deadline=None)
def test_positions_are_monotone_and_inside_the_original(text):
    words = read_words([text])
    for starts, ends in ((words.code_starts, words.code_ends), (words.starts, words.ends)):
        assert ((starts >= 0) & (starts <= ends) & (ends <= len(text))).all()
    assert words.starts.tolist() == sorted(words.starts)
    assert words.ends.tolist() == sorted(words.ends)


def test_a_fold_never_deletes_an_arabic_letter():
    blocks = [(0x0600, 0x0700), (0x0750, 0x0780), (0x0870, 0x0900), (0xFB50, 0xFE00), (0xFE70, 0xFF00)]
    for code in (code for first, after in blocks for code in range(first, after)):
        letter = chr(code)
        if unicodedata.name(letter, "").startswith("ARABIC TATWEEL"):  # with a mark it is no letter either
            continue
        if "Lo" in map(unicodedata.category, unicodedata.normalize("NFKC", letter)) and letter not in chars.LEFT_OUT:
            folded = chars.fold_character(letter).strip()
            assert folded, f"U+{code:04X}"
            assert any(map(str.isalpha, folded)), f"U+{code:04X}"


@given(st.lists(ARABIC | ANY))
@settings(max_examples=500, deadline=None)
def test_many_texts_are_read_as_each_is_alone(texts):
    assert normalized(texts) == [normal(text) for text in texts]
    words = read_words(texts, with_placeholders=True)
    for place, of_text in enumerate(words.by_text()):
        alone, mine = read_words([texts[place]], with_placeholders=True), words.texts == place
        assert of_text == alone.strings()
        assert words.starts[mine].tolist() == alone.starts.tolist()
        assert words.ends[mine].tolist() == alone.ends.tolist()


def test_a_long_text_without_spaces_is_read():
    text = "ص" + "ور" * 500_000
    assert len(normal(text)) == len(text)


@given(ARABIC | ANY)
@settings(max_examples=500, deadline=None)
def test_words_stand_in_order_and_never_run_into_the_next(text):
    words = read_words([text])
    assert (words.lengths > 0).all()
    assert (words.starts < words.ends).all()
    assert (words.starts[1:] >= words.starts[:-1]).all()
    assert (words.ends[1:] >= words.ends[:-1]).all()


@given(ARABIC, ARABIC)
@settings(max_examples=500, deadline=None)
def test_words_do_not_depend_on_the_next_sentence(first, second):
    """A text and another one behind a full sentence's end are read as each is alone."""
    border = " \u2028500 ؟ 500 "
    if "\u066e" not in first + second:
        together = normal(first + border + second)
        assert together.split() == [*first_words(first), "500", "?", "500", *first_words(second)]


def first_words(text):
    return normal(text).split()


@pytest.mark.slow
@pytest.mark.parametrize(
    "piece", ["صورك ", "صـــورك", "ص.و.ر.ك ", "ا ", "a1 ", "😂", "ﷺ", "\u064e", "قرطف", "و ", "صو رك "]
)
def test_time_grows_with_length_alone(piece):
    from time import process_time

    def seconds(length):
        text = piece * (length // len(piece))
        gc.disable()  # it would walk through all that other tests have left
        try:
            began = process_time()
            normalized([text])
            return process_time() - began
        finally:
            gc.enable()

    seconds(1_000)
    assert seconds(160_000) < 8 * 3 * seconds(20_000) + 0.05  # quadratic would be 64 times
