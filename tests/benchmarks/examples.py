"""Two peers, as `sextortion-detect experiment` takes them: copy one and change it.

sextortion-detect experiment 'peer = "tests/benchmarks/examples.py:words"' --background b.jsonl.gz --traffic t.jsonl.gz

A new block of features is tried as the second does: give both, and compare their rows.
"""

import re

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import FunctionTransformer, MaxAbsScaler

from sextortion_detect import ArabicNormalizer


def words():
    """A peer: TF-IDF of folded words and pairs of words, and logistic regression."""
    return make_pipeline(_words(), LogisticRegression(C=3.0, max_iter=2_000))


def words_and_style():
    """The same with a block more: how long a text is, and how many digits, marks and emoji it has."""
    style = make_pipeline(FunctionTransformer(_style), MaxAbsScaler())
    return make_pipeline(make_union(_words(), style), LogisticRegression(C=3.0, max_iter=2_000))


def _words():
    return make_pipeline(ArabicNormalizer(), TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=3))


def _style(texts):
    kinds = [re.compile(pattern) for pattern in (r"\d", r"[؟?!]", r"[،,.]", "[\U0001f300-\U0001faff]")]
    return np.log1p([[len(text), *(len(kind.findall(text)) for kind in kinds)] for text in texts])
