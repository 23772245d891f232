"""The written corpus, `messages` (CSV) and `chats` (JSON lines) of `datasets`: read, and held to its guide."""

import csv
import hashlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from io import StringIO
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
from scipy.sparse import csr_matrix

from sextortion_detect.errors import CorpusError
from sextortion_detect.readers.app_sentences import kind_of_sentence
from sextortion_detect.records import Chat, Message
from sextortion_detect.taxonomy import OFFENSES, Kind, Label, Script, Tactic, Variety
from sextortion_detect.text.arrays import FIRST, Flags, Integers, numbered, ranges
from sextortion_detect.text.keys import RunningKeys, codes_of
from sextortion_detect.text.words import normalized, read_words

COLUMNS: Final = (
    "id", "text", "label", "tactics", "variety", "script", "kind", "author", "split", "country", "needs_context",
)  # fmt: skip
SPLITS: Final = ("train", "dev", "test")

COUNTRIES: Final[dict[Variety, tuple[str, ...]]] = {
    Variety.MSA: (), Variety.EGY: ("EG",), Variety.GLF: ("AE", "BH", "KW", "OM", "QA", "SA"),
    Variety.LEV: ("JO", "LB", "PS", "SY"), Variety.IRQ: ("IQ",), Variety.MGR: ("DZ", "LY", "MA", "TN"),
    Variety.SDY: ("SD", "YE"),
}  # fmt: skip
"""Where each variety is spoken: ISO 3166-1 codes of the countries that a row may name."""

IN_TIME: Final = 2
"""How many messages behind the marked one a flag on a conversation is still in time."""

