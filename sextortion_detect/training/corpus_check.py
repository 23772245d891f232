"""Is the corpus as large, as broad and as unlike a template as it must be? Every figure beside its bound."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, pairwise
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

import numpy as np
from sklearn.metrics import cohen_kappa_score, f1_score

from sextortion_detect.taxonomy import OFFENSES, Kind, Label, Script, Tactic, Variety
from sextortion_detect.text.concepts import concepts_of
from sextortion_detect.text.words import read_words
from sextortion_detect.training import corpus
from sextortion_detect.training.corpus import SPLITS, AnnotatedChat, Row
from sextortion_detect.training.intervals import table

OBVIOUS: Final = frozenset({"pictures", "money", "expose", "scandal", "camera", "video", "publish", "record"})
"""Notions whose words are obvious signs: an offense without any of them is an indirect one."""

_AT_LEAST: Final[dict[str, dict[str, int]]] = {
    "label": {"blackmail": 4500, "grooming": 4500, "victim_report": 2000, "benign": 5000},
    "variety": dict.fromkeys(Variety, 1800),
    "country": {"MA": 400, "DZ": 400, "TN": 400, "LY": 400, "SD": 800, "YE": 800}
    | dict.fromkeys(("SA", "AE", "KW", "QA", "BH", "OM"), 100),
}
_RUN: Final = 5  # words in a row that two writers seldom share by chance

PAIRS: Final = "pairs-"
"""How the names of authors begin who wrote minimal pairs."""

Item = TypeVar("Item", Row, AnnotatedChat)
Second = list[tuple[Item, dict[str, str]]]


class Check(NamedTuple):
    """One figure of the corpus: what, how much, and the bound that it must keep (at least, or at most)."""

    name: str
    value: float
    bound: float
    at_least: bool = True

    @property
    def holds(self) -> bool:
        """Whether the figure keeps its bound."""
        return self.value >= self.bound if self.at_least else self.value <= self.bound


def check(folder: Path) -> tuple[list[Check], str]:
    """All checks of the corpus in a folder, and its `counts_table`; raises `CorpusError` where it breaks the guide."""
    rows, chats = corpus.load_messages(folder), corpus.load_chats(folder)
    return check_corpus(rows, chats, folder), counts_table(rows, chats)


def check_corpus(rows: Sequence[Row], chats: Sequence[AnnotatedChat], folder: Path) -> list[Check]:
    """All checks of a corpus; `folder` holds the second readings and the suspects, and may lack any of them."""
    return [
        *_messages(rows),
        *_conversations(chats),
        *_pairs(rows),
        *_sameness(rows),
        *_second_reading(_again(rows, folder / "second_reading.csv")),
        *_second_reading_of_chats(_again(chats, folder / "second_reading_chats.csv")),
        *_second_reading_of_context(_again(rows, folder / "second_reading_context.csv")),
        *_suspects(_again(rows, folder / "suspects.csv")),
    ]


def _messages(rows: Sequence[Row]) -> Iterator[Check]:
    """How many there are, of what and by whom."""
    yield Check("unique messages", len(rows), 16_000)
    for column, bounds in _AT_LEAST.items():
        counts = Counter(getattr(row, column) for row in rows)
        yield from (Check(f"{column} {value}", counts[value], bound) for value, bound in bounds.items())
    blind = Counter(row.variety for row in rows if row.split == "test")
    yield Check("messages of the blind split", blind.total(), 2_800)
    yield from (Check(f"blind {variety}", blind[variety], 400) for variety in Variety)
    authors = Counter(row.author for row in rows)
    yield Check("author-batches", len(authors), 28)
    largest = max(authors.values(), default=0) / max(len(rows), 1)
    yield Check("share of the largest batch", largest, 0.05, at_least=False)
    scripts = Counter(row.script for row in rows)
    yield Check("script arabizi", scripts[Script.ARABIZI], 1_800)
    yield Check("script mixed", scripts[Script.MIXED], 900)
    lengths = [len(row.text.split()) for row in rows]
    yield Check("rows of 1-3 words", sum(length <= 3 for length in lengths), 2_800)
    yield Check("rows of 30 words or more", sum(length >= 30 for length in lengths), 2_800)
    offenses = read_words([row.text for row in rows if row.label in OFFENSES]).by_text()
    obvious = {word for word in {*chain.from_iterable(offenses)} if OBVIOUS.intersection(concepts_of(word))}
    yield Check("indirect offenses", sum(map(obvious.isdisjoint, offenses)), 2_000)
    kinds = Counter((row.kind, row.variety) for row in rows)
    for kind in Kind:
        yield Check(f"{kind}, fewest of a variety", min(kinds[kind, variety] for variety in Variety), 40)


def _conversations(chats: Sequence[AnnotatedChat]) -> Iterator[Check]:
    yield Check("chats", len(chats), 560)
    varieties = Counter(chat.variety for chat in chats)
    yield from (Check(f"chats {variety}", varieties[variety], 80) for variety in Variety)
    yield Check("chats of the blind split", sum(chat.split == "test" for chat in chats), 140)
    yield Check("share of harmless chats", _share(chat.label not in OFFENSES for chat in chats), 0.45)
    lengths = [len(chat.chat.messages) for chat in chats] or [0]
    yield Check("messages of the shortest chat", min(lengths), 10)
    yield Check("messages of the longest chat", max(lengths), 400, at_least=False)


def _pairs(rows: Sequence[Row]) -> Iterator[Check]:
    """Minimal pairs are rows next to each other that differ in as little as changes the label, or does not."""
    paired = [row for row in rows if row.author.startswith(PAIRS)]
    words = [{*of_row} for of_row in corpus.words_of([row.text for row in paired])]
    pairs = zip(words[::2], words[1::2], strict=False)  # of an odd number of rows the last has none beside it
    shared = [len(one & other) / min(len(one), len(other)) for one, other in pairs]
    yield Check("minimal pairs", len(shared), 2_300)
    yield Check("share of words that pairs share, median", float(np.median(shared)) if shared else 0.0, 0.7)


def _sameness(rows: Sequence[Row]) -> Iterator[Check]:
    rows = [row for row in rows if not row.author.startswith(PAIRS)]
    words = corpus.words_of([row.text for row in rows])
    said, bigrams = set[tuple[str, ...]](), defaultdict[str, list[tuple[str, str]]](list)
    repeated = []
    for row, of_row in zip(rows, words, strict=True):
        runs = {tuple(of_row[start : start + _RUN]) for start in range(len(of_row) - _RUN + 1)}
        repeated.append(not runs.isdisjoint(said))
        said |= runs
        bigrams[row.author] += pairwise(of_row)
    yield Check("share of rows with a run of five words said before", _share(repeated), 0.005, at_least=False)
    alike = corpus.near_duplicates(words, range(len(words)))
    pairs = Counter((rows[first].split, rows[second].split) for first, second in alike)
    splits = Counter(row.split for row in rows)
    for split in SPLITS:
        within = pairs.pop((split, split), 0) / max(splits[split], 1)
        yield Check(f"near-duplicates in {split}", within, 0.005, at_least=False)
    yield Check("near-duplicates across splits", pairs.total(), 0, at_least=False)
    distinct = [len({*batch}) / max(len(batch), 1) for batch in bigrams.values()]
    yield Check("distinct bigrams, least varied batch", min(distinct, default=0.0), 0.75)


def _share(flags: Iterable[bool]) -> float:
    """A part of nothing is 0: the checks of size tell that something is missing."""
    listed = [*flags]
    return sum(listed) / max(len(listed), 1)


def _again(items: Sequence[Item], path: Path) -> Second[Item]:
    """The rows or conversations that a table has by their id, each with its line; none where there is no such file."""
    by_id = {item.id: item for item in items}
    return [(by_id[line["id"]], line) for line in corpus.read_table(path) if line["id"] in by_id]


def _second_reading(second: Second[Row]) -> Iterator[Check]:
    """Of `id,first_label,first_tactics,label,tactics`: what the first annotator said, and the second, blind."""
    yield Check("rows read a second time: blind split", sum(row.split == "test" for row, _ in second), 2_800)
    yield Check("rows read a second time: train", sum(row.split == "train" for row, _ in second), 2_000)
    for name in ("all", *Variety):
        lines = [line for row, line in second if name in ("all", row.variety)]
        if lines:
            kappa = _kappa([(line["first_label"], line["label"]) for line in lines])
            yield Check(f"kappa of labels, {name}", kappa, 0.90)
        offending = [line for line in lines if {line["first_label"], line["label"]} <= {*OFFENSES}]
        if offending:  # two readings that both mark nothing agree
            first, again = (
                np.array([[tactic in line[column].split(";") for tactic in Tactic] for line in offending])
                for column in ("first_tactics", "tactics")
            )
            f1 = float(f1_score(first, again, average="micro", zero_division=1.0))
            yield Check(f"micro-F1 of tactics, {name}", f1, 0.85)


def _second_reading_of_chats(second: Second[AnnotatedChat]) -> Iterator[Check]:
    """Of `id,label,offender,first_flag` of conversations: as further annotators gave them, who saw the texts alone."""
    yield Check("chats read a second time", len(second), 450)
    if not second:
        return
    yield Check("kappa of labels, chats", _kappa([(chat.label.value, line["label"]) for chat, line in second]), 0.90)
    offending = [(chat, line) for chat, line in second if chat.label in OFFENSES and line["label"] in OFFENSES]
    same = _share(line["offender"] == chat.offender for chat, line in offending)
    yield Check("share of offenders on whom both agree", same, 0.95)
    marks = [(chat.first_flag, line["first_flag"]) for chat, line in offending]
    near = _share(one is not None and two.isdigit() and abs(int(two) - one) <= corpus.IN_TIME for one, two in marks)
    yield Check("share of marks at most two messages apart", near, 0.85)


def _second_reading_of_context(second: Second[Row]) -> Iterator[Check]:
    """Of `id,first,second` of short offenses: whether they need context, as two annotators told, blind."""
    yield Check("short offenses read for context, twice", len(second), 9_000)
    if second:
        yield Check("kappa of context", _kappa([(line["first"], line["second"]) for _, line in second]), 0.75)
        settled = sum(row.needs_context is not (line["first"] == line["second"] == "1") for row, line in second)
        yield Check("rows whose mark is not that of both", settled, 0, at_least=False)


def _kappa(pairs: Sequence[tuple[str, str]]) -> float:
    """Cohen's kappa of pairs of labels; where all bear one label, agreement by chance is all there could be."""
    first, second = zip(*pairs, strict=True)
    return cohen_kappa_score(first, second) if len({*first, *second}) > 1 else 1.0


