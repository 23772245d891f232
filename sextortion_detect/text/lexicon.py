"""The words that people write, by how common they are: what tells a disguised word from a plain one.

`lexicon.txt` holds folded words, one a line, commonest first; `sextortion_detect.training.vocabulary` makes it from
word counts of the train rows and of ordinary traffic, and from the words of `concepts.tsv`.

>>> known("صورتك", "وبصورتك", "صوورتتك").tolist()
[True, True, False]
"""

from collections.abc import Callable, Sequence
from functools import cache
from itertools import product
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from sextortion_detect.text.arrays import Flags, Floats, Integers, Keys
from sextortion_detect.text.keys import KeyTable, RunningKeys, codes_of, keys_of

FEWEST_LETTERS: Final = 3
"""Of a listed word that may stand without what Arabic writes as part of it."""

_BEHIND: Final = keys_of(["behind a word"])[0]

COST_OF_CLITIC: Final = 3.0
"""Nats that a word costs more with what Arabic writes before it, and once more with what it writes behind it."""


class Rests(NamedTuple):
    """What remains of words without some clitics, where that is listed: the longest rest of each word first.

    The place of each word and that of what is listed, the range that remains, and whether letters before it and behind
    it were left out, as 0 to 2.
    """

    words: Integers
    found: Integers
    begins: Integers
    lengths: Integers
    clitics: Integers


class Clitics:
    """What Arabic writes as part of a word, before it and behind it."""

    def __init__(self, before: Sequence[str], behind: Sequence[str]) -> None:
        self._find = KeyTable(np.concatenate((keys_of(before), keys_of(behind) ^ _BEHIND))).find
        cuts = sorted(product({*map(len, before)}, {*map(len, behind)}), key=lambda cut: (sum(cut), cut))
        self._before, self._behind = np.array(cuts).T
        self._cut = self._before + self._behind
        self._clitics = (self._before > 0) + (self._behind > 0).astype(np.int64)

    def rests(
        self, running: RunningKeys, begins: Integers, lengths: Integers, find: Callable[[Keys], Integers]
    ) -> Rests:
        """The words at these ranges, and their rests of `FEWEST_LETTERS` or more, that `find` knows; by words."""
        fits = self._cut <= (lengths - FEWEST_LETTERS)[:, None]
        fits[:, 0] = True
        words, cuts = fits.nonzero()
        starts, sizes = begins[words] + self._before[cuts], lengths[words] - self._cut[cuts]
        found = find(running.of(starts, sizes))
        listed = (found >= 0).nonzero()[0]
        words, cuts, found, starts, sizes = (some[listed] for some in (words, cuts, found, starts, sizes))
        before, behind = self._before[cuts], self._behind[cuts]
        clitics = running.of(np.concatenate((starts - before, starts + sizes)), np.concatenate((before, behind)))
        clitics[len(listed) :] ^= _BEHIND
        real = (self._find(clitics) >= 0).reshape(2, -1).all(axis=0)
        return Rests(words[real], found[real], starts[real], sizes[real], self._clitics[cuts[real]])


CLITICS: Final = Clitics(
    ("", "و", "ف", "ب", "ل", "ك", "ال", "وال", "بال", "فال", "لل", "ولل", "وب", "ول", "ه", "هال", "عال", "ع"),
    ("", "ك", "ه", "ها", "هم", "كم", "نا", "ني", "ي", "ش"),
)


def words() -> list[str]:
    """All listed words, the commonest first."""
    return Path(__file__).with_name("lexicon.txt").read_text(encoding="utf-8").split()


@cache
def _ranks() -> KeyTable:
    return KeyTable(keys_of(words()))


def ranks(keys: Keys) -> Integers:
    """The place of each folded word among the listed ones, 0 the commonest; -1 where it is not listed."""
    return _ranks().find(keys)


def cost_of_rank(ranks: Integers) -> Floats:
    """The nats that listed words cost, by the logarithm of their rank; infinite for rank -1."""
    return np.where(ranks < 0, np.inf, np.log(np.maximum(ranks, 0) + 2.0))


def costs(running: RunningKeys, begins: Integers, lengths: Integers) -> Floats:
    """The nats that words cost, more where they are listed only without a clitic; infinite for unknown ones."""
    rests = CLITICS.rests(running, begins, lengths, ranks)
    costs = np.full(len(lengths), np.inf)
    np.minimum.at(costs, rests.words, cost_of_rank(rests.found) + COST_OF_CLITIC * rests.clitics)
    return costs


def known(*some: str) -> Flags:
    """Whether folded words are listed, as they stand or without what Arabic writes as part of them; none is empty."""
    codes, lengths = codes_of(some)
    return np.isfinite(costs(RunningKeys(codes), np.cumsum(lengths) - lengths, lengths))
