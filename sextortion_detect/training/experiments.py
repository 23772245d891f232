"""Trying recipes: each is fitted on one small part of the corpus and of the background, and measured by `measure`.

Nothing of the test split is looked at. What was tried is kept as a list of runs in plain JSON types, so that the card
can say what won and what lost; each run begins with the default recipe, which the others are held against.
"""

import random
import runpy
import time
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from joblib import Parallel, delayed
from scipy.sparse import csr_matrix, hstack
from scipy.special import softmax
from threadpoolctl import threadpool_limits

from sextortion_detect.errors import InputError
from sextortion_detect.model.linear import LABELS, Array, Model
from sextortion_detect.training.corpus import Row, corpus_digest, load_messages
from sextortion_detect.training.fit import Material, fit, gather
from sextortion_detect.training.intervals import number, table
from sextortion_detect.training.label_head import fit_label_head, fit_scaling, label_weights
from sextortion_detect.training.measure import (
    DEFAULT,
    Detector,
    Figures,
    Scored,
    average_precision,
    label_probabilities,
    measure,
    plain,
    quality,
)  # fmt: skip
from sextortion_detect.training.recipe import Recipe, read_recipe
from sextortion_detect.training.traffic import TrafficText, read_left_out, read_traffic
from sextortion_detect.training.vocabulary import matrix

SMALL: Final = Recipe(rows=0.5, background=80_000, background_frequency=75, written_copies=2.0, snippets=10_000)
"""The setting of every experiment: a fit takes a minute or two and tells well which of two recipes is better."""

TRAFFIC: Final = 30_000
"""How many real texts are drawn."""

STANDARD: Final = Path(__file__).with_name("standard_recipes.toml")
"""What each part is worth: recipes beside `SMALL`, by what they change."""

_HELD_OUT: Final = 8  # of the authors of the train rows, one in so many is fitted on by no recipe
_PADDING: Final = 25  # ordinary words
_SETS: Final = {"dev": "dev", "unseen authors": "train"}
"""The sets of rows that are measured on, with the split that each is from."""
_FIGURES: Final = {"average_precision": 1, "macro_f1": 1, "caught": 1, "victims_flagged": -1, "calibration_error": -1}
"""What is told of each set of rows, and whether more of it is better."""


