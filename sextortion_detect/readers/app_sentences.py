"""What apps themselves write where a message could stand: markers of media, deletions, calls, notices, marks of edits.

Whoever writes a message can imitate an app, so one rule holds for all of them: a text is an app's only if it is one of
the sentences of `app_sentences.tsv` to the letter; with one character more it is its sender's words. A slot in a
sentence takes what an app makes up by itself, such as the name that WhatsApp gives to a picture, or its sender's name.

English and Arabic are the fullest. German, Spanish, French, Portuguese, Turkish and Hebrew are what public parsers of
those languages hold (whatstk, chat-analytics, wa-parsers of several authors); of Persian only deletions are known.
"""

import csv
import re
from functools import cache
from importlib import resources
from typing import Final

from sextortion_detect.records import MessageKind

MARKS: Final = "\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
"""Direction marks and the byte-order mark: exports scatter them, and they carry nothing."""

DELETED_ACCOUNT: Final = "deleted account"
"""What a sender is called whose account is gone and has no name any more; its number stands in brackets behind it."""

_ANY_MARK: Final = re.compile(f"[{MARKS}]")
_LONGEST: Final = 400  # characters, marks among them; no sentence has half as many
_EDITED: Final = "edited"  # the kind of the marks that stand behind a text

# What a slot takes, after `casefold`. Android names a file IMG-20240315-WA0001.jpg, an iPhone
# 00000012-PHOTO-2024-03-15-21-41-07.jpg; signal-export puts 2024-03-15T21-41-07.123_00_ before the name that Signal
# made up, or before None.
_EXTENSION: Final = r"\.[a-z0-9]{3,4}"
_SIGNAL_FILE: Final = rf"\d{{4}}-\d\d-\d\d(?:t[\d.-]{{8,12}})?_\d\d_(?:none|signal-[\d-]{{10,30}}){_EXTENSION}"
_SLOTS: Final = {
    "file": rf"(?:img|vid|aud|ptt|stk|doc)-\d{{8}}-wa\d{{4,6}}{_EXTENSION}"
    rf"|\d{{8}}-(?:photo|video|audio|sticker|gif|ptv)-\d{{4}}(?:-\d\d){{2,5}}{_EXTENSION}",
    "signal_files": rf"(?:!?\[{_SIGNAL_FILE}\]\(\./media/{_SIGNAL_FILE}\)\s*)+",
    "place": r"https://maps\.google\.com/\?q=-?\d{1,3}\.\d{1,20},-?\d{1,3}\.\d{1,20}"
    r"|https://foursquare\.com/v/[0-9a-f]{24}",
    "duration": r"(?:\d{1,3} ?(?:sec|min|hr|s|m|h|ثانية|ثوانٍ|ثوان|دقيقة|دقائق|ساعة|ساعات) ?){1,3}",
    # Arrows, symbols and emoji, with what joins and varies them.
    "emoji": "[\u2190-\u2bff\u3030\u303d\u200d\ufe0f\U0001f000-\U0001faff]{1,12}",
    "sender": r"\{sender\}",
}


def kind_of_sentence(text: str, sender: str | None = None) -> MessageKind:
    r"""What a text is that is an app's own sentence to the letter; of every other one, TEXT.

    >>> kind_of_sentence("\u200eتم استبعاد المقطع الصوتي").value, kind_of_sentence("شوف الصورة").value
    ('media', 'text')
    >>> [kind_of_sentence(f"<attached: {name}>").value for name in ("IMG-20240315-WA0001.jpg", "pay_me.jpg")]
    ['media', 'text']
    """
    if len(text) > _LONGEST:
        return MessageKind.TEXT
    plain = _plain(text)
    if is_edited(plain):
        plain = plain[: plain.rindex("<")].rstrip()
    kind = _kind_of(plain)
    first_name = (sender or "").casefold().split()[:1]
    if kind is None and sender and first_name and first_name[0] in plain:
        names = (_plain(sender), first_name[0])
        kind = next(filter(None, (_kind_of(plain.replace(name, "{sender}", 1)) for name in names)), None)
    return MessageKind.TEXT if kind in (None, _EDITED) else MessageKind(kind)


def is_edited(text: str) -> bool:
    r"""Whether a text ends with the mark that its writer changed it later; the mark is a part of the text.

    >>> is_edited("الموعد بكرا \u200f<تم تعديل هذه الرسالة>")
    True
    """
    before, bracket, mark = text[-_LONGEST:].rpartition("<")
    return bool(bracket) and bool(_plain(before)) and _kind_of(_plain(bracket + mark)) == _EDITED


def _kind_of(plain: str) -> str | None:
    exact, shapes = _sentences()
    if plain in exact:
        return exact[plain]
    found = shapes.fullmatch(plain)
    return None if found is None else found.lastgroup


@cache
def _sentences() -> tuple[dict[str, str], re.Pattern[str]]:
    """The kinds of the sentences of the table, and the pattern of those with slots, which has a group a kind."""
    table = resources.files("sextortion_detect.readers").joinpath("app_sentences.tsv").read_text(encoding="utf-8")
    exact: dict[str, str] = {}
    shapes: dict[str, list[str]] = {}
    for row in csv.DictReader(table.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE):
        plain = _plain(row["sentence"])
        if "{" in plain:
            shape = _SLOT.sub(lambda slot: f"(?:{_SLOTS[slot[1]]})", re.escape(plain))
            shapes.setdefault(row["kind"], []).append(shape)
        else:
            exact[plain] = row["kind"]
    return exact, re.compile("|".join(f"(?P<{kind}>{'|'.join(forms)})" for kind, forms in shapes.items()))


_SLOT: Final = re.compile(r"\\\{(\w+)\\\}")


def _plain(text: str) -> str:
    """A text without marks, in small letters, and without the period that some versions end a sentence with."""
    return _ANY_MARK.sub("", text).strip().casefold().removesuffix(".")
