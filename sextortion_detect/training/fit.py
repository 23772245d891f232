"""Fitting a model: scikit-learn does the work, and arrays are what is kept.

The walk: read words, choose the vocabulary, weigh it, drop suspected offenses from the background, fit the label head
and the tactic heads, set probabilities right on the dev rows and the thresholds by budget on real traffic.
"""

import platform
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final

import numpy as np
import scipy
import sklearn
from cleanlab.filter import find_label_issues
from joblib import Parallel, delayed
from scipy.sparse import csr_matrix, vstack
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from threadpoolctl import threadpool_limits

from sextortion_detect.errors import CorpusError
from sextortion_detect.model import features
from sextortion_detect.model.features import Word
from sextortion_detect.model.linear import LABELS, TACTICS, Array, Flags, LinearHead, Model
from sextortion_detect.model.sklearn_export import read_all
from sextortion_detect.model.vectorize import Vectorizer
from sextortion_detect.taxonomy import OFFENSES
from sextortion_detect.training.augment import disguised_copies
from sextortion_detect.training.conversations import fit_conversations
from sextortion_detect.training.corpus import AnnotatedChat, Row, chat_rows
from sextortion_detect.training.label_head import TACTIC_DIGITS, LabelSettings, Origin, fit_label_head, rounded
from sextortion_detect.training.scaling import fit_scaling
from sextortion_detect.training.thresholds import choose_thresholds

Texts = Sequence[list[Word]]

_NOT_LEARNT: Final = ("<handle>", "<url>", features.LAUGHTER)
"""The background collection is of tweets, in which handles and links say "reply", and would excuse any threat; so would
laughter, which costs a writer nothing."""

_COUNTED: Final = 3
"""Every third copy counts for the vocabulary, which all of them would fill with misspellings, and for tactics."""

_READ_AT_ONCE: Final = 5_000  # texts to a job: enough to outweigh the cost of sending them


@dataclass(frozen=True, slots=True)
class Settings:
    """What a fit can be set to; the defaults were chosen on the dev rows.

    A feature enters the vocabulary with `written_frequency` texts of the corpus (rows, lines of conversations and every
    third disguised copy) or `background_frequency` of the background. `tactic_c` is an inverse strength of
    regularization; those of the label head are `labels`. `snippets` is how many short replies are cut out of the
    background, beside every written word on its own, and fitted against too: chats are full of them, collections of
    tweets are not. `written_copies` and `background_copies` say how many disguised copies of a text are fitted on
    beside it (those of the corpus at `LabelSettings.copy_weight`); lines of conversations have none. `folds` is for
    finding suspected offenses in the background. `budget` is the share of real texts that may be flagged wrongly.
    """

    written_frequency: int = 5
    background_frequency: int = 50
    labels: LabelSettings = field(default_factory=LabelSettings)
    tactic_c: float = 10.0
    snippets: int = 20_000
    written_copies: float = 5.0
    background_copies: float = 0.3
    folds: int = 3
    budget: float = 1e-3
    seed: int = 20261124


