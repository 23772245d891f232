"""From raw texts to folded words that know where they stand: many texts at once, each by itself.

All texts of a call are one array of characters. Each character is folded by the tables of `chars`; words begin and end
where the kinds of characters change; `disguises` undoes what writers do to dodge filters, and `mending` what takes the
lexicon to see. Nothing is remembered from one call to the next.

>>> normalized(["صــورك  عنــدي!!!", "ف.ض.ي.ح.ة"])
['صورك عندي ! !', 'فضيحه']
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from sextortion_detect.text import chars
from sextortion_detect.text.arrays import FIRST, NONE, Codes, Flags, Integers, Kinds, ranges
from sextortion_detect.text.disguises import cut_repeats, join_apart
from sextortion_detect.text.mending import mend
from sextortion_detect.text.placeholders import ADDRESS, NUMBER, SIGNS_OF_ADDRESSES, SIGNS_OF_NUMBERS
from sextortion_detect.text.spans import PLACEHOLDERS, Characters, Words, decoded


def read_words(texts: Sequence[str], *, with_placeholders: bool = False, mended: bool = True) -> Words:
    """The folded words of texts, lone surrogates and all else allowed; the work grows linearly with their length.

    `with_placeholders` puts one word in place of each link, sum and the like (see `placeholders`). With `mended` false
    words stand as they are typed: nothing is joined or mended, which is how the lexicon is counted.

    >>> words = read_words(["5,000 دولار", "صورك"])
    >>> words.strings(), words.texts.tolist(), words.starts.tolist(), words.ends.tolist()
    (['5000', 'دولار', 'صورك'], [0, 0, 1], [0, 6, 0], [5, 11, 4])
    >>> read_words(["صورك معي", "", "حول"]).by_text()
    [['صورك', 'معي'], [], ['حول']]
    """
    raw = np.frombuffer("\n".join([*texts, ""]).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    sizes = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
    text_ends = (sizes + 1).cumsum() - 1  # where each text has a line break behind it
    common = np.minimum(raw, chars.TABLE_SIZE - 1)
    codes, kinds, several = _folded(raw, common)
    if mended:
        _drop_breaks(raw, kinds, text_ends)
    if with_placeholders:
        _put_placeholders(raw, common, codes, kinds, text_ends)
    characters = _settled(raw, codes, kinds, several)
    kinds = characters.kinds  # the last character is a line break
    begins = _BREAKS.take(np.concatenate((kinds[-1:], kinds[:-1])) * chars.KINDS + kinds)  # whether a word begins there
    lost = join_apart(characters, begins, text_ends) if mended else NONE
    kept = (kinds >= chars.MARK).nonzero()[0]
    characters, begins = characters.at(kept), begins[kept]
    stays, stretched = cut_repeats(characters, begins, kept) if mended else (slice(None), NONE)
    characters, begins, kept = characters.at(stays), begins[stays], kept[stays]
    codes, kinds, starts, ends = characters
    first = begins.nonzero()[0]
    lengths = np.concatenate((first[1:], [len(codes)])) - first
    scripts = _SCRIPTS[kinds]
    of_words = np.bitwise_or.reduceat(scripts, first) if len(first) else scripts
    of_text = text_ends.searchsorted(starts[first])
    words = Words(codes, starts, ends, first, lengths, of_text, of_words, text_ends - sizes)
    if not mended or not len(first):
        return words
    dotless = text_ends.searchsorted(_DOTLESS[common].nonzero()[0])
    return mend(words, scripts, dotless, kept.searchsorted(stretched), kept.searchsorted(lost))


_DOTLESS: Final = chars.marked(chars.DOTLESS)
_SCRIPTS: Final = np.where(chars.BITS == chars.PASSES, chars.IS_ARABIC, chars.BITS)
_SCRIPTS[chars.PLACEHOLDER] = chars.IS_PLACEHOLDER


_BREAKS: Final[Flags] = np.zeros((chars.KINDS, chars.KINDS), dtype=np.bool_)
"""Whether a word begins with a character of the second kind behind one of the first."""

_BREAKS[: chars.ARABIC, chars.MARK :] = True
_BREAKS[:, chars.MARK : chars.ARABIC] = True
_BREAKS[chars.ARABIC, chars.DIGIT] = True  # in Latin letters, digits are letters of arabizi
_BREAKS[chars.DIGIT, chars.ARABIC] = True


# Characters


def _folded(raw: Codes, common: Codes) -> tuple[Codes, Kinds, dict[int, list[chars.Fold]]]:
    """What each character becomes and of which kind that is; and what those become that become several."""
    codes, kinds = chars.FOLDED_CODES[common], chars.FOLDED_KINDS[common]
    several: dict[int, list[chars.Fold]] = {}
    if kinds.max(initial=0) >= chars.SEVERAL:
        rare = (kinds >= chars.SEVERAL).nonzero()[0]
        found, of_kind = np.unique(raw[rare], return_inverse=True)
        folds = [chars.fold_with_kind(chr(code)) for code in found.tolist()]
        codes[rare] = np.array([fold.code for fold in folds], dtype=np.uint32)[of_kind]
        kinds[rare] = np.array([fold.kind for fold in folds], dtype=np.uint8)[of_kind]
        several = {fold.code: [*map(chars.fold_with_kind, fold.several)] for fold in folds}
    return codes, kinds, several


def _drop_breaks(raw: Codes, kinds: Kinds, text_ends: Integers) -> None:
    """A space between two tatweels, by which a word is cut in two, is dropped like them."""
    tatweels = (raw == ord("\N{ARABIC TATWEEL}")).nonzero()[0]
    spaces = tatweels[:-1][tatweels[1:] - tatweels[:-1] == 2] + 1
    kinds[spaces[kinds[spaces] == chars.SPACE]] = chars.DROPPED
    kinds[text_ends] = chars.SPACE


def _put_placeholders(raw: Codes, common: Codes, codes: Codes, kinds: Kinds, text_ends: Integers) -> None:
    """One character in place of each placeholder, looked for only around the signs that one of them has."""
    of_address = _OF_ADDRESSES[common]
    of_address[1:] |= (raw[1:] == ord(".")) & (_IS_W[common[:-1]] | (kinds[:-1] == chars.DROPPED))
    of_number = _OF_NUMBERS[common]
    if not (of_address.any() or of_number.any()):
        return
    # Arabic letters are looked for as folded ones; a line break in a text parts words, and its end parts texts.
    searched = np.where(kinds == chars.ARABIC, codes, raw)
    searched[(raw == _LINE_BREAK).nonzero()[0]] = ord(chars.SEPARATOR)
    searched[text_ends] = _LINE_BREAK
    stretches = np.concatenate((FIRST, (kinds == chars.SPACE).nonzero()[0]))  # each but the first begins with a space
    for pattern, signs, reach in ((ADDRESS, of_address, 1), (NUMBER, of_number, 2)):
        found = stretches.searchsorted(signs.nonzero()[0], side="right") - 1
        if not len(found):
            continue
        wanted = np.zeros(len(stretches) + 1, dtype=np.bool_)
        wanted[found] = wanted[found + reach - 1] = True  # a number's unit stands behind it
        some = wanted[:-1].nonzero()[0]
        lengths = np.append(stretches, len(raw))[some + 1] - stretches[some]
        places = ranges(stretches[some], lengths)
        letters = searched[places]
        letters[(lengths.cumsum() - lengths)[1:][some[1:] > some[:-1] + 1]] = _LINE_BREAK
        kept = kinds[places] != chars.DROPPED  # what the normalizer drops must not hide a link or a sum
        places = places[kept]
        for match in pattern.finditer(decoded(letters[kept])):
            first, last = places[match.start()], places[match.end() - 1]
            kinds[first : last + 1] = chars.DROPPED
            kinds[first] = chars.PLACEHOLDER
            searched[first] = codes[first] = ord(PLACEHOLDERS[f"<{match.lastgroup}>"])


_LINE_BREAK: Final = ord("\n")
_IS_W: Final = chars.marked("wW")
_OF_ADDRESSES: Final = chars.marked(SIGNS_OF_ADDRESSES)
_OF_NUMBERS: Final = (chars.FOLDED_KINDS == chars.DIGIT) | chars.marked(SIGNS_OF_NUMBERS)


def _settled(raw: Codes, codes: Codes, kinds: Kinds, several: dict[int, list[chars.Fold]]) -> Characters:
    """Without what is dropped, and with the characters that some become; what is dropped ends the one before it."""
    starts = (kinds != chars.DROPPED).nonzero()[0]
    ends = np.concatenate((starts[1:], [len(raw)]))[: len(starts)]
    characters = Characters(codes[starts], kinds[starts], starts, ends)
    if several:
        is_several = characters.kinds == chars.SEVERAL
        parts = [several[code] for code in characters.codes[is_several].tolist()]
        counts = np.ones(len(starts), dtype=np.int64)
        counts[is_several] = list(map(len, parts))
        characters = characters.at(np.arange(len(starts)).repeat(counts))
        inside = characters.kinds == chars.SEVERAL
        characters.codes[inside] = [fold.code for some in parts for fold in some]
        characters.kinds[inside] = [fold.kind for some in parts for fold in some]
    kinds = characters.kinds
    marks = (kinds >= chars.NUMBER_MARK).nonzero()[0]
    if not len(marks):
        return characters
    # 5,000 is one number, 3'ali one word; the last character is a line break, so each has one behind it.
    before, behind, apostrophe = kinds[marks - 1], kinds[marks + 1], kinds[marks] == chars.APOSTROPHE
    fewest = np.where(apostrophe, chars.LATIN, chars.DIGIT)
    inside_word = (np.minimum(before, behind) >= fewest) & (np.maximum(before, behind) <= chars.DIGIT)
    kinds[marks] = chars.POINT
    return characters.at(np.delete(np.arange(len(kinds)), marks[inside_word]))


def normalized(texts: Sequence[str]) -> list[str]:
    """The folded words of each text, joined by single spaces; normalizing a normalized text changes nothing.

    >>> normalized(["صــورك  عنــدي!!!", "", "أرسل المـال"])
    ['صورك عندي ! !', '', 'ارسل المال']
    """
    return [" ".join(words) for words in read_words(texts).by_text()]
