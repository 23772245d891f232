"""Many texts at once as `normalize(text).text`, without the way back to the original.

A text is the sum of its pieces between white space unless neighbors change each other. What pieces become is
remembered, and which neighbors might: these are folded together, and a text with more around them as a whole.

>>> normalize_many(["صــورك  عنــدي!!!", "و الله"])
['صورك عندي ! !', 'والله']
"""

import os
from collections.abc import Callable, Iterable, Sequence
from itertools import islice, product
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sextortion_detect.model.forks import fork_safe_lock
from sextortion_detect.model.grown import Grown, Numbers, Ragged
from sextortion_detect.model.keys import Keys, codes_of
from sextortion_detect.model.sections import pieces_of
from sextortion_detect.model.slots import SlotTable, secret_keys, secret_keys_of
from sextortion_detect.text import chars
from sextortion_detect.text.join import is_broken, join_parts
from sextortion_detect.text.normalize import fold_tokens, normalize, tokenize

MOST_PIECES: Final = 1 << 16
MOST_PAIRS: Final = 1 << 18
"""Past either all is forgotten."""

_AT_ONCE: Final = 2_000  # texts
_LONGEST: Final = 64  # characters; longer pieces are links or floods and seldom come twice
_BREAK: Final = "\0"
"""Between two texts."""

_MIX: Final = np.uint64(int.from_bytes(os.urandom(8), "little") | 1)
"""Odd, so that no two pairs have the same key."""

_TATWEEL: Final = "\N{ARABIC TATWEEL}"
_DOTLESS: Final = frozenset(chars.DOTLESS)


def normalize_many(texts: Iterable[str]) -> list[str]:
    """What `normalize` makes of each text, at several times its speed where pieces come again."""
    remaining = iter(texts)
    folded: list[str] = []
    while some := list(islice(remaining, _AT_ONCE)):
        with _lock:
            folded.extend(_folding.fold(some))
    return folded


class _Piece(NamedTuple):
    """What a piece is folded to, and what its edges are while it is folded: words, and whether tatweel."""

    text: str
    firsts: tuple[str, ...]
    lasts: tuple[str, ...]
    starts_tatweel: bool
    ends_tatweel: bool

    def bears_on(self, following: "_Piece") -> bool:
        """Whether the two might change each other; False is sure."""
        return (
            (self.ends_tatweel and following.starts_tatweel)
            or chars.WAW in self.lasts
            or (_has_single(self.lasts) and _has_single(following.firsts))
            or any(is_broken(word, after) for word, after in product(self.lasts, following.firsts))
        )


_WORDLESS: Final = _Piece("", (), (), False, False)
_FLOOD: Final = 0
"""The number of all pieces that are too long to be remembered."""

_PLAIN, _ODD, _EMPTY, _END = range(4)
"""Kinds of pieces: folded by themselves, or not; with nothing left of them; the end of a text."""


class _Read(NamedTuple):
    """Texts as numbered pieces with the text of each, and the places of pieces that might change the next one.

    `kept` are the places of pieces that something is left of: those that the others count.
    """

    kept: Numbers
    numbers: Numbers
    kinds: NDArray[np.uint8]
    docs: Numbers
    bearing: Numbers


