"""Conversations made of annotated ones and of single rows, as long, as split and as dull as real ones are.

Few writers write a conversation of three hundred messages, so training sets written ones behind ordinary lines, tells
them in pieces, with ordinary words beside or as if somebody else had said it, and joins lines that have nothing to do
with each other. What measures rather than teaches is of dev rows, which no message part was fitted on.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from sextortion_detect.records import Chat, Message
from sextortion_detect.taxonomy import OFFENSES, Kind, Label, Variety
from sextortion_detect.training.attacks import padded
from sextortion_detect.training.corpus import AnnotatedChat, Row
from sextortion_detect.training.traffic import PRIVATE, TrafficText

LENGTHS: Final = (20, 50, 100, 300)
"""Messages of an ordinary conversation."""

PEOPLE: Final = ("ab", "abcdefgh")
"""Who take part in one."""

WORDS_BESIDE: Final = 25
"""Ordinary words beside each message of an offender."""

_BESIDE_WEIGHT: Final = 4.0
"""How many times one with words beside weighs what one grown in another way does, harmless or not.

At 1, of offending dev conversations told so 47 in 100 are found for 58, and of harmless ones 6 flagged for 11.
"""

_NOT_ORDINARY: Final = {None, Kind.AWARENESS, Kind.NEWS_LEGAL, Kind.QUOTE, Kind.INSULT, Kind.SPAM, Kind.OTHER_SCAM}
_BEFORE: Final = (0, 2, 4, 10, 30)  # ordinary lines before one
_BEHIND: Final = (0, 1, 3)
_WORDS_OF_PIECE: Final = (2, 4)

_FRAMES: Final = (
    "واحد يهددني ويقول لي:", "واحد بيهددني وبيقولي", "في شخص يبتزني وكاتب لي:", "كاين واحد كيهددني وكيقول ليا",
    "اكو واحد يهددني ويكلي", "شوفي شو بعتلي هالزلمة:", "وصلتني رسالة تقول:", "في زول بهددني وقال لي",
)  # fmt: skip
"""What an offender may put before a threat so that it reads like the report of a victim."""


_Lines = Sequence[tuple[Message, Label]]
"""Messages, each with its label; tactics are not told of conversations that are made."""


def ordinary_lines(rows: Sequence[Row], split: str) -> dict[Variety, list[str]]:
    """The ordinary lines of a split, by variety; not of authors who wrote offenses, which theirs were made to match."""
    lines: dict[Variety, list[str]] = {}
    offending = {row.author for row in rows if row.label in OFFENSES}
    for row in rows:
        if row.split == split and row.kind not in _NOT_ORDINARY and row.author not in offending:
            lines.setdefault(row.variety, []).append(row.text)
    return lines


def of_lines(lines: Mapping[Variety, Sequence[str]], count: int, seed: int) -> Iterator[AnnotatedChat]:
    """So many ordinary conversations, of every variety, length and number of people in turn."""
    chance = random.Random(seed)
    for number in range(count if lines else 0):
        variety = [*lines][number % len(lines)]
        length, people = LENGTHS[number % len(LENGTHS)], PEOPLE[number // len(LENGTHS) % len(PEOPLE)]
        chat = ordinary_chat(lines[variety], length, people, chance)
        yield AnnotatedChat("", variety, "train", Label.BENIGN, None, None, chat, (Label.BENIGN,) * length, ())


def ordinary_chat(lines: Sequence[str], length: int, people: Sequence[str], chance: random.Random) -> Chat:
    """So many lines in any order, none twice where there are enough, each by any of these people.

    >>> len(ordinary_chat(["هلا", "وينك", "تمام"], 2, "ab", random.Random(1)).messages)
    2
    """
    order = chance.sample([*lines], len(lines))
    said = [order[place % len(order)] for place in range(length)]
    return Chat(Message(text, chance.choice(people)) for text in said)


def ordinary_chats(texts: Sequence[TrafficText], seed: int, draws: int = 200) -> Iterator[tuple[str, list[Chat]]]:
    """Ordinary conversations of the longest of `LENGTHS`: their beginnings are those of the others.

    So many draws of private lines for each number of people, then all that lines of dialogue give, one source in each;
    each kind has a name.
    """
    chance, private = random.Random(seed), [text.text for text in texts if text.kind == PRIVATE]
    for people in PEOPLE if private else ():
        chats = [ordinary_chat(private, LENGTHS[-1], people, chance) for _ in range(draws)]
        yield f"private lines, {len(people)} people", chats
    sources: dict[str, list[str]] = {}
    for text in texts:
        if text.kind == "dialogue":
            sources.setdefault(text.source, []).append(text.text)
    chats = [
        Chat(Message(line, "ab"[place % 2]) for place, line in enumerate(lines[begin : begin + LENGTHS[-1]]))
        for lines in sources.values()
        for begin in range(0, len(lines), LENGTHS[-1])
    ]
    if chats:
        yield "real dialogue, 2 people", chats


def in_pieces(text: str, chance: random.Random) -> list[str]:
    """A text as pieces of two to four words.

    >>> in_pieces("واحد اثنان ثلاثة أربعة خمسة", random.Random(1))
    ['واحد اثنان', 'ثلاثة أربعة خمسة']
    """
    words, pieces = text.split(), []
    while words:
        size = chance.randint(*_WORDS_OF_PIECE)
        size = len(words) if len(words) - size < _WORDS_OF_PIECE[0] else size
        pieces.append(" ".join(words[:size]))
        words = words[size:]
    return pieces or [text]


def behind_lines(chat: AnnotatedChat, lines: Sequence[str], count: int, chance: random.Random) -> AnnotatedChat:
    """The conversation behind so many ordinary lines of the same people."""
    senders = sorted({message.sender or "" for message in chat.chat.messages})
    before = [(message, Label.BENIGN) for message in ordinary_chat(lines, count, senders, chance).messages]
    first, *others = zip(chat.chat.messages, chat.labels, strict=True)
    return _of(chat, [[*before, first], *([line] for line in others)])


def told_in_pieces(chat: AnnotatedChat, chance: random.Random) -> AnnotatedChat:
    """The conversation with the messages of its offender in pieces; of a harmless one those of everybody."""
    said = chat.chat.messages
    parts = [in_pieces(one.text, chance) if chat.offender in (None, one.sender) else [one.text] for one in said]
    return _retold(chat, parts)


def with_words_beside(chat: AnnotatedChat, lines: Sequence[str], words: int, seed: int) -> AnnotatedChat:
    """The conversation with ordinary words beside each message of its offender; of a harmless one beside all."""
    said = chat.chat.messages
    told = zip(said, padded([message.text for message in said], lines, words, seed), strict=True)
    return _retold(chat, [[wide if chat.offender in (None, one.sender) else one.text] for one, wide in told])


def framed(chat: AnnotatedChat, chance: random.Random) -> AnnotatedChat:
    """The conversation with each offense of its offender told as if somebody else had said it."""
    said = zip((message.text for message in chat.chat.messages), chat.labels, strict=True)
    return _retold(chat, [[f"{chance.choice(_FRAMES)} {text}" if one in OFFENSES else text] for text, one in said])


def single(row: Row, lines: Sequence[str], pieces: bool, chance: random.Random) -> AnnotatedChat:
    """A row told whole or in pieces by one of two people, a few ordinary lines before and behind it."""

    def ordinary(count: int) -> _Lines:
        return [(Message(chance.choice(lines), chance.choice("ab")), Label.BENIGN) for _ in range(count)]

    before, behind = (ordinary(chance.choice(counts)) for counts in (_BEFORE, _BEHIND))
    texts = in_pieces(row.text, chance) if pieces else [row.text]
    told = [(Message(text, "a"), row.label) for text in texts]
    offender, mark = ("a", 0) if row.label in OFFENSES else (None, None)
    chat = AnnotatedChat(row.id, row.variety, "train", row.label, offender, mark, Chat(()), (), ())
    return _of(chat, [[*before, *told], behind])


def grown(
    chats: Sequence[AnnotatedChat], rows: Sequence[Row], count: int, seed: int
) -> Iterator[tuple[AnnotatedChat, int, float]]:
    """Conversations of these and of train lines, `count` in each way, each with its original's place and a weight."""
    chance, lines = random.Random(seed), ordinary_lines(rows, "train")
    every = [line for some in lines.values() for line in some]
    for offends, most in ((True, count), (False, count // 2)) if every else ():
        places = [place for place, chat in enumerate(chats) if (chat.label in OFFENSES) is offends]
        for turn, place in enumerate(chance.sample(places, min(most, len(places)))):
            chat = chats[place]
            own = lines.get(chat.variety, every)
            yield behind_lines(chat, own, LENGTHS[turn % len(LENGTHS)], chance), place, 1.0
            yield told_in_pieces(chat, chance), place, 1.0
            yield with_words_beside(chat, own, WORDS_BESIDE, seed + turn), place, _BESIDE_WEIGHT
            if offends and turn % 2:
                yield framed(chat, chance), place, 1.0


def singles(rows: Sequence[Row], count: int, seed: int, pieces: bool) -> Iterator[AnnotatedChat]:
    """So many dev offenses, and as many other dev rows, told in conversations of ordinary lines."""
    chance, lines = random.Random(seed + pieces), ordinary_lines(rows, "train")
    every = [line for some in lines.values() for line in some]
    for offends in (True, False) if every else ():
        dev = [row for row in rows if row.split == "dev" and (row.label in OFFENSES) is offends]
        for row in chance.sample(dev, min(count, len(dev))):
            yield single(row, lines.get(row.variety, every), pieces, chance)


def _retold(chat: AnnotatedChat, texts: Sequence[Sequence[str]]) -> AnnotatedChat:
    """The conversation with each message told in other words, or in several messages."""
    told = zip(chat.chat.messages, chat.labels, texts, strict=True)
    return _of(chat, [[(replace(message, text=text), label) for text in some] for message, label, some in told])


def _of(chat: AnnotatedChat, parts: Sequence[_Lines]) -> AnnotatedChat:
    """The conversation with other messages: a part for each that it had, whose last is marked where that one was."""
    mark = None if chat.first_flag is None else sum(map(len, parts[: chat.first_flag + 1])) - 1
    messages, labels = zip(*(line for part in parts for line in part), strict=True)
    return replace(chat, split="train", chat=Chat(messages), labels=labels, tactics=(), first_flag=mark)
