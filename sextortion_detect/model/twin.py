"""The same model as scikit-learn objects: for notebooks, and for a test that holds the two equal."""

from collections.abc import Mapping
from functools import partial
from typing import Final

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, Pipeline

from sextortion_detect.model.features import read_features
from sextortion_detect.model.linear import LABELS, Model
from sextortion_detect.model.vectorizer import Vectorizer

CLASSES: Final = (*(label.value for label in LABELS), "ordinary")


def label_pipeline(model: Model) -> Pipeline:
    """The label head of a model as a fitted `Pipeline`: raw texts in, `predict_proba` over sorted class names out."""
    union = []
    first = 0
    for block, names in model.vectorizer.vocabularies.items():
        vectorizer = TfidfVectorizer(
            analyzer=partial(_names, vectorizer=model.vectorizer, block=dict(enumerate(names, start=first))),
            vocabulary={name: column for column, name in enumerate(names)},
            sublinear_tf=True,
        )
        vectorizer.fit([""])  # sets up what transform asks for; the weights follow
        vectorizer.idf_ = model.vectorizer.idf[first : first + len(names)].astype(np.float64)
        union.append((block, vectorizer))
        first += len(names)
    order = np.argsort(CLASSES)
    head = LogisticRegression()
    head.classes_ = np.asarray(CLASSES)[order]
    head.coef_ = (model.label_head.weights.T.astype(np.float64) / model.temperature)[order]
    head.intercept_ = (model.label_head.bias / model.temperature)[order]
    head.n_features_in_ = len(model.vectorizer)
    return Pipeline([("features", FeatureUnion(union)), ("labels", head)])


def _names(text: str, vectorizer: Vectorizer, block: Mapping[int, str]) -> list[str]:
    """The known features of one block that a text has, as often as they occur."""
    columns = vectorizer.occurrences(read_features([text])).columns
    return [block[column] for column in columns.tolist() if column in block]
