"""Fitting the risk of a conversation on annotated ones: which sides offend, and from which message on.

Real texts and long everyday sides are harmless ones. What a fit sees of a conversation is told in
`conversation_states`, how its highest state comes to decide in `multiple_instance`.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from sextortion_detect.budget_thresholds import threshold_for_budget
from sextortion_detect.errors import CorpusError
from sextortion_detect.model.conversation import ConversationHead, bounded_risk
from sextortion_detect.model.linear import OFFENSE, Array, Flags, Model, logit
from sextortion_detect.model.participant import FEATURES, HEARD
from sextortion_detect.records import Message
from sextortion_detect.taxonomy import OFFENSES, Label, Variety
from sextortion_detect.training.context import FOLDS, fit_context, folds_of, thinned
from sextortion_detect.training.conversation_states import State, lone_states, sides_after, states_of
from sextortion_detect.training.corpus import AnnotatedChat, Row
from sextortion_detect.training.grown_chats import LENGTHS, grown, of_lines, ordinary_chats, ordinary_lines, singles
from sextortion_detect.training.multiple_instance import Bags, Fitted, fit_bags
from sextortion_detect.training.thresholds import threshold_for_unseen
from sextortion_detect.training.traffic import TrafficText

BENIGN_BUDGET: Final = 1 / 200
"""The share of harmless conversations that may be flagged: ordinary ones, as real single messages stand for."""

LOOKALIKE_BUDGET: Final = 4 / 100
"""The share of those harmless conversations that may be flagged which were written to look like offenses.

Those of the dev split alone, most of whose authors knew nothing of any model: many of the train split were written to
be hard for one, and say how hard they are rather than how often a harmless conversation is taken for an offense. Of
609 harmless conversations that nothing was fitted on 8 in 100 are flagged, and of 401 others 88 in 100 are found.
"""

ORDINARY_BUDGET: Final = 1 / 100
"""The share of ordinary conversations of each length that may be flagged, of private lines and of dialogue.

Of 200 draws a length two may be flagged; at 1 in 200 a single draw would set the threshold. Of blind lines, which set
nothing, of 300 lines 3 in 100 of 2 people are flagged, and 1.5 of 8.
"""

_STRENGTH: Final = 10.0  # inverse, of regularization; 1 and 100 flag as many of left-out conversations
_ANSWERS_AT_MOST: Final = 1.6
"""What answers add at most to a side that nobody has answered, before scores are made log-odds (2.2 of these). At 2 one
in 100 more dev conversations is found, and of 60 chats of small talk that an accuser answers 17 are flagged for 12."""
_KIND_STRENGTH: Final = 3.0  # the same, of blackmail against grooming
_IN_TIME_WEIGHT: Final = 2.0  # of the highest state in time of an offending conversation, whose states weigh at most 1
_EVER_WEIGHT: Final = 1.0  # of its highest state at any time
_HARMLESS_WEIGHT: Final = 2.0  # of the highest state of a harmless conversation
_LONE_WEIGHT: Final = 0.3  # of a single message, as a conversation of its own
_ORDINARY_WEIGHT: Final = 1.0  # of a text of the background; with less their budget costs offenders found in time
_DULL: Final = 9
"""So many ordinary conversations of train lines, and of the background, for each grown in a way, teach the columns of
`CONTEXT`. With a third 81 of 100 offending dev conversations are found for 87, 54 in time for 63."""
_UNHEARD: Final = 6
"""So many of dev lines, which no column was fitted on, and half as many of the background, in the risk."""
_SINGLES: Final = 9  # so many dev rows that offend, and others, are told in a conversation, each whole and in pieces
_USUAL_LENGTH: Final = 25  # messages; those of a longer conversation teach the columns of `CONTEXT` as so many would
_GROWN_WEIGHT: Final = 4.0  # of a grown conversation, where a written one weighs 1
_SINGLE_WEIGHT: Final = 2.0  # of a conversation about one row told whole
_UNHEARD_WEIGHT: Final = 45.0
"""Of an ordinary conversation of dev lines or of the background.

