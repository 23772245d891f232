"""A peer and a further block of features, as `sextortion-detect experiment` takes them: copy one and change it.

sextortion-detect experiment 'peer = "tests/benchmarks/examples.py:words"' --background b.jsonl.gz --traffic t.jsonl.gz
sextortion-detect experiment 'block = "tests/benchmarks/examples.py:shape"' --background b.jsonl.gz --traffic t.jsonl.gz
"""

from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from sextortion_detect import ArabicNormalizer


def words():
    """A peer: TF-IDF of folded words and pairs of words, and logistic regression."""
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=3)
    return make_pipeline(ArabicNormalizer(), vectorizer, LogisticRegression(C=3.0, max_iter=500))


def shape():
    """A block: how long a text is, and how much of it is digits, question marks and line breaks."""
    return FunctionTransformer(
        lambda texts: csr_matrix([[min(len(text), 300) / 300, *(share(text, of) for of in MARKS)] for text in texts])
    )


MARKS = ("0123456789٠١٢٣٤٥٦٧٨٩", "?؟", "\n")


def share(text, marks):
    return sum(text.count(mark) for mark in marks) / max(len(text), 1)
