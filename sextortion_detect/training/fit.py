"""Fitting a model: scikit-learn does the work, and arrays are what is kept.

The walk is that of `classify`: read texts, choose the features, weigh them, fit the label head and the tactic heads,
set probabilities right on the dev rows and the thresholds by budget on real traffic; then the conversations.
"""

import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final

import numpy as np
import scipy
import sklearn
from joblib import Parallel, delayed, parallel_config
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from sextortion_detect.errors import CorpusError
from sextortion_detect.model.linear import LABELS, TACTICS, LinearHead, Model
from sextortion_detect.taxonomy import OFFENSES
from sextortion_detect.text.words import read_words
from sextortion_detect.training.augment import disguised_copies
from sextortion_detect.training.conversations import fit_conversations
from sextortion_detect.training.corpus import AnnotatedChat, Row, chat_rows
from sextortion_detect.training.label_head import TACTIC_DIGITS, LabelSettings, Origin, fit_label_head, rounded
from sextortion_detect.training.scaling import fit_scaling
from sextortion_detect.training.thresholds import choose_thresholds
from sextortion_detect.training.traffic import TrafficText
from sextortion_detect.training.vocabulary import choose_vectorizer, matrix

_COUNTED: Final = 3
"""Every third copy counts for the vocabulary, which all of them would fill with misspellings, and for tactics."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a fit can be set to; the defaults were chosen on the dev rows.

    A feature enters the vocabulary with `written_frequency` texts of the corpus (rows, lines of conversations and every
    third disguised copy) or `background_frequency` of the background; `without` leaves kinds of features out
    (`vocabulary.KINDS`). `tactic_c` is an inverse strength of regularization; those of the label head are `labels`.
    `snippets` is how many short replies are cut out of the background, beside every written word on its own, and fitted
    against too: chats are full of them, collections of tweets are not. `written_copies` and `background_copies` say how
    many disguised copies of a text are fitted on beside it (those of the corpus at `LabelSettings.copy_weight`); lines
    of conversations have none. `budget` is the share of real texts that may be flagged wrongly.
    """

    written_frequency: int = 5
    background_frequency: int = 150
    without: tuple[str, ...] = ()
    labels: LabelSettings = field(default_factory=LabelSettings)
    tactic_c: float = 10.0
    snippets: int = 20_000
    written_copies: float = 5.0
    background_copies: float = 0.3
    budget: float = 1e-3
    seed: int = 20261124


def fit(
    rows: Sequence[Row],
    background: Sequence[str] = (),
    traffic: Sequence[TrafficText] = (),
    settings: Settings | None = None,
    n_jobs: int = 1,
    chats: Sequence[AnnotatedChat] = (),
) -> Model:
    """Fit a model on the train rows of the corpus and on background traffic.

    `rows` and `chats` are those of all splits; those of `test` are left alone. Messages of the train chats are fitted
    on beside the rows, at `LabelSettings.chat_weight`, and the conversation part on the train and dev chats. Texts of
    `background` count as ordinary traffic; those of `traffic` only set thresholds; without it the benign dev rows do.
    Everything is deterministic.

    Raises `CorpusError` where a label or tactic has no train row or no dev row; lines of conversations are none.
    """
    # One thread in every sum, here and in other processes: in another order they would differ in the last digits.
    with threadpool_limits(limits=1), parallel_config("loky", inner_max_num_threads=1):
        return _fit(rows, background, traffic, settings or Settings(), n_jobs, chats)


