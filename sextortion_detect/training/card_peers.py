"""The peers of a model in its card: other detectors, fitted on the same rows and measured on the same messages."""

from collections.abc import Mapping
from typing import Any

from sextortion_detect.training.card_tables import allowed, percent, table
from sextortion_detect.training.intervals import Rate
from sextortion_detect.training.thresholds import BUDGETS


def peers_section(peers: Mapping[str, Any] | None, name: str, model: str, corpus: str) -> str:
    """The table of `peers.json`; says so where that was measured of another model than this, or on another corpus."""
    if peers is None:
        return "Not measured yet: `python tests/benchmarks/peers.py` does."
    figures = {name: peers["ours"], **peers["peers"]}
    notes = []
    if peers["ours"]["model"] != model:
        notes.append(
            f"The row of {name} is of an earlier fit: `python tests/benchmarks/peers.py --ours-only` renews it."
        )
    if peers["corpus"] != corpus:
        notes.append("The corpus has changed since: `python tests/benchmarks/peers.py` measures all anew.")
    return "\n\n".join([*notes, _table(figures)])


def _table(figures: Mapping[str, Mapping[str, Any]]) -> str:
    head = [
        "detector", "average precision", *(f"recall at {allowed(budget)}" for budget in BUDGETS.values()), "macro-F1",
        "worst variety", "arabizi", "messages/s", "MB", "fitted on", "traffic",
    ]  # fmt: skip
    return table(
        head,
        [
            [
                name,
                f"{one['average_precision']:.3f}",
                *(percent(Rate(*one["budgets"][budget]["recall"])) for budget in BUDGETS),
                f"{one['macro_f1']:.3f}",
                f"{one['worst_variety'][1]:.3f} ({one['worst_variety'][0]})",
                f"{one['arabizi']:.3f}",
                f"{one['messages_per_second']:,}",
                f"{one['megabytes']:.1f}",
                f"{one['fitted_on']:,}" if "fitted_on" in one else "all, and copies",
                f"{one['traffic_texts']:,}",
            ]
            for name, one in figures.items()
        ],
    )
