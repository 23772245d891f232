"""The pictures of the card, as SVG files that are the same to the byte when drawn again from the same figures."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

_STYLE: Final[Any] = {
    "svg.hashsalt": "sextortion-detect",  # else the ids in the file are drawn at random
    "svg.fonttype": "path",  # looks the same wherever it is shown
    "font.family": "DejaVu Sans",  # comes with matplotlib
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#dddddd",
    "grid.linewidth": 0.6,
    "axes.axisbelow": True,
}
_BLUE: Final = "#20639b"
_RED: Final = "#c0392b"
_GRAY: Final = "#8a8f98"


def write_plots(figures: Mapping[str, Any], folder: Path) -> None:
    """Draw `curve.svg` and `reliability.svg` into a folder, from figures as `figures.json` has them."""
    with rc_context(_STYLE):
        for name, draw in {"curve": _curve, "reliability": _reliability}.items():
            draw(figures).savefig(folder / f"{name}.svg", format="svg", metadata={"Date": None, "Creator": None})


def _axes(width: float, height: float) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(width, height), layout="constrained", facecolor="white")
    return figure, figure.subplots()


def _curve(figures: Mapping[str, Any]) -> Figure:
    figure, axes = _axes(6.4, 4.2)
    recall, precision = np.array(figures["curve"]).T
    axes.plot(recall, precision, color=_BLUE, linewidth=1.8)
    for name, point in figures["budgets"].items():
        found = point["recall"][0]
        at = float(np.interp(found, recall[::-1], precision[::-1]))
        axes.plot(found, at, "o", color=_RED, markersize=6)
        axes.annotate(
            f"1 in {round(1 / point['budget']):,}\nrecall {found:.0%}", (found, at), xytext=(0, -12),
            textcoords="offset points", ha="center", va="top", color=_RED, fontsize=9, gid=name,
        )  # fmt: skip
    title = f"Offenses against all else ({figures['split']} split): average precision "
    axes.set(xlabel="recall of offenses", ylabel="precision on the corpus", xlim=(0, 1.02), ylim=(0, 1.04))
    axes.set_title(f"{title}{figures['whole']['average_precision']:.3f}", fontsize=11)
    return figure


def _reliability(figures: Mapping[str, Any]) -> Figure:
    figure, axes = _axes(5.4, 4.8)
    axes.plot([0, 1], [0, 1], color=_GRAY, linestyle="--", linewidth=1, label="perfectly calibrated")
    given = [one["given"] for one in figures["reliability"]]
    seen, low, high = np.array([one["seen"] for one in figures["reliability"]]).T
    label = f"all rows, with 95 % intervals (error {figures['whole']['calibration_error']:.3f})"
    axes.errorbar(given, seen, yerr=np.abs([low - seen, high - seen]), color=_BLUE, marker="o", capsize=3, label=label)
    axes.set(xlabel="probability given", ylabel="share that are offenses", title="Are the probabilities what they say?")
    axes.legend(loc="lower right", frameon=False, fontsize=9)
    return figure