def _fit(
    rows: Sequence[Row],
    background: Sequence[str],
    traffic: Sequence[TrafficText],
    settings: Settings,
    n_jobs: int,
    chats: Sequence[AnnotatedChat],
) -> Model:
    single = [row for row in rows if row.split == "train"]
    lines = chat_rows(chats)
    dev = [row for row in rows if row.split == "dev"]
    _check_coverage(single, dev)
    copies, copied = disguised_copies([row.text for row in single], settings.written_copies, settings.seed)
    train = [*single, *lines, *(replace(single[of], text=copy) for copy, of in zip(copies, copied, strict=True))]
    origins = np.repeat(np.array([*Origin], dtype=np.int8), [len(single), len(lines), len(copies)])
    undisguised = len(single) + len(lines)
    counted = [*range(undisguised), *range(undisguised, len(train), _COUNTED)]
    written = [row.text for row in train]
    ordinary = [*background, *disguised_copies(background, settings.background_copies, settings.seed)[0]]
    vectorizer = choose_vectorizer(
        [written[place] for place in counted], ordinary, settings.written_frequency, settings.background_frequency,
        settings.without, n_jobs,
    )  # fmt: skip
    ordinary.extend(_snippets(written[:undisguised], ordinary, settings))
    written_rows, ordinary_rows = matrix(vectorizer, written, n_jobs), matrix(vectorizer, ordinary, n_jobs)
    labels = np.array([LABELS.index(row.label) for row in train])
    label_head = fit_label_head(written_rows, labels, ordinary_rows, settings.labels, origins, n_jobs)
    tactic_head = _fit_tactics(written_rows[counted], [train[place] for place in counted], settings, n_jobs)
    scaling = fit_scaling(label_head(vectorizer.transform([row.text for row in dev])), [row.label for row in dev])
    label_head = scaling.shifted(label_head)
    messages = LinearHead(
        np.hstack((label_head.weights, tactic_head.weights), dtype=np.float32),
        np.concatenate((label_head.bias, tactic_head.bias)),
    )
    model = Model(vectorizer, messages, scaling.temperature, {}, {})
    thresholds = choose_thresholds(model, dev, traffic, settings.budget)
    manifest: dict[str, Any] = {
        "calibration": scaling.to_dict(),
        "settings": asdict(settings),
        "rows": {"train": len(train), "dev": len(dev)},
        "background": {"texts": len(background), "fitted": len(ordinary)},
        "traffic": {"texts_that_set_thresholds": len(traffic)},
        "versions": _versions(),
    }
    model = replace(model, thresholds=thresholds, manifest=manifest)
    if any(chat.split != "test" for chat in chats):
        return fit_conversations(model, rows, chats, background, [text.text for text in traffic], n_jobs)
    return model


def _check_coverage(train: Sequence[Row], dev: Sequence[Row]) -> None:
    for split, rows in (("train", train), ("dev", dev)):
        missing = {*LABELS} - {row.label for row in rows} | {*TACTICS} - {used for row in rows for used in row.tactics}
        if missing:
            raise CorpusError(
                f"No {split} row is annotated with {', '.join(sorted(missing))}; add some and train again."
            )


def _snippets(written: Sequence[str], ordinary: Sequence[str], settings: Settings) -> list[str]:
    """What short replies look like: one to three words in a row of ordinary texts, and each written word on its own.

    Whatever it was written in, one word proves nothing; rows of one word that are annotated as offenses weigh more.
    """
    if not ordinary or not settings.snippets:
        return []
    rng = np.random.default_rng(settings.seed)
    sources = [words for text in ordinary if (words := text.split())]
    snippets = []
    for place in rng.permutation(len(sources))[: settings.snippets].tolist():
        words = sources[place]
        start, length = int(rng.integers(len(words))), int(rng.integers(1, _LONGEST_SNIPPET + 1))
        snippets.append(" ".join(words[start : start + length]))
    return [*snippets, *sorted({*read_words(written).strings()})]


_LONGEST_SNIPPET: Final = 3  # words


def _fit_tactics(written: csr_matrix, train: Sequence[Row], settings: Settings, n_jobs: int) -> LinearHead:
    """One head a tactic, fitted on offenses alone: tactics are only asked of flagged messages."""
    chosen = [index for index, row in enumerate(train) if row.label in OFFENSES]
    rows = written[chosen]
    heads = Parallel(n_jobs=n_jobs)(
        delayed(_fit_tactic)(rows, [tactic in train[index].tactics for index in chosen], settings.tactic_c)
        for tactic in TACTICS
    )
    weights, biases = zip(*heads, strict=True)
    return rounded(LinearHead(np.vstack(weights).T, np.concatenate(biases)), TACTIC_DIGITS)


def _fit_tactic(rows: csr_matrix, truth: Sequence[bool], strength: float) -> tuple[Any, Any]:
    head = LogisticRegression(C=strength, solver="liblinear", tol=1e-3, random_state=0).fit(rows, truth)
    return head.coef_, head.intercept_


def _versions() -> Mapping[str, Any]:
    modules = {"numpy": np, "scipy": scipy, "scikit-learn": sklearn}
    return {"python": platform.python_version(), **{name: module.__version__ for name, module in modules.items()}}
