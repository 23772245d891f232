"""What a conversation adds to its messages: each participant's side, followed as it goes on, and the risk of it.

Offenses unfold: a stranger befriends, asks for a private channel, then video, says what he holds, threatens, demands.
Each message of a side is heard in two readings, by itself and as the end of its sender's last eight messages, read as
one text: what is told in pieces is heard in the latter; and by which tactics it offends, since claim, threat and demand
together are surer than each. A side remembers how strong each was at most, how strong it is now and lately, in the same
small space however long the conversation is. What it remembers fades, and nothing adds up with length, so that no
amount of small talk makes an offense, and none excuses what follows. A logistic model over these features, trained on
annotated conversations, gives the risk. What other participants say never enters a side, so a victim's replies cannot
move the risk.
"""

from typing import Final

import numpy as np

from sextortion_detect.model.linear import CONTEXT, LABELS, LEAST, TACTICS, Array, Judgment, logistic, logit
from sextortion_detect.taxonomy import OFFENSES
from sextortion_detect.text.arrays import Integers

WINDOW: Final = 8
"""How many of the last messages of a sender are read as one text, beside each message by itself."""

HEARD: Final = (
    "offense", "blackmail, not grooming",
    *(f"{name}, {WINDOW} messages" for name in ("offense", *CONTEXT)),
    *(f"offense, {tactic}" for tactic in TACTICS),
)  # fmt: skip
"""What is heard with each message of a side, in log-odds: of it by itself, of the window that ends with it, and that
the message is an offense by each of the tactics: who claims, threatens and demands offends surer than who does one."""

FEATURES: Final = tuple(f"{when}, {name}" for when in ("strongest", "now", "lately") for name in HEARD)
"""Names of the features of a side, in the order of its vector."""

_GROOMING, _BLACKMAIL = map(LABELS.index, OFFENSES)
_SUREST: Final = 6.0  # log-odds; beyond this, a message more sure tells nothing more
_LEAST_HEARD: Final = np.where(np.arange(len(HEARD)) == 1, -_SUREST, -1.5)
"""Log-odds below which a message tells nothing more: what is less like an offense still excuses none."""
_FADING: Final = 0.8
"""What remains of "lately" with each further message of the same sender."""
_REMEMBERED: Final = 25
"""Messages of a sender that count in full; behind them what was strongest fades, by one part in so many a message."""


class Participant:
    """One participant's part of a conversation so far, in constant space and without a word of it.

    It begins where a single harmless message would leave it: what was never heard is no sign of anything.
    """

    def __init__(self) -> None:
        self._count = 0
        self._strongest = self._now = self._lately = _LEAST_HEARD

    def add(self, heard: Array) -> None:
        """Take in the next message: what is heard with it (17), as `heard` gives it."""
        self._now = np.clip(heard, _LEAST_HEARD, _SUREST)
        if self._count >= _REMEMBERED:
            self._strongest = (1.0 - 1.0 / _REMEMBERED) * (self._strongest - _LEAST_HEARD) + _LEAST_HEARD
        self._strongest = np.maximum(self._strongest, self._now)
        self._lately = _FADING * self._lately + (1.0 - _FADING) * self._now
        self._count += 1

    def vector(self) -> Array:
        """The features named in `FEATURES`: (51,) float64."""
        return np.concatenate((self._strongest, self._now, self._lately))


def heard(judged: Judgment, places: Integers) -> Array:
    """What sides hear with messages: (messages x 17), in the order of `HEARD`.

    `places` (messages x 2) are those of the readings of each message in `judged`: of the message by itself, and of the
    window that ends with it.

    >>> alike = Judgment(*(np.full((1, size), 0.25) for size in (4, 11, 1, 1, 3)))
    >>> heard(alike, np.zeros((2, 2), dtype=np.int64)).shape == (2, len(HEARD))
    True
    """
    labels = judged.labels[places]
    context = judged.context if judged.context.size else np.zeros((len(judged.labels), len(CONTEXT)))
    both = labels[:, :, _BLACKMAIL] + labels[:, :, _GROOMING]
    offense, kind = logit(both), logit(labels[:, 0, _BLACKMAIL] / np.maximum(both[:, 0], LEAST))
    of_tactics = logit(both[:, :1] * logistic(judged.tactic_scores[places[:, 0]]))
    return np.column_stack((offense[:, 0], kind, offense[:, 1], context[places[:, 1]], of_tactics))
