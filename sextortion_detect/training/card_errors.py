"""Where the model errs, as Markdown tables: harmless kinds, sources of traffic, commonest errors, disguises."""

from collections.abc import Sequence

from sextortion_detect.training.card_tables import NO_TRAFFIC, allowed, number, per_thousand, percent, table
from sextortion_detect.training.evaluate import Figures
from sextortion_detect.training.evasion import MOST_LOST, Robustness
from sextortion_detect.training.mistakes import Mistake


def kinds_table(figures: Figures) -> str:
    """Harmless rows by kind."""
    budgets = [f"at {allowed(point.budget)}" for point in figures.budgets.values()]
    return table(
        ["kind", "rows", "called benign", "flagged", *budgets],
        [
            [kind, f"{one.rows:,}", percent(one.called_benign), percent(one.flagged),
             *map(percent, one.flagged_at.values())]
            for kind, one in figures.kinds.items()
        ],
    )  # fmt: skip


def by_source_table(figures: Figures) -> str:
    """False alarms by source of real text, at the default threshold and at each budget."""
    if not figures.false_alarms_by_source:
        return NO_TRAFFIC
    return table(
        ["source", "flagged per 1,000", *(f"at {allowed(point.budget)}" for point in figures.budgets.values())],
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
