"""The risk of a conversation as a drawing: where its line, its threshold and its marks lie."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

WIDTH: Final = 720
HEIGHT: Final = 190
_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 12, 12, 26
_MOST_POINTS: Final = 360
"""More steps than half as many pixels cannot be told apart; of each stretch the lowest and the highest are drawn."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A point on the curve: the index of its message and its place."""

    index: int
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Curve:
    """Paths and places in a drawing of `WIDTH` by `HEIGHT`; the conversation runs the way that its readers read."""

    line: str
    area: str
    threshold: float
    start: float
    end: float
    grid: tuple[tuple[float, float], ...]
    points: tuple[Mark, ...]
    first: Mark | None


def draw(
    risk: Sequence[float], threshold: float, points: Iterable[int], first: int | None, *, mirrored: bool
) -> Curve | None:
    """The curve of a running risk (0 to 1 each); None for fewer than two messages, which make no line.

    `points` are the indices of turning points, `first` that of the message at which the conversation was flagged;
    `mirrored` lets it run from right to left.
    """
    if len(risk) < 2:
        return None

    def across(index: int) -> float:
        x = _LEFT + (WIDTH - _LEFT - _RIGHT) * index / (len(risk) - 1)
        return round(WIDTH - x if mirrored else x, 1)

    def mark(index: int) -> Mark:
        return Mark(index, across(index), _down(risk[index]))

    steps = _thinned(risk)
    line = f"M{across(0)} {_down(risk[0])}" + "".join(f"H{across(index)}V{_down(value)}" for index, value in steps[1:])
    return Curve(
        line=line,
        area=f"{line}V{_down(0.0)}H{across(0)}Z",
        threshold=_down(threshold),
        start=across(0),
        end=across(len(risk) - 1),
        grid=tuple((share, _down(share)) for share in (0.0, 0.5, 1.0)),
        points=tuple(mark(index) for index in points),
        first=None if first is None else mark(first),
    )


def _down(share: float) -> float:
    return round(HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * share, 1)


def _thinned(risk: Sequence[float]) -> list[tuple[int, float]]:
    if len(risk) <= _MOST_POINTS:
        return list(enumerate(risk))
    stretch = -(-2 * len(risk) // _MOST_POINTS)
    kept = {0, len(risk) - 1}
    for start in range(0, len(risk), stretch):
        indices = range(start, min(start + stretch, len(risk)))
        kept |= {min(indices, key=risk.__getitem__), max(indices, key=risk.__getitem__)}
    return [(index, risk[index]) for index in sorted(kept)]
