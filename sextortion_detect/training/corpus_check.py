"""Is the corpus as large, as broad and as unlike a template as it must be? Every figure beside its bound."""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
from sklearn.metrics import cohen_kappa_score, f1_score

from sextortion_detect.taxonomy import OFFENSES, Kind, Label, Script, Tactic, Variety
from sextortion_detect.text import lexicon
from sextortion_detect.text.concepts import concepts_of
from sextortion_detect.text.keys import RunningKeys, codes_of
from sextortion_detect.text.words import read_words
from sextortion_detect.training.corpus import (
    IN_TIME,
    SPLITS,
    AnnotatedChat,
    Row,
    Words,
    load_chats,
    load_messages,
    near_duplicates,
    words_of,
)  # fmt: skip
from sextortion_detect.training.intervals import table

SECOND_READING: Final = "second_reading.csv"
"""`id,first_label,first_tactics,label,tactics`: what the first annotator said, and the second, blind."""

SECOND_READING_OF_CHATS: Final = "second_reading_chats.csv"
"""`id,label,offender,first_flag` of conversations as further annotators gave them, who saw the texts alone."""

SUSPECTS: Final = "suspects.csv"
"""`id,first_label,suggested,label` of the train rows that confident learning doubted most, read again and settled."""

_ENOUGH: Final[dict[Label, int]] = {
    Label.BLACKMAIL: 4500, Label.GROOMING: 4500, Label.VICTIM_REPORT: 2000, Label.BENIGN: 5000,
}  # fmt: skip
_COUNTRIES: Final = {"MA": 400, "DZ": 400, "TN": 400, "LY": 400, "SD": 800, "YE": 800} | dict.fromkeys(
    ("SA", "AE", "KW", "QA", "BH", "OM"), 100
)
OBVIOUS: Final = frozenset({"pictures", "money", "expose", "scandal", "camera", "video", "publish", "record"})
"""Notions whose words are obvious signs: an offense without any of them is an indirect one."""


@dataclass(frozen=True, slots=True)
class Check:
    """One figure of the corpus: what, how much, and the bound that it must keep (at least, or at most)."""

    name: str
    value: float
    bound: float
    at_least: bool = True

    @property
    def holds(self) -> bool:
        """Whether the figure keeps its bound."""
        return self.value >= self.bound if self.at_least else self.value <= self.bound


def check(corpus: Path) -> tuple[list[Check], str]:
    """All checks of the corpus in a folder, and its `counts_table`; raises `CorpusError` where it breaks the guide."""
    rows, chats = load_messages(corpus), load_chats(corpus)
    return check_corpus(rows, chats, corpus), counts_table(rows, chats)


def check_corpus(rows: Sequence[Row], chats: Sequence[AnnotatedChat], folder: Path) -> list[Check]:
    """All checks of a corpus; `folder` holds the second readings and the suspects, and may lack any of them."""
    return [
        *_size(rows),
        *_breadth(rows),
        *_conversations(chats),
        *_sameness(rows),
        *_second_reading(rows, folder / SECOND_READING),
        *_second_reading_of_chats(chats, folder / SECOND_READING_OF_CHATS),
        *_suspects(rows, folder / SUSPECTS),
    ]


def _size(rows: Sequence[Row]) -> Iterator[Check]:
    yield Check("unique messages", len(rows), 16_000)
    labels = Counter(row.label for row in rows)
    yield from (Check(f"label {label.value}", labels[label], bound) for label, bound in _ENOUGH.items())
    varieties = Counter(row.variety for row in rows)
    yield from (Check(f"variety {variety.value}", varieties[variety], 1_800) for variety in Variety)
    countries = Counter(row.country for row in rows)
    yield from (Check(f"country {country}", countries[country], bound) for country, bound in _COUNTRIES.items())
    blind = Counter(row.variety for row in rows if row.split == "test")
    yield Check("messages of the blind split", blind.total(), 2_800)
    yield from (Check(f"blind {variety.value}", blind[variety], 400) for variety in Variety)
    authors = Counter(row.author for row in rows)
    yield Check("author-batches", len(authors), 28)
    yield Check("rows of the largest batch", max(authors.values(), default=0), 900, at_least=False)


