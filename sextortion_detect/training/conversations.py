"""Fitting the risk of a conversation on annotated ones: which sides offend, and from which message on.

An export may begin anywhere, so a head is also fitted on the ends of conversations and on single messages: a lone
threat with a demand is a conversation too. Real texts and long everyday sides are harmless ones.

A conversation is flagged by the highest of its states, so fitting on every state alike spends the model on states that
decide nothing. Here states are put into bags (multiple-instance learning; Maron and Lozano-Pérez 1998), and the
log-odds of a bag are a soft maximum over its states, as in the noisy-or and softmax models of Ray and Craven 2005.
States count by themselves as well, at their weights, which keeps the scores of single ones in order.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from sextortion_detect.budget_thresholds import threshold_for_budget
from sextortion_detect.errors import CorpusError
from sextortion_detect.model.conversation import ConversationHead
from sextortion_detect.model.linear import LABELS, Flags, LinearHead, Model
from sextortion_detect.model.participant import WINDOWS, Array, Participant, in_context
from sextortion_detect.records import Message
from sextortion_detect.taxonomy import OFFENSES, Kind, Label
from sextortion_detect.training.context import FOLDS, Heard, beginnings, fit_context, thinned, window_texts
from sextortion_detect.training.corpus import IN_TIME, AnnotatedChat, Row
from sextortion_detect.training.thresholds import score_all, threshold_for_unseen

BENIGN_BUDGET: Final = 1 / 200
"""The share of harmless conversations that may be flagged: ordinary ones, as real single messages stand for."""

LOOKALIKE_BUDGET: Final = 3 / 100
"""The share of those harmless conversations that may be flagged which were written to look like offenses.

