"""The columns of concepts and of pairs of concepts, by their numbers."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sextortion_detect.model.features import CONCEPT_REACH
from sextortion_detect.model.grown import Numbers
from sextortion_detect.model.keys import KeyTable, keys_behind, keys_of, pair_keys, powers_of
from sextortion_detect.model.words import Words

Columns = NDArray[np.int64]
Concepts = tuple[int, ...]


class ConceptColumns:
    """What `features.concept_features` finds, for many texts at once or for one."""

    def __init__(self, table: KeyTable) -> None:
        self.table = table
        self._singles = np.empty(0, dtype=np.int64)
        self._pairs = np.empty((0, 0), dtype=np.int64)

    def find(self, words: Words, numbers: Numbers, docs: Numbers) -> tuple[Numbers, Columns]:
        """Places of words that bear a concept or begin a pair, and the columns of these, -1 for unknown ones."""
        self._number(words)
        bearers = np.flatnonzero(words.concepts.lengths(numbers))
        concepts, counts = words.concepts.gather(numbers[bearers])
        ends = np.cumsum(counts)
        places = [np.repeat(bearers, counts)]
        columns = [self._singles[concepts]]
        for step in range(1, CONCEPT_REACH + 1):
            near = np.flatnonzero(
                (docs[bearers[step:]] == docs[bearers[:-step]]) & (bearers[step:] - bearers[:-step] <= CONCEPT_REACH)
            )
            mine, others = counts[near], counts[near + step]
            pair = np.repeat(np.arange(len(near)), mine * others)
            rank = np.arange(len(pair)) - np.repeat(np.cumsum(mine * others) - mine * others, mine * others)
            first = concepts[(ends[near] - mine)[pair] + rank // others[pair]]
            second = concepts[(ends[near + step] - others)[pair] + rank % others[pair]]
            places.append(bearers[near][pair])
            columns.append(self._pairs[first, second])
        return np.concatenate(places), np.concatenate(columns)

    def find_in_one(self, words: Words, bearers: Sequence[tuple[int, Concepts]]) -> list[int]:
        """The same of one text, in the same order, from the places and numbers of its concepts; known columns alone."""
        self._number(words)
        columns = [self._singles.item(concept) for _, concepts in bearers for concept in concepts]
        for step in range(1, CONCEPT_REACH + 1):
            for (place, concepts), (later, others) in zip(bearers, bearers[step:], strict=False):
                if later - place <= CONCEPT_REACH:
                    columns.extend([self._pairs.item(concept, other) for concept in concepts for other in others])
        return [column for column in columns if column >= 0]

    def _number(self, words: Words) -> None:
        """Look up all concepts that the memory of words has met, and all pairs of them."""
        if len(words.concept_numbers) == len(self._singles):
            return
        names = list(words.concept_numbers)
        keys = keys_of(names)
        powers = powers_of(list(map(len, names)))
        size = len(names)
        begun = np.repeat(keys_behind(keys, np.uint32(ord(">"))), size)
        pairs = pair_keys(begun, np.tile(keys, size), np.tile(powers, size))
        self._singles = self.table.columns(keys).astype(np.int64)
        self._pairs = self.table.columns(pairs).astype(np.int64).reshape(size, size)