def _breadth(rows: Sequence[Row]) -> Iterator[Check]:
    scripts = Counter(row.script for row in rows)
    yield Check("script arabizi", scripts[Script.ARABIZI], 1_800)
    yield Check("script mixed", scripts[Script.MIXED], 900)
    lengths = [len(row.text.split()) for row in rows]
    for name, count in (
        ("1-3 words", sum(length <= 3 for length in lengths)),
        ("30 words or more", sum(length >= 30 for length in lengths)),
    ):
        yield Check(f"share of rows of {name}", _share(count, len(rows)), 0.08)
    yield Check("indirect offenses", count_indirect([row.text for row in rows if row.label in OFFENSES]), 2_000)
    kinds = Counter((row.kind, row.variety) for row in rows if row.kind is not None)
    for kind in Kind:
        yield Check(f"{kind.value}, fewest of a variety", min(kinds[kind, variety] for variety in Variety), 40)


def count_indirect(texts: Sequence[str]) -> int:
    """How many texts have none of the obvious words in any dialect or script."""
    return sum(
        not any(OBVIOUS.intersection(concepts_of(word)) for word in words) for words in read_words(texts).by_text()
    )


def _conversations(chats: Sequence[AnnotatedChat]) -> Iterator[Check]:
    yield Check("chats", len(chats), 560)
    varieties = Counter(chat.variety for chat in chats)
    yield from (Check(f"chats {variety.value}", varieties[variety], 80) for variety in Variety)
    yield Check("chats of the blind split", sum(chat.split == "test" for chat in chats), 140)
    harmless = sum(chat.label not in OFFENSES for chat in chats)
    yield Check("share of harmless chats", _share(harmless, len(chats)), 0.45)
    lengths = [len(chat.chat.messages) for chat in chats] or [0]
    yield Check("messages of the shortest chat", min(lengths), 10)
    yield Check("messages of the longest chat", max(lengths), 40, at_least=False)


def _sameness(rows: Sequence[Row]) -> Iterator[Check]:
    words = words_of([row.text for row in rows])
    skeletons = Counter(skeleton for of_row in words if (skeleton := _skeleton(of_row)))
    shared = sum(count for count in skeletons.values() if count > 2)
    yield Check("share of rows whose skeleton three or more share", _share(shared, len(rows)), 0.005, at_least=False)
    repeated = _share(_repeated_runs(words), len(rows))
    yield Check("share of rows with a run of five words said before", repeated, 0.005, at_least=False)
    pairs = [(rows[first].split, rows[second].split) for first, second in near_duplicates(words, range(len(words)))]
    for split in SPLITS:
        count = sum(row.split == split for row in rows)
        within = _share(sum(pair == (split, split) for pair in pairs), count)
        yield Check(f"near-duplicates in {split}", within, 0.005, at_least=False)
    yield Check("near-duplicates across splits", sum(first != second for first, second in pairs), 0, at_least=False)
    batches: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row, of_row in zip(rows, words, strict=True):
        batches[row.author].extend(pairwise(of_row))
    distinct = [len({*batch}) / max(len(batch), 1) for batch in batches.values()]
    yield Check("distinct bigrams, least varied batch", min(distinct, default=0.0), 0.75)


def _repeated_runs(texts: Sequence[Words]) -> int:
    """How many texts have a run of so many words that an earlier text has."""
    seen: set[tuple[str, ...]] = set()
    repeated = 0
    for words in texts:
        runs = {tuple(words[start : start + _RUN]) for start in range(len(words) - _RUN + 1)}
        repeated += not runs.isdisjoint(seen)
        seen |= runs
    return repeated


