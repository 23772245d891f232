"""The same model as scikit-learn objects: for notebooks, and for a test that holds the two equal."""

from collections.abc import Iterable
from functools import partial
from typing import Final

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import FunctionTransformer

from sextortion_detect.model import features
from sextortion_detect.model.features import Word
from sextortion_detect.model.linear import LABELS, Model

CLASSES: Final = (*(label.value for label in LABELS), "ordinary")


def label_pipeline(model: Model) -> Pipeline:
    """The label head of a model as a fitted `Pipeline`: raw texts in, `predict_proba` over sorted class names out."""
    union = []
    first = 0
    for block, names in model.vectorizer.vocabularies.items():
        vectorizer = block_vectorizer(block, names)
        vectorizer.fit([[]])  # sets up what transform asks for; the weights follow
        vectorizer.idf_ = model.vectorizer.idf[first : first + len(names)]
        union.append((block, vectorizer))
        first += len(names)
    order = np.argsort(CLASSES)
    head = LogisticRegression()
    head.classes_ = np.asarray(CLASSES)[order]
    head.coef_ = (model.label_head.weights.T.astype(np.float64) / model.temperature)[order]
    head.intercept_ = (model.label_head.bias / model.temperature)[order]
    head.n_features_in_ = len(model.vectorizer.idf)
    return Pipeline([("words", FunctionTransformer(read_all)), ("features", FeatureUnion(union)), ("labels", head)])


def block_vectorizer(block: str, names: Iterable[str]) -> TfidfVectorizer:
    """scikit-learn's vectorizer over one block of features, for texts that were read into words."""
    vocabulary = {name: column for column, name in enumerate(names)}
    return TfidfVectorizer(analyzer=partial(feature_names, block=block), vocabulary=vocabulary, sublinear_tf=True)


def feature_names(words: list[Word], block: str) -> list[str]:
    """The features of one block that a text has, as often as they occur."""
    return [name for name, _ in features.BLOCKS[block](words)]


def read_all(texts: Iterable[str]) -> list[list[Word]]:
    """The words of each text."""
    return [features.read_words(text) for text in texts]