At 15, where as many offending dev conversations are found, of those of 300 lines that set the threshold 2.5 and 2.0 in
100 are flagged for 2.0 and 1.5 (2 and 8 people).
"""
_SEED: Final = 20261124


def fit_conversations(
    model: Model, rows: Sequence[Row], chats: Sequence[AnnotatedChat], background: Sequence[str] = (),
    traffic: Sequence[TrafficText] = (), grow: int = 140,
) -> Model:  # fmt: skip
    """The same model with a conversation part, fitted on the train and dev conversations, and rows not `alone`.

    So many conversations are grown of them in each of several ways (`grown_chats`), and fitted on beside them. The
    threshold is set on harmless dev conversations left out of a fit (on all harmless ones where none is of dev), so
    that a further one reaches it with a probability of at most `LOOKALIKE_BUDGET`; see `threshold_for_unseen` for few.
    Half of `background` counts as ordinary messages, the other half as conversations of one message (some 10,000 texts
    of each at most); of the short texts of each half ordinary conversations are made too. `traffic` only sets the
    threshold: each text as a conversation of its own, and private lines and dialogue as ordinary conversations
    (`ORDINARY_BUDGET`). Raises `CorpusError` where there are fewer conversations of blackmail, of grooming or of
    neither than folds, and as `fit_context` does.
    """
    chats, rows = [chat for chat in chats if chat.split != "test"], [row for row in rows if not row.alone]
    for label in (*OFFENSES, Label.BENIGN):
        if sum(chat.label is label for chat in chats) < FOLDS:
            raise CorpusError(f"There are fewer than {FOLDS} {label.value} conversations; add some and train again.")
    train, dev = ([row for row in rows if row.split == split] for split in ("train", "dev"))
    folds, made = folds_of(chats).tolist(), [*grown(chats, rows, grow, _SEED)]
    shares = [min(_USUAL_LENGTH / len(chat.chat.messages), 1.0) for chat in chats]
    shares += [shares[of] * weight for _, of, weight in made]
    folds += [folds[of] for _, of, _ in made]
    every = [*chats, *(chat for chat, _, _ in made)]
    dull = [*of_lines(ordinary_lines(rows, "train"), _DULL * grow, _SEED)]
    dull += of_background(background[::2], _DULL * grow, _SEED)
    heads = fit_context(
        model, train, [*every, *dull], [*folds, *[-1] * len(dull)], [*shares, *[1.0] * len(dull)], background[::2]
    )
    *left_out, context = (replace(model, context=head) for head in heads)
    unheard = [*of_lines(ordinary_lines(rows, "dev"), _UNHEARD * grow, _SEED)]
    unheard += of_background(background[1::2], _UNHEARD * grow // 2, _SEED)
    pieces, whole = ([*singles(rows, _SINGLES * grow, _SEED, in_pieces)] for in_pieces in (True, False))
    times = [_GROWN_WEIGHT * weight for _, _, weight in made]
    others = np.repeat([_UNHEARD_WEIGHT, 1.0, _SINGLE_WEIGHT], [len(unheard), len(pieces), len(whole)])
    weights = np.concatenate((np.ones(len(chats)), times, others))
    folds += [place % FOLDS for place in range(len(unheard + pieces + whole))]
    every += unheard + pieces + whole
    states: list[State] = []
    for fold, hearing in enumerate(left_out):
        of_fold = {place: chat for place, chat in enumerate(every) if folds[place] == fold}
        states += states_of(hearing, of_fold, fold, weights)
    states += lone_states(context, [row.text for row in dev], _LONE_WEIGHT, [row.label for row in dev])
    states += lone_states(context, thinned(background[1::2]), _ORDINARY_WEIGHT)  # these no column was fitted on
    head = _fit_head(states, every, weights, float(logit(model.thresholds[OFFENSE])))
    threshold = max([head.threshold, *_ordinary_thresholds(context, head, traffic)])
    head = replace(head, threshold=min(threshold, 1.0))
    return replace(context, manifest={**model.manifest, "conversation": head.to_dict()})


def of_background(texts: Sequence[str], count: int, seed: int) -> Iterator[AnnotatedChat]:
    """So many ordinary conversations of the background texts that are as short as what people say in turn.

    Without them the columns of `CONTEXT` see windows of written lines alone, and take short heated lines for what is
    said in bursts: of real dialogues of 300 lines fits of `ar-12` flagged 10 in 100 for 2, and found 88 for 85 of
    offending dev conversations.

    >>> [len(chat.chat.messages) for chat in of_background(["هلا", "كلمة " * 11], 2, 1)]
    [20, 50]
    """
    short = thinned([text for text in texts if len(text.split()) <= _SHORT])
    # Nothing asks for the variety, and these are of all.
    return of_lines({Variety.MSA: short} if short else {}, count, seed)


_SHORT: Final = 10  # words


def _ordinary_thresholds(model: Model, head: ConversationHead, traffic: Sequence[TrafficText]) -> Iterator[float]:
    """Thresholds that keep the budgets of real texts: of single ones, and of ordinary conversations by their length."""

    def risks(chats: Sequence[Sequence[Message]]) -> Array:
        sides = np.array([in_use for _, in_use in sides_after(model, chats)])
        return np.asarray(expit(bounded_risk(sides, head.risk_weights, head.risk_bias, head.answers_at_most)))

    if traffic:
        yield threshold_for_budget(risks([[Message(text.text)] for text in traffic]), BENIGN_BUDGET)
    for _, chats in ordinary_chats(traffic, _SEED):
        ends = np.cumsum([len(chat.messages) for chat in chats])
        of_chats = np.split(risks([chat.messages for chat in chats]), ends[:-1])
        for length in LENGTHS:
            reached = [of_chat[:length].max() for of_chat in of_chats if len(of_chat) >= length]
            if len(reached) * ORDINARY_BUDGET >= 1.0:
                yield threshold_for_budget(np.array(reached), ORDINARY_BUDGET)


def _fit_head(
    states: Sequence[State], chats: Sequence[AnnotatedChat], chat_weights: Array, asked_alone: float
) -> ConversationHead:
    columns = map(np.array, zip(*states, strict=True))
    fitted, in_use, folds, weights, offends, blackmail, settled, in_time, chat_of = columns
    offending, whole = np.array([chat.label in OFFENSES for chat in chats]), chat_of >= 0

    def fit_risk(among: Flags) -> Fitted:
        among = among & settled
        kinds = ((whole & offends & in_time, True, _IN_TIME_WEIGHT), (whole & offends, True, _EVER_WEIGHT),
                 (whole & ~offending[chat_of], False, _HARMLESS_WEIGHT))  # fmt: skip
        bags = [
            Bags.of(chat_of[among], (chosen & (chat_weights[chat_of] == times))[among], truth, times * weight)
            for times in np.unique(chat_weights).tolist()
            for chosen, truth, weight in kinds
        ]
        return fit_bags(fitted[among] * _OF_RISK, offends[among], weights[among], bags, _STRENGTH)

    def fit_kind(among: Flags) -> Fitted:
        among = among & offends
        return fit_bags(fitted[among], blackmail[among], weights[among], (), _KIND_STRENGTH)

    def left_out(fit: Callable[[Flags], Fitted], most: float) -> Array:
        scores = np.zeros(len(states))
        for fold in range(FOLDS):
            scores[folds == fold] = bounded_risk(in_use[folds == fold], *fit(folds != fold), most)
        return scores

    def highest(scores: Array) -> Array:
        best = np.full(len(chats) + 1, -np.inf)  # the last is of states of no conversation
        np.maximum.at(best, chat_of, scores)
        return best[:-1]

    everything = np.ones(len(states), dtype=np.bool_)
    risk, kind = fit_risk(everything), fit_kind(everything)
    scores = left_out(fit_risk, _ANSWERS_AT_MOST)
    on_dev = ~offending & np.array([chat.split == "dev" for chat in chats])
    lookalikes = on_dev if on_dev.any() else ~offending
    threshold = threshold_for_unseen(highest(scores)[lookalikes], LOOKALIKE_BUDGET)
    of_offenders, last = np.flatnonzero(whole & offends), np.zeros(len(chats), dtype=np.int64)
    last[chat_of[of_offenders]] = of_offenders  # of several the last one stays
    found = last[offending & (highest(np.where(offends, scores, -np.inf)) >= threshold)]
    doubt = _doubt(left_out(fit_kind, np.inf)[found], blackmail[found])
    scale = LogisticRegression(C=1e6).fit(scores[settled, None], offends[settled], sample_weight=weights[settled])
    slope, shift = float(scale.coef_[0, 0]), float(scale.intercept_[0])  # makes log-odds of scores (Platt 1999)
    threshold = float(expit(slope * threshold + shift))
    weights, bias = slope * risk.weights, slope * risk.bias + shift
    most = slope * _ANSWERS_AT_MOST
    return ConversationHead(weights, bias, kind.weights, kind.bias - doubt, threshold, asked_alone, most)


_OF_RISK: Final = np.array([HEARD[1] not in name for name in FEATURES])
"""Which features tell of risk: of which kind an offense would be tells nothing of whether there is one."""


def _doubt(last: Array, blackmail: Flags) -> float:
    """What the log-odds of blackmail must exceed at the end for the most conversations to be labelled rightly.

    Those with a message that is blackmail by itself count too, though there it decides nothing.
    """
    candidates = np.linspace(-4.0, 4.0, 33)
    right = np.array([((last > doubt) == blackmail).sum() for doubt in candidates])
    best = np.flatnonzero(right == right.max())
    return float(candidates[best[len(best) // 2]])
