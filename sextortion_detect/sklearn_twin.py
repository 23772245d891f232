"""The same model as scikit-learn objects: for notebooks, and for a test that holds the two equal."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final, NamedTuple

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import FunctionTransformer

from sextortion_detect.model.features import read_features
from sextortion_detect.model.linear import LABELS, Model
from sextortion_detect.model.stretches import stretches_of, strongest, terms, whole_texts
from sextortion_detect.model.vectorizer import Vectorizer

_COLUMNS: Final = (*(label.value for label in LABELS), "ordinary")

CLASSES: Final = tuple(sorted(_COLUMNS))
"""The classes of the pipeline, as scikit-learn sorts them."""


class _Range(NamedTuple):
    """Words `begin` to `end` of a text."""

    text: str
    begin: int
    end: int


def _terms(texts: Sequence[str], scores: Pipeline) -> Any:
    """What labels are told from (texts x 33), given what tells the scores of ranges of words."""
    spans = [whole_texts(read_features([text]).words.texts, 1) for text in texts]
    cut = [stretches_of(span) for span in spans]
    ranges = [_Range(text, 0, int(span.ends[0])) for text, span in zip(texts, spans, strict=True)]
    for text, some in zip(texts, cut, strict=True):
        ranges += [_Range(text, *bounds) for bounds in zip(some.begins.tolist(), some.ends.tolist(), strict=True)]
    of_stretches = np.arange(len(cut)).repeat([len(some.texts) for some in cut])
    rows = scores["features"].transform(ranges)
    of_rows = scores["heads"].decision_function(rows)
    return terms(of_rows, strongest(of_rows, of_stretches), rows.getnnz(axis=1))


def label_pipeline(model: Model) -> Pipeline:
    """Labels and ordinary traffic as a fitted `Pipeline`: raw texts in, `predict_proba` over sorted class names out."""
    union = []
    first = 0
    for block, names in model.vectorizer.vocabularies.items():
        vectorizer = TfidfVectorizer(
            analyzer=partial(_names, vectorizer=model.vectorizer, block=dict(enumerate(names, start=first))),
            vocabulary={name: column for column, name in enumerate(names)},
            sublinear_tf=True,
        )
        vectorizer.fit([_Range("", 0, 0)])  # sets up what transform asks for; the weights follow
        vectorizer.idf_ = model.vectorizer.idf[first : first + len(names)].astype(np.float64)
        union.append((block, vectorizer))
        first += len(names)
    scores = _logistic(range(len(model.messages.bias)), model.messages.weights, model.messages.bias)
    order = np.argsort(_COLUMNS)
    labels = _logistic(CLASSES, model.labels.weights[:, order], model.labels.bias[order])
    of_ranges = Pipeline([("features", FeatureUnion(union)), ("heads", scores)])
    stretches = FunctionTransformer(_terms, kw_args={"scores": of_ranges})
    return Pipeline([("stretches", stretches), ("labels", labels)])


def _logistic(classes: Sequence[Any], weights: Any, bias: Any) -> LogisticRegression:
    head = LogisticRegression()
    head.classes_ = np.asarray(classes)
    head.coef_, head.intercept_ = weights.T.astype(np.float64), bias
    head.n_features_in_ = len(weights)
    return head


def _names(words: _Range, vectorizer: Vectorizer, block: Mapping[int, str]) -> list[str]:
    """The known features of one block that a range of words has, as often as they occur."""
    times = vectorizer.occurrences(read_features([words.text])).times(words.begin, words.end, len(vectorizer))
    found = times.nonzero()[0]
    return [block[column] for column in found.repeat(times[found]).tolist() if column in block]
