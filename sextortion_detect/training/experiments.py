"""Trying recipes: each is fitted on one small part of the corpus and of the background, and measured by `measure`.

Nothing of the test split is looked at. What was tried is kept as a list of runs in plain JSON types, so that the card
can say what won and what lost; each run begins with the default recipe, which the others are held against.
"""

import random
import runpy
import time
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from joblib import Parallel, delayed
from threadpoolctl import threadpool_limits

from sextortion_detect.errors import InputError
from sextortion_detect.training import measure
from sextortion_detect.training.attacks import padded
from sextortion_detect.training.corpus import Row, corpus_digest, load_messages
from sextortion_detect.training.fit import fit, gather
from sextortion_detect.training.intervals import number, plain, table
from sextortion_detect.training.label_head import label_weights
from sextortion_detect.training.recipe import Recipe, read_recipe
from sextortion_detect.training.traffic import TrafficText, private_lines, read_left_out, read_traffic

SMALL: Final = Recipe(rows=0.5, background=80_000, background_frequency=75, written_copies=2.0, snippets=10_000)
"""The setting of every experiment: a fit takes a minute or two and tells well which of two recipes is better."""

TRAFFIC: Final = 30_000
"""How many real texts are drawn."""

_HELD_OUT: Final = 8  # of the authors of the train rows, one in so many is fitted on by no recipe
_PADDING: Final = 25  # ordinary words
_SETS: Final = {"dev": "dev", "unseen authors": "train"}
"""The sets of rows that are measured on, with the split that each is from."""
_FIGURES: Final = {"average_precision": 1, "macro_f1": 1, "caught": 1, "victims_flagged": -1, "calibration_error": -1}
"""What is told of each set of rows, and whether more of it is better."""


def try_recipes(
    given: Sequence[str], corpus: Path, background: Sequence[Path], traffic: Path | None = None, n_jobs: int = 1
) -> dict[str, Any]:
    """`run_experiments` with recipes and texts from files, as the command line has them; raises as it does."""
    recipes = {"; ".join(recipe.strip("{} \n").splitlines()): SMALL.but(read_recipe(recipe)) for recipe in given}
    left_out, distressed = (read_left_out(corpus, collection) for collection in ("traffic", "background"))
    ordinary = [text.text for path in background for text in read_traffic(path).without(distressed)]
    real = [*read_traffic(traffic).without(left_out), *private_lines(corpus)] if traffic else []
    return run_experiments(recipes, load_messages(corpus), ordinary, real, n_jobs)


def standard_recipes() -> dict[str, Recipe]:
    """What each part is worth: recipes beside `SMALL`, by what they change."""
    listed = tomllib.loads(Path(__file__).with_name("standard_recipes.toml").read_text(encoding="utf-8"))
    return {what: SMALL.but(fields) for what, fields in listed.items()}


def run_experiments(
    recipes: Mapping[str, Recipe], rows: Sequence[Row], background: Sequence[str], traffic: Sequence[TrafficText],
    n_jobs: int = 1, default: Recipe = SMALL,
) -> dict[str, Any]:  # fmt: skip
    """One run: the default recipe and then each of these, by what it changes; as many at once as there are processes.

    Raises `InputError` without background, for a recipe that names what there is not, and as `fit` does.
    """
    if not background:
        raise InputError("The experiments need ordinary messages to fit against; give --background.")
    chance = random.Random(SMALL.seed)
    authors = sorted({row.author for row in rows if row.split == "train"})
    held = {*chance.sample(authors, max(1, len(authors) // _HELD_OUT))}
    measured = [row for row in rows if row.split == "dev" or (row.split == "train" and row.author in held)]
    fitted_on = [row for row in rows if row.split != "test" and row.author not in held]
    real = chance.sample([*traffic], min(TRAFFIC, len(traffic)))
    named = {"the default recipe": default, **recipes}.items()
    jobs = (delayed(_try_recipe)(name, recipe, fitted_on, background, measured, real) for name, recipe in named)
    return {"corpus": corpus_digest(rows), "traffic_texts": len(real), "tried": Parallel(n_jobs=n_jobs)(jobs)}


def _try_recipe(
    name: str, recipe: Recipe, given: Sequence[Row], background: Sequence[str], rows: Sequence[Row],
    traffic: Sequence[TrafficText],
) -> measure.Figures:  # fmt: skip
    """Fit a recipe on given rows, measure it on others; the threshold of `DEFAULT` comes from half of the traffic."""
    started = time.perf_counter()
    texts = [row.text for row in rows]
    beside = padded(texts, [text.text for text in traffic] or background, _PADDING, SMALL.seed)
    with threadpool_limits(limits=1):
        detector = _fit_peer(given, background, recipe) if recipe.peer else fit(given, background, recipe=recipe)
        scored, told = (measure.Scored(rows, measure.label_probabilities(detector, some)) for some in (texts, beside))
        budgets = measure.measure(detector, scored, traffic)["budgets"]
    point = budgets.get(measure.DEFAULT, {"threshold": 0.5, "by_stratum": {}})
    split = np.array([row.split for row in rows])
    found: measure.Figures = {"what": name, "recipe": recipe.changes(SMALL)}
    for of_set, of_split in _SETS.items():
        figures = measure.quality(scored.take(split == of_split), point["threshold"], {})
        found[of_set] = {name: getattr(figures[name], "value", figures[name]) for name in _FIGURES}  # of rates
    found["padded"] = (told.probabilities[told.offending] >= point["threshold"]).mean()
    parts = measure.parted(scored, "variety").items()
    found["varieties"] = {name: measure.average_precision(part.offending, part.probabilities) for name, part in parts}
    found["strata"] = {stratum: rate.value for stratum, rate in point["by_stratum"].items()}
    return {**plain(found), "minutes": round((time.perf_counter() - started) / 60, 1)}


def _fit_peer(rows: Sequence[Row], background: Sequence[str], recipe: Recipe) -> Any:
    """A scikit-learn classifier of texts on the same texts with the same weights; ordinary ones are a label more."""
    path, _, name = recipe.peer.rpartition(":")
    try:
        peer = runpy.run_path(path)[name]()
    except (ImportError, OSError, KeyError):
        raise InputError(f"There is no {recipe.peer}; name a function in a Python file as FILE.py:NAME.") from None
    made = gather(rows, background, recipe)
    texts = [*(row.text for row in made.train), *made.ordinary]
    labels = [*(row.label.value for row in made.train), *["ordinary"] * len(made.ordinary)]
    of_last = f"{peer.steps[-1][0]}__" if hasattr(peer, "steps") else ""  # a pipeline hands weights to its last step
    weights = label_weights(made.labels, len(made.ordinary), made.origins, recipe)
    return peer.fit(texts, labels, **{f"{of_last}sample_weight": weights})


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
