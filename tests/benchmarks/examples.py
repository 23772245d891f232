"""A peer, as `sextortion-detect experiment` takes one: copy it and change it.

sextortion-detect experiment 'peer = "tests/benchmarks/examples.py:words"' --background b.jsonl.gz --traffic t.jsonl.gz
"""

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from sextortion_detect import ArabicNormalizer


def words():
    """A peer: TF-IDF of folded words and pairs of words, and logistic regression."""
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=3)
    return make_pipeline(ArabicNormalizer(), vectorizer, LogisticRegression(C=3.0, max_iter=500))
