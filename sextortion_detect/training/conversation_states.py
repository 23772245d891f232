"""What a fit of conversations sees: each side after each message, as it is heard, and whether it offends by then.

An export may begin anywhere, so the ends of conversations are seen beside the whole ones, and single messages too: a
lone threat with a demand is a conversation.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Final, NamedTuple

from sextortion_detect.model.linear import Array, Model
from sextortion_detect.model.participant import Participant
from sextortion_detect.records import Message
from sextortion_detect.running_risk import Turns
from sextortion_detect.taxonomy import OFFENSES, Label
from sextortion_detect.training.context import FOLDS
from sextortion_detect.training.corpus import IN_TIME, AnnotatedChat
from sextortion_detect.windows import Windows, read_messages

_LEAST_ANSWER_FITTED: Final = -4.0
"""What an ordinary answer tells in the fit, more than in use (`participant.LEAST_ANSWER`).

With 25 words beside each message of the offender 82 in 100 offending dev conversations are found; where the least, and
where a side begins, is -1.5, 47. Fitted as in use 77 are, and 46 in 100 blackmailers for 55 where a third one writes
between.
"""
_END_WEIGHT: Final = 0.2  # of all ends of a conversation at most, where it weighs 1 itself
_ENDS: Final = (1 / 3, 2 / 3)
"""Where the ends of conversations begin that are fitted on beside the whole ones: an export may begin anywhere."""


class State(NamedTuple):
    """A side after a message of its conversation: of which fold, how it weighs, and whether it offends by then.

    `fitted` is the side as a fit hears it (`_LEAST_ANSWER_FITTED`), `in_use` as it is heard in use.

    That of an offender before the marked message is not `settled`: neither right nor wrong to flag, and not fitted on.
    `in_time` says that a flag by now comes at most `IN_TIME` messages behind the marked one. `chat` is the place of the
    conversation where it was seen from its beginning, and else -1.
    """

    fitted: Array
    in_use: Array
    fold: int
    weight: float
    offends: bool = False
    blackmail: bool = False
    settled: bool = True
    in_time: bool = False
    chat: int = -1


def states_of(model: Model, chats: Mapping[int, AnnotatedChat], fold: int, weights: Array) -> Iterator[State]:
    """After each message of the conversations, and of their ends, as this model hears them; all are of one fold.

    `weights` are those of all conversations, by the place that each has in `chats`.
    """
    begins = {place: _beginnings(chat) for place, chat in chats.items()}
    ends = [chat.chat.messages[begin:] for place, chat in chats.items() for begin in begins[place]]
    vectors = sides_after(model, ends)
    for place, chat in chats.items():
        messages, mark, blackmail = chat.chat.messages, chat.first_flag, chat.label is Label.BLACKMAIL
        for begin in begins[place]:
            weight = weights[place] * (_END_WEIGHT / len(begins[place]) if begin else 1.0) / len(messages)
            for index in range(begin, len(messages)):
                offender = chat.label in OFFENSES and messages[index].author == chat.offender
                late = offender and mark is not None and index >= mark
                if late and begin > (mark or 0):  # what was cut off may be what told
                    late = any(label in OFFENSES for label in chat.labels[begin : index + 1])
                in_time = mark is not None and index <= mark + IN_TIME
                settled, of = late or not offender, -1 if begin else place
                yield State(*next(vectors), fold, weight, late, blackmail, settled, in_time, of)


def sides_after(model: Model, conversations: Sequence[Sequence[Message]]) -> Iterator[tuple[Array, Array]]:
    """The author's side after each message of the conversations: as it is fitted on, and as in use."""
    said = ((one, windows) for messages in conversations for windows in [Windows()] for one in messages)
    told = (pair for read in read_messages(said, model) for pair in zip(read.heard, read.moves, strict=True))
    for messages in conversations:
        sides, turns = dict[str | None, tuple[Participant, Participant]](), Turns()
        for message, (heard, moves) in zip(messages, islice(told, len(messages)), strict=True):
            answered = turns.add(message)
            if moves:
                for side in sides.setdefault(message.author, (Participant(_LEAST_ANSWER_FITTED), Participant())):
                    side.add(heard)
                if answered is not None:
                    for side in sides.get(answered, ()):
                        side.answered(heard)
            fitted, in_use = sides.get(message.author, _SILENT)
            yield fitted.vector(), in_use.vector()


_SILENT: Final = Participant(), Participant()


def lone_states(model: Model, texts: Sequence[str], weight: float, labels: Sequence[Label] = ()) -> Iterator[State]:
    """Single messages as conversations, harmless ones where no labels are given; in turn of each fold."""
    for place, vectors in enumerate(sides_after(model, [[Message(text)] for text in texts])):
        label = labels[place] if labels else Label.BENIGN
        yield State(*vectors, place % FOLDS, weight, label in OFFENSES, label is Label.BLACKMAIL)


def _beginnings(chat: AnnotatedChat) -> list[int]:
    """Where an annotated conversation is taken to begin."""
    if len(chat.chat.messages) > _LONGEST_CUT:
        return [0]
    begins = {0, *(int(len(chat.chat.messages) * share) for share in _ENDS)}
    return sorted(begins if chat.first_flag is None else {*begins, chat.first_flag})


_LONGEST_CUT: Final = 60  # messages; longer conversations are seen from their beginning alone
