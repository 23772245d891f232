"""A text cut where its evidence begins and ends. No word is cut, and no letter is lost."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from sextortion_detect.evidence import Evidence
from sextortion_detect.taxonomy import Tactic


class Piece(NamedTuple):
    """A part of a text as it is shown; `is_evidence` with the tactic that it shows best, or None."""

    text: str
    is_evidence: bool = False
    tactic: Tactic | None = None


def pieces(text: str, evidence: Iterable[Evidence]) -> Iterator[Piece]:
    """The text from left to right in pieces; of evidence that overlaps the first is longer.

    >>> [piece.text for piece in pieces("abc 123 def", [Evidence(4, 7, "123", None, 1.0)])]
    ['abc ', '123', ' def']
    """
    position = 0
    cut: list[Piece] = []
    for span in sorted(evidence, key=lambda span: span.start):
        cut.append(Piece(text[position : span.start]))
        cut.append(Piece(text[max(position, span.start) : span.end], True, span.tactic))
        position = max(position, span.end)
    return (piece for piece in [*cut, Piece(text[position:])] if piece.text)
