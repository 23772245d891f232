"""Which columns of a table hold what: those that the caller names, or those whose names tell."""

from collections.abc import Mapping
from dataclasses import asdict, astuple, dataclass
from typing import Final

MOST_TITLES: Final = 20
"""Rows that may stand above the one that names the columns."""

# The names under which data sets, chat tools and spreadsheets in English and Arabic keep each, likeliest first.
_USUAL: Final[Mapping[str, tuple[str, ...]]] = {
    "text": (
        "text", "message", "content", "body", "message_text", "msg", "tweet", "comment", "caption",
        "النص", "نص", "الرسالة", "رسالة",
    ),
    "sender": (
        "sender", "from", "author", "user", "username", "sender_name", "from_user", "name", "المرسل", "مرسل",
    ),
    "time": (
        "time", "sent_at", "timestamp", "date", "datetime", "created_at", "timestamp_ms", "الوقت", "التاريخ", "تاريخ",
    ),
    "chat": (
        "chat", "chat_id", "conversation", "conversation_id", "thread", "thread_id", "channel", "room", "المحادثة",
    ),
    "day": ("date", "day", "التاريخ", "تاريخ", "اليوم"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns that hold texts, senders, times and conversations; None for one that was not named.

    `day` is that of days where the times are those of a clock.
    """

    text: str | None = None
    sender: str | None = None
    time: str | None = None
    chat: str | None = None
    day: str | None = None

    @property
    def named(self) -> bool:
        """Whether the caller named any, so that the file is to be read as a table."""
        return self != Columns()

    def among(self, names: list[str]) -> "Columns":
        """The columns that there are, of those that were named or else bear a usual name.

        >>> Columns(text="Body").among(["From", "Body"])
        Columns(text='Body', sender='From', time=None, chat=None, day=None)
        """
        found = {what: next(iter(_usual_among(names, what)), None) for what in _USUAL}
        named = {what: name if name in names else None for what, name in asdict(self).items() if name is not None}
        return Columns(**found | named)

    def texts_among(self, names: list[str]) -> list[str]:
        """The columns that may hold the text of a row: the one that was named, or all that bear a usual name.

        >>> Columns().texts_among(["From", "Body", "Text"])
        ['Text', 'Body']
        """
        return _usual_among(names, "text") if self.text is None else [self.text]

    def header_among(self, rows: list[list[str]]) -> int:
        """The place of the first row with the named column of texts or two usual names; else of the first with any.

        A single usual name may stand in a line of prose as well.
        """
        for at, names in enumerate(rows):
            found = self.among(names)
            if found.text is not None and (self.text is not None or len(set(filter(None, astuple(found)))) > 1):
                return at
        return next((at for at, names in enumerate(rows) if any(names)), 0)


def _usual_among(names: list[str], what: str) -> list[str]:
    """The columns that bear a usual name for something, the likeliest first, and of one name the first column."""
    plain = {name.strip().lower().replace(" ", "_"): name for name in reversed(names)}
    return [plain[usual] for usual in _USUAL[what] if usual in plain]
