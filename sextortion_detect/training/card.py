"""The model card: one template, filled from the JSON files beside it; no figure is written by hand.

Its picture is an SVG file that is the same to the byte when drawn again from the same figures.
"""

import json
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from matplotlib import rc_context
from matplotlib.figure import Figure

from sextortion_detect.errors import InputError
from sextortion_detect.model.linear import LABELS, Model
from sextortion_detect.training.attacks import ATTACKS, Strength
from sextortion_detect.training.corpus import SPLITS, corpus_digest, load_chats, load_messages
from sextortion_detect.training.experiments import experiments_table, run_experiments, standard_recipes
from sextortion_detect.training.intervals import allowed, number, per_thousand, percent, plain
from sextortion_detect.training.measure import evaluate, measure_evasion
from sextortion_detect.training.traffic import private_lines, read_traffic

_MOST_LOST: Final = {Strength.UNSEEN: 0.005, Strength.NOTICED: 0.02, Strength.LOSSY: 0.08}
"""The share of offenses that an attack of a strength may make the model miss."""

_UNSEEN: Final = {
    "train": "that it was trained on: they say nothing about other messages",
    "dev": "whose authors wrote no row that it was trained on; probabilities and tactic thresholds were set on it",
    "test": "whose authors wrote no row that anything was trained or set on (how often its figures were looked at "
    "stands in the datasheet of the corpus)",
}


def describe(
    model: Model, corpus: Path, traffic: Path | None = None, split: str = "test", background: Sequence[Path] = (),
    folder: Path | None = None, *, evasion: bool = False, experiments: bool = False,
) -> str:  # fmt: skip
    """The card of a model, measured on a split.

    `evasion` and `experiments` measure these anew. What was measured is kept in `folder`, with the picture, and what
    is kept there of earlier times is shown. Raises `InputError` for a split that does not exist and for experiments
    without background, and as `train` does.
    """
    if split not in SPLITS:
        raise InputError(f"There is no split {split!r}; name one of {', '.join(SPLITS)}.")
    rows, chats = load_messages(corpus), load_chats(corpus)
    left_out, distressed = ({*model.manifest.get(name, {}).get("left_out", ())} for name in ("traffic", "background"))
    measured = [*read_traffic(traffic).without(left_out), *private_lines(corpus)] if traffic is not None else []
    digest = model.manifest.get("sha256", "")
    kept = {} if folder is None else read_kept(folder)
    if experiments:
        ordinary = [text.text for path in background for text in read_traffic(path).without(distressed)]
        run = run_experiments(standard_recipes(), rows, ordinary, measured)
        kept["experiments"] = [*kept.get("experiments", []), run]
    if evasion:
        attacks = [*measure_evasion(model, [row for row in rows if row.split == split])]
        kept["evasion"] = {"model": digest, "split": split, "attacks": attacks}
    counts = {name: Counter(row.label for row in rows if row.split == name) for name in SPLITS}
    of_corpus = {"sha256": corpus_digest(rows), "rows": counts}
    kept["figures"] = {"model": digest, "corpus": of_corpus, **evaluate(model, rows, split, measured, chats)}
    kept = plain(kept)
    if folder is not None:
        write_kept(kept, folder)
        draw_curve(kept["figures"], folder)
    return write_card(model.manifest, kept, pictures=folder is not None)


def write_card(manifest: Mapping[str, Any], kept: Mapping[str, Any], *, pictures: bool) -> str:
    """The card as Markdown, of the manifest of a model and the files that `read_kept` reads beside it."""
    environment = Environment(  # noqa: S701 - Markdown, of figures and names of sources
        loader=FileSystemLoader(Path(__file__).parent), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    shown = {"number": number, "percent": percent, "per_thousand": per_thousand, "allowed": allowed}
    environment.filters |= {**shown, "count": "{:,}".format}
    corpus = kept["figures"]["corpus"]["sha256"]
    card = environment.get_template("card_template.md").render(
        {"evasion": None, "peers": None, **kept},
        manifest={"sha256": "", **manifest},
        pictures=pictures,
        labels=[label.value for label in LABELS],
        unseen=_UNSEEN,
        base_rates=(100, 1_000, 10_000, 100_000),
        precision=_precision,
        attacks=ATTACKS,
        most_lost=_MOST_LOST,
        experiments=[(run["corpus"] == corpus, experiments_table(run)) for run in kept.get("experiments", [])],
    )
    return re.sub(r"\n{3,}", "\n\n", card).rstrip() + "\n"


def _precision(point: Mapping[str, Any], rarity: int) -> str:
    """Bayes: precision = recall x base rate / (recall x base rate + false alarms x (1 - base rate)).

    With the false alarms that were seen, where there were any, and in brackets with the upper end of their interval.
    """
    found, (seen, _, most) = point["recall"][0], point["false_alarms"]
    least, likely = (found / (found + alarms * (rarity - 1) or math.nan) for alarms in (most, seen))
    return f"{likely:.1%} (≥ {least:.1%})" if seen else f"≥ {least:.1%}"


def read_kept(folder: Path) -> dict[str, Any]:
    """What was measured earlier and is kept in a folder, by name; without those that are not there."""
    paths = {name: folder / f"{name}.json" for name in ("figures", "evasion", "experiments", "peers")}
    return {name: json.loads(path.read_text(encoding="utf-8")) for name, path in paths.items() if path.exists()}


def write_kept(kept: Mapping[str, Any], folder: Path) -> None:
    """Write each as a JSON file into a folder."""
    for name, content in plain(kept).items():
        text = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
        (folder / f"{name}.json").write_text(text, encoding="utf-8")


def keep_run(run: Mapping[str, Any], folder: Path) -> None:
    """Append a run of experiments to those that are kept in a folder."""
    write_kept({"experiments": [*read_kept(folder).get("experiments", []), run]}, folder)


def draw_curve(figures: Mapping[str, Any], folder: Path) -> None:
    """Draw `curve.svg` into a folder, from figures as `figures.json` has them: precision, recall and the budgets."""
    with rc_context({"svg.hashsalt": "sextortion-detect"}):  # else the ids in the file are drawn at random
        figure = Figure(figsize=(6.4, 4.4), layout="constrained")
        axes = figure.subplots()
        axes.plot(*np.array(figures["curve"]).T, label=f"average precision {figures['whole']['average_precision']:.3f}")
        for place, point in enumerate(figures["budgets"].values(), start=1):
            found = point["recall"][0]
            axes.axvline(found, color=f"C{place}", label=f"{allowed(point['budget'])}: recall {found:.0%}")
        axes.set(xlabel="recall of offenses", ylabel="precision on the corpus", xlim=(0, 1.02), ylim=(0, 1.04))
        axes.grid(alpha=0.4)
        axes.legend(title=f"Offenses against all else, {figures['split']} split", loc="lower left")
        figure.savefig(folder / "curve.svg", format="svg", metadata={"Date": None, "Creator": None})