class _Folding:
    """The memory of pieces by number, and of pairs of them; not for several threads at once."""

    def __init__(self) -> None:
        self._table = SlotTable()
        self._table.add(np.zeros(1, dtype=np.uint64))
        self._pieces = [_WORDLESS]
        self._kinds: Grown[np.uint8] = Grown(np.uint8)
        self._kinds.extend([_ODD])
        self._codes = Ragged()  # what each piece is folded to, with a space behind it
        self._codes.extend([], [0])
        self._pairs = SlotTable()
        self._bearing: Grown[np.bool_] = Grown(np.bool_)

    def fold(self, texts: Sequence[str]) -> list[str]:
        """The folded texts."""
        if len(self._pieces) > MOST_PIECES or len(self._bearing.values) > MOST_PAIRS:
            self.__init__()  # type: ignore[misc]
        whole = f" {_BREAK} ".join(texts)
        if whole.count(_BREAK) != len(texts) - 1:
            return [normalize(text).text for text in texts]
        codes = codes_of(whole)
        starts, lengths = pieces_of(codes)
        numbers = np.full(len(starts), _FLOOD, dtype=np.int64)
        short = np.flatnonzero(lengths <= _LONGEST)
        keys = secret_keys(codes, starts[short], lengths[short])
        begins, ends = starts[short], starts[short] + lengths[short]
        numbers[short] = self._find(keys, lambda place: whole[begins[place] : ends[place]])
        read = self._read(numbers)
        folded = self._spelled(read)
        odd = set(read.docs[read.kinds == _ODD].tolist())
        again: list[int] = []
        names: list[str] = []
        for doc in dict.fromkeys(read.docs[read.bearing].tolist()):
            first, joined = _joined(read, doc)
            if doc in odd or not joined:
                odd.add(doc)
                continue
            for place in range(first, first + len(joined)):
                at = read.kept[place]
                piece = whole[starts[at] : starts[at] + lengths[at]]
                if joined[place - first]:
                    names[-1] += chars.SEPARATOR + piece
                else:
                    names.append(piece)
            names.append(_BREAK)
            again.append(doc)
        if again:
            second = self._read(self._find(secret_keys_of(names[:-1]), names.__getitem__))
            odd.update(again[doc] for doc in second.docs[second.kinds == _ODD].tolist())
            odd.update(again[doc] for doc in second.docs[second.bearing].tolist())
            for doc, text in zip(again, self._spelled(second), strict=True):
                folded[doc] = text
        for doc in odd:
            folded[doc] = normalize(texts[doc]).text
        return folded

    def _read(self, numbers: Numbers) -> _Read:
        kinds = self._kinds.values[numbers]
        docs = np.cumsum(kinds == _END)
        kept = np.flatnonzero(kinds != _EMPTY)
        numbers, kinds, docs = numbers[kept], kinds[kept], docs[kept]
        pairs = np.flatnonzero((kinds[:-1] == _PLAIN) & (kinds[1:] == _PLAIN))
        bearing = pairs[self._bear(numbers[pairs], numbers[pairs + 1])]
        return _Read(kept, numbers, kinds, docs, bearing)

    def _spelled(self, read: _Read) -> list[str]:
        codes, _ = self._codes.gather(read.numbers)
        return list(map(str.strip, codes.tobytes().decode("utf-32-le", "surrogatepass").split(_BREAK)))

    def _find(self, keys: Keys, name_of: Callable[[int], str]) -> Numbers:
        """The number of each piece; new ones are folded."""
        found = self._table.find(keys)
        missing = np.flatnonzero(found < 0)
        if len(missing):
            new, places = np.unique(keys[missing], return_index=True)
            for place in missing[places].tolist():
                self._learn(name_of(place))
            self._table.add(new)
            found[missing] = self._table.find(keys[missing])
        return found

    def _learn(self, name: str) -> None:
        piece, kind = _WORDLESS, _PLAIN
        tokens = fold_tokens(name)
        if name == _BREAK:
            kind = _END
        elif not _DOTLESS.isdisjoint(name):
            kind = _ODD
        elif not tokens:
            kind = _EMPTY
        else:
            stages = [tokens, join_parts(tokens), tokenize(name)]
            text = chars.SEPARATOR.join([token.text for token in stages[-1]])
            firsts, lasts = (tuple({stage[edge].text for stage in stages}) for edge in (0, -1))
            piece = _Piece(text, firsts, lasts, name.startswith(_TATWEEL), name.endswith(_TATWEEL))
        codes = codes_of(_BREAK if kind == _END else piece.text + chars.SEPARATOR)
        self._pieces.append(piece)
        self._kinds.extend([kind])
        self._codes.extend(codes, [len(codes)])

    def _bear(self, left: Numbers, right: Numbers) -> NDArray[np.bool_]:
        """Which pairs of pieces might change each other."""
        keys = (left << 32 | right).astype(np.uint64) * _MIX
        found = self._pairs.find(keys)
        missing = np.flatnonzero(found < 0)
        if len(missing):
            new, places = np.unique(keys[missing], return_index=True)
            pairs = zip(left[missing[places]].tolist(), right[missing[places]].tolist(), strict=True)
            self._bearing.extend([self._pieces[first].bears_on(self._pieces[second]) for first, second in pairs])
            self._pairs.add(new)
            found[missing] = self._pairs.find(keys[missing])
        return self._bearing.values[found]


def _joined(read: _Read, doc: int) -> tuple[int, list[bool]]:
    """Where a text begins, and which of its pieces go with the one before; none where one goes with both neighbors."""
    first, after = np.searchsorted(read.docs, (doc, doc + 1)).tolist()
    first += doc > 0  # the end of the text before
    begin, end = np.searchsorted(read.bearing, (first, after)).tolist()
    joined = [False] * (after - first)
    for place in read.bearing[begin:end].tolist():
        if joined[place - first]:
            return first, []
        joined[place - first + 1] = True
    return first, joined


def _has_single(words: tuple[str, ...]) -> bool:
    return any(len(word) == 1 for word in words)


_folding: Final = _Folding()
_lock: Final = fork_safe_lock()
