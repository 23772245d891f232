"""Words that were written apart, joined: by marks, by spaces between letters or in the middle, by a lone "and"."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache, partial
from string import ascii_lowercase
from typing import Final

from sextortion_detect.text import chars
from sextortion_detect.text.lexicon import ARTICLES, cost, is_known, is_listed, is_settled, is_settled_whole
from sextortion_detect.text.repair import part, replaced
from sextortion_detect.text.tokens import (
    REPEATS_KEPT,
    Spelled,
    Token,
    cut_repeats,
    is_one_script,
    is_word,
    merge,
)

FEWEST_LETTERS: Final = 3
"""Single letters that make a word; two in a row are ordinary (an initial, a lone conjunction)."""


def join_broken(words: Sequence[Spelled]) -> Iterator[Spelled]:
    """A word broken by marks or emoji, made whole where the whole is listed, or is known and not all of its parts are.

    So are parts of which nobody knows any, or of which the unknown one is very short: few dialect words are all listed.
    """
    place = 0
    while place < len(words):
        if not is_word(words[place][0]):
            yield words[place]
            place += 1
            continue
        for after in range(min(len(words), place + _MOST_PARTS), place + 1, -1):
            if is_word(words[after - 1][0]) and _is_one_word([text for text, _, _ in words[place:after]]):
                parts = [word for word in words[place:after] if is_word(word[0])]
                yield cut_repeats(
                    [letter for text, _, _ in parts for letter in text],
                    [start for _, starts, _ in parts for start in starts],
                    [end for _, _, ends in parts for end in ends],
                )
                place = after
                break
        else:
            yield words[place]
            place += 1


def _is_one_word(texts: Sequence[str]) -> bool:
    """Whether words and the marks between them are one word; numbers break only words that are known."""
    parts = [text for text in texts if is_word(text)]
    whole = "".join(parts)
    if not FEWEST_LETTERS <= len(whole) <= _LONGEST or not is_one_script(*parts):
        return False
    if is_listed(whole):
        return True
    known = [is_known(text) for text in parts]
    if all(known):
        return False
    if is_settled(whole) or (whole.isascii() and not any(known)):
        return True
    if any(map(str.isdigit, texts)) or not (whole.isalpha() and _IN_LATIN.isdisjoint(whole)):
        return False
    return not any(known) or any(len(text) <= _SHORT and not it for text, it in zip(parts, known, strict=True))


_LONGEST: Final = 40  # letters; what is longer is no word
_IN_LATIN: Final = frozenset(ascii_lowercase)
_SHORT: Final = 2  # letters: what is no word by itself, and was none before it was cut off
_MOST_PARTS: Final = 9  # words and the marks between them


def is_one_word(first: str, second: str) -> bool:
    """Whether what tatweel and a space part can be one word: letters of one script, or arabizi with its digits."""
    if first.isalpha() and second.isalpha():
        return is_one_script(first, second)
    numbers = {word for word in (first, second) if word.isdigit()}
    return (first + second).isascii() and (first + second).isalnum() and numbers < {*chars.ARABIZI_DIGITS}


def join_parts(tokens: Iterable[Token]) -> list[Token]:
    """Words split in two by a space, made whole."""
    joined: list[Token] = []
    for token in tokens:
        whole = token
        while joined and is_broken(joined[-1].text, whole.text):
            whole = merge([joined.pop(), whole])
        joined.append(whole)
    return joined


def is_broken(first: str, second: str) -> bool:
    """Whether two neighbors are far likelier to be one word: by its rank and theirs, or since one is none alone."""
    short = len(first) + len(second) <= _LONGEST_REMEMBERED
    return _is_broken(first, second) if short else _is_broken.__wrapped__(first, second)


@lru_cache(maxsize=1 << 14)
def _is_broken(first: str, second: str) -> bool:
    kind, following = _kind(first), _kind(second)
    if not (kind and following) or (kind ^ following) & _LATIN or len(first) + len(second) < FEWEST_LETTERS_PARTED:
        return False
    whole = first + second
    if kind & _ARTICLE:
        return is_settled_whole(whole)
    if is_listed(whole):
        return cost(whole) + _MARGIN < cost(first) + cost(second)
    return not kind & following & _KNOWN and is_settled_whole(whole)


def _kind(word: str) -> int:
    return _remembered_kind(word) if len(word) <= _LONGEST_REMEMBERED else _remembered_kind.__wrapped__(word)


@lru_cache(maxsize=1 << 15)
def _remembered_kind(word: str) -> int:
    """How a word bears on its neighbors, in bits; 0 for marks and numbers."""
    if not is_word(word):
        return 0
    return _WORD | _LATIN * word.isascii() | _KNOWN * is_known(word) | _ARTICLE * (word in ARTICLES)


_WORD, _LATIN, _KNOWN, _ARTICLE = 1, 2, 4, 8
_LONGEST_REMEMBERED: Final = 40  # characters; longer words are floods


FEWEST_LETTERS_PARTED: Final = 4
_MARGIN: Final = 5.0  # nats; two words often said together reach half of it


def join_single_letters(tokens: Iterable[Token]) -> Iterator[Token]:
    """Letters of one script that were written apart, as the words that they make up."""
    run: list[Token] = []
    for token in tokens:
        is_letter = len(token.text) == 1 and (token.text.isalpha() or token.text in chars.ARABIZI_DIGITS)
        if run and not (is_letter and is_one_script(run[-1].text, token.text)):
            yield from _joined(run)
            run = []
        if is_letter:
            run.append(token)
        else:
            yield token
    yield from _joined(run)


def _joined(run: list[Token]) -> list[Token]:
    """Three single letters or more as the words that they make up: the borders of words were lost."""
    if sum(token.text.isalpha() for token in run) < FEWEST_LETTERS:
        return run
    whole = merge(run)
    return replaced(whole, partial(part, with_unknown=True)) or [whole]


def join_conjunctions(tokens: list[Token]) -> Iterator[Token]:
    """Arabic writes "and" as part of the next word; chat often leaves a space between."""
    waiting: list[Token] = []
    for token in tokens:
        if token.text == chars.WAW:
            waiting.append(token)
        elif waiting and len(token.text) > 1 and token.text.isalpha() and not token.text.isascii():
            yield merge([*waiting, token])
            waiting = []
        else:
            yield from waiting
            waiting = []
            yield token
    yield from waiting


def drop_repeated_marks(tokens: Iterable[Token]) -> Iterator[Token]:
    """No mark more than twice in a row, also where it was written apart."""
    before: list[str] = []
    for token in tokens:
        if not token.text.isalnum() and before == [token.text] * REPEATS_KEPT:
            continue
        before = [*before[-1:], token.text]
        yield token
