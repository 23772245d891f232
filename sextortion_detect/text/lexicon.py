"""The words that people write, by how common they are: what tells a disguised word from a plain one.

`lexicon.txt` holds folded words, one a line, commonest first; `sextortion_detect.training.vocabulary` makes it from
word counts of the train rows and of ordinary traffic, and from the words of `concepts.tsv`.

>>> known("صورتك", "وبصورتك", "صوورتتك").tolist()
[True, True, False]
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sextortion_detect.text.keys import Columns, Integers, Keys, KeyTable, RunningKeys, begins_run, codes_of, keys_of

FEWEST_LETTERS: Final = 3
"""Of a listed word that may stand without what Arabic writes as part of it."""

_BEHIND: Final = keys_of(["behind a word"])[0]

COST_OF_CLITIC: Final = 3.0
"""Nats that a word costs more with what Arabic writes before it, and once more with what it writes behind it."""

Costs = NDArray[np.float64]


class Stems(NamedTuple):
    """What remains of words without some clitics: the place of each word, and the range that remains of it."""

    words: Integers
    begins: Integers
    lengths: Integers


class Clitics:
    """What Arabic writes as part of a word, before it and behind it."""

    def __init__(self, before: Sequence[str], behind: Sequence[str]) -> None:
        self._table = KeyTable(np.concatenate((keys_of(before), keys_of(behind) ^ _BEHIND)))
        lengths = [np.array(sorted({len(clitic) for clitic in clitics})) for clitics in (before, behind)]
        self._before_lengths, self._behind_lengths = lengths
        self._lengths = np.concatenate(lengths)
        self._salt = np.repeat(np.array([0, _BEHIND], np.uint64), [*map(len, lengths)])

    def stems(self, running: RunningKeys, begins: Integers, lengths: Integers, fewest: int) -> Stems:
        """Each rest of `fewest` letters or more of the words at these ranges, the whole word first; by words."""
        sizes = lengths[:, None]
        cut = np.minimum(self._lengths, sizes)
        count = len(self._before_lengths)
        begin = begins[:, None] + sizes - cut
        begin[:, :count] = begins[:, None]
        is_clitic = (self._table.find(running.of(begin, cut) ^ self._salt) >= 0) & (cut == self._lengths)
        before, behind = is_clitic[:, :count], is_clitic[:, count:]
        rest = sizes[:, :, None] - cut[:, :count, None] - cut[:, None, count:]
        words, before_place, behind_place = (before[:, :, None] & behind[:, None, :] & (rest >= fewest)).nonzero()
        cut = self._before_lengths[before_place]
        return Stems(words, begins[words] + cut, lengths[words] - cut - self._behind_lengths[behind_place])


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


def ranks(keys: Keys) -> Columns:
    """The place of each folded word among the listed ones, 0 the commonest; -1 where it is not listed."""
    return _ranks().find(keys)


def cost_of_rank(ranks: NDArray[np.integer]) -> Costs:
    """The nats that listed words cost, by the logarithm of their rank; infinite for rank -1."""
    return np.where(ranks < 0, np.inf, np.log(np.maximum(ranks, 0) + 2.0))


def costs(running: RunningKeys, begins: Integers, lengths: Integers) -> Costs:
    """The nats that words cost, more where they are listed only without a clitic; infinite for unknown ones."""
    stems = CLITICS.stems(running, begins, lengths, 1)
    found = costs_of_stems(stems, ranks(running.of(stems.begins, stems.lengths)), begins, lengths)
    first = begins_run(stems.words).nonzero()[0]  # the whole word is one of its own rests
    return np.minimum.reduceat(found, first) if len(found) else found


def costs_of_stems(stems: Stems, ranks: Columns, begins: Integers, lengths: Integers) -> Costs:
    """The nats that words cost by each of their rests, which have these ranks; infinite for one of no rank."""
    begin, ends = begins[stems.words], stems.begins + stems.lengths
    clitics = (stems.begins > begin).astype(float) + (ends < begin + lengths[stems.words])
    costs = cost_of_rank(ranks) + COST_OF_CLITIC * clitics
    costs[(stems.lengths < FEWEST_LETTERS) & (clitics > 0)] = np.inf
    return costs


def known(*some: str) -> NDArray[np.bool_]:
    """Whether folded words are listed, as they stand or without what Arabic writes as part of them; none is empty."""
    codes, lengths = codes_of(some)
    return np.isfinite(costs(RunningKeys(codes), np.cumsum(lengths) - lengths, lengths))
