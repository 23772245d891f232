"""What writers do to dodge filters within words, undone by what stands around each character.

- `join_apart` takes letters of other alphabets for those that they pass for, and joins letters that stand one by one
  and words with a mark or an emoji inside;
- `cut_repeats` shortens stretched letters.

What takes the lexicon to see is left to `mending`.
"""

from typing import Final, NamedTuple

import numpy as np

from sextortion_detect.text import chars, lexicon
from sextortion_detect.text.arrays import NONE, Codes, Flags, Integers, Kinds, begins_run, ranges
from sextortion_detect.text.chars import IN_LETTERS, IS_ARABIC, IS_DIGIT, IS_LATIN, PASSES
from sextortion_detect.text.keys import RunningKeys, joined
from sextortion_detect.text.spans import Characters

# Single letters that make a word; two in a row are ordinary (an initial, a lone conjunction).
_FEWEST_LETTERS: Final = 3


def join_apart(characters: Characters, begins: Flags, text_ends: Integers) -> Integers:
    """Unmask look-alikes and join what was written apart; gives where words begin whose own borders were lost.

    Changes `codes` and `kinds` in place, and `begins`, which says where words begin.
    """
    codes, kinds = characters.codes, characters.kinds
    first = begins.nonzero()[0]
    if not len(first):
        return NONE
    is_word = kinds >= chars.MARK
    ends = is_word[:-1] & (begins[1:] | ~is_word[1:])  # the last character is a line break
    words = _Places(first, ends.nonzero()[0] + 1, np.bitwise_or.reduceat(chars.BITS[kinds], first))
    _unmask(codes, kinds, words)
    lost = _join_letters(characters, begins, words, text_ends)
    _join_marked(codes, kinds, begins, words, lost)
    return lost


class _Places(NamedTuple):
    """Where words begin and end among characters, marks inside them included, and of which kinds these are, in bits."""

    first: Integers
    last: Integers
    bits: Kinds


_MASKED: Final = np.array([bool(bits & PASSES) or bits & IN_LETTERS == IN_LETTERS for bits in range(16)])


def _unmask(codes: Codes, kinds: Kinds, words: _Places) -> None:
    """Letters of other alphabets become the Latin ones that they pass for in words that have no other letters.

    In words with Arabic letters, letters that pass for Arabic ones become these where no other European letter or digit
    stands.
    """
    masked = _MASKED[words.bits].nonzero()[0]
    if not len(masked):
        return
    sizes = words.last[masked] - words.first[masked]
    places = ranges(words.first[masked], sizes)
    letters, kind, bits = codes[places], kinds[places], words.bits[masked]
    arabic = np.where(kind > chars.ARABIC, chars.translated(letters, chars.TO_ARABIC), letters)
    passes = np.logical_and.reduceat(arabic >= _FIRST_OF_ARABIC, sizes.cumsum() - sizes) & ((bits & IS_ARABIC) != 0)
    in_arabic, in_latin = passes.repeat(sizes), ((bits & IS_ARABIC) == 0).repeat(sizes)
    latin = np.where(in_latin, chars.translated(letters, chars.TO_LATIN), letters)
    codes[places] = np.where(in_arabic, arabic, latin)
    kind[in_latin & (kind == chars.LOOK_ALIKE)] = chars.LATIN
    kinds[places] = np.where(in_arabic, chars.ARABIC, kind)
    words.bits[masked] = np.where(passes, IS_ARABIC, np.where((bits & IS_ARABIC) == 0, bits | IS_LATIN, bits))


_FIRST_OF_ARABIC: Final = ord("\N{ARABIC LETTER HAMZA}")


