"""The model card: figures go from `evaluate` into `card_template.md`; none is written by hand."""

from collections.abc import Mapping, Sequence
from importlib import resources
from string import Template
from typing import Any, Final

from sextortion_detect.model.linear import LABELS, Model
from sextortion_detect.training.evaluate import Figures, Slice
from sextortion_detect.training.thresholds import Rate

_BASE_RATES: Final = (1e-2, 1e-3, 1e-4, 1e-5)

_UNSEEN: Final = {
    "train": "that it was trained on: they say nothing about other messages",
    "dev": "whose authors wrote no row that it was trained on; temperature and tactic thresholds were set on it",
    "test": "whose authors wrote no row that anything was trained, set or tuned on",
}


def write_card(model: Model, figures: Figures, alone: Figures, rows: Mapping[str, Mapping[str, int]]) -> str:
    """The card as Markdown.

    `figures` are the model's, `alone` those of a model fitted without background; `rows` counts rows by split, label.
    """
    template = resources.files("sextortion_detect.training").joinpath("card_template.md").read_text(encoding="utf-8")
    background = model.manifest["data"]["background"]
    return Template(template).substitute(
        name=model.manifest["name"],
        split=figures.split,
        unseen=_UNSEEN[figures.split],
        background_frequency=model.manifest["settings"]["background_frequency"],
        written_frequency=model.manifest["settings"]["written_frequency"],
        features=f"{len(model.vectorizer.idf):,}",
        temperature=model.temperature,
        threshold=f"{model.thresholds['offense']:.4f}",
        corpus=_corpus_table(rows),
        background=_sources(background),
        snippets=f"{model.manifest['background']['snippets']:,}",
        dropped=model.manifest["background"]["suspected_offenses_dropped"],
        headline=_headline(figures, alone),
        budgets=_budgets(figures),
        precision=_precision(figures),
        varieties=_slices("variety", figures.by_variety),
        scripts=_slices("script", figures.by_script),
        confusion=_confusion(figures.confusion),
        chats=_chats(figures),
        sources=_by_source(figures),
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(head)} |", "|---" + "|--:" * (len(head) - 1) + "|"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def _percent(value: Rate) -> str:
    return f"{value.value:.1%} ({value.low:.1%} – {value.high:.1%})"


def _per_thousand(value: Rate) -> str:
    return f"{1000 * value.value:.2f} ({1000 * value.low:.2f} – {1000 * value.high:.2f})"


def _corpus_table(rows: Mapping[str, Mapping[str, int]]) -> str:
    head = ["split", *(label.value for label in LABELS), "rows"]
    return _table(
        head,
        [
            [split, *(f"{counts.get(label.value, 0):,}" for label in LABELS), f"{sum(counts.values()):,}"]
            for split, counts in rows.items()
        ],
    )


def _sources(files: Sequence[Mapping[str, Any]]) -> str:
    if not files:
        return "None: this model was fitted on the corpus alone."
    rows: list[list[str]] = []
    for file in files:
        rows.extend([source, f"{count:,}"] for source, count in file["sources"].items())
    return _table(["source", "texts"], rows)


def _headline(figures: Figures, alone: Figures) -> str:
    def lines(of: Figures) -> list[str]:
        return [
            f"{of.whole.average_precision:.3f}",
            f"{of.whole.macro_f1:.3f}",
            f"{of.whole.recall:.3f}",
            f"{of.tactics_micro_f1:.3f}",
            f"{of.tactics_macro_f1:.3f}",
            _per_thousand(of.victims_flagged),
            _percent(of.benign_flagged),
        ]

    names = [
        "average precision of flagged",
        "macro-F1, four labels",
        "recall of offenses at the default threshold",
        "micro-F1, tactics of offenses",
        "macro-F1, tactics of offenses",
        "victim reports flagged, per 1,000",
        "hard negatives flagged",
    ]
    head = ["figure", "this model", "fitted on the corpus alone"]
    return _table(head, list(map(list, zip(names, lines(figures), lines(alone), strict=True))))


def _budgets(figures: Figures) -> str:
    if not figures.budgets:
        return "No real traffic was given."
    return _table(
        ["false alarms allowed", "threshold", "false alarms seen per 1,000", "recall of offenses"],
        [
            [
                f"1 in {round(1 / point.budget):,}",
                f"{point.threshold:.4f}",
                _per_thousand(point.false_alarms),
                _percent(point.recall),
            ]
            for point in figures.budgets
        ],
    )


def _precision(figures: Figures) -> str:
    """Bayes: precision = recall x base rate / (recall x base rate + false alarms x (1 - base rate))."""
    if not figures.budgets:
        return "No real traffic was given."
    rows = []
    for point in figures.budgets:
        worst = point.false_alarms.high
        found = [(point.recall.value * base, worst * (1 - base)) for base in _BASE_RATES]
        rows.append([f"1 in {round(1 / point.budget):,}", *(f"{true / (true + false):.0%}" for true, false in found)])
    return _table(["false alarms allowed", *(f"1 offense in {round(1 / base):,}" for base in _BASE_RATES)], rows)


def _slices(name: str, slices: Mapping[str, Slice]) -> str:
    return _table(
        [name, "rows", "average precision", "recall", "macro-F1"],
        [
            [key, f"{part.rows:,}", f"{part.average_precision:.3f}", f"{part.recall:.3f}", f"{part.macro_f1:.3f}"]
            for key, part in slices.items()
        ],
    )


def _confusion(counts: Sequence[Sequence[int]]) -> str:
    names = [label.value for label in LABELS]
    return _table(["true, given as", *names], [[name, *map(str, row)] for name, row in zip(names, counts, strict=True)])


def _chats(figures: Figures) -> str:
    if figures.chats is None:
        return "No conversations of this split were given."
    return _table(
        ["figure", "value"],
        [
            ["offending chats flagged", _percent(figures.chats.flagged)],
            ["… with the right label", _percent(figures.chats.right_label)],
            ["… at most two messages after the marked one", _percent(figures.chats.within_two_messages)],
            ["harmless look-alikes flagged", _percent(figures.chats.harmless_flagged)],
        ],
    )


def _by_source(figures: Figures) -> str:
    if not figures.false_alarms_by_source:
        return "No real traffic was given."
    return _table(
        ["source", "flagged per 1,000"],
        [[source, _per_thousand(value)] for source, value in figures.false_alarms_by_source.items()],
    )
