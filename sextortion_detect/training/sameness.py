"""How alike texts are: shared skeletons, repeated runs of words, near-duplicates, variety of word pairs.

Texts come as their folded words (`words_of`), since folding takes as long as all comparisons.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Final

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import CountVectorizer

from sextortion_detect.text import lexicon
from sextortion_detect.text.keys import RunningKeys, codes_of
from sextortion_detect.text.words import read_words

NEAR_DUPLICATE: Final = 0.7
"""Jaccard similarity over character 5-grams from which two texts count as one (Lee et al. 2022 use 0.8)."""

RUN: Final = 5
"""Words in a row that two writers seldom share by chance."""

_FEWEST_WORDS: Final = 4  # shorter texts share a skeleton by nature
_AT_ONCE: Final = 2_000  # texts compared with all others in one product

Words = Sequence[str]


def words_of(texts: Sequence[str]) -> list[Words]:
    """The folded words of texts; punctuation and emoji make no other message of one."""
    return [[word for word in words if word.isalnum()] for words in read_words(texts).by_text()]


def shared_skeletons(texts: Sequence[Words]) -> int:
    """How many texts have a skeleton that three or more share: names, numbers and inflection masked."""
    skeletons = [_skeleton(words) for words in texts]
    counts = Counter(skeleton for skeleton in skeletons if skeleton)
    return sum(counts[skeleton] > 2 for skeleton in skeletons if skeleton)


def repeated_runs(texts: Sequence[Words]) -> int:
    """How many texts have a run of five words that an earlier text has."""
    seen: set[tuple[str, ...]] = set()
    repeated = 0
    for words in texts:
        runs = {tuple(words[start : start + RUN]) for start in range(len(words) - RUN + 1)}
        repeated += not runs.isdisjoint(seen)
        seen |= runs
    return repeated


def near_duplicates(texts: Sequence[Words]) -> Iterator[tuple[int, int]]:
    """The pairs of texts that are nearly the same: exact Jaccard similarity, not an estimate of it."""
    joined = [" ".join(words) for words in texts]
    if not any(len(text) >= RUN for text in joined):
        return
    counter = CountVectorizer(analyzer="char", ngram_range=(5, 5), binary=True)
    grams = csr_matrix(counter.fit_transform(joined), dtype=np.int32)
    sizes = np.diff(grams.indptr)
    for start in range(0, len(texts), _AT_ONCE):
        shared = (grams[start : start + _AT_ONCE] @ grams.T).tocoo()
        first, second = shared.row + start, shared.col
        union = sizes[first] + sizes[second] - shared.data
        alike = (first < second) & (shared.data >= NEAR_DUPLICATE * union)
        yield from zip(first[alike].tolist(), second[alike].tolist(), strict=True)


def distinct_bigrams(texts: Iterable[Words]) -> float:
    """The share of word pairs that are unlike all others of the same texts, 0 to 1."""
    pairs = [pair for words in texts for pair in pairwise(words)]
    return len(set(pairs)) / max(len(pairs), 1)


def _skeleton(words: Words) -> tuple[str, ...]:
    if len(words) < _FEWEST_WORDS:
        return ()
    return tuple("#" if word.isdigit() else "@" if light_stem(word) in _NAMES else light_stem(word) for word in words)


# Common first names of all varieties, folded: masked, since a name changed makes no other message.
_NAMES: Final = frozenset(
    (  # noqa: SIM905 - a list literal of a hundred names reads worse
        "احمد محمد محمود مصطفي علي حسن حسين عمر خالد سعد سعيد فهد فيصل سلطان عبدالله عبدالرحمن يوسف ابراهيم "
        "اسماعيل طارق كريم هشام ياسر وليد سامي رامي فادي جورج ايلي طوني زياد نبيل جمال كمال حمزه انس بلال "
        "عثمان ادم هاشم جاسم كاظم عباس حيدر كرار مرتضي رشيد سفيان امين ياسين نزار قيس لوي ماجد نايف بندر تركي "
        "مشعل راشد سيف حمد ناصر سالم صالح سارة ساره فاطمه عايشه مريم نور هند ليلي سلمي هبه هدي مني رنا رانيا "
        "دانا ريم لينا لمي جنا ميس رهف شهد غاده امل اسماء ايمان ندي سعاد زينب خديجه امينه نسرين وفاء سهام "
        "بشري حنان نجلاء هناء هاجر يسري مروه دعاء نوره العنود"
    ).split()
)


def light_stem(word: str) -> str:
    """The commonest listed word inside a folded word, without what Arabic writes as part of it; or the word itself."""
    codes, lengths = codes_of([word])
    running = RunningKeys(codes)
    stems = lexicon.CLITICS.stems(running, np.zeros(1, dtype=np.int64), lengths, lexicon.FEWEST_LETTERS)
    found = lexicon.cost_of_rank(lexicon.ranks(running.of(stems.begins, stems.lengths)))
    if not np.isfinite(found).any():
        return word
    best = int(np.argmin(found))
    begin = int(stems.begins[best])
    return word[begin : begin + int(stems.lengths[best])]
