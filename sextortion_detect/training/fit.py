"""Fitting a model: scikit-learn does the work, and arrays are what is kept.

The walk is that of `classify`: read texts, choose the features, weigh them, fit the label head and the tactic heads,
set probabilities right on the dev rows and the thresholds by budget on real traffic; then the conversations.
"""

import hashlib
import platform
import random
from collections.abc import Sequence
from dataclasses import asdict, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from joblib import parallel_config
from numpy.typing import NDArray
from scipy.sparse import vstack
from threadpoolctl import threadpool_limits

from sextortion_detect.errors import CorpusError, InputError
from sextortion_detect.model.linear import LABELS, TACTICS, LinearHead, Model
from sextortion_detect.model.vectorizer import Vectorizer
from sextortion_detect.taxonomy import OFFENSES, Label
from sextortion_detect.text.words import read_words
from sextortion_detect.training import corpus
from sextortion_detect.training.attacks import copies_of, disguised_copies
from sextortion_detect.training.conversations import fit_conversations
from sextortion_detect.training.corpus import AnnotatedChat, DistressLine, Row
from sextortion_detect.training.distress_head import fit_distress
from sextortion_detect.training.label_head import Origin, fit_label_head, fit_rule, fit_tactics
from sextortion_detect.training.recipe import Recipe
from sextortion_detect.training.thresholds import choose_thresholds, thresholds_of_traffic
from sextortion_detect.training.traffic import TrafficText, private_lines, read_left_out, read_traffic, set_thresholds
from sextortion_detect.training.vocabulary import choose_vectorizer, matrix

_COUNTED: Final = 3
"""Every third copy counts for the vocabulary, which all of them would fill with misspellings, and for tactics."""

_PLAIN_CASES: Final = "front-door"
"""The author of what anybody types first, each variety's plainest threats and plainest harmless lines."""

_IN_DISTRESS: Final = 2
"""One ordinary text in so many is fitted on beside distress: all of them would take two gigabytes more."""


class Material(NamedTuple):
    """What a recipe makes of the corpus and the background: texts to fit on, before any of them is weighed.

    `train` holds rows, lines of conversations and disguised copies, of `origins`; `counted` are the places of those
    that count for the vocabulary. `ordinary` are harmless texts, pieces of them, and single words; `held_out` are
    harmless texts for the rule on top. `dev` is for that rule too.
    """

    train: Sequence[Row]
    labels: NDArray[np.int64]
    origins: NDArray[np.int8]
    counted: Sequence[int]
    ordinary: Sequence[str]
    held_out: Sequence[str]
    dev: Sequence[Row]
    vectorizer: Vectorizer


def fit(
    rows: Sequence[Row], background: Sequence[str] = (), traffic: Sequence[TrafficText] = (),
    recipe: Recipe | None = None, n_jobs: int = 1, chats: Sequence[AnnotatedChat] = (),
    distress: Sequence[DistressLine] = (),
) -> Model:  # fmt: skip
    """Fit a model on the train rows of the corpus and on background traffic.

    `rows` and `chats` are those of all splits; those of `test` are left alone. Messages of those train chats that are
    not `alone` are fitted on beside the rows, at `Recipe.chat_weight`, and the conversation part on the train and dev
    chats; what hears distress on the lines of `distress`. Texts of `background` count as ordinary traffic; those of
    `traffic` only set thresholds; without it the benign dev rows do. Everything is deterministic.

    Raises `CorpusError` where a label or tactic has no train row or no dev row; lines of conversations are none.
    Raises `InputError` for a recipe of a detector that no model can hold.
    """
    recipe = recipe or Recipe()
    if recipe.peer:
        raise InputError("A model holds no peer; such a recipe is for the command experiment.")
    rows = [row for row in rows if row.variety not in recipe.without_varieties]
    chats = [chat for chat in chats if chat.variety not in recipe.without_varieties]
    # One thread in every sum, here and in other processes: in another order they would differ in the last digits.
    with threadpool_limits(limits=1), parallel_config("loky", n_jobs=n_jobs, inner_max_num_threads=1):
        made = gather(rows, background, recipe, chats)
        vectorizer, dev = made.vectorizer, made.dev
        written = matrix(vectorizer, [row.text for row in made.train])
        ordinary = matrix(vectorizer, made.ordinary)
        label_head = fit_label_head(written, made.labels, ordinary, recipe, made.origins)
        counted = [place for place in made.counted if made.train[place].label in OFFENSES]
        truth = np.array([[tactic in made.train[place].tactics for tactic in TACTICS] for place in counted])
        tactic_head = fit_tactics(written[counted], truth, recipe.tactic_c)
        weights = np.hstack((label_head.weights, tactic_head.weights))
        messages = LinearHead(weights, np.concatenate((label_head.bias, tactic_head.bias)))
        labels, scaling = fit_rule(vectorizer, messages, dev, made.held_out, recipe)
        manifest: dict[str, Any] = {
            "calibration": asdict(scaling),
            "settings": asdict(recipe),
            "rows": {"train": len(made.train), "dev": len(dev)},
            "background": {"texts": len(background), "fitted": len(made.ordinary)},
            "traffic": {"texts_that_set_thresholds": len(traffic)},
            "versions": {"python": platform.python_version()}
            | {name: version(name) for name in ("numpy", "scipy", "scikit-learn")},
        }
        alone = np.array([row.alone for row in made.train])
        of_others = (made.origins == Origin.ROW) & ~alone & (made.labels != LABELS.index(Label.VICTIM_REPORT))
        harmless = vstack([written[of_others], ordinary[::_IN_DISTRESS]], format="csr")
        of_distress = fit_distress(vectorizer, distress, harmless, background, recipe) if distress else None
        model = Model(vectorizer, messages, labels, {}, manifest, of_distress)
        model = replace(model, thresholds=choose_thresholds(model, dev, traffic, recipe.budget))
        if any(chat.split != "test" for chat in chats):
            return fit_conversations(model, rows, chats, background, traffic, recipe.grown)
        return model


