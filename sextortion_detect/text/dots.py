"""Dots given back to words of texts that were written without them, the commonest listed word that they may be.

Which letter a dotless one stands for is told by its form in part: noon, yeh, feh and qaf have forms of their own. So a
word is first looked for among those whose letters have the same forms, then, since many writers use the form of beh
for noon and yeh inside words, among those that are the same but for all dots.

>>> from sextortion_detect.text.words import normalize
>>> normalize("معى صورك ٯٮل").text
'معي صورك قبل'
"""

from functools import cache
from typing import Final

import numpy as np

from sextortion_detect.text import lexicon
from sextortion_detect.text.keys import Codes, Integers, KeyTable, RunningKeys, codes_of, ranges

_BY_FORM: Final = {
    "ت": "ب", "ث": "ب", "خ": "ح", "ج": "ح", "ذ": "د", "ز": "ر", "ش": "س", "ض": "ص", "ظ": "ط", "غ": "ع",
}  # fmt: skip
_BY_OUTLINE: Final = _BY_FORM | {"ن": "ب", "ي": "ب", "ق": "ف"}
_COST_OF_OUTLINE: Final = 5.0  # nats: of a word that is found by its outline only


def dotted(codes: Codes, begins: Integers, lengths: Integers) -> tuple[Integers, Codes]:
    """Which of the words at these ranges are others once they have their dots, and the letters of these in order.

    None of them changes its length; words with dots are left.
    """
    has_dots = np.zeros(len(codes) + 1, dtype=np.int64)
    np.isin(codes, _DOTTED).cumsum(out=has_dots[1:])
    words = (has_dots[begins + lengths] == has_dots[begins]).nonzero()[0]
    begins, lengths = begins[words], lengths[words]
    best = np.full(len(words), np.inf)
    letters = codes.copy()
    for by, cost in enumerate((0.0, _COST_OF_OUTLINE)):
        running = RunningKeys(_of_table(_MERGED[by], codes))
        table, listed, listed_begins = _words_by(by)
        stems = lexicon.CLITICS.stems(running, begins, lengths, 1)
        ranks = table.find(running.of(stems.begins, stems.lengths))
        costs = cost + lexicon.costs_of_stems(stems, ranks, begins, lengths)
        in_order = np.lexsort((costs, stems.words))
        cheapest = in_order[np.searchsorted(stems.words[in_order], np.arange(len(words)))]
        better = (costs[cheapest] < best).nonzero()[0]
        best[better], chosen = costs[cheapest][better], cheapest[better]
        letters[ranges(begins[better], lengths[better])] = codes[ranges(begins[better], lengths[better])]
        found = ranges(listed_begins[ranks[chosen]], stems.lengths[chosen])
        letters[ranges(stems.begins[chosen], stems.lengths[chosen])] = listed[found]
    some = np.isfinite(best).nonzero()[0]
    return words[some], letters[ranges(begins[some], lengths[some])]


def _table(letters: dict[str, str]) -> Codes:
    table = np.arange(max(map(ord, letters)) + 1, dtype=np.uint32)
    table[[ord(letter) for letter in letters]] = [ord(letter) for letter in letters.values()]
    return table


def _of_table(table: Codes, codes: Codes) -> Codes:
    return np.where(codes < len(table), table[np.minimum(codes, len(table) - 1)], codes)


_MERGED: Final = (_table(_BY_FORM), _table(_BY_OUTLINE))
_DOTTED: Final = np.array([ord(letter) for letter in _BY_FORM], dtype=np.uint32)


@cache
def _words_by(by: int) -> tuple[KeyTable, Codes, Integers]:
    """The rank of the commonest listed word of each merged spelling; the letters of all, and where each begins."""
    codes, lengths = codes_of(lexicon.words())
    begins = np.cumsum(lengths) - lengths
    keys, first = np.unique(RunningKeys(_of_table(_MERGED[by], codes)).of(begins, lengths), return_index=True)
    return KeyTable(keys, first), codes, begins
