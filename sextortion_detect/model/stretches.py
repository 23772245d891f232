"""A message by its stretches: runs of words are scored beside the whole, and the one that offends most counts with it.

A threat of ten words wrapped in fifty of small talk is a small part of the whole and all of one stretch. What a frame
says ("somebody writes to me: ...") stands in the whole. So the label is told from both, and from how long the text is,
by a linear rule that was fitted on rows of authors whom the scores never saw.
"""

from typing import Final, NamedTuple

import numpy as np

from sextortion_detect.taxonomy import OFFENSES, Label
from sextortion_detect.text.arrays import Floats, Integers, begins_run, ranges

LENGTH: Final = 10
"""Words and signs of a stretch; a text of no more is its own only stretch. The last one ends where the text does."""


class Stretches(NamedTuple):
    """Half-open ranges of words, and the text that each is from."""

    begins: Integers
    ends: Integers
    texts: Integers


def whole_texts(of_words: Integers, count: int, windows: Integers | None = None) -> Stretches:
    """The range of all words of each of `count` texts, given the text of each word in ascending order.

    Where there are `windows`, half-open ranges of texts (windows x 2), those of the words of these in their place.

    >>> whole_texts(np.array([0, 0, 1, 2]), 3, np.array([[0, 2], [2, 3], [1, 1]]))[:2]
    (array([0, 3, 2]), array([3, 4, 2]))
    """
    edges = np.append(0, np.bincount(of_words, minlength=count).cumsum())
    chosen = np.column_stack((np.arange(count), np.arange(1, count + 1))) if windows is None else windows
    return Stretches(edges[chosen[:, 0]], edges[chosen[:, 1]], np.arange(len(chosen)))


def stretches_of(whole: Stretches) -> Stretches:
    """The stretches of longer texts, those of one text in a row.

    >>> stretches_of(whole_texts(np.zeros(12, dtype=np.int64), 1))[:2]
    (array([0, 2]), array([10, 12]))
    """
    longer = (whole.ends - whole.begins > LENGTH).nonzero()[0]
    begins, last = whole.begins[longer], whole.ends[longer] - LENGTH
    count = (last - begins - 1) // LENGTH + 2
    of = np.arange(len(longer)).repeat(count)
    starts = np.minimum(begins[of] + LENGTH * ranges(np.zeros_like(count), count), last[of])
    return Stretches(starts, starts + LENGTH, longer[of])


def strongest(scores: Floats, of_stretches: Integers) -> Integers:
    """Which row tells most of each text: the stretch that offends most, the whole where it has none.

    `scores` (rows x 5, or more columns behind these) are of whole texts and behind them of stretches, from the texts
    `of_stretches`.

    >>> strongest(np.array([[0.0, 0, 0, 0, 0], [0, 1, 0, 0, 0], [0, 0, 0, 0, 0], [0, 2, 0, 0, 0]]), np.array([0, 0]))
    array([3, 1])
    """
    count = len(scores) - len(of_stretches)
    told = np.arange(count)
    if len(of_stretches):
        of_labels = scores[count:, :_OF_LABELS]
        odds = np.exp(of_labels - of_labels.max(axis=1, keepdims=True))
        offending = odds[:, _OFFENSES].sum(axis=1) / odds.sum(axis=1)
        order = np.lexsort((-offending, of_stretches))  # of equal ones the first
        best = order[begins_run(of_stretches[order])]
        told[of_stretches[best]] = count + best
    return told


def highest(scores: Floats, of_stretches: Integers) -> Floats:
    """What the whole of each text or one of its stretches scores at most: (texts x columns); `scores` as above.

    >>> highest(np.array([[0.0], [1.0], [0.5], [2.0]]), np.array([0, 0])).tolist()
    [[2.0], [1.0]]
    """
    count = len(scores) - len(of_stretches)
    found = scores[:count].copy()
    if len(of_stretches):
        begins = begins_run(of_stretches).nonzero()[0]
        texts = of_stretches[begins]
        found[texts] = np.maximum(found[texts], np.maximum.reduceat(scores[count:], begins))
    return found


def terms(scores: Floats, told: Integers, sizes: Integers) -> Floats:
    """What the label of each text is told from: its own scores, those of row `told`, and how long it is.

    That is `ln(1 + size)`, where `sizes` says how many known features each text has, the same from `_LONG` on. Each
    block of a row is of Euclidean length 1, so that one word of three is as loud as ten of thirty: without this most of
    what is taken for an offense by chance is short.

    >>> terms(np.zeros((2, 1)), np.array([0, 1]), np.array([12, 5_000])).round(2).tolist()
    [[0.0, 0.0, 2.56], [0.0, 0.0, 5.71]]
    """
    count = len(told)
    return np.column_stack((scores[:count], scores[told], np.log1p(np.minimum(sizes[:count], _LONG))))


_LONG: Final = 300  # features, of some 20 words


_OF_LABELS: Final = 1 + len(Label)
"""The first columns of scores are of the labels and of ordinary traffic."""

_OFFENSES: Final = [tuple(Label).index(label) for label in OFFENSES]
