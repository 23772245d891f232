"""Fitting what hears distress: whether a writer speaks of harming himself or herself, or of not being able to go on.

One column over the features that labels have: a logistic regression of lines of despair against idioms and jokes with
the same words, rows of the corpus (but for those of victims, who may despair too) and ordinary traffic. It is fitted
twice: of traffic, what the first fit takes for distress most is harmless as well, stretch by stretch.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from joblib import Parallel, delayed
from scipy.sparse import csr_matrix, vstack
from sklearn.linear_model import LogisticRegression

from sextortion_detect.model.linear import Array, LinearHead
from sextortion_detect.model.vectorizer import Vectorizer
from sextortion_detect.training.attacks import copies_of
from sextortion_detect.training.corpus import DistressLine
from sextortion_detect.training.label_head import TACTIC_DIGITS, rounded
from sextortion_detect.training.recipe import Recipe
from sextortion_detect.training.vocabulary import matrix, parts_of

_C: Final = 10.0  # inverse strength of regularization
_LINE_WEIGHT: Final = 0.3  # of a line, where an ordinary text weighs 1
_HARDEST: Final = 30  # one text in so many is fitted on once more, by the stretch that sounds most like distress


def fit_distress(
    vectorizer: Vectorizer, lines: Sequence[DistressLine], harmless: csr_matrix, background: Sequence[str],
    recipe: Recipe,
) -> LinearHead:  # fmt: skip
    """The column of distress, fitted on lines, disguised and longer copies of them, and the rows of harmless texts."""
    texts = [line.text for line in lines]
    copies, copied = copies_of(texts, background, recipe)
    truth = np.array([lines[of].is_distress for of in (*range(len(lines)), *copied)])
    weights = _LINE_WEIGHT * np.repeat([1.0, recipe.copy_weight], [len(texts), len(copies)])
    rows = vstack([matrix(vectorizer, [*texts, *copies]), harmless], format="csr")
    head = _fit(rows, truth, weights)
    hardest = Parallel()(delayed(_hardest)(vectorizer, head, some) for _, some in parts_of(background))
    return _fit(vstack([rows, *hardest], format="csr"), truth, weights)


def _fit(rows: csr_matrix, truth: Array, weights: Array) -> LinearHead:
    """A fit on rows of lines and, behind them, of harmless texts of weight 1."""
    harmless = np.zeros(rows.shape[0] - len(truth))
    head = LogisticRegression(C=_C, solver="liblinear", tol=1e-3, random_state=0)
    head.fit(rows, np.concatenate((truth, harmless)), sample_weight=np.concatenate((weights, harmless + 1.0)))
    return rounded(LinearHead(head.coef_.T, head.intercept_), TACTIC_DIGITS)


def _hardest(vectorizer: Vectorizer, head: LinearHead, texts: Sequence[str]) -> csr_matrix:
    """Of the texts that sound most like distress, the row of the stretch that does."""
    rows, of_stretches = vectorizer.transform_stretches(texts)
    scores, of = head(rows)[:, 0], np.concatenate((np.arange(len(texts)), of_stretches))
    order = np.lexsort((scores, of))
    strongest = order[np.append(of[order][1:] != of[order][:-1], True)] if len(texts) else order
    chosen = strongest[np.argsort(-scores[strongest], kind="stable")[: len(texts) // _HARDEST]]
    return rows.to_matrix(len(vectorizer))[chosen]
