"""How sure a figure is (exact intervals, bootstrap intervals over authors, calibration), and how figures are shown."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

_SEED: Final = 20261124
_BINS: Final = 10  # of probabilities, of equal width from 0 to 1

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
    ends = binomtest(count, total).proportion_ci(method="exact")
    return Rate(count / total, float(ends.low), float(ends.high))


def share(flags: NDArray[np.bool_]) -> Rate:
    """How many of the flags are set, with its exact interval."""
    return rate(int(flags.sum()), len(flags))


def bootstrap(
    authors: Sequence[str], figures: Callable[[Indices], Mapping[str, float]], draws: int = 500
) -> dict[str, Rate]:
    """Each figure with its percentile interval when authors, not rows, are drawn anew.

    Rows of one author are alike, so an interval over rows would be too narrow. `figures` takes the indices of the rows
    to measure on; a draw on which a figure is not defined (NaN) is left out of that figure's interval. One that is not
    defined on all rows has none.

    >>> bootstrap(["a", "a", "b"], lambda rows: {"size": float(len(rows))}, draws=50)["size"]
    Rate(value=3.0, low=2.0, high=4.0)
    """
    named = np.asarray(authors)
    rows_of = [np.flatnonzero(named == author) for author in np.unique(named)]
    rng = np.random.default_rng(_SEED)
    chosen = rng.integers(len(rows_of), size=(draws, len(rows_of)))
    drawn = [figures(np.concatenate([rows_of[place] for place in places])) for places in chosen]
    return {
        name: Rate(value, *(float(end) for end in np.nanpercentile([one[name] for one in drawn], (2.5, 97.5))))
        for name, value in figures(np.arange(len(named))).items()
        if not math.isnan(value)
    }


def reliability(probabilities: NDArray[np.float64], offending: NDArray[np.bool_]) -> list[dict[str, Any]]:
    """Bins of messages of about one probability: how many, the mean of it, and which share are offenses.

    >>> found = reliability(np.array([0.05, 0.91, 0.99]), np.array([False, True, True]))
    >>> [(one["rows"], one["seen"].value) for one in found]
    [(1, 0.0), (2, 1.0)]
    """
    bins = np.searchsorted(np.linspace(0, 1, _BINS + 1)[1:-1], probabilities)
    sums = (np.bincount(bins, weights).tolist() for weights in (None, probabilities, offending))
    return [{"rows": n, "given": p / n, "seen": rate(int(seen), n)} for n, p, seen in zip(*sums, strict=True) if n]


def calibration_error(bins: Sequence[Mapping[str, Any]]) -> float:
    """The expected calibration error (Naeini et al. 2015): the mean gap between given and seen, by rows."""
    gaps = [abs(one["given"] - one["seen"].value) for one in bins]
    return float(np.average(gaps, weights=[one["rows"] for one in bins]))


def table(head: Sequence[str], rows: Iterable[Sequence[str]], align: str = "") -> str:
    """A Markdown table, all columns but the first aligned to the right, or each by a letter of `align` (l, r).

    >>> print(table(["a", "b"], [["x", "1"]]))
    | a | b |
    |---|--:|
    | x | 1 |
    """
    rule = "".join("|--:" if side == "r" else "|---" for side in align or f"l{'r' * (len(head) - 1)}")
    return "\n".join([f"| {' | '.join(head)} |", f"{rule}|", *(f"| {' | '.join(row)} |" for row in rows)])


def number(value: float | None) -> str:
    """A figure with three digits; a dash where it is not defined.

    >>> number(0.98765), number(float("nan")), number(None)
    ('0.988', '–', '–')
    """
    return "–" if value is None or math.isnan(value) else f"{value:.3f}"


def percent(rate: Sequence[float]) -> str:
    """A rate in percent with its interval.

    >>> percent([0.5, 0.25, 0.75])
    '50.0% (25.0% – 75.0%)'
    """
    value, low, high = rate
    return "–" if number(value) == "–" else f"{value:.1%} ({low:.1%} – {high:.1%})"


def per_thousand(rate: Sequence[float]) -> str:
    """A rate per 1,000 with its interval.

    >>> per_thousand([0.001, 0.0, 0.0056])
    '1.00 (0.00 – 5.60)'
    """
    value, low, high = rate
    return "–" if number(value) == "–" else f"{1000 * value:.2f} ({1000 * low:.2f} – {1000 * high:.2f})"


def allowed(budget: float) -> str:
    """A budget in words.

    >>> allowed(1e-3)
    '1 in 1,000'
    """
    return f"1 in {round(1 / budget):,}"


def plain(value: Any) -> Any:
    """As JSON has it: without NaN, which it does not have, and with six digits."""
    if isinstance(value, float):
        return None if math.isnan(value) else round(value, 6)
    if isinstance(value, Mapping):
        return {str(name): plain(inner) for name, inner in value.items()}
    return [plain(inner) for inner in value] if isinstance(value, (list, tuple)) else value
