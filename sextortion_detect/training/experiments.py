"""What the model owes to what: many small fits against one sample of background, measured on rows never fitted on.

The results are plain JSON, kept in `experiments.json` beside the card, so that the card can be written again without
fitting again. They name the corpus that they were made on.
"""

import hashlib
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from sklearn.model_selection import GroupKFold

from sextortion_detect.model.linear import LABELS, OFFENSE, Model
from sextortion_detect.taxonomy import OFFENSES, Variety
from sextortion_detect.training.corpus import Row
from sextortion_detect.training.fit import Settings, fit
from sextortion_detect.training.label_head import LabelSettings
from sextortion_detect.training.slices import average_precision, macro_f1
from sextortion_detect.training.thresholds import BUDGETS, budget_thresholds, offense_probabilities
from sextortion_detect.training.traffic import TrafficText, set_thresholds

BUDGET: Final = "1e-3"
"""The budget at which recall is told."""

_QUICK: Final = Settings(written_copies=0.0, background_copies=0.0, snippets=0, background_frequency=50)
_SHARES: Final = (8, 4, 2)
_FOLDS: Final = 5
_OFFENSES: Final = [LABELS.index(label) for label in OFFENSES]

WITHOUT: Final = ("concepts", "placeholders", "pairs of words", "pairs of concepts", "n-grams of 3", "n-grams of 5")
"""Kinds of features that are left out, one at a time."""

TRIED: Final[dict[str, dict[str, Any]]] = {
    "no margins beside the multinomial model": {"labels": LabelSettings(margin_weight=0.0)},
    "margins of weight 8": {"labels": LabelSettings(margin_weight=8.0)},
    "reports of victims as heavy as other rows": {"labels": LabelSettings(victim_weight=1.0)},
    "ordinary traffic three times as common": {"labels": LabelSettings(ordinary_shift=0.9)},
    "stronger regularization of labels (C = 1)": {"labels": LabelSettings(label_c=1.0)},
    "weaker regularization of labels (C = 20)": {"labels": LabelSettings(label_c=20.0)},
}
"""Settings that were tried against the default, by what they change."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much the experiments take: texts of background and of traffic, and the settings of every fit.

    Disguised copies and snippets make a fit five times as long and change little about which of two fits is better.
    """

    background: int = 6_000
    traffic: int = 8_000
    settings: Settings = _QUICK
    seed: int = 20261124


class Laboratory:
    """The rows and the samples that all experiments share."""

    def __init__(
        self, rows: Sequence[Row], background: Sequence[str], traffic: Sequence[TrafficText], plan: Plan
    ) -> None:
        rng = random.Random(plan.seed)
        choosing = [text for text, sets in zip(traffic, set_thresholds(traffic), strict=True) if sets]
        self.plan = plan
        self.train = [row for row in rows if row.split == "train"]
        self.dev = [row for row in rows if row.split == "dev"]
        self.test = [row for row in rows if row.split == "test"]
        self.background = rng.sample(list(background), min(plan.background, len(background)))
        self.traffic = rng.sample(choosing, min(plan.traffic, len(choosing)))

    def fit(
        self,
        train: Sequence[Row] | None = None,
        dev: Sequence[Row] | None = None,
        *,
        background: bool = True,
        **changes: Any,
    ) -> Model:
        """Fit once, on these rows or on all, with some of the settings changed."""
        rows = [*(self.train if train is None else train), *(self.dev if dev is None else dev)]
        return fit(rows, self.background if background else (), (), replace(self.plan.settings, **changes))

    def measure(self, model: Model, rows: Sequence[Row]) -> dict[str, float]:
        """Average precision, macro-F1, and the recall at the budget where there is traffic."""
        labels = model.score([row.text for row in rows]).labels
        truth = np.array([LABELS.index(row.label) for row in rows])
        offending, probabilities = np.isin(truth, _OFFENSES), offense_probabilities(labels)
        figures = {
            "average_precision": average_precision(offending, probabilities),
            "macro_f1": macro_f1(truth, labels.argmax(axis=1)),
        }
        if self.traffic:
            harmless = model.score([text.text for text in self.traffic]).labels
            strata = [text.stratum for text in self.traffic]
            threshold = budget_thresholds(harmless, strata, BUDGETS[BUDGET])[OFFENSE]
            figures["recall"] = float((probabilities[offending] >= threshold).mean())
        return {name: round(value, 4) for name, value in figures.items()}


