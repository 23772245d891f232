"""What only conversations use of a message: the columns of `linear.CONTEXT`, fitted and told for unseen conversations.

A head over conversations must see its messages scored as they will be in use: by a model that has not seen them. So
the columns are fitted once for the model, and once a fold without the files of that fold, whose messages they then
score. The same goes for tactics where the model has seen the conversation.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, compress
from typing import Final

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, vstack
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from sextortion_detect.chats import Windows, scored_text
from sextortion_detect.model.linear import CONTEXT, TACTICS, Array, Flags, LinearHead, Model
from sextortion_detect.model.participant import MESSAGE_COLUMNS, WINDOWS
from sextortion_detect.records import Message
from sextortion_detect.taxonomy import OFFENSES, Label
from sextortion_detect.training.corpus import AnnotatedChat, Row
from sextortion_detect.training.label_head import TACTIC_DIGITS, side_by_side
from sextortion_detect.training.vocabulary import matrix

FOLDS: Final = 5

_MOST_ORDINARY: Final = 10_000
_CHAT_WEIGHT: Final = 3.0
_WINDOW_WEIGHT: Final = _CHAT_WEIGHT / len(WINDOWS)  # a message stands in one of each size
_SOON_WEIGHTS: Final = (4.0, 4.0, 4.0, 1.3, 1.3, 1.3)
"""How many times heavier the first windows since the marked message count for where an offense begins."""
_LATER_WEIGHT: Final = 0.3  # of each window after them
_ORDINARY_WEIGHT: Final = 0.5
_C: Final = 3.0  # inverse strengths of regularization
_TACTIC_C: Final = 10.0
_DIGITS: Final = 6  # of a weight: sums of many messages ask for less than a threshold on one
_SOLVER: Final = {"solver": "liblinear", "tol": 1e-2, "random_state": 20261124}


@dataclass(frozen=True, slots=True)
class Heard:
    """The messages of one conversation as a model that has not seen it scores them, and the fold it was left out in.

    `context` is (messages x 9) in log-odds, `tactics` (messages x 11) in probabilities; `known` as in `Judgment`.
    `windows` has the columns of each text that `Windows` gives for conversations of the fold, wherever they begin.
    """

    context: Array
    tactics: Array
    known: Flags
    fold: int
    windows: Mapping[str, Array]


def fit_context(
    model: Model, rows: Sequence[Row], chats: Sequence[AnnotatedChat], ordinary: Sequence[str]
) -> tuple[LinearHead, list[Heard]]:
    """The context head of a model, and what is heard of each conversation where it was left out.

    `rows` are single messages, `ordinary` is background; both are fitted on beside the messages of the conversations.
    """
    texts = [scored_text(message) for chat in chats for message in chat.chat.messages]
    windows = [text for chat in chats for text in chain(*window_texts(chat.chat.messages))]
    single = matrix(model.vectorizer, [row.text for row in rows])
    said, of_windows = matrix(model.vectorizer, texts), matrix(model.vectorizer, windows)
    ordinary_rows = matrix(model.vectorizer, thinned(ordinary))
    of_single = np.array([[row.label is label for label in _FIRST_TWO] for row in rows]).reshape(-1, 2)
    of_rows = _used([(row.label, row.tactics) for row in rows])
    of_chats = _used([used for chat in chats for used in zip(chat.labels, chat.tactics, strict=True)])
    begin_weights = _begin_weights(chats)
    data = _Data(single, said, of_windows, ordinary_rows, of_single, _truth(chats), begin_weights, of_rows, of_chats)
    sizes = [len(chat.chat.messages) for chat in chats]
    fold_of = folds_of(chats)
    fitted_on = np.repeat([chat.split == "train" for chat in chats], sizes)
    judgment = model.score(texts)
    unseen = [np.repeat(fold_of, sizes) == left_out for left_out in range(FOLDS)]
    fits = [delayed(_fit_columns)(data, ~of_fold) for of_fold in (*unseen, np.zeros(len(texts), dtype=np.bool_))]
    fits += [delayed(_fit_tactics)(data, ~of_fold & fitted_on) for of_fold in unseen]
    heads = Parallel()(fits)
    context, tactics = np.zeros((len(texts), len(CONTEXT))), judgment.tactics.copy()
    of_texts: list[Mapping[str, Array]] = []
    for left_out, of_fold in enumerate(unseen):
        head, tactic_head = heads[left_out], heads[FOLDS + 1 + left_out]
        context[of_fold] = _apply(head, data.said[of_fold])
        seen_by_model = of_fold & fitted_on
        tactics[seen_by_model] = expit(_apply(tactic_head, data.said[seen_by_model]))
        read = _texts_of_all_ends(compress(chats, fold_of == left_out))
        of_texts.append(dict(zip(read, _apply(head, matrix(model.vectorizer, read)), strict=True)))
    split = (np.split(some, np.cumsum(sizes)[:-1]) for some in (context, tactics, judgment.known))
    parts = zip(*split, fold_of.tolist(), (of_texts[fold] for fold in fold_of), strict=True)
    return heads[FOLDS], [Heard(*of_chat) for of_chat in parts]


def _apply(head: LinearHead, rows: csr_matrix) -> Array:
    return np.asarray(rows @ head.weights + head.bias)


def thinned(ordinary: Sequence[str]) -> Sequence[str]:
    """At most 10,000 of the given texts, evenly chosen: more of the background change little and take long."""
    return ordinary[:: max(len(ordinary) // _MOST_ORDINARY, 1)][:_MOST_ORDINARY]


def window_texts(messages: Sequence[Message]) -> list[list[str]]:
    """The texts of the windows after each message."""
    windows = Windows()
    return [windows.add(message) for message in messages]


def beginnings(chat: AnnotatedChat) -> list[int]:
    """Where an annotated conversation is taken to begin: an export may begin anywhere."""
    begins = {0, *(int(len(chat.chat.messages) * share) for share in _ENDS)}
    return sorted(begins if chat.first_flag is None else {*begins, chat.first_flag})


def _texts_of_all_ends(chats: Iterable[AnnotatedChat]) -> list[str]:
    ends = (chat.chat.messages[begin:] for chat in chats for begin in beginnings(chat))
    return sorted({text for end in ends for text in chain(*window_texts(end))})


_ENDS: Final = (1 / 3, 2 / 3)
"""Where the ends of conversations begin that are fitted on beside the whole ones."""


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

    `windows` has a row for each size of window of each message said. `of_single` is (rows x 2), `of_said` (messages x
    7: where an offense begins is told by "offense by then"); tactics are (x 12), the last column saying whether it
    offends. `begin_weights` says how many times the windows after a message count for where an offense begins.
    """

    single: csr_matrix
    said: csr_matrix
    windows: csr_matrix
    ordinary: csr_matrix
    of_single: Flags
    of_said: Flags
    begin_weights: Array
    single_tactics: Flags
    said_tactics: Flags