def fit(
    rows: Sequence[Row],
    background: Sequence[str] = (),
    traffic: Sequence[str] = (),
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
    settings = settings or Settings()
    single = [row for row in rows if row.split == "train"]
    lines = chat_rows(chats)
    train = [*single, *lines]
    dev = [row for row in rows if row.split == "dev"]
    _check_coverage(single, dev)
    copies, copied = disguised_copies([row.text for row in single], settings.written_copies, settings.seed)
    train.extend(replace(train[place], text=copy) for copy, place in zip(copies, copied, strict=True))
    origins = np.repeat(np.array([*Origin], dtype=np.int8), [len(single), len(lines), len(copies)])
    undisguised = len(single) + len(lines)
    counted = [*range(undisguised), *range(undisguised, len(train), _COUNTED)]
    written = _read([row.text for row in train], n_jobs)
    ordinary = _read([*background, *disguised_copies(background, settings.background_copies, settings.seed)[0]], n_jobs)
    labels = np.array([LABELS.index(row.label) for row in train])
    with threadpool_limits(limits=1):  # sums in another order would differ in the last digits
        vectorizer = _fit_vectorizer([written[place] for place in counted], ordinary, settings)
        written_rows = vectorizer.transform(written)
        snippets = _snippets(written[:undisguised], ordinary, settings)
        ordinary_rows = vectorizer.transform([*ordinary, *snippets])
        # Lines of conversations were labelled by what came before them, which no text of the background has, and a copy
        # of a row may stand in another fold than the row.
        is_row = origins == Origin.ROW
        kept = _without_suspects(written_rows[is_row], labels[is_row], ordinary_rows, settings)
        label_head = fit_label_head(vectorizer, written_rows, labels, ordinary_rows[kept], settings.labels, origins)
        tactic_head = _fit_tactics(written_rows[counted], [train[place] for place in counted], settings)
        read_dev = _read([row.text for row in dev], n_jobs)
        scaling = fit_scaling(label_head(vectorizer.transform(read_dev)), [row.label for row in dev])
        model = Model(vectorizer, scaling.shifted(label_head), tactic_head, scaling.temperature, {}, {})
        thresholds = choose_thresholds(model, read_dev, dev, _read(traffic, n_jobs), settings.budget)
    manifest: dict[str, Any] = {
        "calibration": scaling.to_dict(),
        "settings": asdict(settings),
        "rows": {"train": len(train), "dev": len(dev)},
        "background": {
            "texts": len(background),
            "snippets": len(snippets),
            "suspected_offenses_dropped": int((~kept).sum()),
        },
        "traffic": {"texts_that_set_thresholds": len(traffic)},
        "versions": _versions(),
    }
    model = replace(model, thresholds=thresholds, manifest=manifest)
    if any(chat.split != "test" for chat in chats):
        with threadpool_limits(limits=1):
            return fit_conversations(model, rows, chats, background, traffic)
    return model


def _check_coverage(train: Sequence[Row], dev: Sequence[Row]) -> None:
    for split, rows in (("train", train), ("dev", dev)):
        missing = {*LABELS} - {row.label for row in rows} | {*TACTICS} - {used for row in rows for used in row.tactics}
        if missing:
            raise CorpusError(
                f"No {split} row is annotated with {', '.join(sorted(missing))}; add some and train again."
            )


def _read(texts: Sequence[str], n_jobs: int) -> list[list[Word]]:
    starts = range(0, len(texts), _READ_AT_ONCE)
    parts = Parallel(n_jobs=n_jobs)(delayed(read_all)(texts[start : start + _READ_AT_ONCE]) for start in starts)
    return [words for part in parts for words in part]


def _fit_vectorizer(written: Texts, ordinary: Texts, settings: Settings) -> Vectorizer:
    vocabularies = {}
    weights = []
    texts = len(written) + len(ordinary)
    for block in features.BLOCKS:
        in_written, in_ordinary = _document_frequencies(block, written), _document_frequencies(block, ordinary)
        names = _vocabulary(in_written, in_ordinary, settings)
        counts = np.array([in_written[name] + in_ordinary[name] for name in names], dtype=np.float64)
        vocabularies[block] = names
        weights.append((np.log((texts + 1) / (counts + 1)) + 1).astype(np.float32))  # smoothed, as scikit-learn's
    return Vectorizer(vocabularies, np.concatenate(weights).astype(np.float64))


def _vocabulary(in_written: Counter[str], in_ordinary: Counter[str], settings: Settings) -> list[str]:
    names = {name for name, count in in_written.items() if count >= settings.written_frequency}
    names.update(name for name, count in in_ordinary.items() if count >= settings.background_frequency)
    return sorted(name for name in names if not any(mark in name for mark in _NOT_LEARNT))


def _snippets(written: Texts, ordinary: Texts, settings: Settings) -> list[list[Word]]:
    """What short replies look like: one to three words in a row of ordinary texts, and each written word on its own.

    Whatever it was written in, one word proves nothing; rows of one word that are annotated as offenses weigh more.
    """
    if not ordinary or not settings.snippets:
        return []
    rng = np.random.default_rng(settings.seed)
    sources = [words for words in ordinary if words]
    snippets = []
    for place in rng.permutation(len(sources))[: settings.snippets].tolist():
        words = sources[place]
        start, length = int(rng.integers(len(words))), int(rng.integers(1, _LONGEST_SNIPPET + 1))
        snippets.append(words[start : start + length])
    single = {word.text: word for words in written for word in words}
    return [*snippets, *([single[text]] for text in sorted(single))]


_LONGEST_SNIPPET: Final = 3  # words


def _document_frequencies(block: str, texts: Iterable[list[Word]]) -> Counter[str]:
    extract = features.BLOCKS[block]
    return Counter(name for words in texts for name in {name for name, _ in extract(words)})


def _without_suspects(written: csr_matrix, labels: Array, ordinary: csr_matrix, settings: Settings) -> Flags:
    """Which background texts to keep: all but those that confident learning takes for unnoticed offenses.

    Northcutt et al. 2021, on out-of-fold probabilities, offense against all else.
    """
    kept = np.ones(ordinary.shape[0], dtype=bool)
    if not len(kept):
        return kept
    rows = vstack([written, ordinary], format="csr")
    offense = np.concatenate([np.isin(labels, [LABELS.index(label) for label in OFFENSES]), ~kept]).astype(int)
    weights = np.concatenate([np.full(len(labels), settings.labels.written_weight), np.ones(len(kept))])
    folds = StratifiedKFold(settings.folds, shuffle=True, random_state=settings.seed)
    probabilities = cross_val_predict(
        LogisticRegression(C=settings.labels.label_c, max_iter=500),
        rows,
        offense,
        cv=folds,
        method="predict_proba",
        params={"sample_weight": weights},
    )
    suspects = find_label_issues(offense, probabilities, filter_by="confident_learning", n_jobs=1)
    kept[suspects[len(labels) :]] = False
    return kept


def _fit_tactics(written: csr_matrix, train: Sequence[Row], settings: Settings) -> LinearHead:
    """One head a tactic, fitted on offenses alone: tactics are only asked of flagged messages."""
    chosen = [index for index, row in enumerate(train) if row.label in OFFENSES]
    rows = written[chosen]
    heads = [
        LogisticRegression(C=settings.tactic_c, max_iter=500).fit(
            rows, [tactic in train[index].tactics for index in chosen]
        )
        for tactic in TACTICS
    ]
    weights = np.vstack([head.coef_ for head in heads]).T
    return rounded(LinearHead(weights, np.concatenate([head.intercept_ for head in heads])), TACTIC_DIGITS)


def _versions() -> Mapping[str, Any]:
    modules = {"numpy": np, "scipy": scipy, "scikit-learn": sklearn}
    return {"python": platform.python_version(), **{name: module.__version__ for name, module in modules.items()}}