Word = TypeVar("Word", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Row:
    """One annotated message; `kind` is None unless benign.

    `country` is two letters, or empty where the row does not tell. `needs_context` marks a line that an acquaintance
    would send alike; its label is that of an unknown sender. A row that is `alone` teaches nothing of conversations and
    of distress: it stands in the folder of that name. `place` says where the row stands, for error sentences.
    """

    id: str
    text: str = field(repr=False)
    label: Label
    tactics: tuple[Tactic, ...]
    variety: Variety
    script: Script
    kind: Kind | None
    author: str
    split: str
    country: str
    place: str
    needs_context: bool = False
    alone: bool = False


@dataclass(frozen=True, slots=True)
class AnnotatedChat:
    """A conversation with what a careful moderator says of it; `labels` and `tactics` have an entry a message.

    One that is `alone` teaches nothing of single messages and is for the conversation part: it stands in a folder of
    that name, and is long, told in bursts, or of long messages.
    """

    id: str
    variety: Variety
    split: str
    label: Label
    offender: str | None = field(repr=False)
    first_flag: int | None
    chat: Chat
    labels: tuple[Label, ...]
    tactics: tuple[tuple[Tactic, ...], ...]
    alone: bool = False


@dataclass(frozen=True, slots=True)
class DistressLine:
    """A line, and whether its writer speaks of harming himself or herself, or of not being able to go on."""

    text: str = field(repr=False)
    is_distress: bool


def load_messages(folder: Path) -> list[Row]:
    """All rows of the CSV files in or below `folder/messages`, files in the order of their names.

    Raises `CorpusError`, which names file and line of the first ten problems, unless every row keeps the guide.
    """
    rows: list[Row] = []
    problems: list[str] = []
    files = message_files(folder)
    if not files:
        raise CorpusError(f"There are no messages under {folder / 'messages'}; name the folder that datasets/ is in.")
    for path in files:
        try:
            lines = csv.DictReader(StringIO(path.read_bytes().decode("utf-8"), newline=""))
            if tuple(lines.fieldnames or ()) != COLUMNS:
                problems.append(f"{path.name}: the columns must be {', '.join(COLUMNS)}")
                continue
            for record in lines:
                try:
                    place = f"{path.name}:{lines.line_num}"
                    rows.append(_read_row(record, place, alone=path.parent.name == "alone"))
                except ValueError as error:
                    problems.append(f"{place}: {error}")
        except (UnicodeDecodeError, csv.Error) as error:
            problems.append(f"{path.name}: not a CSV file in UTF-8 ({type(error).__name__})")
    problems.extend(find_problems(rows))
    if problems:
        shown = "; ".join(problems[:10])
        raise CorpusError(f"{len(problems)} problems in the corpus, mend them first: {shown}")
    return rows


def read_table(path: Path) -> list[dict[str, str]]:
    """The lines of a CSV file in UTF-8, none where there is no such file."""
    return [*csv.DictReader(StringIO(path.read_bytes().decode("utf-8"), newline=""))] if path.exists() else []


def message_files(folder: Path) -> list[Path]:
    """The files of messages of a corpus, one an author, in the order of their names."""
    return sorted((folder / "messages").rglob("*.csv"), key=lambda path: path.name)


def find_problems(rows: Sequence[Row]) -> Iterator[str]:
    """What breaks the guide among rows: empty text, tactics without an offense, repeats, near-duplicates across splits.

    Each is one sentence with the place of the row, and never its text.
    """
    first: dict[tuple[str, str], Row] = {}
    texts = [row.text for row in rows]
    words = words_of(texts)
    for row, of_row, normal in zip(rows, words, normalized(texts), strict=True):
        folded = " ".join(of_row)
        if not normal:
            yield f"{row.place}: the text is empty"
        for name in ("tactics", "needs_context"):
            if getattr(row, name) and row.label not in OFFENSES:
                yield f"{row.place}: a {row.label} message bears {name}"
        if (row.kind is None) is (row.label is Label.BENIGN):
            yield f"{row.place}: kind is for benign messages, and each of them needs one"
        if (other := first.setdefault(("id", row.id), row)) is not row:
            yield f"{row.place}: the id stands already at {other.place}"
        if folded and (other := first.setdefault(("text", folded), row)) is not row:
            yield f"{row.place}: repeats the text of {other.place}"
        if first.setdefault(("author", row.author), row).split != row.split:
            yield f"{row.place}: author {row.author} stands in two splits"
    not_train = [place for place, row in enumerate(rows) if row.split != "train"]  # one of each pair across splits
    for one, second in near_duplicates(words, not_train):
        if rows[one].split != rows[second].split:
            yield f"{rows[one].place}: nearly repeats {rows[second].place}, which is in another split"


NEAR_DUPLICATE: Final = 0.7
"""Jaccard similarity over character 5-grams from which two texts count as one (Lee et al. 2022 use 0.8)."""

_AT_ONCE: Final = 2_000  # texts compared with all others in one product


def words_of(texts: Sequence[str]) -> list[list[str]]:
    """The folded words of texts; punctuation and emoji make no other message of one."""
    return [[word for word in words if word.isalnum()] for words in read_words(texts).by_text()]


def near_duplicates(texts: Sequence[Sequence[str]], among: Collection[int]) -> list[tuple[int, int]]:
    """The pairs of texts that are nearly the same and of which `among` has one or both, in ascending order.

    By exact Jaccard similarity, not an estimate of it. Each pair comes once, its first text first. Two sets that are so
    alike have one of their rarest members in common, so only pairs with such a one are compared (prefix filtering;
    Chaudhuri et al. 2006).
    """
    codes, lengths = codes_of([" ".join(words) for words in texts])
    counts = np.maximum(lengths - 4, 0)
    keys = RunningKeys(codes).of(ranges(lengths.cumsum() - lengths, counts), 5)
    kinds, of_gram = numbered(keys)
    rarest_first = np.bincount(of_gram, minlength=len(kinds) + 1).argsort(kind="stable")
    rank = np.empty_like(rarest_first)
    rank[rarest_first] = np.arange(len(rank))
    places = np.arange(len(texts)).repeat(counts), rank[of_gram]
    grams = csr_matrix((np.ones(len(keys), dtype=np.int32), places), shape=(len(texts), len(rank)))
    grams.data[:] = 1
    grams.sort_indices()  # the rarest of each first
    sizes, chosen = np.diff(grams.indptr), np.array(sorted(among), dtype=np.int64)
    asked = np.minimum(sizes - np.ceil(NEAR_DUPLICATE * sizes).astype(np.int64) + 1, sizes)
    first_ones = ranges(grams.indptr[:-1], asked)
    rare_ends = np.concatenate((FIRST, asked.cumsum()))
    rare = csr_matrix((grams.data[first_ones], grams.indices[first_ones], rare_ends), shape=grams.shape)
    rest, pairs = sizes - asked, set[tuple[int, int]]()

    def are_alike(first: Integers, second: Integers, shared: Integers) -> Flags:
        return np.asarray(shared >= NEAR_DUPLICATE * (sizes[first] + sizes[second] - shared))

    for start in range(0, len(chosen), _AT_ONCE):
        compared = chosen[start : start + _AT_ONCE]
        likely = (rare[compared] @ rare.T).tocoo()
        first, second = compared[likely.row], likely.col
        most = np.minimum(likely.data + np.maximum(rest[first], rest[second]), np.minimum(sizes[first], sizes[second]))
        some = (first != second) & are_alike(first, second, most)
        first, second = first[some], second[some]
        alike = are_alike(first, second, grams[first].multiply(grams[second]).sum(axis=1).A1)
        lower, higher = np.minimum(first, second)[alike], np.maximum(first, second)[alike]
        pairs.update(zip(lower.tolist(), higher.tolist(), strict=True))
    return sorted(pairs)


def corpus_digest(rows: Sequence[Row]) -> str:
    """SHA-256 over all that is annotated, in the order of the ids."""
    in_order = sorted(rows, key=lambda row: row.id)
    lines = ("\t".join((row.id, row.text, row.label, ";".join(row.tactics), row.split)) + "\n" for row in in_order)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def load_chats(folder: Path) -> list[AnnotatedChat]:
    """All conversations in or below `folder/chats`; raises `CorpusError` with file and line for a damaged one."""
    chats: list[AnnotatedChat] = []
    for path in sorted((folder / "chats").rglob("*.jsonl")):
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").split("\n"), start=1):
            try:
                if line.strip():
                    chats.append(_read_chat(json.loads(line), alone=path.parent.name == "alone"))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise CorpusError(f"{path.name}:{number}: not an annotated chat ({type(error).__name__})") from None
    return chats


def load_distress(folder: Path) -> list[DistressLine]:
    """All lines of `folder/distress/*.csv`, none where there is no such folder.

    Raises `CorpusError` with file and line for one without a text, or that says neither 0 nor 1.
    """
    lines: list[DistressLine] = []
    for path in sorted((folder / "distress").glob("*.csv")):
        for number, record in enumerate(read_table(path), start=2):
            if not record.get("text") or record.get("distress") not in ("0", "1"):
                raise CorpusError(f"{path.name}:{number}: a line of distress needs a text, and 0 or 1; mend it first.")
            lines.append(DistressLine(record["text"], record["distress"] == "1"))
    return lines


def chat_rows(chats: Sequence[AnnotatedChat]) -> Iterator[Row]:
    """The messages of the train conversations as rows: they teach how people write to each other.

    Offending ones of fewer than `_FEWEST_WORDS` words are left out: they take their meaning from what came before. So
    are conversations `alone`: what is learnt of whole ones is learnt rightly only where their messages are scored as
    those of strangers will be.
    """
    for chat in (chat for chat in chats if chat.split == "train" and not chat.alone):
        told = zip(chat.chat.messages, chat.labels, chat.tactics, strict=True)
        for index, (message, label, tactics) in enumerate(told):
            if label not in OFFENSES or len(message.text.split()) >= _FEWEST_WORDS:
                of_chat = (chat.variety, Script.ARABIC, None, chat.id, chat.split, "", f"{chat.id}:{index}")
                yield Row(f"{chat.id}-{index}", message.text, label, tactics, *of_chat)


_FEWEST_WORDS: Final = 5


def _read_row(record: Mapping[str, str], place: str, *, alone: bool) -> Row:
    if None in record or None in record.values():
        raise ValueError("the number of fields is not that of the header")
    if record["split"] not in SPLITS:
        raise ValueError(f"the split must be one of {', '.join(SPLITS)}")
    variety = _member(Variety, "variety", record["variety"])
    if record["country"] and record["country"] not in COUNTRIES[variety]:
        places = ", ".join(COUNTRIES[variety])
        spoken = f" or one where {variety} is spoken: {places}" if places else f"; {variety} is spoken in none alone"
        raise ValueError(f"the country must be empty{spoken}")
    if record["needs_context"] not in ("", "1"):
        raise ValueError("needs_context must be empty or 1")
    return Row(
        **{name: record[name] for name in ("id", "text", "author", "split", "country")},
        label=_member(Label, "label", record["label"]),
        tactics=tuple(_member(Tactic, "tactics", tactic) for tactic in record["tactics"].split(";") if tactic),
        variety=variety,
        script=_member(Script, "script", record["script"]),
        kind=_member(Kind, "kind", record["kind"]) if record["kind"] else None,
        needs_context=record["needs_context"] == "1",
        alone=alone,
        place=place,
    )


def _member(kind: type[Word], field_name: str, value: str) -> Word:
    """The member of that value; what stands there instead is not told, since it may be a text in the wrong column."""
    try:
        return kind(value)
    except ValueError:
        raise ValueError(f"the {field_name} must be of {', '.join(kind)}") from None


def _read_chat(record: Mapping[str, Any], *, alone: bool) -> AnnotatedChat:
    entries: list[Mapping[str, Any]] = record["messages"]
    said = ((entry["text"], entry["sender"], datetime.fromisoformat(entry["sent_at"])) for entry in entries)
    messages = [Message(text, sender, sent_at, kind_of_sentence(text)) for text, sender, sent_at in said]
    if record["split"] not in SPLITS:
        raise ValueError("split")
    return AnnotatedChat(
        record["id"], Variety(record["variety"]), record["split"], Label(record["label"]), record["offender"],
        record["first_flag"], Chat(messages, source=record["id"]), tuple(Label(entry["label"]) for entry in entries),
        tuple(tuple(Tactic(tactic) for tactic in entry["tactics"]) for entry in entries), alone,
    )  # fmt: skip
