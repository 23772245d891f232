"""How sure a figure is: exact intervals of counts, and bootstrap intervals over authors for all other figures."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta

DRAWS: Final = 500
"""Bootstrap samples."""

_SEED: Final = 20261124

Indices = NDArray[np.intp]


class Rate(NamedTuple):
    """A figure with the ends of its 95 % interval, all 0 to 1."""

    value: float
    low: float
    high: float


def rate(count: int, total: int) -> Rate:
    """How often, with its exact interval (Clopper and Pearson 1934).

    >>> [round(end, 4) for end in rate(1, 1000)]
    [0.001, 0.0, 0.0056]
    """
    if not total:
        return Rate(float("nan"), 0.0, 1.0)
    low = float(beta.ppf(0.025, count, total - count + 1)) if count else 0.0
    high = float(beta.ppf(0.975, count + 1, total - count)) if count < total else 1.0
    return Rate(count / total, low, high)


def share(flags: NDArray[np.bool_]) -> Rate:
    """How many of the flags are set, with its exact interval."""
    return rate(int(flags.sum()), len(flags))


def bootstrap(
    authors: Sequence[str], figures: Callable[[Indices], Mapping[str, float]], draws: int = DRAWS
) -> dict[str, Rate]:
    """Each figure with its percentile interval when authors, not rows, are drawn anew.

    Rows of one author are alike, so an interval over rows would be too narrow. `figures` takes the indices of the rows
    to measure on; a draw on which a figure is not defined (NaN) is left out of that figure's interval.

    >>> bootstrap(["a", "a", "b"], lambda rows: {"size": float(len(rows))}, draws=50)["size"]
    Rate(value=3.0, low=2.0, high=4.0)
    """
    named = np.asarray(authors)
    rows_of = [np.flatnonzero(named == author) for author in np.unique(named)]
    rng = np.random.default_rng(_SEED)
    drawn: dict[str, list[float]] = {}
    for _ in range(draws):
        rows = np.concatenate([rows_of[place] for place in rng.integers(len(rows_of), size=len(rows_of))])
        for name, value in figures(rows).items():
            drawn.setdefault(name, []).append(value)
    whole = figures(np.arange(len(named)))
    return {
        name: Rate(value, *(float(end) for end in np.nanpercentile(drawn[name], (2.5, 97.5))))
        for name, value in whole.items()
    }
