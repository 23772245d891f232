"""The model card: figures go from `evaluate` into `card_template.md`; none is written by hand."""

from collections.abc import Mapping, Sequence
from importlib import resources
from string import Template
from typing import Any, Final

from sextortion_detect.model.linear import OFFENSE, Model
from sextortion_detect.training import card_errors as errors
from sextortion_detect.training import card_tables as tables
from sextortion_detect.training.card_experiments import experiments_section
from sextortion_detect.training.card_peers import peers_section
from sextortion_detect.training.evaluate import Figures
from sextortion_detect.training.evasion import Robustness

_UNSEEN: Final = {
    "train": "that it was trained on: they say nothing about other messages",
    "dev": "whose authors wrote no row that it was trained on; probabilities and tactic thresholds were set on it",
    "test": "whose authors wrote no row that anything was trained or set on (how often its figures were looked at "
    "stands in the datasheet of the corpus)",
}
_PICTURES: Final = {
    "curve": "Precision and recall, with the budgets marked",
    "reliability": "Reliability of the probabilities",
    "confusion": "Confusion of labels",
    "varieties": "Figures by variety",
    "learning": "Learning curve",
}


def write_card(
    model: Model,
    figures: Figures,
    rows: Mapping[str, Mapping[str, int]],
    *,
    corpus: str = "",
    evasion: Sequence[Robustness] | None = None,
    experiments: Mapping[str, Any] | None = None,
    peers: Mapping[str, Any] | None = None,
    pictures: Mapping[str, str] | None = None,
) -> str:
    """The card as Markdown.

    `rows` counts rows by split and label; `corpus` is the digest of the corpus, which tells whether `experiments` and
    `peers` are of it; these and `evasion` are left out where they are None; `pictures` are file names as `write_plots`
    gives them.
    """
    template = resources.files("sextortion_detect.training").joinpath("card_template.md").read_text(encoding="utf-8")
    manifest = model.manifest
    background = manifest["data"]["background"]
    shown = {f"{name}_picture": _picture(name, (pictures or {}).get(name)) for name in _PICTURES}
    return Template(template).substitute(
        name=manifest["name"],
        split=figures.split,
        unseen=_UNSEEN[figures.split],
        authors=figures.whole.authors,
        variety_limits=_variety_limits(figures),
        background_frequency=manifest["settings"]["background_frequency"],
        written_frequency=manifest["settings"]["written_frequency"],
        features=f"{len(model.vectorizer.idf):,}",
        calibration=_calibration(model),
        threshold=f"{model.thresholds[OFFENSE]:.4f}",
        corpus=tables.corpus_table(rows),
        background=tables.sources_table(background),
        background_texts=f"{manifest['background']['texts']:,}",
        traffic=_traffic(manifest["data"]["traffic"]),
        snippets=f"{manifest['settings']['snippets']:,}",
        left_out=f"{len(manifest['traffic']['left_out']):,}",
        bad_lines=_bad_lines(background),
        headline=tables.headline_table(figures),
        budgets=tables.budgets_table(figures),
        precision=tables.precision_table(figures),
        confusion=tables.confusion_table(figures.whole.confusion),
        tactics=tables.tactics_table(figures),
        varieties=tables.slices_table("variety", figures),
        scripts=tables.slices_table("script", figures),
        lengths=tables.slices_table("length", figures),
        kinds=errors.kinds_table(figures),
        reliability=tables.reliability_table(figures),
        reliability_by_variety=tables.reliability_by_variety_table(figures),
        chats=tables.chats_table(figures.chats),
        sources=errors.by_source_table(figures),
        misses=errors.mistakes_table(figures.misses),
        false_alarms=errors.mistakes_table(figures.false_alarms),
        peers=peers_section(peers, manifest["name"], str(manifest.get("sha256", "")), corpus),
        evasion="Not measured of this model yet: `sextortion-detect evaluate --evasion` does."
        if evasion is None
        else errors.evasion_table(evasion),
        experiments=experiments_section(experiments, corpus, shown.pop("learning_picture")),
        **shown,
    )


def _picture(name: str, file: str | None) -> str:
    return "" if file is None else f"\n![{_PICTURES[name]}]({file})\n"


def _calibration(model: Model) -> str:
    """By what scores were set right, and for which base rate."""
    kept = model.manifest.get("calibration")
    if kept is None:  # of a model older than shifts
        return f"temperature {model.temperature}"
    shifts = ", ".join(f"{name} {shift:+.3f}" for name, shift in kept["shifts"].items())
    return f"temperature {model.temperature}, shifts {shifts} (right where {kept['prevalence']:.0%} are offenses)"


def _variety_limits(figures: Figures) -> str:
    """In which varieties most is missed, in one sentence."""
    parts = sorted(figures.slices["variety"].items(), key=lambda item: item[1].caught.value)
    (worst, low), (best, high) = parts[0], parts[-1]
    return (
        f"at the default threshold it finds {tables.percent(low.caught)} of the offenses in {worst}, where it misses "
        f"most, and {tables.percent(high.caught)} in {best}; average precision lies between "
        f"{min(part.average_precision for _, part in parts):.3f} and "
        f"{max(part.average_precision for _, part in parts):.3f}. A variety, a country or a way of writing that is not "
        "in the corpus is worse off still: see the varieties that were never seen."
    )


def _traffic(files: Sequence[Mapping[str, Any]]) -> str:
    if not files:
        return "none was given, so the benign dev rows set the thresholds"
    return ", ".join(f"{file['texts']:,} texts of {len(file['sources'])} sources" for file in files)


def _bad_lines(files: Sequence[Mapping[str, Any]]) -> str:
    count = sum(file.get("bad_lines", 0) for file in files)
    return f"{count:,} lines without a text" if count else "no line for want of a text"
