"""One message as numbered words: the same words as `features.read_words`, from pieces that are remembered.

As in `reading`, a text is the sum of its pieces unless neighbors change each other. Which neighbors do is remembered
too, so that a message of pieces met before is put together from dictionaries.
"""

from collections.abc import Sequence
from functools import cached_property
from itertools import islice, pairwise
from typing import Final, NamedTuple

from sextortion_detect.model import chunks as marks
from sextortion_detect.model import features
from sextortion_detect.model.chunks import Chunk, read_chunk
from sextortion_detect.model.recent import Recent
from sextortion_detect.model.words import Words, described, is_mark, with_concepts
from sextortion_detect.text.concepts import phrase_beginnings, phrases_in
from sextortion_detect.text.join import is_broken

MOST_PIECES: Final = 1 << 15
MOST_PAIRS: Final = 1 << 16
"""Of each, twice as many may be remembered at a time."""

_GOES_ON: Final = marks.ENDS_SUM | marks.ENDS_CODE
_COMES_FROM_BEFORE: Final = marks.STARTS_SUM | marks.STARTS_CODE
_WORDLESS: Final = marks.TAKES_AND << 1
"""One bit more of `flags`: white space is all that is left of the piece."""


class _Piece:
    """A piece of text between white space, or several that were made one: as `Chunk`, with its words by number.

    `first_name` and `last_name` are what the words at its edges are called among the features.
    """

    __slots__ = (
        "begins_phrase", "first", "first_name", "flags", "last", "last_name", "letters", "name", "numbers", "words",
    )  # fmt: skip

    def __init__(self, name: str, chunk: Chunk) -> None:
        self.name = name
        self.words, self.first, self.last, self.flags, self.letters = chunk
        self.numbers: tuple[int, ...] = ()
        self.first_name = self.last_name = ""
        self.begins_phrase = False


class _Pair(NamedTuple):
    """How two neighbors bear on each other: perhaps, if the next two do as well; made one; or by more than that."""

    perhaps: bool = False
    made_one: str = ""
    odd: bool = False
    begins_phrase: bool = False


_PLAIN: Final = ()
"""In place of a `_Pair`: two neighbors that nothing is to be said of."""


