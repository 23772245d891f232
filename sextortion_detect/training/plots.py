"""The pictures of the card, as SVG files that are the same to the byte when drawn again from the same figures."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sextortion_detect.model.linear import LABELS
from sextortion_detect.training.evaluate import Figures

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


def write_plots(figures: Figures, experiments: Mapping[str, Any] | None, folder: Path) -> dict[str, str]:
    """Draw every picture there are figures for into a folder; gives the file names by what they show."""
    pictures: dict[str, Callable[[], Figure]] = {
        "curve": lambda: _curve(figures),
        "reliability": lambda: _reliability(figures),
        "confusion": lambda: _confusion(figures),
        "varieties": lambda: _varieties(figures),
    }
    if experiments is not None:
        pictures["learning"] = lambda: _learning(experiments)
    names = {}
    with rc_context(_STYLE):
        for name, draw in pictures.items():
            names[name] = f"{name}.svg"
            draw().savefig(folder / names[name], format="svg", metadata={"Date": None, "Creator": None})
    return names


def _axes(width: float, height: float) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(width, height), layout="constrained", facecolor="white")
    return figure, figure.subplots()


def _curve(figures: Figures) -> Figure:
    figure, axes = _axes(6.4, 4.2)
    recall, precision = np.array(figures.curve).T
    axes.plot(recall, precision, color=_BLUE, linewidth=1.8)
    for name, point in figures.budgets.items():
        at = float(np.interp(point.recall.value, recall[::-1], precision[::-1]))
        axes.plot(point.recall.value, at, "o", color=_RED, markersize=6)
        axes.annotate(
            f"1 in {round(1 / point.budget):,}\nrecall {point.recall.value:.0%}",
            (point.recall.value, at),
            xytext=(0, -12),
            textcoords="offset points",
            ha="center",
            va="top",
            color=_RED,
            fontsize=9,
            gid=name,
        )
    axes.set(
        xlabel="recall of offenses",
        ylabel="precision on the corpus",
        title=f"Offenses against all else ({figures.split} split): average precision "
        f"{figures.whole.average_precision:.3f}",
        xlim=(0, 1.02),
        ylim=(0, 1.04),
    )
    axes.title.set_fontsize(11)
    if figures.budgets:
        axes.plot([], [], "o", color=_RED, label="threshold at a budget of false alarms in real traffic")
        axes.legend(loc="lower left", frameon=False, fontsize=9)
    return figure


def _reliability(figures: Figures) -> Figure:
    figure, axes = _axes(5.4, 4.8)
    axes.plot([0, 1], [0, 1], color=_GRAY, linestyle="--", linewidth=1, label="perfectly calibrated")
    for name, bins in figures.reliability.items():
        given, seen = [one.given for one in bins], [one.seen.value for one in bins]
        if name == "all":
            ends = np.abs(np.array([[one.seen.low, one.seen.high] for one in bins]).T - np.array(seen))
            axes.errorbar(
                given, seen, yerr=ends, color=_BLUE, marker="o", linewidth=1.8, capsize=3, zorder=3,
                label=f"all rows, with 95 % intervals (error {figures.whole.calibration_error:.3f})",
            )  # fmt: skip
        else:
            axes.plot(given, seen, color=_GRAY, linewidth=0.8, alpha=0.6)
    axes.plot([], [], color=_GRAY, linewidth=0.8, alpha=0.6, label="each variety")
    axes.set(xlabel="probability given", ylabel="share that are offenses", title="Are the probabilities what they say?")
    axes.legend(loc="lower right", frameon=False, fontsize=9)
    return figure


def _confusion(figures: Figures) -> Figure:
    figure, axes = _axes(5.4, 4.4)
    counts = np.array(figures.whole.confusion)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    names = [label.value.replace("_", " ") for label in LABELS]
    axes.set_xticks(range(len(names)), names)
    axes.set_yticks(range(len(names)), names)
    axes.set(xlabel="given label", ylabel="true label", title=f"Labels of the {figures.split} split")
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    for (row, column), share in np.ndenumerate(shares):
        color = "white" if share > 0.5 else "black"
        axes.text(column, row, f"{counts[row, column]:,}\n{share:.0%}", ha="center", va="center", color=color)
    return figure


def _varieties(figures: Figures) -> Figure:
    figure, axes = _axes(7.0, 3.8)
    parts = figures.slices["variety"]
    places = np.arange(len(parts))
    bars = {
        "average precision": [part.average_precision for part in parts.values()],
        "macro-F1": [part.macro_f1 for part in parts.values()],
        "recall at the default threshold": [part.caught.value for part in parts.values()],
    }
    for number, ((name, heights), color) in enumerate(zip(bars.items(), (_BLUE, "#7fb3d5", _RED), strict=True)):
        axes.bar(places + (number - 1) * 0.27, np.nan_to_num(heights), 0.25, color=color, label=name)
    caught = np.array([part.caught for part in parts.values()])
    middles = np.nan_to_num(caught[:, 0])
    ends = np.abs(caught[:, 1:].T - middles)
    axes.errorbar(places + 0.27, middles, yerr=ends, fmt="none", color="black", capsize=2, linewidth=0.8)
    axes.set_xticks(places, list(parts))
    axes.set(ylim=(0, 1.05), title=f"By variety ({figures.split} split)")
    axes.grid(visible=False, axis="x")
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.1), ncols=3, frameon=False, fontsize=9)
    return figure


def _learning(experiments: Mapping[str, Any]) -> Figure:
    figure, axes = _axes(6.0, 4.0)
    points = experiments["learning_curve"]
    rows = [point["rows"] for point in points]
    for (key, name), color in zip(
        {"average_precision": "average precision", "macro_f1": "macro-F1", "recall": "recall at 1 in 1,000"}.items(),
        (_BLUE, "#7fb3d5", _RED),
        strict=True,
    ):
        if key in points[0]:
            axes.plot(rows, [point[key] for point in points], marker="o", color=color, label=name)
    axes.set_xscale("log", base=2)
    axes.set_xticks(rows, [f"{count:,}\n({point['share']})" for count, point in zip(rows, points, strict=True)])
    axes.minorticks_off()
    axes.set(xlabel="train rows", ylim=(0, 1.05), title="What more rows would bring (test split)")
    axes.legend(loc="lower right", frameon=False, fontsize=9)
    return figure
