"""Many texts at once as numbered words: the same words as `features.read_words`, a thousand times a millisecond.

A text is the sum of its chunks unless neighbors change each other. Where they might, seen from the flags and the edges
of the chunks, the text is read as a whole by `read_words`; these are few.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sextortion_detect.model import chunks as marks
from sextortion_detect.model import features
from sextortion_detect.model.chunks import Chunks
from sextortion_detect.model.grown import Numbers, spread
from sextortion_detect.model.keys import codes_of
from sextortion_detect.model.pairs import BrokenPairs
from sextortion_detect.model.phrases import Phrases
from sextortion_detect.model.sections import LONG, cuts, pieces_of, sections_of
from sextortion_detect.model.words import BEGINS_PHRASE, MARK, Words, described
from sextortion_detect.text import chars

MOST_CHUNKS: Final = 1 << 18
MOST_WORDS: Final = 1 << 18
"""Past either the memory is swept: what came up once is forgotten, and at least half of all."""


_STARTS: Final = marks.STARTS_TATWEEL | marks.STARTS_SUM | marks.STARTS_CODE
_GOES_ON: Final = (
    marks.ODD | marks.LONE_AND | marks.REPAIRED | marks.STARTS_TATWEEL | marks.ENDS_TATWEEL | marks.ENDS_CODE
)
_DOTLESS: Final = frozenset(chars.DOTLESS)


class Reading:
    """Reads texts into words, and remembers what its pieces were read as.

    Not for several threads at once; `Model` locks it.
    """

    def __init__(self, words: Words) -> None:
        self.words = words
        self._broken = BrokenPairs(words)

    # One message does without these.
    @cached_property
    def chunks(self) -> Chunks:
        """What is remembered of pieces of text."""
        return Chunks(self.words)

    @cached_property
    def _phrases(self) -> Phrases:
        return Phrases(self.words)

    def read(self, texts: Sequence[str]) -> tuple[Numbers, Numbers]:
        """The words of all texts by number, and for each the index of its text; both grouped by text, not sorted."""
        self.sweep()
        text = chars.SEPARATOR.join(texts)
        codes = codes_of(text)
        starts, lengths = pieces_of(codes)
        numbers = self.chunks.find(codes, starts, lengths, text)
        sizes = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts)) + 1
        docs = np.repeat(np.arange(len(texts)), sizes)[starts]
        self.chunks.uses.values[...] += np.bincount(numbers, minlength=len(self.chunks)).astype(np.int32)
        long = np.zeros(len(texts), dtype=np.bool_)
        if np.any(sizes >= 2 * LONG):  # characters
            long = np.bincount(docs, minlength=len(texts)) >= LONG
            long &= np.array([_DOTLESS.isdisjoint(text) for text in texts])  # the whole tells how its dots come back
        if not (long.any() and len(self.words)):
            return self._read(numbers, docs, starts, starts + lengths, texts)
        sections, begins = sections_of(docs, self._cuts(numbers, docs, long[docs]))
        of_text, ends = docs[begins], np.append(begins[1:], len(docs)) - 1
        first, behind = starts[begins].tolist(), (starts + lengths)[ends].tolist()
        cut = [text[start:end] for start, end in zip(first, behind, strict=True)]
        numbers, sections = self._read(numbers, sections, starts, starts + lengths, cut)
        order = np.argsort(sections, kind="stable")
        return numbers[order], of_text[sections[order]]

    def _cuts(self, numbers: Numbers, docs: Numbers, long: NDArray[np.bool_]) -> Numbers:
        """Before which pieces long texts may be cut."""
        chunks, kinds = self.chunks, self.words.kinds
        flags, letters = chunks.flags.values[numbers], chunks.letters.values[numbers] > 0
        first, last = chunks.firsts.values[numbers], chunks.lasts.values[numbers]
        begins = ((kinds[first] | kinds[last]) & (MARK | BEGINS_PHRASE)) != 0
        goes_on = ((flags & _GOES_ON) != 0) | (first < 0)
        apart = (docs[1:] == docs[:-1]) & long[1:]
        pairs = np.flatnonzero(apart)
        apart &= ((flags[:-1] >> marks.ENDS_OVER_STARTS) & flags[1:] & _STARTS) == 0
        apart &= ~(letters[1:] & letters[:-1] | begins[1:] | begins[:-1])
        rough = goes_on[1:] | goes_on[:-1]
        rough[pairs[self._broken.find(last[pairs], first[pairs + 1])]] = True
        return cuts(apart, rough)

    def _read(
        self, numbers: Numbers, docs: Numbers, starts: Numbers, ends: Numbers, texts: Sequence[str]
    ) -> tuple[Numbers, Numbers]:
        """The words of texts, or of sections of them, by the numbers and places of their pieces."""
        flags = self.chunks.flags.values[numbers]
        odd = np.zeros(len(texts), dtype=np.bool_)
        odd[docs[(flags & marks.ODD) != 0]] = True
        runs_over = (flags[:-1] >> marks.ENDS_OVER_STARTS) & flags[1:] & (marks.STARTS_SUM | marks.STARTS_CODE)
        over = np.flatnonzero((runs_over != 0) & (docs[1:] == docs[:-1]))
        numbers, docs = self._join_sums(numbers, docs, over, starts, ends, odd)
        full = np.flatnonzero(self.chunks.firsts.values[numbers] >= 0)
        numbers, docs = numbers[full], docs[full]
        flags = self.chunks.flags.values[numbers]
        self._find_odd(numbers, docs, flags, odd)
        numbers, docs = self._join_ands(numbers, docs, flags, odd)
        numbers, docs = self._join_broken(numbers, docs, odd)
        self._find_broken(numbers, docs, odd)
        regular = ~odd[docs]
        words, lengths = self.chunks.words.gather(numbers[regular])
        docs = np.repeat(docs[regular], lengths)
        numbered = self._phrases.mark(words.astype(np.int64), docs)
        return self._with_odd(numbered, docs, np.flatnonzero(odd), texts)

    def numbers_of(self, texts: Sequence[Sequence[features.Word]]) -> Numbers:
        """The numbers of words that `features.read_words` has read, one text after the other."""
        self.sweep()
        return np.array(self.words.numbered([described(word) for words in texts for word in words]), dtype=np.int64)

    def _join_sums(
        self, numbers: Numbers, docs: Numbers, over: Numbers, starts: Numbers, ends: Numbers, odd: NDArray[np.bool_]
    ) -> tuple[Numbers, Numbers]:
        """Make pieces one where a sum or the like runs over the spaces between them; mark texts with longer ones."""
        firsts = over[np.concatenate(([True], np.diff(over) > 1))[: len(over)]]
        lasts = over[np.concatenate((np.diff(over) > 1, [True]))[: len(over)]] + 1
        too_long = (lasts - firsts > marks.MOST_RUN_OVER) | (ends[lasts] - starts[firsts] > marks.LONGEST)
        odd[docs[firsts[too_long]]] = True
        odd[docs[over[starts[over + 1] - ends[over] > 1]]] = True
        regular = ~odd[docs[firsts]]
        firsts, lasts = firsts[regular], lasts[regular]
        if not len(firsts):
            return numbers, docs
        names = self.chunks.names
        joined = self.chunks.find_made(
            [
                marks.RUN_OVER.join([names[number] for number in numbers[first : last + 1].tolist()])
                for first, last in zip(firsts.tolist(), lasts.tolist(), strict=True)
            ]
        )
        return self._replaced(numbers, docs, firsts, lasts, joined, odd)

    def _find_odd(self, numbers: Numbers, docs: Numbers, flags: NDArray[np.uint16], odd: NDArray[np.bool_]) -> None:
        """Mark texts with neighbors that may be one word, broken by tatweel or spelled by letters, or one mark."""
        chunks = self.chunks
        same = docs[1:] == docs[:-1]
        broken = ((flags[:-1] >> marks.ENDS_OVER_STARTS) & flags[1:] & marks.STARTS_TATWEEL) != 0
        letters = chunks.letters.values[numbers]
        more = np.append(letters[2:], np.uint8(0))[: max(len(letters) - 1, 0)]  # in the piece after the next
        spelled = (letters[1:] > 0) & (letters[:-1] > 0) & ((letters[1:] + letters[:-1] > 2) | (more > 0))
        two_ands = (flags[:-1] & flags[1:] & marks.LONE_AND) != 0
        odd[docs[1:][same & (broken | spelled | two_ands)]] = True
        left, right = chunks.lasts.values[numbers[:-1]], chunks.firsts.values[numbers[1:]]
        marked = np.flatnonzero(same & (left == right) & ((self.words.kinds[left] & MARK) != 0))
        odd[docs[marked[1:][np.diff(marked) == 1]]] = True
        ends, words = chunks.words.ends, chunks.words.values
        for side, place in ((0, ends[numbers[marked] + 1] - 2), (1, ends[numbers[marked + 1]] + 1)):
            several = chunks.words.lengths(numbers[marked + side]) > 1  # and with two of them it is three in a row
            three = words[np.where(several, place, 0)] == left[marked]
            odd[docs[marked[several & three]]] = True

    def _join_ands(
        self, numbers: Numbers, docs: Numbers, flags: NDArray[np.uint16], odd: NDArray[np.bool_]
    ) -> tuple[Numbers, Numbers]:
        """Put a lone "and" before the chunk behind it, where Arabic writes it."""
        joins = ((flags[:-1] & marks.LONE_AND) != 0) & ((flags[1:] & marks.TAKES_AND) != 0) & (docs[1:] == docs[:-1])
        ands = np.flatnonzero(joins & ~odd[docs[1:]])
        if not len(ands):
            return numbers, docs
        names = self.chunks.names
        joined = self.chunks.find_made([marks.AND_BEFORE + names[number] for number in numbers[ands + 1].tolist()])
        return self._replaced(numbers, docs, ands, ands + 1, joined, odd)

    def _join_broken(self, numbers: Numbers, docs: Numbers, odd: NDArray[np.bool_]) -> tuple[Numbers, Numbers]:
        """Make two chunks one where a space broke a word; texts with more around it are marked."""
        left, right = self.chunks.lasts.values[numbers[:-1]], self.chunks.firsts.values[numbers[1:]]
        pairs = np.flatnonzero((docs[1:] == docs[:-1]) & ~odd[docs[1:]])
        broken = pairs[self._broken.find(left[pairs], right[pairs])]
        if not len(broken):
            return numbers, docs
        odd[docs[broken[1:][np.diff(broken) <= 2]]] = True
        broken = broken[~odd[docs[broken]]]
        names = self.chunks.names
        both = zip(numbers[broken].tolist(), numbers[broken + 1].tolist(), strict=True)
        joined = self.chunks.find_made([f"{names[first]}{marks.BROKEN}{names[second]}" for first, second in both])
        numbers, docs = self._replaced(numbers, docs, broken, broken + 1, joined, odd)
        made = broken - np.arange(len(broken))
        around = np.unique(np.concatenate((made - 1, made)))
        around = around[(around >= 0) & (around < len(docs) - 1)]
        around = around[docs[around] == docs[around + 1]]
        again = self._broken.find(
            self.chunks.lasts.values[numbers[around]], self.chunks.firsts.values[numbers[around + 1]]
        )
        odd[docs[around[again]]] = True
        return numbers, docs

    def _replaced(
        self, numbers: Numbers, docs: Numbers, firsts: Numbers, lasts: Numbers, joined: Numbers, odd: NDArray[np.bool_]
    ) -> tuple[Numbers, Numbers]:
        """The chunks with those from `firsts` to `lasts` made one."""
        odd[docs[lasts[(self.chunks.flags.values[joined] & marks.ODD) != 0]]] = True
        numbers = numbers.copy()
        numbers[lasts] = joined
        gone = spread(firsts, lasts - firsts)
        return np.delete(numbers, gone), np.delete(docs, gone)

    def _find_broken(self, numbers: Numbers, docs: Numbers, odd: NDArray[np.bool_]) -> None:
        """Mark texts where a space breaks a word that only repairing its neighbors brings out."""
        flags = (self.chunks.flags.values[numbers] & marks.REPAIRED) != 0
        pairs = np.flatnonzero((flags[:-1] | flags[1:]) & (docs[1:] == docs[:-1]) & ~odd[docs[1:]])
        ends, values = self.chunks.words.ends, self.chunks.words.values
        left, right = values[ends[numbers[pairs] + 1] - 1], values[ends[numbers[pairs + 1]]]
        odd[docs[pairs[self._broken.find(left, right)]]] = True

    def _with_odd(self, numbers: Numbers, docs: Numbers, odd: Numbers, texts: Sequence[str]) -> tuple[Numbers, Numbers]:
        if not len(odd):
            return numbers, docs
        read = [features.read_words(texts[place]) for place in odd.tolist()]
        counts = np.fromiter(map(len, read), dtype=np.int64, count=len(read))
        whole = self.words.numbered([described(word) for words in read for word in words])
        return np.concatenate((numbers, np.array(whole, dtype=np.int64))), np.concatenate(
            (docs, np.repeat(odd, counts))
        )

    def sweep(self) -> None:
        """Forget, once there is too much: pieces that did not come again, and at least half; words of none."""
        if len(self.words) <= MOST_WORDS and ("chunks" not in self.__dict__ or len(self.chunks) <= MOST_CHUNKS):
            return
        chunks = self.chunks
        uses = chunks.uses.values.copy()
        uses[marks.FLOOD] = np.iinfo(np.int32).max
        most = np.argsort(-uses, kind="stable")[: max(len(uses) // 2, 1)]
        chunks.keep(np.sort(most[uses[most] > 1]))