class Alone:
    """Reads one text at a time, and remembers what its pieces and their neighbors were read as.

    Not for several threads at once; `Serving` locks it.
    """

    def __init__(self, words: Words) -> None:
        self._words = words
        self._version = words.version
        self._pieces: Recent[str, _Piece] = Recent(MOST_PIECES)
        self._pairs: Recent[tuple[_Piece, _Piece], _Pair | tuple[()]] = Recent(MOST_PAIRS)

    @cached_property
    def _beginnings(self) -> set[tuple[str, str]]:
        return phrase_beginnings()

    def read(self, text: str) -> list[int]:
        """The numbers of the words of a text."""
        if self._version != self._words.version:
            self._version = self._words.version
            self._pieces.clear()
            self._pairs.clear()
        numbers = self._read(text)
        if numbers is None:
            numbers = self._words.numbered([described(word) for word in features.read_words(text)])
        return numbers

    def _read(self, text: str) -> list[int] | None:
        """None where the text must be looked at as a whole."""
        names = text.split()
        if not names or len(max(names, key=len)) > marks.LONGEST:
            return None if names else []
        pieces = self._found(names)
        flags, begins_phrase = 0, False
        for piece in pieces:
            flags |= piece.flags
            begins_phrase |= piece.begins_phrase
        if flags & marks.ODD:
            return None
        if flags & _GOES_ON and flags & _COMES_FROM_BEFORE:
            is_tight = len(text) == sum(map(len, names)) + len(names) - 1
            if not self._join_sums(pieces, is_tight):
                return None
        if flags & _WORDLESS:
            pieces = [piece for piece in pieces if piece.words]
        pairs = self._paired(pieces)
        if any(pairs):
            if not self._join(pieces, pairs):
                return None
            begins_phrase = any(near and near.begins_phrase for near in (*pieces, *pairs))
        numbers = [number for piece in pieces for number in piece.numbers]
        return self._with_phrases(numbers) if begins_phrase else numbers

    def _join_sums(self, pieces: list[_Piece], is_tight: bool) -> bool:
        """Make pieces one where a sum or the like runs over the spaces between them; False for longer ones."""
        rows: list[list[int]] = []  # first and last piece of each row of spaces that something runs over
        for place, (left, right) in enumerate(pairwise(pieces)):
            if (left.flags >> marks.ENDS_OVER_STARTS) & right.flags & _COMES_FROM_BEFORE:
                if rows and rows[-1][1] == place:
                    rows[-1][1] += 1
                else:
                    rows.append([place, place + 1])
        if rows and not is_tight:
            return False
        for place, last in reversed(rows):
            names = [piece.name for piece in pieces[place : last + 1]]
            if last - place > marks.MOST_RUN_OVER or sum(map(len, names)) + last - place > marks.LONGEST:
                return False
            (made,) = self._found([marks.RUN_OVER.join(names)])
            if made.flags & marks.ODD:
                return False
            pieces[place : last + 1] = [made]
        return True

    def _join(self, pieces: list[_Piece], pairs: list[_Pair | tuple[()]]) -> bool:
        """Make neighbors one where they are; both lists are changed. False where that is not plain to see."""
        place = 0
        while place < len(pairs):
            pair = pairs[place]
            if pair and pair.odd:
                return False
            if pair and (pair.perhaps or pair.made_one):
                around = [*pairs[max(place - 1, 0) : place], *pairs[place + 1 : place + 2]]
                if any(_is_bearing(near) for near in around):
                    return False
                if pair.made_one:
                    (made,) = self._found([pair.made_one])
                    pieces[place : place + 2] = [made]
                    first = max(place - 1, 0)
                    if made.flags & (marks.ODD | _WORDLESS):
                        return False
                    again = self._paired(pieces[first : place + 2])
                    if any(map(_is_bearing, again)):
                        return False
                    pairs[first : place + 2] = again
                    continue
            place += 1
        return True

    def _found(self, names: Sequence[str]) -> list[_Piece]:
        """The piece of each name; new ones are read."""
        found = self._pieces.find(names)
        if None in found:
            new = {name: _Piece(name, read_chunk(name)) for name, piece in zip(names, found, strict=True) if not piece}
            numbers = iter(self._words.numbered([word for piece in new.values() for word in piece.words]))
            for piece in new.values():
                self._describe(piece, tuple(islice(numbers, len(piece.words))))
                self._pieces.put(piece.name, piece)
            found = [piece or new[name] for name, piece in zip(names, found, strict=True)]
        return found  # type: ignore[return-value]  # none is missing any more

    def _describe(self, piece: _Piece, numbers: tuple[int, ...]) -> None:
        if not piece.words:
            piece.flags |= _WORDLESS
            return
        if max(map(len, piece.words)) > marks.LONGEST:
            piece.flags |= marks.ODD  # such words are forgotten after the text
        names = list(map(features.name_of, piece.words))
        piece.first_name, piece.last_name = names[0], names[-1]
        piece.begins_phrase = not self._beginnings.isdisjoint(pairwise(names))
        piece.numbers = numbers

    def _paired(self, pieces: Sequence[_Piece]) -> list[_Pair | tuple[()]]:
        """How each piece and the next bear on each other."""
        neighbors = list(pairwise(pieces))
        found = self._pairs.find(neighbors)
        if None in found:
            for place, (left, right) in enumerate(neighbors):
                if found[place] is None:
                    found[place] = pair = self._pair(left, right)
                    self._pairs.put((left, right), pair)
        return found  # type: ignore[return-value]  # none is missing any more

    def _pair(self, left: _Piece, right: _Piece) -> _Pair | tuple[()]:
        """See `Reading`, which asks the same of thousands at once."""
        letters = bool(left.letters and right.letters)
        odd = bool(
            (left.flags >> marks.ENDS_OVER_STARTS) & right.flags & marks.STARTS_TATWEEL
            or (letters and left.letters + right.letters > marks.MOST_LETTERS)
            or left.flags & right.flags & marks.LONE_AND
        )
        same_mark = left.last == right.first and is_mark(left.last)
        if same_mark:
            odd |= left.words[-2:-1] == (left.last,) or right.words[1:2] == (left.last,)
        made_one = ""
        if left.flags & marks.LONE_AND and right.flags & marks.TAKES_AND:
            made_one = marks.AND_BEFORE + right.name
            odd |= letters
        elif is_broken(left.last, right.first):
            made_one = f"{left.name}{marks.BROKEN}{right.name}"
        elif (left.flags | right.flags) & marks.REPAIRED:
            odd |= is_broken(left.words[-1], right.words[0])
        perhaps, begins_phrase = letters or same_mark, (left.last_name, right.first_name) in self._beginnings
        return _Pair(perhaps, made_one, odd, begins_phrase) if perhaps or made_one or odd or begins_phrase else _PLAIN

    def _with_phrases(self, numbers: list[int]) -> list[int]:
        """The words with the concepts of the phrases that begin with them."""
        texts = [self._words.texts[number] for number in numbers]
        for first, concepts in phrases_in([features.name_of(text) for text in texts]):
            named = with_concepts(texts[first], (*features.describe(texts[first])[2], *concepts))
            (numbers[first],) = self._words.numbered([named])
        return numbers


def _is_bearing(pair: _Pair | tuple[()]) -> bool:
    return any(pair[:3])  # all but that they begin a phrase
