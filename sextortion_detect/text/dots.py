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
from sextortion_detect.text.keys import Codes, Integers, KeyTable, RunningKeys, codes_of

_BY_FORM: Final = {
    "ت": "ب", "ث": "ب", "خ": "ح", "ج": "ح", "ذ": "د", "ز": "ر", "ش": "س", "ض": "ص", "ظ": "ط", "غ": "ع",
}  # fmt: skip
_BY_OUTLINE: Final = _BY_FORM | {"ن": "ب", "ي": "ب", "ق": "ف"}
_DOTTED: Final = np.array([ord(letter) for letter in _BY_FORM], dtype=np.uint32)
_COST_OF_OUTLINE: Final = 5.0  # nats: of a word that is found by its outline only


def dotted(codes: Codes, begins: Integers, lengths: Integers, words: Integers) -> tuple[Integers, Codes]:
    """Which of some words are others once they have their dots, and the letters of these, one word behind the other.

    None of them changes its length; words with dots are left.
    """
    found: list[int] = []
    spellings: list[Codes] = []
    for word in words.tolist():
        letters = codes[begins[word] : begins[word] + lengths[word]]
        if np.isin(letters, _DOTTED).any():
            continue
        spelling = min((_likeliest(letters, by) for by in range(len(_MERGED))), key=lambda way: way[0])[1]
        if spelling is not None:
            found.append(word)
            spellings.append(spelling)
    return np.array(found, dtype=np.int64), np.concatenate((codes[:0], *spellings))


def _likeliest(letters: Codes, by: int) -> tuple[float, Codes | None]:
    """What the cheapest listed word of the same forms or outline costs, with its clitics, and its letters."""
    merged = _merged(letters, by)
    table, listed, begins = _words_by(by)
    stems = lexicon.CLITICS.stems(RunningKeys(merged), np.zeros(1, np.int64), np.array([len(letters)]), 2)
    whole = stems.lengths == len(letters)
    stems = lexicon.Stems(*(array[whole | (stems.lengths >= lexicon.FEWEST_LETTERS)] for array in stems))
    ranks = table.find(RunningKeys(merged).of(stems.begins, stems.lengths))
    clitics = (stems.begins > 0).astype(float) + (stems.begins + stems.lengths < len(letters))
    costs = lexicon.cost_of_rank(ranks) + lexicon.COST_OF_CLITIC * clitics + by * _COST_OF_OUTLINE
    if not np.isfinite(costs).any():
        return np.inf, None
    best = int(costs.argmin())
    spelling = letters.copy()
    begin, word = int(stems.begins[best]), int(ranks[best])
    spelling[begin : begin + stems.lengths[best]] = listed[begins[word] : begins[word] + stems.lengths[best]]
    return float(costs[best]), spelling


def _table(letters: dict[str, str]) -> Codes:
    table = np.arange(max(map(ord, letters)) + 1, dtype=np.uint32)
    table[[ord(letter) for letter in letters]] = [ord(letter) for letter in letters.values()]
    return table


_MERGED: Final = (_table(_BY_FORM), _table(_BY_OUTLINE))


def _merged(codes: Codes, by: int) -> Codes:
    table = _MERGED[by]
    return np.where(codes < len(table), table[np.minimum(codes, len(table) - 1)], codes)


@cache
def _words_by(by: int) -> tuple[KeyTable, Codes, Integers]:
    """The rank of the commonest listed word of each merged spelling; the letters of all, and where each begins."""
    codes, lengths = codes_of(lexicon.words())
    begins = np.cumsum(lengths) - lengths
    keys, first = np.unique(RunningKeys(_merged(codes, by)).of(begins, lengths), return_index=True)
    return KeyTable(keys, first), codes, begins