def _suspects(suspects: Second[Row]) -> Iterator[Check]:
    """Of `id,first_label,suggested,label` of the train rows that confident learning doubted most; settled."""
    yield Check("suspects of confident learning, read again", len(suspects), 300)
    open_ones = sum(row.label != line["label"] for row, line in suspects)
    yield Check("suspects whose settled label is not in the rows", open_ones, 0, at_least=False)


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
    counts = {"messages": Counter(row.split for row in rows)}
    for name in (*Label, *Variety, *Script):
        counts[f"… {name.value}"] = Counter(row.split for row in rows if name in (row.label, row.variety, row.script))
    counts["authors"] = Counter(split for _, split in {(row.author, row.split) for row in rows})
    counts["conversations"] = Counter(chat.split for chat in chats)
    for label in Label:
        counts[f"… of {label.value}"] = Counter(chat.split for chat in chats if chat.label is label)
    lines = [[what, *(f"{of[split]:,}" for split in SPLITS), f"{of.total():,}"] for what, of in counts.items()]
    return table(["what", *SPLITS, "all"], lines)


_BEGIN, _END = "<!-- counts: written by `sextortion-detect corpus check --readme` -->\n", "<!-- end of counts -->"


def with_counts(readme: str, counts: str) -> str:
    """The text of a README with that table between its marks; as it is where it has none."""
    before, begin, rest = readme.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    return f"{before}{begin}{counts}\n{end}{after}" if end else readme
