"""Dots given back to words of texts that were written without them, the commonest listed word that they may be.

Which letter a dotless one stands for is told by its form in part: noon, yeh, feh and qaf have forms of their own.

>>> from sextortion_detect.text.words import normalized
>>> normalized(["معى صورك ٯٮل"])
['معي صورك قبل']
"""

from functools import cache
from typing import Final

import numpy as np

from sextortion_detect.text import chars, lexicon
from sextortion_detect.text.arrays import Codes, Integers, begins_run, ranges
from sextortion_detect.text.keys import KeyTable, RunningKeys, codes_of

_MERGED: Final = chars.translation(dict(zip("تثخجذزشضظغ", "ببححدرسصطع", strict=True)))


def dotted(codes: Codes, begins: Integers, lengths: Integers) -> tuple[Integers, Codes]:
    """Which of the words at these ranges are others once they have their dots, and the letters of these in order.

    None of them changes its length; words with dots are left.
    """
    merged = chars.translated(codes, _MERGED)
    has_dots = np.concatenate(([0], (merged != codes).cumsum()))
    words = (has_dots[begins + lengths] == has_dots[begins]).nonzero()[0]
    begins, lengths = begins[words], lengths[words]
    forms, ranks, listed, listed_begins = _by_form()
    rests = lexicon.CLITICS.rests(RunningKeys(merged), begins, lengths, forms.find)
    ranks = ranks[rests.found]
    costs = lexicon.cost_of_rank(ranks) + lexicon.COST_OF_CLITIC * rests.clitics
    in_order = np.lexsort((costs, rests.words))
    cheapest = in_order[begins_run(rests.words[in_order])]
    letters, sizes, some = codes.copy(), rests.lengths[cheapest], rests.words[cheapest]
    letters[ranges(rests.begins[cheapest], sizes)] = listed[ranges(listed_begins[ranks[cheapest]], sizes)]
    return words[some], letters[ranges(begins[some], lengths[some])]


@cache
def _by_form() -> tuple[KeyTable, Integers, Codes, Integers]:
    """Each merged spelling, the rank of its commonest word; the letters of all listed words, and where each begins."""
    codes, lengths = codes_of(lexicon.words())
    begins = np.cumsum(lengths) - lengths
    keys, first = np.unique(RunningKeys(chars.translated(codes, _MERGED)).of(begins, lengths), return_index=True)
    return KeyTable(keys), first, codes, begins
