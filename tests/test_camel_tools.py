"""Our character tables against camel-tools, over every Arabic code point; each difference has its reason."""

import unicodedata

import pytest
from camel_tools.utils.dediac import dediac_ar
from camel_tools.utils.normalize import (
    normalize_alef_ar,
    normalize_alef_maksura_ar,
    normalize_teh_marbuta_ar,
    normalize_unicode,
)

from sextortion_detect.text.chars import fold_character

BLOCKS = [(0x0600, 0x06FF), (0x0750, 0x077F), (0x08A0, 0x08FF), (0xFB50, 0xFDFF), (0xFE70, 0xFEFF)]


def camel(letter):
    folded = normalize_unicode(letter)
    for step in (dediac_ar, normalize_alef_ar, normalize_alef_maksura_ar, normalize_teh_marbuta_ar):
        folded = step(folded)
    return folded


# Letters that we fold and camel-tools leaves, each with what it becomes; the reasons stand in chars.LETTER_FOLDS.
BEYOND = {
    "ؤ": "و", "ئ": "ي", "ٵ": "ا", "ی": "ي", "ے": "ي", "ۓ": "ي", "ې": "ي", "ؠ": "ي", "ک": "ك", "ڪ": "ك", "ھ": "ه", "ہ": "ه", "ۂ": "ه",
    "ۀ": "ه", "ۃ": "ه", "ە": "ه", "پ": "ب", "ڤ": "ف", "ڨ": "ق", "ڢ": "ف", "ڧ": "ق", "ڭ": "گ", "ٮ": "ب", "ڡ": "ف", "ٯ": "ق", "ں": "ن",
    "ٹ": "ت", "ٺ": "ت", "ٿ": "ت", "ٻ": "ب", "ڀ": "ب", "ڈ": "د", "ڍ": "د", "ڌ": "ذ", "ڎ": "ذ", "ڑ": "ر", "ژ": "ز", "ڃ": "ج", "ڄ": "ج",
    "ڇ": "چ", "ڦ": "ف", "ڱ": "گ", "ڳ": "گ", "ڻ": "ن", "ۅ": "و", "ۆ": "و", "ۇ": "و", "ۈ": "و", "ۉ": "و", "ۋ": "و", "ڠ": "غ", "څ": "خ",
}  # fmt: skip


def decorated(letter):
    """A letter that Unicode names as another one with something added is that other one."""
    base, added, _ = unicodedata.name(letter, "").partition(" WITH ")
    try:
        return BEYOND.get(unicodedata.lookup(base), unicodedata.lookup(base)) if added else letter
    except KeyError:
        return letter


BASIC = "".join(chr(code) for code in range(0x0600, 0x0700) if unicodedata.category(chr(code)) == "Lo")


@pytest.mark.parametrize("letter", BASIC)
def test_letters_fold_as_in_camel_tools_or_as_listed(letter):
    if unicodedata.normalize("NFKC", letter) == letter:
        assert fold_character(letter) == BEYOND.get(letter) or camel(
            decorated(letter) if camel(letter) == letter else letter
        )


def arabic_characters():
    for first, last in BLOCKS:
        yield from (chr(code) for code in range(first, last + 1) if unicodedata.category(chr(code)) != "Cn")


def expected(character):
    """What a character must become by the rules that the normalizer documents, from camel-tools and Unicode alone."""
    folded = []
    for part in unicodedata.normalize("NFKC", character):
        category = unicodedata.category(part)
        if part in BEYOND:
            folded.append(BEYOND[part])
        elif part == "\N{ARABIC TATWEEL}" or category in ("Mn", "Me", "Cf"):
            continue  # all marks and invisible characters, not the common ones alone
        elif part == "\N{ARABIC QUESTION MARK}":
            folded.append("?")
        elif category == "Nd":
            folded.append(str(unicodedata.digit(part)))
        elif category[0] in "PZ" or category in ("Sm", "Sc", "Sk"):
            folded.append(" ")
        else:
            folded.append(camel(decorated(part) if camel(part) == part else part))
    return "".join(folded)


@pytest.mark.parametrize("character", list(arabic_characters()), ids=lambda character: f"U+{ord(character):04X}")
def test_every_arabic_code_point(character):
    assert fold_character(character) == expected(character)