Those of the dev split alone, most of whose authors knew nothing of any model: many of the train split were written to
be hard for one, and say how hard they are rather than how often a harmless conversation is taken for an offense.
"""

_STRENGTH: Final = 10.0  # inverse, of regularization; 1 and 100 flag as many of left-out conversations
_KIND_STRENGTH: Final = 3.0  # the same, of blackmail against grooming
_IN_TIME_WEIGHT: Final = 2.0  # of the highest state in time of an offending conversation, whose states weigh at most 1
_EVER_WEIGHT: Final = 1.0  # of its highest state at any time
_HARMLESS_WEIGHT: Final = 2.0  # of the highest state of a harmless conversation
_END_WEIGHT: Final = 0.2  # of all ends of a conversation at most, where it weighs 1 itself
_LONE_WEIGHT: Final = 0.3  # of a single message, as a conversation of its own
_ORDINARY_WEIGHT: Final = 1.0  # of a text of the background; with less their budget costs offenders found in time
_QUIET_LENGTH: Final = 60  # messages
_QUIET_WEIGHT: Final = 0.25  # of such a side; more costs offending conversations found, on left-out ones
_SEED: Final = 20261124
_SHARPNESS: Final = 2.0
"""By what log-odds are multiplied within the soft maximum: at 1 many middling states add up to a high one."""
_ROUNDS: Final = 150  # of L-BFGS; more change nothing that is flagged


class _State(NamedTuple):
    """A side after a message: of which fold, how it weighs, whether it offends by then, and of which conversation.

    `unsettled` is that of an offender before the marked message: neither right nor wrong to flag, and not fitted on.
    `in_time` says that a flag by now comes at most `IN_TIME` messages behind the marked one, `whole` that the
    conversation was seen from its beginning.
    """

    vector: Array
    fold: int
    weight: float
    offends: bool = False
    blackmail: bool = False
    unsettled: bool = False
    in_time: bool = False
    chat: int = -1
    whole: bool = False


def fit_conversations(
    model: Model, rows: Sequence[Row], chats: Sequence[AnnotatedChat], background: Sequence[str] = (),
    traffic: Sequence[str] = (), quiet: int = 120,
) -> Model:  # fmt: skip
    """The same model with a conversation part, fitted on the train and dev conversations and rows.

    The threshold is set on harmless dev conversations left out of a fit (on all harmless ones where none is of dev), so
    that a further one reaches it with a probability of at most `LOOKALIKE_BUDGET`; see `threshold_for_unseen` for few.
    Half of `background` counts as ordinary messages, the other half as conversations of one message (some 10,000 texts
    of each at most); `traffic` only sets the threshold, each text as a conversation of its own. So many `quiet` long
    harmless sides are fitted on. Raises `CorpusError`
    where there are fewer conversations of blackmail, of grooming or of neither than folds.
    """
    chats = [chat for chat in chats if chat.split != "test"]
    for label in (*OFFENSES, Label.BENIGN):
        if sum(chat.label is label for chat in chats) < FOLDS:
            raise CorpusError(f"There are fewer than {FOLDS} {label.value} conversations; add some and train again.")
    train = [row for row in rows if row.split == "train"]
    context, heard = fit_context(model, train, chats, background[::2])
    context = LinearHead(np.asarray(context.weights, dtype=np.float32), context.bias)
    model = replace(model, context=context)
    states = [state for place, chat in enumerate(chats) for state in _states(chat, heard[place], place)]
    dev = [row for row in rows if row.split == "dev"]
    states.extend(_lone_states(model, [row.text for row in dev], _LONE_WEIGHT, [row.label for row in dev]))
    states.extend(_lone_states(model, thinned(background[1::2]), _ORDINARY_WEIGHT))  # these no column was fitted on
    states.extend(_quiet_states(model, [row.text for row in dev if row.kind is Kind.EVERYDAY], quiet))
    head = _fit_head(states, chats)
    if traffic:
        lone = np.array([head.risk(state.vector) for state in _lone_states(model, traffic, _ORDINARY_WEIGHT)])
        head = replace(head, threshold=min(max(head.threshold, threshold_for_budget(lone, BENIGN_BUDGET)), 1.0))
    return replace(model, manifest={**model.manifest, "conversation": head.to_dict()})


def _states(chat: AnnotatedChat, heard: Heard, place: int) -> Iterator[_State]:
    """After each message of the conversation, and of its ends."""
    begins, messages, mark = beginnings(chat), chat.chat.messages, chat.first_flag
    blackmail = chat.label is Label.BLACKMAIL
    for begin in begins:
        weight = (1.0 if begin == 0 else _END_WEIGHT / len(begins)) / len(messages)
        sides: dict[str | None, Participant] = {}
        windows = window_texts(messages[begin:])
        for index in range(begin, len(messages)):
            sender = messages[index].sender
            side = sides.setdefault(sender, Participant())
            if heard.known[index]:
                around = [heard.windows[text] for text in windows[index - begin]]
                side.add(_NO_LABELS, heard.tactics[index], in_context(heard.context[index], around))
            offender = chat.label in OFFENSES and sender == chat.offender
            late = offender and mark is not None and index >= mark
            if late and begin > (mark or 0):  # what was cut off may be what told
                late = any(label in OFFENSES for label in chat.labels[begin : index + 1])
            in_time = mark is not None and index <= mark + IN_TIME
            unsettled = offender and not late
            yield _State(side.vector(), heard.fold, weight, late, blackmail, unsettled, in_time, place, begin == 0)


def _lone_states(model: Model, texts: Sequence[str], weight: float, labels: Sequence[Label] = ()) -> Iterator[_State]:
    """Single messages as conversations, harmless ones where no labels are given; in turn of each fold."""
    judged = score_all(model, texts, with_context=True)
    tactics = judged.tactics
    for place, known in enumerate(judged.known):
        side, label = Participant(), labels[place] if labels else Label.BENIGN
        if known:
            context = judged.context[place]
            side.add(judged.labels[place], tactics[place], in_context(context, [context] * len(WINDOWS)))
        yield _State(side.vector(), place % FOLDS, weight, label in OFFENSES, label is Label.BLACKMAIL)


def _quiet_states(model: Model, texts: Sequence[str], count: int) -> Iterator[_State]:
    """Long harmless sides: everyday messages in any order, and one of them again and again; in turn of each fold.

    Annotated conversations are no longer than 40 messages, and hardly anybody repeats himself there.
    """
    chance = random.Random(_SEED)
    for place in range(count if texts else 0):
        said = [chance.choice(texts)] * _QUIET_LENGTH if place % 2 else chance.choices(texts, k=_QUIET_LENGTH)
        read = window_texts([Message(text) for text in said])
        heard, windows = (score_all(model, some, with_context=True) for some in (said, [*chain(*read)]))
        side, tactics = Participant(), heard.tactics
        for index, known in enumerate(heard.known):
            if known:
                around = [*windows.context[index * len(WINDOWS) : (index + 1) * len(WINDOWS)]]
                side.add(_NO_LABELS, tactics[index], in_context(heard.context[index], around))
            yield _State(side.vector(), place % FOLDS, _QUIET_WEIGHT / _QUIET_LENGTH)


def _fit_head(states: Sequence[_State], chats: Sequence[AnnotatedChat]) -> ConversationHead:
    vectors, folds, weights, offends, blackmail, unsettled, in_time, chat_of, whole = map(
        np.array, zip(*states, strict=True)
    )
    settled, chat_of = ~unsettled, np.where(whole, chat_of, -1)
    offending = np.array([chat.label in OFFENSES for chat in chats])
    harmless = whole & ~offending[chat_of]

    def fit_risk(among: Flags) -> Fitted:
        among = among & settled
        kinds = ((whole & offends & in_time, True, _IN_TIME_WEIGHT), (whole & offends, True, _EVER_WEIGHT),
                 (harmless, False, _HARMLESS_WEIGHT))  # fmt: skip
        bags = [Bags.of(chat_of[among], chosen[among], truth, weight) for chosen, truth, weight in kinds]
        return fit_bags(vectors[among], offends[among], weights[among], bags, _STRENGTH)

    def fit_kind(among: Flags) -> Fitted:
        among = among & offends
        return fit_bags(vectors[among], blackmail[among], weights[among], (), _KIND_STRENGTH)

    def left_out(fit: Callable[[Flags], Fitted]) -> Array:
        scores = np.zeros(len(states))
        for fold in range(FOLDS):
            scores[folds == fold] = fit(folds != fold)(vectors[folds == fold])
        return scores

    def highest(scores: Array) -> Array:
        return np.array([scores[chat_of == place].max() for place in range(len(chats))])

    everything = np.ones(len(states), dtype=np.bool_)
    risk, kind = fit_risk(everything), fit_kind(everything)
    scores = left_out(fit_risk)
    on_dev = ~offending & np.array([chat.split == "dev" for chat in chats])
    lookalikes = on_dev if on_dev.any() else ~offending
    threshold = threshold_for_unseen(highest(scores)[lookalikes], LOOKALIKE_BUDGET)
    surest = highest(np.where(scores >= threshold, left_out(fit_kind), -np.inf))
    found = np.flatnonzero(offending & np.isfinite(surest))
    of_blackmail = np.array([chats[place].label is Label.BLACKMAIL for place in found.tolist()], dtype=np.bool_)
    doubt = _doubt(surest[found], of_blackmail)
    scale = LogisticRegression(C=1e6).fit(scores[settled, None], offends[settled], sample_weight=weights[settled])
    slope, offset = float(scale.coef_[0, 0]), float(scale.intercept_[0])  # makes log-odds of scores (Platt 1999)
    threshold = float(expit(slope * threshold + offset))
    return ConversationHead(
        slope * risk.weights, slope * risk.bias + offset, kind.weights, kind.bias - doubt, threshold
    )


def _doubt(surest: Array, blackmail: Flags) -> float:
    """What the log-odds of blackmail must exceed for the most conversations to be labelled rightly.

    A conversation that was once said to be blackmail stays so: its surest moment decides, which is higher than most.
    """
    candidates = np.linspace(-1.0, 3.0, 17)
    right = np.array([((surest > doubt) == blackmail).sum() for doubt in candidates])
    best = np.flatnonzero(right == right.max())
    return float(candidates[best[len(best) // 2]])


_NO_LABELS: Final = np.zeros(len(LABELS))  # where there is context, a side does not ask for them


@dataclass(frozen=True, slots=True)
class Bags:
    """Bags of states that are all true or all false: `bag_of` gives the bag of each of `states`, in order, from 0.

    Each bag counts `weight` times.
    """

    states: NDArray[np.int64]
    bag_of: NDArray[np.int64]
    offends: bool
    weight: float

    @classmethod
    def of(cls, groups: NDArray[np.int64], chosen: Flags, offends: bool, weight: float) -> "Bags":
        """The chosen states, in bags by group.

        >>> bags = Bags.of(np.array([7, 5, 7, 5]), np.array([True, True, True, False]), True, 1.0)
        >>> bags.states.tolist(), bags.bag_of.tolist()
        ([1, 0, 2], [0, 1, 1])
        """
        states = np.flatnonzero(chosen)
        states = states[np.argsort(groups[states], kind="stable")]
        return cls(states, np.unique(groups[states], return_inverse=True)[1], offends, weight)


@dataclass(frozen=True, slots=True)
class Fitted:
    """A logistic model for features as they are."""

    weights: Array
    bias: float

    def __call__(self, vectors: Array) -> Array:
        """The log-odds of each state: (states)."""
        return vectors @ self.weights + self.bias


def fit_bags(vectors: Array, truth: Flags, weights: Array, bags: Sequence[Bags], strength: float) -> Fitted:
    """Fit on states (states x features), each by itself at its weight, and on bags of them.

    `strength` is the inverse strength of regularization, as in scikit-learn's `LogisticRegression`; the bias is free.
    """
    mean, deviation = vectors.mean(axis=0), vectors.std(axis=0)
    deviation[deviation <= 1e-12 * np.maximum(np.abs(mean), 1.0)] = 1.0  # sums of one number are not quite the same
    scaled = np.column_stack(((vectors - mean) / deviation, np.ones(len(vectors))))
    penalty = np.append(np.full(vectors.shape[1], 1.0 / strength), 0.0)
    signs = np.where(truth, 1.0, -1.0)
    in_bags = [scaled[one.states] for one in bags]

    def loss(head: Array) -> tuple[float, Array]:
        margins = signs * (scaled @ head)
        total = 0.5 * float(penalty @ head**2) + float(weights @ np.logaddexp(0.0, -margins))
        slope = penalty * head - scaled.T @ (weights * signs * expit(-margins))
        for one, rows in zip(bags, in_bags, strict=True):
            highest, shares = _soft_maximum(rows @ head, one.bag_of)
            sign = 1.0 if one.offends else -1.0
            total += one.weight * float(np.logaddexp(0.0, -sign * highest).sum())
            slope -= rows.T @ (one.weight * sign * expit(-sign * highest)[one.bag_of] * shares)
        return total, slope

    head = minimize(loss, np.zeros(scaled.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": _ROUNDS}).x
    unscaled = head[:-1] / deviation  # (x - mean) / deviation · w = x · (w / deviation) - mean / deviation · w
    return Fitted(unscaled, float(head[-1] - unscaled @ mean))


def _soft_maximum(scores: Array, bag_of: NDArray[np.int64]) -> tuple[Array, Array]:
    """The soft maximum of each bag, and the share that each state has in it."""
    begins = np.flatnonzero(np.diff(bag_of, prepend=-1))
    highest = np.maximum.reduceat(_SHARPNESS * scores, begins)
    raised = np.exp(_SHARPNESS * scores - highest[bag_of])
    sums = np.add.reduceat(raised, begins)
    return (highest + np.log(sums)) / _SHARPNESS, raised / sums[bag_of]
