"""Figures as Markdown tables: what the card is put together from."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sextortion_detect.model.linear import LABELS
from sextortion_detect.training.calibration import BINS
from sextortion_detect.training.chat_figures import ChatFigures
from sextortion_detect.training.evaluate import BudgetPoint, Figures
from sextortion_detect.training.intervals import Rate
from sextortion_detect.training.slices import Slice

BASE_RATES: Final = (1e-2, 1e-3, 1e-4, 1e-5)
NO_TRAFFIC: Final = "No real traffic was given."


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table, all columns but the first aligned to the right.

    >>> print(table(["a", "b"], [["x", "1"]]))
    | a | b |
    |---|--:|
    | x | 1 |
    """
    lines = [f"| {' | '.join(head)} |", "|---" + "|--:" * (len(head) - 1) + "|"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def number(value: float) -> str:
    """A figure with three digits; a dash where it is not defined.

    >>> number(0.98765), number(float("nan"))
    ('0.988', '–')
    """
    return "–" if math.isnan(value) else f"{value:.3f}"


def percent(value: Rate) -> str:
    """A rate in percent with its interval."""
    return "–" if math.isnan(value.value) else f"{value.value:.1%} ({value.low:.1%} – {value.high:.1%})"


def per_thousand(value: Rate) -> str:
    """A rate per 1,000 with its interval."""
    if math.isnan(value.value):
        return "–"
    return f"{1000 * value.value:.2f} ({1000 * value.low:.2f} – {1000 * value.high:.2f})"


def allowed(budget: float) -> str:
    """A budget in words.

    >>> allowed(1e-3)
    '1 in 1,000'
    """
    return f"1 in {round(1 / budget):,}"


def corpus_table(rows: Mapping[str, Mapping[str, int]]) -> str:
    """How many rows each split has, by label."""
    return table(
        ["split", *(label.value for label in LABELS), "rows"],
        [
            [split, *(f"{counts.get(label.value, 0):,}" for label in LABELS), f"{sum(counts.values()):,}"]
            for split, counts in rows.items()
        ],
    )


def sources_table(files: Sequence[Mapping[str, Any]]) -> str:
    """How many texts of background each source gave."""
    rows = [[source, f"{count:,}"] for file in files for source, count in file["sources"].items()]
    return table(["source", "texts"], rows) if rows else "None: this model was fitted on the corpus alone."


def headline_table(figures: Figures) -> str:
    """The figures over the whole split."""
    whole = figures.whole
    rows = [
        ["average precision of offenses", _bounded(whole, "average precision", whole.average_precision)],
        ["macro-F1, four labels", _bounded(whole, "macro-F1", whole.macro_f1)],
        ["recall at the default threshold", _bounded(whole, "recall", whole.recall)],
        *(
            [f"recall at {allowed(point.budget)}", _bounded(whole, f"recall {name}", point.recall.value)]
            for name, point in figures.budgets.items()
        ),
        ["micro-F1, tactics of offenses", number(whole.tactics_micro_f1)],
        ["macro-F1, tactics of offenses", number(whole.tactics_macro_f1)],
        ["expected calibration error", number(whole.calibration_error)],
        ["victim reports flagged, per 1,000", per_thousand(figures.victims_flagged)],
        ["victim reports routed to support", percent(figures.victims_supported)],
        ["hard negatives flagged", percent(figures.benign_flagged)],
    ]
    return table(["figure", "value"], rows)


def _bounded(part: Slice, name: str, value: float) -> str:
    """A figure with its bootstrap interval where there is one."""
    interval = part.intervals.get(name)
    return (
        number(value)
        if interval is None or math.isnan(value)
        else (f"{value:.3f} ({interval.low:.3f} – {interval.high:.3f})")
    )


def budgets_table(figures: Figures) -> str:
    """False alarms and recall at each budget."""
    if not figures.budgets:
        return NO_TRAFFIC
    strata = list(next(iter(figures.budgets.values())).by_stratum)
    return table(
        [
            "false alarms allowed", "threshold", "recall of offenses", "false alarms seen per 1,000",
            *(f"in {stratum or 'all'}" for stratum in strata), "in the worst source",
        ],
        [
            [
                allowed(point.budget), f"{point.threshold:.4f}", percent(point.recall),
                per_thousand(point.false_alarms), *(per_thousand(point.by_stratum[stratum]) for stratum in strata),
                per_thousand(max(point.by_source.values(), key=lambda rate: rate.low)),
            ]
            for point in figures.budgets.values()
        ],
    )  # fmt: skip


def precision_table(figures: Figures) -> str:
    """Bayes: precision = recall x base rate / (recall x base rate + false alarms x (1 - base rate)).

    With the false alarms that were seen, where there were any, and in brackets with the upper end of their interval.
    """
    if not figures.budgets:
        return NO_TRAFFIC
    return table(
        ["false alarms allowed", *(f"1 offense in {round(1 / base):,}" for base in BASE_RATES)],
        [
            [allowed(point.budget), *(_precision(point, base) for base in BASE_RATES)]
            for point in figures.budgets.values()
        ],
    )


def _precision(point: BudgetPoint, base: float) -> str:
    found = point.recall.value * base
    least = found / (found + point.false_alarms.high * (1 - base))
    if not point.false_alarms.value:
        return f"≥ {least:.1%}"
    return f"{found / (found + point.false_alarms.value * (1 - base)):.1%} (≥ {least:.1%})"


def slices_table(name: str, figures: Figures) -> str:
    """Quality by one way of parting the rows, with recall at each budget, or at the default threshold without any."""
    budgets = figures.budgets
    recalls = [f"recall at {allowed(point.budget)}" for point in budgets.values()] or ["recall"]
    return table(
        [name, "rows", "average precision", "macro-F1", *recalls, "tactics micro-F1", "calibration error",
         "victims flagged per 1,000", "hard negatives flagged"],
        [
            [key, f"{part.rows:,}", _bounded(part, "average precision", part.average_precision),
             _bounded(part, "macro-F1", part.macro_f1),
             *map(percent, part.caught_at.values() if budgets else [part.caught]),
             number(part.tactics_micro_f1), number(part.calibration_error),
             per_thousand(part.victims_flagged), percent(part.benign_flagged)]
            for key, part in figures.slices[name].items()
        ],
    )  # fmt: skip


def tactics_table(figures: Figures) -> str:
    """Each tactic over the offenses."""
    return table(
        ["tactic", "rows", "precision", "recall", "F1"],
        [
            [name, f"{one.rows:,}", number(one.precision), number(one.recall), number(one.f1)]
            for name, one in figures.tactics.items()
        ],
    )


def confusion_table(counts: Sequence[Sequence[int]]) -> str:
    """True labels by given labels."""
    names = [label.value for label in LABELS]
    rows = [[name, *map(str, row)] for name, row in zip(names, counts, strict=True)]
    return table(["true, given as", *names], rows)


def reliability_table(figures: Figures) -> str:
    """The bins of all rows."""
    return table(
        ["probability given, mean", "rows", "offenses among them"],
        [[number(one.given), f"{one.rows:,}", percent(one.seen)] for one in figures.reliability["all"]],
    )


def reliability_by_variety_table(figures: Figures) -> str:
    """A row a variety: the share of offenses among the messages given a probability of each tenth, and how many."""
    tenths = [f"{place / BINS:.1f} – {(place + 1) / BINS:.1f}" for place in range(BINS)]
    rows = []
    for variety, bins in figures.reliability.items():
        if variety != "all":
            seen = {one.tenth: f"{one.seen.value:.0%} of {one.rows:,}" for one in bins}
            error = number(figures.slices["variety"][variety].calibration_error)
            rows.append([variety, error, *(seen.get(place, "–") for place in range(BINS))])
    return table(["variety", "calibration error", *tenths], rows)


def chats_table(chats: Mapping[str, ChatFigures]) -> str:
    """The model and the plain rules on whole conversations."""
    if not chats:
        return "No conversations of this split were given."
    lines = {
        "offending chats flagged": lambda one: percent(one.flagged),
        "… with the right label": lambda one: percent(one.right_label),
        "… at most two messages after the marked one": lambda one: percent(one.within_two_messages),
        "harmless look-alikes flagged": lambda one: percent(one.harmless_flagged),
        "F-latency": lambda one: number(one.f_latency),
    }
    return table(["figure", *chats], [[name, *map(show, chats.values())] for name, show in lines.items()])
