"""The same model as scikit-learn objects: for notebooks, and for a test that holds the two equal."""

from collections.abc import Iterable
from functools import partial
from typing import Final

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, Pipeline

from sextortion_detect.model.features import feature_names, read_features
from sextortion_detect.model.linear import LABELS, Model

CLASSES: Final = (*(label.value for label in LABELS), "ordinary")


def label_pipeline(model: Model) -> Pipeline:
    """The label head of a model as a fitted `Pipeline`: raw texts in, `predict_proba` over sorted class names out."""
    union = []
    first = 0
    for block, names in model.vectorizer.vocabularies.items():
        vectorizer = block_vectorizer(block, names)
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


def block_vectorizer(block: str, names: Iterable[str]) -> TfidfVectorizer:
    """scikit-learn's vectorizer over one block of features."""
    vocabulary = {name: column for column, name in enumerate(names)}
    return TfidfVectorizer(analyzer=partial(_names_of_block, block=block), vocabulary=vocabulary, sublinear_tf=True)


def _names_of_block(text: str, block: str) -> list[str]:
    """The features of one block that a text has, as often as they occur."""
    return [name for of, name in feature_names(read_features([text]), 0) if of == block]
