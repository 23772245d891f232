"""From raw texts to folded words that know where they stand: many texts at once, each by itself.

All texts of a call are one array of characters. Each character is folded by the tables of `chars`; words begin and end
where the kinds of characters change; then a short list of rules undoes what writers do to dodge filters:

- `_drop_breaks`: a word cut in two by tatweel and a space;
- `_unmask`: letters of other alphabets that pass for Arabic or Latin ones;
- `_join_letters`: three letters or more that stand one by one;
- `_join_marked`: a word with a mark or an emoji inside;
- `_cut_repeats`: stretched letters.

Words that the lexicon does not know are then looked at by `mending`. Nothing is remembered from one call to the next.

>>> normalize("صــورك  عنــدي!!!").text
'صورك عندي ! !'
>>> normalize("ف.ض.ي.ح.ة").text
'فضيحه'
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sextortion_detect.text import chars, lexicon
from sextortion_detect.text.keys import Codes, Integers, RunningKeys, joined, ranges, without_repeats
from sextortion_detect.text.mending import Spelled, mend
from sextortion_detect.text.placeholders import (
    NAMES,
    SIGNS_OF_ADDRESSES,
    SIGNS_OF_NUMBERS,
    find_addresses,
    find_numbers,
)

Flags = NDArray[np.bool_]
Kinds = NDArray[np.uint8]

PLACEHOLDERS: Final = {name: chr(0xE000 + place) for place, name in enumerate(NAMES)}
"""The character that stands for a placeholder, by its name: of Unicode's private use, which no text keeps."""

FEWEST_LETTERS: Final = 3
"""Single letters that make a word; two in a row are ordinary (an initial, a lone conjunction)."""

ARABIC, LATIN, DIGIT = np.uint8(1), np.uint8(2), np.uint8(4)
"""Bits of `Words.scripts`; any alphabet but the Latin one counts as Arabic."""


@dataclass(frozen=True, slots=True)
class Words:
    """The words of some texts, in the order in which they stand.

    Word i is `codes[begins[i] : begins[i] + lengths[i]]`; it stands in text `texts[i]`, in the half-open range
    `starts[i]` to `ends[i]`, and `scripts[i]` has bits of `ARABIC`, `LATIN` and `DIGIT`, none for marks and
    placeholders. `code_starts` and `code_ends` give the range of each character. `count` is how many texts there are.
    """

    codes: Codes
    code_starts: Integers
    code_ends: Integers
    begins: Integers
    lengths: Integers
    texts: Integers
    scripts: Kinds
    count: int

    @property
    def starts(self) -> Integers:
        """Where each word begins in its text."""
        return np.asarray(self.code_starts[self.begins])

    @property
    def ends(self) -> Integers:
        """Where each word ends in its text (exclusive)."""
        return np.asarray(self.code_ends[self.begins + self.lengths - 1])

    def by_text(self) -> list[list[str]]:
        """The words of each text, as `strings` gives them.

        >>> read_words(["صورك معي", "", "حول"]).by_text()
        [['صورك', 'معي'], [], ['حول']]
        """
        strings, ends = self.strings(), np.bincount(self.texts, minlength=self.count).cumsum().tolist()
        return [strings[begin:end] for begin, end in zip([0, *ends], ends, strict=False)]

    def strings(self) -> list[str]:
        """Each word as a string, a placeholder by its name."""
        text = decoded(self.codes)
        ends = (self.begins + self.lengths).tolist()
        found = [text[begin:end] for begin, end in zip(self.begins.tolist(), ends, strict=True)]
        return [_NAMES.get(word, word) for word in found]


_NAMES: Final = {character: name for name, character in PLACEHOLDERS.items()}


def decoded(codes: Codes) -> str:
    """Code points as a string."""
    return codes.tobytes().decode("utf-32-le", "surrogatepass")


