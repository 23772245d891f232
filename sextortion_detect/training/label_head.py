"""Fitting the label head, the rule on top of it, and setting its probabilities right.

A multinomial logistic regression tells the four labels and ordinary traffic apart. To its two offense columns are added
the margins of two linear support vector machines, each of one offense against all else: they care for texts near the
border alone, and so for the few real texts that look most like an offense, of which a budget of false alarms is made.
Both are linear in the same features, so their sum is one column of weights, and nothing more is served.

A second logistic regression corrects these scores of the whole message by what its strongest stretch says otherwise,
and by its length. It is fitted on rows and texts that the first never saw. What the whole says keeps its weight, since
it was fitted on many times as many texts: a regression that weighs it anew loses a tenth of what is found at one false
alarm in a thousand. Then a temperature divides the scores (Guo et al. 2017), and a shift is added to the biases; both
are set on rows alone. Blackmail and grooming are shifted as one, which leaves their order against harmless texts as it
was.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np
from joblib import Parallel, delayed
from scipy.optimize import minimize
from scipy.sparse import csr_matrix, vstack
from scipy.special import logsumexp
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.svm import LinearSVC

from sextortion_detect.model.linear import LABELS, OFFENSE, ORDINARY, Array, Flags, LinearHead
from sextortion_detect.model.stretches import strongest, terms
from sextortion_detect.model.vectorizer import Vectorizer
from sextortion_detect.taxonomy import OFFENSES, Label
from sextortion_detect.text.arrays import Integers
from sextortion_detect.training.attacks import padded
from sextortion_detect.training.corpus import Row
from sextortion_detect.training.recipe import Recipe
from sextortion_detect.training.vocabulary import parts_of

_TOLERANCE: Final = 1e-3  # of the gradient of the mean loss: closer to the minimum no dev figure moves
_ROUNDS: Final = 1_000  # never reached

_NEVER: Final = -1e3
"""The bias of the ordinary column where no background was given: it takes no part in the softmax."""


class Origin(IntEnum):
    """Where a text of the corpus is from: a written row, a line of a conversation, or a disguised copy of a row."""

    ROW = 0
    LINE = 1
    COPY = 2


def fit_label_head(
    written: csr_matrix, labels: Integers, ordinary: csr_matrix, recipe: Recipe, origins: Integers
) -> LinearHead:
    """The label head over TF-IDF rows: of the corpus, with labels as indices into `LABELS`, and of ordinary texts.

    `origins` gives the `Origin` of each row of the corpus.
    """
    rows = vstack([written, ordinary], format="csr")
    classes = np.concatenate([labels, np.full(ordinary.shape[0], ORDINARY)])
    weights = label_weights(labels, ordinary.shape[0], origins, recipe)
    jobs = [delayed(_multinomial)(rows, classes, weights, recipe)]
    if ordinary.shape[0]:
        alone = np.concatenate([origins != Origin.LINE, np.ones(ordinary.shape[0], dtype=bool)])
        jobs += [delayed(_margin)(rows[alone], classes[alone] == LABELS.index(label), recipe) for label in OFFENSES]
    (coefficients, bias), *margins = Parallel()(jobs)
    if ordinary.shape[0]:
        bias[ORDINARY] += recipe.ordinary_shift - np.log(ordinary.shape[0] / _of_written(origins, recipe).sum())
    for label, (margin, offset) in zip(OFFENSES, margins, strict=False):
        coefficients[LABELS.index(label)] += recipe.margin_weight * margin
        bias[LABELS.index(label)] += recipe.margin_weight * offset
    return rounded(LinearHead(coefficients.T, bias), LABEL_DIGITS)


def label_weights(labels: Integers, ordinary: int, origins: Integers, recipe: Recipe) -> Array:
    """How much each text weighs, those of the corpus first, and then so many ordinary ones."""
    times = np.where(labels == LABELS.index(Label.VICTIM_REPORT), recipe.victim_weight, 1.0)
    return np.concatenate([_of_written(origins, recipe) * times, np.ones(ordinary)])


def _of_written(origins: Integers, recipe: Recipe) -> Array:
    return np.asarray(recipe.written_weight * np.array([1.0, recipe.chat_weight, recipe.copy_weight])[origins])


LABEL_DIGITS: Final = 9
TACTIC_DIGITS: Final = 7  # they are told of offenses alone, and no budget hangs on them


def rounded(head: LinearHead, digits: int) -> LinearHead:
    """A head as the model file will hold it, so that thresholds are set on what is served.

    Of the 11 binary digits of a 16-bit number so many are kept: with 9 the file shrinks by a tenth, and a
    weight changes by at most 0.2 % (one under 6e-5 by 1.5e-7); each digit less shrinks it by as much again and doubles
    the change.
    """
    halves = head.weights.astype(np.float16).view(np.uint16)
    unit = 1 << (11 - digits)
    kept = ((halves + np.uint16(unit // 2)) & np.uint16(0x10000 - unit)).view(np.float16)
    return LinearHead(np.ascontiguousarray(kept, dtype=np.float32), head.bias)


def fit_tactics(rows: csr_matrix, truth: Flags, strength: float) -> LinearHead:
    """One head a tactic (rows x tactics), on offenses alone: tactics are only asked of flagged messages."""
    head = LogisticRegression(C=strength, solver="liblinear", tol=1e-3, random_state=0)
    heads = OneVsRestClassifier(head).fit(rows, truth).estimators_
    weights, bias = np.vstack([one.coef_ for one in heads]).T, np.concatenate([one.intercept_ for one in heads])
    return rounded(LinearHead(weights, bias), TACTIC_DIGITS)


def _multinomial(rows: csr_matrix, classes: Array, weights: Array, recipe: Recipe) -> tuple[Array, Array]:
    """Weights (columns x features) and biases of all five columns."""
    head = LogisticRegression(C=recipe.label_c, tol=_TOLERANCE, max_iter=_ROUNDS)
    head.fit(rows, classes, sample_weight=weights)
    coefficients = np.zeros((ORDINARY + 1, rows.shape[1]))
    bias = np.full(ORDINARY + 1, _NEVER)
    coefficients[head.classes_], bias[head.classes_] = head.coef_, head.intercept_
    return coefficients, bias


def _margin(rows: csr_matrix, truth: Array, recipe: Recipe) -> tuple[Array, float]:
    machine = LinearSVC(C=recipe.margin_c, tol=1e-2, max_iter=300, random_state=recipe.seed).fit(rows, truth)
    return machine.coef_[0], float(machine.intercept_[0])


_SHIFTED: Final = {OFFENSE: OFFENSES, Label.VICTIM_REPORT.value: (Label.VICTIM_REPORT,)}
"""Labels whose columns share a shift, by name; both harmless ones stay where they are."""

_SHIFTS: Final = np.array([[float(label in some) for label in LABELS] + [0.0] for some in _SHIFTED.values()])
_PENALTY: Final = 1e-3  # on squared shifts: a handful of rows that are told apart perfectly would shift without end
_BOUNDS: Final = ((-3.0, 3.0), *((-6.0, 6.0) for _ in _SHIFTED))  # of the logarithm of the temperature, and of shifts


@dataclass(frozen=True, slots=True)
class Scaling:
    """A temperature, what is added to scores after it by name, and the share of offenses of the rows it was set on.

    `prevalence` is the base rate that probabilities are right for.
    """

    temperature: float
    shifts: Mapping[str, float]
    prevalence: float

    def applied(self, head: LinearHead) -> LinearHead:
        """The head whose scores are scaled and shifted so."""
        shifts = np.array(list(self.shifts.values())) @ _SHIFTS
        return LinearHead(head.weights / self.temperature, head.bias / self.temperature + shifts)


def fit_scaling(scores: Array, labels: Sequence[Label], weights: Sequence[float] | None = None) -> Scaling:
    """The scaling under which the labels of rows are likeliest; `scores` are of the labels and ordinary traffic.

    They are (rows x 5); `weights` says how much each row counts.

    >>> undecided = np.zeros((4, 5))  # 2 in 5 for an offense, and 3 in 4 offend
    >>> scaling = fit_scaling(undecided, [Label.BENIGN, Label.BLACKMAIL, Label.GROOMING, Label.GROOMING])
    >>> scaling.prevalence, scaling.shifts["offense"] > 0.0
    (0.75, True)
    """
    barred = _barred(labels)

    def loss(parameters: Array) -> float:
        scaled = scores / np.exp(parameters[0]) + parameters[1:] @ _SHIFTS
        surprise = logsumexp(scaled, axis=1) - logsumexp(scaled + barred, axis=1)
        return float(np.average(surprise, weights=weights) + _PENALTY * np.square(parameters[1:]).sum())

    best = minimize(loss, np.zeros(len(_BOUNDS)), method="L-BFGS-B", bounds=_BOUNDS).x
    shifts = {name: round(float(shift), 3) for name, shift in zip(_SHIFTED, best[1:], strict=True)}
    prevalence = float(np.average([label in OFFENSES for label in labels], weights=weights))
    return Scaling(round(float(np.exp(best[0])), 3), shifts, round(prevalence, 4))


def fit_rule(
    vectorizer: Vectorizer, messages: LinearHead, dev: Sequence[Row], ordinary: Sequence[str], recipe: Recipe
) -> tuple[LinearHead, Scaling]:
    """The rule that tells labels from a whole message and its strongest stretch, and how it was set right.

    It is fitted on rows of `dev` and on `ordinary` texts, neither of which the scores have seen; on copies of rows with
    ordinary words beside them, in which an offense must be heard; and on ordinary texts joined to long ones, in which
    none may be. All authors weigh alike, and rows that need their context teach the rule nothing. Probabilities are set
    right on all rows of authors who wrote offenses too: beside as many authors of ordinary lines alone, offenses would
    seem seldomer than these tell.
    """
    of_author = Counter(row.author for row in dev)
    weigh = {author: len(dev) / len(of_author) / count for author, count in of_author.items()}
    alone = [row for row in dev if not row.needs_context]
    told = [(row.text, row.label, weigh[row.author]) for row in alone]
    beside = [row for row in alone if row.label is not Label.BENIGN] if ordinary else []
    for place, words in enumerate(_WORDS_BESIDE):
        copies = padded([row.text for row in beside], ordinary, words, recipe.seed + place)
        pairs = zip(copies, beside, strict=True)
        told += [(copy, row.label, recipe.rule_padded * weigh[row.author]) for copy, row in pairs]
    told += [(text, Label.BENIGN, recipe.rule_ordinary * len(alone) / len(ordinary)) for text in ordinary]
    joined = [" ".join(ordinary[begin : begin + size]) for size in _JOINED for begin in range(0, len(ordinary), size)]
    told += [(text, Label.BENIGN, recipe.rule_joined * len(alone) / len(joined)) for text in joined]
    texts, labels, weights = zip(*told, strict=True)
    given = _terms(vectorizer, messages, texts)
    rule = _fit_corrections(given, labels, np.array(weights), recipe.rule_c)
    rule = _with_opinion(rule, given, [label in OFFENSES for label in labels], recipe.rule_opinion)
    offending = {row.author for row in dev if row.label in OFFENSES}
    mixed = [row for row in dev if row.author in offending]
    scores = rule.of(_terms(vectorizer, messages, [row.text for row in mixed]))
    scaling = fit_scaling(scores, [row.label for row in mixed], [weigh[row.author] for row in mixed])
    return scaling.applied(rule), scaling


def _fit_corrections(given: Array, labels: Sequence[Label], weights: Array, strength: float) -> LinearHead:
    """The scores of the whole at one temperature, what is added where the strongest stretch differs, and for length."""
    width, columns = given.shape[1] // 2, ORDINARY + 1
    whole, barred = given[:, :columns], _barred(labels)
    differ = np.column_stack((given[:, width : 2 * width] - given[:, :width], given[:, -1]))
    scale = np.sqrt(np.square(differ).mean(axis=0)) + 1e-9
    differ, shares, penalty = differ / scale, weights / weights.sum(), 1.0 / (strength * weights.sum())

    def loss(parameters: Array) -> tuple[float, Array]:
        cooled = whole * np.exp(-parameters[0])
        corrections = parameters[1 + columns :].reshape(-1, columns)
        scores = cooled + parameters[1 : 1 + columns] + differ @ corrections
        every, right = (logsumexp(some, axis=1, keepdims=True) for some in (scores, scores + barred))
        slope = shares[:, np.newaxis] * (np.exp(scores - every) - np.exp(scores + barred - right))
        surprise = float(shares @ (every - right)[:, 0]) + 0.5 * penalty * float(np.square(corrections).sum())
        of_corrections = differ.T @ slope + penalty * corrections
        return surprise, np.concatenate(([-(slope * cooled).sum()], slope.sum(axis=0), of_corrections.ravel()))

    best = minimize(loss, np.zeros(1 + columns * (1 + len(scale))), jac=True, method="L-BFGS-B").x
    corrections = best[1 + columns :].reshape(-1, columns) / scale[:, np.newaxis]
    rule = np.concatenate((-corrections[:-1], corrections))
    rule[:columns] += np.exp(-best[0]) * np.eye(columns)
    return LinearHead(rule, best[1 : 1 + columns])


def _with_opinion(rule: LinearHead, given: Array, offending: Sequence[bool], times: float) -> LinearHead:
    """The rule, and to both its offenses so many times the log-odds of one that weighs whole and stretch anew."""
    scale = np.maximum(given.std(axis=0), _LEAST_SPREAD)
    opinion = LogisticRegression(C=_OPINION_C, max_iter=_ROUNDS).fit(given / scale, offending)
    is_offense = np.array([label in OFFENSES for label in LABELS] + [False], dtype=np.float64)
    weights = rule.weights + times * np.outer(opinion.coef_[0] / scale, is_offense)
    return LinearHead(weights, rule.bias + times * opinion.intercept_[0] * is_offense)


def _barred(labels: Sequence[Label]) -> Array:
    """What leaves only the right columns of scores (rows x 5): a benign row may be of either harmless one."""
    right = np.array([[label is one for one in LABELS] + [label is Label.BENIGN] for label in labels])
    return np.where(right, 0.0, -1e9)


_LEAST_SPREAD: Final = 0.1  # of a column: where all texts are long, their length tells nothing
_OPINION_C: Final = 3e-4  # inverse strength of regularization; a third or three times as much finds as much
_WORDS_BESIDE: Final = (5, 15, 25)
_JOINED: Final = (8, 25, 80)  # texts


def _terms(vectorizer: Vectorizer, messages: LinearHead, texts: Sequence[str]) -> Array:
    parts = []
    for _, some in parts_of(texts):
        rows, of_stretches = vectorizer.transform_stretches(some)
        scores = messages(rows)
        parts.append(terms(scores, strongest(scores, of_stretches), np.diff(rows.ends)))
    return np.concatenate(parts)
