"""A text cut where something begins or ends: evidence, and what is hidden. No word is cut, and no letter is lost."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from sextortion_detect.evidence import Evidence
from sextortion_detect.redact import Hidden
from sextortion_detect.taxonomy import Tactic


class Piece(NamedTuple):
    """A part of a text as it is shown; `is_evidence` with the tactic that it shows best, or None."""

    text: str
    is_evidence: bool = False
    tactic: Tactic | None = None


def pieces(text: str, evidence: Iterable[Evidence], hidden: Iterable[Hidden] = ()) -> Iterator[Piece]:
    """The text from left to right in pieces, with aliases in place of what is hidden.

    >>> [piece.text for piece in pieces("abc 123 def", [], [Hidden(4, 7, "#")])]
    ['abc ', '#', ' def']
    """
    aliases = sorted(hidden)
    position = 0
    for span in _grown(evidence, aliases):
        yield from _replaced(text, position, span.start, aliases, Piece(""))
        yield from _replaced(text, span.start, span.end, aliases, Piece("", True, span.tactic))
        position = span.end
    yield from _replaced(text, position, len(text), aliases, Piece(""))


class _Span(NamedTuple):
    start: int
    end: int
    tactic: Tactic | None


def _grown(evidence: Iterable[Evidence], aliases: list[Hidden]) -> list[_Span]:
    """The spans of evidence in order, each grown over what is hidden where it begins or ends in the middle of it."""
    spans: list[_Span] = []
    for given in sorted(evidence, key=lambda span: span.start):
        touched = [alias for alias in aliases if alias.start < given.end and given.start < alias.end]
        start = min([given.start, *(alias.start for alias in touched)])
        end = max([given.end, *(alias.end for alias in touched)])
        if spans and start < spans[-1].end:
            spans[-1] = spans[-1]._replace(end=max(end, spans[-1].end))
        else:
            spans.append(_Span(start, end, given.tactic))
    return spans


def _replaced(text: str, start: int, end: int, aliases: list[Hidden], like: Piece) -> Iterator[Piece]:
    for alias in aliases:
        if start <= alias.start and alias.end <= end:
            if text[start : alias.start]:
                yield like._replace(text=text[start : alias.start])
            yield like._replace(text=alias.alias)
            start = alias.end
    if text[start:end]:
        yield like._replace(text=text[start:end])
