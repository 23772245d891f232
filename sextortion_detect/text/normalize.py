"""From raw text to folded words that remember where they came from.

The steps: characters are folded by the table in `chars`; punctuation parts words; look-alikes from other alphabets are
unmasked; letters repeated three times or more are cut to two; single letters written apart (to dodge filters) are
joined again, and so are words broken with tatweel and an "and" that stands alone. Words that the lexicon does not know
are then joined, parted or mended where known ones come out (see `repair`). The work is done a raw word at a time and
remembered, since words repeat.

>>> normalize("صــورك  عنــدي!!!").text
'صورك عندي ! !'
>>> normalize("ف.ض.ي.ح.ة").text
'فضيحه'
"""

import re
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from string import ascii_lowercase, ascii_uppercase
from typing import Final

from sextortion_detect.text import chars
from sextortion_detect.text.dots import keeps_forms
from sextortion_detect.text.fold import fold_chunk
from sextortion_detect.text.join import (
    FEWEST_LETTERS,
    drop_repeated_marks,
    is_broken,
    is_one_word,
    join_conjunctions,
    join_parts,
    join_single_letters,
)
from sextortion_detect.text.lexicon import is_listed, is_settled
from sextortion_detect.text.repair import dot, is_whole, repair, replaced
from sextortion_detect.text.tokens import Token, is_word, merge

_CHUNK: Final = re.compile(r"\S+")
_DOTLESS: Final = frozenset(chars.DOTLESS)
_LONGEST_REMEMBERED: Final = 64  # characters; longer chunks are links or floods and seldom come twice


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
    """Fold a text and keep the way back to the original, in one pass.

    Takes any `str`, lone surrogates included; the work grows linearly with its length. Normalizing a normalized text
    changes nothing.

    >>> normal = normalize("أرسل المـال")
    >>> normal.text, normal.original[normal.starts[5] : normal.ends[-1]]
    ('ارسل المال', 'المـال')
    """
    parts: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for token in tokenize(text):
        if parts:
            parts.append(chars.SEPARATOR)
            starts.append(min(ends[-1], token.start))  # two words of one ligature have the same place
            ends.append(max(ends[-1], token.start))
        parts.append(token.text)
        starts.extend(token.base + start for start in token.starts)
        ends.extend(token.base + end for end in token.ends)
    return NormalText(text, "".join(parts), tuple(starts), tuple(ends))


def tokenize(text: str) -> list[Token]:
    """The folded words of a text, in order, each with its place in the original.

    >>> [(token.text, token.start, token.end) for token in tokenize("5,000 دولار")]
    [('5000', 0, 5), ('دولار', 6, 11)]
    """
    tokens = join_parts(fold_tokens(text))
    dotless = not _DOTLESS.isdisjoint(text)
    if dotless:
        with_dots = partial(dot, keeps_forms=keeps_forms(text))
        tokens = join_parts(part for token in tokens for part in replaced(token, with_dots))
    unsettled = [token.text for token in tokens if not is_settled(token.text) and is_word(token.text)]
    if not unsettled or (not dotless and all(map(is_whole, unsettled))):
        return tokens
    return join_parts(
        part
        for token in tokens
        for part in ((token,) if is_settled(token.text) else replaced(token, repair))  # a settled word is whole
    )


def plain_words(text: str) -> tuple[str, ...] | None:
    """What `tokenize` makes of a text of listed words that no step would touch; None where one might.

    Faster by far: for tables of words.

    >>> plain_words("صورة خاصة"), plain_words("ص ورة")
    (('صوره', 'خاصه'), None)
    """
    words = tuple(text.translate(_LETTERS).split())
    if not all(len(word) > 1 and is_listed(word) and is_word(word) and _is_plain(word) for word in words):
        return None
    return None if any(is_broken(word, following) for word, following in pairwise(words)) else words


def _is_plain(word: str) -> bool:
    return word.isascii() or _PLAIN.issuperset(word)


_PLAIN: Final = frozenset("ابتثجحخدذرزسشصضطظعغفقكلمنهويء")
_LETTERS: Final = str.maketrans(
    {letter: fold for letter, fold in chars.LETTER_FOLDS.items() if fold in _PLAIN}
    | dict(zip(ascii_uppercase, ascii_lowercase, strict=True))
)


def fold_tokens(text: str) -> list[Token]:
    """The folded words of a text, before those that the lexicon does not know are looked at."""
    tokens: list[Token] = []
    after_tatweel = False
    singles = 0
    for match in _CHUNK.finditer(text):
        chunk = match.group()
        folded = fold_chunk(chunk) if len(chunk) <= _LONGEST_REMEMBERED else fold_chunk.__wrapped__(chunk)
        if not folded.words:
            continue
        base = match.start()
        first = len(tokens)
        tokens.extend([Token(word, base, starts, ends) for word, starts, ends in folded.words])
        if (
            after_tatweel
            and chunk[0] == _TATWEEL
            and len(tokens[first - 1].text) <= _LONGEST_REMEMBERED  # no word is longer, and each join copies it
            and is_one_word(tokens[first - 1].text, tokens[first].text)
        ):
            tokens[first - 1 : first + 1] = [merge(tokens[first - 1 : first + 1])]
        after_tatweel = chunk[-1] == _TATWEEL
        singles += folded.singles
    if singles >= FEWEST_LETTERS:
        tokens = list(drop_repeated_marks(join_single_letters(tokens)))
    if singles:
        tokens = list(join_conjunctions(tokens))
    return tokens


_TATWEEL: Final = "\N{ARABIC TATWEEL}"
