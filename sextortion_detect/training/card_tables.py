"""Figures as Markdown tables: what the card is put together from."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sextortion_detect.model.linear import LABELS
from sextortion_detect.training.chat_figures import ChatFigures
from sextortion_detect.training.evaluate import Figures
from sextortion_detect.training.evasion import MOST_LOST, Robustness
from sextortion_detect.training.intervals import Rate
from sextortion_detect.training.mistakes import Mistake
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


def with_interval(value: Rate) -> str:
    """A figure with its bootstrap interval."""
    return "–" if math.isnan(value.value) else f"{value.value:.3f} ({value.low:.3f} – {value.high:.3f})"


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
    rows = [[name, with_interval(value)] for name, value in figures.intervals.items()]
    rows += [
        ["micro-F1, tactics of offenses", number(whole.tactics_micro_f1)],
        ["macro-F1, tactics of offenses", number(whole.tactics_macro_f1)],
        ["expected calibration error", number(whole.calibration_error)],
        ["victim reports flagged, per 1,000", per_thousand(figures.victims_flagged)],
        ["victim reports routed to support", percent(figures.victims_supported)],
        ["hard negatives flagged", percent(figures.benign_flagged)],
    ]
    return table(["figure", "value"], rows)


def budgets_table(figures: Figures) -> str:
    """False alarms and recall at each budget."""
    if not figures.budgets:
        return NO_TRAFFIC
    return table(
        ["false alarms allowed", "threshold", "false alarms seen per 1,000", "recall of offenses"],
        [
            [allowed(point.budget), f"{point.threshold:.4f}", per_thousand(point.false_alarms), percent(point.recall)]
            for point in figures.budgets.values()
        ],
    )


def precision_table(figures: Figures) -> str:
    """Bayes: precision = recall x base rate / (recall x base rate + false alarms x (1 - base rate))."""
    if not figures.budgets:
        return NO_TRAFFIC
    rows = []
    for point in figures.budgets.values():
        cells = []
        for base in BASE_RATES:
            found = point.recall.value * base
            likely, least = (
                found / max(found + alarms * (1 - base), 1e-300)
                for alarms in (point.false_alarms.value, point.false_alarms.high)
            )
            cells.append(f"{likely:.1%} (≥ {least:.1%})")
        rows.append([allowed(point.budget), *cells])
    return table(["false alarms allowed", *(f"1 offense in {round(1 / base):,}" for base in BASE_RATES)], rows)


def slices_table(name: str, slices: Mapping[str, Slice]) -> str:
    """Quality by one way of parting the rows."""
    budgets = list(next(iter(slices.values())).caught_at)
    return table(
        [name, "rows", "average precision", "macro-F1", "recall", *(f"recall at {budget}" for budget in budgets),
         "tactics micro-F1", "calibration error", "victims flagged per 1,000", "hard negatives flagged"],
        [
            [key, f"{part.rows:,}", number(part.average_precision), number(part.macro_f1), percent(part.caught),
             *map(percent, part.caught_at.values()), number(part.tactics_micro_f1), number(part.calibration_error),
             per_thousand(part.victims_flagged), percent(part.benign_flagged)]
            for key, part in slices.items()
        ],
    )  # fmt: skip


def kinds_table(figures: Figures) -> str:
    """Harmless rows by kind."""
    return table(
        ["kind", "rows", "called benign", "flagged", *(f"flagged at {name}" for name in figures.budgets)],
        [
            [kind, f"{one.rows:,}", percent(one.called_benign), percent(one.flagged),
             *map(percent, one.flagged_at.values())]
            for kind, one in figures.kinds.items()
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


def by_source_table(figures: Figures) -> str:
    """False alarms by source of real text, at the default threshold and at each budget."""
    if not figures.false_alarms_by_source:
        return NO_TRAFFIC
    return table(
        ["source", "flagged per 1,000", *(f"at {name}" for name in figures.budgets)],
        [
            [source or "unnamed", per_thousand(value),
             *(per_thousand(point.by_source[source]) for point in figures.budgets.values())]
            for source, value in figures.false_alarms_by_source.items()
        ],
    )  # fmt: skip


def mistakes_table(mistakes: Sequence[Mistake]) -> str:
    """The commonest kinds of error."""
    rows = [[one.kind, f"{one.erred:,}", f"{one.of:,}", f"{one.erred / one.of:.1%}"] for one in mistakes]
    return table(["kind", "erred", "of", "share"], rows) if rows else "None."


def evasion_table(measured: Sequence[Robustness]) -> str:
    """What each attack costs, against the bound of its strength."""
    clean = next(one for one in measured if one.attack is None)
    rows = []
    for one in measured:
        if one.attack is not None:
            lost, bound = clean.recall - one.recall, MOST_LOST[one.attack.strength]
            rows.append(
                [one.attack.name, one.attack.strength.value, number(clean.recall), number(one.recall), f"{lost:+.3f}",
                 f"≤ {bound:.3f}", "yes" if lost <= bound else "**no**", number(one.macro_f1)]
            )  # fmt: skip
    return table(
        ["attack", "strength", "recall, clean", "recall, attacked", "lost", "bound", "holds", "macro-F1, attacked"],
        rows,
    )