def _truth(chats: Sequence[AnnotatedChat]) -> Flags:
    truth = []
    for chat in chats:
        for place, (message, label) in enumerate(zip(chat.chat.messages, chat.labels, strict=True)):
            offends = chat.label in OFFENSES and message.sender == chat.offender
            by_then = offends and chat.first_flag is not None and place >= chat.first_flag
            roles = [offends and chat.label is one for one in _FIRST_TWO]
            truth.append([*(label is one for one in _FIRST_TWO), *roles, offends, by_then, offends])
    return np.array(truth)


def _begin_weights(chats: Sequence[AnnotatedChat]) -> Array:
    """By message, how many times its windows count: a threat is plain after many messages, a beginning is not."""
    weights: list[float] = []
    for chat in chats:
        soon = iter(_SOON_WEIGHTS)
        for place, message in enumerate(chat.chat.messages):
            told = chat.first_flag is not None and place >= chat.first_flag and message.sender == chat.offender
            weights.append(next(soon, _LATER_WEIGHT) if told else 1.0)
    return np.array(weights)


def _used(annotated: Sequence[tuple[Label, Sequence[str]]]) -> Flags:
    return np.array([[*(tactic in used for tactic in TACTICS), label in OFFENSES] for label, used in annotated])


def _fit_columns(data: _Data, among: Flags) -> LinearHead:
    """Each column against all else; single messages do not tell who a sender is or where an offense begins."""
    count = len(WINDOWS)
    said, truth = data.said[among], data.of_said[among]
    windows, of_windows = data.windows[np.repeat(among, count)], np.repeat(truth, count, axis=0)
    by_then, offender = of_windows[:, MESSAGE_COLUMNS:].T
    settled = by_then | ~offender  # what an offender says before it is plain is neither
    plain, plain_by_then = windows[settled], by_then[settled]
    begin_weights = _WINDOW_WEIGHT * data.begin_weights[among][settled[::count]]
    none = np.zeros(0, dtype=np.bool_)
    single = [*data.of_single.T, *[none] * (MESSAGE_COLUMNS - len(_FIRST_TWO))]
    heads = [_fit_column(data, of, said, truth[:, place], _CHAT_WEIGHT) for place, of in enumerate(single)]
    heads.append(_fit_column(data, np.logical_or(*data.of_single.T), plain, plain_by_then, _WINDOW_WEIGHT))
    heads.append(_fit_column(data, none, windows, offender, _WINDOW_WEIGHT))
    heads += [_fit_column(data, none, plain[at::count], plain_by_then[::count], begin_weights) for at in range(count)]
    return side_by_side(heads, _DIGITS)


def _fit_column(
    data: _Data, of_single: Flags, said: csr_matrix, of_said: Flags, weight: Array | float
) -> LogisticRegression:
    """One column, on as many single messages as are annotated for it, on what was said, and on ordinary texts."""
    rows = vstack([data.single[: len(of_single)], said, data.ordinary], format="csr")
    truth = np.concatenate((of_single, of_said, np.zeros(data.ordinary.shape[0], dtype=bool)))
    ordinary = np.full(data.ordinary.shape[0], _ORDINARY_WEIGHT)
    weights = np.concatenate((np.ones(len(of_single)), np.broadcast_to(weight, len(of_said)), ordinary))
    return LogisticRegression(C=_C, **_SOLVER).fit(rows, truth, sample_weight=weights)


def _fit_tactics(data: _Data, among: Flags) -> LinearHead:
    """The tactics as the model has them, on offending messages alone."""
    used = np.vstack((data.single_tactics, data.said_tactics[among]))
    offending = used[:, -1]
    rows = vstack([data.single, data.said[among]], format="csr")[offending]
    heads = [LogisticRegression(C=_TACTIC_C, **_SOLVER).fit(rows, truth) for truth in used[offending, :-1].T]
    return side_by_side(heads, TACTIC_DIGITS)