def gather(
    rows: Sequence[Row], background: Sequence[str], recipe: Recipe, chats: Sequence[AnnotatedChat] = ()
) -> Material:
    """The texts that a recipe is fitted on, and the features that it chooses of them; raises as `fit` does."""
    chance = random.Random(recipe.seed)
    rows = [row for row in rows if row.variety not in recipe.without_varieties]
    single, dev = ([row for row in rows if row.split == split] for split in ("train", "dev"))
    if recipe.rows < 1.0:
        single = [single[place] for place in sorted(chance.sample(range(len(single)), int(len(single) * recipe.rows)))]
    if recipe.background is not None:
        background = chance.sample([*background], min(recipe.background, len(background)))
    _check_coverage(single, dev)
    single += [row for row in single if row.author == _PLAIN_CASES for _ in range(recipe.plain_cases - 1)]
    held_out, background = background[:: recipe.held_out], [*background]
    del background[:: recipe.held_out]
    lines = [*corpus.chat_rows([chat for chat in chats if chat.variety not in recipe.without_varieties])]
    copies, copied = copies_of([row.text for row in single], background, recipe)
    train = [*single, *lines, *(replace(single[of], text=copy) for copy, of in zip(copies, copied, strict=True))]
    origins = np.repeat(np.array([*Origin], dtype=np.int8), [len(single), len(lines), len(copies)])
    undisguised = len(single) + len(lines)
    counted = [*range(undisguised), *range(undisguised, len(train), _COUNTED)]
    ordinary = [*background, *disguised_copies(background, recipe.background_copies, recipe.seed)[0]]
    written = [train[place].text for place in counted]
    vectorizer = choose_vectorizer(written, ordinary, recipe)
    ordinary += _pieces_of(ordinary, [row.text for row in train[:undisguised]], recipe)
    labels = np.array([LABELS.index(row.label) for row in train])
    return Material(train, labels, origins, counted, ordinary, held_out, dev, vectorizer)


def _check_coverage(train: Sequence[Row], dev: Sequence[Row]) -> None:
    for split, rows in (("train", train), ("dev", dev)):
        used = {row.label for row in rows}.union(*(row.tactics for row in rows))
        if missing := sorted({*LABELS, *TACTICS} - used):
            raise CorpusError(f"No {split} row is annotated with {', '.join(missing)}; add some and train again.")


def _pieces_of(ordinary: Sequence[str], written: Sequence[str], recipe: Recipe) -> list[str]:
    """What short replies look like: up to three words in a row of ordinary texts, and each written word.

    Whatever it was written in, one word proves nothing; rows of one word that are annotated as offenses weigh more.
    """
    sources = [words for text in ordinary if (words := text.split())]
    rng = np.random.default_rng(recipe.seed)
    pieces: list[str] = []
    for place in rng.permutation(len(sources))[: recipe.snippets].tolist():
        start, size = int(rng.integers(len(sources[place]))), int(rng.integers(1, 4))
        pieces.append(" ".join(sources[place][start : start + size]))
    return pieces + sorted({*read_words(written).strings()} if pieces else ())


def train(
    name: str, folder: Path, background: Sequence[Path] = (), traffic: Path | None = None, n_jobs: int = 1,
    recipe: Recipe | None = None,
) -> tuple[Model, list[str]]:  # fmt: skip
    """Fit a model of that name from files; also gives a note for each file that has lines which could not be read.

    The manifest gets the hashes of all that was read, and the thresholds at every budget (none without traffic).
    Raises `CorpusError` for a corpus that breaks the guide and `InputError` for a file that cannot be read.
    """
    rows, chats = corpus.load_messages(folder), corpus.load_chats(folder)
    left_out, distressed = (read_left_out(folder, collection) for collection in ("traffic", "background"))
    lines = corpus.load_distress(folder)
    backgrounds = [read_traffic(path) for path in background]
    traffics = [read_traffic(traffic)] if traffic else []
    measured = [text for file in traffics for text in [*file.without(left_out), *private_lines(folder)]]
    real = [text for text, sets in zip(measured, set_thresholds(measured), strict=True) if sets]
    ordinary = [text.text for file in backgrounds for text in file.without(distressed)]
    model = fit(rows, ordinary, real, recipe, n_jobs, chats, lines)
    manifest = {
        **model.manifest,
        "background": {**model.manifest["background"], "left_out": sorted(distressed)},
        "traffic": {**model.manifest["traffic"], "left_out": sorted(left_out)},
        "name": name,
        "package": version("sextortion-detect"),
        "data": {
            "messages": _digests(corpus.message_files(folder)),
            "distress": _digests(sorted((folder / "distress").glob("*.csv"))),
            "background": [file.to_dict() for file in backgrounds],
            "traffic": [file.to_dict() for file in traffics],
        },
        **thresholds_of_traffic(model, real),
    }
    return replace(model, manifest=manifest), [note for file in (*backgrounds, *traffics) for note in file.notes()]


def _digests(files: Sequence[Path]) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
