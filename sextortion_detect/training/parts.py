"""Fits that lack a part of the model, or do one thing otherwise: for experiments alone, never on the way to a verdict.

A part is switched while a block runs, and is as it was afterwards; what is fitted and measured inside must go through
`features.read_words` and `Model.score`, as the trainer does.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, diags, vstack
from sklearn.linear_model import LogisticRegression

from sextortion_detect.model import features
from sextortion_detect.model.features import Feature, Word
from sextortion_detect.model.linear import LABELS, ORDINARY, TACTICS, Array, Flags, LinearHead
from sextortion_detect.model.vectorize import Vectorizer
from sextortion_detect.taxonomy import OFFENSES
from sextortion_detect.text.arabizi import is_latin
from sextortion_detect.training import fit as fitting
from sextortion_detect.training.corpus import Row
from sextortion_detect.training.fit import Settings
from sextortion_detect.training.label_head import LabelSettings, fit_label_head

Alteration = Callable[[list[Word]], list[Word]]


def without_arabizi(words: list[Word]) -> list[Word]:
    """Latin words as they stand: without the Arabic guess, and without the notions that are found through it.

    >>> [word.spellings for word in without_arabizi(features.read_words("sowarek"))]
    [('sowarek',)]
    """
    return [word._replace(spellings=word.spellings[:1], concepts=()) if is_latin(word.text) else word for word in words]


def without_placeholders(words: list[Word]) -> list[Word]:
    """Without the signs for sums, times, links and numbers.

    >>> without_placeholders(features.read_words("500$"))
    []
    """
    return [word for word in words if not _is_placeholder(word.text)]


def without_concepts(words: list[Word]) -> list[Word]:
    """Without the notions of the table; placeholders stay.

    >>> [word.concepts for word in without_concepts(features.read_words("صورك 500$"))]
    [(), ('<money>',)]
    """
    return [word._replace(concepts=tuple(filter(_is_placeholder, word.concepts))) for word in words]


def _is_placeholder(name: str) -> bool:
    return name.startswith("<") and name.endswith(">")


class Reader:
    """Reads each text once and remembers its words, so that many fits on the same texts read them only once."""

    def __init__(self) -> None:
        self._read, self._describe = features.read_words, features.describe
        self._remembered: dict[str, list[Word]] = {}

    def words(self, text: str) -> list[Word]:
        """The words of a text, as `features.read_words` gives them."""
        if text not in self._remembered:
            with _switched(features, "describe", self._describe):
                self._remembered[text] = self._read(text)
        return self._remembered[text]

    @contextmanager
    def reading(self, alteration: Alteration | None = None) -> Iterator[None]:
        """While this runs, texts are read from memory, and altered; so is what the vectorizer knows of a word."""
        if alteration is None:
            with _switched(features, "read_words", self.words):
                yield
            return

        def read(text: str) -> list[Word]:
            return alteration(self.words(text))

        def describe(word: str) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
            plain = self._describe(word)
            altered = alteration([Word(*plain, 0, 0)])
            return altered[0][:3] if altered else plain

        with _switched(features, "read_words", read), _switched(features, "describe", describe):
            yield


@contextmanager
def character_ngrams(shortest: int, longest: int) -> Iterator[None]:
    """While this runs, character n-grams are of these lengths."""
    with _switched(features, "CHARACTER_NGRAMS", (shortest, longest)):
        yield


@contextmanager
def labels_alone() -> Iterator[None]:
    """While this runs, tactics are not fitted and no suspected offenses are sought: half of the work of small fits."""

    def no_tactics(written: csr_matrix, _train: Sequence[Row], _settings: Settings) -> LinearHead:
        return LinearHead(np.zeros((written.shape[1], len(TACTICS))), np.zeros(len(TACTICS)))

    def all_kept(_written: csr_matrix, _labels: Array, ordinary: csr_matrix, _settings: Settings) -> Flags:
        return np.ones(ordinary.shape[0], dtype=bool)

    with _switched(fitting, "_fit_tactics", no_tactics), _switched(fitting, "_without_suspects", all_kept):
        yield


@contextmanager
def single_words() -> Iterator[None]:
    """While this runs, pairs of neighboring words are no features."""

    def alone(words: list[Word]) -> Iterator[Feature]:
        return ((word.text, (index,)) for index, word in enumerate(words))

    with _switched(features, "BLOCKS", {**features.BLOCKS, "word": alone}):
        yield


@contextmanager
def log_count_ratios() -> Iterator[None]:
    """While this runs, features of the label head are scaled by their naive-Bayes log-count ratio.

    Wang and Manning 2012, offense against all else. The scale goes into the weights, so nothing else changes.
    """
    plain = fit_label_head

    def scaled(
        vectorizer: Vectorizer, written: csr_matrix, labels: Array, ordinary: csr_matrix, *rest: Any
    ) -> LinearHead:
        offends = np.concatenate([_offending(labels), np.zeros(ordinary.shape[0], dtype=bool)])
        rows = vstack([written, ordinary], format="csr")
        in_offenses, elsewhere = (np.asarray(rows[chosen].sum(axis=0)).ravel() + 1.0 for chosen in (offends, ~offends))
        ratios = np.abs(np.log(in_offenses / in_offenses.sum() / (elsewhere / elsewhere.sum())))
        scale = diags(ratios / ratios.mean())
        head = plain(vectorizer, (written @ scale).tocsr(), labels, (ordinary @ scale).tocsr(), *rest)
        return LinearHead(np.asarray(scale @ head.weights), head.bias)

    with _switched(fitting, "fit_label_head", scaled):
        yield


@contextmanager
def two_stages() -> Iterator[None]:
    """While this runs, one head says whether a text offends, and two others say as what it does or does not."""
    with _switched(fitting, "fit_label_head", _fit_two_stages):
        yield


def _fit_two_stages(
    _: Vectorizer, written: csr_matrix, labels: Array, ordinary: csr_matrix, settings: LabelSettings, _origins: Array
) -> LinearHead:
    rows = vstack([written, ordinary], format="csr")
    classes = np.concatenate([labels, np.full(ordinary.shape[0], ORDINARY)])
    weights = np.concatenate([np.full(len(labels), settings.written_weight), np.ones(ordinary.shape[0])])
    offends = _offending(classes)

    def fitted(chosen: Flags, truth: Array | Flags) -> LogisticRegression:
        return LogisticRegression(C=settings.label_c, max_iter=500).fit(rows[chosen], truth[chosen], weights[chosen])

    everything = np.ones(len(classes), dtype=bool)
    return _TwoStages(fitted(everything, offends), fitted(offends, classes), fitted(~offends, classes))


class _TwoStages(LinearHead):
    """Gives logarithms of probabilities, of which the softmax of the model makes the same probabilities again."""

    def __init__(self, *stages: LogisticRegression, bias: Array | None = None) -> None:
        super().__init__(np.zeros((0, 0)), np.zeros(ORDINARY + 1) if bias is None else bias)  # nothing reads the first
        object.__setattr__(self, "_stages", stages)

    __slots__ = ("_stages",)
    _stages: tuple[LogisticRegression, ...]

    def __call__(self, rows: csr_matrix) -> Array:
        first, offenses, others = self._stages
        offense = first.predict_log_proba(rows)
        columns = np.full((rows.shape[0], ORDINARY + 1), -1e3)  # a column that no text had takes no part
        columns[:, offenses.classes_] = offense[:, 1:] + offenses.predict_log_proba(rows)
        columns[:, others.classes_] = offense[:, :1] + others.predict_log_proba(rows)
        return columns + self.bias

    def plus(self, bias: Array) -> "_TwoStages":
        return _TwoStages(*self._stages, bias=self.bias + bias)


def _offending(labels: Array) -> Flags:
    return np.isin(labels, [LABELS.index(label) for label in OFFENSES])


@contextmanager
def _switched(module: ModuleType, name: str, value: Any) -> Iterator[None]:
    before = getattr(module, name)
    setattr(module, name, value)
    try:
        yield
    finally:
        setattr(module, name, before)