def run_experiments(
    rows: Sequence[Row], background: Sequence[str], traffic: Sequence[TrafficText], plan: Plan | None = None
) -> dict[str, Any]:
    """All experiments, in about a quarter of an hour on one core; deterministic, and in plain JSON types.

    Raises `CorpusError` as `fit` does.
    """
    lab = Laboratory(rows, background, traffic, plan or Plan())
    by_variety = {variety.value: [row for row in lab.test if row.variety is variety] for variety in Variety}
    whole = lab.fit()
    on_test, on_dev = lab.measure(whole, lab.test), lab.measure(whole, lab.dev)
    return {
        "corpus": corpus_digest(rows),
        "background_texts": len(lab.background),
        "traffic_texts": len(lab.traffic),
        "learning_curve": [*_learning_curve(lab), {"share": "1/1", "rows": len(lab.train), **on_test}],
        "parts": [
            {"what": "the whole model", **on_test},
            *({"what": f"without {name}", **lab.measure(lab.fit(without=(name,)), lab.test)} for name in WITHOUT),
            {"what": "without background", **lab.measure(lab.fit(background=False), lab.test)},
        ],
        "varieties": list(_varieties(lab, by_variety, whole)),
        "authors": list(_authors(lab)),
        "tried": [
            {"what": "the default settings", **on_dev},
            *({"what": name, **lab.measure(lab.fit(**changes), lab.dev)} for name, changes in TRIED.items()),
        ],
    }


def corpus_digest(rows: Sequence[Row]) -> str:
    """SHA-256 over all that is annotated, in the order of the ids."""
    digest = hashlib.sha256()
    for row in sorted(rows, key=lambda row: row.id):
        digest.update("\t".join((row.id, row.text, row.label, ";".join(row.tactics), row.split)).encode() + b"\n")
    return digest.hexdigest()


def _learning_curve(lab: Laboratory) -> Iterator[dict[str, Any]]:
    """Growing shares of the train rows, each within the next, every variety and label alike."""
    for share in _SHARES:
        part = lab.train[::share]
        yield {"share": f"1/{share}", "rows": len(part), **lab.measure(lab.fit(part), lab.test)}


def _varieties(lab: Laboratory, by_variety: dict[str, list[Row]], whole: Model) -> Iterator[dict[str, Any]]:
    """Each variety of the test rows, judged by fits that never saw a row of it."""
    for name, measured in by_variety.items():
        train = [row for row in lab.train if row.variety != name]
        dev = [row for row in lab.dev if row.variety != name]
        yield {
            "variety": name,
            "rows": len(measured),
            "seen": lab.measure(whole, measured),
            "unseen": lab.measure(lab.fit(train, dev), measured),
            "unseen_without_concepts": lab.measure(lab.fit(train, dev, without=("concepts",)), measured),
        }


def _authors(lab: Laboratory) -> Iterator[dict[str, Any]]:
    """Folds over the authors of the train rows, each judged by a fit on the other authors."""
    authors = np.array([row.author for row in lab.train])
    for number, (kept, held) in enumerate(GroupKFold(_FOLDS).split(authors, groups=authors), start=1):
        measured = [lab.train[place] for place in held]
        yield {
            "fold": number,
            "authors": len({row.author for row in measured}),
            "rows": len(measured),
            **lab.measure(lab.fit([lab.train[place] for place in kept]), measured),
        }
