"""What writers do to dodge filters within words, undone by what stands around each character.

- `join_apart` takes letters of other alphabets for those that they pass for, and joins letters that stand one by one
  and words with a mark or an emoji inside;
- `cut_repeats` shortens stretched letters.

What takes the lexicon to see is left to `mending`.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sextortion_detect.text import chars, lexicon
from sextortion_detect.text.chars import IS_ARABIC, IS_DIGIT, IS_LATIN, PASSES
from sextortion_detect.text.keys import Codes, Integers, RunningKeys, joined, ranges

Flags = NDArray[np.bool_]
Kinds = NDArray[np.uint8]

_FEWEST_LETTERS: Final = (
    3  # single letters that make a word; two in a row are ordinary (an initial, a lone conjunction)
)

_NONE: Final[Integers] = np.zeros(0, dtype=np.int64)


class Characters(NamedTuple):
    """Folded characters with the half-open range of the raw ones that each comes from."""

    codes: Codes
    kinds: Kinds
    starts: Integers
    ends: Integers


def join_apart(characters: Characters, begins: Flags, text_ends: Integers) -> Integers:
    """Unmask look-alikes and join what was written apart; gives where words begin whose own borders were lost.

    Changes `codes` and `kinds` in place, and `begins`, which says where words begin.
    """
    codes, kinds = characters.codes, characters.kinds
    apart = _places(kinds, begins)
    if not len(apart.first):
        return _NONE
    _unmask(codes, kinds, apart)
    lost = _join_letters(codes, kinds, begins, apart, text_ends.searchsorted(characters.starts[apart.first]))
    _join_marked(codes, kinds, begins, apart, lost)
    return lost


class _Places(NamedTuple):
    """Where words begin and end among characters, marks inside them included, and of which kinds these are, in bits."""

    first: Integers
    last: Integers
    bits: Kinds


def _places(kinds: Kinds, begins: Flags) -> _Places:
    first = begins.nonzero()[0]
    is_word = kinds >= chars.MARK
    ends = is_word[:-1] & (begins[1:] | ~is_word[1:])  # the last character is a line break
    bits = np.bitwise_or.reduceat(chars.BITS[kinds], first) if len(first) else np.zeros(0, dtype=np.uint8)
    return _Places(first, ends.nonzero()[0] + 1, bits)


_BOTH: Final = IS_ARABIC | IS_LATIN
_MASKED: Final = np.array([bool(bits & PASSES) or bits & _BOTH == _BOTH for bits in range(16)])


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


def _join_letters(codes: Codes, kinds: Kinds, begins: Flags, words: _Places, of_text: Integers) -> Integers:
    """Join three single letters of one script or more; gives where the words begin that they make.

    Where only marks stand between the letters of a word, the spaces around it are its borders.
    """
    single = ((words.last - words.first == 1) & (words.bits != 0)).nonzero()[0]
    if len(single) < _FEWEST_LETTERS:
        return _NONE
    single = single[(words.bits[single] != IS_DIGIT) | np.isin(codes[words.first[single]], _LETTERS_OF_ARABIZI)]
    is_arabic = words.bits[single] == IS_ARABIC
    goes_on = np.zeros(len(single), dtype=np.bool_)
    goes_on[1:] = (np.diff(single) == 1) & (np.diff(of_text[single]) == 0) & (is_arabic[1:] == is_arabic[:-1])
    spaces = (kinds == chars.SPACE).cumsum()
    by_mark = goes_on.copy()
    by_mark[1:] &= spaces[words.first[single[1:]]] == spaces[words.first[single[:-1]]]
    is_letter = words.bits[single] != IS_DIGIT
    marked = _are_many(by_mark, is_letter)
    goes_on[1:] &= (by_mark[1:] & marked[1:]) | ~(marked[1:] | marked[:-1])
    long = _are_many(goes_on, is_letter)
    first = words.first[single]
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
    is_letters = is_arabic | (words.bits & _BOTH == IS_LATIN)
    point = is_letters[:-1] & (first[1:] == last[:-1] + 1) & (kinds[last[:-1]] == chars.POINT)
    mark = (kinds[first[1:-1]] == chars.MARK) & (first[1:-1] == last[:-2]) & (first[2:] == last[1:-1])
    points, marks = point.nonzero()[0], (mark & is_letters[:-2]).nonzero()[0]
    if not len(points) and not len(marks):
        return
    left, right = np.concatenate((points, marks)), np.concatenate((points + 1, marks + 2))
    fits = is_letters[right] & (is_arabic[left] == is_arabic[right]) & begins[first[left]] & begins[first[right]]
    whole_length = last[left] - first[left] + last[right] - first[right]
    fits &= ~np.isin(first[right], lost)  # of which more than the first letter would come along
    fits &= (whole_length >= _FEWEST_LETTERS) & (whole_length <= _LONGEST)
    left, right = left[fits], right[fits]
    if not len(left):
        return
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


def cut_repeats(characters: Characters, begins: Flags) -> Integers:
    """No character more than twice in a row, digits aside; gives the second of each two that were more.

    Changes `kinds`, `ends` and `begins` in place.
    """
    codes, kinds = characters.codes, characters.kinds
    kept = (kinds >= chars.MARK).nonzero()[0]
    some, kind = codes[kept], kinds[kept]
    again = (some[1:] == some[:-1]) & _REPEATS[kind[1:]]
    if not (again[1:] & again[:-1]).any():
        return _NONE
    is_mark = kind[1:] == chars.MARK
    again &= ~begins[kept[1:]] | (is_mark & (kept[1:] == kept[:-1] + 1))  # of a word, or of marks without a space
    third = (again[1:] & again[:-1]).nonzero()[0] + 2
    kinds[kept[third]] = chars.POINT
    begins[kept[third]] = False
    cut = np.zeros(len(kept) + 1, dtype=np.bool_)
    cut[third] = True
    second, last = third[~cut[third - 1]] - 1, third[~cut[third + 1]]
    characters.ends[kept[second]] = characters.ends[kept[last]]
    return np.asarray(kept[second[kind[second] != chars.MARK]])


_REPEATS: Final = np.ones(chars.KINDS, dtype=np.bool_)
_REPEATS[[chars.DIGIT, chars.PLACEHOLDER]] = False