_RUN: Final = 5  # words in a row that two writers seldom share by chance
_FEWEST_WORDS: Final = 4  # shorter texts share a skeleton by nature


def _skeleton(words: Words) -> tuple[str, ...]:
    """What is left of a text with names, numbers and inflection masked."""
    if len(words) < _FEWEST_WORDS:
        return ()
    return tuple("#" if word.isdigit() else "@" if (stem := _light_stem(word)) in _NAMES else stem for word in words)


# Common first names of all varieties, folded: masked, since a name changed makes no other message.
_NAMES: Final = frozenset(
    (  # noqa: SIM905 - a list literal of a hundred names reads worse
        "احمد محمد محمود مصطفي علي حسن حسين عمر خالد سعد سعيد فهد فيصل سلطان عبدالله عبدالرحمن يوسف ابراهيم "
        "اسماعيل طارق كريم هشام ياسر وليد سامي رامي فادي جورج ايلي طوني زياد نبيل جمال كمال حمزه انس بلال "
        "عثمان ادم هاشم جاسم كاظم عباس حيدر كرار مرتضي رشيد سفيان امين ياسين نزار قيس لوي ماجد نايف بندر تركي "
        "مشعل راشد سيف حمد ناصر سالم صالح سارة ساره فاطمه عايشه مريم نور هند ليلي سلمي هبه هدي مني رنا رانيا "
        "دانا ريم لينا لمي جنا ميس رهف شهد غاده امل اسماء ايمان ندي سعاد زينب خديجه امينه نسرين وفاء سهام "
        "بشري حنان نجلاء هناء هاجر يسري مروه دعاء نوره العنود"
    ).split()
)


def _light_stem(word: str) -> str:
    """The commonest listed word inside a folded word, without what Arabic writes as part of it; or the word itself."""
    codes, lengths = codes_of([word])
    running = RunningKeys(codes)
    stems = lexicon.CLITICS.stems(running, np.zeros(1, dtype=np.int64), lengths, lexicon.FEWEST_LETTERS)
    found = lexicon.cost_of_rank(lexicon.ranks(running.of(stems.begins, stems.lengths)))
    if not np.isfinite(found).any():
        return word
    best = int(np.argmin(found))
    begin = int(stems.begins[best])
    return word[begin : begin + int(stems.lengths[best])]


def _share(count: int, of: int) -> float:
    """A part of nothing is 0: the checks of size tell that something is missing."""
    return count / of if of else 0.0


def _second_reading(rows: Sequence[Row], path: Path) -> Iterator[Check]:
    by_id = {row.id: row for row in rows}
    second = [(by_id[line["id"]], line) for line in _lines(path) if line["id"] in by_id]
    yield Check("rows read a second time: blind split", sum(row.split == "test" for row, _ in second), 2_800)
    yield Check("rows read a second time: train", sum(row.split == "train" for row, _ in second), 2_000)
    for name, chosen in _by_variety(second):
        labels = [(line["first_label"], line["label"]) for _, line in chosen]
        yield Check(f"kappa of labels, {name}", _kappa(labels), 0.90)
        tactics = [
            (_marks(line["first_tactics"]), _marks(line["tactics"]))
            for _, line in chosen
            if line["first_label"] in OFFENSES and line["label"] in OFFENSES
        ]
        if tactics:
            yield Check(f"micro-F1 of tactics, {name}", _f1(tactics), 0.85)


def _second_reading_of_chats(chats: Sequence[AnnotatedChat], path: Path) -> Iterator[Check]:
    by_id = {chat.id: chat for chat in chats}
    second = [(by_id[line["id"]], line) for line in _lines(path) if line["id"] in by_id]
    yield Check("chats read a second time", len(second), 450)
    if not second:
        return
    yield Check("kappa of labels, chats", _kappa([(chat.label.value, line["label"]) for chat, line in second]), 0.90)
    offending = [(chat, line) for chat, line in second if chat.label in OFFENSES and line["label"] in OFFENSES]
    same = sum(line["offender"] == chat.offender for chat, line in offending)
    yield Check("share of offenders on whom both agree", _share(same, len(offending)), 0.95)
    marks = [(chat.first_flag, line["first_flag"]) for chat, line in offending]
    near = sum(one is not None and other.isdigit() and abs(int(other) - one) <= IN_TIME for one, other in marks)
    yield Check("share of marks at most two messages apart", _share(near, len(marks)), 0.85)