@dataclass(frozen=True, slots=True)
class Bench:
    """What all recipes of a run share: rows to fit on, other rows to measure on, background and traffic."""

    rows: Sequence[Row]
    measured: Sequence[Row]
    background: Sequence[str]
    traffic: Sequence[TrafficText]

    @classmethod
    def of(cls, rows: Sequence[Row], background: Sequence[str], traffic: Sequence[TrafficText]) -> "Bench":
        """The bench of a corpus: the dev rows and those of some train authors, which are held out, are measured on."""
        chance = random.Random(SMALL.seed)
        authors = sorted({row.author for row in rows if row.split == "train"})
        held = {*chance.sample(authors, max(1, len(authors) // _HELD_OUT))}
        measured = [row for row in rows if row.split == "dev" or (row.split == "train" and row.author in held)]
        kept = [row for row in rows if row.split != "test" and row.author not in held]
        return cls(kept, measured, background, chance.sample([*traffic], min(TRAFFIC, len(traffic))))


def try_recipes(
    given: Sequence[str], corpus: Path, background: Sequence[Path], traffic: Path | None = None, n_jobs: int = 1
) -> dict[str, Any]:
    """`run_experiments` with recipes and texts from files, as the command line has them; raises as it does."""
    recipes = {"; ".join(recipe.strip("{} \n").splitlines()): SMALL.but(read_recipe(recipe)) for recipe in given}
    ordinary = [text.text for path in background for text in read_traffic(path).texts]
    real = read_traffic(traffic).without(read_left_out(corpus)) if traffic is not None else []
    return run_experiments(recipes, load_messages(corpus), ordinary, real, n_jobs)


def standard_recipes() -> dict[str, Recipe]:
    """The recipes of `STANDARD`."""
    return {what: SMALL.but(fields) for what, fields in tomllib.loads(STANDARD.read_text(encoding="utf-8")).items()}


def run_experiments(
    recipes: Mapping[str, Recipe], rows: Sequence[Row], background: Sequence[str], traffic: Sequence[TrafficText],
    n_jobs: int = 1, default: Recipe = SMALL,
) -> dict[str, Any]:  # fmt: skip
    """One run: the default recipe and then each of these, by what it changes; as many at once as there are processes.

    Raises `InputError` without background, for a recipe that names what there is not, and as `fit` does.
    """
    if not background:
        raise InputError("The experiments need ordinary messages to fit against; give --background.")
    bench = Bench.of(rows, background, traffic)
    named = {"the default recipe": default, **recipes}
    tried = Parallel(n_jobs=n_jobs)(delayed(try_recipe)(name, recipe, bench) for name, recipe in named.items())
    return {"corpus": corpus_digest(rows), "traffic_texts": len(bench.traffic), "tried": tried}


def try_recipe(name: str, recipe: Recipe, bench: Bench) -> Figures:
    """Fit a recipe on the bench and measure it; the threshold of `DEFAULT` comes from half of the traffic."""
    started = time.perf_counter()
    rows, texts = bench.measured, [row.text for row in bench.measured]
    beside = padded(texts, [text.text for text in bench.traffic] or bench.background)
    with threadpool_limits(limits=1):
        detector = fit_recipe(recipe, bench)
        point = measure(detector, rows, bench.traffic)["budgets"].get(DEFAULT, {"threshold": 0.5, "by_stratum": {}})
        scored, told = (Scored(rows, label_probabilities(detector, some)) for some in (texts, beside))
    split, variety = np.array([row.split for row in rows]), np.array([row.variety for row in rows])
    found: Figures = {"what": name, "recipe": recipe.changes(SMALL)}
    for of_set, of_split in _SETS.items():
        figures = quality(scored.take(split == of_split), point["threshold"], {})
        found[of_set] = {
            name: figures[name][0] if name in {"caught", "victims_flagged"} else figures[name] for name in _FIGURES
        }
    found["padded"] = (told.probabilities[told.offending] >= point["threshold"]).mean()
    found["varieties"] = {
        str(one): average_precision(scored.offending[variety == one], scored.probabilities[variety == one])
        for one in np.unique(variety)
    }
    found["strata"] = {stratum: rate.value for stratum, rate in point["by_stratum"].items()}
    minutes = round((time.perf_counter() - started) / 60, 1)
    rounded: Figures = plain(found)
    return {**rounded, "minutes": minutes}


def padded(texts: Sequence[str], ordinary: Sequence[str]) -> list[str]:
    """Texts with ordinary words in a row beside them, half of these before and half behind.

    >>> padded(["x"], ["هلا " * 30])[0].split().index("x")
    12
    """
    chance = random.Random(SMALL.seed)
    words = [word for text in ordinary for word in text.split()]
    beside = []
    for text in texts:
        begin = chance.randrange(max(len(words) - _PADDING, 1))
        pad = words[begin : begin + _PADDING]
        beside.append(" ".join([*pad[: len(pad) // 2], text, *pad[len(pad) // 2 :]]))
    return beside


def fit_recipe(recipe: Recipe, bench: Bench) -> Model | Detector:
    """The model of a recipe; where it names a peer or a block, what these give."""
    if not recipe.peer and not recipe.block:
        return fit(bench.rows, bench.background, (), recipe)
    made = gather(bench.rows, bench.background, recipe)
    return _fit_peer(made, recipe) if recipe.peer else _fit_with_block(made, recipe)


def _named(place: str) -> Any:
    """What a function of a Python file gives, named as `FILE.py:NAME`."""
    path, _, name = place.rpartition(":")
    try:
        make = runpy.run_path(path)[name]
    except (ImportError, OSError, KeyError):
        raise InputError(f"There is no {place}; name a function in a Python file as FILE.py:NAME.") from None
    return make()


def _fit_peer(made: Material, recipe: Recipe) -> Detector:
    """A scikit-learn classifier of texts on the same texts with the same weights; ordinary ones are a label more."""
    peer = _named(recipe.peer)
    texts = [*(row.text for row in made.train), *made.ordinary]
    labels = [*(row.label.value for row in made.train), *["ordinary"] * len(made.ordinary)]
    of_last = f"{peer.steps[-1][0]}__" if hasattr(peer, "steps") else ""  # a pipeline hands weights to its last step
    weights = label_weights(made.labels, len(made.ordinary), made.origins, recipe)
    fitted: Detector = peer.fit(texts, labels, **{f"{of_last}sample_weight": weights})
    return fitted


@dataclass(frozen=True, slots=True)
class WithBlock:
    """A label head over the features of a model and those of a further block."""

    rows: Callable[[Sequence[str]], csr_matrix]
    weights: Array
    bias: Array
    temperature: float
    classes_: Sequence[str] = (*(label.value for label in LABELS), "ordinary")

    def predict_proba(self, texts: Sequence[str], /) -> Array:
        """The probability of each class (texts x 5)."""
        return np.asarray(softmax((self.rows(texts) @ self.weights + self.bias) / self.temperature, axis=1))


def _fit_with_block(made: Material, recipe: Recipe) -> WithBlock:
    written, dev = [row.text for row in made.train], [row.text for row in made.dev]
    block = _named(recipe.block).fit(written)

    def rows_of(texts: Sequence[str]) -> csr_matrix:
        rows: csr_matrix = hstack([matrix(made.vectorizer, texts), block.transform(texts)], format="csr")
        return rows

    head = fit_label_head(rows_of(written), made.labels, rows_of(made.ordinary), recipe, made.origins)
    scaling = fit_scaling(np.asarray(rows_of(dev) @ head.weights + head.bias), [row.label for row in made.dev])
    return WithBlock(rows_of, np.asarray(head.weights), scaling.shifted(head).bias, scaling.temperature)


def experiments_table(run: Mapping[str, Any]) -> str:
    """A run as a Markdown table: recall and victims flagged are at `DEFAULT`, false alarms per 1,000 by stratum."""
    default = run["tried"][0]
    names = ("average precision", "macro-F1", "recall", "victims flagged", "calibration error")
    lines = []
    for one in run["tried"]:
        ahead = sum(way * (one[of][name] - default[of][name]) > 0 for of in _SETS for name, way in _FIGURES.items())
        ahead += one["padded"] > default["padded"]
        shown = [*(number(one[of][name]) for of in _SETS for name in _FIGURES), number(one["padded"])]
        alarms = [f"{1000 * rate:.2f}" for rate in one["strata"].values()]
        unseen = [f"{one['varieties'][name]:.3f} (fitted with it {default['varieties'][name]:.3f})"
                  for name in one["recipe"].get("without_varieties", ())]  # fmt: skip
        better = "" if one is default else f"{ahead} of 11"
        lines.append([one["what"], *shown, *alarms, ", ".join(unseen), f"{one['minutes']}", better])
    head = [*(f"{name}, {of}" for of in _SETS for name in names), "recall, offenses with ordinary words beside them"]
    strata = [f"per 1,000 in {name or 'all'}" for name in default["strata"]]
    last = ("average precision, variety left out", "minutes", "better in")
    return table(["recipe", *head, *strata, *last], lines)
