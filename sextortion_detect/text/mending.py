"""Words that the lexicon does not know, made whole again where a listed word comes out.

Letters without dots get theirs back (`dots`); doubled letters are written once; letters that run over several words
are parted. What stays unknown stays as it is. A word costs its logarithmic rank, an unknown one a few nats a letter
(as in a unigram language model), so that rare words are not cut up.
"""

from typing import Final

import numpy as np

from sextortion_detect.text import dots, lexicon
from sextortion_detect.text.arrays import NONE, Flags, Integers, Kinds, begins_run, ranges
from sextortion_detect.text.chars import IN_LETTERS, IS_ARABIC
from sextortion_detect.text.keys import KeyTable, RunningKeys, joined, keys_of
from sextortion_detect.text.spans import Words

_FEWEST_LETTERS: Final = 3  # of a word that is looked at
_FEWEST_PARTED: Final = 5  # letters of a word whose borders were lost
_FEWEST_GLUED: Final = 7  # letters of another word nobody knows; of shorter ones n-grams hear both parts
_LONGEST: Final = 40  # letters; longer words are floods
_LONGEST_PART: Final = 14
_COST_OF_LETTER: Final = 3.0  # nats: an Arabic letter within a word nobody knows
_COST_OF_PART: Final = 2.0
_COST_OF_UNKNOWN: Final = 6.0  # nats more than its letters: of a part that nobody knows
_SHORTEST_UNKNOWN: Final = 4  # letters of such a part
_FEWEST_AROUND: Final = 10  # letters of a word with such a part
_ARTICLES: Final = KeyTable(keys_of(("ال", "وال", "بال", "فال", "عال", "هال")))
_MOST_COST_OF_SHORT: Final = 6.0  # nats: only a common word of two letters may be a part


def mend(words: Words, scripts: Kinds, dotless: Integers, stretched: Integers, lost: Integers) -> Words:
    """The mended words; changes the arrays of `words`.

    `scripts` has the bits of each character, and `dotless` the texts that have letters without dots. `stretched` gives
    the characters that are the second of two that were more, `lost` those that begin words whose letters stood one by
    one.
    """
    is_arabic = (words.scripts & IS_ARABIC) != 0
    if len(dotless):
        chosen = (np.isin(words.texts, dotless) & is_arabic & (words.lengths <= _LONGEST)).nonzero()[0]
        found, codes = dots.dotted(words.codes, words.begins[chosen], words.lengths[chosen])
        words.codes[ranges(words.begins[chosen[found]], words.lengths[chosen[found]])] = codes
    running = RunningKeys(words.codes)
    nobody_lists = lexicon.ranks(running.of(words.begins, words.lengths)) < 0
    nobody_lists &= ((words.scripts & IN_LETTERS) != 0) & (words.lengths >= _FEWEST_LETTERS)
    unknown = (nobody_lists & (words.lengths <= _LONGEST)).nonzero()[0]
    dropped, of = _doubles(words, running, unknown, stretched)
    if len(dropped):
        _drop(words, dropped, of[begins_run(of)])
        unknown = unknown[~np.isin(unknown, of)]
    is_glued = is_arabic[unknown] & (words.lengths[unknown] >= _FEWEST_GLUED)
    if len(lost):
        is_glued |= (words.lengths[unknown] >= _FEWEST_PARTED) & np.isin(words.begins[unknown], lost)
    parted = unknown[is_glued]
    if len(parted):
        parted = parted[np.isinf(lexicon.costs(running, words.begins[parted], words.lengths[parted]))]
    if not len(parted):
        return words
    is_cheaper, back = _cheapest_parts(words, running, parted)
    return _part(words, scripts, parted[is_cheaper], back[is_cheaper])


def _doubles(words: Words, running: RunningKeys, unknown: Integers, stretched: Integers) -> tuple[Integers, Integers]:
    """Letters of unknown words to be dropped because they stand twice, by their places, and the word of each.

    One of a word, where the commonest listed word comes out; else all, where a listed one does; else those that stood
    more than twice.
    """
    lengths = words.lengths[unknown]
    places = ranges(words.begins[unknown], lengths)
    letters = words.codes[places]
    same = ~begins_run(letters)
    same[lengths.cumsum() - lengths] = False  # of two words
    if not same.any():
        return NONE, NONE
    number = np.arange(len(unknown)).repeat(lengths)[same]
    double, of = places[same], unknown[number]
    count = np.bincount(number, minlength=len(unknown))
    sizes = lengths - count
    without_any = RunningKeys(letters[~same]).of(sizes.cumsum() - sizes, sizes)
    before, rest = double - words.begins[of], words.begins[of] + words.lengths[of] - double - 1
    once = lexicon.ranks(joined(running.of(words.begins[of], before), running.of(double + 1, rest), before))
    once = np.where(once < 0, _NOT_LISTED, once)
    once[(once == _NOT_LISTED) & (lexicon.ranks(without_any) >= 0)[number]] -= 1
    if len(stretched):
        once[(once == _NOT_LISTED) & np.isin(double, stretched) & (sizes[number] > 1)] -= 2
    first = (count.cumsum() - count)[count > 0]
    best = np.minimum.reduceat(once, first).repeat(count[count > 0])
    chosen = (once == best) & (best < _NOT_LISTED)
    return double[chosen], of[chosen]