def _suspects(rows: Sequence[Row], path: Path) -> Iterator[Check]:
    labels = {row.id: row.label for row in rows}
    suspects = [line for line in _lines(path) if line["id"] in labels]
    yield Check("suspects of confident learning, read again", len(suspects), 300)
    open_ones = sum(labels[line["id"]] != line["label"] for line in suspects)
    yield Check("suspects whose settled label is not in the rows", open_ones, 0, at_least=False)


def _lines(path: Path) -> list[dict[str, str]]:
    """The lines of a table, none where there is no such file: the checks of size tell that it is missing."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _by_variety(second: Sequence[tuple[Row, dict[str, str]]]) -> Iterator[tuple[str, list[tuple[Row, dict[str, str]]]]]:
    if second:
        yield "all", list(second)
    for variety in Variety:
        chosen = [(row, line) for row, line in second if row.variety is variety]
        if chosen:
            yield variety.value, chosen


def _kappa(pairs: Sequence[tuple[str, str]]) -> float:
    """Cohen's kappa of pairs of labels; where all bear one label, agreement by chance is all there could be."""
    first, second = zip(*pairs, strict=True)
    return cohen_kappa_score(first, second) if len({*first, *second}) > 1 else 1.0


def _f1(pairs: Sequence[tuple[list[bool], list[bool]]]) -> float:
    """Micro-F1 of pairs of marks; two readings that both mark nothing agree."""
    first, second = (np.array(marks, dtype=np.bool_).reshape(len(pairs), -1) for marks in zip(*pairs, strict=True))
    return float(f1_score(first, second, average="micro", zero_division=1.0))


def _marks(joined: str) -> list[bool]:
    given = set(joined.split(";"))
    return [tactic.value in given for tactic in Tactic]


def to_markdown(checks: Sequence[Check]) -> str:
    """The checks as a table."""
    rows = []
    for check in checks:
        sign = "≥" if check.at_least else "≤"
        shown = f"{check.value:,.0f}" if float(check.value).is_integer() and check.bound >= 1 else f"{check.value:.4f}"
        rows.append([check.name, shown, f"{sign} {check.bound:,g}", "yes" if check.holds else "**no**"])
    return table(["figure", "value", "bound", "holds"], rows, "lrrl")


def counts_table(rows: Sequence[Row], chats: Sequence[AnnotatedChat]) -> str:
    """How many messages and conversations there are of each split, by label, variety and script, as a table."""
    parts = {"messages": [row.split for row in rows]}
    for name in (*Label, *Variety, *Script):
        parts[f"… {name.value}"] = [row.split for row in rows if name in (row.label, row.variety, row.script)]
    parts["authors"] = [split for _, split in {(row.author, row.split) for row in rows}]
    parts["conversations"] = [chat.split for chat in chats]
    for label in Label:
        parts[f"… of {label.value}"] = [chat.split for chat in chats if chat.label is label]
    return table(
        ["what", *SPLITS, "all"],
        [
            [what, *(f"{splits.count(split):,}" for split in SPLITS), f"{len(splits):,}"]
            for what, splits in parts.items()
        ],
    )


_BEGIN, _END = "<!-- counts: written by `sextortion-detect corpus check --readme` -->\n", "<!-- end of counts -->"


def with_counts(readme: str, counts: str) -> str:
    """The text of a README with that table between its marks; as it is where it has none."""
    before, begin, rest = readme.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    return f"{before}{begin}{counts}\n{end}{after}" if end else readme
