"""What a conversation adds to its messages: each participant's side, followed as it goes on, and the risk of it.

Offenses unfold: a stranger befriends, asks for a private channel, then video, says what he holds, threatens, demands.
Each message of a side is heard in two readings, by itself and as the end of its sender's last eight messages, read as
one text: what is told in pieces is heard in the latter; and by which tactics it offends, since claim, threat and demand
together are surer than each. Who is threatened answers so ("delete it"), however veiled the threat: what others answer
confirms what a side's own words show, and bears only so much of the risk, since an innocent one may be accused. To
be answered as anybody is tells little: a victim may stay calm, and others stand by. A side
remembers how strong each was at most (of tactics that alone), how strong it is now and lately, in the same small space
however long the conversation is. What it remembers fades as more is said, and nothing adds up with length, so that no
amount of its small talk makes an offense, and none excuses what follows. A logistic model over these features, trained
on annotated conversations, gives the risk; it changes with messages of the side alone.
"""

from typing import Final

import numpy as np

from sextortion_detect.model.linear import CONTEXT, LABELS, LEAST, TACTICS, Array, Judgment, logistic, logit
from sextortion_detect.taxonomy import OFFENSES
from sextortion_detect.text.arrays import Integers

WINDOW: Final = 8
"""How many of the last messages of a sender are read as one text, beside each message by itself."""

ANSWER: Final = f"{CONTEXT[-1]}, {WINDOW} messages"

HEARD: Final = (
    "offense", "blackmail, not grooming", *(f"{name}, {WINDOW} messages" for name in ("offense", *CONTEXT[:-1])),
    *(f"offense, {tactic}" for tactic in TACTICS), ANSWER,
)  # fmt: skip
"""What is heard with a message, in log-odds, the last by the side that it answers and all else by its sender's.

Of it by itself; of the window that ends with it; that it is an offense by each of the tactics, since who claims,
threatens and demands offends surer than who does one; and that who writes the window answers an offender.
"""

_OWN: Final = len(HEARD) - 1
_FOLLOWED, _TACTICS = slice(0, _OWN - len(TACTICS)), slice(_OWN - len(TACTICS), _OWN)
_BY_THEN: Final = HEARD.index(f"{CONTEXT[0]}, {WINDOW} messages")

FEATURES: Final = (
    *(f"{when}, {name}" for when in ("strongest", "now", "lately") for name in (*HEARD[_FOLLOWED], ANSWER)),
    *(f"strongest, {name}" for name in HEARD[_TACTICS]),
)
"""Names of the features of a side, in the order of its vector."""

OF_ANSWERS: Final = [place for place, name in enumerate(FEATURES) if name.endswith(ANSWER)]

_GROOMING, _BLACKMAIL = map(LABELS.index, OFFENSES)
_SUREST: Final = 6.0  # log-odds; beyond this, a message more sure tells nothing more
_AT_REST: Final = np.array([-1.5, -_SUREST, *[-1.5] * (_OWN - 2), -2.5])
"""Log-odds that a side begins with: of own words as of a harmless message, which tell no less, since none excuses any;
of answers as of nearly an ordinary one. At -1.5, 15 of 200 chats of 300 lines by one person would be flagged for 5."""
LEAST_ANSWER: Final = -3.0
"""Log-odds below which an answer tells nothing more.

With an ordinary line of a third one behind each of their messages 55 in 100 blackmailers of dev conversations are
found, and 53 where their victims say ordinary lines alone; 39 and 36 where it is -4, as in training.
"""
_FADING: Final = 0.8  # what remains of "lately" with each further message that is heard so
_REMEMBERED: Final = 25
"""Messages, or answers, that count in full; behind them what was strongest fades, by one part in so many a message."""


class _Pooled:
    """How strong some of what is heard was at most, how strong it is now, and lately, beginning `at_rest`."""

    def __init__(self, at_rest: Array, least: Array | float) -> None:
        self._at_rest, self._least, self._count = at_rest, least, 0
        self.strongest = self.now = self.lately = at_rest

    def add(self, heard: Array) -> None:
        self.now = np.clip(heard, self._least, _SUREST)
        if self._count >= _REMEMBERED:
            self.strongest = (1.0 - 1.0 / _REMEMBERED) * (self.strongest - self._at_rest) + self._at_rest
        self.strongest = np.maximum(self.strongest, self.now)
        self.lately = _FADING * self.lately + (1.0 - _FADING) * self.now
        self._count += 1


class Participant:
    """One participant's part of a conversation so far, in constant space and without a word of it."""

    def __init__(self, least_answer: float = LEAST_ANSWER) -> None:
        self._own, self._answers = _Pooled(_AT_REST[:_OWN], _AT_REST[:_OWN]), _Pooled(_AT_REST[_OWN:], least_answer)

    def add(self, heard: Array) -> None:
        """Take in the next message of the side: what is heard with it (18), as `heard` gives it."""
        self._own.add(heard[:_OWN])

    def answered(self, heard: Array) -> None:
        """Take in a message of somebody else that answers this side: what is heard with it."""
        self._answers.add(heard[_OWN:])

    def vector(self) -> Array:
        """The features named in `FEATURES`: (32,) float64.

        Answers tell no more than the side's own words at most, of an offense by then: without that 86 for 93 of 100
        offending dev conversations are found where 3.5 in 100 others are flagged.
        """
        own, answers, most = self._own, self._answers, self._own.strongest[_BY_THEN]
        pooled = ((own.strongest, answers.strongest), (own.now, answers.now), (own.lately, answers.lately))
        told = [some for of_own, of_answers in pooled for some in (of_own[_FOLLOWED], np.minimum(of_answers, most))]
        return np.concatenate((*told, own.strongest[_TACTICS]))


def heard(judged: Judgment, places: Integers) -> Array:
    """What sides hear with messages: (messages x 18), in the order of `HEARD`.

    `places` (messages x 2) are those of the readings of each message in `judged`: of the message by itself, and of the
    window that ends with it.

    >>> alike = Judgment(*(np.full((1, size), 0.25) for size in (4, 11, 1, 1, 4)))
    >>> heard(alike, np.zeros((2, 2), dtype=np.int64)).shape == (2, len(HEARD))
    True
    """
    labels = judged.labels[places]
    context = (judged.context if judged.context.size else np.zeros((len(judged.labels), len(CONTEXT))))[places[:, 1]]
    both = labels[:, :, _BLACKMAIL] + labels[:, :, _GROOMING]
    offense, kind = logit(both), logit(labels[:, 0, _BLACKMAIL] / np.maximum(both[:, 0], LEAST))
    of_tactics = logit(both[:, :1] * logistic(judged.tactic_scores[places[:, 0]]))
    return np.column_stack((offense[:, 0], kind, offense[:, 1], context[:, :-1], of_tactics, context[:, -1]))