_NOT_LISTED: Final = 1 << 30  # behind every rank


def _drop(words: Words, dropped: Integers, some: Integers) -> None:
    """Drop letters of some words, each of which then stands where the whole word did."""
    begins, lengths = words.begins[some], words.lengths[some]
    ends = words.code_ends[begins + lengths - 1]
    places = ranges(begins, lengths)
    kept = ~np.isin(places, dropped)
    words.lengths[some] = np.add.reduceat(kept, lengths.cumsum() - lengths, dtype=np.int64)
    for array in (words.codes, words.code_starts, words.code_ends):
        array[ranges(begins, words.lengths[some])] = array[places[kept]]
    words.code_ends[begins + words.lengths[some] - 1] = ends


def _part(words: Words, scripts: Kinds, parted: Integers, back: Integers) -> Words:
    """Some words in parts; `back` has by the length of each beginning of each word how long its last part is."""
    cuts = list[int]()
    for word, sizes in zip(parted.tolist(), back.tolist(), strict=True):
        end = int(words.lengths[word])
        while end := end - sizes[end]:
            cuts.append(int(words.begins[word]) + end)
    begins = np.sort(np.concatenate((words.begins, np.array(cuts, dtype=np.int64))))
    of_word = words.begins.searchsorted(begins, side="right") - 1
    ends = (words.begins + words.lengths)[of_word]
    ends[:-1] = np.minimum(ends[:-1], begins[1:])  # a part ends where the next one begins, the last with its word
    of_words = np.bitwise_or.reduceat(scripts, begins)
    return words._replace(begins=begins, lengths=ends - begins, texts=words.texts[of_word], scripts=of_words)


def _cheapest_parts(words: Words, running: RunningKeys, parted: Integers) -> tuple[Flags, Integers]:
    """Which words are cheaper as a row of listed ones than as one that nobody knows; and what `_part` needs of each."""
    begins, lengths = words.begins[parted], words.lengths[parted]
    longest = int(lengths.max())
    counts = _PARTS_UNTIL[lengths]
    part = ranges(np.zeros(len(parted), dtype=np.int64), counts)
    letters = _PART_LENGTHS[part]
    begin = begins.repeat(counts) + _PART_ENDS[part] - letters
    keys = running.of(begin, letters)
    found = lexicon.cost_of_rank(lexicon.ranks(keys)) + _COST_OF_PART
    found[_ARTICLES.find(keys) >= 0] = np.inf  # cutting one off would make any rest cheap
    found[(letters == _FEWEST_OF_PART) & (found > _MOST_COST_OF_SHORT + _COST_OF_PART)] = np.inf
    may_be_unknown = (letters >= _SHORTEST_UNKNOWN) & (lengths.repeat(counts) >= _FEWEST_AROUND)
    found = np.minimum(found, np.where(may_be_unknown, _COST_OF_LETTER * letters + _COST_OF_UNKNOWN, np.inf))
    costs = np.full((int(_PARTS_UNTIL[longest]), len(parted)), np.inf)
    costs[part, np.arange(len(parted)).repeat(counts)] = found
    best = np.full((longest + 1, len(parted)), np.inf)
    best[0] = 0.0
    back = np.zeros((longest + 1, len(parted)), dtype=np.int64)
    for end in range(_FEWEST_OF_PART, longest + 1):
        some = slice(_PARTS_UNTIL[end - 1], _PARTS_UNTIL[end])
        sizes = _PART_LENGTHS[some]
        ways = best[end - sizes] + costs[some]
        back[end] = sizes[ways.argmin(axis=0)]
        best[end] = ways.min(axis=0)
    return best[lengths, np.arange(len(parted))] < _COST_OF_LETTER * lengths, back.T


# All parts of a word, by where they end.
_FEWEST_OF_PART: Final = 2
_PARTS: Final = [
    (end, size) for end in range(_LONGEST + 1) for size in range(_FEWEST_OF_PART, min(end, _LONGEST_PART) + 1)
]
_PART_ENDS, _PART_LENGTHS = np.array(_PARTS).T
_PARTS_UNTIL: Final = np.searchsorted(_PART_ENDS, np.arange(_LONGEST + 1), side="right")
