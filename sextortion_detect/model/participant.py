"""What a conversation adds to its messages: each participant's side, followed as it goes on, and the risk of it.

Offenses unfold: a stranger befriends, asks for a private channel, then video, says what he holds, threatens, demands.
A side remembers how strong each tactic was so far, which came after which, and how much of it was said, in the same
small space however long the conversation is. What gathers fades, so that no amount of small talk excuses what follows.
The scores are those that the model has for conversations (`linear.CONTEXT`), where the small talk of offenders counts
too; that is what lets a side be known early. What one writes in several short messages is also read as one text. A
logistic model over these features, trained on annotated conversations, gives the risk. What other participants say
never enters a side, so a victim's replies cannot move the risk.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sextortion_detect.model.linear import CONTEXT, LABELS, TACTICS, logistic
from sextortion_detect.taxonomy import Label, Tactic

Array = NDArray[np.float64]

STEPS: Final = (
    (Tactic.TRUST_BUILDING, Tactic.MOVE_TO_PRIVATE_CHANNEL),
    (Tactic.TRUST_BUILDING, Tactic.SECRECY),
    (Tactic.TRUST_BUILDING, Tactic.INTIMATE_REQUEST),
    (Tactic.PERSONAL_INFO_REQUEST, Tactic.SECRECY),
    (Tactic.PERSONAL_INFO_REQUEST, Tactic.MOVE_TO_VIDEO),
    (Tactic.MOVE_TO_PRIVATE_CHANNEL, Tactic.MOVE_TO_VIDEO),
    (Tactic.POSSESSION_CLAIM, Tactic.EXPOSURE_THREAT),
    (Tactic.POSSESSION_CLAIM, Tactic.PAYMENT_DEMAND),
    (Tactic.EXPOSURE_THREAT, Tactic.PAYMENT_DEMAND),
    (Tactic.EXPOSURE_THREAT, Tactic.DEADLINE_PRESSURE),
    (Tactic.EXPOSURE_THREAT, Tactic.COERCED_ACT),
    (Tactic.PAYMENT_DEMAND, Tactic.DEADLINE_PRESSURE),
)
"""Pairs of tactics that count in this order: how reported cases unfold."""

WINDOWS: Final = (2, 8)
"""How many of the last messages of a sender are read as one text, beside each message by itself."""

MESSAGE_COLUMNS: Final = 5
"""The columns of `CONTEXT` that are of a single message; the others are of a window."""

FEATURES: Final = (
    "strongest message",
    "second strongest message",
    "third strongest message",
    "amount of blackmail",
    "amount of grooming",
    "lately",
    "messages",
    "breadth",
    *(tactic.value for tactic in TACTICS),
    *(f"{first.value}, then {then.value}" for first, then in STEPS),
    *(f"gathered {name}" for name in CONTEXT[:MESSAGE_COLUMNS]),
    *(f"strongest {name}" for name in CONTEXT[2:MESSAGE_COLUMNS]),
    "brevity",
    "strongest message, for its length",
    "second strongest message, for its length",
    *(f"gathered {name}, for its length" for name in CONTEXT[:MESSAGE_COLUMNS]),
    *(
        f"{when}, {name}, {size} messages"
        for when in ("strongest", "now", "lately")
        for size in WINDOWS
        for name in CONTEXT[MESSAGE_COLUMNS:]
    ),
)
"""Names of the features of a side, in the order of its vector."""

_BLACKMAIL, _GROOMING = LABELS.index(Label.BLACKMAIL), LABELS.index(Label.GROOMING)
_FIRST: Final = np.array([TACTICS.index(first) for first, _ in STEPS])
_THEN: Final = np.array([TACTICS.index(then) for _, then in STEPS])
_WINDOW_VALUES: Final = len(WINDOWS) * (len(CONTEXT) - MESSAGE_COLUMNS)
_FADING: Final = 0.8
"""What remains of "lately" with each further message of the same sender."""
_SUREST: Final = 6.0  # log-odds; beyond this, a message more or less sure tells nothing more
_GATHERING: Final = 0.95
"""What remains of the gathered log-odds with each further message of the same sender."""
_REMEMBERED: Final = 25
"""Messages of a sender that count in full: those of annotated conversations have no more. Behind them older ones fade,
lest a harmless conversation gather by its length alone what an offending one has."""
_MOST_GATHERED: Final = 4.0  # log-odds of one message that are gathered


class Participant:
    """One participant's part of a conversation so far, in constant space."""

    def __init__(self) -> None:
        self._count = 0
        self._strongest = [-_SUREST] * 3
        self._amounts = [0.0, 0.0]
        self._lately = 0.0
        self._peaks = np.zeros(len(TACTICS))
        self._steps = np.zeros(len(STEPS))
        self._gathered = np.zeros(MESSAGE_COLUMNS)
        self._roles = np.full(MESSAGE_COLUMNS - 2, -_MOST_GATHERED)
        self._windows, self._windows_lately = np.zeros((2, _WINDOW_VALUES))
        self._windows_peaks = np.full(_WINDOW_VALUES, -_SUREST)

    def add(self, labels: Array, tactics: Array, context: Array) -> None:
        """Take in the next message: its probabilities by label (4) and by tactic, given that it offends (11).

        `context` has log-odds as `in_context` gives them (13); where there are none, those of its label stand for the
        first two.
        """
        if not len(context):
            two = labels[[_BLACKMAIL, _GROOMING]]
            context = np.concatenate((_log_odds(two), np.zeros(MESSAGE_COLUMNS - 2 + _WINDOW_VALUES)))
        blackmail, grooming = logistic(context[:2]).tolist()
        offense = min(blackmail + grooming, 1.0)
        log_odds = float(_log_odds(np.array(offense)))
        self._strongest = sorted([*self._strongest, min(max(log_odds, -_SUREST), _SUREST)], reverse=True)[:3]
        if self._count >= _REMEMBERED:
            kept = 1.0 - 1.0 / _REMEMBERED
            self._amounts = [kept * amount for amount in self._amounts]
            self._peaks *= kept
            self._steps *= kept
            self._windows_peaks = kept * (self._windows_peaks + _SUREST) - _SUREST
        self._amounts[0] += blackmail
        self._amounts[1] += grooming
        told = np.clip(context[:MESSAGE_COLUMNS], -_MOST_GATHERED, _MOST_GATHERED)
        self._windows = np.clip(context[MESSAGE_COLUMNS:], -_SUREST, _SUREST)
        self._windows_lately = _FADING * self._windows_lately + (1.0 - _FADING) * self._windows
        np.maximum(self._windows_peaks, self._windows, out=self._windows_peaks)
        self._gathered = _GATHERING * self._gathered + told
        np.maximum(self._roles, told[2:], out=self._roles)
        self._lately = _FADING * self._lately + offense
        now = offense * tactics
        np.maximum(self._steps, self._peaks[_FIRST] * now[_THEN], out=self._steps)
        np.maximum(self._peaks, now, out=self._peaks)
        self._count += 1

    def vector(self) -> Array:
        """The features named in `FEATURES`: (71,) float64."""
        brevity = 1.0 / max(self._count, 1)  # what few messages say weighs otherwise than the same among many
        return np.concatenate(
            (
                self._strongest,
                np.log1p(self._amounts),
                (self._lately, np.log1p(min(self._count, _REMEMBERED)), self._peaks.sum()),
                self._peaks,
                self._steps,
                self._gathered,
                self._roles,
                (brevity, brevity * self._strongest[0], brevity * self._strongest[1]),
                brevity * self._gathered,
                self._windows_peaks,
                self._windows,
                self._windows_lately,
            )
        )


def in_context(message: Array, windows: Sequence[Array]) -> Array:
    """What a side takes in: the columns of a message (of 9 in `CONTEXT`), and those of a window of each size.

    >>> in_context(np.arange(9.0), [np.arange(9.0)] * len(WINDOWS)).tolist()
    [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 5.0, 6.0, 7.0, 8.0]
    """
    return np.concatenate((message[:MESSAGE_COLUMNS], *(window[MESSAGE_COLUMNS:] for window in windows)))


def _log_odds(probabilities: Array) -> Array:
    return np.asarray(np.log(np.maximum(probabilities, 1e-9) / np.maximum(1.0 - probabilities, 1e-9)))
