"""What only conversations use of a message: the columns of `linear.CONTEXT`, fitted and told for unseen conversations.

A head over conversations must see its messages scored as they will be in use: by a model that has not seen them. So
the columns are fitted once for the model, and once a fold without the files of that fold, whose messages they then
score. The same goes for tactics where the model has seen the conversation.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, vstack
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from sextortion_detect.chats import scored_text
from sextortion_detect.model.linear import CONTEXT, TACTICS, Array, Flags, LinearHead, Model
from sextortion_detect.model.sklearn_export import read_all
from sextortion_detect.taxonomy import OFFENSES, Label
from sextortion_detect.training.corpus import AnnotatedChat, Row

FOLDS: Final = 5

_MOST_ORDINARY: Final = 10_000  # texts of the background; more of them change little and take long
_CHAT_WEIGHT: Final = 3.0
_ORDINARY_WEIGHT: Final = 0.5
_C: Final = 3.0  # inverse strengths of regularization
_TACTIC_C: Final = 10.0
_SEED: Final = 20261124


@dataclass(frozen=True, slots=True)
class Heard:
    """The messages of one conversation as a model that has not seen it scores them, and the fold it was left out in.

    `context` is (messages x 5) in log-odds, `tactics` (messages x 11) in probabilities; `known` as in `Judgment`.
    """

    context: Array
    tactics: Array
    known: Flags
    fold: int


def fit_context(
    model: Model, rows: Sequence[Row], chats: Sequence[AnnotatedChat], ordinary: Sequence[str]
) -> tuple[LinearHead, list[Heard]]:
    """The context head of a model, and what is heard of each conversation where it was left out.

    `rows` are single messages, `ordinary` is background; both are fitted on beside the messages of the conversations.
    """
    every = max(len(ordinary) // _MOST_ORDINARY, 1)
    texts = [scored_text(message) for chat in chats for message in chat.chat.messages]
    data = _Data(
        single=model.vectorizer.transform(read_all([row.text for row in rows])),
        said=model.vectorizer.transform(read_all(texts)),
        ordinary=model.vectorizer.transform(read_all(ordinary[::every][:_MOST_ORDINARY])),
        of_single=np.array([[row.label is label for label in _FIRST_TWO] for row in rows]).reshape(-1, 2),
        of_said=_truth(chats),
        single_tactics=_used([row.label for row in rows], [row.tactics for row in rows]),
        said_tactics=_used(
            [label for chat in chats for label in chat.labels], [used for chat in chats for used in chat.tactics]
        ),
    )
    sizes = [len(chat.chat.messages) for chat in chats]
    fold_of = folds_of(chats)
    fold = np.repeat(fold_of, sizes)
    fitted_on = np.repeat([chat.split == "train" for chat in chats], sizes)
    judgment = model.score_texts(texts)
    context, tactics = np.zeros((len(texts), len(CONTEXT))), judgment.tactics.copy()
    for left_out in range(FOLDS):
        unseen = fold == left_out
        context[unseen] = _fit_columns(data, ~unseen)(data.said[unseen])
        seen_by_model = unseen & fitted_on
        tactics[seen_by_model] = expit(_fit_tactics(data, ~unseen & fitted_on)(data.said[seen_by_model]))
    ends = np.cumsum(sizes)[:-1]
    split = (np.split(array, ends) for array in (context, tactics, judgment.known))
    heard = [Heard(*parts) for parts in zip(*split, fold_of.tolist(), strict=True)]
    return _fit_columns(data, np.ones(len(texts), dtype=bool)), heard


def folds_of(chats: Sequence[AnnotatedChat]) -> NDArray[np.int64]:
    """The fold of each conversation: all of one author (the identifier but for its number) fall into one."""
    authors = [chat.id.rpartition("-")[0] for chat in chats]
    groups = authors if len({*authors}) >= FOLDS else [chat.id for chat in chats]
    folds = np.zeros(len(chats), dtype=np.int64)
    for place, (_, held_out) in enumerate(GroupKFold(FOLDS).split(groups, groups=groups)):
        folds[held_out] = place
    return folds


_FIRST_TWO: Final = (Label.BLACKMAIL, Label.GROOMING)


@dataclass(frozen=True, slots=True)
class _Data:
    """Single messages, those said in conversations, and ordinary texts: features, and what is true of them.

    `of_single` is (rows x 2), `of_said` (messages x 5); tactics are (x 12), the last column saying whether it offends.
    """

    single: csr_matrix
    said: csr_matrix
    ordinary: csr_matrix
    of_single: Flags
    of_said: Flags
    single_tactics: Flags
    said_tactics: Flags


def _truth(chats: Sequence[AnnotatedChat]) -> Flags:
    truth = []
    for chat in chats:
        for message, label in zip(chat.chat.messages, chat.labels, strict=True):
            offends = chat.label in OFFENSES and message.sender == chat.offender
            roles = [offends and chat.label is one for one in _FIRST_TWO]
            truth.append([*(label is one for one in _FIRST_TWO), *roles, offends])
    return np.array(truth)


def _used(labels: Sequence[Label], tactics: Sequence[Sequence[str]]) -> Flags:
    used = [
        [*(tactic in some for tactic in TACTICS), label in OFFENSES]
        for label, some in zip(labels, tactics, strict=True)
    ]
    return np.array(used)


def _fit_columns(data: _Data, among: Flags) -> LinearHead:
    """Each column against all else; single messages tell nothing about who a sender is, and are left out there."""
    said, ordinary = data.said[among], data.ordinary
    everything = vstack([data.single, said, ordinary], format="csr")
    weights = np.repeat([1.0, _CHAT_WEIGHT, _ORDINARY_WEIGHT], [data.single.shape[0], said.shape[0], ordinary.shape[0]])
    no_singles = slice(data.single.shape[0], None)
    none = np.zeros(ordinary.shape[0], dtype=bool)
    heads = []
    for column in range(len(CONTEXT)):
        alone = column >= len(_FIRST_TWO)
        first = np.zeros(0, dtype=bool) if alone else data.of_single[:, column]
        truth = np.concatenate((first, data.of_said[among, column], none))
        part = no_singles if alone else slice(None)
        heads.append(_estimator(_C).fit(everything[part], truth, sample_weight=weights[part]))
    return _side_by_side(heads)


def _fit_tactics(data: _Data, among: Flags) -> LinearHead:
    """The tactics as the model has them, on offending messages alone."""
    used = np.vstack((data.single_tactics, data.said_tactics[among]))
    offending = used[:, -1]
    rows = vstack([data.single, data.said[among]], format="csr")[offending]
    return _side_by_side([_estimator(_TACTIC_C).fit(rows, truth) for truth in used[offending, :-1].T])


def _estimator(strength: float) -> LogisticRegression:
    return LogisticRegression(C=strength, solver="liblinear", tol=1e-2, random_state=_SEED)


def _side_by_side(heads: Sequence[LogisticRegression]) -> LinearHead:
    """As the model file will hold them, so that the conversation head is fitted on what is served."""
    weights = np.vstack([head.coef_ for head in heads]).T.astype(np.float16)
    return LinearHead(
        np.ascontiguousarray(weights, dtype=np.float64), np.concatenate([head.intercept_ for head in heads])
    )