def read_words(texts: Sequence[str], *, with_placeholders: bool = False, mended: bool = True) -> Words:
    """The folded words of texts, lone surrogates and all else allowed; the work grows linearly with their length.

    `with_placeholders` puts one word in place of each link, sum and the like (see `placeholders`). With `mended` false
    words stand as they are typed: nothing is joined or mended, which is how the lexicon is counted.

    >>> words = read_words(["5,000 دولار", "صورك"])
    >>> words.strings(), words.texts.tolist(), words.starts.tolist(), words.ends.tolist()
    (['5000', 'دولار', 'صورك'], [0, 0, 1], [0, 6, 0], [5, 11, 4])
    """
    raw = np.frombuffer("\n".join([*texts, ""]).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    sizes = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
    text_ends = np.cumsum(sizes + 1) - 1  # where each text has a line break behind it
    common = np.minimum(raw, chars.TABLE_SIZE - 1)
    codes, kinds, several = _folded(raw, common)
    if mended and raw.max(initial=0) >= _TATWEEL:
        _drop_breaks(raw, kinds, text_ends)
    if with_placeholders:
        _put_placeholders(raw, common, codes, kinds, text_ends)
    characters = _settled(raw, codes, kinds, several)
    codes, kinds = characters.codes, characters.kinds
    begins = np.zeros(len(kinds), dtype=np.bool_)  # whether a word begins there; the last character is a line break
    begins[1:] = _BREAKS[kinds[:-1], kinds[1:]]
    begins[:1] = kinds[:1] >= chars.MARK
    stretched = lost = _NONE
    if mended and len(codes):
        lost = _joined_apart(characters, begins, text_ends)
        stretched = _cut_repeats(characters, begins)
    kept = (kinds >= chars.MARK).nonzero()[0]
    words = begins[kept].nonzero()[0]
    starts, ends = characters.starts[kept], characters.ends[kept]
    of_text = text_ends.searchsorted(starts[words])
    lengths = np.empty_like(words)
    lengths[:-1] = words[1:] - words[:-1]
    lengths[-1:] = len(kept) - words[-1:]
    offsets = (text_ends - sizes)[of_text].repeat(lengths)
    scripts = np.bitwise_or.reduceat(_SCRIPTS[kinds[kept]], words) if len(words) else np.zeros(0, dtype=np.uint8)
    spelled = Spelled(codes[kept], starts - offsets, ends - offsets, words, lengths)
    if mended and len(words):
        dotless = _DOTLESS[common].nonzero()[0]
        in_dotless = np.isin(of_text, text_ends.searchsorted(dotless)) if len(dotless) else None
        spelled, of_word = mend(spelled, scripts, kept.searchsorted(stretched), kept.searchsorted(lost), in_dotless)
        of_text, scripts = of_text[of_word], scripts[of_word]
    return Words(*spelled, of_text, scripts, len(texts))


_NONE: Final[Integers] = np.zeros(0, dtype=np.int64)
_DOTLESS: Final = chars.marked(chars.DOTLESS)
_SCRIPTS: Final = np.zeros(chars.KINDS, dtype=np.uint8)
_SCRIPTS[[chars.ARABIC, chars.LOOK_ALIKE, chars.LATIN, chars.DIGIT]] = (
    ARABIC, ARABIC, LATIN, DIGIT,
)  # fmt: skip


def _breaks() -> Flags:
    """Whether a word begins with a character of the second kind behind one of the first."""
    breaks = np.zeros((chars.KINDS, chars.KINDS), dtype=np.bool_)
    breaks[: chars.ARABIC, chars.MARK :] = True
    breaks[:, chars.MARK : chars.ARABIC] = True
    breaks[chars.ARABIC, chars.DIGIT] = True  # in Latin letters, digits are letters of arabizi
    breaks[chars.DIGIT, chars.ARABIC] = True
    return breaks


_BREAKS: Final = _breaks()


# Characters


def _folded(raw: Codes, common: Codes) -> tuple[Codes, Kinds, dict[int, str]]:
    """What each character becomes and of which kind that is; and what those become that become several."""
    codes, kinds = chars.FOLDED_CODES[common], chars.FOLDED_KINDS[common]
    several: dict[int, str] = {}
    if kinds.max(initial=0) >= chars.SEVERAL:
        rare = (kinds >= chars.SEVERAL).nonzero()[0]
        found, of_kind = np.unique(raw[rare], return_inverse=True)
        folds = [chars.fold_with_kind(chr(code)) for code in found.tolist()]
        codes[rare] = np.array([fold.code for fold in folds], dtype=np.uint32)[of_kind]
        kinds[rare] = np.array([fold.kind for fold in folds], dtype=np.uint8)[of_kind]
        several = {fold.code: fold.several for fold in folds if fold.several}
    return codes, kinds, several


def _drop_breaks(raw: Codes, kinds: Kinds, text_ends: Integers) -> None:
    """A space between two tatweels, by which a word is cut in two, is dropped like them."""
    tatweels = (raw == _TATWEEL).nonzero()[0]
    spaces = tatweels[1:][tatweels[1:] - tatweels[:-1] == 2] - 1
    spaces = spaces[kinds[spaces] == chars.SPACE]
    if len(spaces):
        kinds[np.setdiff1d(spaces, text_ends)] = chars.DROPPED


_TATWEEL: Final = ord("\N{ARABIC TATWEEL}")


def _put_placeholders(raw: Codes, common: Codes, codes: Codes, kinds: Kinds, text_ends: Integers) -> None:
    """One character in place of each placeholder."""
    begins = np.concatenate((_FIRST, text_ends[:-1] + 1))
    of_address = _OF_ADDRESSES[common]
    of_address[1:] |= (raw[1:] == _POINT) & _IS_W[common[:-1]]
    searched: Codes | None = None
    for find, signs in ((find_addresses, of_address), (find_numbers, _OF_NUMBERS[common])):
        hints = signs.nonzero()[0]
        if not len(hints):
            continue
        if searched is None:
            # What the normalizer drops must not hide a link or a sum, and Arabic letters are looked for as folded ones.
            searched = np.where(kinds == chars.ARABIC, codes, raw)
            searched[(raw == _LINE_BREAK).nonzero()[0]] = ord(chars.SEPARATOR)
            searched[text_ends] = _LINE_BREAK
        texts = without_repeats(text_ends.searchsorted(hints))
        places = ranges(begins[texts], text_ends[texts] - begins[texts] + 1)
        places = places[kinds[places] != chars.DROPPED]
        for name, start, end in find(decoded(searched[places])):
            first, last = places[start], places[end - 1]
            kinds[first : last + 1] = chars.DROPPED
            kinds[first] = chars.PLACEHOLDER
            searched[first] = codes[first] = ord(PLACEHOLDERS[name])


_FIRST: Final = np.zeros(1, dtype=np.int64)
_LINE_BREAK: Final = ord("\n")
_POINT: Final = ord(".")
_IS_W: Final = chars.marked("wW")
_OF_ADDRESSES: Final = chars.marked(SIGNS_OF_ADDRESSES)
_OF_NUMBERS: Final = (chars.FOLDED_KINDS == chars.DIGIT) | chars.marked(SIGNS_OF_NUMBERS)


class _Characters(NamedTuple):
    """Folded characters with the half-open range of the raw ones that each comes from."""

    codes: Codes
    kinds: Kinds
    starts: Integers
    ends: Integers


def _settled(raw: Codes, codes: Codes, kinds: Kinds, several: dict[int, str]) -> _Characters:
    """Without what is dropped, and with the characters that some become; what is dropped ends the one before it."""
    if kinds.max(initial=0) < chars.NUMBER_MARK:
        starts = np.arange(len(codes))
        return _Characters(codes, kinds, starts, starts + 1)
    starts = (kinds != chars.DROPPED).nonzero()[0]
    ends = np.append(starts[1:], len(raw))[: len(starts)]
    codes, kinds = codes[starts], kinds[starts]
    if several:
        folds = {code: [chars.fold_with_kind(part) for part in parts] for code, parts in several.items()}
        places = (kinds == chars.SEVERAL).nonzero()[0]
        parts = [folds[code] for code in codes[places].tolist()]
        counts = np.ones(len(codes), dtype=np.int64)
        counts[places] = list(map(len, parts))
        inside = ranges((np.cumsum(counts) - counts)[places], counts[places])
        codes, kinds, starts, ends = (np.repeat(array, counts) for array in (codes, kinds, starts, ends))
        codes[inside] = [fold.code for some in parts for fold in some]
        kinds[inside] = [fold.kind for some in parts for fold in some]
    marks = (kinds >= chars.NUMBER_MARK).nonzero()[0]
    if not len(marks):
        return _Characters(codes, kinds, starts, ends)
    # 5,000 is one number, 3'ali one word; the last character is a line break, so each has one behind it.
    before, behind, apostrophe = kinds[marks - 1], kinds[marks + 1], kinds[marks] == chars.APOSTROPHE
    fewest = np.where(apostrophe, chars.LATIN, chars.DIGIT)
    inside_word = (np.minimum(before, behind) >= fewest) & (np.maximum(before, behind) <= chars.DIGIT)
    kinds[marks] = chars.POINT
    kept = np.ones(len(codes), dtype=np.bool_)
    kept[marks[inside_word]] = False
    return _Characters(codes[kept], kinds[kept], starts[kept], ends[kept])


# What writers do to dodge filters


def _joined_apart(characters: _Characters, begins: Flags, text_ends: Integers) -> Integers:
    """Unmask look-alikes and join what was written apart; gives where words begin whose own borders were lost.

    Changes `codes` and `kinds` in place, and `begins`, which says where words begin.
    """
    codes, kinds = characters.codes, characters.kinds
    apart = _places(kinds, begins)
    if not len(apart.first):
        return _NONE
    _unmask(codes, kinds, apart)
    lost = _join_letters(codes, begins, apart, text_ends.searchsorted(characters.starts[apart.first]))
    _join_marked(codes, kinds, begins, apart)
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
    bits = np.bitwise_or.reduceat(_BITS[kinds], first) if len(first) else np.zeros(0, dtype=np.uint8)
    return _Places(first, ends.nonzero()[0] + 1, bits)


_LOOK_ALIKE, _ARABIC, _LATIN, _DIGIT = 1, 2, 4, 8
_BITS: Final = np.zeros(chars.KINDS, dtype=np.uint8)
_BITS[[chars.LOOK_ALIKE, chars.ARABIC, chars.LATIN, chars.DIGIT]] = (
    _LOOK_ALIKE, _ARABIC, _LATIN, _DIGIT,
)  # fmt: skip
_MASKED: Final = np.array([bool(bits & _LOOK_ALIKE) or bits & 6 == _ARABIC | _LATIN for bits in range(16)])


def _unmask(codes: Codes, kinds: Kinds, words: _Places) -> None:
    """Letters of other alphabets become the Latin ones that they pass for in words that have no other letters.

    In words with Arabic letters, letters that pass for Arabic ones become these where no other European letter or digit
    stands.
    """
    for word in _MASKED[words.bits].nonzero()[0].tolist():
        place = slice(words.first[word], words.last[word])
        if not words.bits[word] & _ARABIC:
            codes[place] = chars.TO_LATIN[np.minimum(codes[place], len(chars.TO_LATIN) - 1)]
            kinds[place] = np.where(kinds[place] == chars.LOOK_ALIKE, chars.LATIN, kinds[place])
            words.bits[word] |= _LATIN
            continue
        european = kinds[place] > chars.ARABIC
        arabic = np.where(european, chars.TO_ARABIC[np.minimum(codes[place], len(chars.TO_ARABIC) - 1)], codes[place])
        if (arabic >= _FIRST_OF_ARABIC).all():
            codes[place] = arabic
            kinds[place] = chars.ARABIC
            words.bits[word] = _ARABIC


_FIRST_OF_ARABIC: Final = ord("\N{ARABIC LETTER HAMZA}")


def _join_letters(codes: Codes, begins: Flags, words: _Places, of_text: Integers) -> Integers:
    """Join three single letters of one script or more; gives where the words begin that they make."""
    single = ((words.last - words.first == 1) & (words.bits != 0)).nonzero()[0]
    if len(single) < FEWEST_LETTERS:
        return _NONE
    single = single[(words.bits[single] != _DIGIT) | np.isin(codes[words.first[single]], _LETTERS_OF_ARABIZI)]
    is_arabic = words.bits[single] == _ARABIC
    goes_on = np.zeros(len(single), dtype=np.bool_)
    goes_on[1:] = (np.diff(single) == 1) & (np.diff(of_text[single]) == 0) & (is_arabic[1:] == is_arabic[:-1])
    run = np.cumsum(~goes_on) - 1
    long = np.bincount(run, words.bits[single] != _DIGIT)[run] >= FEWEST_LETTERS
    first = words.first[single]
    begins[first[long & goes_on]] = False
    return np.asarray(first[long & ~goes_on])


_LETTERS_OF_ARABIZI: Final = np.array([ord(digit) for digit in "235679"], dtype=np.uint32)


def _join_marked(codes: Codes, kinds: Kinds, begins: Flags, words: _Places) -> None:
    """Join two parts of a word around one mark or emoji, where the whole is listed or nobody knows either part."""
    first, last = words.first, words.last
    is_arabic = words.bits == _ARABIC
    is_letters = is_arabic | (words.bits & (_ARABIC | _LATIN) == _LATIN)
    point = is_letters[:-1] & (first[1:] == last[:-1] + 1) & (kinds[last[:-1]] == chars.POINT)
    mark = (kinds[first[1:-1]] == chars.MARK) & (first[1:-1] == last[:-2]) & (first[2:] == last[1:-1])
    points, marks = point.nonzero()[0], (mark & is_letters[:-2]).nonzero()[0]
    if not len(points) and not len(marks):
        return
    left, right = np.concatenate((points, marks)), np.concatenate((points + 1, marks + 2))
    fits = is_letters[right] & (is_arabic[left] == is_arabic[right]) & begins[first[left]] & begins[first[right]]
    whole_length = last[left] - first[left] + last[right] - first[right]
    fits &= (whole_length >= FEWEST_LETTERS) & (whole_length <= _LONGEST)
    left, right = left[fits], right[fits]
    if not len(left):
        return
    begin, sizes, behind, more = first[left], last[left] - first[left], first[right], last[right] - first[right]
    running = RunningKeys(codes)
    whole = joined(running.of(begin, sizes), running.of(behind, more), sizes)
    nobody_knows = ~np.isfinite(lexicon.costs(running, begin, sizes)) & ~np.isfinite(
        lexicon.costs(running, behind, more)
    )
    one = (lexicon.ranks(whole) >= 0) | nobody_knows
    begins[behind[one]] = False
    marks = last[left[one]]
    begins[marks] = False
    kinds[marks] = chars.POINT


_LONGEST: Final = 40  # letters; what is longer is no word


def _cut_repeats(characters: _Characters, begins: Flags) -> Integers:
    """No character more than twice in a row, digits aside; gives the second of each two that were more."""
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


@dataclass(frozen=True, slots=True)
class NormalText:
    """A text beside its normalized form.

    `text` is the words joined by single spaces; `starts[i]` and `ends[i]` give the half-open range of `original`
    that character `i` of `text` came from. Both are monotone; a separating space covers what lay between two words.
    """

    original: str = field(repr=False)
    text: str = field(repr=False)
    starts: tuple[int, ...] = field(repr=False)
    ends: tuple[int, ...] = field(repr=False)


def normalize(text: str) -> NormalText:
    """Fold a text and keep the way back to the original.

    Takes any `str`, lone surrogates included; the work grows linearly with its length. Normalizing a normalized text
    changes nothing.

    >>> normal = normalize("أرسل المـال")
    >>> normal.text, normal.original[normal.starts[5] : normal.ends[-1]]
    ('ارسل المال', 'المـال')
    """
    words = read_words([text])
    codes, places = _spaced(words)
    starts, ends = words.code_starts[places], words.code_ends[places]
    spaces = (codes == ord(chars.SEPARATOR)).nonzero()[0]
    starts[spaces], ends[spaces] = (
        np.minimum(ends[spaces - 1], starts[spaces + 1]),
        np.maximum(ends[spaces - 1], starts[spaces + 1]),
    )
    return NormalText(text, decoded(codes), tuple(starts.tolist()), tuple(ends.tolist()))


def normalized(texts: Sequence[str]) -> list[str]:
    """The `text` of `normalize` for many texts at once.

    >>> normalized(["صــورك  عنــدي!!!", "", "أرسل"])
    ['صورك عندي ! !', '', 'ارسل']
    """
    words = read_words(texts)
    text = decoded(_spaced(words)[0])
    sizes = np.bincount(words.texts, words.lengths + 1, minlength=words.count).astype(np.int64)
    ends = np.cumsum(sizes)
    return [text[end - size : end - 1] if size else "" for end, size in zip(ends.tolist(), sizes.tolist(), strict=True)]


def _spaced(words: Words) -> tuple[Codes, Integers]:
    """The characters of all words with a space behind each but the last, and the place in `words.codes` of each."""
    places = ranges(words.begins, words.lengths + 1)[:-1]
    spaces = (np.cumsum(words.lengths + 1) - 1)[:-1]
    places = np.minimum(places, len(words.codes) - 1)
    codes = words.codes[places]
    codes[spaces] = ord(chars.SEPARATOR)
    return codes, places
