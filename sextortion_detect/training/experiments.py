"""What the model owes to what: many small fits against one sample of background, measured on rows never fitted on.

The results are plain JSON, kept in `experiments.json` beside the card, so that the card can be written again without
fitting again. They name the corpus that they were made on.
"""

import hashlib
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from sklearn.model_selection import GroupKFold

from sextortion_detect.model import features
from sextortion_detect.model.linear import LABELS, Model
from sextortion_detect.taxonomy import OFFENSES, Variety
from sextortion_detect.training import parts
from sextortion_detect.training.corpus import Row
from sextortion_detect.training.fit import Settings, fit
from sextortion_detect.training.label_head import LabelSettings
from sextortion_detect.training.slices import average_precision, macro_f1
from sextortion_detect.training.thresholds import BUDGETS, offense_probabilities, threshold_for_budget
from sextortion_detect.training.traffic import TrafficText

BUDGET: Final = "1e-3"
"""The budget at which recall is told."""

_QUICK: Final = Settings(written_copies=0.0, background_copies=0.0, snippets=0, folds=2)
_SHARES: Final = (8, 4, 2)
_FOLDS: Final = 5
_OFFENSES: Final = [LABELS.index(label) for label in OFFENSES]

PARTS: Final[dict[str, parts.Alteration]] = {
    "without arabizi": parts.without_arabizi,
    "without placeholders": parts.without_placeholders,
    "without concepts": parts.without_concepts,
}

TRIED: Final[dict[str, tuple[dict[str, Any], Callable[[], AbstractContextManager[None]]]]] = {
    "no margins beside the multinomial model": ({"labels": LabelSettings(margin_weight=0.0)}, nullcontext),
    "margins of weight 8": ({"labels": LabelSettings(margin_weight=8.0)}, nullcontext),
    "concepts as heavy as words and characters": ({"labels": LabelSettings(concept_scale=1.0)}, nullcontext),
    "reports of victims as heavy as other rows": ({"labels": LabelSettings(victim_weight=1.0)}, nullcontext),
    "ordinary traffic twice as common": ({"labels": LabelSettings(ordinary_shift=1.6)}, nullcontext),
    "stronger regularization of labels (C = 1)": ({"labels": LabelSettings(label_c=1.0)}, nullcontext),
    "weaker regularization of labels (C = 20)": ({"labels": LabelSettings(label_c=20.0)}, nullcontext),
    "character n-grams of 3 to 5": ({}, lambda: parts.character_ngrams(3, 5)),
    "character n-grams of 2 to 4": ({}, lambda: parts.character_ngrams(2, 4)),
    "single words, no pairs": ({}, parts.single_words),
    "naive-Bayes log-count ratios (Wang and Manning 2012)": ({}, parts.log_count_ratios),
    "two stages: first whether, then which": ({}, parts.two_stages),
}
"""Settings and methods that were tried against the default, by what they change."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much the experiments take: texts of background and of traffic, and the settings of every fit.

    Disguised copies and snippets make a fit five times as long and change little about which of two fits is better;
    tactics are not fitted, since no experiment measures them, and no suspected offenses are dropped.
    """

    background: int = 6_000
    traffic: int = 8_000
    settings: Settings = _QUICK
    seed: int = 20261124


class Laboratory:
    """The rows, the samples and the remembered words that all experiments share."""

    def __init__(
        self, rows: Sequence[Row], background: Sequence[str], traffic: Sequence[TrafficText], plan: Plan
    ) -> None:
        rng = random.Random(plan.seed)
        choosing = [text for text in traffic if text.sets_thresholds]
        self.plan = plan
        self.train = [row for row in rows if row.split == "train"]
        self.dev = [row for row in rows if row.split == "dev"]
        self.test = [row for row in rows if row.split == "test"]
        self.background = rng.sample(list(background), min(plan.background, len(background)))
        self.traffic = rng.sample(choosing, min(plan.traffic, len(choosing)))
        self._reader = parts.Reader()

    def attempt(
        self,
        measured: Sequence[Row],
        train: Sequence[Row] | None = None,
        *,
        dev: Sequence[Row] | None = None,
        alteration: parts.Alteration | None = None,
        background: bool = True,
        changes: dict[str, Any] | None = None,
        otherwise: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> dict[str, float]:
        """Fit once and measure once."""
        with self._reader.reading(alteration), otherwise():
            model = self._fit(train, dev, background=background, changes=changes or {})
            return self._measure(model, measured)

    def attempt_on_each(self, parts_of: dict[str, Sequence[Row]]) -> dict[str, dict[str, float]]:
        """Fit on everything once and measure on several sets of rows."""
        with self._reader.reading():
            model = self._fit(None, None, background=True, changes={})
            return {name: self._measure(model, rows) for name, rows in parts_of.items()}

    def _fit(
        self, train: Sequence[Row] | None, dev: Sequence[Row] | None, *, background: bool, changes: dict[str, Any]
    ) -> Model:
        rows = [*(self.train if train is None else train), *(self.dev if dev is None else dev)]
        settings = replace(self.plan.settings, **changes)
        with parts.labels_alone():
            return fit(rows, self.background if background else (), (), settings)

    def _measure(self, model: Model, rows: Sequence[Row]) -> dict[str, float]:
        labels = model.score(features.read_words(row.text) for row in rows).labels
        truth = np.array([LABELS.index(row.label) for row in rows])
        offending, probabilities = np.isin(truth, _OFFENSES), offense_probabilities(labels)
        figures = {
            "average_precision": average_precision(offending, probabilities),
            "macro_f1": macro_f1(truth, labels.argmax(axis=1)),
        }
        if self.traffic:
            harmless = model.score(features.read_words(text.text) for text in self.traffic).labels
            threshold = threshold_for_budget(offense_probabilities(harmless), BUDGETS[BUDGET])
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
    everything = lab.attempt_on_each({"test": lab.test, "dev": lab.dev, **by_variety})
    whole = everything["test"]
    return {
        "corpus": corpus_digest(rows),
        "background_texts": len(lab.background),
        "traffic_texts": len(lab.traffic),
        "learning_curve": [*_learning_curve(lab), {"share": "1/1", "rows": len(lab.train), **whole}],
        "parts": [
            {"what": "the whole model", **whole},
            *({"what": name, **lab.attempt(lab.test, alteration=part)} for name, part in PARTS.items()),
            {"what": "without background", **lab.attempt(lab.test, background=False)},
        ],
        "varieties": list(_varieties(lab, by_variety, everything)),
        "authors": list(_authors(lab)),
        "tried": [
            {"what": "the default settings", **everything["dev"]},
            *(
                {"what": name, **lab.attempt(lab.dev, changes=changes, otherwise=otherwise)}
                for name, (changes, otherwise) in TRIED.items()
            ),
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
        yield {"share": f"1/{share}", "rows": len(part), **lab.attempt(lab.test, part)}


def _varieties(
    lab: Laboratory, by_variety: dict[str, list[Row]], everything: dict[str, dict[str, float]]
) -> Iterator[dict[str, Any]]:
    """Each variety of the test rows, judged by fits that never saw a row of it."""
    for name, measured in by_variety.items():
        train = [row for row in lab.train if row.variety != name]
        dev = [row for row in lab.dev if row.variety != name]
        yield {
            "variety": name,
            "rows": len(measured),
            "seen": everything[name],
            "unseen": lab.attempt(measured, train, dev=dev),
            "unseen_without_concepts": lab.attempt(measured, train, dev=dev, alteration=parts.without_concepts),
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
            **lab.attempt(measured, [lab.train[place] for place in kept]),
        }