def _join_letters(characters: Characters, begins: Flags, words: _Places, text_ends: Integers) -> Integers:
    """Join three single letters of one script or more; gives where the words begin that they make.

    Where only marks stand between the letters of a word, the spaces around it are its borders.
    """
    single = ((words.last - words.first == 1) & (words.bits != 0)).nonzero()[0]
    if len(single) < _FEWEST_LETTERS:
        return NONE
    is_of_word = np.isin(characters.codes[words.first[single]], _LETTERS_OF_ARABIZI)
    single = single[(words.bits[single] != IS_DIGIT) | is_of_word]
    first, bits = words.first[single], words.bits[single]
    of_text = text_ends.searchsorted(characters.starts[first])
    stands_alone = begins_run(single - np.arange(len(single))) | begins_run(of_text) | begins_run(bits == IS_ARABIC)
    goes_on, is_letter = ~stands_alone, bits != IS_DIGIT
    by_mark = goes_on & ~begins_run((characters.kinds == chars.SPACE).cumsum()[first])
    marked = _are_many(by_mark, is_letter)
    goes_on[1:] &= (by_mark[1:] & marked[1:]) | ~(marked[1:] | marked[:-1])
    long = _are_many(goes_on, is_letter)
    begins[first[long & goes_on]] = False
    return np.asarray(first[long & ~goes_on])


def _are_many(goes_on: Flags, is_letter: Flags) -> Flags:
    """Whether each stands in a run that has letters enough to be a word."""
    run = np.cumsum(~goes_on) - 1
    return np.asarray(np.bincount(run, is_letter)[run] >= _FEWEST_LETTERS)


_LETTERS_OF_ARABIZI: Final = np.array([ord(digit) for digit in "235679"], dtype=np.uint32)


def _join_marked(codes: Codes, kinds: Kinds, begins: Flags, words: _Places, lost: Integers) -> None:
    """Join two parts of a word around one mark or emoji, where the whole is listed or nobody knows either part."""
    first, last = words.first, words.last
    is_arabic = words.bits == IS_ARABIC
    letters = (is_arabic | (words.bits & IN_LETTERS == IS_LATIN)).nonzero()[0]
    left, right = letters[:-1], letters[1:]
    around_one = (first[right] == last[left] + 1) & _JOINS[kinds[last[left]]]
    if not around_one.any():
        return
    left, right = left[around_one], right[around_one]
    fits = (is_arabic[left] == is_arabic[right]) & begins[first[left]] & begins[first[right]]
    fits &= ~np.isin(first[right], lost)  # of which more than the first letter would come along
    whole_length = last[left] - first[left] + last[right] - first[right]
    fits &= (whole_length >= _FEWEST_LETTERS) & (whole_length <= _LONGEST)
    left, right = left[fits], right[fits]
    begin, sizes, behind, more = first[left], last[left] - first[left], first[right], last[right] - first[right]
    running = RunningKeys(codes)
    whole = joined(running.of(begin, sizes), running.of(behind, more), sizes)
    nobody_knows = np.isinf(lexicon.costs(running, begin, sizes)) & np.isinf(lexicon.costs(running, behind, more))
    one = (lexicon.ranks(whole) >= 0) | nobody_knows
    begins[behind[one]] = False
    marks = last[left[one]]
    begins[marks] = False
    kinds[marks] = chars.POINT


_LONGEST: Final = 40  # letters; what is longer is no word
_JOINS: Final = np.isin(np.arange(chars.KINDS), (chars.POINT, chars.MARK))


def cut_repeats(characters: Characters, begins: Flags, kept: Integers) -> tuple[Flags | slice, Integers]:
    """No character of words more than twice in a row, digits aside: which stay, and the second of two that were more.

    The characters stood at the places `kept`, and the second ones are told by these. Changes `ends` in place.
    """
    codes, kinds = characters.codes, characters.kinds
    again = (codes[1:] == codes[:-1]) & _REPEATS[kinds[1:]]
    if not (again[1:] & again[:-1]).any():
        return slice(None), NONE
    is_mark = kinds[1:] == chars.MARK
    again &= ~begins[1:] | (is_mark & (kept[1:] == kept[:-1] + 1))  # of a word, or of marks without a space
    third = (again[1:] & again[:-1]).nonzero()[0] + 2
    stays = np.ones(len(codes) + 1, dtype=np.bool_)
    stays[third] = False
    second, last = third[stays[third - 1]] - 1, third[stays[third + 1]]
    characters.ends[second] = characters.ends[last]
    return stays[:-1], kept[second[kinds[second] != chars.MARK]]


_REPEATS: Final = ~np.isin(np.arange(chars.KINDS), (chars.DIGIT, chars.PLACEHOLDER))
